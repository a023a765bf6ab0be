"""The account of a study: what was read and set aside, what matches, what can be told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.needs import Outlook
from cxanalysis.periods import Period
from cxanalysis.shown import folded, listed, page, table
from cxanalysis.sources.matching import match_lines
from cxanalysis.sources.reading import TableReading
from cxanalysis.tables import CLOCKS, CONTRACTS

NO_TABLE = "The study has no table."


@dataclass(frozen=True)
class Check:
    """What was read, set aside and matched; printing it gives the account in words.

    ``tables`` has one row per table: table, files, rows_read, rows_kept, rows_excluded,
    rows_set_aside, share_set_aside, first and last (local days, NaT without times), rows_in_view
    (of the period and segment asked for; a table without times lies in any period), absent
    (columns of its contract that it has not). ``view`` names what the study is narrowed to:
    "period", "segment", "period and segment" or nothing. ``matches`` is `Study.matches`;
    ``hints`` are sentences on what looks wrong; ``outlooks`` say which sections of each report
    the study can fill.
    """

    title: str
    view: str
    readings: tuple[TableReading, ...]
    tables: pd.DataFrame
    matches: pd.DataFrame
    hints: tuple[str, ...] = ()
    outlooks: tuple[Outlook, ...] = ()

    def __str__(self) -> str:
        read = ["\n".join(_table_lines(self, row)) for row in _rows(self.tables)]
        parts = [self.title, *(read or [NO_TABLE])]
        if len(self.matches) or self.hints:
            lines = [*match_lines(self.matches), *(f"note: {hint}" for hint in self.hints)]
            parts.append("\n  ".join(["matched customers", *lines]))
        if self.outlooks:
            told = [f"{o.report} ({o.question}): {_sections(o)}" for o in self.outlooks]
            told += [f"not, since {why}: {'; '.join(t)}" for why, t in _lacking(self.outlooks)]
            parts.append("\n  ".join(["what can be told", *told]))
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        notes = [f"{each.table}: {note}" for each in self.readings for note in each.notes]
        said = listed([*self.hints, *notes])
        return page(
            f"<strong>{escape(self.title)}</strong>",
            _read_html(self.tables, self.view),
            f"<p><strong>Worth knowing</strong></p>{said}" if said else "",
            _set_aside_html(self.readings),
            _absent_html(self.tables),
            _unread_html(self.readings),
            _matches_html(self.matches),
            _outlooks_html(self.outlooks),
        )


def table_accounts(
    tables: Mapping[str, nw.LazyFrame[Any]],
    readings: Iterable[TableReading],
    period: Period | None,
    time_zone: str,
) -> pd.DataFrame:
    """What is known of each table, as in `Check.tables`; one that was not read is counted."""
    read = {reading.table: reading for reading in readings}
    found = []
    for name, rows in tables.items():
        columns = rows.collect_schema().names()
        clock = CLOCKS.get(name) if CLOCKS.get(name) in columns else None
        counted = _counted(rows, clock, period)
        reading = read.get(name) or TableReading(name, (), counted["rows"], counted["rows"])
        row = {
            "table": name,
            "files": len(reading.files),
            "rows_read": reading.rows_read,
            "rows_kept": reading.rows_kept,
            "rows_excluded": sum(reading.excluded.values()),
            "rows_set_aside": reading.rows_set_aside,
            "share_set_aside": reading.share_set_aside,
            "first": _day(counted["first"], time_zone),
            "last": _day(counted["last"], time_zone),
            "rows_in_view": counted["in_view"],
            "absent": tuple(column for column in CONTRACTS[name].names if column not in columns),
        }
        found.append(row)
    return pd.DataFrame(found)


def _counted(rows: nw.LazyFrame[Any], clock: str | None, period: Period | None) -> dict[str, Any]:
    """Rows, first and last instant, and rows of the period: in one pass."""
    asked = [nw.len().alias("rows")]
    if clock is not None:
        time = nw.col(clock)
        asked += [time.min().alias("first"), time.max().alias("last")]
        if period is not None:
            within = (time >= period.start_us) & (time < period.end_us)
            asked.append(within.cast(nw.Int64).sum().alias("in_view"))
    found = collect(rows.select(*asked)).iloc[0].to_dict()
    known = {str(k): None if pd.isna(value) else int(value) for k, value in found.items()}
    in_view = known.get("in_view", known["rows"]) or 0
    return {"first": None, "last": None} | known | {"in_view": in_view}


def _day(instant: int | None, time_zone: str) -> Any:
    if instant is None:
        return pd.NaT
    return pd.Timestamp(instant, unit="us", tz="UTC").tz_convert(time_zone).date()


def unidentified(names: Collection[str], identified: Collection[str]) -> tuple[str, ...]:
    """A sentence for every table that can meet no other, where there are several."""
    if len(names) < 2:
        return ()
    return tuple(
        f"{name} has no customer_id, so none of its rows meets a row of another table: what it "
        "says stands alone. Where a column tells the customer, map it under "
        f"[tables.{name}.columns]."
        for name in names
        if name not in identified
    )


def _rows(tables: pd.DataFrame) -> Iterator[Any]:
    return tables.itertuples()


def _table_lines(check: Check, row: Any) -> Iterator[str]:
    """A table's reading in words, with its dates and what it lacks put in."""
    reading = next((each for each in check.readings if each.table == row.table), None)
    told = reading.describe() if reading else f"{row.table}: {row.rows_kept:,} rows"
    first, *others = told.splitlines()
    yield first
    days = [f"from {row.first} to {row.last}"] if pd.notna(row.first) else []
    n = _in_view(row, check.view)
    seen = [f"{n} rows in this {check.view}"] if n else []
    if days or seen:
        yield f"  {'; '.join([*days, *seen])}"
    yield from others
    if row.absent:
        yield f"  without the columns {', '.join(row.absent)}"


