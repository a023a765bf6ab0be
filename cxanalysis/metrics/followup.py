"""How long customers can be followed, and who is known to have left."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.rows import DAY_US, whole
from cxanalysis.study import Study
from cxanalysis.tables import CLOCKS

NO_END = "needs customers.active_to"


def records(study: Study) -> tuple[int, int]:
    """First and newest moment of answers, contacts and touches, microseconds; zeros for none.

    Where there are answers alone, the customers' own days count too: an export of customers made
    long after the answers tells what became of those who gave them.
    """
    known = study.once(_spans)
    if known.empty:
        return 0, 0
    return int(known["first"].min()), int(known["last"].max())


def _spans(study: Study) -> pd.DataFrame:
    times = [(table, column) for table, column in CLOCKS.items() if study.has(table, column)]
    if {table for table, _ in times} <= {"surveys"}:
        times += [
            ("customers", column)
            for column in ("active_from", "active_to")
            if study.has("customers", column)
        ]
    ends = [span(study.tables[table], column) for table, column in times]
    table = pd.DataFrame(ends, columns=["first", "last"])
    return table[table["last"] > 0]


def end_of_records(study: Study) -> int:
    """The last moment up to which it is known who left: of the records, or of the period."""
    newest = records(study)[1]
    return newest if study.period is None else min(newest, study.period.end_us)


def gone_at() -> nw.Expr:
    """The first moment at which a customer is none any more: the end of the last day."""
    return nw.col("active_to") + DAY_US


def span(table: nw.LazyFrame[Any], column: str) -> tuple[int, int]:
    """First and last moment in a column of a table, microseconds; zeros where there is none."""
    moment = nw.col(column)
    row = collect(table.select(first=moment.min(), last=moment.max())).iloc[0]
    return whole(row["first"]), whole(row["last"])
