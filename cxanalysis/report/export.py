"""Write an executed notebook as one HTML page that asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from nbconvert import HTMLExporter
from nbformat import NotebookNode

from cxanalysis.report.page import NO_ALT, Page, without_controls

TEMPLATES = Path(__file__).parent / "template"
TEMPLATE = "cxanalysis"
# A printed page says at its foot which report it belongs to.
PAPER_FOOTER = '@media print { @page { @bottom-left { content: "%s" } } }'
LONGEST_FOOTER = 100  # characters
_TERMINAL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_own = threading.local()
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")


@dataclass(frozen=True)
class Masthead:
    """What the page says around the notebook's own cells, as plain text.

    ``about`` is the line above the title; ``method`` the rows of the table at the end.
    """

    title: str
    about: Sequence[str]
    method: Sequence[tuple[str, str]]
    version: str


def to_html(notebook: NotebookNode, masthead: Masthead, folders: Sequence[str | Path] = ()) -> str:
    """The notebook as a page: no code, no scripts, no outside address, pictures inside.

    Parameters
    ----------
    folders
        Folders of this machine whose paths must not be printed.
    """
    page = Page(sorted((str(folder) for folder in folders), key=len, reverse=True))
    exporter = _exporter()
    exporter.register_filter("clean", page.clean)
    exporter.register_filter("plain", lambda text: _plain(text, page))
    # The page has seen every cell by the time the template asks for its contents.
    exporter.register_filter("contents", lambda _: [h for h in page.headings if h.level <= 2])
    exporter.register_filter("opening", _opening)
    exporter.register_filter("alt", lambda output: escape(page.without_folders(_alt(output))))
    style = (TEMPLATES / TEMPLATE / "report.css").read_text(encoding="utf-8")
    style += PAPER_FOOTER % _css_text(masthead.title)
    report = {**_plain_text(masthead), "style": style, "style_hash": _hash(style)}
    html, _ = exporter.from_notebook_node(notebook, resources={"report": report})
    return str(html)


def _exporter() -> HTMLExporter:
    """The exporter of this thread: templates are compiled once, filters set for each page."""
    if not hasattr(_own, "exporter"):
        _own.exporter = HTMLExporter(
            template_name=TEMPLATE,
            extra_template_basedirs=[str(TEMPLATES)],
            exclude_input=True,
            exclude_input_prompt=True,
            exclude_output_prompt=True,
            exclude_anchor_links=True,
        )
    exporter: HTMLExporter = _own.exporter
    return exporter


@dataclass(frozen=True)
class _Opening:
    """The first heading of the page, which goes above the contents, and what follows it."""

    title: str
    rest: str


def _opening(cells: str) -> _Opening:
    """The cells in two; without a title where they do not begin with one."""
    found = re.match(r"\s*(<h1 .*?</h1>)", cells, re.DOTALL)
    return _Opening(found[1], cells[found.end() :]) if found else _Opening("", cells)


def _plain_text(masthead: Masthead) -> dict[str, Any]:
    """The masthead without signs that cannot be seen."""
    return {
        "title": without_controls(masthead.title),
        "about": [without_controls(part) for part in masthead.about],
        "method": [tuple(map(without_controls, row)) for row in masthead.method],
        "version": masthead.version,
    }


def _css_text(text: str) -> str:
    """Text within a string of a style sheet; all but ASCII letters and digits are escaped.

    So it can end neither the string nor the style sheet.
    """
    if len(text) > LONGEST_FOOTER:
        text = text[: LONGEST_FOOTER - 1] + "…"
    return "".join(
        c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in without_controls(text)
    )


def _hash(style: str) -> str:
    """What the page's policy knows its one style sheet by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")


def _plain(text: str, page: Page) -> str:
    """Text for the page, without a terminal's colours."""
    return escape(page.without_folders(_TERMINAL.sub("", text)))


def _alt(output: NotebookNode) -> str:
    """The description given with a picture, else its text when that says more than its type."""
    metadata: dict[str, Any] = output.get("metadata", {})
    for kind in _PICTURES:
        if metadata.get(kind, {}).get("alt"):
            return str(metadata[kind]["alt"])
    text = str(metadata.get("alt") or output.data.get("text/plain", ""))
    return NO_ALT if not text or text.startswith("<") else text
