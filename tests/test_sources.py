"""Reading awkward files: every bad row is named with its place, nothing is lost silently."""

import gzip
import io
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import DataError, StudyError
from cxanalysis.study import open_study

TICKETS = """
[tables.tickets.columns]
ticket_id = "id"
customer_id = "customer"
opened_at = "opened"
solved_at = "solved"
talk_seconds = "talk"
"""
HEADER = "id,customer,opened,solved,talk\n"
GOOD = "1,a,2026-03-01 10:00,2026-03-01 11:00,60\n"


def write(
    folder, content, columns=TICKETS, *, name="tickets.csv", table="tickets", more="", top=""
):
    """A study of one table whose file holds ``content`` (text or bytes)."""
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    (folder / "study.toml").write_text(
        f'name = "test"\n{top}\n[limits]\nbad_rows = 1.0\n'
        f'[tables.{table}]\npath = "{name}"\n{more}\n{columns}',
        encoding="utf-8",
    )
    return folder


def rows(study, table="tickets"):
    return collect(study.tables[table])


def problems(study):
    """Rejects as (line, column, value, rule)."""
    found = study.rejects()
    return list(found[["line", "column", "value", "rule"]].itertuples(index=False, name=None))


def test_times_and_seconds_are_read(tmp_path):
    study = open_study(write(tmp_path, HEADER + GOOD, top='time_zone = "Europe/Berlin"'))
    row = rows(study).iloc[0]
    assert row["opened_at"] == pd.Timestamp("2026-03-01 09:00", tz="UTC")
    assert row["talk_seconds"] == 60.0
    assert study.reading[0].rows_read == study.reading[0].rows_kept == 1


def test_line_numbers_are_physical_after_breaks_blanks_and_ragged_lines(tmp_path):
    content = (
        HEADER
        + '1,"a\r\nb",2026-03-01 10:00,,60\n'  # lines 2 and 3
        + "\n"
        + "2,b,2026-03-01 10:00\n"  # line 5: ragged
        + "   \n"
        + "3,c,2026-03-01 10:00,,60,7\n"  # line 7: ragged
        + "4,d,yesterday,,-5\n"  # line 8: two rules broken
        + "5,e,2026-03-02,,5\n"
    )
    study = open_study(write(tmp_path, content))
    assert problems(study) == [
        (5, "", "expected 5 fields, found 3", "ragged line"),
        (7, "", "expected 5 fields, found 6", "ragged line"),
        (8, "opened", "yesterday", "unreadable time"),
        (8, "talk", "-5", "negative duration"),
    ]
    reading = study.reading[0]
    assert (reading.rows_read, reading.rows_kept, reading.rows_set_aside) == (5, 2, 3)
    assert list(rows(study)["ticket_id"]) == ["1", "5"]


