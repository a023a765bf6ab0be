"""A company whose every text field is full of identifiers: none is in anything that a run makes.

Identifiers stand where such data occur: addresses as customer numbers, names in columns of agents,
among segments, in ratings and times, in headers and in names of files. What cannot be told, a
name within a comment, may stand in the cache's column of comments and nowhere else.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from cxanalysis.cli import app
from cxanalysis.errors import CxError
from cxanalysis.study import check_study, open_study

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
CUSTOMERS = 400  # of the sample's
PERSONS = ("Ann Zwickelhuber", "Bob Quackenbush", "Hobblewick, Clara", "Dr. Peter Grumpelt")
PLANTED = (
    "planted.example",
    "%40planted",
    "zwickelhuber",
    "quackenbush",
    "hobblewick",
    "grumpelt",
    "wibbleton",
    "knödelstraße",
    "5550177",
    "555-0177",
    "555 0177",
    "203.0.113.77",
    "feed::7",
)
IN_COMMENTS = "hushquill"  # a name within a sentence: not told, and never reported
FILES = {
    "tickets": "tickets of ann.zwickelhuber@planted.example.csv",
    "surveys": "Ann Zwickelhuber.csv",
    "journeys": "journeys +49 171 5550177.csv",
    "customers": "customers.csv",
}
WRITTEN = ("{}", "MAILTO:{}", "Ann Zwickelhuber <{}>", "{} ")


def address(number: str, form: int) -> str:
    """A customer's number as an e-mail address in one of the ways that programs write it."""
    mail = f"{number}.zwickelhuber@planted.example"
    return WRITTEN[form].format(mail.upper() if form == 3 else mail)


