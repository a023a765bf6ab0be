"""Findings of further scores, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.experience import (
    ExperienceFinding,
    Kind,
    Missing,
    Parts,
    Score,
    Task,
    Tasks,
)

OVERALL = Parts(
    "overall_satisfaction",
    1050,
    Estimate(0.05, 0.04, 0.065),
    Estimate(0.22, 0.2, 0.25),
    Estimate(0.73, 0.7, 0.76),
    "1 or 2",
    "3",
    "4 or 5",
)
CSAT = Parts(
    "csat",
    100,
    Estimate(0.19, 0.13, 0.28),
    Estimate(0.29, 0.21, 0.39),
    Estimate(0.52, 0.42, 0.62),
    "1 or 2",
    "3",
    "4 or 5",
)
NPS = Score("nps", "NPS", "points", 700, Estimate(12, 6, 18))
EASE = Score("ces_ease", "Ease (CES 2.0)", "score", 310, Estimate(4.6, 4.4, 4.8))
DSAT = Score("dsat", "DSAT", "share", 310, Estimate(0.16, 0.12, 0.21))
PLAIN = ExperienceFinding(
    period="October 2026",
    min_base=30,
    parts=(OVERALL, CSAT),
    missing=(
        Missing("Effort (CES 1.0)", "surveys.ces_effort", asked=False),
        Missing("3E index", "surveys.rated_effectiveness", asked=False),
        Missing("ease by task", "surveys.touchpoint", asked=True),
    ),
)
FULL = ExperienceFinding(
    period="October 2026",
    min_base=30,
    parts=(OVERALL,),
    scores=(
        Score(
            "three_e_index",
            "3E index",
            "points",
            640,
            Estimate(21, 15, 27),
            "mean over effectiveness, ease and emotion",
        ),
        Score("emotion", "Emotion", "score", 640, Estimate(3.61, 3.53, 3.69), "mean answer"),
    ),
    kinds=(
        Kind("relational", (NPS, replace(EASE, n=700, value=Estimate(4.1, 4.0, 4.2)))),
        Kind("transactional", (DSAT, EASE)),
    ),
    tasks=(
        Tasks(
            "ces_ease",
            "Ease (CES 2.0)",
            (1.0, 7.0),
            (
                Task("returning goods", 90, Estimate(3.4, 3.1, 3.7)),
                Task("buying online", 120, Estimate(5.1, 4.8, 5.4)),
                Task("hotline", 100, Estimate(5.2, 4.9, 5.5)),
            ),
            Estimate(1.7, 1.28, 2.12),
        ),
    ),
    withheld=("csat",),
)
FINDINGS: dict[str, Finding] = {
    "experience": PLAIN,
    "experience_by_kind_and_task": FULL,
    "experience_tasks_alike": replace(
        FULL,
        parts=(),
        kinds=(),
        withheld=(),
        tasks=(
            Tasks(
                "ces_effort",
                "Effort (CES 1.0)",
                (1.0, 5.0),
                (
                    Task("buying online", 120, Estimate(3.4, 3.1, 3.7)),
                    Task("hotline", 100, Estimate(3.3, 3.0, 3.6)),
                ),
                Estimate(0.1, -0.32, 0.52),
            ),
        ),
    ),
    "experience_one_task": replace(
        PLAIN,
        missing=(),
        tasks=(replace(FULL.tasks[0], tasks=FULL.tasks[0].tasks[:1], lead=UNKNOWN),),
    ),
    "experience_withheld": ExperienceFinding("October 2026", 30, withheld=("csat",)),
    "experience_nothing": ExperienceFinding("October 2026", 30, missing=PLAIN.missing[:1]),
    "experience_no_surveys": ExperienceFinding("October 2026", 30, needs="needs surveys"),
}
WITHOUT_PICTURE = {
    "experience_tasks_alike",
    "experience_withheld",
    "experience_nothing",
    "experience_no_surveys",
}
