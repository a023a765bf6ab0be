"""How far the data reach, and how many rows a period and a segment have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw

from cxanalysis.engine import collect
from cxanalysis.periods import Period
from cxanalysis.report.folders import ALL
from cxanalysis.study import Study
from cxanalysis.tables import CLOCKS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def reach(study: Study, now: datetime | None = None) -> dict[str, tuple[datetime, datetime]]:
    """First and last time of each table that tells time, UTC; none after now, a slip like 2062."""
    latest = int((now or datetime.now(UTC)).timestamp()) * 1_000_000
    found = {}
    for table, column in CLOCKS.items():
        if study.has(table, column):
            time = nw.col(column)
            known = study.tables[table].filter(time <= latest)
            ends = collect(known.select(time.min().alias("first"), time.max().alias("last")))
            if ends["first"].notna().all():  # an empty table has none
                found[table] = (_moment(ends["first"].iloc[0]), _moment(ends["last"].iloc[0]))
    return found


def first_and_last(study: Study) -> tuple[datetime, datetime] | None:
    """First and last time of all tables; None where none tells time."""
    spans = reach(study).values()
    return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None


def rows_by_period(
    study: Study, periods: Sequence[Period], column: str | None = None
) -> dict[tuple[str, str], int]:
    """Answers, tickets and touches in each period, of everyone or by the values of a column.

    Returns
    -------
    dict
        By segment ("column=value", or empty for everyone) and label of the period, "all" for all
        dates; what has no rows is left out.
    """
    found: dict[tuple[str, str], int] = {}
    labels = [*(period.label for period in periods), ALL]
    for table, time in CLOCKS.items():
        rows = _with_value(study, table, column) if study.has(table, time) else None
        if rows is None:
            continue
        counts = [
            ((nw.col(time) >= period.start_us) & (nw.col(time) < period.end_us))
            .cast(nw.Int64)
            .sum()
            .alias(f"n{number}")
            for number, period in enumerate(periods)
        ]
        counts.append(nw.len().alias(f"n{len(periods)}"))
        counted = collect(rows.group_by("value").agg(*counts))
        for row in counted.dropna(subset="value").to_dict("records"):
            segment = f"{column}={row['value']}" if column else ""
            for number, label in enumerate(labels):
                key = (segment, label)
                found[key] = found.get(key, 0) + int(row[f"n{number}"])
    return {key: n for key, n in found.items() if n}


def _with_value(study: Study, table: str, column: str | None) -> nw.LazyFrame[Any] | None:
    """A table's rows with their segment as "value"; None where the table has no segments.

    As `Study.among`: the column is one of customers, or else of the table itself.
    """
    rows = study.tables[table]
    if column is None:
        return rows.with_columns(nw.lit("").alias("value"))
    text = nw.col(column).cast(nw.String).alias("value")
    if not study.has("customers", column):
        return rows.with_columns(text) if study.has(table, column) else None
    if not study.has(table, "customer_id"):
        return None
    owners = study.tables["customers"].select("customer_id", text)
    if study.has(table, "value"):
        rows = rows.drop("value")
    return rows.join(owners, on="customer_id", how="inner")


def _moment(microseconds: float) -> datetime:
    return EPOCH + timedelta(microseconds=int(microseconds))