def planted(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The sample's tables as texts, with identifiers in every kind of column."""
    for form, frame in enumerate(frames.values()):
        known = frame["customer_id"].notna()
        frame.loc[known, "customer_id"] = [
            address(c, form) for c in frame.loc[known, "customer_id"]
        ]
    customers, tickets = frames["customers"], frames["tickets"]
    surveys, journeys = frames["surveys"], frames["journeys"]
    given = customers["referred_by"].notna()
    customers.loc[given, "referred_by"] = [
        address(c, 0) for c in customers.loc[given, "referred_by"]
    ]
    customers.loc[customers.index[:60], "plan"] = PERSONS[0]
    customers.loc[customers.index[60:120], "plan"] = "17 Wibbleton Street"
    customers["adviser"] = [PERSONS[n % 4] for n in range(len(customers))]
    customers["mail"] = "first.zwickelhuber@planted.example"
    tickets.loc[tickets.index[:40], "reason"] = PERSONS[1]
    tickets.loc[tickets.index[40:80], "reason"] = "call 0171-5550177"
    tickets.loc[tickets.index[80:90], "reason"] = "ask bob%40planted.example or 203.0.113.77"
    tickets.loc[tickets.index[:40], "channel"] = "Knödelstraße 9"
    tickets["team"] = [PERSONS[n % 3] for n in range(len(tickets))]
    tickets["Agent name"] = PERSONS[1]
    tickets["ip"] = "203.0.113.77"
    tickets.loc[tickets.index[:5], "ticket_id"] = [f"{n}@planted.example" for n in range(5)]
    tickets.loc[tickets.index[5:7], "ticket_id"] = PERSONS[1]
    bad = (
        PERSONS[0],
        "Zwickelhuber",
        "a@planted.example",
        "+49 171 5550177",
        "17 Wibbleton Street",
    )
    for place, text in enumerate(bad):
        tickets.loc[tickets.index[10 + place], "csat"] = text
        tickets.loc[tickets.index[20 + place], "opened_at"] = text
        tickets.loc[tickets.index[30 + place], "talk_seconds"] = text
        tickets.loc[tickets.index[40 + place], "abandoned"] = text
        surveys.loc[surveys.index[50 + place], "overall_satisfaction"] = text
        surveys.loc[surveys.index[60 + place], "responded_at"] = text
        journeys.loc[journeys.index[70 + place], "stage"] = text
        journeys.loc[journeys.index[80 + place], "rating"] = text
    journeys.loc[journeys.index[:50], "touchpoint"] = PERSONS[3]
    journeys.loc[journeys.index[50:60], "channel"] = "2001:db8:feed::7"
    surveys["comment"] = (
        "This is Ann Hushquill, ring (415) 555-0177 or write to ann@planted.example; I live at "
        "17 Wibbleton Street, Knödelstraße 9, and came from 203.0.113.77 or 2001:db8:feed::7, "
        "bob%40planted.example, 0171 555 0177"
    )
    surveys["wave"] = [PERSONS[n % 50] if n % 50 < 4 else f"wave {n % 5}" for n in surveys.index]
    for frame in frames.values():
        frame["ann@planted.example"] = frame[PERSONS[1]] = frame["17 Wibbleton Street"] = "1"
    return frames


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with four files full of identifiers, and the sample's study file."""
    folder = tmp_path_factory.mktemp("company")
    frames = {name: pd.read_csv(SAMPLE / f"{name}.csv", dtype=str) for name in FILES}
    some = set(frames["customers"]["customer_id"][:CUSTOMERS])
    frames = {n: f[f["customer_id"].isin(some)].reset_index(drop=True) for n, f in frames.items()}
    study = (SAMPLE / "study.toml").read_text(encoding="utf-8")
    study = study.replace("bad_rows = 0.05", "bad_rows = 0.2")
    for name, frame in planted(frames).items():
        frame.to_csv(folder / FILES[name], index=False)
        with (folder / FILES[name]).open("a", encoding="utf-8") as file:
            file.write(f'"{PERSONS[0]}",a@planted.example\n')
        study = study.replace(f'"{name}.csv"', f'"{FILES[name]}"')
    (folder / "study.toml").write_text(study, encoding="utf-8")
    return folder


def found_in(text: str) -> list[str]:
    return [token for token in (*PLANTED, IN_COMMENTS) if token in text.lower()]


def texts_of(path: Path) -> str:
    """All that a file holds; of a Parquet file all that is packed in it, comments aside."""
    if path.suffix != ".parquet":
        return path.read_bytes().decode("utf-8", "replace")
    names = [name for name in pq.read_schema(path).names if name != "comment"]
    listed = ", ".join(f'"{name}"' for name in names)
    parts = [str(names), str(duckdb.sql(f"SELECT {listed} FROM '{path}'").fetchall())]
    for group in pq.read_metadata(path).to_dict()["row_groups"]:
        columns = group["columns"]
        parts += [str(c) for c in columns if c["path_in_schema"] != "comment"]
    return "\n".join(parts)


def scan(folder: Path) -> dict[str, list[str]]:
    """Planted tokens by file, of every file below a folder; a comment's own words aside."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "salt":
            tokens = found_in(f"{path.relative_to(folder)}\n{texts_of(path)}")
            if tokens:
                found[str(path.relative_to(folder))] = tokens
    return found


def test_the_scan_finds_what_is_planted(company: Path) -> None:
    found = scan(company)
    assert {token for tokens in found.values() for token in tokens} == {*PLANTED, IN_COMMENTS}


def test_the_account_the_cache_and_the_list_of_bad_rows_hold_no_identifier(company: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(company / "study.toml")])
    assert result.exit_code == 0, result.stderr
    assert found_in(result.stdout + result.stderr) == []
    assert "customers in tickets are also in surveys (9" in result.stdout
    assert "team holds names of persons or addresses of houses: hashed" in result.stdout
    assert scan(company / ".cxanalysis") == {}
    study = open_study(company)
    assert len(study.rejects()) > 40
    assert found_in(study.rejects().to_csv()) == []
    comments = duckdb.sql(f"SELECT DISTINCT comment FROM '{study.stored[2].rows}'").fetchall()
    assert {IN_COMMENTS} == {token for (text,) in comments for token in found_in(text or "")}


def test_no_file_of_a_report_holds_an_identifier(company: Path, tmp_path: Path) -> None:
    arguments = ["report", str(company / "study.toml"), "--period", "all"]
    result = CliRunner().invoke(app, [*arguments, "--folder", str(tmp_path)])
    assert result.exit_code == 0, result.stderr
    assert found_in(result.stdout + result.stderr) == []
    assert {path.suffix for path in tmp_path.rglob("*")} >= {".html", ".ipynb", ".json"}
    assert scan(tmp_path) == {}


def test_a_study_file_that_init_writes_names_no_person(company: Path, tmp_path: Path) -> None:
    files = [str(company / file) for file in FILES.values()]
    output = tmp_path / "study.toml"
    result = CliRunner().invoke(app, ["init", *files, "--output", str(output)])
    assert result.exit_code == 0, result.stderr
    said = result.stdout + result.stderr + output.read_text(encoding="utf-8")
    for file in FILES.values():  # a file is called what its owner called it
        said = said.replace(file, "")
    lines = [line for line in said.splitlines() if found_in(line)]
    assert lines == []


def errors_of(company: Path, tmp_path: Path) -> list[str]:
    """What is said where a run stops: for bad rows, an unknown segment, column or match."""
    text = (company / "study.toml").read_text(encoding="utf-8")
    for file in FILES.values():
        (tmp_path / file).write_bytes((company / file).read_bytes())
    said = []
    for changed in (
        text.replace("bad_rows = 0.2", "bad_rows = 0.0"),
        re.sub(r"(\[tables\.tickets\].*?\n)", r'\1columns = { opened_at = "start" }\n', text),
        text + '\n[identity]\nmap = "customers.csv"\ncustomer_id = "adviser"\nothers = ["mail"]\n',
    ):
        (tmp_path / "study.toml").write_text(changed, encoding="utf-8")
        with pytest.raises(CxError) as error:
            open_study(tmp_path)
        said.append(str(error.value))
    study = open_study(company)
    for segment in ("plan=none", "team=none", "nothing=none"):
        with pytest.raises(CxError) as error:
            study.among(segment)
        said.append(str(error.value))
    return said


def test_errors_hold_no_identifier(company: Path, tmp_path: Path) -> None:
    said = errors_of(company, tmp_path)
    assert [text for text in said if found_in(text)] == []
    assert "break the table's rules" in said[0]
    assert "no column 'start'" in said[1]
    assert "belong to more than one adviser" in said[2]
    assert "has no value 'none'" in said[3]
    assert scan(tmp_path / ".cxanalysis") == {}


def test_nothing_of_a_comment_is_printed_by_check(company: Path) -> None:
    assert "This is Ann" not in str(check_study(open_study(company)))
