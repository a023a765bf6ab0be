"""SQLite as a source where the file is in use or broken."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.study import open_study

WRITER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("BEGIN EXCLUSIVE")
database.execute("INSERT INTO calls VALUES (2, 'b', '2026-03-02')")
print("writing", flush=True)
sys.stdin.read()
"""


def study_of(folder: Path) -> Path:
    with sqlite3.connect(folder / "t.db") as database:
        database.execute("CREATE TABLE calls (id, who, at)")
        database.execute("INSERT INTO calls VALUES (1, 'a', '2026-03-01')")
        database.execute("CREATE VIEW mine AS SELECT * FROM calls")
    database.close()
    (folder / "study.toml").write_text(
        'name = "test"\n[tables.tickets]\npath = "t.db"\nquery = "SELECT * FROM mine"\n'
        '[tables.tickets.columns]\nticket_id = "id"\ncustomer_id = "who"\nopened_at = "at"\n'
    )
    return folder


def test_a_database_that_is_written_to_is_named_and_read_afterwards(tmp_path: Path) -> None:
    study_of(tmp_path)
    command = [sys.executable, "-c", WRITER, str(tmp_path / "t.db")]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
        with pytest.raises(DataError, match=r"t\.db: another program is writing"):
            open_study(tmp_path)
        writer.communicate()
    assert list(collect(open_study(tmp_path).tables["tickets"])["ticket_id"]) == ["1"]


def test_a_database_that_breaks_off_is_named(tmp_path: Path) -> None:
    study_of(tmp_path)
    path = tmp_path / "t.db"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError, match=r"t\.db: the database breaks off: 5,000 of 8,192"):
        open_study(tmp_path)


@pytest.mark.parametrize(
    ("first", "later", "read"), [(None, "late", "late"), (1, 2.5, "2.5"), (7, "x8", "x8")]
)
def test_columns_may_change_their_kind_after_many_rows(
    tmp_path: Path, first: object, later: object, read: str
) -> None:
    study_of(tmp_path)
    with sqlite3.connect(tmp_path / "t.db") as database:
        database.execute("DELETE FROM calls")
        made = [(number, first, "2026-03-01") for number in range(1500)]
        database.executemany(
            "INSERT INTO calls VALUES (?, ?, ?)", [*made, (1500, later, "2026-03-02")]
        )
    database.close()
    toml = tmp_path / "study.toml"
    toml.write_text(toml.read_text() + "[limits]\nbad_rows = 1.0\n")
    table = collect(open_study(tmp_path).tables["tickets"])
    assert table["customer_id"].iloc[-1] == read
