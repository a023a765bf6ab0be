"""Findings of the way through the journey, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.flow import Contacted, FlowFinding, Kind, Origin

TARGETS = ("awareness", "purchase", "use", "contact with service", "nothing")


def _shares(*values: float) -> tuple[Estimate, ...]:
    """Each with an interval of 2 points to each side, within 0 and 1."""
    return tuple(Estimate(v, max(v - 0.02, 0.0), min(v + 0.02, 1.0)) for v in values)


FLOW = FlowFinding(
    period="October 2026",
    min_base=30,
    stages=TARGETS[:3],
    targets=TARGETS,
    origins=(
        Origin("awareness", 612, 590, _shares(0.04, 0.61, 0.003, 0.012, 0.335), open=41),
        Origin("purchase", 1504, 905, _shares(0.01, 0.38, 0.33, 0.08, 0.20), open=120),
        Origin("use", 870, 610, _shares(0.05, 0.03, 0.31, 0.14, 0.47), open=66),
        Origin("contact with service", 402, 288, _shares(0.0, 0.07, 0.24, 0.45, 0.24), open=12),
    ),
    touches=2986,
    customers=1310,
    kinds=(
        Kind("later stage", Estimate(0.431, 0.412, 0.450)),
        Kind("same stage", Estimate(0.229, 0.212, 0.247)),
        Kind("earlier stage", Estimate(0.038, 0.031, 0.046)),
        Kind("contact with service", Estimate(0.084, 0.073, 0.096)),
        Kind("nothing", Estimate(0.218, 0.202, 0.235)),
    ),
    contacted=Contacted("use", 870, Estimate(0.14, 0.12, 0.16)),
    compared=3,
)
FINDINGS: dict[str, Finding] = {
    "flow": FLOW,
    "flow_close": replace(
        FLOW,
        origins=(
            *FLOW.origins[:2],
            replace(FLOW.origins[2], n=11, shares=(UNKNOWN,) * 5),
        ),
        kinds=(
            Kind("later stage", Estimate(0.33, 0.29, 0.37)),
            Kind("same stage", Estimate(0.31, 0.27, 0.35)),
            *FLOW.kinds[2:],
        ),
        contacted=Contacted("purchase", 1504, Estimate(0.08, 0.06, 0.1)),
        compared=2,
        rivals=("awareness",),
    ),
    "flow_ties": replace(
        FLOW,
        days=14,
        origins=(replace(FLOW.origins[0], tied=3, open=1), replace(FLOW.origins[1], open=0)),
        contacted=None,
        compared=2,
    ),
    "flow_many_ties": replace(
        FLOW,
        origins=(replace(FLOW.origins[0], tied=300), FLOW.origins[1]),
        contacted=None,
    ),
    "flow_few": replace(
        FLOW, origins=(replace(FLOW.origins[2], n=11, shares=(UNKNOWN,) * 5),), kinds=()
    ),
    "flow_no_table": FlowFinding("October 2026", 30, needs="needs journeys"),
}
WITHOUT_PICTURE = {"flow_few", "flow_no_table"}
