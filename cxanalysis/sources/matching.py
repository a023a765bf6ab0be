"""How many customers of one table are found in another, and what keeps the others apart."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from cxanalysis.engine import collect

ENOUGH = 0.5  # from this share matched on, what is left is not looked into


def match(left: nw.LazyFrame[Any], right: nw.LazyFrame[Any]) -> tuple[int, int]:
    """Different customers in ``left``, and how many of them are in ``right``."""
    mine, others = _ids(left), _ids(right)
    n = mine.select(nw.len().alias("n"))
    matched = mine.join(others, on="customer_id", how="semi").select(nw.len().alias("n"))
    return int(collect(n)["n"].iloc[0]), int(collect(matched)["n"].iloc[0])


def match_loosely(left: nw.LazyFrame[Any], right: nw.LazyFrame[Any]) -> int:
    """How many customers would match but for capitals and leading zeros."""
    mine, others = (
        collect(_ids(table))["customer_id"].str.lower().str.lstrip("0") for table in (left, right)
    )
    return int(mine.isin(set(others)).sum())


def _ids(table: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return table.select("customer_id").filter(~nw.col("customer_id").is_null()).unique()
