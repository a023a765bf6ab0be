"""Findings of service by channel and team, written by hand; no figure comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.service_by import Difference, Group, Measure, ServiceByFinding, Split

MEASURES = (
    Measure("handle_time", "Handle time", "seconds"),
    Measure("speed_of_answer", "Speed of answer", "seconds"),
    Measure("first_contact_resolution", "First-contact resolution", "share"),
    Measure("contact_csat", "CSAT of contacts", "share"),
)
PHONE = Group(
    "phone",
    910,
    (
        (800, Estimate(482, 461, 503)),
        (800, Estimate(83, 71, 95)),
        (540, Estimate(0.62, 0.58, 0.66)),
        (310, Estimate(0.45, 0.4, 0.51)),
    ),
)
EMAIL = Group(
    "email",
    320,
    ((0, UNKNOWN), (0, UNKNOWN), (240, Estimate(0.77, 0.71, 0.82)), (12, UNKNOWN)),
)
CHANNELS = Split(
    "channel",
    (PHONE, EMAIL),
    (Difference("first_contact_resolution", 2, "phone", "email", 0.0002),),
)
TEAMS = Split(
    "team",
    (replace(PHONE, name="north"), replace(PHONE, name="south", contacts=400)),
    (
        Difference("handle_time", 2, "north", "south", 0.4),
        Difference("contact_csat", 2, "south", "north", 0.9),
    ),
    more=3,
)
BY = ServiceByFinding("October 2026", 30, MEASURES, (CHANNELS, TEAMS))
FOUR = replace(
    TEAMS,
    differences=tuple(
        Difference(metric, 2, "north", "south", 0.001 * (place + 1))
        for place, metric in enumerate(
            ("handle_time", "speed_of_answer", "first_contact_resolution", "contact_csat")
        )
    ),
)
FINDINGS: dict[str, Finding] = {
    "groups": BY,
    "groups_many": replace(BY, splits=(FOUR,)),
    "groups_one": replace(
        BY, period="all dates", splits=(Split("channel", (replace(EMAIL, contacts=12),)),)
    ),
    "groups_none": ServiceByFinding("October 2026", 30, needs="needs tickets.channel"),
}
WITHOUT_PICTURE = {"groups_one", "groups_none"}
