"""Copy a report notebook into a user's folder, to be changed and run as any other."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path

import nbformat

from cxanalysis.errors import ReportError
from cxanalysis.report.notebooks import find_notebook, read_notebook, tags
from cxanalysis.report.parameters import Value, check_parameters, read_parameters

ENDING = ".ipynb"


def copy_report(
    name: str | Path,
    folder: str | Path,
    *,
    as_name: str | None = None,
    parameters: Mapping[str, Value] | None = None,
) -> Path:
    """Copy a report notebook, ready to be changed, run and scheduled; nothing is registered.

    Parameters
    ----------
    name
        A report of this package by name, or the path of an .ipynb file.
    folder
        Where the copy goes; made where absent.
    as_name
        File name of the copy, with or without ".ipynb". Where left out, the original's with
        "my_" before it, since reports are kept by the name of their notebook.
    parameters
        Values to be written as defaults into the parameters cell, such as
        ``{"study": "study.toml", "segment": "plan=premium"}``; the others stay as they are.

    Returns
    -------
    Path
        The copy, without outputs of earlier runs.

    Raises
    ------
    ReportError
        When there is no such notebook, it does not take a parameter, or a file of the copy's
        name is there already, which is never replaced.
    """
    source = find_notebook(name)
    notebook = read_notebook(source)
    takes = read_parameters(notebook, source.name)
    values = check_parameters(takes, parameters or {}, source.name)
    for cell in notebook.cells:
        if "parameters" in tags(cell):
            cell.source = with_defaults(cell.source, values)
    target = Path(folder) / _file_name(as_name or f"my_{source.stem}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(nbformat.writes(notebook) + "\n")
    except FileExistsError:
        raise ReportError(
            f"{target} is there already and may hold changes. Name another file, or move it away "
            "first."
        ) from None
    return target


def with_defaults(source: str, values: Mapping[str, Value]) -> str:
    """The source of a parameters cell with other defaults; types, order and comments stay.

    Parameters
    ----------
    source
        Lines as `read_parameters` takes them.
    values
        New defaults by name; each is a parameter of the cell, and of its type.
    """
    lines = source.encode().splitlines(keepends=True)  # ast counts bytes
    for line in reversed(ast.parse(source).body):
        match line:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as old) if name in values:
                first, last = old.lineno - 1, (old.end_lineno or old.lineno) - 1
                before, after = lines[first][: old.col_offset], lines[last][old.end_col_offset :]
                lines[first : last + 1] = [before + _literal(values[name]).encode() + after]
    return b"".join(lines).decode()


def _literal(value: Value) -> str:
    """Python source of a value; JSON's texts are Python's, in double quotes as a formatter's."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _file_name(name: str) -> str:
    file = name if name.endswith(ENDING) else name + ENDING
    if Path(file).name != file or file == ENDING:
        raise ReportError(
            f"{name!r} is no file name for a notebook. Give a name such as my_report, and the "
            "folder apart from it."
        )
    return file
