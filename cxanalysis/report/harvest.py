"""Collect the findings that the cells of an executed notebook displayed."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

FINDING = "application/vnd.cxanalysis.finding+json"


def findings_of(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Findings in the order in which they were shown."""
    return [data[FINDING] for data in _bundles(notebook)]


def headline_of(notebook: NotebookNode) -> str:
    """First paragraph of the first finding, on one line; empty where nothing was found."""
    bundles = _bundles(notebook)
    if not bundles:
        return ""
    text = bundles[0].get("text/plain", "").strip()
    return " ".join(text.split("\n\n")[0].replace("**", "").split())


def _bundles(notebook: NotebookNode) -> list[dict[str, Any]]:
    return [
        output.data
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if FINDING in output.get("data", {})
    ]
