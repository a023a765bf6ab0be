"""How columns are read: several in one, a time and a duration, epochs, durations in words."""

from datetime import timedelta

import pandas as pd
import pytest
from test_sources import problems, rows, workbook, write

from cxanalysis.errors import DataError
from cxanalysis.sources.excel import _text
from cxanalysis.study import open_study


def tickets(folder, content, columns, **more):
    return open_study(write(folder, content, f"[tables.tickets.columns]\n{columns}", **more))


def test_the_first_column_that_is_not_empty_is_taken_after_missing_codes(tmp_path):
    study = tickets(
        tmp_path,
        "opened,user,device,mail\n2026-03-01,u1,d1,\n2026-03-01,NULL,d2,\n2026-03-01,-, ,x\n"
        "2026-03-01,,,\n",
        'opened_at = "opened"\ncustomer_id = { first_of = ["user", "device"], missing = "-" }\n',
    )
    assert rows(study)["customer_id"].tolist()[:2] == ["u1", "d2"]
    assert rows(study)["customer_id"].isna().tolist() == [False, False, True, True]
    assert study.reading[0].unmapped == ("mail",)


def test_rejects_name_every_column_that_a_value_may_come_from(tmp_path):
    study = tickets(
        tmp_path,
        "a,b,talk\n,2026-03-01,1\nsoon,2026-03-01,1\n",
        'opened_at = { first_of = ["a", "b"] }\n',
    )
    assert problems(study) == [(3, "a or b", "soon", "unreadable time")]


def test_only_so_many_characters_are_kept(tmp_path):
    study = tickets(
        tmp_path,
        "opened,id,contact\n2026-03-01,1,0035g00000ABCDeAAH\n2026-03-01,2,0035g00000ABCDe\n",
        'opened_at = "opened"\ncustomer_id = { column = "contact", characters = 15 }\n',
    )
    assert rows(study)["customer_id"].nunique() == 1


def test_a_time_is_that_of_its_column_and_a_duration_later(tmp_path):
    content = (
        "id,opened,first reply\n1,2026-03-29 00:30,90.5\n2,2026-03-29 00:30,\n"
        "3,2026-03-29 00:30,0\n4,2026-03-29 00:30,1e300\n5,2026-03-29 00:30,soon\n"
        "6,2026-03-29 00:30,-5\n7,today,5\n8,today,soon\n9,,5\n"
    )
    columns = (
        'ticket_id = "id"\nchannel = { value = "e-mail" }\nopened_at = { value = "2026-01-01" }\n'
    )
    columns += 'first_replied_at = { column = "opened", plus = "first reply", unit = "minutes" }\n'
    study = tickets(tmp_path, content, columns, top='time_zone = "Europe/Berlin"')
    table = rows(study).set_index("ticket_id")
    assert list(table.columns) == ["opened_at", "first_replied_at", "channel"]
    assert table.loc["1", "first_replied_at"] == pd.Timestamp("2026-03-29 01:00:30", tz="UTC")
    assert table.loc["3", "first_replied_at"] == pd.Timestamp("2026-03-28 23:30", tz="UTC")
    assert table["first_replied_at"].isna().to_dict() == {
        "1": False,
        "2": True,
        "3": False,
        "9": True,
    }
    assert problems(study) == [
        (5, "opened", "2026-03-29 00:30", "time outside 1901–2099"),
        (6, "first reply", "soon", "unreadable number"),
        (7, "first reply", "-5", "negative duration"),
        (8, "opened", "today", "unreadable time"),
        (9, "first reply", "soon", "unreadable number"),
    ]


def test_a_required_time_needs_its_duration(tmp_path):
    study = tickets(
        tmp_path,
        "a,b\n2026-03-01,2\n2026-03-01,\n",
        'opened_at = { column = "a", plus = "b", unit = "days" }\n',
    )
    assert rows(study)["opened_at"].tolist() == [pd.Timestamp("2026-03-03", tz="UTC")]
    assert problems(study) == [(3, "b", "", "missing required value")]


