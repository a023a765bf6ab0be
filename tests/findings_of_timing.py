"""Findings of when customers make contact, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.timing import TimingFinding, Week

RATES = (102.0, 96.0, 70.0, 17.0, 8.4, 0.0)
TIMING = TimingFinding(
    period="October 2026",
    min_base=30,
    purchase="purchase",
    n=723,
    after=Estimate(0.961, 0.939, 0.976),
    before=Estimate(0.039, 0.024, 0.061),
    n_after=695,
    within=(
        (7, Estimate(0.4, 0.36, 0.44)),
        (30, Estimate(0.88, 0.85, 0.91)),
        (90, Estimate(0.94, 0.91, 0.96)),
    ),
    weeks=tuple(
        Week(place, round(rate * 1.6), 1600, Estimate(rate, 0.8 * rate, 1.2 * rate + 2))
        for place, rate in enumerate(RATES, 1)
    ),
    soon=Estimate(77.7, 69.5, 87.0),
    later=Estimate(3.5, 2.4, 4.9),
    gap=Estimate(74.3, 65.5, 83.0),
    good="4 or 5",
    bad="1 or 2",
    n_rated=697,
    rated=Estimate(0.96, 0.94, 0.98),
    not_dissatisfied=Estimate(0.795, 0.748, 0.835),
    after_good=Estimate(0.4, 0.35, 0.45),
    after_bad=Estimate(0.205, 0.165, 0.252),
    good_or_inquiry=Estimate(0.587, 0.536, 0.636),
    help_places=("help pages", "app"),
    n_help=410,
    help_contacted=Estimate(0.2, 0.165, 0.24),
    help_went_on=Estimate(0.47, 0.42, 0.52),
    help_neither=Estimate(0.33, 0.285, 0.38),
    on_with=Estimate(0.44, 0.34, 0.55),
    on_without=Estimate(0.59, 0.54, 0.64),
    on_difference=Estimate(-0.15, -0.26, -0.03),
)
FINDINGS: dict[str, Finding] = {
    "timing": TIMING,
    "timing_before": replace(
        TIMING,
        after=Estimate(0.3, 0.26, 0.34),
        before=Estimate(0.7, 0.66, 0.74),
        gap=Estimate(-4.0, -9.0, 1.0),
        good_or_inquiry=UNKNOWN,
        on_difference=Estimate(-0.02, -0.1, 0.06),
    ),
    "timing_even": replace(
        TIMING,
        after=Estimate(0.51, 0.45, 0.57),
        before=Estimate(0.49, 0.43, 0.55),
        within=(),
        weeks=TIMING.weeks[:2],
        gap=UNKNOWN,
        help_need="needs the study file's list of self_service touchpoints or channels",
        mood_need="needs journeys.rating",
    ),
    "timing_moods": replace(
        TIMING,
        purchase_need="needs the stage of purchase: there is no 'buy' among the stages",
        weeks=(),
        on_difference=UNKNOWN,
    ),
    "timing_few": TimingFinding("October 2026", 30, "purchase", n=12),
    "timing_no_table": TimingFinding(
        "October 2026",
        30,
        "purchase",
        purchase_need="needs journeys",
        mood_need="needs journeys",
        help_need="needs journeys",
    ),
}
WITHOUT_PICTURE = {"timing_even", "timing_moods", "timing_few", "timing_no_table"}
