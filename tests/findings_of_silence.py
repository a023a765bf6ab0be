"""Findings of who the silent are, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace
from math import nan

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.silent import SilentFinding
from cxanalysis.findings.silent_who import Contrast, Trait, Who

WHO = Who(
    traits=(
        Trait(
            "neither",
            Estimate(1840, 1790, 1892),
            1210,
            Estimate(0.66, 0.64, 0.68),
            Estimate(3.44, 3.40, 3.48),
            Estimate(0.79, 0.76, 0.82),
        ),
        Trait(
            "answer only",
            Estimate(2210, 2080, 2350),
            1480,
            Estimate(0.16, 0.15, 0.17),
            Estimate(3.82, 3.77, 3.87),
            Estimate(0.85, 0.82, 0.88),
        ),
        Trait("both", Estimate(2090, 1900, 2310), 1390, Estimate(0.06, 0.05, 0.07)),
        Trait(
            "ticket only",
            Estimate(2150, 2010, 2300),
            1402,
            Estimate(0.12, 0.11, 0.13),
            Estimate(3.41, 3.33, 3.49),
            Estimate(0.62, 0.58, 0.66),
        ),
    ),
    contrasts=(
        Contrast(
            "value_mean",
            Estimate(1840),
            Estimate(2165),
            Estimate(-325, -436, -210),
            6475,
            2645,
            True,
        ),
        Contrast(
            "rating",
            Estimate(3.44),
            Estimate(3.62),
            Estimate(-0.18, -0.24, -0.12),
            3320,
            1804,
            True,
        ),
        Contrast(
            "promises_kept",
            Estimate(0.79),
            Estimate(0.76),
            Estimate(0.03, -0.01, 0.07),
            902,
            811,
        ),
        Contrast(
            "lost",
            Estimate(0.031, 0.027, 0.036),
            Estimate(0.022, 0.017, 0.028),
            Estimate(0.009, 0.002, 0.016),
            6101,
            2480,
            True,
        ),
    ),
    n_lost=246,
    lost_without_ticket=Estimate(0.84, 0.79, 0.88),
    lost_unheard=Estimate(0.71, 0.65, 0.76),
    n_kept=8790,
    kept_without_ticket=Estimate(0.86, 0.852, 0.867),
    kept_unheard=Estimate(0.7, 0.69, 0.71),
    currency="EUR",
)
KNOWN = SilentFinding(
    period="October 2026",
    min_base=30,
    n_active=9120,
    ticket_only=812,
    answer_only=1290,
    both=543,
    neither=6475,
    silent=Estimate(0.71, 0.7006, 0.7192),
    lookback_days=90,
    who=WHO,
)
ALIKE = replace(
    KNOWN,
    period="all dates",
    who=replace(
        WHO,
        traits=tuple(replace(trait, value=UNKNOWN, median_value=nan) for trait in WHO.traits),
        contrasts=(
            replace(WHO.contrasts[2]),
            replace(WHO.contrasts[3], difference=Estimate(0.009, -0.001, 0.019), clear=False),
        ),
        n_lost=21,
        lost_without_ticket=UNKNOWN,
        lost_unheard=UNKNOWN,
        currency="",
    ),
)
FINDINGS: dict[str, Finding] = {"silent_who": KNOWN, "silent_who_alike": ALIKE}
WITHOUT_PICTURE: set[str] = set()
