"""Periods: their forms, their edges in the study's time zone, and the last complete one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cxanalysis.config import OpeningHours
from cxanalysis.errors import ReportError
from cxanalysis.periods import business_seconds, calendar, last_complete, parse_period


@pytest.mark.parametrize(
    ("text", "start", "end", "title"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1), "October 2026"),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1), "December 2026"),
        ("2026-Q3", date(2026, 7, 1), date(2026, 10, 1), "third quarter of 2026"),
        ("2026", date(2026, 1, 1), date(2027, 1, 1), "2026"),
    ],
)
def test_period_covers_its_days(text: str, start: date, end: date, title: str) -> None:
    period = parse_period(text)
    assert period is not None
    assert (period.start, period.end, period.title, period.label) == (start, end, title, text)


def test_period_begins_at_local_midnight() -> None:
    period = parse_period("2026-04", "Europe/Berlin")
    assert period is not None
    begin = datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert period.start_us == int(begin.timestamp()) * 1_000_000
    # October loses no hour and April none either; March does.
    march = parse_period("2026-03", "Europe/Berlin")
    assert march is not None
    assert march.end_us - march.start_us == (31 * 24 - 1) * 3_600_000_000


def test_previous_of_january_is_december() -> None:
    january = parse_period("2026-01")
    assert january is not None
    assert january.previous().label == "2025-12"
    quarter = parse_period("2026-Q1")
    assert quarter is not None
    assert quarter.previous().label == "2025-Q4"


def test_all_is_no_period() -> None:
    assert parse_period("all") is None


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "October", "2026/10", ""])
def test_unknown_form_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(ReportError, match="2026-Q3"):
        parse_period(text)


@pytest.mark.parametrize(
    ("latest", "every", "label"),
    [
        (datetime(2026, 10, 4, tzinfo=UTC), "quarter", "2026-Q3"),
        (datetime(2026, 9, 29, tzinfo=UTC), "quarter", "2026-Q2"),
        (datetime(2026, 9, 30, 8, tzinfo=UTC), "quarter", "2026-Q3"),
        (datetime(2026, 2, 28, 8, tzinfo=UTC), "month", "2026-02"),
        (datetime(2026, 12, 31, 8, tzinfo=UTC), "year", "2026"),
        # 30 September, 23:30 in Greenwich is already October in Berlin.
        (datetime(2026, 9, 30, 23, 30, tzinfo=UTC), "month", "2026-09"),
    ],
)
def test_last_complete_period(latest: datetime, every: str, label: str) -> None:
    period = last_complete(latest, every, "Europe/Berlin")
    assert period is not None
    assert period.label == label


def test_last_complete_of_all_is_everything() -> None:
    assert last_complete(datetime(2026, 1, 1, tzinfo=UTC), "all", "UTC") is None


# --- the calendar --------------------------------------------------------------------------

HOUR = 3600
OFFICE = OpeningHours.model_validate(
    {"monday": "09:00-17:00", "tuesday": "09:00-17:00", "sunday": "00:00-24:00"}
    | {"holidays": ["2026-04-06"]}
)


def us(*when: int) -> int:
    """An instant in UTC, microseconds."""
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000


def office_seconds(start: int, end: int) -> float:
    days = calendar(date(2026, 3, 1), date(2026, 11, 30), "Europe/Berlin", OFFICE)
    return float(business_seconds(days, [start], [end])[0])


def test_only_opening_hours_count_and_closed_days_count_nothing() -> None:
    # Monday 23 March 16:30 to Tuesday 09:15 in Berlin (UTC+1): half an hour and a quarter.
    assert office_seconds(us(2026, 3, 23, 15, 30), us(2026, 3, 24, 8, 15)) == 0.75 * HOUR
    # Wednesday and Thursday are closed.
    assert office_seconds(us(2026, 3, 25, 8), us(2026, 3, 26, 20)) == 0


def test_holiday_is_closed_even_on_an_open_weekday() -> None:
    assert office_seconds(us(2026, 4, 6, 0), us(2026, 4, 6, 21)) == 0  # Easter Monday


def test_before_opening_and_after_closing_no_time_passes() -> None:
    assert office_seconds(us(2026, 3, 23, 1), us(2026, 3, 23, 7)) == 0
    assert office_seconds(us(2026, 3, 23, 7), us(2026, 3, 23, 23)) == 8 * HOUR
    assert office_seconds(us(2026, 3, 23, 9), us(2026, 3, 23, 9)) == 0


def test_days_on_which_the_clocks_change_are_as_long_as_they_were() -> None:
    # Sunday 29 March 2026 has 23 hours in Berlin, Sunday 25 October has 25; both open all day.
    assert office_seconds(us(2026, 3, 28, 12), us(2026, 3, 29, 22)) == 23 * HOUR
    assert office_seconds(us(2026, 10, 24, 12), us(2026, 10, 26, 0)) == 25 * HOUR
    # Opening at nine by the wall is at eight UTC before the change, at seven after it.
    days = calendar(date(2026, 3, 23), date(2026, 3, 30), "Europe/Berlin", OFFICE)
    opens = days.set_index("day")["opens_us"]
    assert opens["2026-03-23"] == us(2026, 3, 23, 8)
    assert opens["2026-03-30"] == us(2026, 3, 30, 7)


def test_an_opening_within_the_hour_that_is_skipped_begins_when_the_clocks_go_on() -> None:
    early = OpeningHours.model_validate({"sunday": "02:30-04:00"})
    days = calendar(date(2026, 3, 28), date(2026, 3, 30), "Europe/Berlin", early)
    seconds = business_seconds(days, [us(2026, 3, 28, 12)], [us(2026, 3, 29, 12)])
    assert float(seconds[0]) == HOUR  # from 03:00 to 04:00 summer time


def test_calendar_names_week_month_quarter_weekday_and_holiday() -> None:
    days = calendar(date(2026, 4, 6), date(2026, 4, 6), "Europe/Berlin", OFFICE)
    row = days.iloc[0]
    assert (row["week"], row["month"], row["quarter"]) == ("2026-W15", "2026-04", "2026-Q2")
    assert (row["weekday"], row["holiday"], row["opens_us"]) == (0, True, row["closes_us"])
    assert row["starts_us"] == us(2026, 4, 5, 22)


@pytest.mark.parametrize("span", ["9-17", "17:00-09:00", "09:00-25:00", "09:00-09:00"])
def test_opening_hours_that_are_none_are_refused(span: str) -> None:
    with pytest.raises(ValueError, match='Write them like "09:00-17:30"'):
        OpeningHours.model_validate({"monday": span})
    with pytest.raises(ValueError, match="Write it like 2026-12-25"):
        OpeningHours.model_validate({"holidays": ["Christmas"]})
