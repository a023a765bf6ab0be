"""A report is whole or not there; a failed run says in one line where it stopped."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.report import folders, hold, run, run_report
from cxanalysis.report.kernel import MODULES, OwnKernelManager, kernels_with
from cxanalysis.study import open_study, study_of

NOTEBOOKS = Path(__file__).parent / "notebooks"
SAMPLE = Path(__file__).parents[1] / "data" / "sample"
STUDY = """
schema_version = 1
name = "Acme <b>Home</b>"
time_zone = "Europe/Berlin"
[tables.surveys]
path = "answers.csv"
[metrics]
min_base = 25
[report]
every = "month"
"""
FILES = ["answers.csv", "study.toml"]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "a {study} folder"
    folder.mkdir()
    days = [f"2026-10-{day:02}T12:00:00Z" for day in range(1, 31)] + ["2026-11-01T12:00:00Z"]
    rows = [f"r{i},c{i},{day},{i % 5 + 1}" for i, day in enumerate(days)] + ["r99,c99,,9"]
    head = "response_id,customer_id,responded_at,overall_satisfaction"
    (folder / "answers.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder / "study.toml"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_report_has_its_page_notebook_findings_and_manifest(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPECTED_PYTHON", sys.executable)
    seen: list[tuple[int, int, str]] = []
    failed = study.parent / "reports/every-output/2026-10/everyone.failed"
    failed.mkdir(parents=True)

    report = run_report(
        study,
        NOTEBOOKS / "every-output.ipynb",
        progress=lambda *step: seen.append(step),
        note="50% {of} <i>it</i>",
    )

    assert report.folder == study.parent / "reports/every-output/2026-10/everyone"
    names = ["every-output.html", "every-output.ipynb", "findings.json", "manifest.json"]
    assert set(names) <= set(files(report.folder))
    assert report.headline == "Service is not the experience."
    assert not failed.exists()
    assert not [name for name in files(study.parent) if name.startswith(".report-")]
    assert seen[0][:2] == (0, seen[0][1]) and seen[-1][2] == "What this report leaves out"

    findings = json.loads(report.findings.read_text(encoding="utf-8"))
    assert findings["findings"] == [{"kind": "answer", "share": 0.24}]
    assert (findings["period"], findings["segment"]) == ("2026-10", None)

    manifest = json.loads(report.manifest.read_text(encoding="utf-8"))
    assert manifest["period"] == {"label": "2026-10", "start": "2026-10-01", "end": "2026-11-01"}
    assert manifest["parameters"]["min_base"] == 25
    assert [file["path"] for file in manifest["inputs"]] == FILES
    assert [section["needs"] for section in manifest["left_out"]] == [["tickets"], ["model"]]
    assert str(study.parent) not in report.manifest.read_text(encoding="utf-8")

    html = report.html.read_text(encoding="utf-8")
    assert "30 answers" in html and "October 2026" in html
    assert "Acme &lt;b&gt;Home&lt;/b&gt;" in html and "<b>Home" not in html
    assert "50% {of} &lt;i&gt;it&lt;/i&gt;" in html
    assert "2026-10  25" in html
    # The kernel is this Python, draws nothing by itself, keeps no history, runs no start-up file.
    assert "True agg False False" in html
    assert "there is no table of tickets" in html
    assert "tickets section" not in html
    for hidden in (str(study.parent), str(Path.home()), "UserWarning", "to stderr"):
        assert hidden not in html
    assert "UserWarning" in report.notebook.read_text(encoding="utf-8")


def test_failed_run_says_where_and_leaves_the_earlier_report(study: Path) -> None:
    target = study.parent / "elsewhere/raises-halfway/all/everyone"
    target.mkdir(parents=True)
    (target / "raises-halfway.html").write_text("earlier", encoding="utf-8")

    with pytest.raises(ReportError) as stopped:
        run_report(
            study,
            NOTEBOOKS / "raises-halfway.ipynb",
            period="all",
            folder=study.parent / "elsewhere",
        )

    partial = target.with_name("everyone.failed") / "raises-halfway.ipynb"
    assert str(stopped.value) == (
        'raises-halfway all stopped in cell 4, "Fit the drivers": only 41 surveys for 6 drivers. '
        f"Partial notebook: {partial}"
    )
    assert (target / "raises-halfway.html").read_text(encoding="utf-8") == "earlier"
    assert files(partial.parent) == ["failure.json", "raises-halfway.ipynb"]
    failure = json.loads((partial.parent / "failure.json").read_text(encoding="utf-8"))
    assert failure.pop("seconds") >= 0
    assert datetime.fromisoformat(failure.pop("made_at")).tzinfo == UTC
    assert failure == {
        "schema_version": 1,
        "study": "Acme <b>Home</b>",
        "notebook": "raises-halfway",
        "period": "all",
        "segment": None,
        "cell": 4,
        "doing": "Fit the drivers",
        "why": "only 41 surveys for 6 drivers.",
        "tries": 1,
    }
    assert "so far" in partial.read_text(encoding="utf-8")
    assert not [name for name in files(study.parent) if name.startswith(".report-")]


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """The sample company's study with few replicates."""
    for path in SAMPLE.iterdir():
        if path.is_file():
            (tmp_path / path.name).symlink_to(path)
    toml = (SAMPLE / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").unlink()
    fewer = toml.replace("[model]", "[model]\nreplicates = 200", 1)
    (tmp_path / "study.toml").write_text(fewer, encoding="utf-8")
    return tmp_path / "study.toml"


def test_period_without_answers_gets_a_report_that_says_so(company: Path) -> None:
    report = run_report(company, period="2026-03")
    assert report.headline.startswith("Nothing can be said: there is no answer on overall")
    findings = json.loads(report.findings.read_text(encoding="utf-8"))["findings"]
    drivers = next(finding for finding in findings if finding["kind"] == "drivers")
    assert drivers["drivers"] == []
    assert "(1 to 31 March 2026)" in report.html.read_text(encoding="utf-8")


def test_sample_company_gets_its_report(company: Path) -> None:
    report = run_report(company)

    findings = json.loads(report.findings.read_text(encoding="utf-8"))["findings"]
    assert [finding["kind"] for finding in findings] == [
        "answer",
        "scorecard",
        "silent",
        "pain",
        "drivers",
        "actions",
        "loyalty",
        "sides",
        "divergence",
        "experience",
        "steps",
        "others",
        "quality",
        "dictionary",
        "trust",
    ]
    html = report.html.read_text(encoding="utf-8")
    assert f"<strong>{report.headline.split('.')[0]}.</strong>" in html
    assert "What this report leaves out" not in html
    assert all("scope=" in start for start in re.findall(r"<th(?!ead)[^>]*>", html))
    assert html.count("<img") == html.count('<img alt="') > 0
    for path in filter(Path.is_file, report.folder.rglob("*")):
        assert str(company.absolute().parent) not in path.read_text(encoding="utf-8"), path.name
    kept = nbformat.read(report.notebook, as_version=4)
    given = kept.metadata.papermill.parameters.study
    assert (report.folder / given).resolve() == company.resolve()


def test_notebook_that_takes_only_the_study_is_enough(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# What is it?"),
            nbformat.v4.new_code_cell('study: str = ""', metadata={"tags": ["parameters"]}),
        ]
    )
    nbformat.write(own, study.parent / "own.ipynb")
    given: list[object] = []

    def unexecuted(notebook: Any, values: object, output: Path, **_: object) -> Any:
        given.append(values)
        nbformat.write(notebook, output)
        return notebook

    monkeypatch.setattr(run, "execute", unexecuted)
    report = run_report(study, study.parent / "own.ipynb")
    assert given == [{"study": str(study)}]
    assert report.folder == study.parent / "reports/own/all/everyone"  # it saw all dates
    assert report.headline == ""
    with pytest.raises(ReportError, match="takes no period, so it cannot be made for 2026-10"):
        run_report(open_study(study, period="2026-10"), study.parent / "own.ipynb")
    with pytest.raises(ReportError, match="has no parameter 'period'"):
        run_report(study, study.parent / "own.ipynb", period="2026-10")