def _sections(outlook: Outlook) -> str:
    told = len(outlook.told)
    return f"all {told} sections" if told == outlook.n else f"{told} of {outlook.n} sections"


def _read_html(tables: pd.DataFrame, view: str) -> str:
    rows = [
        {
            "Table": row.table,
            "Rows kept": f"{row.rows_kept:,}",
            **({f"In this {view}": _in_view(row, view)} if view else {}),
            "First day": row.first if pd.notna(row.first) else "",
            "Last day": row.last if pd.notna(row.last) else "",
            "Set aside": f"{row.rows_set_aside:,}"
            + (f" ({row.share_set_aside:.1%})" if row.rows_set_aside else ""),
            "Left out": f"{row.rows_excluded:,}",
            "Files": row.files,
        }
        for row in _rows(tables)
    ]
    if not rows:
        return f"<p>{NO_TABLE}</p>"
    numbers = ("Rows kept", f"In this {view}", "Set aside", "Left out", "Files")
    return table([row.values() for row in rows], tuple(rows[0]), "What was read", numbers)


def _in_view(row: Any, view: str) -> str:
    """Rows in view; nothing where only a period is asked for and a table knows no times."""
    unknown = view == "period" and pd.isna(row.first)
    return "" if unknown or not view else f"{row.rows_in_view:,}"


def _set_aside_html(readings: tuple[TableReading, ...]) -> str:
    rows = []
    for reading in readings:
        first = {reject.rule: str(reject) for reject in reading.first_rejects}
        rows += [
            (reading.table, rule, f"{count:,}", first.get(rule, ""))
            for rule, count in reading.rejects.items()
        ]
        rows += [
            (reading.table, f"left out: {reason}", f"{count:,}", "")
            for reason, count in reading.excluded.items()
        ]
    inside = table(rows, ("Table", "Rule", "Rows", "First of them"), numbers=("Rows",))
    return folded(inside, "Why rows were set aside or left out", opened=True) if rows else ""


def _absent_html(tables: pd.DataFrame) -> str:
    """Columns of the contracts that would let more be told, with what each holds."""
    rows = [
        (row.table, name, meaning)
        for row in _rows(tables)
        for name, meaning in _meanings(row.table, row.absent)
    ]
    inside = table(rows, ("Table", "Column", "What it would hold"))
    return folded(inside, f"Columns that the tables do not have: {len(rows)}") if rows else ""


def _meanings(name: str, absent: tuple[str, ...]) -> list[tuple[str, str]]:
    columns = CONTRACTS[name].columns if name in CONTRACTS else ()
    return [(column.name, column.meaning) for column in columns if column.name in absent]


def _unread_html(readings: tuple[TableReading, ...]) -> str:
    rows = [(each.table, ", ".join(each.unmapped)) for each in readings if each.unmapped]
    n = sum(len(each.unmapped) for each in readings)
    inside = table(rows, ("Table", "Columns of its files"))
    return folded(inside, f"Columns of the files that were not read: {n}") if rows else ""


def _matches_html(matches: pd.DataFrame) -> str:
    rows = [
        (f"{row.left} in {row.right}", f"{row.matched:,}", f"{row.n:,}", f"{row.share:.0%}")
        for row in _rows(matches)
        if row.n
    ]
    heads = ("Customers of", "Found", "Of", "Share")
    return table(rows, heads, "Whether the tables meet", ("Found", "Of", "Share"))


def _outlooks_html(outlooks: tuple[Outlook, ...]) -> str:
    if not outlooks:
        return ""
    rows = [(each.report, each.question, _sections(each)) for each in outlooks]
    told = table(rows, ("Report", "Its question", "Can be told"), "What can be told")
    sections = [(each.report, "; ".join(each.told)) for each in outlooks if each.told]
    can = folded(table(sections, ("Report", "Sections")), "Sections that can be told")
    lacking = [(f"{why[0].upper()}{why[1:]}", "; ".join(t)) for why, t in _lacking(outlooks)]
    return told + can + table(lacking, ("Why not", "Sections"), "What cannot be told")


def _lacking(outlooks: tuple[Outlook, ...]) -> list[tuple[str, list[str]]]:
    """Titles of sections that cannot be told, each once, by why."""
    found: dict[str, dict[str, None]] = {}
    for outlook in outlooks:
        for title, why in outlook.left_out:
            found.setdefault(why, {})[title] = None
    return [(why, list(titles)) for why, titles in found.items()]
