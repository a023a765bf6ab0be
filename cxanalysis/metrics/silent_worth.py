"""What groups of customers are worth, from sums that the engine makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.figures import Definition, Figure, ratio
from cxanalysis.metrics.intervals import Comparison
from cxanalysis.metrics.rows import whole
from cxanalysis.metrics.skewed import Moments, skewed_difference, skewed_mean

CELL = "_cell"
_KNOWN = "active customers with a known value"
WORTH = (
    Definition("value_mean", "Average value", "money", f"sum of values ÷ {_KNOWN}"),
    Definition("value_median", "Median value", "money", f"median value of {_KNOWN}"),
    Definition("value_share", "Share of value", "share", f"value of the group ÷ of all {_KNOWN}"),
)


def worth(customers: nw.LazyFrame[Any], groups: Sequence[str]) -> dict[str, Mapping[str, Figure]]:
    """The figures of `WORTH` for each group of customers, from their columns value and `CELL`."""
    sums = power_sums(customers)
    return {group: _figures(sums, group) for group in groups}


def worth_gap(sums: pd.DataFrame, first: str, second: str) -> Comparison:
    """Compare the mean values of two groups of `power_sums`."""
    rows = sums.to_dict("index")
    return skewed_difference(_moments(rows[first]), _moments(rows[second]))


def power_sums(customers: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Sums of powers of each group's values less the mean of all, which is in ``origin``."""
    known = customers.filter(~nw.col("value").is_null())
    known = known.with_columns(value=nw.col("value").cast(nw.Float64))
    mean = collect(known.select(mean=nw.col("value").mean())).iloc[0]["mean"]
    origin = 0.0 if pd.isna(mean) else float(mean)
    apart = nw.col("value") - origin
    powers = known.with_columns(_1=apart, _2=apart * apart, _3=apart * apart * apart)
    table = powers.group_by(CELL).agg(
        nw.len().alias("n"),
        nw.col("_1").sum(),
        nw.col("_2").sum(),
        nw.col("_3").sum(),
        least=nw.col("value").min(),
        median=nw.col("value").median(),
    )
    return collect(table).set_index(CELL).assign(origin=origin)


def _figures(sums: pd.DataFrame, group: str) -> Mapping[str, Figure]:
    if group not in sums.index:
        return {each.metric: Figure(note="nothing to count") for each in WORTH}
    row = sums.to_dict("index")[group]
    moments, n = _moments(row), whole(row["n"])
    return {
        "value_mean": Figure(moments.mean, *skewed_mean(moments), n),
        "value_median": Figure(float(row["median"]), n=n, note="no interval is given"),
        "value_share": _part(sums, group, n),
    }


def _part(sums: pd.DataFrame, group: str, n: int) -> Figure:
    """The group's part of everyone's value, a ratio of two sums over all customers."""
    if sums["least"].min() < 0:
        return Figure(n=n, note="some values are below 0, so there are no parts of a whole")
    total = sums["_1"] + sums["n"] * sums["origin"]
    squares = sums["_2"] + 2 * sums["origin"] * sums["_1"] + sums["n"] * sums["origin"] ** 2
    own, square = total.to_dict()[group], squares.to_dict()[group]
    part = ratio(
        own,
        float(total.sum()),
        square,
        float(squares.sum()),
        square,
        n=whole(sums["n"].sum()),
    )
    return replace(part, n=n)


def _moments(row: Mapping[Any, Any]) -> Moments:
    powers = (float(row["_1"]), float(row["_2"]), float(row["_3"]))
    return Moments.of_sums(whole(row["n"]), powers, float(row["origin"]))