@pytest.mark.parametrize("raised", [KeyboardInterrupt, OSError("disk full")])
def test_interrupted_run_leaves_nothing_behind(
    study: Path, monkeypatch: pytest.MonkeyPatch, raised: Any
) -> None:
    open_study(study)  # fills the cache, which is kept
    before = files(study.parent)

    def interrupted(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(run, "execute", interrupted)
    with pytest.raises((KeyboardInterrupt, OSError)):
        run_report(study, NOTEBOOKS / "every-output.ipynb")
    assert files(study.parent) == before


def test_misspelt_parameter_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"has no parameter 'perod'\. Did you mean 'period'"):
        run_report(tmp_path / "absent.toml", NOTEBOOKS / "every-output.ipynb", perod="2026-10")


def test_parameter_of_another_type_is_refused(study: Path) -> None:
    with pytest.raises(ReportError, match="'min_base' takes int, not 'x'"):
        run_report(study, NOTEBOOKS / "every-output.ipynb", min_base="x")  # type: ignore[arg-type]


def test_study_of_frames_is_refused() -> None:
    config = StudyConfig.model_validate({"name": "Frames", "tables": {}})
    with pytest.raises(ReportError, match="opens its study from a file"):
        run_report(study_of(config, {}), NOTEBOOKS / "every-output.ipynb")


