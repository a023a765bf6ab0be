"""Files as bad as they come: each problem is named with its next step, and nothing is lost."""

import gzip
import re
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_sources import GOOD, HEADER, TICKETS, problems, rows, workbook, write
from typer.testing import CliRunner

from cxanalysis.cli import app
from cxanalysis.study import open_study

# Dirty files tried, each read twice; the long profile tries its own number.
EXAMPLES = max(20, settings.default.max_examples if settings.default.max_examples > 100 else 0)
MANY = "".join(f"{i},a,2026-03-01 10:00,2026-03-01 11:00,{i}\n" for i in range(2000))


def check(folder):
    """Exit code and output of ``cxanalysis check``; anything but our own errors is raised."""
    result = CliRunner().invoke(app, ["check", str(folder)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("name", "content", "more", "message"),
    [
        ("t.csv.gz", HEADER.encode(), "", "a header and no rows"),
        ("t.csv.gz", gzip.compress(MANY.encode())[:-99], "", "breaks off or is damaged"),
        ("t.parquet", b"PAR1" + b"\0" * 50 + b"PAR1", "", "t.parquet: cannot be read as Parquet"),
        ("t.xlsx", HEADER.encode(), "", "t.xlsx: cannot be read as a workbook"),
        ("t.xls", b"<html><table>", "", "save it as .xlsx or .csv"),
        ("t.xlsx", workbook([]), "", "sheet 'Calls' is empty"),
        ("t.db", HEADER.encode(), 'query = "SELECT 1"', "this is no SQLite database"),
        ("t.db", HEADER.encode(), "", "this is no SQLite database"),
        ("t.csv", b"\n <!DOCTYPE html><title>Log in</title>", "", "this is a web page"),
        ("t.csv", (HEADER + "ä,").encode("utf-16-le"), "", 'set encoding = "utf-16-le"'),
        ("t.csv", HEADER.encode("utf-16-le"), "", 'set encoding = "utf-16-le"'),
        ("t.csv", HEADER.encode("utf-16-be"), "", 'set encoding = "utf-16-be"'),
        ("t.csv", HEADER.encode("utf-32"), "", 'set encoding = "utf-32"'),
        ("t.csv", b"\x81", 'encoding = "cp1252"', "not cp1252, which study.toml declares"),
        ("t.csv", b"", 'encoding = "klingon"', "is no text encoding"),
        ("t.csv", b"abc", 'encoding = "base64"', "is no text encoding"),
        ("t.csv", b'[{"mail": "ann@example.com"}]', "", "no column 'id'. Known: mail"),
        ("t.csv", b"Report\n" + HEADER.encode(), "", "lines stand above the header"),
        ("t.csv", b'"id,customer\n1,2\n', "", "its quotes do not pair up"),
        ("t.csv", HEADER.encode(), 'delimiter = "||"', "'||' is not one sign"),
        ("t.csv", HEADER.encode(), 'quote = "ab"', "'ab' is not one sign"),
        ("t.csv", (HEADER + "1,a,2026\n").encode(), "", "1 of 1 rows (100.0%) break"),
    ],
)
def test_unusable_files_stop_the_run_with_one_clear_line(tmp_path, name, content, more, message):
    code, output = check(write(tmp_path, content, name=name, more=more))
    assert code == 1
    assert message in output
    assert "@" not in output


def test_a_folder_a_lost_link_and_a_locked_cache_are_named(tmp_path):
    write(tmp_path, HEADER + GOOD)
    (tmp_path / ".cxanalysis").write_text("in the way")
    code, output = check(tmp_path)
    assert code == 1
    assert "the study's folder may be written to" in output
    (tmp_path / ".cxanalysis").unlink()
    (tmp_path / "tickets.csv").unlink()
    (tmp_path / "tickets.csv").mkdir()
    assert "that is a folder" in check(tmp_path)[1]
    (tmp_path / "tickets.csv").rmdir()
    (tmp_path / "tickets.csv").symlink_to("gone.csv")
    assert check(tmp_path)[0] == 1


def test_a_file_that_vanishes_while_it_is_read_is_named(tmp_path, monkeypatch):
    def gone(*_):
        raise FileNotFoundError(2, "No such file or directory", "/data/tickets.csv")

    monkeypatch.setattr("cxanalysis.sources.read._read", gone)
    code, output = check(write(tmp_path, HEADER + GOOD))
    assert code == 1
    assert "tickets: tickets.csv: No such file or directory" in output


def test_study_file_that_is_a_folder_or_not_utf8_is_named(tmp_path):
    (tmp_path / "study.toml").write_bytes(b'name = "M\xfcller"')
    assert "not UTF-8" in check(tmp_path)[1]
    (tmp_path / "study.toml").unlink()
    (tmp_path / "study.toml").mkdir()
    code, output = check(tmp_path)
    assert code == 1
    assert "cannot be read" in output


@pytest.mark.parametrize("nul", ["", "4,k\0,4\n"], ids=["DuckDB", "Python"])
def test_spaces_before_quotes_are_read_alike_whoever_reads(tmp_path, nul):
    (tmp_path / "t.csv").write_text(
        f'"id", "who", "opened"\n1, "k,z", 2026-03-01\n2, "k", "2026-03-02"\n{nul}'
    )
    (tmp_path / "study.toml").write_text(
        'name = "x"\n[limits]\nbad_rows = 1.0\n[tables.tickets]\npath = "t.csv"\n'
        '[tables.tickets.columns]\nticket_id = "id"\nchannel = "who"\nopened_at = "opened"\n'
    )
    study = open_study(tmp_path)
    assert rows(study)["channel"].tolist() == ["k,z", "k"]
    assert len(study.rejects()) == bool(nul)


def test_lines_with_nul_bytes_are_set_aside(tmp_path):
    content = HEADER + GOOD + "2,b\0c,2026-03-01,,1\n"
    study = open_study(write(tmp_path, content))
    assert problems(study) == [(3, "", "the line is damaged", "NUL byte")]


def test_times_that_stand_for_none_or_for_ever_are_set_aside(tmp_path):
    content = HEADER + GOOD + "2,b,1900-01-01,,1\n3,b,2026-03-01,9999-12-31,1\n4,b,2099-12-31,,1\n"
    study = open_study(write(tmp_path, content))
    assert [problem[0] for problem in problems(study)] == [3, 4]
    assert set(study.rejects()["rule"]) == {"time outside 1901–2099"}


def test_five_percent_may_be_set_aside_and_no_more(tmp_path):
    def bad(n, of):
        lines = MANY.splitlines(keepends=True)[: of - n] + [f"x{i},a,soon,,1\n" for i in range(n)]
        write(tmp_path, HEADER + "".join(lines))
        toml = tmp_path / "study.toml"
        toml.write_text(toml.read_text().replace("bad_rows = 1.0", ""))
        return check(tmp_path)[0]

    assert bad(5, of=100) == 0
    assert bad(5, of=99) == 1


def test_a_file_without_rows_among_others_is_noted(tmp_path):
    write(tmp_path, HEADER + GOOD, name="t1.csv")
    (tmp_path / "t2.csv").write_text(HEADER)
    toml = tmp_path / "study.toml"
    toml.write_text(toml.read_text().replace('"t1.csv"', '"t*.csv"'))
    assert open_study(tmp_path).reading[0].notes == ("t2.csv has a header and no rows",)


def test_encoding_declared_for_a_file_that_is_utf8_is_noted(tmp_path):
    content = HEADER + GOOD.replace("1,a", "1,Jürgen")
    study = open_study(write(tmp_path, content, more='encoding = "latin-1"'))
    assert study.reading[0].notes == (
        "tickets.csv is read as latin-1, but it looks like UTF-8: leave encoding out",
    )


def test_lines_of_a_joined_file_that_cannot_be_read_are_noted(tmp_path):
    join = '\n[[tables.tickets.join]]\npath = "p.csv"\non = "id"\ncolumns = { team = "t" }\n'
    (tmp_path / "p.csv").write_text("id,t\n1,north,east\n2,south\n")
    study = open_study(write(tmp_path, HEADER + GOOD, TICKETS + join))
    assert study.reading[0].notes[0].startswith("1 lines of p.csv cannot be read")


def test_hundreds_of_columns_take_seconds(tmp_path):
    names = [f"q{i}" for i in range(300)]
    items = "".join(f"{name} = {{ low = 1, high = 5 }}\n" for name in names)
    columns = f'[tables.surveys.columns]\nresponse_id = "id"\n[tables.surveys.items]\n{items}'
    content = f"id,{','.join(names)}\n" + "".join(f"{n}{',5' * 300}\n" for n in range(20))
    study = open_study(write(tmp_path, content, columns, table="surveys"))
    assert rows(study, "surveys").shape == (20, 601)


def test_names_that_only_capitals_tell_apart_or_of_our_own_are_no_columns(tmp_path):
    content = "customer_id,Region,REGION,_row,plan\na,x,y,z,gold\n"
    study = open_study(write(tmp_path, content, "", table="customers"))
    assert study.columns["customers"] == {"customer_id", "plan"}
    assert study.reading[0].unmapped == ("Region", "REGION", "_row")
    columns = '[tables.customers.columns]\ncustomer_id = "customer_id"\n_row = "plan"\n'
    assert (
        "Begin it with a letter" in check(write(tmp_path, content, columns, table="customers"))[1]
    )


def test_long_lists_of_unread_columns_are_cut_short(tmp_path):
    header = HEADER.strip() + "".join(f",x{i}" for i in range(30)) + "\n"
    study = open_study(write(tmp_path, header + GOOD.strip() + "," * 30 + "\n"))
    assert study.reading[0].describe().endswith("x19 and 10 more")


CELLS = st.sampled_from(
    [
        *("a", "2", "-3", "2026-03-01", "2026-03-02 10:00", "soon", "", " ", "é"),
        *(
            '"',
            'x"y',
            '"q,q"',
            '"a\nb"',
            '"a\r\nb"',
            '"""x"""',
            '"x"y',
            "\0",
            "\t",
            "1.0",
            "1,0",
            ";",
            "\u00a0",
        ),
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\n\n", "\n  \n"])
LINES = st.lists(st.tuples(st.lists(CELLS, min_size=0, max_size=6), ENDS), max_size=12)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=LINES, separator=st.sampled_from([",", ";", "\t"]))
def test_every_row_of_a_dirty_file_is_kept_set_aside_or_left_out(tmp_path, lines, separator):
    body = "".join(separator.join(cells) + end for cells, end in lines)
    content = HEADER.replace(",", separator) + body + GOOD.replace(",", separator)
    code, output = check(write(tmp_path, content))
    if code == 1:  # only a quote that never closes makes the whole file unreadable
        assert "never closes" in output or "repeats" in output or "mixes" in output
        return
    study = open_study(tmp_path)
    reading = study.reading[0]
    excluded = sum(reading.excluded.values())
    assert reading.rows_read == reading.rows_kept + reading.rows_set_aside + excluded
    assert len(rows(study)) == reading.rows_kept
    physical = re.split(r"\r\n|\n|\r", content)
    for place, column, value, rule in problems(study):
        assert value_at(physical, place, column, value, rule), (place, column, value, rule)


def value_at(physical, place, column, value, rule):
    """Whether the reported value stands in the record that begins in that line of the file."""
    assert 1 < place <= len(physical)
    line = "\n".join(physical[place - 1 : place + 6])
    if rule in ("ragged line", "broken quoting", "NUL byte", "missing required value"):
        return physical[place - 1].strip(" ") != ""
    first = value.split(" < ")[0].replace("\r\n", "\n").replace("\r", "\n")
    return "[" in value or first in line or first.replace('"', '""') in line


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    marks=st.lists(
        st.tuples(st.sampled_from(["good", "bad", "short", "long", "broken"]), ENDS), max_size=15
    ),
    quoted=st.booleans(),
)
def test_each_reject_names_the_very_line_it_stands_in(tmp_path, marks, quoted):
    """Every line carries its own number, so that the report can be held against the file."""
    content, expected = HEADER, []
    for number, (mark, end) in enumerate(marks):
        line = content.count("\n") + 1
        name = f'"c\n{number}"' if quoted else f"c{number}"
        talk = {"good": "1", "bad": f"L{line}", "broken": '"1"x'}.get(mark, "1")
        fields = [f"i{number}", name, "2026-03-01", "", talk]
        fields = fields[:3] if mark == "short" else [*fields, "x"] if mark == "long" else fields
        content += ",".join(fields) + end
        if mark != "good":
            expected.append(line)
    study = open_study(write(tmp_path, content + GOOD))
    assert list(study.rejects()["line"]) == expected
    for line, value in zip(study.rejects()["line"], study.rejects()["value"], strict=True):
        assert not value.startswith("L") or value == f"L{line}"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("DELETE FROM calls", "the query gives no columns"),
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT abs(mail || x'00') || json(mail) FROM calls", "the query failed"),
    ],
)
def test_queries_without_an_answer_are_named_and_show_no_address(tmp_path, query, message):
    with sqlite3.connect(tmp_path / "t.db") as database:
        database.execute("CREATE TABLE calls AS SELECT 'ann@example.com' AS mail")
    database.close()
    content = (tmp_path / "t.db").read_bytes()
    code, output = check(write(tmp_path, content, name="t.db", more=f'query = "{query}"'))
    assert code == 1
    assert message in output
    assert "ann@" not in output


def test_a_header_of_a_hundred_thousand_signs_is_named_at_once(tmp_path):
    content = (HEADER + GOOD).replace("customer", "customer" + "x" * 100_000)
    code, output = check(write(tmp_path, content))
    assert code == 1
    assert "no column 'customer'" in output
    assert len(output) < 5_000


@pytest.mark.parametrize("broken", ["", '3,"a"b,2026-03-01 10:00,,1,x\n', "3,a\0,,,,\n"])
def test_records_of_megabytes_are_read_and_longer_ones_named(tmp_path, broken):
    head = HEADER.replace("\n", ",note\n") + GOOD.replace("\n", ",x\n")

    def content(size):
        return f"{head}2,a,2026-03-01 10:00,,1,{'Anna Schmidt ' * (size // 13)}\n{broken}"

    assert set(rows(open_study(write(tmp_path, content(5_000_000))))["ticket_id"]) == {"1", "2"}
    code, output = check(write(tmp_path, content(40_000_000)))
    assert code == 1
    assert "the record in line 3 is longer than 16 MB" in " ".join(output.split())
    assert "Anna" not in output
