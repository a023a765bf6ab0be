"""Parameters of a report notebook are checked before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from cxanalysis.errors import ReportError
from cxanalysis.report.notebooks import find_notebook, read_notebook
from cxanalysis.report.parameters import Parameter, check_parameters, read_parameters

NOTEBOOKS = Path(__file__).parent / "notebooks"
LINES = (
    'study: str = ""  # path of study.toml\nperiod: str = ""\nmin_base: int = 30\nrate: float = 0.5'
)


def notebook(source: str) -> NotebookNode:
    return new_notebook(cells=[new_code_cell(source, metadata={"tags": ["parameters"]})])


def takes(source: str = LINES) -> dict[str, Parameter]:
    return read_parameters(notebook(source), "cx_report.ipynb")


def test_each_line_is_read_with_its_help() -> None:
    parameters = takes()
    assert parameters["study"] == Parameter("study", "str", "", "path of study.toml")
    assert parameters["min_base"] == Parameter("min_base", "int", 30, "")


def test_unknown_name_is_refused_with_the_closest() -> None:
    with pytest.raises(ReportError) as stopped:
        check_parameters(takes(), {"perod": "2026-10"}, "cx_report.ipynb")
    assert str(stopped.value) == (
        "cx_report.ipynb has no parameter 'perod'. Did you mean 'period'? "
        "It takes: study, period, min_base, rate."
    )


@pytest.mark.parametrize("value", ["x", 2.5, True, None])
def test_value_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(ReportError, match="parameter 'min_base' takes int, not"):
        check_parameters(takes(), {"min_base": value}, "cx_report.ipynb")


def test_whole_number_passes_for_a_float() -> None:
    assert check_parameters(takes(), {"rate": 1}, "x.ipynb") == {"rate": 1.0}


@pytest.mark.parametrize(
    "line",
    [
        "period = '2026-10'",
        "period: str | None = None",
        "period: list = []",
        "period: str = str(2026)",
        "period: int = '2026'",
        "import os",
        "period: str = ",
    ],
)
def test_line_that_papermill_might_misread_is_refused(line: str) -> None:
    with pytest.raises(ReportError):
        takes(f"study: str = ''\n{line}")


def test_refused_line_is_quoted() -> None:
    with pytest.raises(ReportError, match=r"line 2: cannot read \"period = '2026'\""):
        takes("study: str = ''\nperiod = '2026'")


def test_default_with_an_equals_sign_is_read() -> None:
    assert takes("segment: str = 'region=North'")["segment"].default == "region=North"


def test_notebook_without_parameters_cell_is_refused() -> None:
    with pytest.raises(ReportError, match="has no cell tagged 'parameters'"):
        read_parameters(read_notebook(NOTEBOOKS / "no-parameters.ipynb"), "no-parameters.ipynb")


def test_unknown_report_is_refused_with_the_closest() -> None:
    with pytest.raises(ReportError, match="Did you mean 'cx_report'"):
        find_notebook("cx_reprot")


def test_name_cannot_climb_out_of_the_reports() -> None:
    with pytest.raises(ReportError, match="No report is named"):
        find_notebook("../explore/quickstart")


def test_file_that_is_no_notebook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text("not json", encoding="utf-8")
    with pytest.raises(ReportError, match=r"x\.ipynb is not a notebook"):
        read_notebook(path)
