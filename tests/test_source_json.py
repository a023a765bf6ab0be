"""JSON lines and documents as tables: nested keys, expressions, bad lines, records in a list."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.study import Study, open_study

COLUMNS = """
[tables.tickets.columns]
ticket_id = "id"
customer_id = "customer.id"
opened_at = "opened"
talk_seconds = "metrics.talk"
"""


def ticket(number: int, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "customer": {"id": f"c{number}", "plan": "gold"},
        "opened": f"2026-03-{number:02d}T10:00:00Z",
        "metrics": {"talk": 1.5 * number},
        "tags": ["vip", "refund"],
        **more,
    }


def study_of(
    folder: Path, content: str | bytes, columns: str = COLUMNS, *, name: str = "t.jsonl", more: str
    = ""
) -> Path:  # fmt: skip
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    (folder / "study.toml").write_text(
        f'name = "test"\n[limits]\nbad_rows = 1.0\n[tables.tickets]\npath = "{name}"\n{more}\n'
        f"{columns}",
        encoding="utf-8",
    )
    return folder


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def rows(study: Study) -> pd.DataFrame:
    return collect(study.tables["tickets"])


def problems(study: Study) -> list[tuple[int, str, str, str]]:
    found = study.rejects()
    return list(found[["line", "column", "value", "rule"]].itertuples(index=False, name=None))


def test_lines_with_nested_keys_are_rows(tmp_path: Path) -> None:
    study = open_study(study_of(tmp_path, lines(ticket(1), ticket(2))))
    table = rows(study)
    assert list(table["ticket_id"]) == ["1", "2"]
    assert list(table["customer_id"]) == ["c1", "c2"]
    assert list(table["talk_seconds"]) == [1.5, 3.0]
    assert table["opened_at"].iloc[1] == pd.Timestamp("2026-03-02 10:00", tz="UTC")
    assert study.reading[0].unmapped == ("customer.plan", "tags")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_bad_lines_are_named_by_their_physical_line_and_the_others_read(
    tmp_path: Path, end: str
) -> None:
    text = end.join(
        [
            json.dumps(ticket(1)),
            "",
            '{"id": 2, "customer": {"id": "c2"',
            "   ",
            "[1, 2]",
            json.dumps(ticket(3) | {"opened": "soon"}),
            json.dumps(ticket(4)),
        ]
    )
    study = open_study(study_of(tmp_path, "\ufeff" + text))
    assert problems(study) == [
        (3, "", "Expecting ',' delimiter at character 34", "unreadable JSON"),
        (5, "", "a list, not an object", "unreadable JSON"),
        (6, "opened", "soon", "unreadable time"),
    ]
    reading = study.reading[0]
    assert (reading.rows_read, reading.rows_kept, reading.rows_set_aside) == (5, 2, 3)


def test_line_ends_that_differ_and_nul_bytes_keep_the_lines_right(tmp_path: Path) -> None:
    one, two, three = (json.dumps(ticket(n)) for n in (1, 2, 3))
    bad = json.dumps(ticket(4) | {"opened": "x"})
    text = f"{one}\n{two}\r\n\r\n\n{three[:20]}\0{three[20:]}\n{bad}\r\n"
    assert [row[0] for row in problems(open_study(study_of(tmp_path, text)))] == [5, 6]


def test_texts_of_every_kind_of_value(tmp_path: Path) -> None:
    columns = COLUMNS.replace("metrics.talk", "m") + (
        'tags = "tags"\nwhole = "customer"\nflag = "flag"\nbig = "big"\nodd = "a.b"\n'
        'nothing = "none"\nsaid = "said"\n'
    )
    record = ticket(1, m=1e3, flag=True, big=12345678901234567890123, none=None, said="[1]")
    record["a.b"] = "key with a point"
    record["a"] = {"b": "nested"}
    study = open_study(study_of(tmp_path, lines(record, ticket(2, tags=[])), columns))
    row = rows(study).iloc[0]
    assert row["talk_seconds"] == 1000.0
    assert row["tags"] == "vip, refund"
    assert json.loads(row["whole"]) == {"id": "c1", "plan": "gold"}
    assert (row["flag"], row["big"], row["odd"]) == ("true", "12345678901234567890123",
                                                     "key with a point")  # fmt: skip
    assert row["said"] == "[1]"
    assert rows(study)["nothing"].isna().all()
    assert pd.isna(rows(study)["tags"].iloc[1])


def test_expressions_reach_into_lists(tmp_path: Path) -> None:
    columns = COLUMNS.replace('"metrics.talk"', "\"parts[?kind=='talk'].ms | [0]\"") + (
        'team = "parts[0].team"\nwaits = "sum(parts[].ms)"\n'
    )
    parts = [{"kind": "wait", "ms": 7, "team": "north"}, {"kind": "talk", "ms": 12.5}]
    text = lines(ticket(1, parts=parts), ticket(2, parts=[]), ticket(3))
    study = open_study(study_of(tmp_path, text, columns))
    table = rows(study)
    assert table["talk_seconds"].tolist()[:1] == [12.5]
    assert table["talk_seconds"].isna().tolist() == [False, True, True]
    assert table["team"].tolist()[0] == "north"
    assert [t for t in table["waits"] if isinstance(t, str)] == ["19.5", "0"]
    assert any(
        "sum(parts[].ms) cannot be worked out for 1 records" in note
        for note in study.reading[0].notes
    )


def test_rows_are_left_out_by_an_expression(tmp_path: Path) -> None:
    more = 'exclude = { "tags[0]" = "spam" }'
    text = lines(ticket(1), ticket(2, tags=["spam"]))
    study = open_study(study_of(tmp_path, text, more=more))
    assert study.reading[0].excluded == {"tags[0] = spam": 1}


def test_a_list_and_a_list_in_a_document_are_read(tmp_path: Path) -> None:
    records = [ticket(1), ticket(2) | {"opened": "soon"}, 7]
    listed = open_study(study_of(tmp_path, json.dumps(records, indent=2), name="a.json"))
    document = {"count": 3, "data": {"tickets": records, "users": []}, "next": None}
    inside = open_study(
        study_of(tmp_path, json.dumps(document), name="b.json", more='records = "data.tickets"')
    )
    expected = [
        (2, "opened", "soon", "unreadable time"),
        (3, "", "a number, not an object", "unreadable JSON"),
    ]
    assert problems(listed) == problems(inside) == expected
    assert list(rows(listed)["ticket_id"]) == list(rows(inside)["ticket_id"]) == ["1"]


def test_pages_as_lines_side_by_side_and_by_expression_are_read(tmp_path: Path) -> None:
    pages = [{"tickets": [ticket(1), ticket(2)]}, {"error": "slow"}, {"tickets": [ticket(3)]}]
    pretty = "\n".join(json.dumps(page, indent=1) for page in pages)
    for text, records in (
        (lines(*pages), "tickets"),
        (pretty, "tickets"),
        (lines(*pages), "tickets[?id > `0`]"),
        (json.dumps({"pages": pages[::2]}), "pages[].tickets[]"),
    ):
        study = open_study(study_of(tmp_path, text, more=f'records = "{records}"'))
        assert list(rows(study)["ticket_id"]) == ["1", "2", "3"]
        if "error" in text:
            assert problems(study) == [(2, "", "no list of records in it", "unreadable JSON")]


def test_many_files_may_lack_a_key_that_others_have(tmp_path: Path) -> None:
    columns = COLUMNS + 'csat = "score"\n'
    study_of(tmp_path, lines(ticket(1, score=4)), columns, name="t1.jsonl")
    (tmp_path / "t2.jsonl").write_text(lines(ticket(2)))
    (tmp_path / "t3.json").write_text("[]")
    toml = tmp_path / "study.toml"
    toml.write_text(toml.read_text().replace("t1.jsonl", "t*.json*"))
    table = rows(open_study(tmp_path))
    assert table["csat"].tolist()[0] == 4.0
    assert table["csat"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("name", "content", "more", "message"),
    [
        ("t.json", "", "", "the file is empty"),
        ("t.json", "[]", "", "the file holds no records"),
        ("t.json", "id,opened\n1,2\n", "", "this is no JSON"),
        ("t.json", '[{"id": 1},\n{"id" 2}]', "", "in line 2, character 7"),
        ("t.json", '{"tickets": [{"id": 1}', "", "no sound JSON"),
        ("t.json", json.dumps({"tickets": [ticket(1)]}), "", 'has the records: records = "tic'),
        (
            "t.json",
            json.dumps({"tickets": [ticket(1)]}),
            'records = "tikets"',
            "no list 'tikets'. Did you mean 'tickets'",
        ),
        ("t.json", "{}\n7\n8\n9\n10\n[\n]\n".replace("{}", "{\n}"), "", "no sound JSON"),
        ("t.jsonl", '{"a": 1}\n{"a": 2}\nx\ny\nz\n', "", "3 of 5 records are no JSON objects"),
        ("t.jsonl", lines(ticket(1)).replace("opened", "created"), "", "no column 'opened'"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(
    tmp_path: Path, name: str, content: str, more: str, message: str
) -> None:
    with pytest.raises(DataError) as error:
        open_study(study_of(tmp_path, content, name=name, more=more))
    assert message in str(error.value)


def test_an_expression_that_is_none_is_named(tmp_path: Path) -> None:
    columns = COLUMNS + 'team = "parts[?"\n'
    with pytest.raises(DataError, match=r"'parts\[\?' is no JMESPath expression"):
        open_study(study_of(tmp_path, lines(ticket(1)), columns))


HALF = '{"id": 1, "opened": "2026-03-01", "c": "x\\ud83d"}'


def test_half_a_sign_is_told_as_such(tmp_path: Path) -> None:
    columns = '[tables.tickets.columns]\nticket_id = "id"\nopened_at = "opened"\nchannel = "c"\n'
    sound = '{"id": 2, "opened": "2026-03-02", "c": "y"}'
    study = open_study(study_of(tmp_path, f"{HALF}\n{sound}\n", columns))
    assert study.rejects()["value"].tolist()[0].startswith("half a sign")
    listed = f"[{HALF}, {sound}]"
    with pytest.raises(DataError, match="it holds half a sign"):
        open_study(study_of(tmp_path, listed, columns, name="t.json"))
    document = f'{{"data": {listed}}}'
    more = 'records = "data[*]"\n'
    study = open_study(study_of(tmp_path, document, columns, name="t.json", more=more))
    assert collect(study.tables["tickets"])["channel"].tolist() == ["x?", "y"]
