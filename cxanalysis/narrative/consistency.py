"""How alike the touchpoints are rated, in words, and the holes of the journey."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.consistency import ConsistencyFinding, Hole
from cxanalysis.findings.journey import Touchpoint
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    in_words,
    integer,
    interval,
    listed,
    name,
    percent,
    score,
    sentence_case,
    small,
    with_interval,
)

MOST_NAMED = 6  # of a list inside a sentence


@describe.register
def _describe(finding: ConsistencyFinding) -> tuple[str, ...]:
    paragraphs = [_headline(finding), _range(finding), _below(finding), *_unknown(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: ConsistencyFinding) -> pd.DataFrame | None:
    rows = [_row(point) for point in finding.points]
    return pd.DataFrame(rows) if rows else None


@footnotes.register
def _footnotes(finding: ConsistencyFinding) -> tuple[str, ...]:
    if not finding.index.known:
        return ()
    half = (finding.high - finding.low) / 2
    return (
        f"*Consistency*: 1 − standard deviation between touchpoints, what chance accounts for "
        f"taken out, ÷ {half:g}, the most it could be from {finding.low:g} to {finding.high:g}. "
        "The interval takes these touchpoints for a sample of all that there might be.",
    )


def _row(point: Touchpoint) -> dict[str, str]:
    return {
        "touchpoint": sentence_case(name(point.touchpoint)),
        "stage": name(point.stage),
        "rating": amount(point.rating.value, "score"),
        "95% interval": interval(point.rating, "score") if point.rating.has_interval else "–",
        "n": integer(point.n),
        "best answer": amount(point.top_box.value, "share"),
    }


def _headline(finding: ConsistencyFinding) -> str:
    if not finding.index.known:
        return f"**How alike touchpoints are rated cannot be told:** it {in_words(finding.needs)}."
    spread = finding.spread
    alike = (
        "What differences there are may be chance"
        if spread.low == 0
        else f"Beyond chance, the ratings of {len(finding.points)} touchpoints differ by a "
        f"standard deviation of {with_interval(spread, 'score')}"
    )
    return (
        f"**Consistency is {with_interval(finding.index, 'score')}**, where 1 means that every "
        f"touchpoint is rated alike. {alike}."
    )


def _range(finding: ConsistencyFinding) -> str:
    """Worst and best touchpoint, and how often each got the best answer."""
    if len(finding.points) < 2:
        return ""
    worst, top = finding.points[0], finding.points[-1]
    answer = finding.high if finding.higher_is_better else finding.low
    boxes = ""
    if worst.top_box.known and top.top_box.known:
        boxes = (
            f" The best answer, {answer:g}, was given in {percent(worst.top_box.value)} and "
            f"{percent(top.top_box.value)} of ratings there."
        )
    return (
        f"Mean ratings run from {score(worst.rating.value)} at {cited(worst.touchpoint)} to "
        f"{score(top.rating.value)} at {cited(top.touchpoint)}.{boxes}"
    )


def _below(finding: ConsistencyFinding) -> str:
    if not finding.points:
        return ""
    word = "below" if finding.higher_is_better else "above"
    holes = [hole for hole in finding.holes if hole.why == "below"]
    if not holes:
        return f"No touchpoint has a mean rating {word} {finding.line:g}."
    names = [f"{_place(hole)} at {with_interval(hole.rating, 'score')}" for hole in holes]
    return f"Rated {word} {finding.line:g} on average: {_some(names)}."


def _unknown(finding: ConsistencyFinding) -> list[str]:
    """Where too little tells how it went; where nobody rates is told with who is heard."""
    few = [f"{_place(hole)} ({hole.n})" for hole in finding.holes if hole.why == "few ratings"]
    empty = [cited(hole.stage) for hole in finding.holes if hole.why == "no touches"]
    lines = [f"Too few ratings to show, under {finding.min_base}: {_some(few)}."] if few else []
    verb = "has" if len(empty) == 1 else "have"
    lines += [f"{sentence_case(_some(empty))} {verb} no touch in these data."] if empty else []
    return lines


def _place(hole: Hole) -> str:
    return f"{cited(hole.touchpoint)} in {cited(hole.stage)}"


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return listed(names[:MOST_NAMED] + ([f"{small(more)} more"] if more > 0 else []))
