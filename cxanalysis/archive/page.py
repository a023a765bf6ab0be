"""The archive as one HTML page: the list is in the page, the script only filters it."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from cxanalysis.archive.entries import Entry, Figure
from cxanalysis.archive.sparkline import MOST, Point, sparkline
from cxanalysis.findings.core import period_title
from cxanalysis.narrative.words import amount, counted, digits_of, interval, sentence_case
from cxanalysis.report.folders import EVERYONE

TEMPLATE = Path(__file__).parent / "template"
MOST_FIGURES = 4
SHORT = {"answer.split": "Service's share"}  # of labels that are too long for a small picture


def page_of(entries: Sequence[Entry], made_at: datetime) -> str:
    """The page of an archive.

    Parameters
    ----------
    entries
        The newest period first.
    made_at
        UTC, when the list was read.
    """
    style, script = (_inline(TEMPLATE / name) for name in ("index.css", "index.js"))
    title = escape(_title(entries))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    reports = [entry for entry in entries if not entry.problem]
    bad = [entry for entry in entries if entry.problem]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#reports">Skip to the reports</a>
<header>
<h1>{title}</h1>
<p class="quiet">{_summary(reports, bad)} · listed {_moment(made_at)}</p>
{_form(entries)}
<p class="quiet" id="status" role="status"></p>
</header>
<main id="reports">
{_problems(bad)}
{_periods(reports)}
</main>
<footer><p class="quiet">The grey band of a small picture is the 95% interval; the dot is the \
report's own period. Each report says how it was made.</p></footer>
<script>{script}</script>
</body>
</html>
"""


def _inline(path: Path) -> str:
    return "\n" + path.read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _title(entries: Sequence[Entry]) -> str:
    studies = sorted({entry.study for entry in entries if entry.study})
    return f"Reports: {', '.join(studies)}" if studies else "Reports"


def _summary(reports: Sequence[Entry], bad: Sequence[Entry]) -> str:
    text = counted(len(reports), "report")
    return f"{text}, {len(bad):,} that cannot be shown" if bad else text


def _moment(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y %H:%M} UTC"


def _made(text: str, before: str = "") -> str:
    """When an entry was made; empty where its manifest has no such time."""
    try:
        return before + _moment(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        return ""


def _form(entries: Sequence[Entry]) -> str:
    return (
        '<form id="filter" hidden>'
        '<label>Search<input name="search" type="search" autocomplete="off"></label>'
        + _select("notebook", "Report", {e.notebook: _notebook(e) for e in entries})
        + _select("segment", "Customers", {e.segment: _segment(e.segment) for e in entries})
        + _select("period", "Period", {entry.period: _period(entry) for entry in entries}, False)
        + "</form>"
    )


def _select(name: str, label: str, values: Mapping[str, str], in_order: bool = True) -> str:
    listed = sorted(values.items()) if in_order else values.items()
    options = "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in listed
    )
    everything = '<option value="">all</option>'
    return f'<label>{label}<select name="{name}">{everything}{options}</select></label>'


def _problems(bad: Sequence[Entry]) -> str:
    if not bad:
        return ""
    items = "".join(map(_problem, bad))
    return (
        f'<section class="failed"><h2>Not made, or not to be read: {len(bad):,}</h2>'
        f"<ul>{items}</ul></section>"
    )


def _problem(entry: Entry) -> str:
    notebook = "Partial notebook" if entry.is_failed else "Notebook"
    links = [_link(entry, entry.page, "Page"), _link(entry, entry.notebook_file, notebook)]
    said = sentence_case(entry.problem)
    parts = " · ".join(part for part in (*links, escape(_made(entry.made_at))) if part)
    return (
        f'<li class="entry"{_data(entry)}><div><p class="says"><span class="what">'
        f'{escape(_notebook(entry))}</span></p><p class="quiet">{escape(_period(entry))}, '
        f'{escape(_segment(entry.segment))}</p></div><div><p class="says">{escape(said)}</p>'
        f'<p class="quiet">{parts}</p></div></li>\n'
    )


def _periods(reports: Sequence[Entry]) -> str:
    until = _until(reports)
    groups = [list(group) for _, group in groupby(reports, key=lambda entry: entry.period)]
    return "".join(
        f"<details{' open' if number == 0 else ''}><summary><h2>{escape(_period(group[0]))}</h2>"
        f'<span class="quiet">{counted(len(group), "report")}</span></summary>'
        f"<ul>{''.join(_report(entry, until[entry.folder]) for entry in group)}</ul></details>\n"
        for number, group in enumerate(groups)
    )


