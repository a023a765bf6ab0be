"""Journeys as they went, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.timeline import Event, TimelineFinding

SHORT = (Event(0.0, False, "buy"),)
LONG = (
    Event(0.0, False, "buy", "shop", "web", "2026-10-01 10:00", 4.0),
    Event(2.25, True, "", "where is my order", "phone", "2026-10-03 16:00"),
    Event(9.0, False, "use", "delivery", "", "2026-10-10 10:00", 2.0),
    Event(9.5, True, "use", "fault", "chat", "2026-10-10 22:00", 1.0),
)
MANY = TimelineFinding(
    period="October 2026",
    min_base=30,
    customers=1204,
    median=3,
    most=9,
    with_contact=Estimate(0.18, 0.16, 0.2),
    journeys=(SHORT, LONG[:3], LONG),
    stages=("buy", "use"),
)
ONE = TimelineFinding(
    "October 2026", 30, customer="C17", journeys=(LONG,), stages=("buy", "use", "tell")
)
FINDINGS: dict[str, Finding] = {
    "timeline": MANY,
    "timeline_no_contacts": replace(MANY, period="all dates", median=1, with_contact=UNKNOWN),
    "timeline_one": ONE,
    "timeline_one_begins": replace(ONE, customer="17", journeys=(LONG[1:],)),
    "timeline_one_touch": replace(ONE, customer="17", journeys=(SHORT,)),
    "timeline_unknown": replace(ONE, customer="17", journeys=()),
    "timeline_few": TimelineFinding("October 2026", 30, customers=11),
    "timeline_no_table": TimelineFinding("October 2026", 30, needs="needs journeys"),
}
WITHOUT_PICTURE = {
    "timeline_one_touch", "timeline_unknown", "timeline_few", "timeline_no_table",
}  # fmt: skip
