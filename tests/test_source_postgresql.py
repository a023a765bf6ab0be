"""PostgreSQL as a source: its types and views, what it refuses, and a server that goes away."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pandas as pd
import pytest
from postgres_server import Postgres, started

from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.study import open_study

CALLS = """
CREATE SCHEMA calls;
CREATE TABLE calls.log (id bigint, who varchar(9), at timestamptz, talk numeric(9, 3), gone boolean,
                        tags text[], more jsonb, score real);
INSERT INTO calls.log VALUES
    (1, 'a', '2026-03-01 10:00+01', 12.5, true, '{x,y}', '{"k": 1}', 'NaN'),
    (2, NULL, '2026-03-02 10:00+01', NULL, false, NULL, NULL, 4.5),
    (3, 'c', NULL, -1, NULL, '{}', NULL, 5);
CREATE VIEW calls.answered AS SELECT * FROM calls.log WHERE NOT gone
"""
COLUMNS = """
[tables.tickets.columns]
ticket_id = "id"
customer_id = "who"
opened_at = "at"
talk_seconds = "talk"
abandoned = "gone"
csat = "score"
tags = "tags"
"""


@pytest.fixture(scope="module")
def calls(postgres: Postgres) -> Postgres:
    postgres.execute(*CALLS.split(";"))
    return postgres


def study_of(folder: Path, address: str, query: str) -> Path:
    (folder / "study.toml").write_text(
        f'name = "test"\n[limits]\nbad_rows = 1.0\n[tables.tickets]\npath = "{address}"\n'
        f'query = "{query}"\n{COLUMNS}'
    )
    return folder


def test_rows_of_a_query_are_checked_like_those_of_a_file(calls: Postgres, tmp_path: Path) -> None:
    query = "SELECT * FROM calls.log ORDER BY id"
    study = open_study(study_of(tmp_path, calls.address, query))
    table = collect(study.tables["tickets"])
    assert list(table["ticket_id"]) == ["1", "2"]
    assert table["opened_at"].iloc[0] == pd.Timestamp("2026-03-01 09:00", tz="UTC")
    assert table["talk_seconds"].iloc[0] == 12.5
    assert table["csat"].isna().tolist() == [True, False]
    assert list(table["abandoned"]) == [True, False]
    assert list(study.rejects()["rule"]) == ["missing required value", "negative duration"]
    assert list(study.rejects()["line"]) == [3, 3]
    assert study.reading[0].files == ("tickets query",)


def test_views_and_addresses_from_the_environment_are_read(
    calls: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_TEST_DB", calls.address)
    study = open_study(study_of(tmp_path, "${CX_TEST_DB}", "SELECT * FROM calls.answered"))
    assert list(collect(study.tables["tickets"])["ticket_id"]) == ["2"]


def test_a_query_that_fails_half_way_is_an_error_without_rows(
    calls: Postgres, tmp_path: Path
) -> None:
    query = "SELECT l.*, 1 / (40000 - n) AS x FROM calls.log l, generate_series(1, 50000) n"
    with pytest.raises(DataError, match=r"tickets query: the query failed.*division by zero"):
        open_study(study_of(tmp_path, calls.address, query))
    assert not list((tmp_path / ".cxanalysis").glob("tickets-*"))


def stop_while_it_answers(server: Postgres) -> None:
    """Stop a server once a query for a series of numbers runs there."""
    from adbc_driver_postgresql import dbapi

    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate%series%'"
    with dbapi.connect(server.address, autocommit=True) as database:
        for _ in range(400):
            with database.cursor() as cursor:
                cursor.execute(f"{running} AND state = 'active' AND pid <> pg_backend_pid()")
                if cursor.fetchall()[0][0]:
                    break
            time.sleep(0.02)
    server.stop()


def test_a_server_that_goes_away_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    query = (
        "SELECT n AS id, 'a' AS who, now() AS at, 1 AS talk, true AS gone, 5 AS score, "
        "pg_sleep(0.001)::text || repeat('x', 9999) AS tags FROM generate_series(1, 99999) n"
    )
    with started() as server:
        stopping = threading.Thread(target=stop_while_it_answers, args=(server,))
        stopping.start()
        with pytest.raises(DataError, match="tickets query: the database went away"):
            open_study(study_of(tmp_path, server.address, query))
        stopping.join()
        assert not list((tmp_path / ".cxanalysis").glob("tickets-*"))
        with pytest.raises(DataError, match="the database does not answer"):
            open_study(tmp_path)
