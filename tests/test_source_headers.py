"""Delimited files with more than one header line, and with rare delimiters."""

import pytest
from test_sources import GOOD, HEADER, TICKETS, problems, rows, write

from cxanalysis.errors import DataError
from cxanalysis.sources.delimited import column_names, find_header_lines, find_title_lines
from cxanalysis.study import open_study

QUALTRICS = (
    "StartDate,ResponseId,Q1,Q2\n"
    'Start Date,Response ID,"All in all,\nhow satisfied\n\nare you?",Why?\n'
    '"{""ImportId"":""startDate"",""timeZone"":""UTC""}","{""ImportId"":""_recordId""}",'
    '"{""ImportId"":""QID1""}","{""ImportId"":""QID2_TEXT""}"\n'
)
ANSWERS = """
[tables.surveys.columns]
response_id = "ResponseId"
responded_at = "StartDate"
overall_satisfaction = "Q1"
comment = "Q2"
"""
MONKEY = (
    "Respondent ID,End Date,All in all?,Please rate:,,,Anything else?\n"
    ",,Response,Food,Staff,Other (please specify),Open-Ended Response\n"
)


@pytest.mark.parametrize("bad", ["", "2026-03-02,R_3,5\n"])  # DuckDB reads the file, or we do
def test_three_header_lines_with_breaks_inside_are_no_rows(tmp_path, bad):
    content = f'{QUALTRICS}2026-03-01,R_1,4,"a\nb"\n2026-03-01,R_2,9,\n{bad}2026-03-01,R_4,x,\n'
    study = open_study(write(tmp_path, content, ANSWERS, table="surveys", more="header_lines = 3"))
    assert rows(study, "surveys")["response_id"].tolist() == ["R_1"]
    found = [(9, "Q1", "9", "off the scale 1–5")]
    if bad:
        found.append((10, "", "expected 4 fields, found 3", "ragged line"))
    assert problems(study) == [*found, (11 if bad else 10, "Q1", "x", "unreadable number")]


def test_no_row_is_lost_below_blank_lines_and_a_header_with_line_breaks(tmp_path):
    header = HEADER.replace("customer", '"cus\ntomer"')
    columns = TICKETS.replace('"customer"', '"cus tomer"')
    late = "2,b,2026-03-01,,x\n"
    study = open_study(write(tmp_path, f"\n \n{header}{GOOD}{late}", columns))
    assert rows(study)["ticket_id"].tolist() == ["1"]
    assert problems(study) == [(6, "talk", "x", "unreadable number")]
    labels = f"\n \n{header}\n,,,,\n\n{GOOD}{late}"
    study = open_study(write(tmp_path, labels, columns, more="header_lines = 2"))
    assert rows(study)["ticket_id"].tolist() == ["1"]
    assert problems(study) == [(9, "talk", "x", "unreadable number")]


@pytest.mark.parametrize("bad", ["", "2;b;2026-03-01\n"])  # DuckDB reads the file, or we do
def test_a_first_line_for_excel_names_the_delimiter(tmp_path, bad):
    content = f"sep=;\n{HEADER}{GOOD}2,b,2026-03-01,,x\n".replace(",", ";")
    study = open_study(write(tmp_path, content + bad, TICKETS))
    assert rows(study)["ticket_id"].tolist() == ["1"]
    ragged = [(5, "", "expected 5 fields, found 3", "ragged line")] if bad else []
    assert sorted(problems(study)) == [(4, "talk", "x", "unreadable number"), *ragged]


@pytest.mark.parametrize("bad", ["", "2,b,2026-03-01\n"])
def test_titles_above_the_header_are_no_part_of_the_table(tmp_path, bad):
    content = f'Cases by month\n\n"All of March, 2026",,,,\n{HEADER}{GOOD}2,b,2026-03-01,,x\n{bad}'
    study = open_study(write(tmp_path, content, TICKETS, more="title_lines = 2"))
    assert rows(study)["ticket_id"].tolist() == ["1"]
    ragged = [(7, "", "expected 5 fields, found 3", "ragged line")] if bad else []
    assert sorted(problems(study)) == [(6, "talk", "x", "unreadable number"), *ragged]


