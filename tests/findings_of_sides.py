"""Findings of service beside experience, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.sides import CONTACTS_RATED, Fact, Place, SidesFinding

SIDES = SidesFinding(
    period="October 2026",
    min_base=30,
    facts=(
        Fact(
            "service_touches",
            "Touches",
            "share",
            10_000,
            Estimate(0.06, 0.054, 0.067),
            "contacts ÷ contacts and touches",
        ),
        Fact("service_customers", "Customers", "share", 2400, Estimate(0.17, 0.155, 0.186)),
        Fact(
            "service_hours",
            "Hours being helped",
            "share",
            2000,
            Estimate(0.00003, 0.000025, 0.000035),
            "talk, hold and wrap-up ÷ hours between touches",
            "12 contacts handled for an unknown time count as none",
        ),
        Fact("waiting_hours", "Hours waiting", "share", 2000, Estimate(4e-6, 3e-6, 5e-6)),
        Fact("helped_each", "Help", "hours", 400, Estimate(0.125, 0.11, 0.14), "median of help"),
        Fact("journey_each", "Journey", "hours", 400, Estimate(504, 470, 540), "its median"),
        Fact("journey_hours", "Journey", "hours", 2000, Estimate(432, 410, 450)),
        Fact("company_began", "Begun", "share", 9400, Estimate(0.46, 0.44, 0.48)),
        Fact("reactive", "Begun", "share", 640, Estimate(0.94, 0.92, 0.96)),
        Fact("handle_time", "Handle time", "seconds", 500, Estimate(502, 480, 524)),
        Fact("resolution_time", "Time to solution", "hours", 600, Estimate(33.1, 21, 50)),
        Fact("first_contact_resolution", "FCR", "share", 470, Estimate(0.66, 0.62, 0.7)),
        Fact("abandonment", "Abandonment", "share", 640, Estimate(0.08, 0.06, 0.1)),
        Fact("overall_satisfaction", "Overall", "score", 1000, Estimate(3.92, 3.85, 3.98)),
        Fact("nps", "NPS", "points", 1000, Estimate(9, 4, 14)),
        Fact(CONTACTS_RATED, "Contacts rated", "share", 560, Estimate(0.45)),
        Fact("touches_rated", "Touches rated", "share", 9400, Estimate(0.54)),
    ),
    n_stages=3,
    n_touchpoints=9,
    places=(
        Place(
            "awareness",
            False,
            3000,
            Estimate(0.3, 0.29, 0.31),
            1800,
            Estimate(0.34, 0.33, 0.35),
            "Marketing",
        ),
        Place("purchase", False, 4400, Estimate(0.44, 0.43, 0.45), 2200, Estimate(0.4, 0.39, 0.42)),
        Place("use", False, 2000, Estimate(0.2, 0.19, 0.21), 1100, Estimate(0.21, 0.2, 0.22)),
        Place(
            "contacts with service",
            True,
            600,
            Estimate(0.06, 0.054, 0.067),
            250,
            Estimate(0.047, 0.041, 0.054),
            "Service desk",
        ),
    ),
    difference=Estimate(-0.013, -0.018, -0.008),
    whole=1000,
    stages=(("use", Estimate(0.21, 0.19, 0.23)), ("purchase", Estimate(0.07, 0.06, 0.08))),
)
BARE = replace(
    SIDES,
    facts=SIDES.facts[:2],
    n_touchpoints=0,
    places=tuple(replace(place, feedback=0, feedback_share=UNKNOWN) for place in SIDES.places),
    difference=UNKNOWN,
    whole=0,
    stages=(),
    doubled=True,
)
FINDINGS: dict[str, Finding] = {
    "sides": SIDES,
    "sides_heard_more": replace(SIDES, difference=Estimate(0.032, 0.02, 0.044), whole=1),
    "sides_heard_alike": replace(SIDES, difference=Estimate(-0.003, -0.01, 0.004), whole=0),
    "sides_bare": BARE,
    "sides_few": replace(BARE, facts=(), places=()),
    "sides_no_tickets": SidesFinding("October 2026", 30, needs="needs tickets"),
}
WITHOUT_PICTURE = {"sides_few", "sides_no_tickets"}
