"""Many reports: what is made, what is there already, what fails and is tried again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path

import pytest
from cold_kernels import cold
from typer.testing import CliRunner, Result

from cxanalysis.batch import Empty, Failed, Job, Limits, Made, There, run_batch
from cxanalysis.batch import run as run_module
from cxanalysis.batch import work as work_module
from cxanalysis.batch.contents import rows_by_period
from cxanalysis.batch.jobs import plan_jobs
from cxanalysis.batch.opened import read_source
from cxanalysis.batch.work import Order, _plan
from cxanalysis.cli import app
from cxanalysis.deliver import Delivery, Sent
from cxanalysis.errors import ReportError
from cxanalysis.explore.saving import save_report
from cxanalysis.explore.state import State
from cxanalysis.report.folders import failed_folder
from cxanalysis.report.hold import held
from cxanalysis.report.present import is_made
from cxanalysis.schedule import due_reports
from cxanalysis.study import open_study

NOTEBOOKS = Path(__file__).parent / "notebooks"
LIGHT = str(NOTEBOOKS / "light.ipynb")
STUMBLES = str(NOTEBOOKS / "stumbles.ipynb")
STUDY = """
name = "Acme"
time_zone = "Europe/Berlin"
[tables.surveys]
path = "answers.csv"
[tables.customers]
path = "customers.csv"
"""
PLANS = ("basic", "premium", "../../outside")


def write_study(folder: Path, plans: tuple[str, ...] = PLANS, more: str = "") -> Path:
    """Answers from mid-August to November 2026; the last plan has none in October."""
    folder.mkdir(parents=True, exist_ok=True)
    answers = ["response_id,customer_id,responded_at,overall_satisfaction"]
    customers = ["customer_id,plan"]
    for number in range(60):
        plan = plans[number % len(plans)]
        month = 8 + number // len(plans) % 4
        if month == 10 and plan == plans[-1]:
            month = 9
        customers.append(f"c{number},{plan}")
        answers.append(f"r{number},c{number},2026-{month:02}-20T12:00:00Z,{number % 5 + 1}")
    (folder / "answers.csv").write_text("\n".join(answers) + "\n", encoding="utf-8")
    (folder / "customers.csv").write_text("\n".join(customers) + "\n", encoding="utf-8")
    (folder / "study.toml").write_text(STUDY + more, encoding="utf-8")
    return folder / "study.toml"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study")


COMMAND = [sys.executable, str(Path(__file__).with_name("cold_kernels.py"))]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for, and no kernel is prepared: `test_batch_warm` has those."""
    monkeypatch.setattr(work_module, "PAUSE", 0.0)
    monkeypatch.setattr(work_module, "kernels_for", cold)


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


def manifests(root: Path) -> dict[str, int]:
    """When each report below a folder was written, by its way from there."""
    found = root.glob("[!.]*/*/*/manifest.json")
    return {path.parent.relative_to(root).as_posix(): path.stat().st_mtime_ns for path in found}


# --- which reports --------------------------------------------------------------------------


def test_the_study_file_says_which_reports(tmp_path: Path) -> None:
    asks = f'[report]\nnotebooks = ["cx_report", "{LIGHT}"]\nsegments = ["everyone", "plan"]\n'
    opened = open_study(write_study(tmp_path, more=asks))
    jobs = plan_jobs(opened)
    assert len(jobs) == 2 * 1 * 4
    assert jobs[0] == Job(tmp_path / "study.toml", "cx_report", "2026-10")
    assert {job.segment for job in jobs} == {"", *(f"plan={plan}" for plan in PLANS)}
    assert jobs[-1].notebook == LIGHT


def test_options_stand_in_place_of_the_study_file(study: Path) -> None:
    jobs = plan_jobs(
        open_study(study), [LIGHT], ["every", "all", "2026-10"], ["plan=basic", "plan=basic"]
    )
    assert [job.period for job in jobs] == ["2026-08", "2026-09", "2026-10", "all"]
    assert {job.segment for job in jobs} == {"plan=basic"}