def test_line_numbers_are_right_where_duckdb_reads_the_file_itself(tmp_path):
    content = HEADER + '1,"a\n\nb",2026-03-01,,1\n\n2,b,2026-03-01,,x\n'
    assert problems(open_study(write(tmp_path, content))) == [(6, "talk", "x", "unreadable number")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_mark_do_not_matter(tmp_path, newline):
    content = ("\ufeff\n" + HEADER + GOOD + "2,b,x,,1\n").replace("\n", newline)
    study = open_study(write(tmp_path, content))
    assert len(rows(study)) == 1
    assert problems(study) == [(4, "opened", "x", "unreadable time")]


def test_mixed_line_ends_are_read(tmp_path):
    content = HEADER + GOOD + GOOD.replace("1,a", "2,b").replace("\n", "\r\n") + "3,c,2026-03-01,,1"
    assert len(rows(open_study(write(tmp_path, content)))) == 3


def test_broken_quoting_sets_one_line_aside(tmp_path):
    content = HEADER + GOOD + '2,"b"x,2026-03-01,,1\n' + GOOD.replace("1,a", "3,c")
    study = open_study(write(tmp_path, content))
    assert problems(study) == [(3, "", "text after a closing quote", "broken quoting")]
    assert len(rows(study)) == 2


def test_quote_that_never_closes_stops_the_run(tmp_path):
    content = HEADER + GOOD + '2,"b,2026-03-01,,1\n' + GOOD
    with pytest.raises(DataError, match=r"quote opened in line 3 never closes"):
        open_study(write(tmp_path, content))


def test_rules_of_a_row(tmp_path):
    columns = TICKETS + 'abandoned = "gone"\ncsat = "score"\n'
    header = "id,customer,opened,solved,talk,gone,score\n"
    content = (
        header
        + "1,a,2026-03-01 10:00,2026-03-01 09:00,1,yes,5\n"
        + "2,a,,,1,no,5\n"
        + "3,a,2026-03-01,,1,maybe,6\n"
        + "4,a,2026-03-01 10:00,2026-03-01,1,N,1.0\n"  # day only: no order within the day
        + "4,a,2026-03-02,,1,0,\n"
    )
    study = open_study(write(tmp_path, content, columns))
    assert problems(study) == [
        (2, "solved", "2026-03-01 09:00 < 2026-03-01 10:00", "solved_at before opened_at"),
        (3, "opened", "", "missing required value"),
        (4, "gone", "maybe", "unknown yes/no value"),
        (4, "score", "6", "off the scale 1–5"),
        (6, "id", "4", "duplicate id"),
    ]
    kept = rows(study)
    assert list(kept["abandoned"]) == [False]
    assert list(kept["csat"]) == [1.0]


def test_a_day_on_which_clocks_are_set_back_holds_its_last_hour(tmp_path):
    content = HEADER + (
        "1,a,2025-10-26 23:30,2025-10-26,1\n"  # 24.5 hours after the day began
        "2,a,2025-10-27 00:00,2025-10-26,1\n"
        "3,a,2025-11-02 00:30,2025-11-01,1\n"  # as long after an ordinary day began
        "4,a,2025-11-01 23:30,2025-11-01,1\n"
    )
    study = open_study(write(tmp_path, content, top='time_zone = "Europe/Berlin"'))
    assert [(line, rule) for line, _, _, rule in problems(study)] == [
        (3, "solved_at before opened_at"),
        (4, "solved_at before opened_at"),
    ]


def test_keep_last_counts_earlier_rows_as_left_out(tmp_path):
    content = HEADER + "1,a,2026-03-02,,2\n" + "1,a,2026-03-03,,3\n" + "1,a,2026-03-01,,1\n"
    study = open_study(write(tmp_path, content, more='duplicates = "keep-last"'))
    assert list(rows(study)["talk_seconds"]) == [3.0]
    assert study.reading[0].excluded == {"earlier row of the same ticket_id": 2}
    assert study.rejects().empty


def test_too_many_bad_rows_stop_the_run_and_are_listed(tmp_path):
    write(tmp_path, HEADER + GOOD + "2,b,soon,,1\n")
    toml = tmp_path / "study.toml"
    toml.write_text(toml.read_text().replace("bad_rows = 1.0", "bad_rows = 0.05"))
    with pytest.raises(DataError) as error:
        open_study(tmp_path)
    message = str(error.value)
    assert "tickets: 1 of 2 rows (50.0%)" in message
    assert "unreadable time: 1 (first: tickets.csv line 3, opened: soon)" in message
    assert ".cxanalysis/rejects_tickets.csv" in message
    listed = pd.read_csv(tmp_path / ".cxanalysis" / "rejects_tickets.csv")
    assert list(listed["line"]) == [3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "tickets.csv: the file is empty"),
        ("\n\n", "tickets.csv: the file is empty"),
        (HEADER, "tickets.csv: the file has a header and no rows"),
        (
            HEADER.replace("solved", "solved_on") + GOOD,
            "no column 'solved'. Did you mean 'solved_on'",
        ),
        ("id,customer,opened,solved,talk,talk\n1,a,2026-03-01,,1,2\n", "names 'talk' 2 times"),
        (
            HEADER.encode() + b"1,M\xfcller,2026-03-01,,1\n",
            "line 2, byte 0xfc). It looks like latin-1",
        ),
        (HEADER.encode() + b"1,\x93a\x94,2026-03-01,,1\n", 'set encoding = "cp1252"'),
        (HEADER.encode("utf-16"), 'set encoding = "utf-16"'),
        (gzip.compress(HEADER.encode(), mtime=0), "tickets.csv: the file has a header and no rows"),
        (
            HEADER + "1,a,2026-03-01 10:00Z,,1\n2,b,2026-03-01 10:00,,1\n",
            "mixes 1 times with an offset (first: 2026-03-01 10:00Z, tickets.csv line 2) and 1",
        ),
        (
            HEADER + "1,a,29/2/2016 01:16,,1\n2,a,3/2/2016 01:16,,1\n",
            'such as 29/2/2016 01:16 are not ISO 8601; set time_format = "%d/%m/%Y %H:%M"',
        ),
        (
            HEADER + "1,a,2/3/2016 01:16,,1\n",
            '"%d/%m/%Y %H:%M" or "%m/%d/%Y %H:%M" (both read every value',
        ),
    ],
)
def test_whole_table_problems_name_file_and_next_step(tmp_path, content, message):
    with pytest.raises(DataError) as error:
        open_study(write(tmp_path, content))
    assert message in str(error.value)


