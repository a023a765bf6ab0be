"""How long is too long, in words: where ratings turn, who gives up when, what handling brings."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.curves import (
    SIGNIFICANCE,
    Bin,
    Curve,
    CurvesFinding,
    SelfService,
    Stretch,
)
from cxanalysis.metrics.rows import EVERYONE
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    duration,
    gap,
    gap_range,
    hours,
    in_words,
    integer,
    listed,
    name,
    percent,
    score,
    sentence_case,
    small,
    wider,
    with_interval,
)

PER = 100  # minutes waited


@describe.register
def _describe(finding: CurvesFinding) -> tuple[str, ...]:
    paragraphs = [_waiting(finding), _giving_up(finding), _handling(finding)]
    said = [paragraph for paragraph in paragraphs if paragraph]
    if not said:
        return (_nothing(finding),)
    if not said[0].startswith("**"):
        said[0] = f"**{said[0].replace('. ', '.** ', 1)}" if ". " in said[0] else f"**{said[0]}**"
    return (*said, *_needs(finding))


def main_curve(curves: tuple[Curve, ...]) -> Curve | None:
    """The curve to name: one that turns, else the one with most contacts."""
    compared = [curve for curve in curves if curve.compared]
    turned = [curve for curve in compared if curve.turn]
    clear = min(turned, key=lambda curve: curve.bins[curve.turn].p_adjusted, default=None)
    return clear or (compared[0] if compared else None)


def span(low: float, high: float, begin: float = 0.0) -> str:
    """The time of a bin: "under 10 s", "10 to 30 s", "3 min or longer"."""
    if low <= begin and high == math.inf:
        return "any time"
    if low <= begin:
        return f"under {moment(high)}"
    if high == math.inf:
        return f"{moment(low)} or longer"
    first, last = moment(low).split(" "), moment(high).split(" ")
    bare = len(first) == len(last) == 2 and first[1] == last[1]
    return f"{first[0] if bare else moment(low)} to {moment(high)}"


def moment(seconds: float) -> str:
    """A round length of time: "90 s" is "1 min 30 s", 43,200 is "12 hours"."""
    text = duration(seconds) if seconds < 72 * 3600 else hours(seconds / 3600)
    return text.replace(".0 ", " ")


def titled(curve: Curve) -> str:
    """A curve's channel and clock, for a heading or a cell: "Phone, in the queue"."""
    channel = "" if curve.channel == EVERYONE else sentence_case(name(curve.channel))
    return sentence_case(", ".join(part for part in (channel, curve.clock) if part))


def _nothing(finding: CurvesFinding) -> str:
    if finding.needs_waits and finding.needs_giving_up:
        lacks = [finding.needs_waits, finding.needs_giving_up]
        unique = listed(
            list(dict.fromkeys(in_words(lack).removeprefix("needs ") for lack in lacks))
        )
        return f"**How long is too long cannot be told:** that takes {unique}."
    return (
        f"**How long is too long cannot be told for {finding.period}:** there are too few contacts "
        f"to compare short waits with long ones. {wider(finding.period)}"
    )


# --- waiting -------------------------------------------------------------------------------


def _waiting(finding: CurvesFinding) -> str:
    doubled = [each for each in finding.waits if each.p_doubling < SIGNIFICANCE]
    falling = [each for each in doubled if (each.doubling.value < 0) == finding.higher_is_better]
    curve = main_curve(finding.waits)
    if curve is None:
        return ""
    if not curve.turn:
        curve = main_curve(tuple(falling)) or curve
    first = curve.bins[0]
    if curve.turn:
        turned = curve.bins[curve.turn]
        lead = (
            f"**The curve turns at {moment(turned.low)}{_on(curve)}:** {_dissatisfied(turned)} "
            f"were dissatisfied, {_dissatisfied(first)}: {_more(turned.gap)}. With more ratings, a "
            "shorter wait might be told apart too."
        )
    else:
        last = [each for each in curve.bins if each.value.known][-1]
        title = (
            "Longer waits go with worse ratings, but no turn is clear"
            if falling
            else "No wait is told apart as too long"
        )
        lead = (
            f"**{title}:** {_place(curve)}{_dissatisfied(last)} were dissatisfied, "
            f"{_dissatisfied(first)}; {_unclear(last.gap, n=finding.n_compared)}."
        )
    n = len([each for each in finding.waits if each.doubling.known])
    slopes = [_doubling(each, curve, n) for each in (falling or [curve]) if each.doubling.known]
    return " ".join(filter(None, [lead, *slopes, _perception(curve)]))


