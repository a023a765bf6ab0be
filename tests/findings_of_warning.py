"""Findings of what comes before a contact, written by hand; no figure here comes from data."""

from __future__ import annotations

from dataclasses import replace

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding
from cxanalysis.findings.warning import Alarm, Answer, Link, Quality, WarningFinding


def _curve(last: float) -> tuple[Estimate, ...]:
    """A share that grows evenly to ``last`` on day 30, 2 points to each side."""
    shares = [last * day / 30 for day in range(31)]
    return tuple(Estimate(share, max(share - 0.02, 0), share + 0.02) for share in shares)


LOW = Alarm(
    "low rating",
    "a rating of 1 or 2",
    n=210,
    right=Estimate(0.24, 0.19, 0.3),
    base=Estimate(0.12, 0.1, 0.14),
    lift=Estimate(2.0, 1.6, 2.5),
    contacts=480,
    recall=Estimate(0.21, 0.17, 0.25),
    lead=Estimate(4.2, 3.1, 6.0),
    acted=Estimate(0.4, 0.28, 0.53),
)
LATE = Alarm(
    "late promise",
    "a promised date that passed",
    n=95,
    right=Estimate(0.3, 0.22, 0.4),
    base=Estimate(0.27, 0.22, 0.33),
    lift=Estimate(1.1, 0.9, 1.4),
    contacts=480,
    recall=Estimate(0.1, 0.08, 0.13),
    lead=UNKNOWN,
    acted=UNKNOWN,
)
WARNING = WarningFinding(
    period="October 2026",
    min_base=30,
    link=Link("", 2140, 960, 257, Estimate(-3.6, -5.2, -2.0), 0.0001),
    stages=(
        Link("purchase", 900, 610, 140, Estimate(-6.1, -8.9, -3.3), 0.0001),
        Link("use", 840, 520, 101, Estimate(-1.2, -3.5, 1.1), 0.62),
        Link("advocacy", 400, 380, 16, Estimate(0.3, -1.0, 1.6), 0.62),
        Link("awareness", 12, 12, 0),
    ),
    touchpoints=(
        Link("delivery", 610, 520, 92, Estimate(-7.3, -9.9, -4.7), 0.0001),
        Link("checkout", 290, 240, 48, Estimate(-3.2, -6.8, 0.4), 0.11),
        Link("app", 840, 520, 101, Estimate(-1.2, -3.5, 1.1), 0.62),
        Link("review", 40, 38, 2),
    ),
    answers=(
        Answer(1, 24),
        Answer(2, 186, Estimate(0.23, 0.17, 0.3)),
        Answer(3, 730, Estimate(0.14, 0.11, 0.17)),
        Answer(4, 800, Estimate(0.1, 0.08, 0.12)),
        Answer(5, 400, Estimate(0.07, 0.05, 0.1)),
    ),
    open=310,
    low=_curve(0.24),
    other=_curve(0.11),
    n_low=260,
    n_other=2190,
    gaps=((7, Estimate(0.03, 0.01, 0.05)), (30, Estimate(0.13, 0.08, 0.18))),
    alarms=(LOW, LATE),
    acted_before=Estimate(0.42, 0.35, 0.49),
    acted_days=Estimate(11.0, 8.0, 14.0),
    n_first_low=190,
    quality=Quality(
        96, 104, Estimate(0.2, 0.13, 0.29), Estimate(0.06, 0.03, 0.12), Estimate(0.14, 0.05, 0.23)
    ),
)
NO_LINK = replace(
    WARNING,
    first=3.0,
    second=2.0,
    worst=(5.0, 5.0),
    link=Link("", 640, 320, 80, Estimate(-0.4, -2.3, 1.5), 0.68),
    stages=(
        Link("purchase", 340, 210, 45, Estimate(-0.9, -3.9, 2.1), 1.0),
        Link("use", 300, 190, 35, Estimate(0.2, -2.5, 2.9), 1.0),
    ),
    touchpoints=(),
    low=_curve(0.15),
    other=_curve(0.12),
    n_low=60,
    n_other=580,
    gaps=((7, Estimate(0.01, -0.05, 0.07)), (30, Estimate(0.03, -0.06, 0.12))),
    alarms=(replace(LATE, recall=UNKNOWN),),
    acted_before=UNKNOWN,
    quality=Quality(
        160, 150, Estimate(0.1, 0.06, 0.16), Estimate(0.08, 0.04, 0.14), Estimate(0.02, -0.05, 0.09)
    ),
)
MORE = replace(
    WARNING,
    link=Link("", 640, 320, 80, Estimate(2.4, 0.5, 4.3), 0.01),
    stages=(Link("use", 640, 320, 80, Estimate(2.4, 0.5, 4.3), 0.01),),
    touchpoints=(),
    low=(),
    alarms=(),
    acted_days=UNKNOWN,
    quality=None,
)
FEW = WarningFinding(
    "October 2026",
    30,
    link=Link("", 12, 12, 3),
    why="withheld: fewer than 30",
)

FINDINGS: dict[str, Finding] = {
    "warning": WARNING,
    "warning_no_link": NO_LINK,
    "warning_more": MORE,
    "warning_few": FEW,
    "warning_none": replace(FEW, link=Link("", 0, 0, 0), why="nothing to count"),
    "warning_no_table": WarningFinding("October 2026", 30, needs="needs tickets.customer_id"),
}
WITHOUT_PICTURE = {"warning_more", "warning_few", "warning_none", "warning_no_table"}
