"""What to mend first, in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cxanalysis.findings.actions import ActionsFinding, Group, OneSide, Order
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    integer,
    interval,
    listed,
    name,
    percent,
    score,
    sentence_case,
    signed,
    small,
    wider,
    with_interval,
)

SETS = {"service": "service", "journey": "the rest of the journey"}
MEASURES = {
    "items": "the ratings of survey items",
    "stage": "the ratings of touches",
    "contacts": "the ratings of contacts",
    "resolved": "first-contact resolution",
}
ALLOWING = ", allowing for all neighbours compared"


@describe.register
def _describe(finding: ActionsFinding) -> tuple[str, ...]:
    if finding.reason or not finding.groups:
        return (_nothing(finding),)
    paragraphs = (_headline(finding), _key(finding), _order(finding), _unexplained(finding))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: ActionsFinding) -> pd.DataFrame | None:
    if not finding.groups:
        return None
    rows = [_row(finding, group) for group in finding.groups]
    table = pd.DataFrame(rows)
    return table.loc[:, (table != "").any()]


@footnotes.register
def _footnotes(finding: ActionsFinding) -> tuple[str, ...]:
    if not finding.groups:
        return ()
    notes = (
        _how_placed(finding),
        _how_performing(finding),
        _not_placed(finding),
        _how_stepped(finding),
        _to_next(finding),
        _carried_by_others(finding),
        _points(finding),
        _soft(finding),
        _how_keyed(finding),
        _no_group(finding),
    )
    return tuple(note for note in notes if note)


# --- paragraphs -------------------------------------------------------------------------------


def _nothing(finding: ActionsFinding) -> str:
    what = "**What to mend first cannot be said:**"
    if finding.reason == "few":
        return f"{what} {counted(finding.n, 'answer')} are too few for a model. {wider()}"
    if finding.reason == "nothing accounted for":
        return (
            f"{what} the groups together account for no more of {name(finding.outcome)} than "
            f"could be chance ({counted(finding.n, 'answer')}). {wider()}"
        )
    if finding.reason == "not told apart":
        return (
            f"{what} {counted(finding.n, 'answer')} stand behind "
            f"{counted(finding.n_columns, 'measure')}, fewer than 20 for each, so groups are not "
            f"told apart. {wider()}"
        )
    return f"{what} no model could be fitted to these answers."


def _headline(finding: ActionsFinding) -> str:
    first = [group for group in finding.by_key if group.quadrant == "mend first"]
    if first:
        return _mend(finding, first)
    if not finding.placed:
        return (
            "**What to mend first cannot be said:** no two groups have both a share and a "
            "measure of how well they do."
        )
    if finding.point_values:
        return (
            "**What to mend first is undecided:** with this model groups have shares without "
            "intervals, so none is clearly above or below the mean."
        )
    nearest = [
        group
        for group in finding.by_key
        if group.importance_side != "below" and group.performance_side != "above"
    ]
    if nearest:
        return _undecided(finding, nearest[0])
    return (
        "**Nothing stands out to be mended first:** no group within reach with more than the mean "
        f"share ({percent(finding.importance_line)}) is, or may well be, worse than the mean "
        f"performance ({_level(finding.performance_line)})."
    )


def _mend(finding: ActionsFinding, first: Sequence[Group]) -> str:
    names = listed([cited(group.name) for group in first])
    verb = "has" if len(first) == 1 else "each have"
    figures = "; ".join(_figures(group, with_name=len(first) > 1) for group in first)
    return (
        f"**Mend {names} first:** {'it' if len(first) == 1 else 'they'} {verb} more than the mean "
        f"share ({percent(finding.importance_line)}) of what the model accounts for in "
        f"{name(finding.outcome)} and {'does' if len(first) == 1 else 'do'} worse than the mean "
        f"({_level(finding.performance_line)}): {figures}."
    )


def _undecided(finding: ActionsFinding, group: Group) -> str:
    """The group with the largest key that may be one to mend, and what keeps it from a verdict."""
    share = f"its share of {with_interval(group.share)} is"
    above = f"above the mean of {percent(finding.importance_line)}"
    level = f"its performance of {_performance(group.performance)} is"
    below = f"below the mean of {_level(finding.performance_line)}"
    if group.importance_side == "above":
        why = f"{share} clearly {above}, but {level} not clearly {below}"
    elif group.performance_side == "below":
        why = f"{level} clearly {below}, but {share} not clearly {above}"
    else:
        why = f"{share} not clearly {above}, nor {level} clearly {below}".replace(
            f"nor {level}", f"nor is {level.removesuffix(' is')}"
        )
    return (
        "**What to mend first is undecided:** no group within reach is clearly above the mean "
        f"share and clearly below the mean performance. Nearest comes {cited(group.name)}: {why}."
    )


def _figures(group: Group, with_name: bool = False) -> str:
    text = (
        f"a share of {with_interval(group.share)} and a performance of "
        f"{_performance(group.performance)}"
    )
    return f"{cited(group.name)} with {text}" if with_name else text


def _key(finding: ActionsFinding) -> str:
    """The key ranks what the matrix leaves undecided; ahead only where that is clear."""
    ranked = finding.by_key
    if not ranked or not ranked[0].key.known:
        return ""
    first = ranked[0]
    owner = f" (owner: {first.owner})" if first.owner else ""
    text = (
        f"By its key, share × reach × gap to the best score, {cited(first.name)}{owner} comes "
        "first within reach"
    )
    if not first.following:
        return f"{text}, with {_keyed(first.key)}."
    how = "clearly ahead of" if first.clear else "not clearly ahead of"
    allowing = ALLOWING if not first.clear and first.ahead.excludes_zero else ""
    ahead = _hundredfold(first.ahead)
    by = _decimal(ahead.value)
    if ahead.has_interval:
        by += f", {_decimal(ahead.low)} to {_decimal(ahead.high)}"
    return f"{text}, {how} {cited(first.following)}{allowing} (by {by})."


def _out_of_reach(finding: ActionsFinding) -> str:
    out = any(not group.within_reach for group in finding.placed)
    return " *Out of reach*: marked so, hence shown and not recommended." if out else ""


def _carried_by_others(finding: ActionsFinding) -> str:
    """Large shares that may be what others carry as well."""
    groups = [
        group
        for group in finding.groups
        if group.adds is False and group.share.value > finding.importance_line
    ]
    if not groups:
        return ""
    names = listed([f"{cited(group.name)} ({percent(group.share.value)})" for group in groups])
    verb, share = ("is", "its share") if len(groups) == 1 else ("are", "their shares")
    return (
        f"{sentence_case(names)} {verb} not shown to add to what the rest carry: {share} may be "
        "carried by others as well."
    )


def _order(finding: ActionsFinding) -> str:
    order = finding.order
    if order is None:
        return ""
    pair = (
        f"one standard deviation of {cited(order.service.name)} goes with "
        f"{_step(order.service.step)} points, one of {cited(order.rest.name)} with "
        f"{_step(order.rest.step)}"
    )
    return (
        f"{_verdict(finding, order)}: {pair}; service less the rest "
        f"{score(order.difference.value)} ({interval(order.difference, '')})"
        f"{_cost(finding, order)}."
    )


def _verdict(finding: ActionsFinding, order: Order) -> str:
    by = " for what it costs" if order.by == "cost" else ""
    if order.verdict == "service first":
        return f"Between service and the rest of the journey, more goes with service{by}"
    if order.verdict == "the rest first":
        return f"Between service and the rest of the journey, more goes with the rest{by}"
    whether = "whether service or the rest of the journey comes first"
    if order.verdict == "measured differently":
        return (
            f"These data do not tell {whether}, since one side has ratings and the other records "
            "alone, and ratings go more closely with a score whatever is behind them"
        )
    if order.by == "cost" and order.difference.excludes_zero:
        ours = order.difference.value > 0
        larger, other = (order.service, order.rest) if ours else (order.rest, order.service)
        return (
            f"More goes with {_whose(larger)}, but it costs {_amount(finding, larger.cost)} "
            f"against {_amount(finding, other.cost)}, and for the cost these data do not tell "
            "which comes first"
        )
    return f"These data do not tell {whether}{by}"


def _whose(side: OneSide) -> str:
    return SETS.get(side.set, name(side.set))


def _amount(finding: ActionsFinding, cost: float) -> str:
    return f"{finding.currency} {integer(cost)}".strip()


def _cost(finding: ActionsFinding, order: Order) -> str:
    if order.by != "cost":
        return ""
    return (
        f", per {_amount(finding, order.per)} of cost {score(order.per_cost.value)} "
        f"({interval(order.per_cost, '')})"
    )


def _unexplained(finding: ActionsFinding) -> str:
    if not finding.unexplained.known:
        return ""
    return (
        f"{with_interval(finding.unexplained)} of the differences between answers go with nothing "
        "that is measured here. What would follow from mending anything, these data do not say."
    )


# --- the table --------------------------------------------------------------------------------


def _row(finding: ActionsFinding, group: Group) -> dict[str, str]:
    step = group.step
    return {
        "group": sentence_case(name(group.name)),
        "share (%)": with_interval(group.share).replace("%", ""),
        "one SD": _step(step.size) if step is not None else "",
        "performance": _performance(group.performance, 0) if group.performance.known else "–",
        "verdict": _judged(finding, group),
        "owner": group.owner,
    }


def _judged(finding: ActionsFinding, group: Group) -> str:
    if not group.placed:
        return "not placed"
    verdict = group.quadrant
    if verdict == "undecided":
        across = [
            what
            for what, side in (
                ("share", group.importance_side),
                ("performance", group.performance_side),
            )
            if side == "across"
        ]
        verdict = f"undecided: {' and '.join(across)}"
        if finding.point_values:
            verdict = "undecided"
    return verdict if group.within_reach else f"{verdict}; out of reach"


# --- footnotes --------------------------------------------------------------------------------


def _how_placed(finding: ActionsFinding) -> str:
    if not finding.placed:
        return ""
    return (
        f"*Verdict*: the lines are the means of the {small(len(finding.placed))} groups placed, "
        f"{percent(finding.importance_line)} of share and {_level(finding.performance_line)} of "
        "performance. *Mend first*: more share, worse performance; *keep up*: more and better; "
        "*low priority*: less and worse; *possible overkill*: less and better; *undecided*: "
        "not told apart from a line. Each group is held against the mean of all, whose own "
        "uncertainty counts, with Holm's adjustment over all groups and both lines: if all lay on "
        "them, one or more would be put on a side by chance once in twenty times."
        f"{_out_of_reach(finding)}"
    )


def _how_performing(finding: ActionsFinding) -> str:
    kinds = dict.fromkeys(group.measured_by for group in finding.placed)
    if not kinds:
        return ""
    parts = [MEASURES[kind] for kind in kinds if kind in MEASURES]
    different = ""
    if len(parts) > 1:
        different = " Groups measured in different ways are compared with caution."
    if finding.weighted:
        different += " It counts each rating once, whereas shares are weighted."
    return (
        f"*Performance*: mean from 0 (worst answer) to 100 (best), from {listed(parts)}, "
        f"{finding.period}.{different}"
    )


def _not_placed(finding: ActionsFinding) -> str:
    left = [group for group in finding.groups if not group.placed]
    if not left:
        return ""
    texts = [f"{cited(group.name)} ({group.note})" for group in left]
    return f"*Not placed*: {listed(texts)}."


def _how_stepped(finding: ActionsFinding) -> str:
    if not any(group.step is not None for group in finding.groups):
        return "*One SD*: told of least squares only, which this model is not."
    return (
        f"*One SD*: points of {name(finding.outcome)} that go with one standard deviation of the "
        "group's fitted ratings and figures, others held equal, less what chance adds to it, with "
        "95% intervals over samples of customers; it compares customers as they are. What a group "
        "shares with others counts in its share and not here."
    )


def _to_next(finding: ActionsFinding) -> str:
    """How far each group's step is ahead of that in the next row."""
    leads = [
        (group, group.step)
        for group in finding.groups
        if group.step is not None and group.step.ahead.known
    ]
    if not leads:
        return ""
    texts = [
        f"{cited(group.name)} by {_step(step.ahead)}{', told apart' if step.told_apart else ''}"
        for group, step in leads
    ]
    apart = "told apart where Holm's adjustment over all of them leaves it beyond chance"
    if not any(step.told_apart for _, step in leads):
        apart = "none told apart from the next once Holm's adjustment allows for all of them"
    return f"*Ahead of the next row* in one SD: {'; '.join(texts)} ({apart})."