def _on(curve: Curve) -> str:
    return "" if curve.channel == EVERYONE else f" in the channel {cited(curve.channel)}"


def _place(curve: Curve) -> str:
    return "" if curve.channel == EVERYONE else f"in the channel {cited(curve.channel)}, "


def _dissatisfied(each: Bin) -> str:
    return (
        f"{with_interval(each.value)} of {integer(each.n)} who waited {span(each.low, each.high)}"
    )


def _more(difference: Estimate, unit: str = "share") -> str:
    word = "more" if difference.value > 0 else "less"
    ends = gap_range(difference.low, difference.high, unit)
    return f"{gap(difference.value, unit)} {word} ({ends})"


def _unclear(difference: Estimate, unit: str = "share", n: int = 1) -> str:
    """A difference that is no clear one among ``n`` compared."""
    ends = gap_range(difference.low, difference.high, unit)
    allowed = f" once {small(n)} are compared" if difference.excludes_zero and n > 1 else ""
    points = " points" if unit == "share" else ""
    return f"the difference ({ends}{points}) is within noise{allowed}"


def _doubling(curve: Curve, named: Curve, n: int) -> str:
    """How far ratings differ where the wait doubles, and whether that is more than noise."""
    estimate = curve.doubling
    side = "lower" if estimate.value < 0 else "higher"
    size, ends = gap(estimate.value, "score"), gap_range(estimate.low, estimate.high, "score")
    allowed = f" once {small(n)} channels are compared" if estimate.excludes_zero and n > 1 else ""
    noise = "" if curve.p_doubling < SIGNIFICANCE else f", which is within noise{allowed}"
    where = "" if curve is named else _on(curve)
    return f"A wait twice as long goes with a mean rating {size} {side}{where} ({ends}){noise}."


def _perception(curve: Curve) -> str:
    """The same wait, felt otherwise: the bin with most ratings."""
    fullest = max(curve.bins, key=lambda each: each.n)
    if not fullest.value.known or math.isnan(fullest.satisfied):
        return ""
    return (
        f"Much the same wait is felt differently: of {integer(fullest.n)} who waited "
        f"{span(fullest.low, fullest.high)}, {percent(fullest.value.value)} were dissatisfied and "
        f"{percent(fullest.satisfied)} satisfied."
    )


# --- giving up -----------------------------------------------------------------------------


def _giving_up(finding: CurvesFinding) -> str:
    known = [each for each in finding.giving_up if each.per_minute.known]
    if not known:
        return ""
    gone = finding.giving_up[-1].gone
    gone = gone if gone.known else known[-1].gone
    lead = (
        f"Of {integer(finding.n_queue)} contacts in the queue, {with_interval(gone)} were given up."
    )
    return " ".join(filter(None, [lead, _hazard(known), _would(known), _why(finding)]))


def _hazard(known: list[Stretch]) -> str:
    """Whether those who had waited longer gave up faster, slower or alike."""
    first = known[0]
    if len(known) < 2:
        return f"Per {PER} minutes waited that is {_rate(first)}."
    turn = next((each for each in known[1:] if each.p_adjusted < SIGNIFICANCE), None)
    other = turn or known[-1]
    rates = (
        f"per {PER} minutes waited, {_rate(other)} gave up {span(other.low, other.high)} into the "
        f"wait, {_rate(first)} {span(first.low, first.high)} into it"
    )
    if turn is None:
        return f"{sentence_case(rates)}; no stretch of the wait is told apart from the first."
    word = "faster" if turn.per_minute.value > first.per_minute.value else "more slowly"
    return f"From {moment(turn.low)} on customers gave up {word} than at first: {rates}."


