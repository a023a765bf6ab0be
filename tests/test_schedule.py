"""A report is due when its period is over, its data are complete and it is not there."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxanalysis.batch import Failed, Made
from cxanalysis.cli import app
from cxanalysis.errors import ReportError
from cxanalysis.schedule import Agenda, due_reports, run_due
from cxanalysis.study import open_study

NOTEBOOKS = Path(__file__).parent / "notebooks"


def write_study(
    folder: Path,
    answers: list[str],
    tickets: list[str] | None = None,
    zone: str = "Europe/Berlin",
    report: str = "",
    notebook: str = "light",
) -> Path:
    """A study of answers and tickets at these times; customers take turns in two plans."""
    folder.mkdir(parents=True, exist_ok=True)
    said = [f"r{n},c{n % 2},{time},{n % 5 + 1}" for n, time in enumerate(answers)]
    head = "response_id,customer_id,responded_at,overall_satisfaction"
    (folder / "answers.csv").write_text("\n".join([head, *said]) + "\n", encoding="utf-8")
    (folder / "customers.csv").write_text(
        "customer_id,plan\nc0,basic\nc1,premium\n", encoding="utf-8"
    )
    text = f'name = "Acme"\ntime_zone = "{zone}"\n[tables.surveys]\npath = "answers.csv"\n'
    text += '[tables.customers]\npath = "customers.csv"\n'
    if tickets is not None:
        asked = [f"t{n},c{n % 2},{time}" for n, time in enumerate(tickets)]
        head = "ticket_id,customer_id,opened_at"
        (folder / "tickets.csv").write_text("\n".join([head, *asked]) + "\n", encoding="utf-8")
        text += '[tables.tickets]\npath = "tickets.csv"\n'
    text += f'[report]\nnotebooks = ["{NOTEBOOKS / notebook}.ipynb"]\n{report}'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def agenda(study: Path, now: str, **options: str) -> Agenda:
    return due_reports(open_study(study), at(now), **options)  # type: ignore[arg-type]


def named(found: Agenda) -> list[str]:
    return [f"{job.period} {job.segment or 'everyone'}" for job in found.jobs]


def put(
    study: Path,
    period: str,
    segment: str = "everyone",
    file: str = "manifest.json",
    content: str = '{"made_at": "2026-12-31T06:00:00+00:00"}',
) -> None:
    folder = study.parent / "reports" / "light" / period / segment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(content, encoding="utf-8")


MONTHLY = ["2026-01-15T12:00:00Z", "2026-02-15T12:00:00Z", "2026-03-15T12:00:00Z"]
AFTER = "2026-12-31T12:00:00Z"


# --- over -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "answer", "period", "over"),
    [
        # The clocks changed on 29 March and change back on 25 October.
        ("Europe/Berlin", "2026-03-10T12:00:00Z", "2026-03", "2026-03-31T22:00:00Z"),
        ("Europe/Berlin", "2026-10-10T12:00:00Z", "2026-10", "2026-10-31T23:00:00Z"),
        # The clocks change two hours after the period's end.
        ("America/New_York", "2026-10-10T12:00:00Z", "2026-10", "2026-11-01T04:00:00Z"),
        # Midnight is skipped on the first of the month: the day begins at one.
        ("America/Asuncion", "2017-09-10T12:00:00Z", "2017-09", "2017-10-01T04:00:00Z"),
        ("Pacific/Kiritimati", "2026-03-10T12:00:00Z", "2026-03", "2026-03-31T10:00:00Z"),
        ("UTC", "2028-02-10T12:00:00Z", "2028-02", "2028-03-01T00:00:00Z"),  # a leap year
    ],
)
def test_a_period_is_over_at_midnight_in_the_study_zone(
    tmp_path: Path, zone: str, answer: str, period: str, over: str
) -> None:
    study = write_study(tmp_path, [answer, over], zone=zone, report="wait_days = 0\n")
    before = datetime.fromtimestamp(at(over).timestamp() - 1, UTC)
    assert not due_reports(open_study(study), before).jobs
    assert named(due_reports(open_study(study), at(over))) == [f"{period} everyone"]


def test_a_moment_without_a_time_zone_is_refused(tmp_path: Path) -> None:
    study = open_study(write_study(tmp_path, MONTHLY))
    with pytest.raises(ReportError, match="no time zone"):
        due_reports(study, datetime(2026, 4, 1))


@pytest.mark.parametrize(
    ("every", "due", "next_end"),
    [
        ("month", ["2026-01", "2026-02", "2026-03"], "2026-05-01"),
        ("quarter", ["2026-Q1"], "2026-07-01"),
        ("year", [], "2027-01-01"),
    ],
)
def test_periods_are_as_long_as_the_study_says(
    tmp_path: Path, every: str, due: list[str], next_end: str
) -> None:
    study = write_study(tmp_path, [*MONTHLY, "2026-04-02T00:00:00Z"], report=f'every = "{every}"\n')
    found = agenda(study, "2026-04-10T00:00:00Z")
    assert [job.period for job in found.jobs] == due
    assert str(found.running.end) == next_end


def test_reports_of_all_dates_are_never_due(tmp_path: Path) -> None:
    study = write_study(tmp_path, MONTHLY, report='every = "all"\n')
    with pytest.raises(ReportError, match="cxanalysis batch"):
        agenda(study, AFTER)


# --- complete -------------------------------------------------------------------------------


def test_data_are_complete_when_every_table_reaches_beyond(tmp_path: Path) -> None:
    beyond, within = "2026-04-01T08:00:00Z", "2026-03-31T08:00:00Z"
    study = write_study(tmp_path, [*MONTHLY, beyond], [*MONTHLY, beyond])
    found = agenda(study, "2026-04-01T09:00:00Z")
    assert named(found)[-1] == "2026-03 everyone"
    assert found.due[-1].because == "the data reach beyond its end"

    study = write_study(tmp_path, [*MONTHLY, beyond], [*MONTHLY, within])
    found = agenda(study, "2026-04-01T09:00:00Z")
    assert named(found) == ["2026-01 everyone", "2026-02 everyone"]
    (late,) = found.waiting
    assert late.period.label == "2026-03"
    assert late.why == "tickets end on 2026-03-31; taken as they are from 2026-04-04 00:00 on"


def test_data_that_stay_behind_are_taken_after_the_days_to_wait_and_it_says_so(
    tmp_path: Path,
) -> None:
    study = write_study(tmp_path, MONTHLY, report="wait_days = 5\n")
    assert named(agenda(study, "2026-04-05T21:59:00Z"))[-1] == "2026-02 everyone"
    found = agenda(study, "2026-04-05T22:00:00Z")
    assert named(found)[-1] == "2026-03 everyone"
    assert found.due[-1].because == "5 days have passed since its end; surveys end on 2026-03-15"
    assert not found.waiting


def test_a_slip_into_the_future_completes_nothing(tmp_path: Path) -> None:
    study = write_study(tmp_path, [*MONTHLY, "2062-01-01T00:00:00Z"])
    assert named(agenda(study, "2026-04-01T09:00:00Z"))[-1] == "2026-02 everyone"


def test_a_period_or_segment_without_data_is_not_due(tmp_path: Path) -> None:
    times = ["2026-01-15T12:00:00Z", "2026-01-16T12:00:00Z", "2026-03-15T12:00:00Z"]
    study = write_study(tmp_path, times, report='segments = ["everyone", "plan"]\n')
    assert named(agenda(study, AFTER)) == [
        "2026-01 everyone",
        "2026-01 plan=basic",
        "2026-01 plan=premium",
        "2026-03 everyone",
        "2026-03 plan=basic",
    ]


def test_a_segment_that_no_row_has_is_due_once_so_that_its_failure_is_told(tmp_path: Path) -> None:
    report = 'segments = ["plan=premum", "plan = premium"]\n'
    study = write_study(tmp_path, MONTHLY, report=report)
    assert named(agenda(study, AFTER)) == ["2026-02 plan=premium", "2026-03 plan=premum"]
    said = CliRunner().invoke(app, ["run-due", str(study)])
    assert said.exit_code == 3
    assert "has no value 'premum'. Did you mean 'premium'?" in said.stdout


# --- missing --------------------------------------------------------------------------------


def test_missed_nights_are_caught_up_from_the_newest_report_on(tmp_path: Path) -> None:
    study = write_study(tmp_path, MONTHLY, report='segments = ["everyone", "plan=basic"]\n')
    put(study, "2026-02")
    assert named(agenda(study, AFTER)) == [
        "2026-01 plan=basic",
        "2026-03 everyone",
        "2026-03 plan=basic",
    ]
    put(study, "2026-03")
    put(study, "2026-03", "plan=basic")
    assert not agenda(study, AFTER).jobs


def test_a_report_that_failed_stays_due(tmp_path: Path) -> None:
    study = write_study(tmp_path, MONTHLY)
    put(study, "2026-03")
    put(study, "2026-01", "everyone.failed", "failure.json")
    assert named(agenda(study, AFTER)) == ["2026-01 everyone"]


@pytest.mark.parametrize(
    "content", ['{"made_at": "2026-03-31T21:59:00+00:00"}', '{"made_at": 5}', "[]", "{"]
)
def test_a_report_made_before_its_period_was_over_or_damaged_stays_due(
    tmp_path: Path, content: str
) -> None:
    study = write_study(tmp_path, MONTHLY)
    put(study, "2026-02")
    put(study, "2026-03", content=content)
    assert named(agenda(study, AFTER)) == ["2026-03 everyone"]


def test_since_looks_back_further_and_no_further(tmp_path: Path) -> None:
    study = write_study(tmp_path, MONTHLY)
    assert named(agenda(study, AFTER, since="2026-03")) == ["2026-03 everyone"]
    put(study, "2026-02")
    assert [job.period for job in agenda(study, AFTER, since="2026").jobs] == ["2026-01", "2026-03"]
    with pytest.raises(ReportError, match="2026-03"):
        agenda(study, AFTER, since="all")


# --- made -----------------------------------------------------------------------------------


def test_what_is_due_is_made_once_whatever_the_data_do_later(tmp_path: Path) -> None:
    study = write_study(tmp_path, MONTHLY[:2])
    found, result = run_due(study, at("2026-03-02T00:00:00Z"))
    assert [job.period for job in found.jobs] == ["2026-01"]
    assert [type(one) for one in result.reports] == [Made]
    manifest = tmp_path / "reports/light/2026-01/everyone/manifest.json"
    before = manifest.stat().st_mtime_ns
    assert json.loads(manifest.read_text(encoding="utf-8"))["period"]["label"] == "2026-01"

    write_study(tmp_path, MONTHLY)  # more data, so that the earlier report has other inputs
    _, result = run_due(study, at("2026-04-10T00:00:00Z"))
    assert [one.job.period for one in result.reports] == ["2026-02", "2026-03"]
    assert manifest.stat().st_mtime_ns == before
    assert not run_due(study, at("2026-04-10T00:00:00Z"))[1].reports


def test_a_failure_is_tried_again_the_next_night(tmp_path: Path) -> None:
    report = 'segments = ["plan=premium"]\n'
    study = write_study(tmp_path, MONTHLY[:2], report=report, notebook="stumbles")
    text = (tmp_path / "customers.csv").read_text(encoding="utf-8")
    broken = text.replace("premium", "broken")
    (tmp_path / "customers.csv").write_text(broken, encoding="utf-8")
    study.write_text(study.read_text("utf-8").replace("premium", "broken"), encoding="utf-8")
    for _ in range(2):
        (failed,) = run_due(study, at(AFTER))[1].reports
        assert isinstance(failed, Failed) and failed.job.period == "2026-02"


def test_what_could_not_be_delivered_is_delivered_the_next_night(tmp_path: Path) -> None:
    given = f'[deliver]\nfolder = "{(tmp_path / "share").as_posix()}"\n'
    study = write_study(tmp_path, MONTHLY[:2], report=given)
    put(study, "2026-01")  # an older one, which nobody waits for any more
    in_the_way = tmp_path / "share"
    in_the_way.write_text("", encoding="utf-8")
    _, result = run_due(study, at(AFTER))
    assert len(result.made) == 1
    assert any("run-due tries again" in problem for problem in result.problems)

    in_the_way.unlink()
    said = CliRunner().invoke(app, ["due", str(study)])
    assert said.stdout == "to deliver: light 2026-02 everyone\n"
    found, result = run_due(study, at(AFTER))
    assert named(found) == ["2026-02 everyone"]
    assert (len(result.made), result.problems) == (0, ())
    assert (tmp_path / "share" / "light" / "2026-02" / "everyone" / "manifest.json").is_file()
    assert not run_due(study, at(AFTER))[0].jobs


def test_all_reports_of_a_catch_up_are_delivered_later_where_they_could_not_be(
    tmp_path: Path,
) -> None:
    share = tmp_path / "share"
    given = f'[deliver]\nfolder = "{share.as_posix()}"\n'
    study = write_study(tmp_path, MONTHLY, report=given)
    run_due(study, at("2026-02-10T00:00:00Z"))  # January is delivered
    assert (share / "light" / "2026-01").is_dir()
    shutil.move(share, tmp_path / "aside")
    share.write_text("", encoding="utf-8")
    assert len(run_due(study, at(AFTER))[1].made) == 2
    share.unlink()
    found, result = run_due(study, at(AFTER))
    assert named(found) == ["2026-02 everyone", "2026-03 everyone"]
    assert result.problems == ()
    assert sorted(path.name for path in (share / "light").iterdir()) == ["2026-02", "2026-03"]


def test_the_commands_say_what_is_due_and_why(tmp_path: Path) -> None:
    study = write_study(tmp_path, MONTHLY)
    said = CliRunner().invoke(app, ["due", str(study)])
    assert said.exit_code == 0
    assert "due: light 2026-01 everyone (the data reach beyond its end)" in said.stdout
    assert "3 days have passed since its end; surveys end on 2026-03-15" in said.stdout
    for month in ("2026-01", "2026-02", "2026-03"):
        put(study, month)
    said = CliRunner().invoke(app, ["run-due", str(study)])
    assert said.exit_code == 0
    assert "Nothing is due. The next period," in said.stdout
