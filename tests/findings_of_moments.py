"""Findings of mending and giving, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.moments import Given, Mended, MomentsFinding

NAN = float("nan")
SOLVED = Mended(
    "solved",
    "none",
    86,
    840,
    3.21,
    3.94,
    Estimate(-0.73, -0.98, -0.48),
    Estimate(-0.41, -0.64, -0.18),
    0.001,
)
UNSOLVED = Mended(
    "unsolved",
    "none",
    41,
    840,
    2.6,
    3.94,
    Estimate(-1.34, -1.7, -0.98),
    Estimate(-1.1, -1.45, -0.75),
    0.0001,
)
MENDING = Mended(
    "solved",
    "unsolved",
    86,
    41,
    3.21,
    2.6,
    Estimate(0.61, 0.18, 1.04),
    Estimate(0.69, 0.28, 1.1),
    0.002,
)
GIVEN = (
    Given("score", "Overall score", "score", 210, 757, 4.2, 3.8, Estimate(0.4, 0.25, 0.55)),
    Given(
        "score_adjusted",
        "Overall score, held equal",
        "score",
        210,
        757,
        4.2,
        3.8,
        Estimate(0.22, 0.08, 0.36),
        0.008,
    ),
    Given(
        "response",
        "Answered the invitation",
        "share",
        480,
        1990,
        0.46,
        0.38,
        Estimate(0.08, 0.03, 0.13),
        0.006,
    ),
    Given(
        "recommends",
        "Would recommend (9 or 10)",
        "share",
        208,
        750,
        0.41,
        0.35,
        Estimate(0.06, -0.01, 0.13),
        0.28,
    ),
    Given("told", "Told it in public", "share", 0, 0, note="needs journeys.shared_publicly"),
    Given(
        "referred",
        "Brought a customer",
        "share",
        150,
        600,
        0.02,
        0.01,
        Estimate(0.01, -0.01, 0.04),
        0.43,
    ),
    Given(
        "score_soon",
        "Overall score, asked soon after",
        "score",
        66,
        144,
        4.5,
        4.07,
        Estimate(0.43, 0.2, 0.66),
    ),
)
MOMENTS = MomentsFinding(
    period="October 2026",
    min_base=30,
    outcome="overall_satisfaction",
    lookback_days=90,
    reasons=("fault", "complaint"),
    mended=(SOLVED, UNSOLVED, MENDING),
    gestures=("thank-you note",),
    given=GIVEN,
)
PARADOX = replace(
    MOMENTS,
    mended=(
        replace(SOLVED, first_mean=4.3, equal=Estimate(0.3, 0.1, 0.5)),
        Mended("unsolved", "none", 8, 840),
        Mended("solved", "unsolved", 86, 8),
    ),
    given=(),
    needs_gestures="needs the study file's list of gestures",
)
NO_DIFFERENCE = replace(
    MOMENTS,
    period="all dates",
    mended=(
        replace(SOLVED, first_mean=3.9, equal=Estimate(-0.05, -0.2, 0.1), p_value=1.0),
        replace(UNSOLVED, equal=Estimate(-0.2, -0.5, 0.1), p_value=0.4),
        replace(MENDING, equal=Estimate(0.15, -0.2, 0.5), p_value=0.8),
    ),
    given=(
        GIVEN[0],
        replace(GIVEN[1], difference=Estimate(0.05, -0.09, 0.19), p_value=0.9),
        replace(GIVEN[2], difference=Estimate(-0.01, -0.05, 0.03), p_value=0.9),
        replace(GIVEN[6], n_given=12, difference=Estimate(NAN)),
    ),
)
FEW = replace(
    MOMENTS,
    mended=tuple(Mended(each.first, each.second, 9, 20) for each in (SOLVED, UNSOLVED, MENDING)),
    given=tuple(
        Given(each.metric, each.label, each.unit, 7, 120, note="withheld: fewer than 30")
        for each in GIVEN
    ),
)

FINDINGS: dict[str, Finding] = {
    "moments": MOMENTS,
    "moments_paradox": PARADOX,
    "moments_no_difference": NO_DIFFERENCE,
    "moments_few": FEW,
    "moments_nothing": replace(
        MOMENTS,
        mended=(),
        given=(),
        needs_problems="needs tickets",
        needs_gestures="needs journeys.touchpoint",
    ),
}
WITHOUT_PICTURE = {"moments_few", "moments_nothing"}
