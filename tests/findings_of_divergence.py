"""Findings of the well served who are not content, by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.divergence import Cell, DivergenceFinding, Place

DIVERGENCE = DivergenceFinding(
    period="October 2026",
    min_base=30,
    cells=(
        Cell(True, True, 120, Estimate(0.4, 0.344, 0.458), Estimate(0.6, 0.531, 0.665)),
        Cell(True, False, 80, Estimate(0.267, 0.22, 0.32), Estimate(0.4, 0.335, 0.469)),
        Cell(False, True, 30, Estimate(0.1, 0.071, 0.139), Estimate(0.3, 0.219, 0.396)),
        Cell(False, False, 70, Estimate(0.233, 0.189, 0.284), Estimate(0.7, 0.604, 0.781)),
    ),
    difference=Estimate(0.3, 0.19, 0.41),
    level="touchpoint",
    places=(
        Place("use", "installation", 62, 2.9, 88, 3.7, Estimate(-0.8, -1.1, -0.5), True),
        Place("purchase", "delivery", 70, 3.2, 95, 3.8, Estimate(-0.6, -0.9, -0.3), True),
        Place("awareness", "advertisement", 41, 3.6, 60, 3.7, Estimate(-0.1, -0.4, 0.2), False),
    ),
    contact_best="4 or 5",
    overall_best="4 or 5",
)
FEW = replace(
    DIVERGENCE,
    cells=(
        *DIVERGENCE.cells[:2],
        Cell(False, True, 8, Estimate(0.04, 0.02, 0.07)),
        Cell(False, False, 12, Estimate(0.06, 0.03, 0.1)),
    ),
    difference=UNKNOWN,
    level="journey",
    places=(Place("", "", 200, 3.4, 310, 3.6, Estimate(-0.2, -0.5, 0.1), False),),
)
FINDINGS: dict[str, Finding] = {
    "divergence": DIVERGENCE,
    "divergence_by_chance": replace(
        DIVERGENCE,
        cells=(
            *DIVERGENCE.cells[:2],
            Cell(False, True, 54, Estimate(0.18, 0.141, 0.227), Estimate(0.54, 0.443, 0.634)),
            Cell(False, False, 46, Estimate(0.153, 0.117, 0.198), Estimate(0.46, 0.366, 0.557)),
        ),
        difference=Estimate(0.06, -0.06, 0.18),
        level="stage",
        places=(
            Place("use", "", 62, 3.4, 88, 3.7, Estimate(-0.3, -0.61, 0.01), False),
            Place("purchase", "", 70, 3.6, 95, 3.8, Estimate(-0.2, -0.5, 0.1), False),
        ),
    ),
    "divergence_one_side": FEW,
    "divergence_few": replace(
        FEW, cells=tuple(replace(c, n=3, share=UNKNOWN, within=UNKNOWN) for c in FEW.cells)
    ),
    "divergence_no_ratings": DivergenceFinding("October 2026", 30, needs="needs tickets.csat"),
}
WITHOUT_PICTURE = {"divergence_few", "divergence_no_ratings"}
