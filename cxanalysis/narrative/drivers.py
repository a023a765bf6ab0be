"""The drivers in words: the largest, what may be claimed of it, and what adds nothing."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.drivers import Driver, DriversFinding, Term
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    agreeing,
    cited,
    counted,
    digits_of,
    gap,
    gap_range,
    integer,
    listed,
    name,
    sentence_case,
    slope,
    small,
    wider,
    with_interval,
)

_SHARE = "share of what is accounted for"
SETS = {"service": "service", "journey": "the rest of the journey"}


NOT_SHOWN = "not shown to add to the rest"
"""How a group is called whose test "adds nothing to the rest" is not rejected."""


@describe.register
def _describe(finding: DriversFinding) -> tuple[str, ...]:
    if not finding.drivers:
        return (_nothing(finding),)
    if not finding.grouped:
        texts = (_too_few(finding), _added(finding), _paths(finding))
        return tuple(text for text in texts if text)
    paragraphs = (
        _largest(finding),
        _lead(finding),
        _undivided(finding),
        _added(finding),
        _point_values(finding),
        _paths(finding),
        _how_to_read(finding),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: DriversFinding) -> pd.DataFrame | None:
    if not finding.grouped:
        return None
    rows = [_row(finding, driver) for driver in finding.drivers]
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


@footnotes.register
def _footnotes(finding: DriversFinding) -> tuple[str, ...]:
    return (*_composite(finding), *_single(finding))


def _composite(finding: DriversFinding) -> tuple[str, ...]:
    if finding.paths is None:
        return ()
    return (
        f"*Service as a whole*: the part of {name(finding.outcome)} that a regression on the "
        "measures of service alone fits, less what it would fit by chance.",
    )


def _single(finding: DriversFinding) -> tuple[str, ...]:
    if not finding.terms:
        return ()
    unit = f"points of {name(finding.outcome)}" if finding.measure == "R²" else "log-odds"
    shown, total = len(finding.terms), finding.n_terms
    first = f"the clearest {small(shown)} of {small(total)}" if shown < total else "clearest first"
    return (
        f"Single measures whose link is more than chance, {first} ({unit} with 95% intervals, "
        "others held equal; Benjamini and Hochberg's adjustment inside each set): "
        f"{'; '.join(_term(term) for term in finding.terms)}.",
    )


def _term(term: Term) -> str:
    value, ends = slope(term.estimate).split(", ")
    return f"{name(term.name)} {value} {_per(term.name)} ({ends})"


_PER = {
    "contacts": "a contact",
    "transfers": "a transfer",
    "resolved_first": "between none and all",
    "resolved_first_open_days": "a day",
    "first_reply_hours": "an hour",
    "queue_wait_minutes": "a minute",
    "handle_minutes": "a minute",
    "contacted": "between no and yes",
    "answered": "between no and yes",
}


def _per(term: str) -> str:
    """The unit of a measure's own scale that a coefficient is for."""
    if term.endswith(("_known", "_used", "_rated", "_touched", "_promised", "_due")):
        return "between no and yes"
    return _PER.get(term, "a day" if term.endswith("_late_days") else "a point")


def _row(finding: DriversFinding, driver: Driver) -> dict[str, str | None]:
    shown = {True: "yes", False: "not shown", None: None}
    return {
        "group": name(driver.name),
        "set": SETS.get(driver.set, name(driver.set)),
        _SHARE if finding.point_values else f"{_SHARE} (95% interval)": share_of(finding, driver),
        "measures": integer(driver.n_columns),
        "goes with it at all": shown[driver.goes],
        "adds to the rest": shown[driver.adds],
    }


def share_of(finding: DriversFinding, driver: Driver) -> str:
    """A group's share with its interval, in the decimals that all of the finding have."""
    return with_interval(driver.share, digits=max(_digits(finding), digits_of(driver.share)))


def _digits(finding: DriversFinding) -> int:
    """Decimals at which the first less the second is their difference as written."""
    if len(finding.compared) < 2 or not finding.lead.known:
        return 0
    first, second = (driver.share.value for driver in finding.compared[:2])
    return agreeing(first, (second, finding.lead.value))


def _nothing(finding: DriversFinding) -> str:
    if not finding.n:
        return "**Nothing can be said of it here:** no model could be fitted to these answers."
    if not finding.accounted.known:
        return f"**Withheld:** {counted(finding.n, 'answer')} are too few for a figure. {wider()}"
    return f"**There is nothing to divide among groups.** {_accounted(finding)} {wider()}"


def _too_few(finding: DriversFinding) -> str:
    measures = sum(driver.n_columns for driver in finding.drivers)
    return (
        f"**The groups inside the two sets cannot be told apart:** {counted(finding.n, 'answer')} "
        f"stand behind {counted(measures, 'measure')}, fewer than 20 for each. {wider()}"
    )


def _largest(finding: DriversFinding) -> str:
    first = finding.compared[0]
    within = f" within {SETS.get(first.set, name(first.set))}" if finding.undivided else ""
    return (
        f"**The largest {'share' if finding.lead.excludes_zero else 'estimate'}{within} is that of "
        f"{cited(first.name)}:** {share_of(finding, first)} of what the model accounts for in "
        f"{name(finding.outcome)} goes with it."
    )


