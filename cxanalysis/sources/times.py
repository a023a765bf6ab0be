"""Times as text → microseconds since 1970 in UTC, and what can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from cxanalysis.config import closest
from cxanalysis.errors import DataError
from cxanalysis.sources.months import english_months
from cxanalysis.sources.sql import literal, literals
from cxanalysis.sources.stored import whole_text

ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?)?$"
AWARE = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)? ?"
    r"(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$"
)
PLAIN_AWARE = "____-__-__T__:__:__Z"
PLAIN = "20__-__-__ __:__:__"
FIRST_YEAR, LAST_YEAR = 1901, 2099  # beyond lie stand-ins for "none" and "for ever", and slips
DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d/%b/%y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y"),
)
FORMATS = tuple(
    f"{day}{clock}"
    for day in DAYS
    for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)
UNIX = {"unix seconds": 1_000_000, "unix milliseconds": 1_000, "unix microseconds": 1}
EXCEL = "excel days"  # since the last day of 1899, as Excel counts from March 1900 on; local time
UNITS = (*UNIX, EXCEL)
EXCEL_EPOCH = 25_569  # that day's number of 1970-01-01
EXCEL_DAYS = (61, 2_958_465)  # 1900-03-01 to 9999-12-31
EPOCH = r"^-?[0-9]+([.,][0-9]*)?([eE][+]?[0-9]+)?$"
LIKELY_YEARS = (2000, 2050)  # numbers that would be times within them are taken for such
MANY = 0.5  # from this share of unreadable times on, a column is in another form throughout
CLEARLY = 0.9  # a format that reads this share of the unreadable times is the one to suggest


@dataclass(frozen=True)
class TimeForm:
    """How a time column is written: ISO 8601 without a ``format``; ``aware`` = with offset.

    A ``format`` is strptime's, or one of ``UNIX``: so many units since 1970 in UTC; or ``EXCEL``,
    days in local time. ``plain`` tells that DuckDB reads of the column's texts just those that
    ``ISO`` would have it read.
    """

    zone: str
    format: str | None = None
    aware: bool = False
    plain: bool = False


def time_value(text: str, kept: str, form: TimeForm) -> str:
    """SQL: microseconds UTC of a text; NULL where it is not a time of this form.

    Where a text was kept as the time it says, ``kept`` is that time and the text is NULL.
    """
    return f"coalesce({_micros(kept, form.zone, aware=False)}, {_text_value(text, form)})"


def _text_value(text: str, form: TimeForm) -> str:
    if form.format in UNIX:
        return _since_epoch(text, UNIX[form.format])
    if form.format is not None:
        moment = moment_of(text, form.format)
        return _micros(moment, form.zone, aware="%z" in form.format or "%Z" in form.format)
    if form.aware:
        return _micros(_aware(text), form.zone, aware=True)
    if form.plain:
        return _micros(f"try_cast({text} AS TIMESTAMP)", form.zone, aware=False)
    cast = (
        f"CASE WHEN {_is_plain(text)} THEN {text} "
        f"WHEN regexp_matches({text}, '{ISO}') THEN replace({text}, ',', '.') END"
    )
    return _micros(f"try_cast({cast} AS TIMESTAMP)", form.zone, aware=False)


def moment_of(text: str, form: str) -> str:
    """SQL: the timestamp that a text in a format is; NULL where it is none.

    Excel's days are rounded to milliseconds, as Excel does.
    """
    if form != EXCEL:
        return f"try_strptime({english_months(text, form)}, {literal(form)})"
    low, high = EXCEL_DAYS
    number = f"try_cast(replace({text}, ',', '.') AS DOUBLE)"
    millis = f"round(({number} - {EXCEL_EPOCH}) * 86400000)::BIGINT"
    return (
        f"CASE WHEN regexp_matches({text}, '{EPOCH}') AND {number} BETWEEN {low} AND {high} "
        f"THEN make_timestamp({millis} * 1000) END"
    )


def _is_plain(text: str) -> str:
    """SQL: whether DuckDB reads a text of the commonest form just as ``ISO`` would have it.

    The pattern takes four times as long. DuckDB also reads an hour after two spaces, and seconds
    of one digit before a point or a Z.
    """
    return (
        f"({text} LIKE '{PLAIN}' AND NOT contains({text}, '  ') "
        f"AND NOT ends_with({text}, 'Z') AND NOT ends_with({text}, '.'))"
    )


def _since_epoch(text: str, micros: int) -> str:
    """SQL: microseconds UTC of a number of units of so many microseconds since 1970.

    A double holds microseconds exactly until the year 2255.
    """
    number = f"try_cast(replace({text}, ',', '.') AS DOUBLE)"
    moment = f"try_cast(round({number} * {micros}) AS BIGINT)"
    return f"CASE WHEN regexp_matches({text}, '{EPOCH}') THEN {moment} END"


def _aware(text: str) -> str:
    """SQL: the instant of a text with an offset, in a form that DuckDB reads.

    The common form goes straight through, in a tenth of the time: DuckDB wants seconds before
    an offset and no space there, and the other forms need several replacements.
    """
    full = f"regexp_replace({text}, '([T ][0-9]{{2}}:[0-9]{{2}})( ?[Zz+U-].*)$', '\\1:00\\2')"
    plain = f"replace(regexp_replace({full}, ' ?([Zz+U-][^ ]*)$', '\\1'), ',', '.')"
    plain = f"regexp_replace({plain}, '(Z|z|UTC)$', '+00')"
    return (
        f"CASE WHEN {text} LIKE '{PLAIN_AWARE}' THEN try_cast({text} AS TIMESTAMPTZ) "
        f"WHEN regexp_matches({text}, '{AWARE}') THEN try_cast({plain} AS TIMESTAMPTZ) END"
    )


def _micros(moment: str, zone: str, *, aware: bool) -> str:
    if aware or zone == "UTC":
        return f"epoch_us({moment})"
    return f"epoch_us({moment} AT TIME ZONE {literal(zone)})"


def is_day_only(text: str, form: TimeForm) -> str:
    """SQL: whether a time is known to the day only, so that it has no order within that day."""
    if form.format is None:
        return f"coalesce(length({text}) = 10, false)"
    if form.format in UNIX:
        return "false"
    if form.format == EXCEL:
        return f"coalesce(regexp_matches({text}, '^[0-9]+([.,]0*)?$'), false)"
    return "false" if any(sign in form.format for sign in ("%H", "%I", "%X", "%c")) else "true"


@dataclass(frozen=True)
class TimeColumn:
    """A time column to look at: what messages call it, and how it is declared to be written.

    ``kept`` is SQL of those times that are kept as such; ``text`` is SQL of the other texts.
    """

    name: str
    source: str
    text: str
    kept: str
    form: TimeForm

    @property
    def whole(self) -> str:
        """SQL: every text."""
        return whole_text(self.text, self.kept)


def look_at_times(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    relation: str,
    columns: Sequence[TimeColumn],
    tolerance: float,
    locate: Callable[[int, int], str],
) -> dict[str, TimeForm]:
    """Whether each column's times are naive or aware.

    Parameters
    ----------
    relation
        SQL to select from; it has ``_file`` and ``_record`` besides the columns' texts.
    tolerance
        Share of unreadable times from which on the column is refused as a whole, if a format
        is found that reads them.
    locate
        Says in words where a record of a file is.

    Raises
    ------
    DataError
        When a column mixes naive and aware times, or is written in another form or unit
        throughout.
    """
    forms = {column.name: column.form for column in columns}
    open_ones = []
    for column in columns:
        if column.form.format in UNITS:
            _check_unit(connection, table, relation, column)
        elif column.form.format is not None:
            _check_format(connection, table, column)
        else:
            open_ones.append(column)
    counts = _counts_of_forms(connection, relation, open_ones)
    for column, (kept, texts, plain, others, aware, odd) in zip(open_ones, counts, strict=True):
        total, naive = kept + texts, kept + plain + others
        if aware and naive:
            raise DataError(_mixed(connection, table, relation, column, (aware, naive), locate))
        if total and (total - aware - naive) / total > min(tolerance, MANY):
            _refuse_other_forms(connection, table, relation, column, total - aware - naive)
        forms[column.name] = replace(column.form, aware=aware > 0, plain=not others and not odd)
    return forms


def _counts_of_forms(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[TimeColumn]
) -> list[tuple[int, ...]]:
    """Of each column, how many are kept as times, and how many texts there are besides, naive as
    DuckDB reads them, naive with a comma, with an offset, and in none of these forms but such
    that DuckDB takes them for times.
    """
    if not columns:
        return []
    forms, counts = [], []
    for number, column in enumerate(columns):
        text = column.text
        forms.append(
            f"{text} AS t{number}, CASE WHEN {text} IS NULL THEN NULL "
            f"WHEN {_is_plain(text)} THEN 1 "
            f"WHEN {text} LIKE '{PLAIN_AWARE}' THEN 3 "
            f"WHEN regexp_matches({text}, '{ISO}') THEN 1 + contains({text}, ',')::INTEGER "
            f"WHEN regexp_matches({text}, '{AWARE}') THEN 3 "
            f"WHEN try_cast({text} AS TIMESTAMP) IS NOT NULL THEN 4 END AS form{number}"
        )
        counts += [f"count({column.kept})", f"count(t{number})"]
        counts += [f"count(*) FILTER (form{number} = {form})" for form in range(1, 5)]
    found = _one(
        connection,
        f"SELECT {', '.join(counts)} FROM (SELECT *, {', '.join(forms)} FROM {relation})",
    )
    return [found[place : place + 6] for place in range(0, len(found), 6)]


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return connection.execute(query).fetchall()[0]


def _check_unit(
    connection: duckdb.DuckDBPyConnection, table: str, relation: str, column: TimeColumn
) -> None:
    """Raise where the numbers would be times of today in another unit, and are none in this."""
    total, likely = _unit_counts(connection, relation, column)
    best = max(UNITS, key=lambda unit: likely[unit])
    if not likely[str(column.form.format)] and likely[best] > MANY * total:
        raise DataError(
            f"{table}.{column.name}: the numbers in {column.source!r} are no times of today in "
            f'{column.form.format}; set time_format = "{best}".'
        )


def _unit_counts(
    connection: duckdb.DuckDBPyConnection, relation: str, column: TimeColumn
) -> tuple[int, dict[str, int]]:
    """How many texts there are, and for each unit how many would be times of today."""
    low, high = (
        int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 for year in LIKELY_YEARS
    )
    counts = "".join(
        f", count(CASE WHEN {_text_value('t', TimeForm('UTC', unit))} BETWEEN {low} AND {high} "
        "THEN 1 END)"
        for unit in UNITS
    )
    total, *likely = _one(
        connection, f"SELECT count(t){counts} FROM (SELECT {column.whole} AS t FROM {relation})"
    )
    return total, dict(zip(UNITS, likely, strict=True))


def _check_format(connection: duckdb.DuckDBPyConnection, table: str, column: TimeColumn) -> None:
    if str(column.form.format).casefold().startswith(("unix", "excel")):
        raise DataError(
            f"{table}.{column.name}: no time_format {column.form.format!r}."
            f"{closest(str(column.form.format), UNITS)}"
        )
    try:
        _one(connection, f"SELECT try_strptime('', {literal(str(column.form.format))})")
    except duckdb.Error as error:
        raise DataError(
            f"{table}.{column.name}: time_format {column.form.format!r} is not a format. Write "
            'it like "%d/%m/%Y %H:%M".'
        ) from error


def _mixed(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    relation: str,
    column: TimeColumn,
    counts: tuple[int, int],
    locate: Callable[[int, int], str],
) -> str:
    words = []
    for pattern, count, form in zip((AWARE, ISO), counts, ("with", "without"), strict=True):
        text, file, record = _one(
            connection,
            f"SELECT arg_min(t, _row), arg_min(_file, _row), arg_min(_record, _row) FROM "
            f"(SELECT _row, _file, _record, {column.whole} AS t FROM {relation}) "
            f"WHERE regexp_matches(t, '{pattern}')",
        )
        words.append(f"{count:,} times {form} an offset (first: {text}, {locate(file, record)})")
    return (
        f"{table}.{column.name}: {column.source!r} mixes {words[0]} and {words[1]}, so their "
        "order is unknown. Export them all in one form."
    )


def _refuse_other_forms(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    relation: str,
    column: TimeColumn,
    others: int,
) -> None:
    """Raise where one common format reads the times that are not ISO 8601."""
    _, likely = _unit_counts(connection, relation, column)
    unit = max(UNITS, key=lambda unit: likely[unit])
    if likely[unit] >= CLEARLY * others:
        like = "days since 1900 as Excel counts them"
        like = like if unit == EXCEL else f"{unit.removeprefix('unix ')} since 1970"
        raise DataError(
            f"{table}.{column.name}: {others:,} values of {column.source!r} look like {like}; "
            f'set time_format = "{unit}".'
        )
    texts = (
        f"(SELECT t FROM (SELECT {column.text} AS t FROM {relation}) "
        f"WHERE NOT regexp_matches(t, '{ISO}') AND NOT regexp_matches(t, '{AWARE}'))"
    )
    counts = ", ".join(f"count(try_strptime(t, {literal(form)}))" for form in FORMATS)
    read = _one(connection, f"SELECT {counts} FROM {texts}")
    fitting = [form for form, n in zip(FORMATS, read, strict=True) if n >= CLEARLY * others]
    if not fitting:
        return
    best = max(read)
    tied = [form for form, n in zip(FORMATS, read, strict=True) if n == best]
    choice = " or ".join(f'"{form}"' for form in tied[:3])
    why = " (both read every value: look which is the day)" if len(tied) > 1 else ""
    readable = f"try_strptime(t, {literal(tied[0])}) IS NOT NULL"
    example = _one(connection, f"SELECT min(t) FROM {texts} WHERE {readable}")[0]
    raise DataError(
        f"{table}.{column.name}: {others:,} values of {column.source!r} such as {example} are not "
        f"ISO 8601; set time_format = {choice}{why}."
    )


def clock_changes(
    connection: duckdb.DuckDBPyConnection, relation: str, column: TimeColumn, form: TimeForm
) -> tuple[int, int]:
    """How many local times do not exist, and how many exist twice, where clocks change."""
    if form.aware or form.zone == "UTC" or form.format in UNIX:
        return 0, 0
    moment = f"coalesce({column.kept}, try_cast({column.text} AS TIMESTAMP))"
    if form.format is not None:
        if "%z" in form.format or "%Z" in form.format:
            return 0, 0
        moment = moment_of(column.text, form.format)
    moments = f"(SELECT t FROM (SELECT {moment} AS t FROM {relation}) WHERE isfinite(t))"
    first, last = _one(connection, f"SELECT year(min(t)), year(max(t)) FROM {moments}")
    days = _days_of_change(form.zone, first, last) if first is not None else []
    if not days:
        return 0, 0
    zone = literal(form.zone)
    back = f"(t AT TIME ZONE {zone}) AT TIME ZONE {zone}"
    shifted = " OR ".join(
        f"((t AT TIME ZONE {zone}) {sign} INTERVAL 1 HOUR) AT TIME ZONE {zone} = t" for sign in "+-"
    )
    skipped, repeated = _one(
        connection,
        f"SELECT count_if({back} <> t), count_if({back} = t AND ({shifted})) FROM {moments} "
        f"WHERE t::DATE::VARCHAR IN {literals(days)}",
    )
    return int(skipped or 0), int(repeated or 0)


def _days_of_change(zone: str, first: int, last: int) -> list[str]:
    """Local days on which a zone's offset changes."""
    local = ZoneInfo(zone)
    days = []
    day = date(max(first, 1900), 1, 1)
    before = _offset(day, local)
    while day.year <= min(last, 2100):
        day += timedelta(days=1)
        after = _offset(day, local)
        if after != before:
            # seen at midnight UTC: locally the change lies on this day or the one before
            days += [(day - timedelta(days=1)).isoformat(), day.isoformat()]
        before = after
    return days


def _offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).astimezone(zone).utcoffset()
