"""Findings of what lies before the first contact, written by hand; no figure comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.lead import LeadCurve, LeadFinding, Reached

CURVE = LeadCurve(
    share=tuple(round(0.3 * (1 - 0.98**day), 4) for day in range(121)),
    low=tuple(round(0.27 * (1 - 0.98**day), 4) for day in range(121)),
    high=tuple(round(0.33 * (1 - 0.98**day), 4) for day in range(121)),
    at_risk=tuple(1204 - 9 * day for day in range(121)),
)
LEAD = LeadFinding(
    period="October 2026",
    min_base=30,
    customers=1204,
    contacted=322,
    contact_first=31,
    touch_first=Estimate(0.904, 0.866, 0.932),
    lead_days=Estimate(38.2, 33.1, 44.9),
    reached=(
        Reached(30, Estimate(0.14, 0.12, 0.16)),
        Reached(90, Estimate(0.25, 0.23, 0.28)),
    ),
    touches=Estimate(0.47, 0.43, 0.51),
    n_touches=4120,
    touches_everyone=Estimate(0.81, 0.79, 0.83),
    ratings=Estimate(0.44, 0.4, 0.49),
    n_ratings=2210,
    ratings_everyone=Estimate(0.78, 0.75, 0.81),
    curve=CURVE,
    known_before=840,
    known=1180,
)
FINDINGS: dict[str, Finding] = {
    "lead": LEAD,
    "lead_always": replace(
        LEAD,
        contact_first=0,
        touch_first=Estimate(1.0, 0.988, 1.0),
        lead_days=Estimate(4.2, 3.1, 4.9),
        everyone_days=Estimate(61.0, 55.0, 70.0),
        reached=LEAD.reached[:1],
        ratings=UNKNOWN,
        known_before=0,
        known=0,
    ),
    "lead_contact_first": replace(
        LEAD, contact_first=190, touch_first=Estimate(0.41, 0.36, 0.46), curve=None
    ),
    "lead_no_contacts": replace(
        LEAD,
        contacted=12,
        contact_first=0,
        touch_first=UNKNOWN,
        lead_days=UNKNOWN,
        reached=(Reached(30, Estimate(0.006, 0.003, 0.012)),),
        touches=UNKNOWN,
        curve=None,
    ),
    "lead_few": LeadFinding("October 2026", 30, customers=11),
    "lead_no_tickets": LeadFinding("October 2026", 30, needs="needs tickets"),
}
WITHOUT_PICTURE = {"lead_contact_first", "lead_no_contacts", "lead_few", "lead_no_tickets"}