def _lead(finding: DriversFinding) -> str:
    """Whether the first is really ahead: claimed only where the interval leaves out 0."""
    if len(finding.compared) < 2:
        return ""
    second = finding.compared[1]
    following = f"Next comes {cited(second.name)} with {share_of(finding, second)}"
    if not finding.lead.has_interval:
        return f"{following}; which of the two is ahead cannot be told."
    digits = _digits(finding)
    ends = gap_range(finding.lead.low, finding.lead.high, "share", digits)
    if finding.lead.excludes_zero:
        size = gap(finding.lead.value, "share", digits)
        return f"{following}; the first is ahead by {size} ({ends})."
    return (
        f"{following}; the interval of the difference ({ends} points) includes 0, so which of "
        "the two is ahead is not settled."
    )


def _undivided(finding: DriversFinding) -> str:
    """A set in one piece, which no part of another set can be held against."""
    return " ".join(
        f"{sentence_case(SETS.get(driver.set, name(driver.set)))}, not divided further, has a "
        f"share of {share_of(finding, driver)}; a whole set is not ranked among parts of another."
        for driver in finding.undivided
    )


def _added(finding: DriversFinding) -> str:
    """Two different questions: adding nothing to the rest, and going with nothing at all."""
    tested = [driver for driver in finding.drivers if driver.adds is not None]
    idle = [driver for driver in tested if not driver.adds]
    if not tested:
        return _alone(finding)
    note = f"{small(len(tested))} tests, adjusted for their number by Holm's method"
    if not idle:
        what = "group" if finding.grouped else "set"
        adds = f"Every {what} adds something to the rest beyond chance ({note})."
        return f"{adds} {_alone(finding)}".strip()
    names = listed([cited(driver.name) for driver in idle])
    one = len(idle) == 1
    return (
        f"{sentence_case(names)} {'is' if one else 'are'} {NOT_SHOWN} ({note}): a weak link would "
        f"not show either, and what {'it carries' if one else 'they carry'} may be carried by "
        f"others as well. {_alone(finding)}"
    ).strip()


def _alone(finding: DriversFinding) -> str:
    """Which groups pass the floor of "goes with nothing at all"."""
    tested = [driver for driver in finding.drivers if driver.goes is not None]
    if not tested:
        return ""
    idle = [cited(driver.name) for driver in tested if not driver.goes]
    floor = "the floor of *goes with nothing at all*, which is another question"
    if not idle:
        return f"Taken alone, {_all(tested, 'group' if finding.grouped else 'set')} {floor}."
    verb = "does" if len(idle) == 1 else "do"
    return f"Taken alone, {listed(idle)} {verb} not pass {floor}."


def _all(tested: list[Driver], noun: str) -> str:
    if len(tested) == 1:
        return f"the one {noun} passes"
    number = "both" if len(tested) == 2 else f"all {small(len(tested))}"
    return f"{number} {noun}s pass"


def _paths(finding: DriversFinding) -> str:
    """Rival readings of one link: service alone, and with the journey held equal."""
    if finding.paths is None:
        return ""
    total, direct, other = finding.paths.total, finding.paths.direct, finding.paths.with_journey
    alone = (
        "Taken alone, one standard deviation of service as a whole goes with "
        f"{with_interval(total, 'score')} points of {name(finding.outcome)}"
    )
    if not total.excludes_zero:
        return f"{alone}, which may be chance."
    left = "" if direct.excludes_zero else ", which may be chance"
    held = f"with the rest of the journey held equal, with {with_interval(direct, 'score')}{left}"
    if not other.excludes_zero:
        return (
            f"{alone}; {held}. The difference, {with_interval(other, 'score')}, may be chance, so "
            "nothing shows that the journey has a part in that link."
        )
    if other.value < 0:
        return (
            f"{alone}; {held}. The link is the larger for holding the journey equal, by "
            f"{with_interval(_size(other), 'score')}: the journey hides some of it."
        )
    return (
        f"{alone}; {held}. The difference, {with_interval(other, 'score')}, goes with the journey "
        "as well: the journey may carry on what service does, or stand behind both. These answers "
        "fit either reading and prove neither."
    )


def _size(estimate: Estimate) -> Estimate:
    """A negative figure seen from its own side."""
    return Estimate(-estimate.value, -estimate.high, -estimate.low)


def _point_values(finding: DriversFinding) -> str:
    if not finding.point_values:
        return ""
    return (
        "The shares of groups are point values: with this model only the two sets have intervals."
    )


def _how_to_read(finding: DriversFinding) -> str:
    groups = small(len(finding.drivers))
    return (
        f"{_accounted(finding)} The shares divide that among {groups} groups: each gets "
        "what it adds on average over the orders in which the groups can enter, set by set "
        "(Owen values), so that before rounding they sum to 100%. These are associations, not "
        "effects."
    )


def _accounted(finding: DriversFinding) -> str:
    if finding.measure != "R²":
        level = with_interval(finding.accounted, "")
        return (
            f"{finding.measure} is {level} over {counted(finding.n, 'answer')}, which is no part "
            "of the differences between them: compare shares, not levels."
        )
    return (
        f"The model accounts for {with_interval(finding.accounted)} of the differences between "
        f"{counted(finding.n, 'answer')}."
    )
