"""Hold a report against the one on the period before, and put what changed into the page."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from cxanalysis.config import SCHEMA_VERSION
from cxanalysis.findings.core import period_title, to_json
from cxanalysis.findings.published import figures_of
from cxanalysis.findings.since import Document, SinceFinding, Why, find_since
from cxanalysis.narrative import describe
from cxanalysis.narrative.words import to_plain
from cxanalysis.periods import Period
from cxanalysis.report.harvest import FINDING, first_sentence, headline_of
from cxanalysis.report.notebooks import heading
from cxanalysis.report.sections import LAST_CELL

FINDINGS, MANIFEST = "findings.json", "manifest.json"
HEADING = "Since the last report"
INTRODUCTION = (
    "This report beside the one on the period before, as it was published then. A section that "
    "compares figures with the period before counts both from today's data."
)
# Sections that compare customers of two periods: what was counted differently comes before them.
COMPARING = ("scorecard", "changes")


def beside_earlier(
    period: Period | None,
    target: Path,
    page: NotebookNode,
    findings: dict[str, Any],
    manifest: dict[str, Any],
) -> tuple[NotebookNode, dict[str, Any], dict[str, Any]]:
    """The three parts of a report with what changed since the one on the period before.

    Parameters
    ----------
    target
        Where the report will lie.

    Returns
    -------
    tuple
        The page's notebook with a section on it; findings with ``since``; the manifest with the
        report's ``headline`` and headline ``figures``.
    """
    since = compare(period, earlier_folder(target, period), findings, manifest)
    shown = {
        "headline": first_sentence(headline_of(page)),
        "figures": headline_figures(findings),
    }
    texts = [to_plain(text) for text in describe(since)]
    said = [*findings["said"], {"section": HEADING, "kind": since.kind, "texts": texts}]
    published = findings | {"since": to_json(since), "said": said}
    return with_section(page, since), published, manifest | shown


def compare(
    period: Period | None, earlier: Path | None, findings: Mapping[str, Any], manifest: Any
) -> SinceFinding:
    """What changed since the report on the period before.

    Parameters
    ----------
    period
        The period of this report; None for all dates.
    earlier
        Folder of the report on the period before, whether or not there is one.
    findings, manifest
        What this report publishes as findings.json and manifest.json.
    """
    if period is None or earlier is None:
        return _nothing(period, "all dates")
    if not (earlier / FINDINGS).is_file():
        return _nothing(period, "none")
    then = _read(earlier)
    if then is None:
        return _nothing(period, "damaged")
    titles = period_title(period), period_title(period.previous())
    return find_since(*titles, Document(findings, manifest), then)


def earlier_folder(target: Path, period: Period | None) -> Path | None:
    """Where the report on the period before lies or would lie; None for all dates."""
    return target.parents[1] / period.previous().label / target.name if period else None


def headline_figures(findings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The figures that stand for a report in an index or a mail: key to unit, n and ends."""
    return [
        {
            "key": figure.key,
            "label": figure.label,
            "unit": figure.unit,
            "n": figure.n,
            **{end: _plain(getattr(figure.now, end)) for end in ("value", "low", "high")},
        }
        for figure in figures_of(findings["findings"])
        if figure.leads
    ]


def _plain(number: float) -> float | None:
    return number if isfinite(number) else None


def with_section(page: NotebookNode, since: SinceFinding) -> NotebookNode:
    """The page's notebook with what changed, before the first section that compares periods."""
    from cxanalysis.display import bundle  # loads the libraries that draw, which a start needs not

    result: NotebookNode = copy.copy(page)
    output = nbformat.v4.new_output("display_data", data=bundle(since))
    section = [
        nbformat.v4.new_markdown_cell(f"## {HEADING}\n\n{INTRODUCTION}"),
        nbformat.v4.new_code_cell("", outputs=[output]),
    ]
    at = _place(page)
    result.cells = [*page.cells[:at], *section, *page.cells[at:]]
    return result


def _place(page: NotebookNode) -> int:
    """Before the heading of the first comparing section, else before what is left out.

    A page begins with its own heading and what stands under it, whatever that compares.
    """
    last = len(page.cells) - (bool(page.cells) and page.cells[-1].get("id") == LAST_CELL)
    headings = [number for number, cell in enumerate(page.cells[:last]) if heading(cell)]
    ends = [*headings[1:], last]
    for start, end in zip(headings, ends, strict=False):
        if any(_kinds(cell) & {*COMPARING} for cell in page.cells[start:end]):
            return start if start else end
    return last


def _kinds(cell: NotebookNode) -> set[str]:
    data = (output.get("data", {}) for output in cell.get("outputs", ()))
    return {each[FINDING].get("kind", "") for each in data if FINDING in each}


def _nothing(period: Period | None, why: Why) -> SinceFinding:
    before = period_title(period.previous()) if period else ""
    return SinceFinding(period_title(period), before, why)


def _read(folder: Path) -> Document | None:
    """A published report; None where its files cannot be read."""
    try:
        findings, manifest = (
            json.loads((folder / name).read_text(encoding="utf-8")) for name in (FINDINGS, MANIFEST)
        )
    except (OSError, ValueError, RecursionError):
        return None
    for content in (findings, manifest):
        if not isinstance(content, dict) or content.get("schema_version") != SCHEMA_VERSION:
            return None
    return Document(findings, manifest)
