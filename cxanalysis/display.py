"""Show a finding in a notebook: its sentences, its picture, its table and its numbers, once."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Callable
from typing import Any, Literal

import pandas as pd
from IPython.display import display
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from cxanalysis.findings.core import Finding, to_json
from cxanalysis.narrative import ALSO, caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import to_html, to_plain
from cxanalysis.plots import plot
from cxanalysis.plots.theme import themed
from cxanalysis.shown import folded

# Their pictures print every figure of their table, which then waits folded for those who want it.
FOLDED = (
    "loyalty",
    "pain",
    "groups",
    "aims",
    "channels",
    "worst",
    "curves",
    "memory",
    "flow",
    "answer",
    "backlog",
    "consistency",
    "definitions",
    "drivers",
    "feedback",
    "staffing",
)
# Tables to look something up in.
SMALL_PRINT = ("dictionary",)
SHORT_NOTES = 320  # signs: about three lines
Part = Literal["all", "headline", "rest", "picture"]
# Marks a finding that has neither a picture nor a table: a report leaves such a section out.
BARE = "cx-bare"
FINDING_TYPE = "application/vnd.cxanalysis.finding+json"


def show(finding: Finding, part: Part = "all") -> None:
    """Display a finding as one bundle: page, plain text and JSON side by side.

    A report's page takes the HTML, a test of a notebook compares the plain text, and the
    report's run collects the JSON.

    Parameters
    ----------
    part
        "headline" for the first paragraph alone, "rest" for what follows it, so that one finding
        can open a report and fill a section further down. The JSON goes with the headline.
        "picture" for the picture and the paragraph that says what it shows, without tables.
    """
    publish: Callable[..., None] = display  # IPython's own is untyped
    publish(bundle(finding, part), raw=True)


def bundle(finding: Finding, part: Part = "all") -> dict[str, Any]:
    """The finding by MIME type.

    ``text/plain`` holds the paragraphs, a blank line between them, the headline first.

    Parameters
    ----------
    part
        As in `show`.
    """
    texts, main = describe(finding), caption(finding)
    said = {"all": texts, "headline": texts[:1], "rest": texts[1:], "picture": (main,)}[part]
    match part:
        case "headline":
            page = _section(finding, _paragraph(said[0]))
        case "picture":
            page = _section(finding, _paragraph(main) + _picture(finding))
        case _:
            page = _page(finding, said)
    shown = {"text/html": page, "text/plain": "\n\n".join(to_plain(text) for text in said)}
    return shown if part == "rest" else shown | {FINDING_TYPE: to_json(finding)}


def _section(finding: Finding, inside: str, mark: str = "") -> str:
    # Jupyter takes what stands between two dollar signs for a formula, unless told not to.
    marks = f"cx-finding mathjax_ignore cx-{finding.kind}{mark}"
    return f'<section class="{marks}">{inside}</section>'


def _page(finding: Finding, texts: tuple[str, ...]) -> str:
    parts = [_paragraph(text) for text in texts]
    drawn, table = _picture(finding), tabulate(finding)
    if drawn:
        said = caption(finding)
        parts.insert(texts.index(said) + 1 if said in texts else 0, drawn)
    if table is not None:
        lookup = finding.kind in (FOLDED if drawn else SMALL_PRINT)
        parts.append(folded(_table(table), "These figures as a table") if lookup else _table(table))
    notes = footnotes(finding)
    if notes:
        parts.append(_notes(notes))
    bare = not drawn and table is None
    return _section(finding, "".join(parts), f" {BARE}" if bare else "")


def _picture(finding: Finding) -> str:
    """The finding's picture inside the page; empty where it has none."""
    figure = plot(finding)
    return "" if figure is None else picture(figure, to_plain(caption(finding)))


def _paragraph(text: str) -> str:
    return f"<p>{to_html(text)}</p>"


def picture(figure: Figure, sentence: str) -> str:
    """The figure inside the page, the same bytes for the same figure."""
    alt = html.escape(sentence, quote=True)
    return f'<p class="cx-picture"><img alt="{alt}" src="{svg_address(figure)}"></p>'


def svg_address(figure: Figure) -> str:
    """The figure as an address that holds it, SVG: the same text for the same figure."""
    stream = io.BytesIO()
    with themed():
        # Laid out and drawn at once: savefig draws a figure that it lays out twice.
        canvas: Any = FigureCanvasSVG(figure)  # its methods are untyped
        canvas.print_svg(stream, metadata={"Date": None, "Creator": None})
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f"data:image/svg+xml;base64,{data}"


def _table(table: pd.DataFrame) -> str:
    text: str = table.to_html(index=False, border=0, classes="cx-table", justify="unset")
    whole_row = rf"<tr>\s*<td>{ALSO}</td>(\s*<td></td>)*\s*</tr>"
    parting = f'<tr class="cx-also"><th colspan="{len(table.columns)}">{ALSO}</th></tr>'
    return re.sub(whole_row, parting, text)


def _notes(notes: tuple[str, ...]) -> str:
    """Small print: in view where it is short, folded where it would outweigh what it explains."""
    items = "".join(f"<li>{to_html(note)}</li>" for note in notes)
    listed = f'<ul class="cx-footnotes">{items}</ul>'
    if sum(map(len, notes)) <= SHORT_NOTES:
        return listed
    return folded(listed, "How this is counted")