def test_titles_that_are_not_declared_are_asked_for(tmp_path):
    with pytest.raises(DataError, match="say how many with title_lines"):
        open_study(write(tmp_path, f"Cases by month\n{HEADER}{GOOD}", TICKETS))


def test_a_header_without_records_is_named(tmp_path):
    write(tmp_path, QUALTRICS, ANSWERS, table="surveys", more="header_lines = 3")
    with pytest.raises(DataError, match="has a header and no rows"):
        open_study(tmp_path)


def test_columns_of_one_question_are_named_by_its_labels(tmp_path):
    columns = """
[tables.surveys.columns]
response_id = "Respondent ID"
overall_satisfaction = "All in all?"
[tables.surveys.items]
food = { column = "Please rate: Food", low = 1, high = 5 }
staff = { column = "please rate:  staff", low = 1, high = 5 }
"""
    content = f"{MONKEY}11,01/31/2026,5,4,3,,\n12,01/31/2026,4,9,,pool,fine\n"
    study = open_study(write(tmp_path, content, columns, table="surveys", more="header_lines = 2"))
    assert rows(study, "surveys")[["food", "staff"]].to_numpy().tolist() == [[4, 3]]
    assert problems(study) == [(4, "Please rate: Food", "9", "off the scale 1–5")]
    assert study.reading[0].unmapped == (
        *("End Date", "Please rate: Other (please specify)", "Anything else?"),
    )


def test_names_are_made_where_the_first_line_has_none():
    assert column_names([["a", " b  c ", ""]]) == ("a", "b c", "")
    assert column_names([["", "q?", "", "", "r"], ["x", "yes", "", "no"]]) == (
        *("", "q?: yes", "", "q?: no", "r"),
    )


def test_header_lines_are_told_by_what_they_hold():
    def told(text):
        return find_header_lines([line.split(",") for line in text.splitlines()])

    ids = '{"ImportId":"a"},{"ImportId":"b"}'
    assert told(f"StartDate,Q1\nStart Date,How?\n{ids}\n2026-03-01,5") == 3
    assert told(MONKEY) == 2
    assert told("id,score\n1,5\n2,4") == 1
    assert told("id,score\n,5\n2,4") == 1
    assert told("id,\n1,5") == 1
    assert told("id,score") == 1


@pytest.mark.parametrize("sign", ["^", "~", "\x01", "\x1f"])
def test_rare_delimiters_are_found(tmp_path, sign):
    content = (HEADER + GOOD).replace(",", sign)
    assert len(rows(open_study(write(tmp_path, content)))) == 1


@pytest.mark.parametrize("sign", ["^", "~", "\\u0001", "!", ":", "§", "€", " ", "'", "\\\\"])
def test_any_one_sign_can_be_declared(tmp_path, sign):
    text = sign.encode().decode("unicode_escape") if "\\" in sign else sign
    content = (HEADER + GOOD + "2,b,soon,,0\n").replace("10:00", "").replace("11:00", "")
    content = content.replace("01 ", "01").replace(",", text)
    study = open_study(write(tmp_path, content, more=f'delimiter = "{sign}"'))
    assert rows(study)["ticket_id"].tolist() == ["1"]
    assert problems(study) == [(3, "opened", "soon", "unreadable time")]


def test_a_wrong_delimiter_is_named_with_the_rare_one(tmp_path):
    content = (HEADER + GOOD).replace(",", "\x01")
    with pytest.raises(DataError) as error:
        open_study(write(tmp_path, content, TICKETS, more='delimiter = ";"'))
    assert 'separated by control sign 1; set delimiter = "\\u0001"' in str(error.value)


def test_titles_are_told_by_how_little_they_fill():
    def found(text):
        return find_title_lines([line.split(",") for line in text.splitlines()])

    table = "id,at,score,why\n1,2026-03-01,5,\n2,2026-03-01,,late\n"
    assert found(table) == 0
    assert found(f"Cases of March\n{table}") == 1
    assert found(f"Cases of March,,,\nmade on 1 April,,,\n{table}") == 2
    # Two columns of four may be a header; what differs in width is no table but remarks.
    assert found(f"Cases,March\n{table}") == 0
    assert found("remark\nGood, fast, friendly\nNo, not at all\nSlow, dear, rude, far\n") == 0
    assert found("id,at\n1,2026-03-01\n") == 0