def _rate(each: Stretch) -> str:
    value, low, high = (PER * x for x in _ends(each.per_minute))
    digits = 0 if value >= 10 or value == 0 else 1
    top = "over 1,000" if high > 1000 else f"{high:,.{digits}f}"
    return f"{value:,.{digits}f} ({low:,.{digits}f} to {top})"


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _would(known: list[Stretch]) -> str:
    told = [each for each in known if each.would.known and each.would.value > 0]
    if not told:
        return ""
    return (
        f"Had nobody been answered, {with_interval(told[-1].would)} would have given up by "
        f"{moment(told[-1].high)}."
    )


def _why(finding: CurvesFinding) -> str:
    """The two rival explanations, and what the data say between them."""
    lead = "Giving up may come of the wait or of having had no way to help oneself"
    if finding.self_service is not None:
        return f"{lead}. {_tried(finding, finding.self_service)}"
    if finding.needs_self_service:
        lack = in_words(f"needs {finding.needs_self_service}").removeprefix("needs ")
        return f"{lead}; to tell these apart takes {lack}, to see who had tried that first."
    return f"{lead}; too few had tried that first to tell these apart."


def _tried(finding: CurvesFinding, found: SelfService) -> str:
    shares = (
        f"Of {integer(found.n_tried)} who had tried self-service in the {finding.hours:g} hours "
        f"before, {percent(found.tried)} would have given up by {moment(found.seconds)} had nobody "
        f"been answered, of {integer(found.n_others)} others {percent(found.others)}"
    )
    if found.gap.has_interval and found.gap.excludes_zero:
        return (
            f"{shares}: {_more(found.gap)}. Both had waited as long, so the wait alone does not "
            "account for that."
        )
    return f"{shares}; {_unclear(found.gap)}." if found.gap.has_interval else f"{shares}."


# --- handling ------------------------------------------------------------------------------


def _handling(finding: CurvesFinding) -> str:
    resolved, rated = main_curve(finding.resolved), main_curve(finding.rated)
    parts = []
    if resolved is not None:
        parts.append(_resolved(resolved))
    if rated is not None:
        alike = resolved is not None and resolved.channel == rated.channel
        parts.append(_rated(rated, "" if alike else _place(rated)))
    if not parts:
        return ""
    turned = any(curve is not None and curve.turn for curve in (resolved, rated))
    knee = "" if turned else " No handling time is told apart from the shortest."
    return f"{' '.join(parts)}{knee}"


def _pair(curve: Curve) -> tuple[Bin, Bin]:
    """The bin first told apart from the shortest handling, else the longest, and the shortest."""
    known = [each for each in curve.bins if each.value.known]
    return (curve.bins[curve.turn] if curve.turn else known[-1]), curve.bins[0]


def _resolved(curve: Curve) -> str:
    other, first = _pair(curve)
    end = f": {_more(other.gap)}" if curve.turn else f"; {_unclear(other.gap, n=_compared(curve))}"
    return sentence_case(
        f"{_place(curve)}{with_interval(other.value)} of {integer(other.n)} issues handled "
        f"{span(other.low, other.high)} were resolved at the first contact, "
        f"{with_interval(first.value)} of {integer(first.n)} handled "
        f"{span(first.low, first.high)}{end}."
    )


def _rated(curve: Curve, place: str) -> str:
    other, first = _pair(curve)
    unclear = _unclear(other.gap, "score", _compared(curve))
    end = f": {_more(other.gap, 'score')}" if curve.turn else f"; {unclear}"
    return sentence_case(
        f"{place}contacts handled {span(other.low, other.high)} were rated "
        f"{with_interval(other.value, 'score')}, those handled {span(first.low, first.high)} "
        f"{with_interval(first.value, 'score')}{end}."
    )


def _compared(curve: Curve) -> int:
    return sum(each.gap.known for each in curve.bins)


# --- table and footnotes -------------------------------------------------------------------