def test_settings_that_cannot_work_are_named(tmp_path):
    with pytest.raises(DataError, match="time_format '%Q' is not a format"):
        open_study(write(tmp_path, HEADER + GOOD, more='time_format = "%Q"'))
    with pytest.raises(StudyError, match="Did you mean 'Europe/Berlin'"):
        open_study(write(tmp_path, HEADER + GOOD, top='time_zone = "Europe/Berln"'))
    with pytest.raises(DataError, match=r"none of 1 rows is left \(1 customer = a\)"):
        open_study(write(tmp_path, HEADER + GOOD, more='exclude = { customer = "a" }'))


def test_missing_file_is_named(tmp_path):
    write(tmp_path, HEADER + GOOD)
    (tmp_path / "tickets.csv").unlink()
    with pytest.raises(DataError, match=r"no file 'tickets\.csv'"):
        open_study(tmp_path)


def test_wrong_delimiter_is_named_with_the_right_one(tmp_path):
    content = (HEADER + GOOD).replace(",", ";")
    with pytest.raises(DataError, match=r'separated by semicolon; set delimiter = ";"'):
        open_study(write(tmp_path, content, more='delimiter = ","'))
    assert len(rows(open_study(write(tmp_path, content)))) == 1


def test_every_table_with_a_problem_is_named_at_once(tmp_path):
    columns = TICKETS + '[tables.surveys]\npath = "gone.csv"\n'
    with pytest.raises(DataError) as error:
        open_study(write(tmp_path, "", columns))
    assert "the file is empty" in str(error.value)
    assert "no file 'gone.csv'" in str(error.value)


def test_other_encodings_and_gzip_are_read(tmp_path):
    content = gzip.compress((HEADER + GOOD.replace("1,a", "1,Jürgen")).encode("latin-1"))
    study = open_study(write(tmp_path, content, name="tickets.csv.gz", more='encoding = "latin-1"'))
    assert list(rows(study)["customer_id"]) == ["Jürgen"]


def test_headers_match_without_white_space_and_case(tmp_path):
    study = open_study(write(tmp_path, "ID ,Customer,opened,solved, talk\n1,a,2026-03-01,,1\n"))
    assert list(rows(study)["talk_seconds"]) == [1.0]