def test_a_saved_view_is_reported_of_its_own_segment_base_and_settings(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    state = State("plan=basic", "2026-09", "overall_satisfaction")
    based = open_study(path, min_base=12)
    moved = "model.lookback_days = 30"
    view = save_report(based, state, moved, "cx_report", tmp_path).name
    asks = f'[report]\nnotebooks = ["cx_report", "{view}"]\nsegments = ["everyone", "plan"]\n'
    source, opened = read_source(write_study(tmp_path, more=asks))
    jobs = plan_jobs(opened)
    assert [job.segment for job in jobs if job.notebook.endswith(view)] == ["plan=basic"]
    assert len(jobs) == 4 + 1
    lines = {(Path(one.job.notebook).stem, one.job.segment) for one in due_reports(opened).due}
    assert (Path(view).stem, "plan=basic") in lines and (Path(view).stem, "") not in lines
    plans = [_plan(Order(job, source, tmp_path / "reports")) for job in (jobs[0], jobs[-1])]
    assert [plan.values["min_base"] for plan in plans] == [30, 12]
    assert [plan.values["segment"] for plan in plans] == ["", "plan=basic"]
    assert [plan.study.moved for plan in plans] == [(), ("model.lookback_days",)]
    assert {job.segment for job in plan_jobs(opened, segments=["everyone"])} == {""}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"notebooks": ["cx_reprot"]}, "Did you mean 'cx_report'"),
        ({"periods": ["October"]}, "is not a period"),
        ({"periods": ["9999"]}, "beyond what calendars"),
        ({"periods": ["0001-01"]}, "beyond what calendars"),
        ({"segments": ["plann"]}, "Did you mean 'plan'"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_is_made(
    study: Path, asked: dict[str, list[str]], said: str
) -> None:
    with pytest.raises(ReportError, match=said):
        run_batch(study, **asked)  # type: ignore[arg-type]
    assert not (study.parent / "reports").exists()


def test_an_address_is_no_folder_to_make_reports_in(study: Path) -> None:
    with pytest.raises(ReportError, match=r"s3://.*folder under \[deliver\]"):
        run_batch(study, folder="s3://bucket/reports")


def test_rows_are_counted_by_period_and_segment(study: Path) -> None:
    opened = open_study(study)
    periods = [
        period for label in ("2026-09", "2026-10") if (period := opened.during(label).period)
    ]
    everyone = rows_by_period(opened, periods)
    assert everyone == {("", "2026-09"): 20, ("", "2026-10"): 10, ("", "all"): 60}
    by_plan = rows_by_period(opened, periods, "plan")
    assert by_plan[("plan=basic", "2026-10")] == 5
    assert ("plan=../../outside", "2026-10") not in by_plan
    assert sum(n for (_, label), n in by_plan.items() if label == "all") == 60


# --- what becomes of them -------------------------------------------------------------------


def test_reports_are_made_once_and_again_only_where_something_changed(study: Path) -> None:
    told: list[tuple[int, int]] = []
    first = run_batch(
        study,
        notebooks=[LIGHT],
        segments=["everyone", "plan"],
        progress=lambda outcome, done, total: told.append((done, total)),
    )
    root = study.parent / "reports"
    assert [type(one) for one in first.reports] == [Made, Empty, Made, Made]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    made = manifests(root)
    assert set(made) == {
        f"light/2026-10/{name}" for name in ("everyone", "plan=basic", "plan=premium")
    }

    second = run_batch(study, notebooks=[LIGHT], segments=["everyone", "plan"])
    assert [type(one) for one in second.reports] == [There, Empty, There, There]
    assert manifests(root) == made

    # Another segment asked for is nothing that shapes a report; a definition is.
    text = study.read_text(encoding="utf-8")
    study.write_text(text + '[report]\nsegments = ["plan"]\n', encoding="utf-8")
    assert not run_batch(study, notebooks=[LIGHT], segments=["everyone"]).made
    study.write_text(text + "[metrics]\nfcr_window_days = 9\n", encoding="utf-8")
    assert len(run_batch(study, notebooks=[LIGHT], segments=["everyone"]).made) == 1
    study.write_text(text + '[privacy]\ndrop = ["plan"]\n', encoding="utf-8")
    assert len(run_batch(study, notebooks=[LIGHT], segments=["everyone"]).made) == 1
    with (study.parent / "answers.csv").open("a", encoding="utf-8") as answers:
        answers.write("r99,c1,2026-10-02T12:00:00Z,4\n")
    assert len(run_batch(study, notebooks=[LIGHT], segments=["everyone"]).made) == 1
    assert len(run_batch(study, notebooks=[LIGHT], again=True).made) == 1
    for damaged in ("[]", '{"inputs": [{}]}'):
        (root / "light/2026-10/everyone/manifest.json").write_text(damaged, encoding="utf-8")
        assert len(run_batch(study, notebooks=[LIGHT], segments=["everyone"]).made) == 1


def test_a_report_that_is_wanted_printed_is_made_again(study: Path) -> None:
    run_batch(study, notebooks=[LIGHT], segments=["everyone"])
    with study.open("a", encoding="utf-8") as file:
        file.write('[report]\npdf = "weasyprint"\n')
    plan = _plan(
        Order(
            plan_jobs(open_study(study), [LIGHT])[0],
            read_source(study)[0],
            study.parent / "reports",
        )
    )
    assert not is_made(plan)
    (plan.target / "light.pdf").write_bytes(b"%PDF-")
    assert is_made(plan)


def test_a_failure_that_a_killed_run_left_beside_its_report_is_cleared(study: Path) -> None:
    (made,) = run_batch(study, notebooks=[LIGHT]).made
    failed = failed_folder(made.report.folder)
    failed.mkdir()
    assert isinstance(run_batch(study, notebooks=[LIGHT]).reports[0], There)
    assert not failed.exists()


def test_whatever_goes_wrong_with_delivery_or_list_the_reports_are_made(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("p@ssword")

    monkeypatch.setattr(run_module, "deliver", fail)
    monkeypatch.setattr(run_module, "write_index", fail)
    result = run_batch(study, notebooks=[LIGHT], segments=["everyone"])
    assert len(result.made) == 1
    delivered, listed = result.problems
    assert delivered.endswith("everyone: Not delivered: RuntimeError.")
    assert listed.startswith("The page that lists all reports could not be written")


def test_a_server_that_nobody_answers_at_is_tried_once_in_a_run(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[set[str]] = []

    def dead(_folder: Path, _config: object, without: set[str]) -> Delivery:
        left.append(set(without))
        return Delivery((Sent("mail", "failed", "no answer", is_down=True),))

    monkeypatch.setattr(run_module, "deliver", dead)
    result = run_batch(study, notebooks=[LIGHT], segments=["everyone", "plan=basic"], jobs=1)
    assert len(result.made) == 2
    assert left == [set(), {"mail"}]


def test_one_failure_never_stops_the_rest_and_only_what_may_pass_is_tried_again(
    tmp_path: Path,
) -> None:
    study = write_study(tmp_path, plans=("broken", "shaky", "slow", "sound"))
    result = run_batch(
        study,
        notebooks=[STUMBLES],
        periods=["all"],
        segments=["plan", "plan=absent"],
        limits=Limits(seconds=5),
    )
    broken, shaky, slow, sound, absent = result.reports
    assert isinstance(broken, Failed) and "ValueError: no good" in broken.why
    assert (broken.tries, slow.tries, absent.tries) == (1, 1, 1)  # type: ignore[union-attr]
    assert isinstance(shaky, Made) and shaky.tries == 2
    assert isinstance(slow, Failed) and "longer than the limit of 5 s" in slow.why
    assert isinstance(sound, Made)
    assert isinstance(absent, Failed) and "'plan' has no value 'absent'" in absent.why
    for failed in (broken, slow, absent):
        assert isinstance(failed, Failed) and failed.folder is not None
        record = json.loads((failed.folder / "failure.json").read_text(encoding="utf-8"))
        assert (record["study"], record["segment"]) == ("Acme", failed.job.segment)
        assert record["tries"] == 1 and record["why"]
    assert not [path for path in (tmp_path / "reports").iterdir() if path.name[0] == "."]


def test_a_disk_that_fails_is_tried_again_and_gives_up_in_the_end(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def fails(*arguments: object, **named: object) -> None:
        calls.append(1)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(work_module, "make_report", fails)
    (failed,) = run_batch(study, notebooks=[LIGHT], tries=4).reports
    assert isinstance(failed, Failed)
    assert (failed.tries, len(calls)) == (4, 4)
    assert "No space left" in failed.why


def test_a_mistake_in_the_code_fails_one_report(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object, **named: object) -> None:
        raise KeyError("slip")

    monkeypatch.setattr(work_module, "make_report", fails)
    (failed,) = run_batch(study, notebooks=[LIGHT]).reports
    assert isinstance(failed, Failed) and failed.why == "KeyError: 'slip'"


def test_reports_are_listed_and_delivered_once_and_failures_are_told(tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    more = f'[deliver]\nfolder = "{copies}"\n'
    study = write_study(tmp_path / "study", plans=("sound", "broken"), more=more)
    options = {"notebooks": [STUMBLES], "periods": ["all"], "segments": ["plan"]}
    result = run_batch(study, **options)  # type: ignore[arg-type]
    assert not result.problems
    page = (study.parent / "reports" / "index.html").read_text(encoding="utf-8")
    assert "plan=sound" in page and "plan=broken" in page and "no good" in page
    (copy,) = copies.rglob("manifest.json")
    before = copy.stat().st_mtime_ns
    assert copy.parent.name == "plan=sound"
    assert not run_batch(study, **options).problems  # type: ignore[arg-type]
    assert copy.stat().st_mtime_ns == before

    (tmp_path / "file").touch()
    study.write_text(study.read_text("utf-8").replace("copies", "file/copies"), encoding="utf-8")
    for path in (study.parent / "reports").rglob("delivered.json"):
        path.unlink()
    result = run_batch(study, **options)  # type: ignore[arg-type]
    problem, _ = result.problems  # nor can the list of the copies be written
    assert problem.startswith("stumbles all plan=sound: Not delivered by folder")


def test_path_tricks_in_a_segment_stay_inside_the_folder(study: Path) -> None:
    result = run_batch(study, notebooks=[LIGHT], periods=["all"], segments=["plan=../../outside"])
    (made,) = result.made
    root = study.parent / "reports"
    assert made.report.folder.parent == root / "light" / "all"
    assert made.report.folder.resolve().is_relative_to(root.resolve())
    assert not list(study.parent.parent.glob("outside*"))


def test_a_report_that_another_run_is_making_is_waited_for_at_the_end(study: Path) -> None:
    root = study.parent / "reports"
    target = root / "light" / "2026-10" / "everyone"
    seen: list[str] = []

    def holder() -> None:
        with held(root, target):
            ready.set()
            free.wait()

    ready, free = threading.Event(), threading.Event()
    thread = threading.Thread(target=holder)
    thread.start()
    ready.wait()

    def progress(outcome: object, done: int, total: int) -> None:
        seen.append(str(outcome.job.segment))  # type: ignore[attr-defined]
        free.set()

    result = run_batch(
        study, notebooks=[LIGHT], segments=["everyone", "plan=basic"], jobs=1, progress=progress
    )
    thread.join()
    assert seen == ["plan=basic", ""]
    assert len(result.made) == 2


def test_two_batches_at_once_make_every_report_once(study: Path) -> None:
    call = [*COMMAND, "batch", study, "--notebook", LIGHT]
    call += ["--segment", "everyone", "--segment", "plan", "--period", "every", "--jobs", "2"]
    both = [subprocess.Popen(call, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    totals = [one.communicate()[0].splitlines()[-1].split() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    made = [int(total[2]) for total in totals]
    there = [int(total[3]) for total in totals]
    assert sum(made) == 11 and [m + t for m, t in zip(made, there, strict=True)] == [11, 11]
    assert len(manifests(study.parent / "reports")) == 11


def test_a_killed_batch_is_resumed_with_what_is_missing(study: Path) -> None:
    root = study.parent / "reports"
    call = [*COMMAND, "batch", study, "--notebook", LIGHT]
    call += ["--segment", "everyone", "--segment", "plan", "--period", "every", "--jobs", "2"]
    process = subprocess.Popen(call, start_new_session=True)
    while len(manifests(root)) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = manifests(root)
    assert 3 <= len(before) < 11

    options = {"notebooks": [LIGHT], "segments": ["everyone", "plan"], "periods": ["every"]}
    result = run_batch(study, **options)  # type: ignore[arg-type]
    assert len(result.there) == len(before)
    assert len(result.made) == 11 - len(before)
    after = manifests(root)
    assert {name: after[name] for name in before} == before
    assert not [path for path in root.iterdir() if path.name.startswith(".")]


# --- executors ------------------------------------------------------------------------------


def test_a_pool_of_processes_makes_them_too(study: Path) -> None:
    with ProcessPoolExecutor(1, mp_context=__import__("multiprocessing").get_context("spawn")) as p:
        result = run_batch(study, notebooks=[LIGHT], segments=["plan"], executor=p)
    assert len(result.made) == 2


def fail(future: Future[object]) -> None:
    future.set_exception(ConnectionError("gone"))


def cancel(future: Future[object]) -> None:
    future.cancel()
    future.set_running_or_notify_cancel()


class Loses(Executor):
    """Loses every job the given number of times, then gives what a worker would."""

    def __init__(self, times: int, lose: Callable[[Future[object]], None] = fail) -> None:
        self.times, self.lose = times, lose

    def submit(self, fn, /, *arguments, **named):  # type: ignore[no-untyped-def]
        future: Future[object] = Future()
        if self.times:
            self.times -= 1
            self.lose(future)
        else:
            future.set_result(fn(*arguments, **named))
        return future


def test_a_job_whose_worker_is_lost_is_given_to_another(study: Path) -> None:
    assert len(run_batch(study, notebooks=[LIGHT], executor=Loses(2)).made) == 1
    (failed,) = run_batch(study, notebooks=[LIGHT], executor=Loses(3), again=True).reports
    assert isinstance(failed, Failed)
    assert "worker was lost (ConnectionError)" in failed.why


def test_a_job_that_a_cluster_cancels_is_given_to_another_worker(study: Path) -> None:
    assert len(run_batch(study, notebooks=[LIGHT], executor=Loses(2, cancel)).made) == 1


# --- the command ----------------------------------------------------------------------------


def test_the_command_ends_with_a_table_and_a_code(tmp_path: Path) -> None:
    study = write_study(tmp_path, plans=("broken", "sound"))
    call = ("batch", study, "--notebook", STUMBLES, "--period", "all", "--segment", "plan")
    result = command(*call)
    assert result.exit_code == 3
    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        "notebook",
        "period",
        "made",
        "there",
        "already",
        "no",
        "data",
        "failed",
    ]
    assert lines[1].split() == ["stumbles", "all", "1", "0", "0", "1"]
    assert "failed: stumbles all plan=broken, at try 1" in result.stdout
    assert "ValueError: no good" in result.stdout
    assert "1/2 " in result.stderr and "2/2 " in result.stderr
    again = command(
        "batch", study, "--notebook", STUMBLES, "--period", "all", "--segment", "plan=sound"
    )
    assert again.exit_code == 0
    assert "there already stumbles all plan=sound" in again.stderr


@pytest.mark.parametrize("amount", ["much", "-5GB", "0GB", "nanGB", "infGB"])
def test_an_amount_of_memory_that_is_none_is_refused(study: Path, amount: str) -> None:
    result = command("batch", study, f"--memory={amount}")
    assert result.exit_code == 1
    assert "Write 800MB" in result.stderr


def test_a_column_without_a_value_makes_no_report_and_the_command_says_so(tmp_path: Path) -> None:
    study = write_study(tmp_path, plans=("",))
    result = command("batch", study, "--notebook", LIGHT, "--segment", "plan")
    assert result.exit_code == 0
    assert "no report to make" in result.stdout


def test_what_a_customer_wrote_steers_no_terminal_and_forges_no_line(tmp_path: Path) -> None:
    name = "ba\\u001b[2J[/bold]"
    study = write_study(tmp_path, plans=(json.loads(f'"{name}"'),))
    result = command("batch", study, "--notebook", LIGHT, "--period", "all", "--segment", "plan")
    assert "\x1b" not in result.stderr + result.stdout
    assert "made light all plan=ba" in result.stderr


def test_an_interrupt_says_what_it_waits_for_and_leaves_the_rest(study: Path) -> None:
    call = [sys.executable, "-m", "cxanalysis.cli", "batch", str(study), "--notebook", LIGHT]
    call += ["--period", "all", "--segment", "plan", "--jobs", "1"]
    silent = subprocess.DEVNULL
    with subprocess.Popen(call, stderr=subprocess.PIPE, stdout=silent, text=True) as batch:
        assert batch.stderr is not None
        assert batch.stderr.readline().startswith("1/3 made light all")
        batch.send_signal(signal.SIGINT)
        rest = batch.stderr.read()
    assert batch.returncode == 130
    assert "Stopping when the reports in hand are made." in rest
    assert "Traceback" not in rest
    assert command(*call[3:]).exit_code == 0
