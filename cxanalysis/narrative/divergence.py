"""Served well and still not content, in words."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.divergence import Cell, DivergenceFinding, Place
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    digits_of,
    gap,
    gap_range,
    in_words,
    integer,
    interval,
    listed,
    percent,
    score,
    small,
    wider,
    with_interval,
)

MOST_NAMED = 3


@describe.register
def _describe(finding: DivergenceFinding) -> tuple[str, ...]:
    if finding.needs:
        return (
            "**Whether the well served are content cannot be told:** that "
            f"{in_words(finding.needs)}.",
        )
    if not _whole(finding):
        return (
            "**Too few answers follow a rated contact to tell whether the well served are "
            f"content:** {integer(finding.n)} for {finding.period}, and {finding.min_base} are "
            f"needed. {wider(finding.period)}",
        )
    paragraphs = (_headline(finding), _against(finding), _on_the_way(finding))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: DivergenceFinding) -> pd.DataFrame | None:
    if len(finding.places) < 2:
        return None
    return pd.DataFrame([_row(place, finding.level) for place in finding.places])


@footnotes.register
def _footnotes(finding: DivergenceFinding) -> tuple[str, ...]:
    if finding.needs or not _whole(finding):
        return ()
    return (
        "*Served well*: the last rated contact that was over (or opened, where its end is not "
        f"known) in the {finding.lookback_days} days before an answer was rated "
        f"{finding.contact_best}. *Content*: the answer gave "
        f"{finding.overall_best} to overall satisfaction. Intervals take the customer as the unit.",
        "Only customers who rated a contact and answered a survey are here: neither all who were "
        "served nor all customers. Somebody who is not content may rate everything lower.",
    )


def _whole(finding: DivergenceFinding) -> bool:
    return bool(finding.cells) and all(cell.share.known for cell in finding.cells)


def _row(place: Place, level: str) -> dict[str, str]:
    return {
        level: name_of(place),
        "not content": f"{score(place.rating)} ({integer(place.n)})",
        "content": f"{score(place.others)} ({integer(place.n_others)})",
        "difference": score(place.difference.value),
        "95% interval": interval(place.difference, "score"),
        "more than chance": "yes" if place.is_clear else "not shown",
    }


def name_of(place: Place) -> str:
    """A place as a table names it."""
    return ": ".join(part for part in (place.stage, place.touchpoint) if part)


def _headline(finding: DivergenceFinding) -> str:
    unhappy = finding.cell(served_well=True, content=False)
    happy = finding.cell(served_well=True, content=True)
    answers = counted(finding.n, "answer")
    if unhappy.within.known:
        text = (
            f"**Of those served well, {percent(unhappy.within.value, digits_of(unhappy.within))} "
            f"({interval(unhappy.within)}) are still not content:** {integer(unhappy.n)} of "
            f"{counted(unhappy.n + happy.n, 'answer')} after a contact that was rated well, and "
            f"{percent(unhappy.share.value, digits_of(unhappy.share))} of all {answers} after a "
            "rated one."
        )
    else:
        text = (
            f"**{percent(unhappy.share.value, digits_of(unhappy.share))} "
            f"({interval(unhappy.share)}) were served well and are still not content:** "
            f"{integer(unhappy.n)} of {answers} after a rated contact."
        )
    return text


def _against(finding: DivergenceFinding) -> str:
    """Whether being served well goes with being content at all."""
    badly = [finding.cell(served_well=False, content=content) for content in (False, True)]
    unhappy = badly[0]
    if not unhappy.within.known:
        n = sum(cell.n for cell in badly)
        return (
            f"After a contact rated lower there are {counted(n, 'answer')}, fewer than "
            f"{finding.min_base}, so what part of them is content is not said."
        )
    text = (
        f"Of those not served well, {with_interval(unhappy.within)} are not content "
        f"({integer(unhappy.n)} of {integer(sum(cell.n for cell in badly))})"
    )
    if not finding.difference.has_interval:
        return f"{text}."
    digits = digits_of(finding.difference)
    ends = gap_range(finding.difference.low, finding.difference.high, "share", digits)
    size = gap(finding.difference.value, "share", digits)
    if not finding.difference.excludes_zero:
        return f"{text}; the difference of {size} may be chance ({ends})."
    more = "more" if finding.difference.value > 0 else "fewer"
    return (
        f"{text}, {size} {more} ({ends}): how help went goes with the whole, and is not all of it."
    )


def _on_the_way(finding: DivergenceFinding) -> str:
    """What those served well met elsewhere, by whether they are content."""
    if not finding.places:
        return ""
    if finding.level == "journey":
        return _altogether(finding.places[0])
    clear = [place for place in finding.places if place.is_clear]
    among = f"{small(len(finding.places))} {finding.level}s with enough ratings"
    if not clear:
        worst = finding.places[0]
        return (
            f"Among the well served, no place on the way is clearly rated otherwise by those not "
            f"content: of {among} the worst figure is {score(worst.rating)}, at {_cited(worst)}."
        )
    parts = [
        f"{_cited(place)} ({score(place.rating)}, against {score(place.others)})"
        for place in clear[:MOST_NAMED]
    ]
    return (
        "Among the well served, those not content rated these places on the way otherwise than "
        f"those content, by more than chance: {listed(parts)} (of {among}, Holm's adjustment)."
    )


def _altogether(place: Place) -> str:
    size = Estimate(abs(place.difference.value))
    side = "below" if place.difference.value < 0 else "above"
    text = (
        "Among the well served, those not content rated touches elsewhere on the way "
        f"{score(place.rating)} on average (from {counted(place.n, 'rating')}), "
        f"{score(size.value)} {side} those content"
    )
    ends = " to ".join(score(end) for end in sorted((place.difference.low, place.difference.high)))
    more = "" if place.is_clear else "; that may be chance"
    return f"{text} (difference {ends}{more}). There are too few ratings to name a touchpoint."


def _cited(place: Place) -> str:
    if not place.touchpoint:
        return cited(place.stage)
    return f"{cited(place.touchpoint)} in {cited(place.stage)}"


def cell_text(cell: Cell) -> str:
    """What stands in a cell of the picture."""
    return f"{with_interval(cell.share)}\n{counted(cell.n, 'answer')}"
