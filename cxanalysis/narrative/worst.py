"""The worst touches, in words: who had one, what score follows, where, and who hears of it."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.worst import Hit, Place, Told, WorstFinding
from cxanalysis.memory.rated import CONTACT
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    in_words,
    integer,
    interval,
    listed,
    name,
    percent,
    points,
    score,
    sentence_case,
    small,
    with_interval,
)

MOST_NAMED = 2  # touchpoints in the sentence
DIGITS = 1  # of the percentages by touchpoint, which stand in one column


@describe.register
def _describe(finding: WorstFinding) -> tuple[str, ...]:
    paragraphs = [_headline(finding), _places(finding), _after(finding), _told(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@caption.register
def _caption(finding: WorstFinding) -> str:
    return _places(finding) or describe(finding)[0]


@tabulate.register
def _tabulate(finding: WorstFinding) -> pd.DataFrame | None:
    rows = [_row(place, finding) for place in finding.places]
    return pd.DataFrame(rows) if rows and finding.n_worst else None


@footnotes.register
def _footnotes(finding: WorstFinding) -> tuple[str, ...]:
    if finding.lowest is None or not finding.lowest.share.known:
        return ()
    notes = [
        f"*Rated {bad(finding.lowest)}*: at the lowest answer there is. Only rated touches count; "
        "customers who do not rate may have had worse ones. Intervals take the customer as the "
        "unit."
    ]
    if any(place.touchpoint == CONTACT for place in finding.places):
        notes[0] += (
            " A contact counts in the period in which it was over; where contacts are counted by "
            "their beginning, a few more or fewer are rated."
        )
    if any(hit is not None and hit.held.known for hit in (finding.lowest, finding.low)):
        notes.append(
            "*Mean and number of ratings held equal*: by least squares, among answers with two "
            f"rated touches or more in the {finding.days} days before. A difference that is left "
            "would say that the mean hides something; it would not say why."
        )
    if finding.told:
        notes.append(
            "*Told in public*: as far as it was noticed. Reach adds up the people who could read "
            "each message; many of them may not have, and some could read several."
        )
    return tuple(notes)


def bad(hit: Hit) -> str:
    """The ratings that count: "1", "1 or 2"."""
    if hit.worst == hit.mildest:
        return f"{hit.worst:g}"
    return f"{hit.worst:g} or {hit.mildest:g}"


def _row(place: Place, finding: WorstFinding) -> dict[str, str]:
    rated = "1" if finding.lowest is None else bad(finding.lowest)
    return {
        "touchpoint": sentence_case(name(place.touchpoint)),
        "stage": name(place.stage),
        f"rated {rated}": percent(place.share.value, DIGITS),
        "95% interval": interval(place.share, digits=DIGITS),
        "number": integer(place.worst),
        "ratings": integer(place.n),
    }


def _headline(finding: WorstFinding) -> str:
    hit = finding.lowest
    if hit is None:
        return f"**What was worst cannot be told:** it {in_words(finding.needs)}."
    if not hit.share.known:
        return (
            f"**What was worst cannot be told for {finding.period}:** fewer than "
            f"{finding.min_base} customers rated a touch then."
        )
    if hit.share.value == 0:
        return (
            f"**Nobody rated a touch {bad(hit)}**, of {counted(hit.n, 'customer')} who rated any; "
            f"the interval goes up to {percent(hit.share.high, 1)}."
        )
    also = ""
    if finding.low is not None and finding.low.share.known:
        also = f"; {with_interval(finding.low.share)} rated one {bad(finding.low)}"
    return (
        f"**{with_interval(hit.share)} of customers rated a touch {bad(hit)}, the lowest answer "
        f"there is**, of {integer(hit.n)} who rated any{also}."
    )


def _places(finding: WorstFinding) -> str:
    """Where most of the worst touches are."""
    if finding.lowest is None or not finding.n_worst:
        return ""
    most = sorted(finding.places, key=lambda place: -place.worst)[:MOST_NAMED]
    named = [
        f"{percent(place.of_all)} were at {cited(place.touchpoint)}, "
        f"{with_interval(place.share, digits=DIGITS)} of ratings there"
        for place in most
        if place.worst
    ]
    few = ""
    if finding.n_withheld:
        few = (
            f" {counted(finding.n_withheld, 'touchpoint')} with fewer than {finding.min_base} "
            f"ratings {'is' if finding.n_withheld == 1 else 'are'} not shown."
        )
    found = counted(finding.n_worst, "rating")
    where = f"{'; '.join(named)}" if named else "none was at a touchpoint with enough ratings"
    return f"Of {found} of {bad(finding.lowest)}, {where}.{few}"


def _after(finding: WorstFinding) -> str:
    """The score after such a touch, at the lowest where enough answered, else at the low ones."""
    if finding.lowest is None or not finding.lowest.share.known:
        return ""
    if finding.needs_answers:
        return f"What score follows cannot be told: that {in_words(finding.needs_answers)}."
    hits = [hit for hit in (finding.lowest, finding.low) if hit is not None]
    hit = next((each for each in hits if each.difference.known), None)
    if hit is None:
        return (
            f"After a touch rated {bad(hits[-1])} there are {counted(hits[-1].n_after, 'answer')}, "
            "too few to compare with the rest."
        )
    few = ""
    if hit is not finding.lowest:
        few = (
            f" After one rated {bad(finding.lowest)} there are too few answers "
            f"({integer(finding.lowest.n_after)}) to tell."
        )
    text = (
        f"In the {finding.days} days after a touch rated {bad(hit)}, {name(finding.outcome)} is "
        f"{score(hit.after.value)} ({counted(hit.n_after, 'answer')}), otherwise "
        f"{score(hit.rest.value)} ({integer(hit.n_rest)}): a difference of "
        f"{_signed(hit.difference)}"
    )
    noise = "" if hit.difference.excludes_zero else ", which is within noise"
    return f"{text}{noise}.{_held(hit)}{few}"


def _held(hit: Hit) -> str:
    """Whether the worst touch goes with more than its part in the mean."""
    if not hit.held.known:
        return ""
    found = f" With mean and number of ratings held equal it is {_signed(hit.held)}"
    if not hit.held.excludes_zero:
        return f"{found}: no clear sign of more than its part in the mean."
    side = "lower" if hit.held.value < 0 else "higher"
    return f"{found}: such a touch goes with a {side} score than its part in the mean accounts for."


def _signed(estimate: Estimate) -> str:
    if not estimate.has_interval:
        return points(estimate.value, 2)
    ends = f"{points(estimate.low, 2)} to {points(estimate.high, 2)}"
    return f"{points(estimate.value, 2)} ({ends})"


def _told(finding: WorstFinding) -> str:
    if finding.lowest is None or not finding.lowest.share.known:
        return ""
    if not finding.told:
        return "What was told in public, and to how many, is not recorded."
    texts = [_telling(told, _rating_text(told, finding)) for told in finding.told if told.n]
    return " ".join(text for text in [*texts, _by_group(finding.recommenders)] if text)


def _by_group(groups: tuple[Told, ...]) -> str:
    """How many people detractors, passives and promoters told."""
    named = [told for told in groups if told.shared and not math.isnan(told.reach)]
    if not named:
        return ""
    first, *more = (f"what {told.who} told" for told in named)
    counts = [integer(told.reach) for told in named]
    parts = [f"{first} could be read by {counts[0]} people"]
    parts += [f"{who} by {count}" for who, count in zip(more, counts[1:], strict=True)]
    return f"Whatever the rating, {listed(parts)}."


def _rating_text(told: Told, finding: WorstFinding) -> str:
    if told.who == "bad" and finding.low is not None:
        return f"rated {bad(finding.low)}"
    return "rated low" if told.who == "bad" else "rated among the best"


def _telling(told: Told, rated: str) -> str:
    of = f"{counted(told.n, 'touch', 'touches')} {rated}"
    if not told.share.known:
        verb = "was" if told.shared == 1 else "were"
        return f"Of {of}, too few for a share, {small(told.shared)} {verb} told in public."
    text = f"Of {of}, {with_interval(told.share)} were told in public"
    if math.isnan(told.reach) or not told.shared:
        return f"{text}."
    largest = ""
    if told.shared > 1 and told.reach:
        largest = f", {percent(told.largest / told.reach)} of them through one message"
    return f"{text} and could be read by {integer(told.reach)} people{largest}."
