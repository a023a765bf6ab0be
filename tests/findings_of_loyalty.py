"""Findings of who stays, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import Estimate, Finding
from cxanalysis.findings.loyalty import LoyaltyFinding
from cxanalysis.findings.loyalty_parts import (
    Adjusted,
    Compared,
    Fine,
    Followed,
    Lasting,
    Referred,
)


def _curve(end: float) -> tuple[float, ...]:
    """Ninety days in which the share falls at an even pace."""
    return tuple(round(1 - (1 - end) * day / 90, 4) for day in range(91))


def _at_risk(n: int) -> tuple[tuple[int, int], ...]:
    return ((0, n), (30, n - 20), (60, n - 45), (90, n - 80))


STAYS = LoyaltyFinding(
    period="October 2026",
    min_base=30,
    days=90,
    lookback_days=90,
    n=2400,
    events=240,
    share=Estimate(0.90, 0.886, 0.911),
    main="nps",
    followed=(
        Followed(
            "nps",
            "promoters",
            900,
            45,
            Estimate(0.95, 0.934, 0.962),
            Estimate(0.41, 0.37, 0.45),
            610,
            _curve(0.95),
            _at_risk(900),
        ),
        Followed(
            "nps",
            "passives",
            900,
            90,
            Estimate(0.90, 0.879, 0.918),
            Estimate(0.37, 0.33, 0.41),
            540,
            _curve(0.90),
            _at_risk(900),
        ),
        Followed(
            "nps",
            "detractors",
            600,
            105,
            Estimate(0.825, 0.793, 0.853),
            Estimate(0.29, 0.24, 0.34),
            320,
            _curve(0.825),
            _at_risk(600),
        ),
        Followed(
            "csat", "high", 410, 31, Estimate(0.924, 0.894, 0.946), Estimate(0.4, 0.34, 0.46), 250
        ),
        Followed(
            "csat", "low", 120, 15, Estimate(0.875, 0.804, 0.923), Estimate(0.3, 0.21, 0.41), 81
        ),
        Followed(
            "joint",
            "both good",
            210,
            6,
            Estimate(0.971, 0.939, 0.987),
            Estimate(0.42, 0.34, 0.51),
            130,
        ),
        Followed(
            "joint",
            "service good",
            200,
            25,
            Estimate(0.875, 0.822, 0.914),
            Estimate(0.38, 0.3, 0.47),
            120,
        ),
        Followed(
            "joint",
            "journey good",
            180,
            20,
            Estimate(0.889, 0.834, 0.927),
            Estimate(0.4, 0.31, 0.49),
            110,
        ),
        Followed(
            "joint",
            "neither good",
            190,
            27,
            Estimate(0.858, 0.801, 0.900),
            Estimate(0.31, 0.23, 0.4),
            115,
        ),
    ),
    gaps=(
        Compared(
            "nps", "promoters", "detractors", Estimate(0.125, 0.093, 0.159), 1500, 0.047, 0, True
        ),
        Compared("csat", "high", "low", Estimate(0.049, -0.007, 0.121), 530, 0.081, 0.09),
    ),
    amplified=Compared("joint", "", "", Estimate(0.065, -0.018, 0.148), 780),
    adjusted=Adjusted(
        "detractors", "promoters", Estimate(2.94, 2.05, 4.21), 240, ("tenure_days", "plan")
    ),
    fine=Fine(
        Estimate(0.375, 0.356, 0.395),
        2400,
        310,
        Estimate(0.28, 0.23, 0.33),
        Estimate(0.45, 0.40, 0.51),
        Estimate(0.27, 0.22, 0.32),
    ),
    referred=Referred(
        Estimate(0.17, 0.162, 0.178),
        9120,
        Estimate(0.22, 0.18, 0.27),
        412,
        (("promoters", 0.41), ("passives", 0.2), ("detractors", 0.09), ("gave no answer", 0.3)),
        Estimate(0.23, 0.203, 0.259),
        900,
        Estimate(0.12, 0.104, 0.138),
        1500,
        Compared("referred", "promoters", "others", Estimate(0.11, 0.078, 0.143), 2400, clear=True),
    ),
    lasting=Lasting(
        "overall_satisfaction",
        Estimate(4.02, 3.9, 4.14),
        212,
        Estimate(3.71, 3.57, 3.85),
        180,
        Compared("later", "satisfied", "others", Estimate(0.31, 0.13, 0.49), 392, clear=True),
        Compared("week", "satisfied", "others", Estimate(0.84, 0.62, 1.06), 288, clear=True),
    ),
)
ALIKE = replace(
    STAYS,
    period="the third quarter of 2026",
    n=1032,
    events=27,
    share=Estimate(0.974, 0.962, 0.982),
    followed=(
        *(
            replace(band, events=9, share=Estimate(end, end - 0.02, min(end + 0.01, 1.0)))
            for band, end in zip(STAYS.followed[:3], (0.981, 0.974, 0.966), strict=True)
        ),
        *(
            Followed("joint", band, 61, 1, Estimate(0.98, 0.91, 1.0), Estimate(0.5, 0.35, 0.65), 40)
            for band in ("both good", "service good", "journey good", "neither good")
        ),
    ),
    gaps=(
        Compared("nps", "promoters", "detractors", Estimate(0.015, -0.012, 0.046), 579, 0.038, 0.3),
    ),
    amplified=Compared("joint", "", "", Estimate(0.01, -0.2, 0.22), 244),
    amplified_outcome="returns",
    adjusted=None,
    fine=None,
    referred=replace(
        STAYS.referred,
        given_by=(),
        gap=Compared("referred", "promoters", "others", Estimate(0.03, -0.02, 0.08), 1032),
    ),
    lasting=Lasting("overall_satisfaction", n_satisfied=23, n_others=18),
)
RETURNS = LoyaltyFinding(
    period="all dates",
    min_base=30,
    outcome="returns",
    purchases_told=False,
    n=91000,
    events=1100,
    share=Estimate(0.0121, 0.0114, 0.0128),
    main="overall",
    followed=(
        Followed(
            "overall",
            "high",
            70000,
            910,
            Estimate(0.013, 0.0122, 0.0139),
            curve=tuple(0.013 * day / 90 for day in range(91)),
            at_risk=_at_risk(70000),
        ),
        Followed("overall", "middle", 12, 1),
        Followed(
            "overall",
            "low",
            21000,
            190,
            Estimate(0.009, 0.0079, 0.0104),
            curve=tuple(0.009 * day / 90 for day in range(91)),
            at_risk=_at_risk(21000),
        ),
    ),
    gaps=(
        Compared(
            "overall", "high", "low", Estimate(0.004, 0.0024, 0.0055), 91000, 0.002, 0.0, True
        ),
    ),
)
FEW = LoyaltyFinding(period="October 2026", min_base=30, n=21, events=1, main="nps")
FINDINGS: dict[str, Finding] = {
    "loyalty": STAYS,
    "loyalty_alike": ALIKE,
    "loyalty_returns": RETURNS,
    "loyalty_few": FEW,
    "loyalty_nobody": replace(FEW, n=0, events=0),
    "loyalty_one_band": replace(
        ALIKE, followed=ALIKE.followed[:1], gaps=(), amplified=None, referred=None, lasting=None
    ),
    "loyalty_no_answers": LoyaltyFinding("October 2026", 30, needs="needs surveys.nps"),
}
WITHOUT_PICTURE = {"loyalty_few", "loyalty_nobody", "loyalty_no_answers"}
