"""Unanswered attempts in words: how many, in which hours, inside or outside opening hours."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.staffing import Block, StaffingFinding
from cxanalysis.narrative.core import caption, describe, tabulate
from cxanalysis.narrative.words import (
    counted,
    integer,
    interval,
    percent,
    small,
    wider,
    with_interval,
)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@describe.register
def _describe(finding: StaffingFinding) -> tuple[str, ...]:
    if not finding.n:
        return (
            f"**Whether somebody was in cannot be told for {finding.period}:** there is no "
            "attempt of which the data say whether it was answered.",
        )
    if not finding.unanswered.known:
        few = f"fewer than {finding.min_base} attempts"
        return (f"**Withheld: {few} in {finding.period}.** {wider(finding.period)}",)
    paragraphs = [_headline(finding), _where(finding), _outside(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def _headline(finding: StaffingFinding) -> str:
    return (
        f"**{with_interval(finding.unanswered)} of {counted(finding.n, 'attempt')} went "
        f"unanswered:** the customer gave up, or nobody answered within a day."
    )


def _where(finding: StaffingFinding) -> str:
    shown = finding.shown
    if len(shown) < 2:
        return f"No block of hours has the {finding.min_base} attempts it takes to compare."
    compared = f"{counted(len(shown), 'block')} of {counted(finding.width, 'hour')} compared"
    if finding.worst is None:
        return f"With {compared}, none stands clearly above the rest."
    worst, most = finding.worst, finding.most
    place = f"{_when(worst, finding.width)} stands clearly above the rest"
    if finding.n_above > 1:
        above = f"{small(finding.n_above)} stand clearly above the rest"
        place = f"{above}, {_when(worst, finding.width)} the furthest"
    text = (
        f"With {compared}, {place}: {with_interval(worst.unanswered)} of "
        f"{counted(worst.n, 'attempt')}."
    )
    if most is None or most.n_unanswered <= worst.n_unanswered:
        return text
    return (
        f"{text} Most unanswered attempts, {integer(most.n_unanswered)} of {integer(most.n)}, "
        f"came on {_when(most, finding.width)}."
    )


def _when(block: Block, width: int) -> str:
    return f"{DAYS[block.weekday]} from {span(block, width)}"


def _outside(finding: StaffingFinding) -> str:
    if not finding.n_outside:
        return ""
    share = percent(finding.n_outside / finding.n)
    text = f"{share} of attempts came outside opening hours"
    if not (finding.outside.known and finding.inside.known):
        return f"{text}."
    return (
        f"{text}: {with_interval(finding.outside)} of those went unanswered, "
        f"{with_interval(finding.inside)} of those inside."
    )


def span(block: Block, width: int) -> str:
    """The hours of a block: "9:00 to 12:00"."""
    return f"{block.hour}:00 to {block.hour + width}:00"


@caption.register
def _caption(finding: StaffingFinding) -> str:
    return describe(finding)[0]


@tabulate.register
def _tabulate(finding: StaffingFinding) -> pd.DataFrame | None:
    if not finding.shown:
        return None
    return pd.DataFrame(
        {
            "weekday": DAYS[block.weekday],
            "hours": span(block, finding.width),
            "unanswered": percent(block.unanswered.value),
            "95% interval": interval(block.unanswered),
            "n": integer(block.n),
        }
        for block in finding.shown
    )
