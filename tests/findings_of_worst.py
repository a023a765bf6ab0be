"""Findings of the worst touches, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.worst import Hit, Place, Told, WorstFinding

LOWEST = Hit(
    worst=1,
    mildest=1,
    share=Estimate(0.084, 0.071, 0.099),
    n=1720,
    after=Estimate(2.61, 2.4, 2.82),
    n_after=96,
    rest=Estimate(3.94, 3.88, 4.0),
    n_rest=910,
    difference=Estimate(-1.33, -1.55, -1.11),
    held=Estimate(-0.31, -0.52, -0.1),
    n_held=702,
)
LOW = replace(LOWEST, mildest=2, share=Estimate(0.22, 0.2, 0.24), n_after=240, n_rest=766)
FOUND = WorstFinding(
    period="October 2026",
    min_base=30,
    outcome="overall_satisfaction",
    days=90,
    lowest=LOWEST,
    low=LOW,
    places=(
        Place("installation", "use", Estimate(0.11, 0.082, 0.146), 45, 0.28, 410),
        Place("delivery", "purchase", Estimate(0.087, 0.069, 0.109), 72, 0.45, 832),
        Place("friend's tip", "awareness", Estimate(0.0, 0.0, 0.019), 0, 0.0, 201),
    ),
    n_withheld=2,
    n_worst=160,
    told=(
        Told("bad", 402, 31, Estimate(0.077, 0.054, 0.108), 48200, 31000),
        Told("good", 2810, 62, Estimate(0.022, 0.017, 0.028), 20900, 1200),
    ),
    recommenders=(
        Told("detractors", 300, 22, Estimate(0.07), 41000, 31000),
        Told("passives", 410, 0, Estimate(0.0), 0, 0),
        Told("promoters", 900, 44, Estimate(0.05), 18300, 1200),
    ),
)
FEW = replace(LOWEST, after=UNKNOWN, n_after=11, difference=UNKNOWN, held=UNKNOWN)
NO_MORE = replace(
    FOUND,
    lowest=FEW,
    low=replace(LOW, held=Estimate(0.02, -0.24, 0.28)),
    n_withheld=0,
    told=(),
    recommenders=(),
)
ALONE = replace(
    FOUND,
    low=None,
    lowest=replace(LOWEST, difference=Estimate(-0.1, -0.3, 0.1), held=UNKNOWN),
    places=FOUND.places[:1],
    n_worst=45,
    n_withheld=1,
    told=(Told("bad", 12, 1, reach=40), Told("good", 0, 0)),
    recommenders=(),
)
NOBODY = replace(
    NO_MORE,
    lowest=replace(FEW, share=Estimate(0.0, 0.0, 0.0022), n_after=0),
    low=replace(FEW, mildest=2, share=Estimate(0.02, 0.014, 0.028)),
    places=FOUND.places[2:],
    n_worst=0,
)

FINDINGS: dict[str, Finding] = {
    "worst": FOUND,
    "worst_no_more_than_the_mean": NO_MORE,
    "worst_one_place": ALONE,
    "worst_nobody": NOBODY,
    "worst_reach_unknown": replace(
        FOUND, told=(Told("bad", 402, 31, Estimate(0.077, 0.054, 0.108)),), recommenders=()
    ),
    "worst_no_surveys": replace(FOUND, needs_answers="needs surveys", lowest=FEW, told=()),
    "worst_few": replace(FOUND, lowest=replace(LOWEST, share=UNKNOWN, n=12), places=(), n_worst=0),
    "worst_no_ratings": WorstFinding(
        "October 2026",
        30,
        "overall_satisfaction",
        90,
        needs="needs journeys.rating or tickets.csat",
    ),
}
WITHOUT_PICTURE = {"worst_one_place", "worst_nobody", "worst_few", "worst_no_ratings"}
