"""What was planned, expected or possible, beside what happened: visits, time, price, load."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan, sqrt
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.metrics.figures import Definition, Figure, mean, notes, tidy, tidy_row
from cxanalysis.metrics.intervals import mean_interval
from cxanalysis.metrics.rows import during, grouped, lacking, of_segment, totals, whole
from cxanalysis.study import Study

Totals = Mapping[Any, Any]
PLANS = (
    Definition(
        "rework_ratio",
        "Taken against planned",
        "ratio",
        "sum of what it took ÷ sum of what was planned, in visits or parts; 1 is as planned",
        ("actual_quantity", "planned_quantity"),
    ),
    Definition(
        "time_ratio",
        "Time against the possible",
        "ratio",
        "sum of the time it took the customer ÷ sum of the time it takes at best",
        ("taken_seconds", "possible_seconds"),
    ),
    Definition(
        "price_ratio",
        "Price against expectation",
        "ratio",
        "sum of money value ÷ sum of what the customer expected to pay",
        ("value", "expected_value"),
    ),
    Definition(
        "staff_load",
        "Customers per member of staff",
        "score",
        "mean, over events, of the customers or tables that each member of staff had",
        ("staff_load",),
    ),
)


def plan_metrics(
    study: Study, by: str | None = None, only: tuple[str, ...] | None = None
) -> pd.DataFrame:
    """What events took beside what was planned, expected or possible, by ``occurred_at``.

    A ratio is of sums, not a mean of ratios, over events that have both figures; what was
    planned may be 0 for an event that should not have been needed. Its interval is that of the
    ratio estimator, over events.

    Parameters
    ----------
    by
        A column of the journeys, or of the customers, to give the figures for each of its
        values.
    only
        Names of the metrics wanted; all four without it.

    Returns
    -------
    DataFrame
        As `service_metrics`: rework_ratio, time_ratio, price_ratio and staff_load.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.

    References
    ----------
    Cochran (1977), Sampling Techniques, section 2.11, for the error of a ratio.
    """
    min_base = study.config.metrics.min_base
    wanted = [each for each in PLANS if only is None or each.metric in only]
    gap = lacking(study, "journeys")
    if gap is not None:
        return tidy(tidy_row(each, Figure(note=gap), min_base) for each in wanted)
    events = of_segment(study, "journeys", study.tables["journeys"])
    events = events.filter(during(study, "occurred_at"))
    events = grouped(study, "journeys", events, by).with_columns(**_columns(study, wanted))
    rows = []
    for group, sums in totals(events, _aggregates(study, wanted)).to_dict("index").items():
        for each in wanted:
            row = tidy_row(each, _figure(study, each, sums), min_base)
            rows.append(({by: group} if by else {}) | row)
    return tidy(rows, by)


def _columns(study: Study, wanted: list[Definition]) -> dict[str, nw.Expr]:
    """Both figures of every event that has both, as float columns."""
    columns = {"_one": nw.lit(1)}  # there is nothing to add where all columns are absent
    for each in wanted:
        if study.has("journeys", *each.needs):
            parts = [nw.col(name).cast(nw.Float64) for name in each.needs]
            both = ~nw.any_horizontal(*[part.is_null() for part in parts], ignore_nulls=False)
            columns |= {
                f"_{each.metric}_{place}": nw.when(both).then(part)
                for place, part in enumerate(parts)
            }
    return columns


def _aggregates(study: Study, wanted: list[Definition]) -> dict[str, nw.Expr]:
    sums: dict[str, nw.Expr] = {"_rows": nw.len()}
    for each in wanted:
        if not study.has("journeys", *each.needs):
            continue
        name = f"_{each.metric}"
        x = nw.col(f"{name}_0")
        sums |= {f"{name}_n": x.count(), f"{name}_x": x.sum(), f"{name}_xx": (x * x).sum()}
        if len(each.needs) > 1:
            y = nw.col(f"{name}_1")
            sums |= {
                f"{name}_y": y.sum(),
                f"{name}_xy": (x * y).sum(),
                f"{name}_yy": (y * y).sum(),
            }
        else:
            sums |= {f"{name}_mean": x.mean(), f"{name}_std": x.std()}
    return sums


def _figure(study: Study, definition: Definition, sums: Totals) -> Figure:
    absent = [name for name in definition.needs if not study.has("journeys", name)]
    if absent:
        return Figure(note=f"needs journeys.{absent[0]}")
    name = f"_{definition.metric}"
    n = whole(sums[f"{name}_n"])
    if len(definition.needs) == 1:
        return mean(float(sums[f"{name}_mean"]), float(sums[f"{name}_std"]), n)
    parts = [float(sums[f"{name}_{part}"]) for part in ("x", "y", "xx", "xy", "yy")]
    return _ratio(n, *parts)


def _ratio(n: int, x: float, y: float, xx: float, xy: float, yy: float) -> Figure:
    """``x ÷ y`` of sums over ``n`` events, with the interval of a ratio estimator."""
    if n == 0:
        return Figure(note="nothing to count")
    if y == 0:
        return Figure(n=n, note=notes("nothing was planned or expected, so there is no ratio"))
    ratio = x / y
    squares = max(xx - 2 * ratio * xy + ratio**2 * yy, 0.0)
    std = sqrt(squares / (n - 1)) if n > 1 else nan
    low, high = mean_interval(ratio, std / abs(y / n), n)
    return Figure(ratio, low, high, n, f"{x:,.10g} for {y:,.10g}")