def test_steps_of_a_wide_file_add_durations_too(tmp_path):
    content = "order,who,ordered,hours\n1,a,2026-03-01,36\n2,b,2026-03-01,\n"
    columns = """
[tables.journeys.columns]
customer_id = "who"
[[tables.journeys.events]]
stage = "purchase"
touchpoint = "delivered"
occurred_at = { column = "ordered", plus = "hours", unit = "hours" }
"""
    study = open_study(write(tmp_path, content, columns, table="journeys"))
    assert rows(study, "journeys")["occurred_at"].tolist() == [
        pd.Timestamp("2026-03-02 12:00", tz="UTC")
    ]
    assert study.reading[0].excluded == {"no time for delivered": 1}


def test_a_duration_is_added_to_times_only(tmp_path):
    with pytest.raises(DataError, match="channel: plus adds a duration to a time"):
        tickets(tmp_path, "a,b\n1,2\n", 'opened_at = "a"\nchannel = { column = "a", plus = "b" }\n')


def test_looked_up_columns_can_be_first_of_and_added(tmp_path):
    (tmp_path / "more.csv").write_text("id,seconds,late,early\n1,30,,x\n2,60,y,x\n")
    columns = """
[[tables.tickets.join]]
path = "more.csv"
on = "id"
columns = { waited = "seconds", reason = { first_of = ["late", "early"] } }
[tables.tickets.columns]
opened_at = "opened"
first_replied_at = { column = "opened", plus = "waited" }
"""
    study = open_study(write(tmp_path, "id,opened\n1,2026-03-01\n2,2026-03-01\n", columns))
    table = rows(study)
    assert (table["first_replied_at"] - table["opened_at"]).dt.total_seconds().tolist() == [30, 60]
    assert table["reason"].tolist() == ["x", "y"]


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("seconds", "1772323200.25"),
        ("seconds", "1.77232320025E9"),
        ("milliseconds", "1772323200250"),
        ("milliseconds", "1772323200250.0"),
        ("microseconds", "1772323200250000"),
    ],
)
def test_times_are_read_as_numbers_since_1970(tmp_path, unit, text):
    study = tickets(
        tmp_path,
        f"at,x\n{text},1\n",
        f'opened_at = {{ column = "at", time_format = "unix {unit}" }}\n',
        top='time_zone = "Europe/Berlin"',  # they are UTC whatever the study says
    )
    assert rows(study)["opened_at"].tolist() == [pd.Timestamp("2026-03-01 00:00:00.25", tz="UTC")]


def test_excels_days_are_local_times(tmp_path):
    study = tickets(
        tmp_path,
        "at,done\n45231.5,45231.520833333\n45231.75,45231\n45109.5,\n60,45232\n1e300,45232\n"
        "2023-11-01,45232\n73416,73417\n45375.104166667,45376\n45231.5,45230\n",
        'opened_at = "at"\nsolved_at = "done"\n',
        more='time_format = "excel days"',
        top='time_zone = "Europe/Berlin"',
    )
    found = rows(study)
    assert found["opened_at"].dt.strftime("%m-%d %H:%M:%S").tolist() == [
        "11-01 11:00:00", "11-01 17:00:00", "07-02 10:00:00", "03-24 01:30:00",
    ]  # fmt: skip
    assert found["solved_at"].iloc[0] == pd.Timestamp("2023-11-01 11:30", tz="UTC")
    assert sorted(problems(study)) == [
        (5, "at", "60", "unreadable time"),
        (6, "at", "1e300", "unreadable time"),
        (7, "at", "2023-11-01", "unreadable time"),
        (8, "at", "73416", "time outside 1901–2099"),
        (8, "done", "73417", "time outside 1901–2099"),
        (10, "done", "45230 < 45231.5", "solved_at before opened_at"),
    ]


