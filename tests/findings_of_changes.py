"""Findings of what changed, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace
from math import nan

from cxanalysis.findings.changes import ChangesFinding
from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.scorecard import Figure, Missing

FCR = Figure(
    "first_contact_resolution",
    "First contact resolution",
    "share",
    812,
    Estimate(0.61, 0.576, 0.643),
    Estimate(0.68),
    790,
    Estimate(-0.07, -0.117, -0.023),
    "down",
    "issues with no other contact within seven days, of those old enough to tell",
    usual_low=0.62,
    usual_high=0.73,
    beyond_usual=True,
    n_earlier=9,
)
HANDLING = Figure(
    "handle_time",
    "Handle time",
    "seconds",
    903,
    Estimate(332.0, 321.0, 343.0),
    Estimate(328.0),
    880,
    Estimate(4.0, -11.0, 19.0),
    "no clear change",
    "talk, hold and wrap-up per contact handled",
    usual_low=300.0,
    usual_high=350.0,
    beyond_usual=False,
    n_earlier=9,
)
PURCHASE = Figure(
    "rating of purchase",
    "Rating of purchase",
    "score",
    640,
    Estimate(3.71, 3.63, 3.79),
    Estimate(3.65),
    655,
    Estimate(0.06, -0.05, 0.17),
    "no clear change",
    "mean of its rated touches; n counts customers",
    n_earlier=2,
)
SERVICE = ChangesFinding(
    "service",
    "October 2026",
    "September 2026",
    30,
    (FCR, HANDLING),
    every="month",
    before=("July 2026", "August 2026", "September 2026"),
    history=(
        ("first_contact_resolution", (0.66, nan, 0.68)),
        ("handle_time", (320.0, 341.0, 328.0)),
    ),
)
JOURNEY = ChangesFinding(
    "journey",
    "the third quarter of 2026",
    "the second quarter of 2026",
    30,
    (PURCHASE, replace(PURCHASE, metric="rating of use", label="Rating of use", n=310)),
    (replace(PURCHASE, metric="rating of advocacy", label="Rating of advocacy", n=12),),
    every="quarter",
)
FINDINGS: dict[str, Finding] = {
    "changes_service": SERVICE,
    "changes_journey_still": JOURNEY,
    "changes_needs": replace(
        SERVICE, figures=(HANDLING,), missing=(Missing("Abandonment", "tickets.abandoned"),)
    ),
    "changes_all_dates": replace(
        SERVICE,
        period="all dates",
        period_before="",
        every="",
        before=(),
        history=(),
        figures=(replace(HANDLING, before=Estimate(nan), word="no comparison"),),
    ),
    "changes_nothing": ChangesFinding("journey", "October 2026", "September 2026", 30),
}
WITHOUT_PICTURE = {"changes_journey_still", "changes_all_dates", "changes_nothing"}
