"""Findings of service, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.backlog import BacklogFinding, Point
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.definitions import DefinitionsFinding, Panel, Variant
from cxanalysis.findings.service import Channel, Figure, Missing, ServiceFinding
from cxanalysis.findings.staffing import Block, StaffingFinding

RESOLVED = Panel(
    "first_contact_resolution",
    "First-contact resolution",
    "share",
    (
        Variant(
            "no repeat within 1 day, same reason",
            "SQM Group (1 to 30 days)",
            4210,
            Estimate(0.948, 0.941, 0.955),
        ),
        Variant(
            "no repeat within 7 days, same reason",
            "Call Centre Helper (7 days)",
            3980,
            Estimate(0.742, 0.728, 0.756),
            chosen=True,
        ),
        Variant(
            "no repeat within 30 days, any reason",
            "SQM Group (1 to 30 days)",
            2870,
            Estimate(0.534, 0.516, 0.552),
        ),
    ),
    0.534,
    0.948,
)
HANDLED = Panel(
    "handle_time",
    "Handle time",
    "seconds",
    (
        Variant(
            "mean of contacts handled",
            "Genesys, Calabrio",
            3900,
            Estimate(332.0, 327.0, 337.0),
            chosen=True,
        ),
        Variant("mean, talking only", "talk time alone", 3900, Estimate(267.0, 262.0, 272.0)),
    ),
    267.0,
    332.0,
)
DEFINITIONS = DefinitionsFinding("October 2026", 30, (RESOLVED, HANDLED), RESOLVED.metric)
TIMES_ONLY = replace(DEFINITIONS, panels=(HANDLED,), widest="")
NO_DEFINITIONS = DefinitionsFinding("October 2026", 30)


WHEN = "October 2026"
SERVICE = ServiceFinding(
    WHEN,
    30,
    opening_hours=True,
    figures=(
        Figure(
            "service_level",
            "Service level",
            "answering",
            "share",
            1400,
            Estimate(0.712, 0.688, 0.735),
            "answered within 20 s ÷ answered or abandoned",
        ),
        Figure(
            "abandonment",
            "Abandonment",
            "answering",
            "share",
            1400,
            Estimate(0.081, 0.068, 0.096),
            "abandoned ÷ offered contacts",
        ),
        Figure(
            "first_contact_resolution",
            "First-contact resolution",
            "solving",
            "share",
            1210,
            Estimate(0.742, 0.717, 0.766),
            "issues without a later attempt ÷ issues",
        ),
        Figure(
            "contacts_per_issue",
            "Contacts per issue",
            "solving",
            "number",
            1210,
            Estimate(1.46, 1.41, 1.51),
            "mean number of contacts",
        ),
        Figure(
            "issue_handle_time",
            "Handle time per issue",
            "work and cost",
            "seconds",
            1180,
            Estimate(639.0, 601.0, 677.0),
            "handle time of an issue",
            "2 issues left out",
        ),
        Figure(
            "avoidable_handling",
            "Avoidable handling time",
            "work and cost",
            "share",
            1740,
            Estimate(0.34, 0.30, 0.38),
            "handle time of repeat contacts",
            "26 of 77 hours",
        ),
        Figure(
            "contact_rate",
            "Contacts per 100 customers",
            "demand",
            "per 100",
            2947,
            Estimate(29.2, 26.3, 32.2),
            "contacts ÷ customers × 100",
        ),
        Figure(
            "failure_demand",
            "Failure demand",
            "demand",
            "share",
            1740,
            Estimate(0.41, 0.39, 0.43),
            "contacts with a failure ÷ contacts",
        ),
    ),
    channels=(
        Channel("email", 12.0, 430, Estimate(0.947, 0.922, 0.964), 4.9, 11.2, 3),
        Channel("phone", 0.05, 1310, Estimate(0.822, 0.800, 0.842), 0.009, 0.066),
        Channel("fax", 24.0, 4, UNKNOWN),
    ),
    withheld=(Figure("reopened", "Reopened", "solving", "share", 12, UNKNOWN),),
    missing=(
        Missing("Handed over", "tickets.transfers"),
        Missing("Begun by the customer", "tickets.initiator"),
    ),
)
NO_TARGETS = replace(SERVICE, channels=(), withheld=(), missing=(), figures=SERVICE.figures[:2])
NO_SERVICE = ServiceFinding(WHEN, 30, missing=(Missing("Handle time", "tickets"),))

NINE = Block(0, 9, 140, Estimate(0.21, 0.15, 0.28))
STAFFING = StaffingFinding(
    WHEN,
    30,
    n=420,
    width=3,
    unanswered=Estimate(0.10, 0.08, 0.13),
    blocks=(
        NINE,
        Block(0, 12, 120, Estimate(0.05, 0.02, 0.1)),
        Block(2, 9, 12, UNKNOWN),
        Block(6, 12, 148, Estimate(0.04, 0.02, 0.08)),
    ),
    worst=NINE,
    n_above=1,
    n_inside=360,
    inside=Estimate(0.09, 0.07, 0.12),
    n_outside=60,
    outside=Estimate(0.17, 0.10, 0.28),
)
TWO_ABOVE = replace(
    STAFFING,
    blocks=(*STAFFING.blocks[:3], Block(6, 12, 148, Estimate(0.20, 0.14, 0.27))),
    worst=NINE,
    n_above=2,
)
ALL_ALIKE = replace(STAFFING, worst=None, n_above=0, n_outside=0, inside=UNKNOWN, outside=UNKNOWN)
ONE_BLOCK = replace(ALL_ALIKE, blocks=STAFFING.blocks[:1])
FEW_ATTEMPTS = replace(ALL_ALIKE, n=12, unanswered=UNKNOWN, blocks=())
NOBODY_KNOWS = StaffingFinding(WHEN, 30)

BACKLOG = BacklogFinding(
    WHEN,
    30,
    (
        Point("August 2026", 28),
        Point("September 2026", 38, 5.6, 75.7),
        Point("October 2026", 59, 11.4, 160.9),
    ),
)
SMALL_BACKLOG = BacklogFinding("all dates", 30, (Point("October 2026", 1),))
NO_BACKLOG = BacklogFinding(WHEN, 30)

FINDINGS: dict[str, Finding] = {
    "definitions": DEFINITIONS,
    "definitions_times_only": TIMES_ONLY,
    "definitions_none": NO_DEFINITIONS,
    "service": SERVICE,
    "service_no_targets": NO_TARGETS,
    "service_nothing_to_show": NO_SERVICE,
    "staffing": STAFFING,
    "staffing_two_above": TWO_ABOVE,
    "staffing_alike": ALL_ALIKE,
    "staffing_one_block": ONE_BLOCK,
    "staffing_withheld": FEW_ATTEMPTS,
    "staffing_not_known": NOBODY_KNOWS,
    "backlog": BACKLOG,
    "backlog_one_point": SMALL_BACKLOG,
    "backlog_not_known": NO_BACKLOG,
}
WITHOUT_PICTURE = {
    "definitions_none",
    "service_no_targets",
    "service_nothing_to_show",
    "staffing_one_block",
    "staffing_withheld",
    "staffing_not_known",
    "backlog_one_point",
    "backlog_not_known",
}