def test_several_files_are_one_table_and_keep_their_lines(tmp_path):
    write(tmp_path, HEADER + GOOD)
    (tmp_path / "tickets2.csv").write_text("talk,id,customer,opened,solved\nx,2,b,2026-03-01,\n")
    toml = tmp_path / "study.toml"
    toml.write_text(toml.read_text().replace("tickets.csv", "tickets*.csv"))
    study = open_study(tmp_path)
    assert study.reading[0].files == ("tickets.csv", "tickets2.csv")
    found = study.rejects()
    assert list(found["file"]) == ["tickets2.csv"]
    assert list(found["line"]) == [2]


def test_offsets_and_formats_and_joined_columns_become_utc(tmp_path):
    columns = """
[tables.tickets.columns.opened_at]
columns = ["day", "clock"]
time_format = "%y%m%d %H:%M:%S"
time_zone = "Asia/Tokyo"
[tables.tickets.columns]
solved_at = "solved"
"""
    content = "day,clock,solved\n260301,9:00:00,2026-03-01T10:00+09:00\n"
    content += "260301,9:00:00,2026-03-01 02:00:00.5Z\n"
    table = rows(open_study(write(tmp_path, content, columns)))
    assert list(table["opened_at"]) == [pd.Timestamp("2026-03-01", tz="UTC")] * 2
    assert table["solved_at"].iloc[0] == pd.Timestamp("2026-03-01 01:00", tz="UTC")
    assert table["solved_at"].iloc[1] == pd.Timestamp("2026-03-01 02:00:00.5", tz="UTC")
    assert list(table["ticket_id"]) == ["tickets.csv:1", "tickets.csv:2"]


def test_times_in_the_hour_of_a_clock_change_are_counted_and_kept(tmp_path):
    content = HEADER + "1,a,2026-03-29 02:30,,1\n2,a,2026-10-25 02:30,,1\n3,a,2026-10-25 04:30,,1\n"
    study = open_study(write(tmp_path, content, top='time_zone = "Europe/Berlin"'))
    assert len(rows(study)) == 3
    notes = " ".join(study.reading[0].notes)
    assert "opened_at: 1 times fall into the hour that clocks skip" in notes
    assert "opened_at: 1 times fall into the hour that clocks repeat" in notes


def test_line_ends_around_a_value_in_quotes_of_any_sign_are_not_part_of_it(tmp_path):
    content = HEADER + "1,~a\n~,2026-03-01,,~1\n~\n"
    table = rows(open_study(write(tmp_path, content, more='quote = "~"')))
    assert list(table["customer_id"]) == ["a"]


def test_a_time_without_end_is_listed_where_clocks_change(tmp_path):
    lines = "".join(f"{n},a,2026-03-29 04:30,,1\n" for n in range(99))
    content = HEADER + lines + "99,a,infinity,,1\n"
    study = open_study(write(tmp_path, content, top='time_zone = "Europe/Berlin"'))
    assert dict(study.reading[0].rejects) == {"unreadable time": 1}


def test_codes_recodes_units_flags_and_decimal_commas(tmp_path):
    columns = """
[tables.tickets.columns]
opened_at = "opened"
talk_seconds = { column = "talk", unit = "minutes" }
hold_seconds = "hold"
abandoned = { column = "state", true = "HANG" }
csat = { column = "score", values = { Good = "5", Bad = "1" }, missing = "Offered" }
transfers = { column = "moves", missing = "99" }
channel = { value = "phone" }
"""
    content = (
        "opened;talk;hold;state;score;moves\n"
        "2026-03-01;1,5;0:01:30;HANG;Good;99.0\n"
        "2026-03-01;1.500,5;;AGENT;Offered;2\n"
        "2026-03-01;4.5;;AGENT;Bad;2\n"
    )
    more = 'decimal = ","\nexclude = { state = "PHANTOM" }'
    study = open_study(write(tmp_path, content + "2026-03-01;1;;PHANTOM;;\n", columns, more=more))
    table = rows(study)
    assert list(table["talk_seconds"]) == [90.0, 90030.0]
    assert table["hold_seconds"].iloc[0] == 90.0
    assert list(table["abandoned"]) == [True, False]
    assert table["csat"].iloc[0] == 5.0
    assert pd.isna(table["csat"].iloc[1])
    assert pd.isna(table["transfers"].iloc[0])
    assert set(table["channel"]) == {"phone"}
    assert study.reading[0].excluded == {"state = PHANTOM": 1}
    assert problems(study) == [(4, "talk", "4.5", "unreadable number")]


