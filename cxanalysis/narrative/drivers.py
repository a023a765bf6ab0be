"""The drivers in words: the largest, what may be claimed of it, and what adds nothing."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.drivers import Driver, DriversFinding
from cxanalysis.narrative.core import describe, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    gap,
    gap_range,
    integer,
    listed,
    name,
    sentence_case,
    small,
    with_interval,
)

SETS = {"service": "service", "journey": "the rest of the journey"}


@describe.register
def _describe(finding: DriversFinding) -> tuple[str, ...]:
    paragraphs = (_largest(finding), _lead(finding), _added(finding), _how_to_read(finding))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: DriversFinding) -> pd.DataFrame | None:
    tested = any(driver.adds is not None for driver in finding.drivers)
    return pd.DataFrame([_row(driver, tested) for driver in finding.drivers])


def _row(driver: Driver, tested: bool) -> dict[str, str]:
    row = {
        "group": name(driver.name),
        "set": SETS.get(driver.set, name(driver.set)),
        "share of what is accounted for (95% interval)": with_interval(driver.share),
        "measures": integer(driver.n_columns),
    }
    if tested:
        row["adds to the rest"] = {True: "yes", False: "not shown", None: "not tested"}[driver.adds]
    return row


def _largest(finding: DriversFinding) -> str:
    first = finding.drivers[0]
    return (
        f"**The largest {'share' if finding.lead.excludes_zero else 'estimate'} is that of "
        f"{cited(first.name)}:** {with_interval(first.share)} of what the model accounts for in "
        f"{name(finding.outcome)} goes with it."
    )


def _lead(finding: DriversFinding) -> str:
    """Whether the first is really ahead: claimed only where the interval leaves out 0."""
    if len(finding.drivers) < 2:
        return ""
    second = finding.drivers[1]
    following = f"Next comes {cited(second.name)} with {with_interval(second.share)}"
    if not finding.lead.has_interval:
        return f"{following}; which of the two is ahead cannot be told."
    ends = gap_range(finding.lead.low, finding.lead.high, "share")
    if finding.lead.excludes_zero:
        size = gap(finding.lead.value, "share")
        return f"{following}; the first is ahead by {size} ({ends})."
    return (
        f"{following}; the interval of the difference ({ends} points) includes 0, so which of "
        "the two is ahead is not settled."
    )


def _added(finding: DriversFinding) -> str:
    tested = [driver for driver in finding.drivers if driver.adds is not None]
    idle = [driver for driver in tested if not driver.adds]
    if not tested:
        return ""
    note = f"{small(len(tested))} tests, adjusted for their number by Holm's method"
    if not idle:
        return f"Every group adds something to the rest beyond chance ({note})."
    names = listed([cited(driver.name) for driver in idle])
    verb = "adds" if len(idle) == 1 else "add"
    return (
        f"{sentence_case(names)} {verb} nothing to the rest that could be told from chance "
        f"({note}). That is not the same as having no link: what "
        f"{'it carries' if len(idle) == 1 else 'they carry'} may be carried by others as well."
    )


def _how_to_read(finding: DriversFinding) -> str:
    if not finding.grouped:
        return (
            f"{_accounted(finding)} Fewer than 20 answers stand behind each measure, so the two "
            "sets are shown and the groups inside them are not. These are associations, not "
            "effects."
        )
    groups = small(len(finding.drivers))
    return (
        f"{_accounted(finding)} The shares divide that among {groups} groups: each gets "
        "what it adds on average over the orders in which the groups can enter, set by set "
        "(Owen values), so that they sum to 100%. These are associations, not effects."
    )


def _accounted(finding: DriversFinding) -> str:
    return (
        f"The model accounts for {with_interval(finding.accounted)} of the differences between "
        f"{counted(finding.n, 'answer')}."
    )
