"""The scorecard in words: what moved beyond noise, and what is not shown and why."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.scorecard import Figure, ScorecardFinding
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    gap,
    gap_range,
    in_sentence,
    integer,
    interval,
    listed,
    moved,
    sentence_case,
    small,
)

_VERBS = {"up": "rose", "down": "fell"}


@describe.register
def _describe(finding: ScorecardFinding) -> tuple[str, ...]:
    if not finding.figures:
        return (_nothing(finding), *_gaps(finding))
    movers = [figure for figure in finding.figures if figure.word in _VERBS]
    compared = [figure for figure in finding.figures if figure.word != "no comparison"]
    paragraphs = [_headline(finding, movers, compared), *(_move(figure) for figure in movers)]
    if movers:
        paragraphs += [_caution(len(compared))] if len(compared) > 1 else []
    return (*paragraphs, *_gaps(finding))


@tabulate.register
def _tabulate(finding: ScorecardFinding) -> pd.DataFrame | None:
    if not finding.figures:
        return None
    compared = any(figure.before.known for figure in finding.figures)
    rows = [_row(figure, finding, compared) for figure in finding.figures]
    return pd.DataFrame(rows)


@footnotes.register
def _footnotes(finding: ScorecardFinding) -> tuple[str, ...]:
    return tuple(_definition(figure) for figure in finding.figures)


def _definition(figure: Figure) -> str:
    note = f" ({figure.note})" if figure.note else ""
    return f"{cited(figure.label)}: {figure.definition}{note}."


def _row(figure: Figure, finding: ScorecardFinding, compared: bool) -> dict[str, str]:
    ends = "–"
    if figure.now.has_interval:
        ends = interval(figure.now.low, figure.now.high, figure.unit)
    row = {
        "figure": figure.label,
        _heading(finding.period): amount(figure.now.value, figure.unit),
        "95% interval": ends,
        "n": integer(figure.n),
    }
    if compared:
        row[_heading(finding.period_before)] = amount(figure.before.value, figure.unit)
        row["change"] = figure.word
    return row


def _heading(period: str) -> str:
    return sentence_case(period.removeprefix("the "))


def _headline(finding: ScorecardFinding, movers: list[Figure], compared: list[Figure]) -> str:
    if not compared:
        return (
            f"**{sentence_case(_figures(len(finding.figures)))} for {finding.period}.** "
            "There is no earlier period to compare with."
        )
    if not movers:
        return (
            f"**No clear change since {finding.period_before}:** of {_figures(len(compared))} "
            "that can be compared, none moved by more than sampling error."
        )
    number = sentence_case(small(len(movers)))
    return (
        f"**{number} of {_figures(len(compared))} moved beyond sampling error** since "
        f"{finding.period_before}: {listed([_short(figure) for figure in movers])}."
    )


def _figures(number: int) -> str:
    return f"{small(number)} figure{'' if number == 1 else 's'}"


def _short(figure: Figure) -> str:
    return f"{in_sentence(figure.label)} {figure.word}"


def _move(figure: Figure) -> str:
    change = moved(figure.before.value, figure.now.value, figure.unit)
    size = gap(figure.difference.value, figure.unit)
    ends = gap_range(figure.difference.low, figure.difference.high, figure.unit)
    return (
        f"{sentence_case(figure.label)} {_VERBS[figure.word]} {change}, by {size} "
        f"(95% interval {ends}; {integer(figure.n)} now, {integer(figure.n_before)} before)."
    )


def _caution(compared: int) -> str:
    return f"The test allows for {small(compared)} figures being watched at once."


def _nothing(finding: ScorecardFinding) -> str:
    return f"**No figure can be shown for {finding.period}.**"


def _gaps(finding: ScorecardFinding) -> tuple[str, ...]:
    lines = []
    if finding.withheld:
        items = [
            f"{in_sentence(figure.label)} ({integer(figure.n)})" for figure in finding.withheld
        ]
        lines.append(f"Withheld, with fewer than {finding.min_base} behind them: {listed(items)}.")
    if finding.missing:
        lines.append(f"Not shown: {'; '.join(_missing(finding))}.")
    return tuple(lines)


def _missing(finding: ScorecardFinding) -> list[str]:
    """Figures that are missing for the same reason, together."""
    labels: dict[str, list[str]] = {}
    for item in finding.missing:
        labels.setdefault(item.needs, []).append(in_sentence(item.label))
    return [
        f"{listed(names)} ({'needs' if len(names) == 1 else 'need'} {needs})"
        for needs, names in labels.items()
    ]
