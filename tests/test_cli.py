"""The command line: what is printed, where, and with which exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from cxanalysis.cli import app

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "study.toml"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    (tmp_path / "tickets.csv").write_text(
        "ticket_id,customer_id,opened_at\n" + "1,a,2026-01-01\n2,b,yesterday\n", encoding="utf-8"
    )
    study = tmp_path / "study.toml"
    study.write_text('name = "Broken"\n[tables.tickets]\npath = "tickets.csv"\n', encoding="utf-8")
    return study


def test_drivers_prints_one_json_object_and_nothing_else() -> None:
    result = run("drivers", SAMPLE, "--json")
    answer = json.loads(result.stdout)
    assert set(answer) == {
        "outcome", "model", "measure", "weights", "design_effect", "replicates", "n",
        "n_dropped", "r_squared", "partition", "blocks"
    }  # fmt: skip
    assert set(answer["blocks"]) == {"service", "journey"}
    for block in answer["blocks"].values():
        assert set(block) == {"total", "unique", "shared", "shapley", "share"}
        assert set(block["share"]) == {"raw", "estimate", "conf_low", "conf_high"}
        assert block["total"] == pytest.approx(block["unique"] + block["shared"])
    assert set(answer["partition"]) == {"service", "journey"}


def test_drivers_without_json_prints_a_table_for_people() -> None:
    result = run("drivers", SAMPLE, "--period", "2026-Q3")
    assert "DriverFit(overall_satisfaction ~" in result.stdout
    assert "service" in result.stdout


def test_check_prints_what_was_read_and_succeeds() -> None:
    result = run("check", SAMPLE)
    assert result.exit_code == 0
    for table in ("journeys", "tickets", "surveys", "customers"):
        assert table in result.stdout


def test_check_fails_where_a_contract_stops_the_run(broken: Path) -> None:
    result = run("check", broken)
    assert result.exit_code == 1
    assert "opened_at" in result.stderr
    assert "Traceback" not in result.stderr


def test_features_writes_the_table_the_model_sees(tmp_path: Path) -> None:
    output = tmp_path / "features.parquet"
    result = run("features", SAMPLE, "--output", output, "--period", "2026-Q3")
    frame = pd.read_parquet(output)
    assert f"{len(frame):,} rows" in result.stdout
    assert {"response_id", "overall_satisfaction", "contacted"} <= set(frame.columns)


def test_features_refuses_an_unknown_ending(tmp_path: Path) -> None:
    result = run("features", SAMPLE, "--output", tmp_path / "features.xyz")
    assert result.exit_code == 1
    assert ".parquet" in result.stderr


def test_absent_study_is_told_how_to_begin(tmp_path: Path) -> None:
    result = run("check", tmp_path / "study.toml")
    assert result.exit_code == 1
    assert "cxanalysis init" in result.stderr


def test_unknown_period_names_the_known_forms() -> None:
    result = run("drivers", SAMPLE, "--period", "October")
    assert result.exit_code == 1
    assert "2026-Q3" in result.stderr


def test_init_looks_writes_and_says_what_to_do_next(tmp_path: Path) -> None:
    tickets = tmp_path / "tickets.csv"
    tickets.write_text(
        "ticket_id,customer_id,opened_at\n" + "".join(f"{n},c{n},2026-01-01\n" for n in range(40)),
        encoding="utf-8",
    )
    study = tmp_path / "study.toml"
    result = run("init", tickets, "--output", study)
    assert result.exit_code == 0
    assert "tickets.csv → tickets" in result.stdout
    assert "2 of its comments say CHECK" in result.stdout  # the time zone, and no survey
    assert study.read_text(encoding="utf-8").count("CHECK: ") == 2
    assert f"cxanalysis check {study}" in result.stdout
    assert "--period" not in result.stdout  # one day is no period: reports are of all dates


def test_init_says_how_to_use_every_answer_where_reports_are_by_period(tmp_path: Path) -> None:
    tickets = tmp_path / "tickets.csv"
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 5) for day in range(1, 26)] * 4
    rows = "".join(f"{n},c{n},{day}\n" for n, day in enumerate(days))
    tickets.write_text("ticket_id,customer_id,opened_at\n" + rows, encoding="utf-8")
    study = tmp_path / "study.toml"
    result = run("init", tickets, "--output", study)
    assert "last complete month. To use every answer" in result.stdout
    assert f"cxanalysis report {study} --period all" in result.stdout


@pytest.mark.parametrize("place", ["files", "output"])
def test_init_refuses_a_folder_and_says_what_to_name(place: str, tmp_path: Path) -> None:
    tickets = tmp_path / "tickets.csv"
    tickets.write_text("ticket_id,customer_id,opened_at\n1,a,2026-01-01\n", encoding="utf-8")
    arguments = [tmp_path] if place == "files" else [tickets, "--output", tmp_path]
    result = run("init", *arguments)
    assert result.exit_code == 1
    assert "a folder. Name" in result.stderr


def test_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    result = run("features", SAMPLE, "--output", tmp_path / "absent" / "features.csv")
    assert result.exit_code == 1
    said = [line for line in result.stderr.splitlines() if "customers in" not in line]
    assert len(said) == 1
    assert "absent" in said[0]


def test_matches_are_said_before_any_work_is_done_and_apart_from_its_result(
    tmp_path: Path,
) -> None:
    output = tmp_path / "features.csv"
    result = run("features", SAMPLE, "--output", output, "--period", "2026-Q3")
    assert re.search(r"of [\d,]+ customers in tickets are also in surveys \(\d+%\)", result.stderr)
    assert "also in" not in result.stdout
    answer = run("drivers", SAMPLE, "--json", "--period", "2026-Q3")
    assert "customers in journeys are also in surveys" in answer.stderr
    json.loads(answer.stdout)


def test_a_report_stops_before_it_runs_where_no_customers_match(tmp_path: Path) -> None:
    for name, sign in (("tickets", "a"), ("surveys", "b")):
        rows = "".join(f"{sign}{n},2026-01-01\n" for n in range(100))
        time = "opened_at" if name == "tickets" else "responded_at"
        (tmp_path / f"{name}.csv").write_text(f"customer_id,{time}\n{rows}", encoding="utf-8")
    tables = '[tables.tickets]\npath = "tickets.csv"\n[tables.surveys]\npath = "surveys.csv"\n'
    (tmp_path / "study.toml").write_text(f'name = "apart"\n{tables}', encoding="utf-8")
    result = run("report", tmp_path / "study.toml")
    assert result.exit_code == 1
    assert "0 of 100 customers in surveys are also in tickets" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "reports").exists()
