"""A report notebook copied into a user's folder keeps its parameters, and replaces nothing."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from cxanalysis.errors import ReportError
from cxanalysis.report import copy_report
from cxanalysis.report.copies import with_defaults
from cxanalysis.report.notebooks import find_notebook, read_notebook
from cxanalysis.report.parameters import read_parameters

NOTEBOOKS = Path(__file__).parent / "notebooks"


def parameters_of(path: Path) -> dict[str, tuple[object, str]]:
    takes = read_parameters(read_notebook(path), path.name)
    return {name: (one.default, one.help) for name, one in takes.items()}


def test_copy_is_the_report_with_its_parameters(tmp_path: Path) -> None:
    copy = copy_report("journey_report", tmp_path / "new folder")
    assert copy == tmp_path / "new folder" / "my_journey_report.ipynb"
    assert read_notebook(copy) == read_notebook(find_notebook("journey_report"))


def test_values_given_become_defaults_and_the_rest_stays(tmp_path: Path) -> None:
    before = parameters_of(find_notebook("cx_report"))
    values = {"study": "study.toml", "segment": 'plan="große" \\Kunden', "min_base": 20}
    copy = copy_report("cx_report", tmp_path, as_name="große", parameters=values)
    assert copy.name == "große.ipynb"
    after = parameters_of(copy)
    assert {name: default for name, (default, _) in after.items()} == {
        **{name: default for name, (default, _) in before.items()},
        **values,
    }
    assert [help for _, help in after.values()] == [help for _, help in before.values()]


def test_a_default_is_replaced_wherever_it_stands() -> None:
    source = 'ä: str = "é"; n: int = 3  # both\nx: float = (\n    1.5\n)\nfull: bool = True  # last'
    changed = with_defaults(source, {"ä": "ü", "n": 4, "x": 2.0, "full": False})
    assert changed == 'ä: str = "ü"; n: int = 4  # both\nx: float = (\n    2.0\n)\n' + (
        "full: bool = False  # last"
    )
    assert with_defaults(source, {}) == source


def test_outputs_of_an_earlier_run_are_not_copied(tmp_path: Path) -> None:
    own = nbformat.read(NOTEBOOKS / "light.ipynb", as_version=4)
    own.cells[-1].outputs = [nbformat.v4.new_output("stream", text="earlier")]
    nbformat.write(own, tmp_path / "own.ipynb")
    copy = copy_report(tmp_path / "own.ipynb", tmp_path)
    assert "earlier" not in copy.read_text(encoding="utf-8")


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    copy = copy_report("cx_report", tmp_path, as_name="mine.ipynb")
    copy.write_text("changed", encoding="utf-8")
    with pytest.raises(ReportError, match=r"mine\.ipynb is there already"):
        copy_report("cx_report", tmp_path, as_name="mine")
    assert copy.read_text(encoding="utf-8") == "changed"


@pytest.mark.parametrize("name", ["../mine", "folder/mine.ipynb", ".ipynb"])
def test_name_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportError, match="is no file name"):
        copy_report("cx_report", tmp_path, as_name=name)


def test_parameter_that_the_report_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"has no parameter 'segmnt'\. Did you mean 'segment'"):
        copy_report("cx_report", tmp_path, parameters={"segmnt": "plan=premium"})
    assert not list(tmp_path.iterdir())