def _points(finding: ActionsFinding) -> str:
    """One point of a group's only rating, where it has but one."""
    single = [group for group in finding.groups if group.step is not None and group.step.per]
    if not single:
        return ""
    texts = [
        f"{name(group.step.per)} {_step(group.step.point)}"
        for group in single
        if group.step is not None
    ]
    return f"*One point* of a group's only figure goes with: {'; '.join(texts)}."


def _soft(finding: ActionsFinding) -> str:
    """How service was rated against how long it took."""
    soft = finding.soft
    if soft is None:
        return ""
    ends = interval(soft.difference, "")
    which = "is not beyond chance"
    if soft.difference.excludes_zero:
        which = "is beyond chance"
    return (
        f"*Soft against fast*: within service, one standard deviation of {name(soft.rated)} goes "
        f"with {_step(soft.rated_step)}, one of {name(soft.timed)} with {_step(soft.timed_step)}; "
        f"the difference, {score(soft.difference.value)} ({ends}), {which}."
    )


def _how_keyed(finding: ActionsFinding) -> str:
    if not any(group.key.known for group in finding.groups):
        return ""
    ranked = sorted(
        (group for group in finding.placed if group.key.known), key=lambda each: -each.key.value
    )
    texts = [f"{cited(group.name)} {_keyed(group.key)}" for group in ranked]
    pairs = ""
    if finding.order is not None and finding.order.pairs > 1:
        by = "largest key"
        if finding.order.chosen == "step":
            by = "largest one SD, since not every group has a key"
        pairs = (
            " Advice differs on whether service or the whole journey comes first, so the two are "
            f"compared: each is represented by the group within reach with the {by}; limits of "
            f"their difference allow for all {small(finding.order.pairs)} pairs."
        )
    return (
        "*Key*: share × part of the answers that the group reaches × distance of its performance "
        f"from the best score, times 100; fixed before looking: {'; '.join(texts)}.{pairs}"
    )


def _no_group(finding: ActionsFinding) -> str:
    if not finding.no_group:
        return ""
    return (
        f"The study file names actions for {listed([cited(each) for each in finding.no_group])}, "
        "which no group of this model is called."
    )


# --- figures ----------------------------------------------------------------------------------


def _step(estimate: Estimate) -> str:
    """Outcome points with their interval."""
    return with_interval(estimate, "")


def _level(value: float) -> str:
    return f"{value:.1f} of 100"


def _performance(estimate: Estimate, digits: int = 1) -> str:
    text = f"{estimate.value:.{digits}f}"
    if not estimate.has_interval:
        return text
    return f"{text} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def _hundredfold(estimate: Estimate) -> Estimate:
    return Estimate(*(100 * each for each in (estimate.value, estimate.low, estimate.high)))


def _decimal(value: float) -> str:
    return signed(f"{value:.1f}")


def _keyed(estimate: Estimate) -> str:
    """A key times 100, with its interval."""
    times = _hundredfold(estimate)
    text = _decimal(times.value)
    if not times.has_interval:
        return text
    return f"{text} ({_decimal(times.low)} to {_decimal(times.high)})"
