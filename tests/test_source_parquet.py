"""Parquet with structures and lists, as event exports come: dotted paths and expressions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.recognise import recognise
from cxanalysis.study import Study, open_study


def event(number: int, page: str | None, session: int | None) -> dict[str, Any]:
    given = [
        {"key": "page", "value": {"text": page, "number": None}},
        {"key": "session", "value": {"text": None, "number": session}},
    ]
    return {
        "event_timestamp": 1_772_000_000_000_000 + number,
        "event_name": "view",
        "user_pseudo_id": f"u{number}",
        "event_params": given if page else [],
        "device": {"category": "mobile", "web": {"browser": "Firefox"}},
        "tags": ["a", None, "b"] if page else [],
        "score": 4.5 if page else float("nan"),
    }


COLUMNS = """
[tables.journeys.columns]
customer_id = "user_pseudo_id"
occurred_at = { column = "event_timestamp", time_format = "unix microseconds" }
stage = { value = "use" }
touchpoint = "event_name"
channel = "device.category"
role = "device.web.browser"
rating = "score"
session = "event_params[?key=='session'].value.number | [0]"
page = "event_params[?key=='page'].value.text | [0]"
tags = "tags"
device = "device"
"""


def read(folder: Path, columns: str = COLUMNS) -> Study:
    rows = [event(1, "home", 7), event(2, None, None), event(3, "cart", 9)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "events.parquet")
    (folder / "study.toml").write_text(
        f'name = "test"\n[tables.journeys]\npath = "events.parquet"\n{columns}'
    )
    return open_study(folder)


def test_structures_lists_and_expressions_are_read(tmp_path: Path) -> None:
    study = read(tmp_path)
    table = collect(study.tables["journeys"])
    assert list(table["channel"]) == ["mobile"] * 3
    assert list(table["role"]) == ["Firefox"] * 3
    assert table["session"].tolist()[::2] == ["7", "9"]
    assert table["page"].tolist()[::2] == ["home", "cart"]
    assert table["tags"].tolist()[0] == "a, b"
    assert table["device"].tolist()[0] == '{"category":"mobile","web":{"browser":"Firefox"}}'
    for name in ("session", "page", "tags", "rating"):
        assert table[name].isna().tolist() == [False, True, False]
    assert study.reading[0].unmapped == ("event_params",)


def test_a_path_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column 'device\.kategory'.*'device\.category'"):
        read(tmp_path, COLUMNS.replace("device.category", "device.kategory"))


def test_init_lists_dotted_paths(tmp_path: Path) -> None:
    read(tmp_path)
    table = recognise([tmp_path / "events.parquet"]).table("journeys")
    assert table is not None
    assert table.headers == 8
    named = {column.source for column in table.columns} | {left.source for left in table.unread}
    assert {"device.category", "device.web.browser", "event_params"} <= named


def tickets(folder: Path, columns: dict[str, Any]) -> Study:
    """A study of tickets in a Parquet file."""
    opened = pa.array(["2026-03-01"] * 2)
    pq.write_table(pa.table({"opened": opened, **columns}), folder / "t.parquet")
    named = {"talk": "talk_seconds", "city": "channel"}
    lines = "".join(f'{named[name]} = "{name}"\n' for name in columns)
    (folder / "study.toml").write_text(
        'name = "x"\n[tables.tickets]\npath = "t.parquet"\n[tables.tickets.columns]\n'
        f'opened_at = "opened"\n{lines}',
        encoding="utf-8",
    )
    return open_study(folder)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_durations_are_read_in_seconds(tmp_path: Path, unit: str) -> None:
    numbers = pa.array([300_000_000_000 if unit == "ns" else 300, None], pa.duration(unit))
    found = collect(tickets(tmp_path, {"talk": numbers}).tables["tickets"])["talk_seconds"]
    wanted = {"s": 300, "ms": 0.3, "us": 0.0003, "ns": 300}[unit]
    assert found[0] == pytest.approx(wanted) and found[1] != found[1]


def test_texts_stored_as_bytes_are_read_and_other_bytes_refused(tmp_path: Path) -> None:
    study = tickets(tmp_path, {"city": pa.array(["Köln".encode(), None])})
    assert collect(study.tables["tickets"])["channel"].tolist()[0] == "Köln"
    with pytest.raises(DataError, match="'city' holds bytes that are no text"):
        tickets(tmp_path, {"city": pa.array([b"\xff\xfe", None])})
