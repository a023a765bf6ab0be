"""Texts that are stored as the times and numbers they say are none the less those of the file."""

from __future__ import annotations

import pandas as pd
from test_sources import problems, rows, write

from cxanalysis.study import open_study

COLUMNS = """
[tables.tickets.columns]
ticket_id = "id"
opened_at = "opened"
solved_at = "solved"
csat = "score"
transfers = "moves"
channel = "channel"
"""
HEADER = "id,opened,solved,score,moves,channel\n"


def test_bad_values_are_listed_as_the_file_writes_them(tmp_path):
    content = HEADER + (
        "1,2026-03-01 10:00:00,2026-03-01 09:00:00,9,0,a\n"
        "2,2026-03-01 10:00:00,2026-03-01T09:00:00,09,0,a\n"
        "3, 2026-03-01 10:00:00 ,,9.0,-1,a\n"
        "4,infinity,,+9,2147483648,a\n"
        "5,2026-03-01 10:00:00,0044-03-15 (BC) 00:00:00,5,0,a\n"
        "6,2026-03-01 10:00:00,,5,0,a\n"
    )
    study = open_study(write(tmp_path, content, COLUMNS))
    assert problems(study) == [
        (2, "score", "9", "off the scale 1–5"),
        (2, "solved", "2026-03-01 09:00:00 < 2026-03-01 10:00:00", "solved_at before opened_at"),
        (3, "score", "09", "off the scale 1–5"),
        (3, "solved", "2026-03-01T09:00:00 < 2026-03-01 10:00:00", "solved_at before opened_at"),
        (4, "moves", "-1", "below 0"),
        (4, "score", "9.0", "off the scale 1–5"),
        (5, "opened", "infinity", "unreadable time"),
        (5, "score", "+9", "off the scale 1–5"),
        (6, "solved", "0044-03-15 ([word]) 00:00:00", "unreadable time"),
    ]


def test_codes_for_missing_may_look_like_times_and_numbers(tmp_path):
    content = HEADER + "1,2026-03-01 10:00:00,1999-01-01 00:00:00,5,99,NA\n,NA,NA,NA,NA,NA\n"
    more = 'missing = ["NA", "1999-01-01 00:00:00", "99"]'
    study = open_study(write(tmp_path, content, COLUMNS, more=more))
    table = rows(study)
    assert table[["solved_at", "transfers", "channel"]].isna().all(axis=None)
    assert list(table["csat"]) == [5]
    assert problems(study) == [(3, "opened", "", "missing required value")]  # no empty row


def test_rows_are_left_out_by_the_texts_of_the_file(tmp_path):
    content = HEADER + (
        "1,2026-03-01 10:00:00,,5,0,NA\n"
        "2,2026-03-01 10:00:00,,4,0,web\n"
        "3,2026-03-02 10:00:00,,3,0,web\n"
    )
    more = 'exclude = { channel = "NA", score = "4" }'
    study = open_study(write(tmp_path, content, COLUMNS, more=more))
    assert list(rows(study)["opened_at"]) == [pd.Timestamp("2026-03-02 10:00", tz="UTC")]
    assert study.reading[0].excluded == {"channel = NA": 1, "score = 4": 1}
