"""Sections of a report: those the study cannot fill are taken out before the run, and named.

A section is every cell that carries the same ``needs-…`` tags, wherever it stands.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from cxanalysis.config import closest
from cxanalysis.errors import ReportError
from cxanalysis.report.notebooks import heading, tags

PREFIX = "needs-"
LEFT_OUT_HEADING = "What this report leaves out"

# Why a section cannot be made, for each need a study may leave unmet.
WHY = {
    "journeys": "there is no table of journeys",
    "tickets": "there is no table of tickets",
    "surveys": "there is no table of survey answers",
    "customers": "there is no table of customers, so those who are never heard cannot be counted",
    "others": "the study file names no benchmark and no question worded like a quoted figure",
    "model": "the study has no overall score of customers together with something about both "
    "their service contacts and the rest of their journey",
}


@dataclass(frozen=True)
class LeftOutSection:
    """A section taken out of a report: its heading, the unmet needs, and why in words."""

    section: str
    needs: tuple[str, ...]
    why: str


def keep_sections(
    notebook: NotebookNode, provides: Collection[str], name: str
) -> tuple[NotebookNode, tuple[LeftOutSection, ...]]:
    """The notebook without the sections whose needs are unmet, and what was taken out.

    Where anything was taken out, a last Markdown cell says so.

    Raises
    ------
    ReportError
        When a tag asks for something no study can provide.
    """
    kept = copy.deepcopy(notebook)
    unmet = [_unmet(cell, provides, name) for cell in notebook.cells]
    kept.cells = [cell for cell, lacks in zip(kept.cells, unmet, strict=True) if not lacks]
    left_out = _left_out(notebook, unmet)
    if left_out:
        kept.cells.append(_last_cell(left_out))
    return kept, left_out


def _unmet(cell: NotebookNode, provides: Collection[str], name: str) -> tuple[str, ...]:
    needs = sorted(tag.removeprefix(PREFIX) for tag in tags(cell) if tag.startswith(PREFIX))
    for need in needs:
        if need not in WHY:
            known = [PREFIX + known for known in WHY]
            raise ReportError(
                f"{name}: a cell is tagged {PREFIX + need!r}.{closest(PREFIX + need, known)}"
            )
    return tuple(need for need in needs if need not in provides)


def _left_out(notebook: NotebookNode, unmet: list[tuple[str, ...]]) -> tuple[LeftOutSection, ...]:
    """One entry per heading among the cells taken out, in their order."""
    found = []
    for cell, lacks in zip(notebook.cells, unmet, strict=True):
        if lacks and heading(cell):
            why = " and ".join(WHY[need] for need in lacks)
            found.append(LeftOutSection(heading(cell), lacks, why))
    return tuple(found)


def _last_cell(left_out: tuple[LeftOutSection, ...]) -> NotebookNode:
    lines = [f"- **{section.section}**: {section.why}." for section in left_out]
    source = f"## {LEFT_OUT_HEADING}\n\n" + "\n".join(lines)
    cell: NotebookNode = nbformat.v4.new_markdown_cell(source)
    cell.id = "left-out"
    return cell
