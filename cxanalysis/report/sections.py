"""Sections of a report: those the study cannot fill are taken out and named.

Before the run that is every cell whose ``needs-…`` tags the study does not meet; after it, every
section with such tags whose findings have nothing to show, since a table can lack a column.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from cxanalysis.config import closest
from cxanalysis.errors import ReportError
from cxanalysis.needs import PREFIX, WHY, needs_of, unmet, why
from cxanalysis.report.notebooks import heading, tags

LEFT_OUT_HEADING = "What this report leaves out"
LAST_CELL = "left-out"
CANNOT = "cannot be told"  # what every finding says that has nothing to show
BARE = "cx-bare"  # as the display marks it, which is not imported with all its libraries
SECTION_MARK = 200  # characters of a finding's page within which it says what it is


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
    kept: NotebookNode = copy.deepcopy(notebook)
    lacking = [_unmet(cell, provides, name) for cell in notebook.cells]
    kept.cells = [cell for cell, lacks in zip(kept.cells, lacking, strict=True) if not lacks]
    left_out = _left_out(notebook, lacking)
    if left_out:
        kept.cells.append(_last_cell(left_out))
    return kept, left_out


def leave_out_bare(
    executed: NotebookNode, before: tuple[LeftOutSection, ...]
) -> tuple[NotebookNode, tuple[LeftOutSection, ...]]:
    """An executed notebook for the page, without sections that have nothing to show.

    Parameters
    ----------
    executed
        With its outputs; it stays as it is.
    before
        What `keep_sections` took out; a new last cell names both.

    Returns
    -------
    tuple
        The notebook, and all that is left out.
    """
    page: NotebookNode = copy.deepcopy(executed)
    page.cells, found = [], []
    for cells in _by_heading(executed.cells):
        nothing = _nothing_shown(cells)
        if nothing:
            found.append(LeftOutSection(heading(cells[0]), (), nothing))
        else:
            page.cells += cells
    if not found:
        return executed, before
    left_out = (*before, *found)
    page.cells = [cell for cell in page.cells if cell.get("id") != LAST_CELL]
    page.cells.append(_last_cell(left_out))
    return page, left_out


def _by_heading(cells: list[NotebookNode]) -> list[list[NotebookNode]]:
    """The cells in runs that each begin with a heading; the first run may have none."""
    runs: list[list[NotebookNode]] = []
    for cell in cells:
        if heading(cell) or not runs:
            runs.append([])
        runs[-1].append(cell)
    return runs


def _nothing_shown(cells: list[NotebookNode]) -> str:
    """Why a section has nothing to show, from its finding's own words; empty where it has."""
    if not any(needs_of(tags(cell)) for cell in cells):
        return ""
    shown = [
        output.data
        for cell in cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    if not shown or not all(BARE in data.get("text/html", "")[:SECTION_MARK] for data in shown):
        return ""
    said = str(shown[0].get("text/plain", "")).split("\n\n")[0]
    found = re.fullmatch(rf".*{CANNOT}[^:.]*[:.] (.+?)\.?", said, re.DOTALL)
    return found[1][0].lower() + found[1][1:] if found else ""


def _unmet(cell: NotebookNode, provides: Collection[str], name: str) -> tuple[str, ...]:
    needs = needs_of(tags(cell))
    for need in needs:
        if need not in WHY:
            known = [PREFIX + known for known in WHY]
            raise ReportError(
                f"{name}: a cell is tagged {PREFIX + need!r}.{closest(PREFIX + need, known)}"
            )
    return unmet(needs, provides)


def _left_out(notebook: NotebookNode, lacking: list[tuple[str, ...]]) -> tuple[LeftOutSection, ...]:
    """One entry per heading among the cells taken out, in their order."""
    found = []
    for cell, lacks in zip(notebook.cells, lacking, strict=True):
        if lacks and heading(cell):
            found.append(LeftOutSection(heading(cell), lacks, why(lacks)))
    return tuple(found)


def _last_cell(left_out: tuple[LeftOutSection, ...]) -> NotebookNode:
    names: dict[str, list[str]] = {}
    for section in left_out:
        names.setdefault(section.why, []).append(f"**{section.section}**")
    lines = [f"- {', '.join(sections)}: {reason}." for reason, sections in names.items()]
    source = f"## {LEFT_OUT_HEADING}\n\n" + "\n".join(lines)
    cell: NotebookNode = nbformat.v4.new_markdown_cell(source)
    cell.id = LAST_CELL
    return cell
