"""Copies of the course for a class: without solutions, and a guide for whoever teaches it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cxanalysis.errors import LessonError
from cxanalysis.shipped import shipped

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"  # the marks that nbgrader uses
INSTRUCTOR = "instructor"  # tag of cells for whoever teaches
GUIDE = "guide.md"


@dataclass(frozen=True)
class Course:
    """What `write_course` wrote."""

    lessons: tuple[Path, ...]
    guide: Path


def write_course(folder: Path | str, *, overwrite: bool = False) -> Course:
    """Write the lessons without their solutions, and the instructor's guide with them.

    Parameters
    ----------
    folder
        Made where absent. The lessons lie in it, the guide and the solved lessons in
        ``instructor`` inside.
    overwrite
        Replace files of these names that are there already.

    Raises
    ------
    LessonError
        When files of these names are there already and may not be replaced: a learner's answers
        may be in them.
    """
    folder = Path(folder)
    sources = course_notebooks()
    targets = [folder / source.name for source in sources]
    there = [path.name for path in targets if path.exists()]
    if there and not overwrite:
        raise LessonError(
            f"{folder}: {', '.join(there)} would be replaced, with any answers in them. Name "
            "another folder, or move them away first."
        )
    solved = folder / INSTRUCTOR
    solved.mkdir(parents=True, exist_ok=True)
    parts = []
    for source, target in zip(sources, targets, strict=True):
        notebook = nbformat.read(source, as_version=4)
        nbformat.write(class_copy(notebook), target)
        (solved / source.name).write_bytes(source.read_bytes())
        parts.append(_guide_of(notebook))
    guide = solved / GUIDE
    guide.write_text(_GUIDE_HEAD + "\n\n".join(parts) + "\n", encoding="utf-8")
    return Course(tuple(targets), guide)


def course_notebooks() -> Sequence[Path]:
    """The solved lessons, in order."""
    return sorted(shipped("notebooks/course").glob("[0-9]_*.ipynb"))


def class_copy(notebook: NotebookNode) -> NotebookNode:
    """A lesson as a class gets it: no solutions, no outputs, no words to the instructor."""
    cells = []
    for cell in notebook.cells:
        if INSTRUCTOR in cell.metadata.get("tags", ()):
            continue
        kept = nbformat.from_dict(cell)
        if kept.cell_type == "code":
            kept.source = without_solution(kept.source)
            kept.outputs, kept.execution_count = [], None
        cells.append(kept)
    copy: NotebookNode = nbformat.from_dict({**notebook, "cells": cells})
    return copy


def without_solution(source: str) -> str:
    """Code with three dots in place of each solution, for every name that the rest of it uses.

    Raises
    ------
    LessonError
        When a solution is begun and not ended, or the other way round.
    """
    before, begun, rest = source.partition(BEGIN)
    if not begun:
        if END in source:
            raise LessonError(f"a solution is ended that was not begun: {source!r}")
        return source
    solution, ended, after = rest.partition(END)
    if not ended:
        raise LessonError(f"a solution is begun and not ended: {source!r}")
    after = without_solution(after.lstrip("\n"))
    wanted = {node.id for node in ast.walk(ast.parse(after)) if isinstance(node, ast.Name)}
    names = [name for name in _assigned(solution) if name in wanted]
    dots = "".join(f"{name} = ...  # your answer\n" for name in names)
    return before + dots + after


def _assigned(source: str) -> list[str]:
    """Names that code gives a value, in order."""
    nodes = [node for line in ast.parse(source).body for node in ast.walk(line)]
    stored = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return list(dict.fromkeys(stored))


_GUIDE_HEAD = """# For the instructor

Each lesson takes 30 to 45 minutes. The solved lessons lie beside this guide; the class works in
the copies in the folder above. Checks say what is wrong and never the answer, so a class can go at
its own pace; the discussions are what it needs you for.

"""


def _guide_of(notebook: NotebookNode) -> str:
    """The words to the instructor of one lesson and its solutions, under the lesson's title."""
    title = next(c.source.splitlines()[0] for c in notebook.cells if c.cell_type == "markdown")
    parts = [f"#{title}"]
    for cell in notebook.cells:
        if INSTRUCTOR in cell.metadata.get("tags", ()):
            parts.append(cell.source)
        elif cell.cell_type == "code" and BEGIN in cell.source:
            solution = "\n".join(
                line for line in cell.source.splitlines() if line not in (BEGIN, END)
            )
            parts.append(f"```python\n{solution}\n```")
    return "\n\n".join(parts)
