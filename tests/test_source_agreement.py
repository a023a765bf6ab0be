"""Durations recomputed from times, against what the vendor says they are."""

import pandas as pd
import pytest
from test_sources import write

from cxanalysis.study import check_study, open_study

COLUMNS = """
[tables.tickets.columns]
opened_at = "opened"
first_replied_at = "replied"
solved_at = "solved"
talk_seconds = "talk"
wrap_seconds = "wrap"
reply_seconds_vendor = "reply time"
solve_seconds_vendor = "solve time"
handle_seconds_vendor = "handle time"
"""
HOURS = [1, 2, 20, 30, 50, 70, 90, 100, 26, 44]


def notes(folder, *, columns=COLUMNS, **changed):
    """Notes of a table of ten contacts whose columns agree but for those changed."""
    opened = pd.Timestamp("2026-03-02 09:00")
    frame = pd.DataFrame(
        {
            "opened": opened,
            "replied": opened + pd.to_timedelta([h / 4 for h in HOURS], unit="h"),
            "solved": opened + pd.to_timedelta(HOURS, unit="h"),
            "talk": [10 * h for h in HOURS],
            "wrap": 5,
            "reply time": [h * 900 for h in HOURS],
            "solve time": [h * 3600 for h in HOURS],
            "handle time": [10 * h + 5 for h in HOURS],
        }
    )
    content = frame.assign(**changed).to_csv(index=False)
    study = open_study(write(folder, content, columns))
    found = study.reading[0].notes
    assert all(note in str(check_study(study)) for note in found)
    return found


def test_durations_that_agree_to_a_minute_or_a_hundredth_are_said_to(tmp_path):
    found = notes(tmp_path, **{"solve time": [h * 3600 * 1.005 + 20 for h in HOURS]})
    assert found == (
        "reply_seconds_vendor agrees with first_replied_at - opened_at in all 10 rows that have "
        "both",
        "solve_seconds_vendor agrees with solved_at - opened_at in all 10 rows that have both",
        "handle_seconds_vendor agrees with talk_seconds + wrap_seconds in all 10 rows that have "
        "both",
    )


def test_opening_hours_show_as_shorter_durations(tmp_path):
    shorter = [h * 3600 if h < 10 else h * 1200 for h in HOURS]
    solved = notes(tmp_path, **{"solve time": shorter})[1]
    assert solved == (
        "solve_seconds_vendor differs from solved_at - opened_at by more than a minute and 1% in "
        "8 of 10 rows (80.0%), where it is typically 31.3 hours shorter: it probably counts "
        "opening hours only, or not while the customer was waited for"
    )


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("reply time", [h * 15 for h in HOURS], "another unit, by a factor of 1/60"),
        ("reply time", [h * 900 + 7200 for h in HOURS], "may be in another time zone"),
        ("solve time", [h * 3600 * (2 + h % 3) for h in HOURS], "it may count to a later moment"),
        ("solve time", [h * 3600 + 3000 * (-1) ** (h % 3) for h in HOURS], "for no single reason"),
        ("handle time", [10 * h + 505 + h for h in HOURS], "handling that is not read"),
        ("handle time", [2 * h for h in HOURS], "it may leave out a part of the handling"),
    ],
)
def test_the_likely_reason_is_told_by_how_regular_the_difference_is(
    tmp_path, column, values, reason
):
    assert sum(reason in note for note in notes(tmp_path, **{column: values})) == 1


def test_only_rows_with_both_are_compared_and_nothing_is_said_of_none(tmp_path):
    half = [h * 3600 if n % 2 else None for n, h in enumerate(HOURS)]
    found = notes(tmp_path, **{"solve time": half, "reply time": None, "wrap": None})
    assert found == (
        "solve_seconds_vendor agrees with solved_at - opened_at in all 5 rows that have both",
    )


def test_a_time_made_from_the_vendors_duration_is_no_check_of_it(tmp_path):
    made = COLUMNS.replace('"replied"', '{ column = "opened", plus = "reply time" }')
    found = notes(tmp_path, columns=made)
    assert not any(note.startswith("reply_seconds_vendor") for note in found)