def test_kernel_multiplies_its_small_matrices_on_one_thread() -> None:
    manager = OwnKernelManager(kernel_name="python3")
    assert manager.kernel_spec is not None
    assert manager.kernel_spec.env["OPENBLAS_NUM_THREADS"] == "1"


def test_warm_and_cold_kernels_make_the_same_report(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPECTED_PYTHON", sys.executable)
    source = NOTEBOOKS / "every-output.ipynb"
    warm = run_report(study, source, folder=study.parent / "warm")
    monkeypatch.setattr("cxanalysis.kernels.templates.can_fork", lambda: False)
    cold = run_report(study, source, folder=study.parent / "cold")
    assert warm.findings.read_text(encoding="utf-8") == cold.findings.read_text(encoding="utf-8")
    outputs = []
    for report in (warm, cold):
        cells = nbformat.read(report.notebook, as_version=4).cells
        shown = json.dumps([cell.get("outputs") for cell in cells])
        outputs.append(re.sub(r"ipykernel_\d+", "the process", shown))
    assert outputs[0] == outputs[1]


def test_kernels_of_reports_find_what_a_function_prepared() -> None:
    manager = kernels_with("package.warm:prepare", {"study": "s.toml"})(kernel_name="python3")
    assert manager.kernel_spec is not None
    assert manager.kernel_spec.metadata["kernel_provisioner"]["config"] == {
        "modules": MODULES,
        "preload": "package.warm:prepare",
        "arguments": {"study": "s.toml"},
    }


def test_kernel_of_the_same_name_in_the_home_does_not_take_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = tmp_path / "kernels" / "python3"
    foreign.mkdir(parents=True)
    spec = {"argv": ["/foreign/python"], "display_name": "Foreign", "language": "python"}
    (foreign / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    manager = OwnKernelManager(kernel_name="python3")
    assert manager.kernel_spec is not None
    assert manager.kernel_spec.argv[0] == sys.executable


def test_earlier_report_comes_back_when_the_new_one_cannot_be_moved(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "page").write_text("earlier", encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        folders.put_in_place(tmp_path / "never made", target)
    assert (target / "page").read_text(encoding="utf-8") == "earlier"


def test_new_report_replaces_the_earlier_one_whole(tmp_path: Path) -> None:
    target, made = tmp_path / "deep" / "target", tmp_path / "made"
    for number in ("1", "2"):
        made.mkdir()
        (made / f"page{number}").write_text(number, encoding="utf-8")
        folders.put_in_place(made, target)
    assert files(target) == ["page2"]
    assert files(tmp_path) == ["deep"]


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        ("", "everyone"),
        ("region=North", "region=North"),
        ("region=Österreich", "region=Österreich"),
    ],
)
def test_folder_is_named_after_the_segment(tmp_path: Path, segment: str, name: str) -> None:
    target = folders.target_folder(tmp_path, "cx_report", "2026-Q3", segment)
    assert target == tmp_path / "cx_report" / "2026-Q3" / name


def test_segment_cannot_lead_out_of_the_folder_nor_share_one(tmp_path: Path) -> None:
    segments = ["region=../../x", "region=..", "region=a/b", "region=a_b", "region=a:b"]
    targets = {folders.target_folder(tmp_path, "r", "all", segment) for segment in segments}
    assert len(targets) == len(segments)
    assert all(target.parent == tmp_path / "r" / "all" for target in targets)


def test_names_too_long_for_a_folder_and_those_of_failed_runs_are_apart(tmp_path: Path) -> None:
    segments = ["region=" + "ö" * 400, "region=" + "ö" * 401, "region=x", "region=x.failed"]
    targets = [folders.target_folder(tmp_path, "r", "all", segment) for segment in segments]
    failed = [folders.failed_folder(target) for target in targets]
    assert len({*targets, *failed}) == 8
    for folder in failed:
        folder.mkdir(parents=True)


def test_report_folder_is_as_readable_as_any_other(study: Path) -> None:
    target = study.parent / "new" / "target"
    with hold.held(study.parent, target) as work:
        assert work is not None
        (work / "report").mkdir()
        folders.put_in_place(work / "report", target)
    beside = study.parent / "beside"
    beside.mkdir()
    assert target.stat().st_mode == beside.stat().st_mode


def test_fixture_notebooks_are_valid() -> None:
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    assert paths
    for path in paths:
        assert nbformat.validator.isvalid(nbformat.read(path, as_version=4)), path.name


OWN = """study: str = ""
period: str = "2026-11"
segment: str = "overall_satisfaction=5.0"
min_base: int = 12
settings: str = "metrics.fcr_window_days = 14"
"""


@pytest.fixture
def planned(study: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., run.Plan]:
    """What a run of a notebook with defaults of its own is going to make."""
    own = study.parent / "own.ipynb"
    cell = nbformat.v4.new_code_cell(OWN, metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), own)
    monkeypatch.setattr(run, "make_report", lambda plan, work, progress: plan)
    return lambda asked=None, **given: run_report(asked or study, own, **given)  # type: ignore[return-value]