def test_numbers_that_are_no_times_are_set_aside_with_their_rule(tmp_path):
    study = tickets(
        tmp_path,
        "at,x\n1772323200,1\n1772323200000,1\n1_772_323_200,1\n0x7,1\n2026-03-01,1\nnan,1\n-1,1\n"
        "1e300,1\n-9999999999,1\n",
        'opened_at = "at"\n',
        more='time_format = "unix seconds"',
    )
    assert rows(study)["opened_at"].dt.year.tolist() == [2026, 1969]
    unreadable = [("1_772_323_200", 4), ("0x7", 5), ("2026-03-01", 6), ("nan", 7), ("1e300", 9)]
    expected = [(line, "at", value, "unreadable time") for value, line in unreadable]
    outside = [(3, "at", "[number]"), (10, "at", "-[number]")]
    expected += [(*place, "time outside 1901–2099") for place in outside]
    assert sorted(problems(study)) == sorted(expected)


@pytest.mark.parametrize(
    ("setting", "values", "hint"),
    [
        ("", ["1772323200", "1772323201", ""], "look like seconds since 1970; set"),
        ("", ["1772323200123"], 'time_format = "unix milliseconds"'),
        ("", ["1772323200.5", "1.7723232e9"], 'time_format = "unix seconds"'),
        ("", ["1772323200123000"], 'time_format = "unix microseconds"'),
        ('time_format = "unix seconds"', ["1772323200123"], 'set time_format = "unix milli'),
        ("", ["45231.5", "45232", "45233,25"], "days since 1900 as Excel counts them; set"),
        ('time_format = "unix seconds"', ["45231.5"], 'set time_format = "excel days"'),
        ('time_format = "excel days"', ["1772323200"], 'set time_format = "unix seconds"'),
        ('time_format = "Excel"', ["45231.5"], "Did you mean 'excel days'"),
        ('time_format = "unix millis"', ["1772323200123"], "Did you mean 'unix milliseconds'"),
    ],
)
def test_numbers_that_look_like_times_are_named_with_the_setting(tmp_path, setting, values, hint):
    content = "at,x\n" + "".join(f"{value},1\n" for value in values)
    write(
        tmp_path,
        content,
        '[tables.journeys.columns]\ncustomer_id = "x"\noccurred_at = "at"\n'
        'stage = { value = "use" }\n',
        table="journeys",
        more=setting,
    )
    with pytest.raises(DataError) as error:
        open_study(tmp_path)
    assert hint in str(error.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("25 Days 21 Hours 1 Minute", 25 * 86400 + 21 * 3600 + 60),
        ("1h 30m", 5400),
        ("1h30m", 5400),
        ("2 weeks", 1209600),
        ("1 day, 2 hours, 5 secs", 93605),
        ("90 min", 5400),
        ("1.5 hrs", 5400),
        ("1,204 Minutes", 72240),
        ("350 ms", 0.35),
        ("1 Second", 1),
        ("0 Seconds", 0),
        ("2,183,601", 2183601),
        ("12,345.5", 12345.5),
        ("1:30:00", 5400),
    ],
)
def test_durations_are_read_in_words_and_with_grouped_thousands(tmp_path, text, seconds):
    columns = 'opened_at = "opened"\ntalk_seconds = "talk"\n'
    study = tickets(tmp_path, f'opened,talk\n2026-03-01,"{text}"\n2026-03-01,\n', columns)
    assert rows(study)["talk_seconds"].tolist()[0] == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "2 Months",
        "1h 1h",
        "30m 1h",
        "h",
        "1 hour ago",
        "about 2h",
        "1,23",
        "0,125",
        "12,3456",
        "1 2 h",
        "5 mins 3",
        "1,2 h",
        "00:61:00",
        "12:30",
        "½ h",
        "1_000",
        "inf",
        "nan",
    ],
)
def test_what_is_no_duration_is_set_aside(tmp_path, text):
    columns = 'opened_at = "opened"\ntalk_seconds = "talk"\n'
    content = f'opened,talk\n2026-03-01,"{text}"\n2026-03-01,1\n'
    study = tickets(tmp_path, content, columns, more='missing = ""')
    assert [rule for *_, rule in problems(study)] == ["unreadable number"]


def test_a_negative_duration_in_words_is_no_duration_and_commas_may_be_decimals(tmp_path):
    columns = 'opened_at = "opened"\ntalk_seconds = "talk"\n'
    content = "opened;talk\n2026-03-01;-1h 5m\n2026-03-01;1.204,5 Minuten\n2026-03-01;1,5 h\n"
    study = tickets(tmp_path, content, columns, more='decimal = ","')
    assert rows(study)["talk_seconds"].tolist() == [5400]
    assert [rule for *_, rule in problems(study)] == ["negative duration", "unreadable number"]


