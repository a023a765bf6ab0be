"""Reports of one batch share what was read and prepared, and find it as it was planned."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from test_batch import LIGHT, write_study

from cxanalysis import study as study_module
from cxanalysis.batch import Failed, run_batch
from cxanalysis.batch import work as work_module
from cxanalysis.errors import ReportError
from cxanalysis.kernels.templates import can_fork
from cxanalysis.report.warm import inputs_of, prepare
from cxanalysis.study import open_study, prepare_study

# Prints how the kernel came to its study, and what it holds.
LOOKS = """
import cxanalysis.study as module
from cxanalysis.study import open_study
path = __import__("pathlib").Path(study)
opened = open_study(study, period=period, segment=segment or None)
from cxanalysis.engine import collect
import narwhals as nw
n = int(collect(opened.tables["surveys"].select(nw.len().alias("n")))["n"].iloc[0])
print(f"prepared {path in module._prepared}, rows {n}")
"""


@pytest.fixture
def prepared() -> object:
    before = dict(study_module._prepared)
    yield study_module._prepared
    study_module._prepared.clear()
    study_module._prepared.update(before)


def text_of(folder: Path) -> str:
    notebook = nbformat.read(folder / "looks.ipynb", as_version=4)
    return str(notebook.cells[-1].outputs[0].text)


@pytest.mark.skipif(not can_fork(), reason="there is no fork here")
def test_the_kernels_of_a_batch_find_the_study_read(tmp_path: Path) -> None:
    notebook = nbformat.read(LIGHT, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(LOOKS))
    nbformat.write(notebook, tmp_path / "looks.ipynb")
    study = write_study(tmp_path / "study")
    result = run_batch(
        study,
        notebooks=[str(tmp_path / "looks.ipynb")],
        periods=["all"],
        segments=["everyone", "plan=basic"],
    )
    everyone, basic = result.made
    assert text_of(everyone.report.folder) == "prepared True, rows 60\n"
    assert text_of(basic.report.folder) == "prepared True, rows 20\n"
    manifest = json.loads(everyone.report.manifest.read_text(encoding="utf-8"))
    assert [file["path"] for file in manifest["inputs"]] == [
        "answers.csv",
        "customers.csv",
        "study.toml",
    ]


def test_a_prepared_study_is_found_and_may_be_narrowed(tmp_path: Path, prepared: object) -> None:
    study = write_study(tmp_path)
    prepare_study(study)
    (tmp_path / "answers.csv").unlink()  # what was prepared needs no file any more
    opened = open_study(tmp_path, period="2026-09", segment="plan=basic", min_base=7)
    assert (opened.period.label, opened.segment) == ("2026-09", ("plan", "basic"))  # type: ignore[union-attr]
    assert opened.config.metrics.min_base == 7
    assert open_study(study).config.metrics.min_base == 30
    assert open_study(study).engine.settings.threads == 1


def test_a_study_that_changed_since_it_was_planned_is_refused(
    tmp_path: Path, prepared: object
) -> None:
    study = write_study(tmp_path)
    planned = inputs_of(open_study(study))
    with (tmp_path / "answers.csv").open("a", encoding="utf-8") as answers:
        answers.write("r99,c1,2026-10-02T12:00:00Z,4\n")
    assert inputs_of(open_study(study)) != planned
    with pytest.raises(ReportError, match="changed after the reports were planned"):
        prepare(str(study), planned)


def test_a_worker_that_finds_other_files_makes_no_report_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cxanalysis.batch import opened

    study = write_study(tmp_path)
    make = work_module.make

    def elsewhere(order: work_module.Order) -> object:
        with (tmp_path / "answers.csv").open("a", encoding="utf-8") as answers:
            answers.write("r99,c1,2026-10-02T12:00:00Z,4\n")
        opened._read.clear()  # as in another process
        return make(order)

    monkeypatch.setattr("cxanalysis.batch.run.make", elsewhere)
    (failed,) = run_batch(study, notebooks=[LIGHT], periods=["all"]).reports
    assert isinstance(failed, Failed)
    assert "changed after the reports were planned" in failed.why
    assert not list((tmp_path / "reports").glob("*/*/*/manifest.json"))
