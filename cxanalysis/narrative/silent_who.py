"""Who the silent are, in words: worth, ratings, promises and leaving beside the heard."""

from __future__ import annotations

import math
from collections.abc import Callable

from cxanalysis.findings.core import period_title
from cxanalysis.findings.silent_who import Contrast, Trait, Who
from cxanalysis.narrative.words import (
    counted,
    digits_of,
    gap_range,
    integer,
    interval,
    listed,
    percent,
    score,
    signed,
    signed_gap,
    small,
    with_interval,
)

_NAMES = {
    "value_mean": "average value",
    "rating": "average rating",
    "promises_kept": "promises kept",
}
_UNITS = {"value_mean": "money", "rating": "score", "promises_kept": "share"}


def who_they_are(who: Who) -> str:
    """What the silent are worth and how their journey went, beside the heard; empty for none."""
    sentences = [_worth(who)]
    known = [each for each in who.contrasts if each.metric in _NAMES]
    clear = [each for each in known if each.clear]
    alone = [each for each in known if not each.clear and each.difference.excludes_zero]
    unclear = [each for each in known if not each.clear and not each.difference.excludes_zero]
    if clear:
        differences = listed([_difference(each, who.currency) for each in clear])
        sentences.append(f"They differ from those who were heard in {differences}.")
    if alone:
        differences = listed([_difference(each, who.currency) for each in alone])
        whom = "" if clear else " from those who were heard"
        watched = "that were" if len(alone) == 1 else "each of these were"
        sentences.append(
            f"In {differences} they would differ{whom} if {watched} watched alone, not among "
            f"{small(len(who.contrasts))}."
        )
    if unclear:
        differences = listed([_difference(each, who.currency) for each in unclear])
        sentences.append(
            f"In {differences} no clear difference is seen."
            if clear or alone
            else f"They do not clearly differ from those who were heard in {differences}."
        )
    return " ".join(sentence for sentence in sentences if sentence)


def who_leaves(who: Who, days: int, period: str) -> str:
    """Whether the silent leave more often, and whether those who left had been heard."""
    since = f"in the {days} days before the period"
    if period == period_title(None):
        since = f"in the first {days} days of the records"
    lost = [each for each in who.contrasts if each.metric == "lost"]
    # Where nobody left, there is nothing to compare.
    sentences = [
        _leaving(each, since, len(who.contrasts))
        for each in lost
        if each.silent.value or each.heard.value
    ]
    if who.lost_without_ticket.known:
        sentences.append(_last_days(who, days))
    return " ".join(sentences)


def _last_days(who: Who, days: int) -> str:
    """How many of those who left had not been heard, beside those who stayed."""
    text = (
        f"Of {counted(who.n_lost, 'customer')} who left, "
        f"{with_interval(who.lost_without_ticket)} had opened no ticket in their last "
        f"{counted(days, 'day')}, and {with_interval(who.lost_unheard)} had not answered a survey "
        "either"
    )
    if not who.kept_without_ticket.known:
        return f"{text}; how many of those who stayed had not is not known."
    return (
        f"{text}; of {integer(who.n_kept)} who stayed it is "
        f"{with_interval(who.kept_without_ticket)} and {with_interval(who.kept_unheard)} in "
        "as many days up to the end."
    )


def who_cells(who: Who, group: str) -> dict[str, str]:
    """The cells of one group in the table; only columns in which some group has a figure."""
    columns: dict[str, Callable[[Trait], str]] = {
        "average value": lambda trait: _plain(trait.value.value),
        "median value": lambda trait: _plain(trait.median_value),
        "of all value": lambda trait: _part(trait.value_share.value),
        "average rating": lambda trait: _mean(trait.rating.value),
        "promises kept": lambda trait: _part(trait.promises_kept.value),
    }
    own = next((trait for trait in who.traits if trait.group == group), Trait(group))
    return {
        name: cell(own)
        for name, cell in columns.items()
        if any(cell(trait) != "–" for trait in who.traits)
    }


def who_notes(who: Who) -> tuple[str, ...]:
    """How these figures are counted; none where there are none."""
    notes = []
    if any(each.metric in _NAMES for each in who.contrasts):
        notes.append(
            "*Value*: as the customers table has it. The interval of a difference in average value "
            "is freed of skewness (Hall's transformation); ratings and promises are those of the "
            "period, with the customer as the unit. *Heard*: with a ticket, an answer or both."
        )
    if any(each.metric == "lost" for each in who.contrasts):
        notes.append(
            "*Leaving*: silence is counted before the period, among customers who were there all "
            "that time; counted within it, whoever left early would seem silent."
        )
    return tuple(notes)


def _worth(who: Who) -> str:
    silent = next((trait for trait in who.traits if trait.group == "neither"), None)
    if silent is None or not silent.value_share.known or silent.value_share.value == 1:
        return ""
    return f"The silent hold {with_interval(silent.value_share)} of active customers' value."


def _difference(contrast: Contrast, currency: str) -> str:
    unit, difference = _UNITS[contrast.metric], contrast.difference
    name, silent, heard = _NAMES[contrast.metric], contrast.silent.value, contrast.heard.value
    if unit == "money":
        apart, low, high = (_signed(end) for end in vars(difference).values())
        both = f"{integer(silent)} against {integer(heard)} {currency}".rstrip()
        return f"{name} ({both}; {apart}, {low} to {high})"
    if unit == "score":
        ends = gap_range(difference.low, difference.high, "score")
        apart = signed_gap(difference.value, "score")
        return f"{name} ({score(silent)} against {score(heard)}; {apart}, {ends})"
    digits = digits_of(difference)
    ends = gap_range(difference.low, difference.high, "share", digits)
    apart = signed_gap(difference.value, "share", digits)
    return f"{name} ({percent(silent)} against {percent(heard)}; {apart} points, {ends})"


def _leaving(contrast: Contrast, since: str, watched: int) -> str:
    digits = digits_of(contrast.difference)
    ends = gap_range(contrast.difference.low, contrast.difference.high, "share", digits)
    apart = signed_gap(contrast.difference.value, "share", digits)
    verdict = f", no clear difference ({apart} points, {ends})"
    if contrast.difference.excludes_zero:
        verdict = (
            f", a difference of {apart} points ({ends}) if it were watched alone, not among "
            f"{small(watched)}"
        )
    if contrast.clear:
        verdict = f", a difference of {apart} points ({ends})"
    shown = max(digits, 1)
    return (
        f"Of {counted(contrast.n, 'customer')} silent {since}, "
        f"{percent(contrast.silent.value, shown)} ({interval(contrast.silent, digits=shown)}) then "
        f"left; of {integer(contrast.n_heard)} heard, {percent(contrast.heard.value, shown)} "
        f"({interval(contrast.heard, digits=shown)}){verdict}."
    )


def _signed(value: float) -> str:
    text = integer(value)
    return f"+{text}" if value > 0 and text != "0" else signed(text)


def _plain(value: float) -> str:
    return "–" if math.isnan(value) else integer(value)


def _part(value: float) -> str:
    return "–" if math.isnan(value) else percent(value)


def _mean(value: float) -> str:
    return "–" if math.isnan(value) else score(value)
