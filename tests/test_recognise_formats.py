"""`init` on everything that reading knows: the study file it writes opens with no hand edit."""

from __future__ import annotations

import gzip
import json
import lzma
import sqlite3
import tomllib
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import fsspec
import numpy as np
import pandas as pd
import pytest
from postgres_server import Postgres

from cxanalysis.errors import DataError
from cxanalysis.recognise import recognise, write_study
from cxanalysis.study import open_study

ROWS = {"tickets": 200, "surveys": 150}


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    """A helpdesk's and a survey's rows, as texts and numbers."""
    rng = np.random.default_rng(5)
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 80, 350), unit="D")
    tickets = pd.DataFrame(
        {
            "Ticket ID": range(1000, 1200),
            "Customer ID": [f"K{n}" for n in rng.integers(0, 60, 200)],
            "Created at": days[:200].strftime("%Y-%m-%d %H:%M:%S"),
            "Channel": rng.choice(["phone", "chat"], 200),
            "Talk time (seconds)": rng.integers(10, 900, 200),
        }
    )
    mood = rng.integers(0, 3, 150)
    surveys = pd.DataFrame(
        {
            "Response ID": [f"R{n}" for n in range(150)],
            "Customer ID": [f"K{n}" for n in rng.integers(0, 60, 150)],
            "Responded at": days[200:].strftime("%Y-%m-%d %H:%M:%S"),
            "Overall satisfaction": mood + rng.integers(1, 4, 150),
            "Satisfaction with delivery": mood + rng.integers(1, 4, 150),
            "Satisfaction with support": mood + rng.integers(1, 4, 150),
        }
    )
    return {"tickets": tickets, "surveys": surveys}


def checked(folder: Path, *files: Path | str) -> dict[str, Any]:
    """Recognise, write, open; the study file's tables, whose rows are all read."""
    path = write_study(recognise(files), folder / "study.toml", overwrite=True)
    study = open_study(path)
    assert {r.table: r.rows_kept for r in study.reading} == ROWS
    tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["tables"]
    return tables


