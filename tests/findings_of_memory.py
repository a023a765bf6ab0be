"""Findings of what stays in memory, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.memory import Lag, Levels, MemoryFinding, Rule


def _rule(rule: str, r2: float, behind: float, clear: bool) -> Rule:
    """A rule with an interval of 7 points to each side, and of 4 of its distance."""
    return Rule(
        rule,
        Estimate(r2, r2 - 0.07, r2 + 0.07),
        Estimate(behind, behind - 0.04, behind + 0.04) if behind else Estimate(0, 0, 0),
        clear,
    )


CLEAR = MemoryFinding(
    period="October 2026",
    min_base=30,
    outcome="overall_satisfaction",
    days=90,
    rules=(
        _rule("peak and end", 0.34, 0.0, False),
        _rule("mean", 0.27, 0.07, True),
        _rule("weighted", 0.26, 0.08, True),
        _rule("sum", 0.25, 0.09, True),
        _rule("worst", 0.21, 0.13, True),
        _rule("last", 0.12, 0.22, True),
        _rule("last of service", 0.02, 0.32, True),
    ),
    n=1204,
    customers=980,
    n_single=210,
    n_unrated=428,
    typical=(3.0, 4.0, 6.0),
    levels=Levels(12, 7, 0),
    gap=Estimate(-0.12, -0.18, -0.06),
    slope=Estimate(-0.08, -0.14, -0.02),
    median_days=19.4,
    n_gap=1414,
    lags=(
        Lag(0, 7, 310, Estimate(-0.01, -0.12, 0.1)),
        Lag(7, 14, 402, Estimate(-0.08, -0.18, 0.02)),
        Lag(14, 28, 360, Estimate(-0.15, -0.26, -0.04)),
        Lag(28, 56, 330, Estimate(-0.24, -0.36, -0.12)),
        Lag(56, inf, 12),
    ),
)
TIED = replace(
    CLEAR,
    rules=(
        _rule("sum", 0.32, 0.0, False),
        _rule("mean", 0.30, 0.02, False),
        _rule("weighted", 0.29, 0.03, False),
        _rule("last", 0.15, 0.17, True),
    ),
    levels=Levels(20, 5, 1),
    gap=Estimate(0.03, -0.02, 0.08),
    slope=Estimate(0.05, -0.02, 0.12),
)
NOTHING = replace(
    CLEAR,
    rules=(_rule("last", 0.02, 0.0, False), _rule("mean", -0.01, 0.03, False)),
    n_single=0,
    n_unrated=0,
    typical=(2.0, 2.0, 2.0),
    levels=None,
    gap=UNKNOWN,
    slope=UNKNOWN,
    lags=(),
)
FEW = replace(NOTHING, rules=(), n=14, customers=14, needs="withheld: fewer than 30 customers")
NO_RATINGS = MemoryFinding(
    "October 2026", 30, "overall_satisfaction", 90, needs="needs journeys.rating or tickets.csat"
)

FINDINGS: dict[str, Finding] = {
    "memory_clear": CLEAR,
    "memory_tied": TIED,
    "memory_all_alike": replace(TIED, rules=TIED.rules[:2], levels=Levels(6)),
    "memory_nothing_predicts": NOTHING,
    "memory_few": FEW,
    "memory_no_ratings": NO_RATINGS,
    "memory_one_touchpoint": replace(TIED, levels=Levels(1), n=92, customers=92),
    "memory_same_touchpoint": replace(CLEAR, same_touchpoint=True),
    "memory_rescaled": replace(CLEAR, outcome="nps", low=0.0, high=1.0),
}
WITHOUT_PICTURE = {"memory_few", "memory_no_ratings"}