def test_items_keep_not_applicable_apart_from_missing(tmp_path):
    columns = """
scale = { low = 1, high = 5, missing = "0", not_applicable = "6" }
[tables.surveys.columns]
overall_satisfaction = "all"
[tables.surveys.items]
food = {}
wifi = { column = "Q7WIFI", low = 0, high = 10 }
"""
    content = "all,food,Q7WIFI\n5,6.0,10\n4,0,9\n3,5,\n2,7,1\n"
    study = open_study(write(tmp_path, content, columns, table="surveys"))
    table = rows(study, "surveys")
    assert list(table["food"].isna()) == [True, True, False]
    assert list(table["food_na"]) == [True, False, False]
    assert list(table["wifi"].iloc[:2]) == [10.0, 9.0]
    assert problems(study) == [(5, "food", "7", "off the scale 1–5")]


def test_recommend_question_on_another_scale_is_no_nps(tmp_path):
    columns = "[tables.surveys.columns]\nnps = { column = 'rec', low = 1, high = 10 }\n"
    with pytest.raises(DataError, match="from 1 to 10 is not an NPS"):
        open_study(write(tmp_path, "rec\n1\n", columns, table="surveys"))


def test_stages_match_regardless_of_case_and_by_alias(tmp_path):
    columns = '[tables.journeys.columns]\ncustomer_id = "c"\noccurred_at = "t"\nstage = "s"\n'
    content = "c,t,s\na,2026-03-01,PURCHASE\na,2026-03-01,Buy\na,2026-03-01,sleep\n"
    top = 'stage_aliases = { buy = "purchase" }'
    study = open_study(write(tmp_path, content, columns, table="journeys", top=top))
    assert list(rows(study, "journeys")["stage"]) == ["purchase", "purchase"]
    assert problems(study) == [(4, "s", "sleep", "unknown stage")]


def test_one_row_per_order_becomes_one_row_per_step(tmp_path):
    columns = """
[tables.journeys.columns]
order = "order"
[[tables.journeys.join]]
path = "people.csv"
on = "order"
right_on = "o"
columns = { customer_id = "who" }
[[tables.journeys.events]]
stage = "purchase"
touchpoint = "order"
occurred_at = "ordered"
[[tables.journeys.events]]
stage = "use"
touchpoint = "delivery"
occurred_at = "delivered"
columns = { promised_at = "promised" }
"""
    content = (
        "order,ordered,delivered,promised\n1,2026-03-01,2026-03-04,2026-03-03\n2,2026-03-02,,\n"
    )
    (tmp_path / "people.csv").write_text("o,who\n1,ann\n2,bob\n")
    study = open_study(write(tmp_path, content, columns, table="journeys"))
    table = rows(study, "journeys")
    assert list(zip(table["customer_id"], table["touchpoint"], strict=True)) == [
        ("ann", "order"),
        ("ann", "delivery"),
        ("bob", "order"),
    ]
    assert list(table["promised_at"].isna()) == [True, False, True]
    reading = study.reading[0]
    assert (reading.rows_read, reading.rows_kept) == (4, 3)
    assert reading.excluded == {"no time for delivery": 1}
    (tmp_path / "people.csv").write_text("o,who\n1,ann\n1,bob\n")
    with pytest.raises(DataError, match=r"people.csv: 1 values of 'o' occur more than once"):
        open_study(tmp_path)