def _needs(finding: CurvesFinding) -> tuple[str, ...]:
    lacks = [
        f"{what} ({in_words(lack)})"
        for what, lack in (
            ("ratings by the wait", finding.needs_waits),
            ("giving up by the wait", finding.needs_giving_up),
            ("what longer handling brings", finding.needs_handling),
        )
        if lack
    ]
    return (f"Not shown: {'; '.join(lacks)}.",) if lacks else ()


@tabulate.register
def _tabulate(finding: CurvesFinding) -> pd.DataFrame | None:
    rows = []
    for curve in finding.waits:
        rows += [_row("Dissatisfied", curve, each, "share") for each in curve.bins]
    rows += [_stretch_row(each) for each in finding.giving_up]
    for label, curves, unit in (
        ("Resolved first", finding.resolved, "share"),
        ("Mean rating", finding.rated, "score"),
    ):
        for curve in curves:
            rows += [_row(f"{label}, by handling", curve, each, unit) for each in curve.bins]
    if not rows:
        return None
    table = pd.DataFrame(rows)
    table["about"] = table["about"].where(table["about"] != table["about"].shift(), "")
    return table


def _row(about: str, curve: Curve, each: Bin, unit: str) -> dict[str, str]:
    known = each.value.known
    ends = f"{gap_range(each.gap.low, each.gap.high, unit)}" if each.gap.has_interval else "–"
    return {
        "about": about,
        "of": titled(curve),
        "time": span(each.low, each.high),
        "n": integer(each.n),
        "figure": with_interval(each.value, unit) if known else "withheld",
        "minus the first": ends,
        "mean rating; standard deviation": _mean(each),
    }


def _mean(each: Bin) -> str:
    """The mean rating of a bin with its standard deviation, where the figure is another one."""
    if not each.mean.known:
        return ""
    inside = "" if math.isnan(each.spread) else f"; {score(each.spread)}"
    return f"{with_interval(each.mean, 'score')}{inside}"


def _stretch_row(each: Stretch) -> dict[str, str]:
    end = f"by {moment(each.high)}" if each.high < math.inf else "in the end"
    by = f"; {percent(each.gone.value)} gave up {end}" if each.gone.known else ""
    by += f", {percent(each.would.value)} would have" if by and each.would.known else ""
    return {
        "about": f"Gave up per {PER} minutes waited",
        "of": "In the queue",
        "time": span(each.low, each.high),
        "n": integer(each.waiting),
        "figure": f"{_rate(each)}{by}" if each.per_minute.known else "withheld",
        "minus the first": "clear" if each.p_adjusted < SIGNIFICANCE else "–",
        "mean rating; standard deviation": "",
    }


@footnotes.register
def _footnotes(finding: CurvesFinding) -> tuple[str, ...]:
    notes = []
    if finding.waits:
        notes.append(
            f"*Dissatisfied*: the two worst answers of {finding.low:g} to {finding.high:g} (the "
            "one worst of a short scale). The wait is the time in the queue where that is known, "
            "else the time to the first reply; its bins are cut before any rating is looked at. "
            "Only contacts that were answered and rated count, so those who gave up are not heard."
        )
    if finding.waits or finding.resolved or finding.rated:
        notes.append(
            "A bin is told apart from the first of its channel where the p-value, after Holm over "
            "all bins compared, is below 0.05. Customers, not contacts, are the unit."
        )
    if any(each.per_minute.known for each in finding.giving_up):
        spared = (
            f" Contacts given up before {finding.short_seconds:g} s are left out."
            if finding.short_seconds
            else ""
        )
        notes.append(
            f"*Gave up per {PER} minutes waited*: customers who gave up ÷ minutes waited in that "
            "stretch by all who were still there.{} *Gave up by* a time: ÷ all contacts in the "
            "queue, the answered ones included. *Would have*: had nobody been answered by then "
            "(Kaplan–Meier), taking it that those answered soon were as patient as the others; it "
            "is therefore never the lower of the two.".format(spared)
        )
    if finding.resolved or finding.rated:
        notes.append(
            "*Handled*: the first handled contact of an issue for resolved first, each rated "
            "contact for the mean rating. Harder matters take longer, which these figures do not "
            "set apart."
        )
    return tuple(notes)
