"""What the values of each column are like, judged on every row."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb

from cxanalysis.config import Table
from cxanalysis.recognise.files import EMAIL, NUMBER, TWICE, LoadedFile
from cxanalysis.recognise.times import TimeFormat, find_time_format, in_order
from cxanalysis.recognise.vocabulary import (
    DATE_WORDS,
    LENGTH_WORDS,
    MISSING_CODES,
    NUMBER_WORDS,
)
from cxanalysis.recognise.wording import Words, words
from cxanalysis.sources.sql import literals, quoted
from cxanalysis.sources.times import EXCEL, UNIX

_FEW = 60  # distinct values that are kept by name
_PHONE = r"^(\+|00|\()?[0-9][0-9 ()./-]{6,18}[0-9]$"
_COMMA_NUMBER = r"^[+-]?[0-9]+(,[0-9]+)?$"
_THOUSANDS = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+$"  # 2,183,601; with a single comma too
_CLOCK = r"^[0-9]{1,3}:[0-9]{2}(:[0-9]{2})?$"
_NEARLY = 0.97
_EARLIEST, _LATEST = 6e14, 4.2e15  # microseconds since 1970 that are times: 1989 to 2103
_EXCEL_ZERO = date(1899, 12, 30)
_EXCEL_SPAN = date(2000, 1, 1), date(2050, 1, 1)
_MOST = 0.98  # share of values that must look alike


@dataclass(frozen=True)
class ColumnProfile:
    """One column as its values show it.

    ``kind`` is one of empty, email, phone, time, clock, integer, number, category, text.
    ``values`` are (text, rows), most frequent first, kept only where they are few; ``missing``
    are the codes for "no value" met in it. ``words`` are those of the ``question`` where the file
    has one below the header. ``relation`` holds its different values and how many
    rows have each, as columns v and n.
    """

    name: str
    words: Words
    relation: str
    rows: int
    given: int
    distinct: int
    kind: str
    low: float | None = None
    high: float | None = None
    comma: bool = False
    length: int = 0
    values: tuple[tuple[str, int], ...] = ()
    missing: tuple[str, ...] = ()
    time: TimeFormat | None = None
    zeros: int = 0
    question: str = ""

    @property
    def filled(self) -> float:
        """Share of rows with a value."""
        return self.given / self.rows if self.rows else 0.0

    @property
    def unique(self) -> bool:
        """Whether no value comes twice (and nearly every row has one)."""
        return self.distinct == self.given and self.filled > 0.99

    @property
    def nearly_unique(self) -> bool:
        """Whether so few values come twice that those rows can be set aside."""
        return self.distinct >= _NEARLY * self.given and self.filled > 0.99

    @property
    def statistic(self) -> str:
        """An example-free summary for a comment."""
        kinds = "all different" if self.unique else f"{self.distinct:,} distinct"
        return f"{percent(self.filled)} filled, {kinds}"


@dataclass(frozen=True)
class FileProfile:
    """A file and its columns."""

    file: LoadedFile
    rows: int
    columns: tuple[ColumnProfile, ...]

    @property
    def relation(self) -> str:
        """Where the file's rows are in the connection."""
        return self.file.relation

    def column(self, name: str) -> ColumnProfile:
        """The profile of the column with exactly this header."""
        return next(column for column in self.columns if column.name == name)

    def find(self, name: str) -> ColumnProfile | None:
        """The same; None where there is none, as of an expression over JSON."""
        return next((column for column in self.columns if column.name == name), None)


def percent(share: float) -> str:
    """A share in words of a comment; never rounded up to a false 100 or down to a false 0."""
    if 0.995 <= share < 1:
        return "over 99 %"
    if 0 < share < 0.005:
        return "under 1 %"
    return f"{share:.0%}".replace("%", " %")


def is_number(text: str) -> bool:
    """Whether a text is a number with a point."""
    return re.match(NUMBER, text) is not None


def clean(name: str) -> str:
    """SQL of a column's trimmed text, NULL where it is empty or a missing code."""
    text = f"trim({quoted(name)})"
    nothing = literals(("", *sorted(MISSING_CODES)))
    return f"(CASE WHEN lower({text}) NOT IN {nothing} THEN {text} END)"


def describe(connection: duckdb.DuckDBPyConnection, file: LoadedFile) -> FileProfile:
    """The profile of every column of a loaded file, worked out on all its rows."""
    row = connection.execute(f"SELECT count(*) FROM {file.relation}").fetchone()
    assert row is not None
    columns = [
        _look_at_column(connection, file, name, f"{file.relation}_{place}", row[0])
        for place, name in enumerate(file.headers)
    ]
    return FileProfile(file, row[0], tuple(_shared_date_order(columns)))