def write_book(path: Path, sheets: dict[str, pd.DataFrame]) -> None:
    """A smallest Excel file."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
            'ContentType="application/xml"/><Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/></Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>'
            for n, name in zip(numbers, sheets, strict=True)
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        )
        links = "".join(
            f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/s{n}.xml"/>'
            for n in numbers
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{links}</Relationships>',
        )
        for n, frame in zip(numbers, sheets.values(), strict=True):
            cells = [list(frame.columns), *frame.astype(str).to_numpy().tolist()]
            rows = "".join(
                f'<row r="{r}">'
                + "".join(
                    f'<c r="{chr(65 + c)}{r}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
                    for c, text in enumerate(row)
                )
                + "</row>"
                for r, row in enumerate(cells, start=1)
            )
            book.writestr(
                f"xl/worksheets/s{n}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
            )


def test_sheets_of_a_workbook(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    empty = pd.DataFrame()
    write_book(tmp_path / "all.xlsx", {"About": empty, **frames})
    tables = checked(tmp_path, tmp_path / "all.xlsx")
    assert {name: (t["path"], t["sheet"]) for name, t in tables.items()} == {
        "tickets": ("all.xlsx", "tickets"),
        "surveys": ("all.xlsx", "surveys"),
    }


def test_tables_of_sqlite(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as database:
        for name, frame in frames.items():
            frame.to_sql(name, database, index=False)
        database.execute("CREATE TABLE empty_one (a, b)")
    database.close()
    tables = checked(tmp_path, tmp_path / "shop.db")
    assert tables["surveys"]["query"] == 'SELECT * FROM "surveys"'
    assert tables["tickets"]["path"] == "shop.db"


def test_tables_of_postgresql_by_an_address_in_the_environment(
    tmp_path: Path,
    frames: dict[str, pd.DataFrame],
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, frame in frames.items():
        postgres.load(f"init_{name}", frame)
    postgres.execute(
        "DROP SCHEMA IF EXISTS init_test CASCADE",
        "CREATE SCHEMA init_test",
        *(f"ALTER TABLE init_{name} SET SCHEMA init_test" for name in frames),
    )
    monkeypatch.setenv("CX_TEST_DB", postgres.address)
    try:
        found = recognise(["${CX_TEST_DB}"])
        table = found.table("tickets")
        assert table is not None
        assert table.settings["query"] == "SELECT * FROM init_test.init_tickets"
        checked(tmp_path, "${CX_TEST_DB}")
        text = (tmp_path / "study.toml").read_text(encoding="utf-8")
        assert 'path = "${CX_TEST_DB}"' in text
        assert postgres.address not in text
    finally:
        postgres.execute("DROP SCHEMA init_test CASCADE")


def test_json_lines_and_a_list_in_a_document_both_packed(
    tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    lines = frames["tickets"].to_json(orient="records", lines=True)
    records = json.loads(frames["surveys"].to_json(orient="records"))
    document = json.dumps({"meta": {"count": len(records)}, "responses": records})
    (tmp_path / "tickets.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    with zipfile.ZipFile(tmp_path / "survey.zip", "w") as archive:
        archive.writestr("survey.json", document)
    tables = checked(tmp_path, tmp_path / "tickets.jsonl.gz", tmp_path / "survey.zip")
    assert tables["surveys"]["records"] == "responses"
    assert tables["tickets"]["path"] == "tickets.jsonl.gz"


def test_packed_csv_in_another_encoding(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    tickets = frames["tickets"].replace({"Channel": {"phone": "Café à côté"}})
    content = tickets.to_csv(index=False, sep=";").encode("cp1252")
    (tmp_path / "tickets.csv.xz").write_bytes(lzma.compress(content))
    (tmp_path / "survey.csv").write_text(frames["surveys"].to_csv(index=False))
    tables = checked(tmp_path, tmp_path / "tickets.csv.xz", tmp_path / "survey.csv")
    assert tables["tickets"]["delimiter"] == ";"


@pytest.mark.parametrize(
    ("word", "encoding", "told"),
    [
        ("Café à côté", "cp1252", "cp1252"),
        ("niño", "latin-1", "cp1252"),
        ("Größe", "cp1252", "cp1252"),
        ("Größe", "utf-16-le", "utf_16_le"),
        ("телефон", "cp1251", "cp1251"),
        ("電話", "cp932", "cp932"),
    ],
)
def test_a_guessed_encoding_is_shown_by_a_word(
    word: str, encoding: str, told: str, tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    tickets = frames["tickets"].replace({"Channel": {"phone": word}})
    (tmp_path / "t.csv").write_bytes(tickets.to_csv(index=False).encode(encoding))
    guess = recognise([tmp_path / "t.csv"])
    (table,) = guess.tables
    assert table.settings["encoding"] == told
    assert f"{told} is the likeliest, in which it says {word!r}" in " ".join(table.all_doubts)


def test_patterns_stay_patterns(
    tmp_path: Path, frames: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in (0, 1):
        rows = frames["tickets"].iloc[part * 100 : part * 100 + 100]
        rows.to_csv(tmp_path / f"tickets-{part}.csv", index=False)
    frames["surveys"].to_csv(tmp_path / "survey.csv", index=False)
    monkeypatch.chdir(tmp_path)
    tables = checked(tmp_path, "tickets-*.csv", "survey.csv")
    assert tables["tickets"]["path"] == "tickets-*.csv"
    (tmp_path / "study.toml").unlink()
    tables = checked(tmp_path, "*.csv")
    assert tables["tickets"]["path"] == ["tickets-0.csv", "tickets-1.csv"]


def test_addresses_are_written_without_passwords(
    tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    memory = fsspec.filesystem("memory")
    for name, frame in frames.items():
        memory.pipe(f"/init/{name}.csv", frame.to_csv(index=False).encode())
    try:
        tables = checked(tmp_path, "memory://init/tickets.csv", "memory://init/surveys.csv")
    finally:
        memory.rm("/init", recursive=True)
    assert tables["tickets"]["path"] == "memory://init/tickets.csv"


def test_what_holds_no_table_is_said(tmp_path: Path) -> None:
    write_book(tmp_path / "empty.xlsx", {"One": pd.DataFrame()})
    with pytest.raises(DataError, match=r"empty\.xlsx: it holds no table"):
        recognise([tmp_path / "empty.xlsx"])
    with sqlite3.connect(tmp_path / "big.db") as database:
        for number in range(9):
            database.execute(f"CREATE TABLE t{number} (a, b)")
    database.close()
    with pytest.raises(DataError, match=r"big\.db: 9 tables \(t0, t1, .* are too many"):
        recognise([tmp_path / "big.db"])
    with pytest.raises(DataError, match=r"^no file 'none\*\.csv' here"):
        recognise(["none*.csv"])
    (tmp_path / "page.csv").write_text("<html><body>Log in</body></html>\n")
    with pytest.raises(DataError, match=r"page\.csv: this is a web page"):
        recognise([tmp_path / "page.csv"])


def test_a_file_of_another_kind_than_its_name_says_is_read_as_init_read_it(
    tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    frames["tickets"].to_csv(tmp_path / "tickets.parquet", index=False)
    frames["surveys"].to_csv(tmp_path / "surveys.json", index=False)
    tables = checked(tmp_path, tmp_path / "tickets.parquet", tmp_path / "surveys.json")
    assert {name: table["format"] for name, table in tables.items()} == dict.fromkeys(ROWS, "csv")
    frames["tickets"].to_parquet(tmp_path / "tickets.csv")
    tables = checked(tmp_path, tmp_path / "tickets.csv", tmp_path / "surveys.json")
    assert "format" not in tables["tickets"]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("postgresql://u:p:w@h:5/d", "postgresql://u@h:5/d"),
        ("postgresql://h/d?user=u&password=pw&x=1", "postgresql://h/d?user=u&x=1"),
        ("postgresql://h/d?password=pw", "postgresql://h/d"),
        ("${CX_DB}", "${CX_DB}"),
    ],
)
def test_passwords_are_taken_out(given: str, written: str) -> None:
    from cxanalysis.recognise.given import without_password

    assert without_password(given) == written
