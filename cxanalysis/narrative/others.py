"""Figures of others in words: benchmarks are compared, quoted figures only stand beside."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.others import Gap, OthersFinding, Quote
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    digits_of,
    gap,
    gap_range,
    in_sentence,
    in_words,
    integer,
    interval,
    listed,
    percent,
    sentence_case,
    small,
    with_interval,
)


@describe.register
def _describe(finding: OthersFinding) -> tuple[str, ...]:
    told = [each for each in finding.gaps if each.word in ("above", "below")]
    paragraphs = [_headline(finding, told)]
    paragraphs += [_gap(each) for each in told]
    near = [each for each in finding.gaps if each not in told and each.difference.excludes_zero]
    if near:
        names = listed([in_sentence(each.label) for each in near])
        paragraphs.append(
            f"With {small(len(finding.gaps))} benchmarks compared at once some differ by chance: "
            f"{names} would count as different if compared alone, and "
            f"{'does' if len(near) == 1 else 'do'} not once that is allowed for."
        )
    paragraphs += [_quote(quote) for quote in finding.quotes if quote.own.known]
    if any(quote.own.known for quote in finding.quotes):
        paragraphs.append(
            "A quoted figure has no customers that yours could be compared with, so nothing is "
            "tested here: the two only stand side by side."
        )
    withheld = [in_words(quote.note) for quote in finding.quotes if not quote.own.known]
    if withheld:
        paragraphs.append(f"Quoted figures left out, with nothing beside them: {listed(withheld)}.")
    return tuple(paragraphs)


@tabulate.register
def _tabulate(finding: OthersFinding) -> pd.DataFrame | None:
    if not finding.gaps:
        return None
    return pd.DataFrame(
        {
            "figure": each.label,
            "yours": amount(each.own.value, each.unit, digits_of(each.own, each.unit)),
            "95% interval": interval(each.own, each.unit) if each.own.has_interval else "–",
            "n": integer(each.n),
            "benchmark": amount(each.benchmark, each.unit),
            "source": each.source + (f", {each.year}" if each.year else ""),
            "yours is": each.word,
        }
        for each in finding.gaps
    )


@footnotes.register
def _footnotes(finding: OthersFinding) -> tuple[str, ...]:
    notes = [f"{cited(each.label)}, as counted here: {each.definition}." for each in finding.gaps]
    exact = [in_sentence(each.label) for each in finding.gaps if not each.n_benchmark]
    if exact:
        notes.append(
            f"The benchmark of {listed(exact)} comes without its number of answers and counts as "
            "known exactly, so its difference looks surer than it is."
        )
    return tuple(notes)


def _headline(finding: OthersFinding, told: list[Gap]) -> str:
    if not finding.gaps:
        shown = sum(quote.own.known for quote in finding.quotes)
        if not shown:
            return "**No figure of others can stand beside one of yours.**"
        verb = "stands" if shown == 1 else "stand"
        figures = f"quoted figure{'' if shown == 1 else 's'}"
        return f"**{sentence_case(small(shown))} {figures} {verb} beside your own question.**"
    number = f"{small(len(finding.gaps))} benchmark{'' if len(finding.gaps) == 1 else 's'}"
    if not told and len(finding.gaps) == 1:
        return "**Not told apart:** your own figure does not clearly differ from the benchmark."
    if not told:
        return f"**Not told apart:** of {number}, none clearly differs from your own figure."
    parts = [f"{in_sentence(each.label)} ({each.word})" for each in told]
    verb = "differs" if len(told) == 1 else "differ"
    return (
        f"**{sentence_case(small(len(told)))} of {number} {verb} from your own figure**: "
        f"{listed(parts)}."
    )


def _gap(each: Gap) -> str:
    size = gap(each.difference.value, each.unit)
    ends = gap_range(each.difference.low, each.difference.high, each.unit)
    return (
        f"Your {in_sentence(each.label)} of {amount(each.own.value, each.unit)} is {size} "
        f"{each.word} the {amount(each.benchmark, each.unit)} of {each.source} (95% interval "
        f"{ends}). That holds only as far as both are counted alike."
    )


def _quote(quote: Quote) -> str:
    said = percent(quote.low)
    if quote.high > quote.low:
        said = f"{percent(quote.low)} to {percent(quote.high)}"
    return (
        f"Quoted: {said} of {quote.claim} ({quote.said_by}). Yours: "
        f"{with_interval(quote.own)} of {integer(quote.n)} agree with {cited(quote.wording)}."
    )