def _look_at_column(
    connection: duckdb.DuckDBPyConnection, file: LoadedFile, name: str, relation: str, rows: int
) -> ColumnProfile:
    """One column by its different values, which are far fewer than its rows as a rule."""
    connection.execute(
        f"CREATE TEMP TABLE {relation} AS SELECT trim({quoted(name)}) AS v, count(*) AS n "
        f"FROM {file.relation} GROUP BY v HAVING v <> ''"
    )
    missing = _take_missing_codes(connection, relation)
    row = connection.execute(
        f"""SELECT coalesce(sum(n), 0)::BIGINT, count(*), coalesce(max(length(v)), 0),
            sum(n) FILTER (regexp_matches(v, '{EMAIL}')),
            sum(n) FILTER (regexp_matches(v, '{_PHONE}')),
            sum(n) FILTER (regexp_matches(v, '{NUMBER}') OR regexp_matches(v, '{_THOUSANDS}')),
            sum(n) FILTER (regexp_matches(v, '{_COMMA_NUMBER}')),
            sum(n) FILTER (regexp_matches(v, '{_CLOCK}')),
            count(*) FILTER (contains(v, '.')),
            count(*) FILTER (try_cast(v AS DOUBLE) % 1 <> 0 OR point = ''),
            min(try_cast(replace(v, ',', point) AS DOUBLE)),
            max(try_cast(replace(v, ',', point) AS DOUBLE)),
            coalesce(sum(n) FILTER (v = '0'), 0)::BIGINT
        FROM (SELECT v, n, if(regexp_matches(v, '{_THOUSANDS}'), '', '.') AS point
            FROM {relation})"""
    ).fetchone()
    assert row is not None
    given, distinct, length, *alike, dots, broken, low, high, zeros = row
    emails, phones, numbers, commas, clocks = (count or 0 for count in alike)
    question = file.questions.get(name, "")
    profile = ColumnProfile(
        name=name, words=words(question or name), relation=relation, rows=rows, given=given,
        distinct=distinct, kind="empty", length=length, missing=missing, zeros=zeros,
        question=question,
    )  # fmt: skip
    if not given or TWICE in name:
        return replace(profile, kind="empty" if not given else "twice")
    enough = _MOST * given
    kind = "category" if distinct <= max(20, given / 20) and length <= 80 else "text"
    time: TimeFormat | None = None
    comma = False
    if emails >= enough:
        kind = "email"
    elif clocks >= enough:
        kind = "clock"
    elif max(numbers, commas) >= enough:
        comma = commas > numbers and not dots
        kind = "number" if broken or comma else "integer"
        if set(profile.words) & DATE_WORDS:
            time = _digits_as_time(connection, relation, profile.words, (low, high), given)
            kind = "time" if time is not None else kind
    else:
        time = find_time_format(connection, relation, compact=False)
        if time is not None:
            kind = "time"
        elif phones >= enough:
            kind = "phone"
    is_number = kind in ("integer", "number")
    return replace(
        profile,
        kind=kind,
        low=low if is_number else None,
        high=high if is_number else None,
        comma=comma,
        values=_values(connection, relation) if distinct <= _FEW else (),
        time=time,
    )


def _take_missing_codes(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[str, ...]:
    """Remove the codes for "no value" and name those that are not among the usual ones."""
    is_code = f"lower(v) IN {literals(sorted(MISSING_CODES))}"
    rows = connection.execute(f"SELECT v FROM {relation} WHERE {is_code} ORDER BY v").fetchall()
    if rows:
        connection.execute(f"DELETE FROM {relation} WHERE {is_code}")
    known = Table(path=("",)).missing
    return tuple(text for (text,) in rows if text not in known)


def _digits_as_time(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    header: Words,
    span: tuple[float, float],
    given: int,
) -> TimeFormat | None:
    """Digits under a header that speaks of time: 20160229, so many units since 1970, or days as
    Excel counts them, which is said as a doubt: nothing but the header tells them from numbers.
    """
    low, high = span
    for unit, micros in UNIX.items():
        if low * micros >= _EARLIEST and high * micros <= _LATEST:
            return TimeFormat(unit, 1.0, aware=given, naive=0)
    first, last = ((day - _EXCEL_ZERO).days for day in _EXCEL_SPAN)
    if first <= low and high < last and not set(header) & (LENGTH_WORDS | NUMBER_WORDS):
        days = (f"{_EXCEL_ZERO + timedelta(days=day):%Y-%m-%d}" for day in span)
        return TimeFormat(EXCEL, 1.0, aware=0, naive=given, evidence=" to ".join(days))
    return find_time_format(connection, relation, compact=True) if low >= 10_000 else None


def _values(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[tuple[str, int], ...]:
    rows = connection.execute(f"SELECT v, n FROM {relation} ORDER BY n DESC, v").fetchall()
    return tuple((str(text), int(n)) for text, n in rows)


def _shared_date_order(columns: list[ColumnProfile]) -> list[ColumnProfile]:
    """A column that cannot tell day from month follows one of the same file that can."""
    orders = {
        column.time.day_first: column.name
        for column in columns
        if column.time is not None and column.time.ambiguous_kind and column.time.decided
    }
    if len(orders) != 1:
        return columns
    ((day_first, teacher),) = orders.items()
    order = "day" if day_first else "month"
    evidence = f"{order} first, as {teacher.strip()!r} of the same file shows"
    return [
        replace(column, time=in_order(column.time, day_first=day_first, evidence=evidence))
        if column.time is not None and not column.time.decided
        else column
        for column in columns
    ]
