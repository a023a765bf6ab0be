"""Which rows a metric counts: the study's period, its segment, and the groups asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.config import closest
from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.study import Study

GROUP = "_group"
EVERYONE = "everyone"
UNKNOWN = "unknown"
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
SECOND_US = 1_000_000


def during(study: Study, column: str) -> nw.Expr:
    """Whether an instant is known and lies in the study's period (any, where it has none)."""
    instant = nw.col(column)
    if study.period is None:
        return ~instant.is_null()
    return (instant >= study.period.start_us) & (instant < study.period.end_us)


def lacking(study: Study, table: str) -> str | None:
    """Why no row of a table can be counted for this study; None where they can."""
    if table not in study.tables:
        return f"needs {table}"
    if study.segment is None:
        return None
    column = study.segment[0]
    through_customer = study.has("customers", column) and study.has(table, "customer_id")
    if through_customer or study.has(table, column):
        return None
    return f"needs {table}.{column}, to narrow to {column}={study.segment[1]}"


def of_segment(study: Study, table: str, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The rows of the study's segment; `lacking` says beforehand whether that is possible.

    Where the segment is one of customers, `Study.among` has left only their rows already.
    """
    if study.segment is None:
        return frame
    column, value = study.segment
    if study.has("customers", column) and study.has(table, "customer_id"):
        return frame
    return frame.filter(nw.col(column).cast(nw.String) == value)


def grouped(
    study: Study, table: str, frame: nw.LazyFrame[Any], by: str | None
) -> nw.LazyFrame[Any]:
    """The frame with its group as a text column: of the table itself, else of the customers.

    Raises
    ------
    ReportError
        When neither has the column ``by``.
    """
    if by is None:
        return frame.with_columns(nw.lit(EVERYONE).alias(GROUP))
    if study.has(table, by):
        frame = frame.with_columns(nw.col(by).alias(GROUP))
    elif study.has("customers", by) and study.has(table, "customer_id"):
        groups = study.tables["customers"].select("customer_id", nw.col(by).alias(GROUP))
        frame = frame.join(groups, on="customer_id", how="left")
    else:
        known = study.columns.get(table, frozenset()) | study.columns.get("customers", frozenset())
        raise ReportError(
            f"{table}: no column {by!r} to group by, nor in customers.{closest(by, sorted(known))}"
        )
    return frame.with_columns(nw.col(GROUP).cast(nw.String).fill_null(UNKNOWN))


def refuse_unknown(what: str, value: str, known: Iterable[str]) -> None:
    """Raise ReportError with the closest of the known ones where the value is none of them."""
    known = tuple(known)
    if value not in known:
        raise ReportError(f"no {what} {value!r}.{closest(value, known)}")


def refuse_days(days: float) -> None:
    """Raise ReportError where nothing could follow within so many days."""
    if days < 1:
        raise ReportError(f"days = {days:g} is too few: give 1 or more.")


def counted(condition: nw.Expr) -> nw.Expr:
    """A condition as 1 or 0 per row, 0 where it is not known."""
    return condition.fill_null(False).cast(nw.Int64)


def totals(frame: nw.LazyFrame[Any], aggregates: Mapping[str, nw.Expr]) -> pd.DataFrame:
    """One row per group, sorted by its name; one empty row where there is nothing to count."""
    table = collect(frame.group_by(GROUP).agg(**aggregates)).set_index(GROUP).sort_index()
    return table if len(table) else table.reindex([EVERYONE])


def whole(value: Any) -> int:
    """A count out of `totals`, 0 where there was nothing to count."""
    return 0 if pd.isna(value) else int(value)
