"""Find and read a report notebook: one of the package's own by name, or any file by its path."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cxanalysis.config import closest
from cxanalysis.errors import ReportError
from cxanalysis.needs import heading_of
from cxanalysis.shipped import shipped


def find_notebook(notebook: str | Path) -> Path:
    """Absolute path of a report notebook.

    Parameters
    ----------
    notebook
        A name such as "cx_report", or the path of an .ipynb file.

    Raises
    ------
    ReportError
        When there is no such file, or no report of that name.
    """
    path = Path(notebook)
    if path.suffix == ".ipynb":
        if not path.is_file():
            raise ReportError(f"{path}: no such notebook.")
        return path.resolve()
    folder = shipped("notebooks/reports")
    if (folder / f"{path.name}.ipynb").is_file() and path.name == str(notebook):
        return folder / f"{path.name}.ipynb"
    known = sorted(own.stem for own in folder.glob("*.ipynb"))
    raise ReportError(
        f"No report is named {str(notebook)!r}.{closest(str(notebook), known)} "
        "For a notebook of your own give its path, ending in .ipynb."
    )


def read_notebook(path: Path) -> NotebookNode:
    """A notebook in the current format, without outputs of earlier runs.

    Raises
    ------
    ReportError
        When the file is not a notebook.
    """
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise ReportError(f"{path.name} is not a notebook: {_first_line(error)}") from error
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    return notebook


def tags(cell: NotebookNode) -> frozenset[str]:
    """Tags of a cell."""
    return frozenset(cell.metadata.get("tags", ()))


def heading(cell: NotebookNode) -> str:
    """Text of the last Markdown heading in a cell; empty where there is none."""
    return heading_of(cell.source) if cell.cell_type == "markdown" else ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]
