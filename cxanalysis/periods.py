"""Periods of a report, and the calendar of local days with their opening hours.

A period is "2026-10", "2026-Q3", "2026" or "all", in the study's time zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cxanalysis.config import OpeningHours
from cxanalysis.errors import ReportError

MONTHS = {"month": 1, "quarter": 3, "year": 12}
_FORMS = {
    "month": re.compile(r"(?P<year>\d{4})-(?P<part>0[1-9]|1[0-2])"),
    "quarter": re.compile(r"(?P<year>\d{4})-Q(?P<part>[1-4])"),
    "year": re.compile(r"(?P<year>\d{4})"),
}


@dataclass(frozen=True)
class Period:
    """A month, quarter or year; ``end`` is the first day that is no longer in it."""

    label: str
    kind: str
    start: date
    end: date
    time_zone: str

    @property
    def start_us(self) -> int:
        """First instant, microseconds since 1970 UTC."""
        return _midnight_us(self.start, self.time_zone)

    @property
    def end_us(self) -> int:
        """First instant after the period, microseconds since 1970 UTC."""
        return _midnight_us(self.end, self.time_zone)

    @property
    def over_at(self) -> datetime:
        """The same instant, in UTC."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.end_us)

    @property
    def title(self) -> str:
        """The label in words: "October 2026", "third quarter of 2026", "2026"."""
        if self.kind == "month":
            return f"{self.start:%B %Y}"
        if self.kind == "quarter":
            ordinal = ("first", "second", "third", "fourth")[(self.start.month - 1) // 3]
            return f"{ordinal} quarter of {self.start.year}"
        return self.label

    def previous(self) -> Period:
        """The period of the same kind just before."""
        return _make(self.kind, _add_months(self.start, -MONTHS[self.kind]), self.time_zone)


def parse_period(text: str, time_zone: str = "UTC") -> Period | None:
    """The period a label names; None for "all".

    Raises
    ------
    ReportError
        When the text is none of the four forms.
    """
    if text == "all":
        return None
    for kind, form in _FORMS.items():
        match = form.fullmatch(text)
        if match:
            part = int(match.groupdict().get("part") or 1)
            year = int(match["year"])
            if not MINYEAR < year < MAXYEAR:  # a period has one before and one after it
                raise ReportError(f"{text!r} lies beyond what calendars here know.")
            return _make(kind, date(year, (part - 1) * MONTHS[kind] + 1, 1), time_zone)
    raise ReportError(
        f"{text!r} is not a period. Write a month (2026-10), a quarter (2026-Q3), "
        "a year (2026), last (the last complete one) or all."
    )


def last_complete(latest: datetime, every: str, time_zone: str) -> Period | None:
    """The last period that is over when the data end at ``latest``; None for "all".

    A period counts as over when the newest record lies in a later one, or on its last day.
    """
    if every == "all":
        return None
    current = period_at(latest, every, time_zone)
    day = latest.astimezone(ZoneInfo(time_zone)).date()
    is_last_day = (current.end - day).days == 1
    return current if is_last_day else current.previous()


def period_at(moment: datetime, kind: str, time_zone: str) -> Period:
    """The month, quarter or year that a moment lies in."""
    day = moment.astimezone(ZoneInfo(time_zone)).date()
    first_month = (day.month - 1) // MONTHS[kind] * MONTHS[kind] + 1
    return _make(kind, date(day.year, first_month, 1), time_zone)


def periods_from(first: Period, last: Period) -> list[Period]:
    """Periods of one kind in order, both ends included; none where ``last`` is the earlier."""
    found = []
    while last.start >= first.start:
        found.append(last)
        last = last.previous()
    return found[::-1]


def _make(kind: str, start: date, time_zone: str) -> Period:
    labels = {
        "month": f"{start:%Y-%m}",
        "quarter": f"{start.year}-Q{(start.month - 1) // 3 + 1}",
        "year": f"{start.year}",
    }
    return Period(labels[kind], kind, start, _add_months(start, MONTHS[kind]), time_zone)


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _midnight_us(day: date, time_zone: str) -> int:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone))
    return int(local.astimezone(UTC).timestamp()) * 1_000_000


# --- the calendar --------------------------------------------------------------------------


def calendar(first: date, last: date, time_zone: str, hours: OpeningHours) -> pd.DataFrame:
    """Local days from ``first`` to ``last`` with their opening hours.

    Returns
    -------
    DataFrame
        One row per local day: day, week (ISO), month, quarter, weekday (0 is Monday), holiday;
        starts_us, opens_us and closes_us, instants in microseconds since 1970 UTC (opens and
        closes alike on a closed day); business_us, business time before that day. An opening
        hour that the clocks skip begins when they go on.
    """
    days = pd.date_range(first, last, freq="D")
    weekday = days.day_of_week.to_numpy()
    holiday = np.isin(days.strftime("%Y-%m-%d"), hours.holidays)
    spans = np.array([span or (0, 0) for span in hours.week])[weekday]
    spans[holiday] = 0
    opens = _instants(days + pd.to_timedelta(spans[:, 0], unit="min"), time_zone)
    closes = _instants(days + pd.to_timedelta(spans[:, 1], unit="min"), time_zone)
    open_us = closes - opens
    return pd.DataFrame(
        {
            "day": days.strftime("%Y-%m-%d"),
            "week": days.strftime("%G-W%V"),
            "month": days.strftime("%Y-%m"),
            "quarter": [f"{day.year}-Q{day.quarter}" for day in days],
            "weekday": weekday,
            "holiday": holiday,
            "starts_us": _instants(days, time_zone),
            "opens_us": opens,
            "closes_us": closes,
            "business_us": np.cumsum(open_us) - open_us,
        }
    )


def _instants(local: pd.DatetimeIndex, time_zone: str) -> NDArray[np.int64]:
    """Wall-clock times as microseconds in UTC; of an hour that comes twice, the first."""
    first = np.ones(len(local), bool)
    zoned = local.tz_localize(time_zone, ambiguous=first, nonexistent="shift_forward")
    naive = zoned.tz_convert("UTC").tz_localize(None)
    return naive.to_numpy().astype("datetime64[us]").astype("int64")


def business_seconds(
    days: pd.DataFrame, start_us: ArrayLike, end_us: ArrayLike
) -> NDArray[np.float64]:
    """Seconds of opening hours between instants, from the `calendar` of the days they span.

    Both are microseconds in UTC, so that a day on which the clocks change is as long as it was.
    """
    return (_business_until(days, end_us) - _business_until(days, start_us)) / 1e6


def _business_until(days: pd.DataFrame, instant_us: ArrayLike) -> NDArray[np.float64]:
    instants = np.asarray(instant_us, dtype="int64")
    place = np.searchsorted(days["starts_us"].to_numpy(), instants, side="right") - 1
    opens = days["opens_us"].to_numpy()[place]
    length = days["closes_us"].to_numpy()[place] - opens
    today = np.clip(instants - opens, 0, length)
    return np.asarray(days["business_us"].to_numpy()[place] + today, dtype=float)
