"""Times by their values: which format, day or month first, with or without a zone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from cxanalysis.sources.months import with_english_month
from cxanalysis.sources.times import AWARE, ISO, UNITS, UNIX, moment_of

_NUMERIC_DATES = tuple(
    (f"%d{sep}%m{sep}{year}", f"%m{sep}%d{sep}{year}")
    for sep in ("/", ".", "-")
    for year in ("%Y", "%y")
)
_NAMED_DATES = (
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d/%b/%Y",
    "%d/%b/%y",
    "%d. %B %Y",
    "%a %d %b %Y",
    "%Y.%m.%d",
    "%Y/%m/%d",
    "%Y-%m-%d",
)
_COMPACT_DATES = ("%Y%m%d", "%y%m%d")
_PARTS = re.compile(
    r"(?P<date>[^:]*?)(?:(?P<glue>, | |T)(?P<hm>\d{1,2}:\d{2})(?P<s>:\d{2})?(?P<f>\.\d+)?"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?[+-]\d{2}:?\d{2})?)?"
)
_LIKE_DATE = re.compile(r"(?=.*\d)[\w .,/-]{6,24}")
_ZONE = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)? ?(Z|UTC|[+-]\d{2}:?(\d{2})?)$"
_SANE = "BETWEEN TIMESTAMP '1900-01-01' AND TIMESTAMP '2100-01-01'"
_SAMPLE = 120  # different values to find the shape of a format by; its order is judged on all
_ENOUGH = 0.9  # share of values a format must read before the column counts as a time


@dataclass(frozen=True)
class TimeFormat:
    """How a time column is written.

    ``format`` is None for ISO 8601 and may be a unit since 1970. ``decided`` is False where
    day-first and month-first read every value equally well, so the values cannot tell. ``aware``
    and ``naive`` count values with and without a zone of their own.
    """

    format: str | None
    share: float
    aware: int
    naive: int
    decided: bool = True
    evidence: str = ""

    @property
    def has_clock(self) -> bool:
        """Whether values hold a time of day (always taken as so for ISO)."""
        exact = self.format is None or self.format in UNITS
        return exact or "%H" in str(self.format) or "%I" in str(self.format)

    @property
    def day_first(self) -> bool:
        """Whether the day stands before a numeric month."""
        return self.format is not None and self.format.startswith("%d") and "%m" in self.format

    @property
    def ambiguous_kind(self) -> bool:
        """Whether day and month are both numbers in front, so their order matters."""
        return self.format is not None and swapped(self.format) is not None


def swapped(form: str) -> str | None:
    """The same format with day and month exchanged; None where that cannot be confused."""
    for day_first, month_first in _NUMERIC_DATES:
        if form.startswith(day_first):
            return form.replace(day_first, month_first)
        if form.startswith(month_first):
            return form.replace(month_first, day_first)
    return None


def parse(value: str, form: str | None) -> str:
    """SQL that reads a text expression as a timestamp, NULL where it cannot."""
    if form is None:
        return f"try_cast({value} AS TIMESTAMP)"
    if form in UNIX:
        return f"make_timestamp((try_cast({value} AS DOUBLE) * {UNIX[form]})::BIGINT)"
    return f"({moment_of(value, form)})::TIMESTAMP"


def find_time_format(
    connection: duckdb.DuckDBPyConnection, relation: str, *, compact: bool
) -> TimeFormat | None:
    """The format of a text column, judged on every row; None where it holds no times.

    Parameters
    ----------
    relation
        Table of the connection with the column's different values ``v`` and their rows ``n``.
    compact
        Whether eight or six digits may be a date, which the header has to suggest.
    """
    iso = f"regexp_matches(v, '{ISO}') OR regexp_matches(v, '{AWARE}')"
    total, as_iso, aware = _rows(connection, relation, "true", iso, f"regexp_matches(v, '{_ZONE}')")
    if as_iso >= _ENOUGH * total:
        return TimeFormat(None, as_iso / total, aware, total - aware)
    form = _best_of_sample(connection, relation, compact)
    if form is None:
        return None
    found = _order_by_all_rows(connection, relation, form, total)
    if found.share < _ENOUGH:
        return None
    return replace(found, aware=aware, naive=total - aware)


def _best_of_sample(
    connection: duckdb.DuckDBPyConnection, relation: str, compact: bool
) -> str | None:
    rows = connection.execute(f"SELECT v FROM {relation} ORDER BY hash(v) LIMIT {_SAMPLE}")
    texts = [text for (text,) in rows.fetchall()]
    parts = [found for text in texts if (found := _PARTS.fullmatch(text)) is not None]
    parts = [found for found in parts if _LIKE_DATE.fullmatch(found["date"])]
    if len(parts) < len(texts) / 2:
        return None
    clock = Counter(_clock_format(found) for found in parts).most_common(1)[0][0]
    dates = [form for pair in _NUMERIC_DATES for form in pair] + list(_NAMED_DATES)
    dates += list(_COMPACT_DATES) if compact else []
    read = {form: sum(_is_date(found["date"], form) for found in parts) for form in dates}
    best = max(read, key=lambda form: read[form])
    # Half is enough here: a sample may hold few days above 12.
    return best + clock if read[best] >= len(texts) / 2 else None


def _clock_format(found: re.Match[str]) -> str:
    if found["hm"] is None:
        return ""
    hour = "%I" if found["half"] else "%H"
    seconds = (":%S" if found["s"] else "") + (".%f" if found["f"] else "")
    half = found["half"].replace(found["half"].strip(), "%p") if found["half"] else ""
    zone = " %z" if (found["zone"] or "").startswith(" ") else "%z" if found["zone"] else ""
    return f"{found['glue']}{hour}:%M{seconds}{half}{zone}"


def _is_date(text: str, form: str) -> bool:
    try:
        return 1900 <= datetime.strptime(with_english_month(text, form), form).year < 2100
    except ValueError:
        return False


def _order_by_all_rows(
    connection: duckdb.DuckDBPyConnection, relation: str, form: str, total: int
) -> TimeFormat:
    other = swapped(form)
    if other is None:
        (first,) = _rows(connection, relation, _readable(form))
        return TimeFormat(form, first / total, 0, 0)
    first, second = _rows(connection, relation, _readable(form), _readable(other))
    if second > first:
        form, first, second = other, second, first
    if first > second:
        order = "day" if form.startswith("%d") else "month"
        evidence = f"{order} first: {first - second:,} of {total:,} values make sense only so"
        return TimeFormat(form, first / total, 0, 0, True, evidence)
    return by_habit(TimeFormat(form, first / total, 0, 0, False))


def by_habit(found: TimeFormat) -> TimeFormat:
    """Day first, unless slashes come with AM/PM, as Americans write."""
    assert found.format is not None
    american = "/" in found.format and "%p" in found.format
    return replace(in_order(found, day_first=not american), decided=False)


def in_order(found: TimeFormat, *, day_first: bool, evidence: str = "") -> TimeFormat:
    """The format with day and month in a given order."""
    assert found.format is not None
    other = swapped(found.format)
    form = found.format if found.day_first == day_first or other is None else other
    return replace(found, format=form, decided=True, evidence=evidence)


def _readable(form: str) -> str:
    return f"{parse('v', form)} {_SANE}"


def _rows(
    connection: duckdb.DuckDBPyConnection, relation: str, *conditions: str
) -> tuple[int, ...]:
    """How many rows of the column fulfil each condition on their value."""
    counts = ", ".join(f"coalesce(sum(n) FILTER ({one}), 0)::BIGINT" for one in conditions)
    row = connection.execute(f"SELECT {counts} FROM {relation}").fetchone()
    assert row is not None
    return row
