"""A report notebook copied into a user's folder keeps its parameters, and replaces nothing."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from cold_kernels import cold
from typer.testing import CliRunner, Result

from cxanalysis.batch import work
from cxanalysis.cli import app
from cxanalysis.cli.batches import SOME_FAILED
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


# --- the command, and what becomes of a changed copy ------------------------------------------

STUDY = """
name = "Acme"
[tables.surveys]
path = "answers.csv"
[report]
notebooks = ["own/mine.ipynb"]
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Answers of August to November 2026."""
    rows = [f"r{n},c{n},2026-{8 + n % 4:02}-20T12:00:00Z,{n % 5 + 1}" for n in range(40)]
    head = "response_id,customer_id,responded_at,overall_satisfaction"
    (tmp_path / "answers.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path / "study.toml"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


def test_command_writes_beside_the_study_and_says_what_to_do_next(study: Path) -> None:
    said = run("new-report", study)
    copy = study.parent / "my_cx_report.ipynb"
    assert parameters_of(copy)["study"][0] == "study.toml"
    assert f"cxanalysis report {study} --notebook {copy}" in said.stdout
    assert 'notebooks = ["cx_report", "my_cx_report.ipynb"]' in said.stdout
    again = run("new-report", study)
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_command_without_a_study_file_says_how_to_write_one(tmp_path: Path) -> None:
    said = run("new-report", tmp_path)
    assert said.exit_code == 1
    assert "cxanalysis init" in said.stderr
    assert not list(tmp_path.iterdir())


def test_changed_copy_is_made_by_every_command_without_being_registered(
    study: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "kernels_for", cold)
    own = study.parent / "own"
    run(
        "new-report",
        study,
        "--notebook",
        NOTEBOOKS / "light.ipynb",
        "--name",
        "mine",
        "--folder",
        own,
    )
    copy = own / "mine.ipynb"
    changed = nbformat.read(copy, as_version=4)
    changed.cells.append(nbformat.v4.new_code_cell("study, 6 * 7"))
    nbformat.write(changed, copy)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))  # as a scheduler's working folder

    assert run("report", study, "--notebook", copy, "--period", "2026-08").exit_code == 0
    batch = run("batch", study, "--period", "2026-08", "--period", "2026-09")
    assert batch.exit_code == 0
    assert "due: mine 2026-10 everyone" in run("due", study).stdout
    assert run("run-due", study).exit_code == 0

    for period in ("2026-08", "2026-09", "2026-10"):
        folder = study.parent / "reports" / "mine" / period / "everyone"
        assert "42" in (folder / "mine.html").read_text(encoding="utf-8")


def test_two_notebooks_of_one_name_are_refused_before_anything_is_made(study: Path) -> None:
    copy_report("cx_report", study.parent, as_name="cx_report")
    said = run(
        "batch", study, "--notebook", "cx_report", "--notebook", study.with_name("cx_report.ipynb")
    )
    assert said.exit_code == 1
    assert "Rename one of them" in said.stderr


def test_notebook_without_a_period_is_made_of_all_dates_and_of_no_single_one(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "kernels_for", cold)
    own = nbformat.read(NOTEBOOKS / "light.ipynb", as_version=4)
    own.cells[1].source, own.cells[2].source = 'study: str = ""', "6 * 7"
    (study.parent / "own").mkdir()
    nbformat.write(own, study.parent / "own" / "mine.ipynb")

    assert run("report", study, "--notebook", study.parent / "own" / "mine.ipynb").exit_code == 0
    page = study.parent / "reports" / "mine" / "all" / "everyone" / "mine.html"
    assert "42" in page.read_text(encoding="utf-8")
    monthly = run("batch", study)
    assert monthly.exit_code == SOME_FAILED
    assert "takes no period, so it cannot be made for 2026-10" in monthly.stdout
