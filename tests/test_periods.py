"""Periods: their forms, their edges in the study's time zone, and the last complete one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cxanalysis.errors import ReportError
from cxanalysis.periods import last_complete, parse_period


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