@pytest.mark.parametrize(
    ("values", "noted"),
    [
        (["1,250", "3,400", "7"], 2),
        (["1,250", "3,400,000"], 0),
        (["1,250", "3,400.5"], 0),
        (["125", "3.4"], 0),
    ],
)
def test_commas_that_may_be_decimal_ones_are_told(tmp_path, values, noted):
    content = "opened,talk\n" + "".join(f'2026-03-01,"{value}"\n' for value in values)
    columns = 'opened_at = "opened"\ntalk_seconds = "talk"\n'
    notes = tickets(tmp_path, content, columns).reading[0].notes
    told = f"talk: {noted} numbers have a comma before their last three digits"
    assert [note.startswith(told) for note in notes] == ([True] if noted else [])


def test_points_that_may_be_decimal_ones_are_told_where_commas_are_decimal(tmp_path):
    content = "opened;talk\n2026-03-01;1.250\n2026-03-01;7,5\n"
    columns = 'opened_at = "opened"\ntalk_seconds = "talk"\n'
    study = tickets(tmp_path, content, columns, more='decimal = ","')
    assert rows(study)["talk_seconds"].tolist() == [1250, 7.5]
    assert study.reading[0].notes[0].startswith("talk: 1 numbers have a point before their last")
    assert 'set decimal = "."' in study.reading[0].notes[0]


def test_durations_of_more_than_a_day_are_read(tmp_path):
    content = 'opened,talk\n2026-03-01,3 days 04:05:06\n2026-03-01,"1 day, 6:00:00"\n'
    content += "2026-03-01,30:00:00\n2026-03-01,-0:01:00\n"
    study = tickets(tmp_path, content, 'opened_at = "opened"\ntalk_seconds = "talk"\n')
    assert rows(study)["talk_seconds"].tolist() == [273906, 108000, 108000]
    assert [rule for *_, rule in problems(study)] == ["negative duration"]


def test_a_length_of_time_in_excel_goes_on_beyond_a_day():
    assert _text(timedelta(days=1, hours=6)) == "30:00:00.000000"
    assert _text(timedelta(minutes=-1)) == "-0:01:00.000000"


@pytest.mark.parametrize("text", ["0.125", "1_000", "4.5"])
def test_what_is_no_number_with_a_decimal_comma_is_set_aside(tmp_path, text):
    content = f"opened;talk\n2026-03-01;{text}\n2026-03-01;1\n"
    columns = 'opened_at = "opened"\ntalk_seconds = "talk"\n'
    study = tickets(tmp_path, content, columns, more='decimal = ","')
    assert problems(study) == [(2, "talk", text, "unreadable number")]


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_numbers_that_are_no_texts_keep_their_value_beside_texts_with_decimal_commas(
    tmp_path, ending
):
    names = ["id", "opened", "talk", "hold"]
    cells = [[1.0, "2026-03-01", 2.375, "2,5"], [None, "2026-03-01", 0.8754, "1.250"]]
    cells.append([3.0, "2026-03-01", 1250.0, "7"])
    if ending == "parquet":
        pd.DataFrame(cells, columns=names).to_parquet(tmp_path / "t.parquet")
    else:
        (tmp_path / "t.xlsx").write_bytes(workbook([names, *cells]))
    (tmp_path / "study.toml").write_text(
        f'name = "x"\n[tables.tickets]\npath = "t.{ending}"\ndecimal = ","\n'
        '[tables.tickets.columns]\nopened_at = "opened"\ncustomer_id = "id"\n'
        'talk_seconds = "talk"\nhold_seconds = "hold"\n'
    )
    found = rows(open_study(tmp_path))
    assert found["talk_seconds"].tolist() == [2.375, 0.8754, 1250]
    assert found["hold_seconds"].tolist() == [2.5, 1250, 7]
    assert found["customer_id"].tolist()[::2] == ["1", "3"]
