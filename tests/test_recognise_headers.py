"""Exports with two or three header lines, as `init` sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from test_sources import workbook

from cxanalysis.engine import collect
from cxanalysis.recognise import recognise, write_study
from cxanalysis.study import open_study

QUESTIONS = {
    "ResponseId": "Response ID",
    "RecordedDate": "Recorded Date",
    "ExternalReference": "Customer number",
    "Q1": "All in all, how satisfied\nare you with us?",
    "Q2": "Please rate: - The help of our staff",
    "Q3": "What could we do better?",
}


def survey() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ResponseId": [f"R_{n}" for n in range(40)],
            "RecordedDate": [f"2025-07-{n % 28 + 1:02d} 10:00:00" for n in range(40)],
            "ExternalReference": [f"C{n}" for n in range(40)],
            "Q1": [n % 5 + 1 for n in range(40)],
            "Q2": [(n + n // 20) % 5 + 1 for n in range(40)],
            "Q3": [f"words of\ncustomer {n}" for n in range(40)],
        }
    )


def export(path: Path, ids: list[dict[str, str]]) -> Path:
    more = pd.DataFrame([list(QUESTIONS.values()), [json.dumps(i) for i in ids]])
    frame = survey()
    more.columns = frame.columns
    pd.concat([more, frame]).to_csv(path, index=False)
    return path


def ids(zone: str | None) -> list[dict[str, str]]:
    more = {} if zone is None else {"timeZone": zone}
    return [{"ImportId": name} | (more if "Date" in name else {}) for name in QUESTIONS]


def test_questions_of_the_second_line_say_what_the_columns_are(tmp_path: Path) -> None:
    guess = recognise([export(tmp_path / "answers.csv", ids("America/Denver"))])
    table = guess.tables[0]
    assert table.settings["header_lines"] == 3
    assert table.settings["time_zone"] == "America/Denver"
    assert {column.role: column.source for column in table.columns}["overall_satisfaction"] == "Q1"
    assert [(i.source, i.settings["label"], i.settings.get("service")) for i in table.items] == [
        ("Q2", "Please rate: - The help of our staff", True)
    ]
    text = write_study(guess, tmp_path / "study.toml").read_text()
    assert "carry no zone" not in text
    rows = collect(open_study(tmp_path).tables["surveys"])
    assert len(rows) == 40
    assert rows["responded_at"].min() == pd.Timestamp("2025-07-01 16:00", tz="UTC")


def test_a_workbook_of_three_header_lines_is_read_like_a_text_file(tmp_path: Path) -> None:
    export(tmp_path / "answers.csv", ids("America/Denver"))
    rows = pd.read_csv(tmp_path / "answers.csv", header=None, dtype=str).to_numpy().tolist()
    (tmp_path / "answers.xlsx").write_bytes(workbook([[], [], *rows]))
    guess = recognise([tmp_path / "answers.xlsx"])
    text = write_study(guess, tmp_path / "study.toml").read_text()
    assert guess.tables[0].settings["header_lines"] == 3
    assert guess.tables[0].items[0].settings["label"] == "Please rate: - The help of our staff"
    assert 'time_zone = "America/Denver"' in text
    rows[3 + 3][3] = "9"  # the third answer, below two empty rows and the header
    (tmp_path / "answers.xlsx").write_bytes(workbook([[], [], *rows]))
    study = open_study(tmp_path)
    assert len(collect(study.tables["surveys"])) == 39
    assert study.rejects()[["line", "column", "value"]].to_numpy().tolist() == [[9, "Q1", "9"]]


@pytest.mark.parametrize("zone", [None, "Mars/Olympus"])
def test_a_zone_that_is_not_told_is_asked_for(tmp_path: Path, zone: str | None) -> None:
    guess = recognise([export(tmp_path / "answers.csv", ids(zone))])
    assert "time_zone" not in guess.tables[0].settings
    assert "carry no zone" in write_study(guess, tmp_path / "study.toml").read_text()


def test_labels_of_the_second_line_name_the_columns_of_a_question(tmp_path: Path) -> None:
    head = (
        "Respondent ID,End Date,Custom Data 1,All in all how satisfied are you?,"
        "Please rate:,,Where did you hear of us?,\n"
        ",,,Response,Our staff,The website,Friend,Advert\n"
    )
    lines = [
        f"{n},2025-07-{n % 28 + 1:02d} 10:00,C{n},{n % 5 + 1},{(n + n // 20) % 5 + 1},"
        f"{(n + n // 15) % 5 + 1},{'Friend' if n % 2 else ''},{'' if n % 2 else 'Advert'}\n"
        for n in range(40)
    ]
    path = tmp_path / "monkey.csv"
    path.write_text(head + "".join(lines))
    guess = recognise([path])
    write_study(guess, tmp_path / "study.toml")
    assert guess.tables[0].settings["header_lines"] == 2
    assert [item.source for item in guess.tables[0].items] == [
        "Please rate: Our staff",
        "Please rate: The website",
    ]
    rows = collect(open_study(tmp_path).tables["surveys"])
    assert len(rows) == 40
    assert {"please_rate_our_staff", "please_rate_the_website"} <= set(rows.columns)


@pytest.mark.parametrize(
    ("low", "high"), [("Not at all likely - 0", "Extremely likely - 10"), ("0 – not", "10 (very)")]
)
def test_numbers_with_words_at_the_ends_of_the_scale_are_numbers(
    tmp_path: Path, low: str, high: str
) -> None:
    frame = survey()
    texts = {0: low, 10: high}
    frame["How likely are you to recommend us?"] = [texts.get(n % 11, n % 11) for n in range(40)]
    frame.to_csv(tmp_path / "answers.csv", index=False)
    write_study(recognise([tmp_path / "answers.csv"]), tmp_path / "study.toml")
    rows = collect(open_study(tmp_path).tables["surveys"])
    assert rows["nps"].tolist() == [n % 11 for n in range(40)]


def plain_survey() -> pd.DataFrame:
    named = {**QUESTIONS, "Q1": "Overall satisfaction", "Q2": "Satisfaction with our staff"}
    return survey().drop(columns="Q3").rename(columns=named)


@pytest.mark.parametrize("first", ["sep=;\n", "\ufeffSEP=;\r\n", '"sep=;"\n'])
def test_a_first_line_for_excel_is_read_over(tmp_path: Path, first: str) -> None:
    text = plain_survey().to_csv(index=False, sep=";")
    (tmp_path / "answers.csv").write_text(first + text, newline="")
    guess = recognise([tmp_path / "answers.csv"])
    write_study(guess, tmp_path / "study.toml")
    assert guess.tables[0].settings["delimiter"] == ";"
    assert len(collect(open_study(tmp_path).tables["surveys"])) == 40


TITLES = [["Answers of all customers, July 2025"], [], ["made on 2025-08-01"]]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_titles_above_a_header_are_skipped_and_said(tmp_path: Path, ending: str) -> None:
    frame = plain_survey()
    table = [[str(cell) for cell in row] for row in [frame.columns, *frame.to_numpy()]]
    wide = [row + [""] * (len(frame.columns) - len(row)) for row in TITLES]
    path = tmp_path / f"answers.{ending}"
    if ending == "xlsx":
        path.write_bytes(workbook([*wide, *table]))
    else:
        pd.DataFrame([*wide, *table]).to_csv(path, index=False, header=False)
    guess = recognise([path])
    text = write_study(guess, tmp_path / "study.toml").read_text()
    assert "title_lines = 2  # above the header, and no part of the table" in text
    assert len(collect(open_study(tmp_path).tables["surveys"])) == 40