def test_defaults_of_a_notebook_hold_where_a_run_gives_none(planned) -> None:
    plan = planned()
    assert plan.target.parts[-2:] == ("2026-11", "overall_satisfaction=5.0")
    assert plan.study.config.metrics.fcr_window_days == 14
    assert plan.values["min_base"] == 12
    assert plan.values["settings"] == "metrics.fcr_window_days = 14"


def test_what_a_run_gives_goes_before_the_defaults_of_its_notebook(study, planned) -> None:
    asked = {"settings": "metrics.fcr_window_days = 3", "folder": study.parent / "views"}
    plan = planned(period="2026-10", min_base=20, **asked)
    assert plan.target.parts[-2:] == ("2026-10", "overall_satisfaction=5.0")
    assert (plan.values["min_base"], plan.study.config.metrics.fcr_window_days) == (20, 3)


def test_a_study_under_other_definitions_is_reported_under_them(study: Path, planned) -> None:
    asked = open_study(study, period="2026-10", settings="metrics.fcr_window_days = 2")
    plan = planned(asked, folder=study.parent / "views")
    assert plan.study.config.metrics.fcr_window_days == 2
    assert (plan.study.period.label, plan.study.segment) == ("2026-10", None)
    assert plan.values["settings"] == "metrics.fcr_window_days = 2"
    with pytest.raises(ReportError, match="has no parameter 'settings'"):
        run_report(asked, NOTEBOOKS / "every-output.ipynb", folder=study.parent / "views")


def test_a_report_under_other_settings_does_not_take_the_place_of_its_own(study, planned) -> None:
    other = {"settings": "metrics.fcr_window_days = 3"}
    for where in ({}, {"folder": study.parent / "views" / ".." / "reports"}):
        with pytest.raises(ReportError, match=r"would take the place of its own .*folder="):
            planned(**other, **where)
    asked = open_study(study, settings="metrics.fcr_window_days = 2")
    with pytest.raises(ReportError, match="would take the place"):
        planned(asked)
    own = planned(settings="metrics.fcr_window_days = 14")
    assert own.target.is_relative_to(study.parent / "reports")
