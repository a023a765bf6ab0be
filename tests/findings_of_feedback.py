"""Findings on feedback written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.feedback import Cell, FeedbackFinding, Step

CELLS = (
    Cell("purchase", "store checkout", 816, 418, Estimate(0.512, 0.478, 0.546)),
    Cell("purchase", "delivery_date agreed", 1196, 0, Estimate(0.0, 0.0, 0.003), is_deaf=True),
    Cell("use", "daily use", 20, 0, UNKNOWN),
    Cell("contacts with service", "phone", 454, 192, Estimate(0.423, 0.378, 0.469)),
)
NOT_RECORDED = (
    Step("feedback_answered", "Feedback answered", "share", needs="surveys.replied_at"),
    Step("feedback_acted", "Feedback acted on", "share", needs="surveys.acted_at"),
    Step("feedback_told", "Customer told of it", "share", needs="surveys.told_at"),
    Step("feedback_reply", "Time to answer feedback", "hours", needs="surveys.replied_at"),
)
NO_COMPLAINTS = (
    Step("complaint_effort", "Effort of complaining", "score", needs="journeys.effort"),
    Step(
        "complaint_contacts",
        "Contacts per complaint",
        "ratio",
        needs="feedback.reasons in the study file",
    ),
)
HEARD = FeedbackFinding("October 2026", 30, 2486, 610, 454, 192, CELLS, NOT_RECORDED, NO_COMPLAINTS)
CLOSED = replace(
    HEARD,
    cells=(CELLS[0], CELLS[3]),
    loop=(
        Step(
            "feedback_answered",
            "Feedback answered",
            "share",
            120,
            Estimate(0.62, 0.53, 0.70),
            definition="answers with a comment that were answered ÷ answers with a comment",
        ),
        Step(
            "feedback_acted",
            "Feedback acted on",
            "share",
            120,
            Estimate(0.09, 0.05, 0.16),
            definition="what led to a change",
        ),
        replace(NOT_RECORDED[2]),
        Step(
            "feedback_reply",
            "Time to answer feedback",
            "hours",
            120,
            Estimate(50.0, 44.0, 71.0),
            definition="median time",
        ),
    ),
    complaints=(
        Step(
            "complaint_effort",
            "Effort of complaining",
            "score",
            64,
            Estimate(5.2, 4.9, 5.5),
            definition="mean effort",
        ),
        Step(
            "complaint_contacts",
            "Contacts per complaint",
            "ratio",
            51,
            Estimate(2.4, 2.0, 2.8),
            definition="contacts ÷ matters",
        ),
    ),
)
MANY_DEAF = replace(
    HEARD,
    cells=tuple(replace(CELLS[1], touchpoint=f"place {place}") for place in range(1, 7)),
    service_touches=0,
    service_rated=0,
)
NEVER_RATED = replace(HEARD, rated=0, service_rated=0, cells=CELLS[1:3])
NO_TOUCH = FeedbackFinding("October 2026", 30, loop=NOT_RECORDED, complaints=NO_COMPLAINTS)

FINDINGS: dict[str, Finding] = {
    "feedback": HEARD,
    "feedback_closed": CLOSED,
    "feedback_many_deaf": MANY_DEAF,
    "feedback_never_rated": NEVER_RATED,
    "feedback_no_touch": NO_TOUCH,
}
WITHOUT_PICTURE = {"feedback_never_rated", "feedback_no_touch"}