def _report(entry: Entry, series: Sequence[Entry]) -> str:
    pdf = _link(entry, entry.pdf, "PDF")
    small = " · ".join(part for part in (pdf, escape(_made(entry.made_at, "made "))) if part)
    return (
        f'<li class="entry"{_data(entry)}><div><p class="says">'
        f"{_link(entry, entry.page, f'{_notebook(entry)}: {_segment(entry.segment)}', 'what')}</p>"
        f'<p class="quiet">{small}</p></div><p class="says">{escape(entry.headline)}</p>'
        f"{_figures(entry, series)}</li>\n"
    )


def _data(entry: Entry) -> str:
    return "".join(
        f' data-{name}="{escape(getattr(entry, name))}"'
        for name in ("notebook", "segment", "period")
    )


def _link(entry: Entry, file: str, text: str, mark: str = "") -> str:
    """A link to a file of the entry's folder, by names that were found there."""
    if not file:
        return ""
    address = "/".join(
        quote(os.fsencode(part), safe="") for part in (*entry.folder.split("/"), file)
    )
    classes = f' class="{mark}"' if mark else ""
    return f'<a{classes} href="./{address}">{escape(text)}</a>'


def _figures(entry: Entry, series: Sequence[Entry]) -> str:
    shown = _shown(entry.figures)
    if not shown:
        return ""
    items = "".join(_figure(figure, series) for figure in shown)
    return f'<dl class="figures">{items}</dl>'


def _shown(figures: Sequence[Figure]) -> list[Figure]:
    """The first figures; of an answer, which has three shares, only one."""
    first = [figure for figure in figures if figure.key.startswith("answer.")][:1]
    others = [figure for figure in figures if not figure.key.startswith("answer.")]
    return [figure for figure in (*first, *others) if figure.estimate.known][:MOST_FIGURES]


def _figure(figure: Figure, series: Sequence[Entry]) -> str:
    label = SHORT.get(figure.key, figure.label)
    ends = f"<small>{interval(figure.estimate, figure.unit)}</small>"
    return (
        f"<div><dt>{escape(label)}</dt><dd>{escape(_amount(figure))}"
        f"{ends if figure.estimate.has_interval else ''}"
        f"{sparkline(label, _points(figure, series))}</dd></div>"
    )


def _points(figure: Figure, series: Sequence[Entry]) -> list[Point]:
    """The same figure in the reports of a series."""
    found = []
    for each in series:
        same = next((f for f in each.figures if (f.key, f.unit) == (figure.key, figure.unit)), None)
        if each.dates and same and same.estimate.known:
            at = 12 * each.dates.start.year + each.dates.start.month
            found.append(Point(at, period_title(each.dates), _amount(same), same.estimate))
    return found


def _amount(figure: Figure) -> str:
    return amount(figure.estimate.value, figure.unit, digits_of(figure.estimate, figure.unit))


def _until(reports: Sequence[Entry]) -> dict[str, list[Entry]]:
    """By a report's folder: the newest up to it on the same notebook, customers and length.

    Parameters
    ----------
    reports
        The newest period first.
    """
    series: dict[tuple[str, ...], list[Entry]] = {}
    found = {}
    for entry in reversed(reports):
        length = entry.dates.kind if entry.dates else ""
        line = series.setdefault((entry.study, entry.notebook, entry.segment, length), [])
        if line and line[-1].dates == entry.dates:  # somebody's copy: a month has one point
            line.pop()
        line.append(entry)
        found[entry.folder] = line[-MOST:]
    return found


def _notebook(entry: Entry) -> str:
    """cx_report → "cx report"."""
    return entry.notebook.replace("_", " ")


def _segment(segment: str) -> str:
    """plan_name=premium → "plan name: premium"."""
    if segment == EVERYONE:
        return "everyone"
    column, sign, value = segment.partition("=")
    return f"{column.replace('_', ' ')}: {value}" if sign else segment


def _period(entry: Entry) -> str:
    dates = entry.dates
    if dates is not None:
        return sentence_case(period_title(dates).removeprefix("the "))
    return "All dates" if entry.period == "all" else entry.period
