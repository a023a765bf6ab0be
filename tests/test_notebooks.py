"""Report notebooks are thin, plain and stripped; explored notebooks keep their outputs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from cxanalysis.findings.core import Finding
from cxanalysis.plots import plot
from cxanalysis.report.kernel import NAME, OwnKernelManager
from cxanalysis.report.notebooks import find_notebook, tags
from cxanalysis.report.parameters import read_parameters
from cxanalysis.report.sections import keep_sections

ROOT = Path(__file__).parents[1]
REPORTS = sorted((ROOT / "notebooks" / "reports").glob("*.ipynb"))
EXPLORED = sorted((ROOT / "notebooks" / "explore").glob("*.ipynb"))
LESSONS = sorted((ROOT / "notebooks" / "course").glob("*.ipynb"))
LONGEST_CELL = 8  # lines; a longer cell belongs into the package


def read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", REPORTS + EXPLORED, ids=lambda path: path.stem)
def test_notebook_is_valid_thin_and_runs_anywhere(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in code(notebook):
        assert len(cell.source.splitlines()) <= LONGEST_CELL
        built = {type(node).__name__ for node in ast.walk(ast.parse(cell.source))}
        assert not built & {"FunctionDef", "ClassDef", "For", "While", "Lambda"}


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_report_is_stripped_and_takes_the_usual_parameters(path: Path) -> None:
    notebook = read(path)
    assert all(not cell.outputs and cell.execution_count is None for cell in code(notebook))
    usual = ["study", "period", "segment", "min_base", "settings"]
    assert list(read_parameters(notebook, path.name)) == usual
    keep_sections(notebook, (), path.name)


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_report_is_found_by_its_name(path: Path) -> None:
    assert find_notebook(path.stem) == path


@pytest.mark.parametrize("path", EXPLORED + LESSONS, ids=lambda path: path.stem)
def test_notebook_that_is_compared_keeps_its_outputs(path: Path) -> None:
    assert all(cell.execution_count for cell in code(read(path)))
    assert any(cell.outputs for cell in code(read(path)))


def test_gallery_has_every_picture_with_its_code() -> None:
    """A new picture has to be added to notebooks/explore/gallery.ipynb."""
    notebook = read(ROOT / "notebooks" / "explore" / "gallery.ipynb")
    shown = "".join(
        output.data.get("text/html", "")
        for cell in code(notebook)
        for output in cell.outputs
        if "data" in output
    )
    sections = re.findall(r'<section class="cx-finding [^"]*?cx-(\w+)">(.*?)</section>', shown)
    drawn = {kind for kind, page in sections if page.count("<img ") == 1}
    registered = {one.kind for one in plot.registry if issubclass(one, Finding)}
    assert drawn == registered
    assert len(sections) == len(drawn)  # each once


def test_report_leaves_no_code_behind_that_a_missing_section_defined() -> None:
    """The parts that always run must not use names that only a tagged cell gives."""
    notebook, _ = keep_sections(read(find_notebook("cx_report")), (), "cx_report.ipynb")
    source = "\n".join(cell.source for cell in code(notebook))
    assert "fit = None" in source
    assert all(not any(tag.startswith("needs-") for tag in tags(cell)) for cell in notebook.cells)


def test_files_are_read_and_recognised_in_a_notebook_without_a_cache(tmp_path: Path) -> None:
    """A database that draws a progress bar fails in a kernel, and only where nothing is cached."""
    rows = "".join(f"{n},c{n},2026-01-{n:02}T10:00:00Z\n" for n in range(1, 29))
    (tmp_path / "tickets.csv").write_text(f"ticket_id,customer_id,opened_at\n{rows}", "utf-8")
    (tmp_path / "study.toml").write_text(
        'name = "Cold"\n[tables.tickets]\npath = "tickets.csv"\n', encoding="utf-8"
    )
    lines = [
        "from pathlib import Path",
        "import cxanalysis as cx",
        "from cxanalysis.recognise import recognise",
        f"folder = Path({str(tmp_path)!r})",
        "guess = recognise([folder / 'tickets.csv'])",
        "cx.open_study(folder).reading[0].rows_kept, len(guess.tables)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(lines))])
    NotebookClient(notebook, kernel_name=NAME, kernel_manager_class=OwnKernelManager).execute()
    assert notebook.cells[0].outputs[0]["data"]["text/plain"] == "(28, 1)"
