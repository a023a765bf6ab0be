"""Exports of vendors load through `init` with no hand edit: one fixture folder per vendor.

Each folder of tests/vendors (a vendor file's name, or NAME-variant) holds export files with the
traps of the format and expected.toml: ``files`` in the order they are given, then per table
``vendor`` (as its file names it), ``rows_read``, ``rows_kept``, ``excluded`` and ``rejects`` by
rule, ``columns`` (exactly those), ``customers`` (how many different ones), ``notes`` (said in the
study file), ``checked`` (said by the check), ``unread`` (header → part of the reason) and
``values`` by key, where "" is missing.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import StudyError
from cxanalysis.recognise import Guess, recognise, vendors, write_study
from cxanalysis.study import Study, check_study, open_study
from cxanalysis.tables import CONTRACTS

FIXTURES = Path(__file__).parent / "vendors"
FOLDERS = sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir())


def opened(folder: Path, files: list[str], to: Path) -> tuple[Guess, str, Study]:
    guess = recognise([folder / file for file in files])
    path = write_study(guess, to / "study.toml")
    return guess, path.read_text(encoding="utf-8"), open_study(path)


def plain(value: Any) -> Any:
    """A value as expected.toml has it: times in ISO 8601, "" where there is none."""
    if isinstance(value, bool):
        return value
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


@pytest.mark.parametrize("name", FOLDERS)
def test_an_export_loads_with_no_hand_edit(name: str, tmp_path: Path) -> None:
    expected = tomllib.loads((FIXTURES / name / "expected.toml").read_text(encoding="utf-8"))
    guess, text, study = opened(FIXTURES / name, expected.pop("files"), tmp_path)
    readings = {reading.table: reading for reading in study.reading}
    said = str(check_study(study))
    assert set(readings) == set(expected)
    for table, wanted in expected.items():
        reading, found = readings[table], guess.table(table)
        assert found is not None and found.why.startswith(f"an export of {wanted['vendor']}")
        assert reading.rows_read == wanted["rows_read"]
        assert reading.rows_kept == wanted["rows_kept"], reading.describe()
        assert dict(reading.rejects) == wanted.get("rejects", {})
        assert dict(reading.excluded) == wanted.get("excluded", {})
        frame = collect(study.tables[table])
        assert sorted(frame.columns) == sorted(wanted["columns"])
        assert frame["customer_id"].nunique() == wanted["customers"]
        for part in wanted.get("notes", []):
            assert part in text
        for part in wanted.get("checked", []):
            assert part in said
        reasons = {unread.source: unread.why for unread in found.unread}
        for header, part in wanted.get("unread", {}).items():
            assert part in reasons[header]
        rows = frame.set_index(CONTRACTS[table].key)
        for key, values in wanted["values"].items():
            row = {column: plain(rows.loc[key, column]) for column in values}
            assert row == pytest.approx(values), key


def test_every_vendor_has_a_fixture_of_its_own_name() -> None:
    assert {path.stem for path in vendors.FOLDER.glob("*.toml")} == {
        folder.partition("-")[0] for folder in FOLDERS
    }


def vendor_file(folder: Path, **changes: str) -> Path:
    """A vendor file in parts, each of which may be another."""
    parts = {
        "head": 'name = "Desk"\nexport = "CSV"\ntable = "tickets"\ndocumented = []',
        "signature": '[signature]\nheaders = ["Number", "Made at", "Asker", "Done at", "Team"]',
        "aliases": '[aliases]\n"Angelegt am *" = "Made at"',
        "columns": '[columns]\nopened_at = "Made at"\ncustomer_id = ["Asker", "Asker mail"]',
        "never": '[never]\n"Team *" = "changes daily"',
    }
    path = folder / "desk.toml"
    path.write_text("\n".join((parts | changes).values()), encoding="utf-8")
    return path


def test_headers_are_known_in_another_case_and_language(tmp_path: Path) -> None:
    vendor = vendors.read_vendor(vendor_file(tmp_path))
    found = vendors.known(
        vendor, ["NUMBER", "Angelegt  am (Europe/Berlin)", "asker_mail", "team lead"]
    )
    assert found.found == 2
    assert [way.column for way in found.choices["opened_at"]] == ["Angelegt  am (Europe/Berlin)"]
    assert [way.column for way in found.choices["customer_id"]] == ["asker_mail"]
    assert found.never == {"team lead": "changes daily"}


def test_a_header_that_comes_twice_is_never_read(tmp_path: Path) -> None:
    vendor = vendors.read_vendor(vendor_file(tmp_path))
    found = vendors.known(vendor, ["Number", "Made at · column 2", "Made at · column 3"])
    assert "opened_at" not in found.choices
    assert found.found == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": '[columns]\nopend_at = "Made at"'}, "tickets has no such column.*'opened_at'"),
        ({"columns": '[columns]\nopened_at = { plus = "Made at" }'}, "exactly one of column"),
        ({"never": "[reading]\nheader_line = 2"}, "header_line"),
        ({"head": 'name = "Desk"'}, "export: Field required"),
        ({"head": "name = "}, "not readable as TOML"),
    ],
)
def test_a_faulty_vendor_file_is_refused(
    changes: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(StudyError, match=rf"desk\.toml.*{message}"):
        vendors.read_vendor(vendor_file(tmp_path, **changes))


def test_a_few_common_headers_are_no_vendor(tmp_path: Path) -> None:
    headers = ["Id", "Created at", "Solved at", "Via", "Requester id", "Reopens"]
    assert vendors.find_vendor(headers, nested=False) is None


def test_the_customer_is_the_column_that_matches_the_survey(tmp_path: Path) -> None:
    people = [f"person{number}@example.org" for number in range(28)]
    survey = pd.DataFrame(
        {
            "Respondent": range(40, 68),
            "Email": people,
            "Recorded Date": [f"2025-05-{day:02d} 10:00" for day in range(1, 29)],
            "Overall satisfaction": [5, 4, 3, 4, 5, 2, 1, 4, 4, 5, 3, 3, 4, 5] * 2,
        }
    )
    survey.to_csv(tmp_path / "survey.csv", index=False)
    guess = recognise([FIXTURES / "zendesk_csv" / "tickets.csv", tmp_path / "survey.csv"])
    tickets = guess.table("tickets")
    assert tickets is not None
    customer = tickets.column("customer_id")
    assert customer is not None and customer.source == "Requester email"


def test_columns_of_json_are_there_by_any_path_that_they_begin_with(tmp_path: Path) -> None:
    columns = (
        "[columns]\n"
        "reason = \"topics.all[0].name || tags.all[?used == 'yes'] | [0].name\"\n"
        'opened_at = "made.at"\nsolved_at = "done.at"'
    )
    path = vendor_file(tmp_path, columns=columns, aliases='[reading]\nformat = "json"')
    found = vendors.known(vendors.read_vendor(path), ["Number", "made.at", "tags.all", "used"])
    assert set(found.choices) == {"reason", "opened_at"}
    assert found.headers_of(found.choices["reason"][0]) == {"tags.all"}
    assert found.named == {"Number", "made.at", "tags.all"}


def test_vendors_of_json_are_not_looked_for_in_tables() -> None:
    headers = ["conversationId", "conversationStart", "conversationEnd", "participants"]
    assert vendors.find_vendor(headers, nested=False) is None
    found = vendors.find_vendor(headers, nested=True)
    assert found is not None and found.vendor.name == "Genesys Cloud"


def test_an_export_without_its_own_time_is_guessed_as_any_file(tmp_path: Path) -> None:
    frame = pd.read_csv(FIXTURES / "zendesk_csv" / "tickets.csv")
    frame = frame.rename(columns={"Created at": "Opened"}).drop(columns=["Summation column"])
    frame.to_csv(tmp_path / "tickets.csv", index=False)
    tickets = recognise([tmp_path / "tickets.csv"]).table("tickets")
    assert tickets is not None and not tickets.why.startswith("an export of")
    assert tickets.notes == ()


def test_a_device_of_two_users_is_nobodys_and_is_told(tmp_path: Path) -> None:
    frame = pd.read_csv(FIXTURES / "segment_tracks" / "tracks.csv", dtype=str)
    frame.loc[frame["user_id"] == "u2", "anonymous_id"] = "anon-1"
    frame.to_csv(tmp_path / "tracks.csv", index=False)
    guess = recognise([tmp_path / "tracks.csv"])
    assert "identity.map" not in guess.settings
    assert "only 'anonymous_id', and 1 of these have several users" in str(guess)


def test_an_answer_that_names_a_person_is_not_written_into_the_study_file(tmp_path: Path) -> None:
    text = (FIXTURES / "zendesk_csv" / "tickets.csv").read_text(encoding="utf-8")
    text = text.replace(",Good,", ",Ann Hushquill,", 1).replace(",Good,", ",a.hush@x.example,", 1)
    (tmp_path / "tickets.csv").write_text(text.replace(",Good,", ",Gut,", 2), encoding="utf-8")
    guess = recognise([tmp_path / "tickets.csv"])
    written = write_study(guess, tmp_path / "study.toml").read_text(encoding="utf-8")
    assert '"Gut"' in written
    assert "2 answers in words that few gave or that may name a person; their 2 rows" in written
    assert "hush" not in f"{written} {guess}".lower()
