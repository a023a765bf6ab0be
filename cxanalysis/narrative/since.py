"""What changed since the report before, in words: counting first, customers after."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from cxanalysis.findings.counting import Recounted
from cxanalysis.findings.since import Moved, SinceFinding
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    counted,
    digits_of,
    gap_range,
    in_sentence,
    integer,
    listed,
    moved,
    percent,
    sentence_case,
    signed_gap,
    small,
)

MOST_NAMED = 6  # of one kind; the rest are counted, and stand in findings.json
LONGEST = 60  # characters of a setting
MOST_SAID = 5  # sections whose first sentence is quoted then and now

_VERBS = {"up": "rose", "down": "fell"}
_WHY = {
    "all dates": "**There is no report before this one:** it covers all dates.",
    "none": "**There is no earlier report to compare with:** none on {} lies beside this one.",
    "damaged": "**The report on {} cannot be compared with:** its files cannot be read.",
}
_DEFINITIONS = ("setting", "study file", "parameter", "notebook")
_PACKAGE = ("package", "library")


@describe.register
def _describe(finding: SinceFinding) -> tuple[str, ...]:
    if finding.why:
        return (_WHY[finding.why].format(finding.period_before),)
    paragraphs = [_headline(finding), *_counting(finding), _revised(finding)]
    paragraphs += [*_moves(finding), *_said(finding), _caution(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: SinceFinding) -> pd.DataFrame | None:
    shown = _tabulated(finding)
    return pd.DataFrame([_row(figure, finding) for figure in shown]) if shown else None


@footnotes.register
def _footnotes(finding: SinceFinding) -> tuple[str, ...]:
    if not _tabulated(finding):
        return ()
    return (
        "Figures that another section compares stand there, and here only where the period "
        f"before reads otherwise than published. *Published then*: in the report on "
        f"{finding.period_before}. *Difference*: with its 95% interval; of figures counted again, "
        "both periods from today's data, of the others as published, as of independent periods.",
    )


def _tabulated(finding: SinceFinding) -> list[Moved]:
    """Figures that no other section compares, and those of which the published one is revised."""
    return [each for each in finding.figures if not each.is_recounted or each.is_revised]


def _headline(finding: SinceFinding) -> str:
    movers = [figure for figure in finding.figures if figure.has_moved]
    compared = [figure for figure in finding.figures if figure.word != "no comparison"]
    made = f", made on {_day(finding.made_before)}" if finding.made_before else ""
    of = f"of {_small(len(compared), 'headline figure')}"
    names = listed([f"{in_sentence(each.label)} ({each.word})" for each in movers])
    if not compared:
        what = "No figure can be compared."
    elif not movers:
        what = f"{sentence_case(of)}, none moved beyond sampling error."
    else:
        what = f"{sentence_case(of)}, {small(len(movers))} moved beyond sampling error: {names}."
    is_counted_anew = bool(finding.counted) or any(each.is_revised for each in finding.figures)
    how = (
        f"**Not everything is counted as it was in the report on {finding.period_before}**{made}: "
        "what follows first is no change of customers."
        if is_counted_anew
        else f"**Everything is counted as it was in the report on {finding.period_before}**{made}."
    )
    return f"{how} {what}"


def _day(moment: str) -> str:
    """2026-10-02T06:00:00+00:00 → "2 October 2026"; other texts as they are."""
    try:
        day = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return f"{day.day} {day:%B %Y}"


def _counting(finding: SinceFinding) -> list[str]:
    """A paragraph each for definitions, the package and the data."""
    rest = [each for each in finding.counted if each.what not in (*_DEFINITIONS, *_PACKAGE)]
    return [
        _group("Definitions", [each for each in finding.counted if each.what in _DEFINITIONS]),
        _group("Package", [each for each in finding.counted if each.what in _PACKAGE]),
        _group("Data", rest),
    ]


def _group(title: str, items: list[Recounted]) -> str:
    if not items:
        return ""
    named = [_recounted(each) for each in items[:MOST_NAMED]]
    more = len(items) - len(named)
    rest = [f"{small(more)} more, listed in findings.json"] if more else []
    return f"*{title}*: {'; '.join([*named, *rest])}."


def _recounted(item: Recounted) -> str:
    if item.what in ("setting", "parameter"):
        return f"{_key(item.name)} is {_setting(item.now)}, was {_setting(item.before)}"
    name = _bare(item.name)
    if item.what in _PACKAGE:
        return f"{name} is {item.now or 'gone'}, was {item.before or 'not there'}"
    if item.what == "fewer rows":
        return f"{name} has {_rows(item.now)} rows, had {_rows(item.before)}"
    if item.what == "set aside":
        return f"{_share(item.share_now)} of the rows of {name} are set aside, {_was(item)}"
    if item.what == "matched":
        table, other = name.split(" in ", 1)
        return f"{_share(item.share_now)} of customers in {table} are in {other}, {_was(item)}"
    return _PLAIN[item.what].format(name)


_PLAIN = {
    "study file": "{} was changed; what it said then was not kept",
    "notebook": "the notebook {} was changed",
    "new table": "{} is a new table",
    "gone table": "the table {} is gone",
    "new column": "{} is a new column",
    "gone column": "the column {} is gone",
    "gone file": "the file {} is no longer read",
}


def _key(text: str) -> str:
    """metrics.fcr_window_days → "fcr window days (metrics)"."""
    *where, last = _bare(text).split(".")
    return f"{last} ({', '.join(where)})" if where else last


def _setting(text: str) -> str:
    plain = " ".join(_bare(text).split())
    if len(plain) > LONGEST:
        plain = f"{plain[:LONGEST]}…"
    return plain or "not set"


def _rows(text: str) -> str:
    return integer(int(text))


def _share(share: float) -> str:
    return percent(share, 1)


def _was(item: Recounted) -> str:
    return f"then {_share(item.share_before)}"


def _revised(finding: SinceFinding) -> str:
    """Figures of the earlier period that read otherwise today, and how much of a change that is."""
    revised = [each for each in finding.figures if each.is_revised and _again(each) != _then(each)]
    if not revised:
        return ""
    parts = [
        f"{in_sentence(each.label)} {_again(each)} (published: {_then(each)}), so of its change "
        f"{_gap(each.again - each.then.value, each)} is counting and "
        f"{_gap(each.now.value - each.again, each)} the new period"
        for each in revised
    ]
    cause = (
        "by today's data and definitions" if finding.counted else "since rows came or were mended"
    )
    return (
        f"Counted again {cause}, {finding.period_before} reads otherwise than published: "
        f"{'; '.join(parts)}."
    )


def _gap(value: float, figure: Moved) -> str:
    return signed_gap(value, figure.unit, digits_of(figure.now, figure.unit))


def _moves(finding: SinceFinding) -> list[str]:
    """Figures that no other section compares, where they moved."""
    movers = [each for each in finding.figures if each.has_moved and not each.is_recounted]
    return [_move(each) for each in movers]


def _move(figure: Moved) -> str:
    change, size, digits = moved(figure.then.value, figure.now.value, figure.unit)
    ends = gap_range(figure.difference.low, figure.difference.high, figure.unit, digits)
    text = (
        f"{sentence_case(figure.label)} {_VERBS[figure.word]} {change}, by {size} "
        f"(95% interval {ends})."
    )
    if figure.told_apart:
        return text
    return f"{text} Whether customers or the changes of counting moved it cannot be told."


def _said(finding: SinceFinding) -> list[str]:
    if not finding.new and not finding.said:
        return ["Every section says what it said then, in other figures."]
    lines = [_section(said.section, said.then, said.now) for said in finding.said[:MOST_SAID]]
    number = len(finding.said)
    what = (
        f"{sentence_case(_small(number, 'section'))} {'begins' if number == 1 else 'begin'} "
        "with another statement."
        if number
        else "Every section begins with the statement it began with then."
    )
    new = (
        f"Of {counted(finding.sentences, 'sentence')}, {small(len(finding.new))} "
        f"{'is' if len(finding.new) == 1 else 'are'} new in more than figures."
    )
    return [f"{what} {new}", *lines]


def _small(value: int, noun: str) -> str:
    """1 → "one section", 3 → "three sections"."""
    return f"{small(value)} {noun}{'' if value == 1 else 's'}"


def _section(section: str, then: str, now: str) -> str:
    title = f"*{_bare(section)}*"
    if not then:
        return f"{title} is new: {_quoted(now)}."
    if not now:
        return f"{title} is gone; it said {_quoted(then)}."
    return f"{title} now says {_quoted(now)}; then it said {_quoted(then)}."


def _quoted(text: str) -> str:
    return f"“{_bare(text).removesuffix('.')}”"


def _bare(text: str) -> str:
    """A text of others as words, without what would be read as markup."""
    return text.replace("*", "∗").replace("_", " ")


def _caution(finding: SinceFinding) -> str:
    """That many figures are watched, and that two periods are not wholly independent."""
    published = [
        each for each in finding.figures if not each.is_recounted and each.word != "no comparison"
    ]
    if not published:
        return ""
    parts = []
    if finding.lookback_days:
        parts.append(f"touches of up to {integer(finding.lookback_days)} days before an answer")
    if any(each.key.startswith("silent.") for each in published):
        parts.append("customers who were active in both periods")
    if finding.n_both:
        parts.append(f"{counted(finding.n_both, 'customer')} who answered in both periods")
    shared = (
        f"Both reports know {listed(parts)}; what they share makes them alike, so that the test "
        "rather misses a change than invents one."
        if parts
        else ""
    )
    many = (
        f"The test of the {small(len(published))} figures that no other section compares allows "
        "for their number (Holm's method): without that, one in twenty would move by chance."
    )
    return " ".join(part for part in (many if len(published) > 1 else "", shared) if part)


def _then(figure: Moved) -> str:
    return amount(figure.then.value, figure.unit, digits_of(figure.now, figure.unit))


def _again(figure: Moved) -> str:
    return amount(figure.again, figure.unit, digits_of(figure.now, figure.unit))


def _row(figure: Moved, finding: SinceFinding) -> dict[str, str]:
    digits = digits_of(figure.now, figure.unit)
    row = {"figure": figure.label, "published then": _then(figure)}
    if any(each.is_revised for each in finding.figures):
        row["counted again"] = _again(figure)
    row["now"] = amount(figure.now.value, figure.unit, digits)
    row["difference"] = _difference(figure)
    row["change"] = figure.word
    return row


def _difference(figure: Moved) -> str:
    known = figure.difference
    if not (known.known and known.has_interval):
        return "–"
    size = signed_gap(known.value, figure.unit)
    return f"{size} ({gap_range(known.low, known.high, figure.unit)})"
