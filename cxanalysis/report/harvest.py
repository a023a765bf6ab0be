"""Collect the findings that the cells of an executed notebook displayed."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode

from cxanalysis.report.notebooks import heading

FINDING = "application/vnd.cxanalysis.finding+json"


def findings_of(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Findings in the order in which they were shown."""
    return [data[FINDING] for data in _bundles(notebook)]


def said_of(notebook: NotebookNode) -> list[dict[str, Any]]:
    """What the findings say, apart from their numbers: section, kind and paragraphs of each."""
    said, section = [], ""
    for cell in notebook.cells:
        section = heading(cell) or section
        for data in _shown(cell):
            texts = data.get("text/plain", "").split("\n\n")
            said.append({"section": section, "kind": data[FINDING].get("kind"), "texts": texts})
    return said


def headline_of(notebook: NotebookNode) -> str:
    """First paragraph of the first finding, on one line; empty where nothing was found."""
    bundles = _bundles(notebook)
    if not bundles:
        return ""
    text = bundles[0].get("text/plain", "").strip()
    return " ".join(text.split("\n\n")[0].replace("**", "").split())


def first_sentence(text: str) -> str:
    """The beginning of a paragraph up to its first full stop before another sentence."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z\d])", text, maxsplit=1)[0]


def _bundles(notebook: NotebookNode) -> list[dict[str, Any]]:
    return [data for cell in notebook.cells for data in _shown(cell)]


def _shown(cell: NotebookNode) -> list[dict[str, Any]]:
    if cell.cell_type != "code":
        return []
    return [output.data for output in cell.outputs if FINDING in output.get("data", {})]