def test_a_join_can_lead_to_another_and_its_columns_can_be_mapped(tmp_path):
    columns = """
[tables.surveys.columns]
customer_id = "person"
overall_satisfaction = "score"
[[tables.surveys.join]]
path = "orders.csv"
on = "order"
columns = { buyer = "customer_id" }
[[tables.surveys.join]]
path = "people.csv"
on = "buyer"
right_on = "customer_id"
columns = { person = "who", state = "state" }
"""
    (tmp_path / "orders.csv").write_text("order,customer_id\n1,c1\n2,c2\n")
    (tmp_path / "people.csv").write_text("customer_id,who,state\nc1,ann,SP\n")
    study = open_study(write(tmp_path, "order,score\n1,5\n2,4\n", columns, table="surveys"))
    table = rows(study, "surveys")
    assert table["customer_id"].iloc[0] == "ann"
    assert table["customer_id"].isna().iloc[1]
    assert set(table.columns) == {"response_id", "customer_id", "overall_satisfaction", "state"}
    assert study.reading[0].notes == ("1 rows find no customer_id in people.csv",)


def test_rows_that_both_lack_a_key_are_not_joined(tmp_path):
    columns = """
[tables.surveys.columns]
customer_id = "person"
overall_satisfaction = "score"
[[tables.surveys.join]]
path = "people.csv"
on = "order"
columns = { person = "who" }
"""
    (tmp_path / "people.csv").write_text("order,who\nN/A,stranger\nN/A,other\n1,ann\n")
    content = "order,score\n1,5\nN/A,4\n,3\n"
    study = open_study(write(tmp_path, content, columns, table="surveys"))
    found = rows(study, "surveys")["customer_id"]
    assert [None if pd.isna(v) else v for v in found] == ["ann", None, None]
    assert study.reading[0].notes == ()


def test_tables_without_a_column_map_take_columns_of_the_same_name(tmp_path):
    content = "customer_id,Region,name,phone,VALUE\na,north,Ann,+49 30 1234567,5\n"
    study = open_study(write(tmp_path, content, "", table="customers"))
    assert study.columns["customers"] == {"customer_id", "Region", "value"}
    assert study.reading[0].unmapped == ("name", "phone")


def test_parquet_excel_and_sqlite_pass_the_same_checks(tmp_path):
    frame = pd.DataFrame(
        {
            "id": [1.0, 2.0],
            "customer": ["a", "b"],
            "opened": pd.to_datetime(["2026-03-01 10:00", "2026-03-02 10:00"], utc=True),
            "solved": [None, None],
            "talk": [float("nan"), -5.0],
        }
    )
    frame.to_parquet(tmp_path / "made.parquet")
    content = (tmp_path / "made.parquet").read_bytes()
    study = open_study(write(tmp_path, content, name="tickets.parquet"))
    assert list(rows(study)["ticket_id"]) == ["1"]
    assert problems(study) == [(2, "talk", "-5.0", "negative duration")]

    with sqlite3.connect(tmp_path / "made.db") as database:
        frame.assign(opened=frame["opened"].astype(str)).to_sql("calls", database, index=False)
    database.close()
    content = (tmp_path / "made.db").read_bytes()
    more = 'query = "SELECT * FROM calls ORDER BY id"'
    study = open_study(write(tmp_path, content, name="tickets.db", more=more))
    assert list(rows(study)["opened_at"]) == [pd.Timestamp("2026-03-01 10:00", tz="UTC")]
    assert problems(study) == [(2, "talk", "-5.0", "negative duration")]


def test_excel_rows_are_numbered_as_in_the_sheet(tmp_path):
    lines = [
        None,
        ["id", "customer", "opened", "solved", "talk"],
        ["1", "a", "2026-03-01", None, 60],
        None,
        ["2", "b", "2026-03-01", None, "long"],
    ]
    study = open_study(write(tmp_path, workbook(lines), name="tickets.xlsx"))
    assert list(rows(study)["talk_seconds"]) == [60.0]
    assert problems(study) == [(5, "talk", "long", "unreadable number")]
    assert study.reading[0].excluded == {"empty row": 1}


