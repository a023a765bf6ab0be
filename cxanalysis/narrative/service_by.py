"""Service by channel and team, in words: which figures differ there by more than chance."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.service_by import Difference, Group, Measure, ServiceByFinding, Split
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    coded,
    counted,
    digits_of,
    in_sentence,
    in_words,
    integer,
    listed,
    name,
    percent,
    sentence_case,
    wider,
    with_interval,
)

SIGNIFICANCE = 0.05
NAMED = 3  # differences that a sentence names


@describe.register
def _describe(finding: ServiceByFinding) -> tuple[str, ...]:
    if finding.needs:
        takes = in_words(finding.needs).removeprefix("needs ")
        return (f"**How service differs inside cannot be told:** that takes {takes}.",)
    compared = [split for split in finding.splits if split.differences]
    if not compared:
        return (
            f"**No channel can be held against another for {finding.period}:** no figure has "
            f"{finding.min_base} cases in two of them. {wider(finding.period)}",
        )
    return tuple(_said(finding, split) for split in compared)


def shown(finding: ServiceByFinding, split: Split, metric: str) -> list[tuple[Group, Estimate]]:
    """Groups of a split whose figure is known, with it."""
    place = [measure.metric for measure in finding.measures].index(metric)
    pairs = [(group, group.figures[place][1]) for group in split.groups]
    return [(group, figure) for group, figure in pairs if figure.known]


def label_of(measure: Measure) -> str:
    """A figure's name in a sentence or over a panel."""
    return in_sentence(measure.label)


def value(estimate: Estimate, unit: str) -> str:
    """A figure in its unit, percentages with the decimals that its interval bears."""
    if unit == "share":
        return percent(estimate.value, digits_of(estimate))
    return amount(estimate.value, unit)


def _said(finding: ServiceByFinding, split: Split) -> str:
    clear = sorted(
        (each for each in split.differences if each.p_adjusted < SIGNIFICANCE),
        key=lambda each: each.p_adjusted,
    )
    compared = counted(len(split.differences), "figure")
    if not clear:
        return (
            f"**By {name(split.by)}, no figure differs by more than chance** ({compared} compared)."
        )
    texts = {each.metric: _ends(finding, split, each) for each in clear}
    named = [each for each in clear if texts[each.metric]][:NAMED]
    ends = [texts[each.metric] for each in named]
    rest = [each for each in clear if each not in named]
    more = f" {sentence_case(_also(finding, rest))}." if rest and ends else ""
    verb = "differs" if len(clear) == 1 else "differ"
    which = "the one figure compared" if len(split.differences) == 1 else ""
    which = which or f"{integer(len(clear))} of {compared}"
    lead = f"**By {name(split.by)}, {which} {verb} by more than chance"
    return f"{lead}:** {listed(ends)}.{more}" if ends else f"{lead}.**{more}"


def _ends(finding: ServiceByFinding, split: Split, each: Difference) -> str:
    """From the lowest group to the highest; empty where one of them is not listed."""
    measure = next(m for m in finding.measures if m.metric == each.metric)
    figures = {group.name: figure for group, figure in shown(finding, split, each.metric)}
    if not {each.lowest, each.highest} <= figures.keys():
        return ""
    low, high = (
        f"{with_interval(figures[group], measure.unit)} in {cited(coded(group, name(split.by)))}"
        for group in (each.lowest, each.highest)
    )
    return f"{label_of(measure)} from {low} to {high}"


def _also(finding: ServiceByFinding, rest: list[Difference]) -> str:
    labels = {measure.metric: label_of(measure) for measure in finding.measures}
    return f"so {'does' if len(rest) == 1 else 'do'} {listed([labels[x.metric] for x in rest])}"


@tabulate.register
def _tabulate(finding: ServiceByFinding) -> pd.DataFrame | None:
    used = [
        place
        for place in range(len(finding.measures))
        if any(g.figures[place][1].known for split in finding.splits for g in split.groups)
    ]
    rows = []
    for split in finding.splits:
        for index, group in enumerate(split.groups):
            row = {
                "by": "" if index else sentence_case(name(split.by)),
                "group": group.name,
                "contacts": integer(group.contacts),
            }
            for place in used:
                measure = finding.measures[place]
                row[label_of(measure)] = _cell(*group.figures[place], measure.unit)
            rows.append(row)
    return pd.DataFrame(rows) if rows else None


def _cell(n: int, estimate: Estimate, unit: str) -> str:
    if not estimate.known:
        return f"withheld, n {integer(n)}" if n else "–"
    return f"{with_interval(estimate, unit)}, n {integer(n)}"


@footnotes.register
def _footnotes(finding: ServiceByFinding) -> tuple[str, ...]:
    if not finding.splits:
        return ()
    notes = [
        "Figures are defined as in the table of all contacts. An issue belongs where its first "
        "contact was.",
        "*By more than chance*: Wald's test that all groups are alike, customers as clusters, "
        "p-value after Holm over the figures compared below 0.05; a median is not tested. Groups "
        "differ in what customers come for, which is not set apart.",
    ]
    for split in finding.splits:
        if split.more:
            kind = name(split.by)
            notes.append(f"{counted(split.more, f'more {kind}', f'more {kind}s')} not listed.")
    return tuple(notes)
