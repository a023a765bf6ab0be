"""Findings of changes of channel, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.switches import Matters, Switched, SwitchesFinding, Wanted

SWITCHES = SwitchesFinding(
    period="October 2026",
    min_base=30,
    rows=(
        Switched(0, 210, 0.3, 1.4, Estimate(4.1, 3.98, 4.22), Estimate(3.9, 3.8, 4.0)),
        Switched(1, 340, 0.486, 2.9, Estimate(3.9, 3.8, 4.0), Estimate(3.8, 3.7, 3.9)),
        Switched(2, 12, 0.017, 4.0),
        Switched(6, 138, 0.197, 8.8, Estimate(3.5, 3.34, 3.66), Estimate(3.6, 3.5, 3.7)),
    ),
    slope=Estimate(-0.08, -0.13, -0.03),
    n=684,
    rating_slope=Estimate(-0.02, -0.05, 0.01),
    matters=Matters(
        164, Estimate(0.35, 0.28, 0.43), Estimate(2.9, 2.7, 3.1), Estimate(-0.4, -0.7, -0.1)
    ),
    wanted=(
        Wanted("everyone", 510, Estimate(0.42, 0.37, 0.47), (("chat", 0.2), ("phone", 0.8))),
        Wanted("chat", 260, Estimate(0.7, 0.63, 0.76), (("chat", 0.3), ("phone", 0.7))),
        Wanted("phone", 250, Estimate(0.13, 0.09, 0.18), (("chat", 0.13), ("phone", 0.87))),
        Wanted("fax", 3),
    ),
)
NOISE = replace(
    SWITCHES,
    slope=Estimate(0.03, -0.07, 0.13),
    rating_slope=UNKNOWN,
    rows=(SWITCHES.rows[0], SWITCHES.rows[1]),
    matters=Matters(
        164, Estimate(0.35, 0.28, 0.43), Estimate(2.9, 2.7, 3.1), Estimate(0.1, -0.2, 0.4)
    ),
    wanted=(),
    needs=("", "", "needs customers.preferred_channel"),
)
FINDINGS: dict[str, Finding] = {
    "switches": SWITCHES,
    "switches_noise": NOISE,
    "switches_no_surveys": replace(
        SWITCHES,
        rows=(),
        slope=UNKNOWN,
        n=0,
        matters=replace(SWITCHES.matters or Matters(0), difference=UNKNOWN),
        needs=("needs surveys", "", ""),
    ),
    "switches_wishes_only": replace(
        SWITCHES, rows=(), slope=UNKNOWN, matters=Matters(4), wanted=SWITCHES.wanted[:1]
    ),
    "switches_few": replace(
        SWITCHES, rows=(), slope=UNKNOWN, n=11, matters=Matters(4), wanted=(Wanted("everyone", 2),)
    ),
    "switches_nothing": SwitchesFinding(
        "October 2026", 30, needs=("needs surveys", "needs tickets", "needs tickets")
    ),
}
WITHOUT_PICTURE = {
    "switches_no_surveys", "switches_wishes_only", "switches_few", "switches_nothing",
}  # fmt: skip