def workbook(lines):
    """The bytes of a smallest Excel file with these rows."""
    body = ""
    for number, line in enumerate(lines, start=1):
        cells = ""
        for letter, value in zip("ABCDE", line or [], strict=False):
            if isinstance(value, str):
                text = f"<is><t>{value}</t></is>"
                cells += f'<c r="{letter}{number}" t="inlineStr">{text}</c>'
            elif value is not None:
                cells += f'<c r="{letter}{number}"><v>{value}</v></c>'
        body += f'<row r="{number}">{cells}</row>' if cells else ""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/s.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Calls" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="s.xml"/></Relationships>',
        "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


def test_files_of_the_same_name_in_two_folders_keep_their_own_rows(tmp_path):
    write(tmp_path, HEADER + GOOD)
    for month in ("01", "02"):
        (tmp_path / month).mkdir()
        (tmp_path / month / "t.csv").write_text("opened_at\n2026-03-01\n")
    (tmp_path / "study.toml").write_text('name = "x"\n[tables.tickets]\npath = "*/t.csv"\n')
    assert list(rows(open_study(tmp_path))["ticket_id"]) == ["01/t.csv:1", "02/t.csv:1"]


def test_second_opening_reads_only_the_cache(tmp_path, monkeypatch):
    first = open_study(write(tmp_path, HEADER + GOOD + "2,b,soon,,1\n"))
    monkeypatch.setattr("cxanalysis.sources.read._read", None)
    second = open_study(tmp_path)
    pd.testing.assert_frame_equal(rows(first), rows(second))
    pd.testing.assert_frame_equal(first.rejects(), second.rejects())
    assert first.reading == second.reading
    assert (tmp_path / ".cxanalysis" / ".gitignore").read_text() == "*\n"


def test_changed_data_settings_or_salt_are_read_anew(tmp_path, monkeypatch):
    def keys():
        return {path.name for path in Path(tmp_path, ".cxanalysis").glob("tickets-*")}

    open_study(write(tmp_path, HEADER + GOOD))
    assert len(keys()) == 1
    open_study(write(tmp_path, HEADER + GOOD + GOOD.replace("1,a", "2,b")))
    assert len(keys()) == 2
    open_study(write(tmp_path, HEADER + GOOD, top='time_zone = "Asia/Tokyo"'))
    assert len(keys()) == 3
    monkeypatch.setenv("CXANALYSIS_SALT", "another")
    open_study(tmp_path)
    assert len(keys()) == 4


def test_rows_that_only_repeat_an_id_are_set_aside_with_their_line(tmp_path):
    study = open_study(write(tmp_path, HEADER + GOOD + GOOD))
    assert problems(study) == [(3, "id", "1", "duplicate id")]
    assert study.reading[0].rows_kept == 1


def test_times_that_duckdb_reads_and_the_standard_does_not_are_unreadable(tmp_path):
    """DuckDB turns these into times, or silently into nothing: they are counted as unreadable."""
    odd = ["2026-03-01  9:05:00", "2026-03-01 10:05:0Z", "2026-03-01 10:05:0."]
    odd += ["2026-02-30 10:05:07"]
    content = HEADER + GOOD + "".join(f"{n},a,{text},,1\n" for n, text in enumerate(odd, start=2))
    study = open_study(write(tmp_path, content))
    assert [(value, rule) for _, _, value, rule in problems(study)] == [
        (text, "unreadable time") for text in odd
    ]
    zoned = GOOD.replace("10:00", "10:00:00Z").replace("11:00", "11:00:00Z")
    content = HEADER + zoned + "2,a,2026-02-30T10:00:00Z,,1\n3,a,2026-03-01T25:00:00+01:00,,1\n"
    study = open_study(write(tmp_path, content))
    assert [problem[0] for problem in problems(study)] == [3, 4]
    assert study.reading[0].rows_kept == 1
