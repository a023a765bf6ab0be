"""Findings of a team's aims, written by hand; no figure comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.aims import Aim, AimsFinding, Pair
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding

WHEN = "October 2026"
FASTER = Aim(
    "handle_minutes",
    "lower",
    True,
    "minutes",
    420,
    Estimate(-0.14, -0.22, -0.06),
    Estimate(0.035, 0.015, 0.055),
    4.0,
    0.004,
    "against",
)
RESOLVED = Aim(
    "resolved_first",
    "higher",
    True,
    "share",
    510,
    Estimate(0.31, 0.22, 0.4),
    Estimate(0.72, 0.51, 0.93),
    0.43,
    0.0001,
    "aligned",
)
WAIT = Aim(
    "queue_wait_minutes",
    "lower",
    False,
    "minutes",
    380,
    Estimate(0.05, -0.03, 0.13),
    Estimate(-0.03, -0.08, 0.02),
    1.6,
    0.44,
)
PAIR = Pair(
    "handle_minutes",
    "lower",
    "resolved_first",
    "higher",
    1210,
    Estimate(0.21, 0.15, 0.27),
    "conflict",
)
ALIKE = Pair(
    "queue_wait_minutes",
    "lower",
    "resolved_first",
    "higher",
    900,
    Estimate(-0.03, -0.1, 0.04),
)
AIMS = AimsFinding(
    WHEN,
    30,
    aims=(FASTER, RESOLVED, WAIT),
    pairs=(PAIR, ALIKE),
    missing=(("transfers", "tickets.transfers"),),
)
UNCLEAR = replace(
    AIMS,
    aims=(replace(WAIT, given=False), Aim("transfers", "lower", False, "count", 12)),
    pairs=(ALIKE,),
    missing=(),
)
FINDINGS: dict[str, Finding] = {
    "aims": AIMS,
    "aims_same_measure": replace(
        AIMS, same=(replace(ALIKE, metric="first_reply_hours", other=WAIT.metric),)
    ),
    "aims_aligned": replace(
        AIMS, aims=(RESOLVED, WAIT), pairs=(), unknown=("smiles",), log_odds=True
    ),
    "aims_unclear": UNCLEAR,
    "aims_pairs_only": replace(
        UNCLEAR, aims=(), pairs=(PAIR,), needs="needs surveys.overall_satisfaction"
    ),
    "aims_few": replace(UNCLEAR, aims=(replace(WAIT, towards=UNKNOWN, n=12),), pairs=()),
    "aims_none": AimsFinding(WHEN, 30, needs="needs tickets"),
}
WITHOUT_PICTURE = {"aims_pairs_only", "aims_few", "aims_none"}
