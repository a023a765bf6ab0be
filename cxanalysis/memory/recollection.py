"""What is recalled later against what was rated in the moment, by the days between."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.memory.rated import absent, goodness, group_starts, rated_before, scales_used
from cxanalysis.memory.slopes import first_slope
from cxanalysis.metrics.journeys.clusters import Ratio, mean_limits, ratios
from cxanalysis.metrics.scales import ends
from cxanalysis.study import Study

EDGES = (0, 7, 14, 28, 56)  # days; each lag runs from one to the next, the last is open
PER_DAYS = 30  # the slope is per so many days
DAY_S = 86_400
GAPS = (
    "from_days", "to_days", "gap", "conf_low", "conf_high", "later", "rated", "n", "customers",
    "note",
)  # fmt: skip
SLOPE = (
    "gap", "conf_low", "conf_high", "slope", "slope_low", "slope_high", "p_value", "low", "high",
    "median_days", "n", "customers", "note",
)  # fmt: skip


def recollection_gap(study: Study) -> pd.DataFrame:
    """The later overall score less the mean rating in the moment, by days since the last touch.

    Answers of the study's period with a rated touch in the window before count. Both are on the
    scale of the answers where all scores have the same one, otherwise from 0 to 1. Days are
    those between the last rated touch and the answer; nobody deals them by chance, so a gap that
    grows with them may also be one between kinds of customers.

    Returns
    -------
    DataFrame
        from_days, to_days (infinite for the last), gap with conf_low and conf_high (the customer
        as the unit), later and rated (means of both scores), n (answers), customers, note.
        Lags without an answer have a row without figures.
    """
    gap = absent(study) or _unscaled(study)
    if gap:
        return pd.DataFrame([dict.fromkeys(GAPS, np.nan) | {"n": 0, "customers": 0, "note": gap}])
    rows = _gaps(study)
    rows["place"] = np.searchsorted(EDGES, rows["days"], side="right") - 1
    table = _means(study, rows, ["place"]).reindex(range(len(EDGES)))
    low, high = mean_limits(
        table["gap_mean"], table["gap_variance"], table["gap_customers"].fillna(0)
    )
    customers = table["gap_customers"].fillna(0).astype(np.int64)
    enough = (customers >= study.config.metrics.min_base).to_numpy()
    shown = {
        "gap": table["gap_mean"], "conf_low": low, "conf_high": high,
        "later": table["later_mean"], "rated": table["rated_mean"],
    }  # fmt: skip
    found = pd.DataFrame(shown)
    found.loc[~enough] = np.nan
    found.insert(0, "from_days", [float(edge) for edge in EDGES])
    found.insert(1, "to_days", [*(float(edge) for edge in EDGES[1:]), np.inf])
    withheld = f"withheld: fewer than {study.config.metrics.min_base}"
    notes = np.where(enough, "", np.where(customers > 0, withheld, "nothing to count"))
    return found.assign(
        n=table["gap_n"].fillna(0).astype(np.int64), customers=customers, note=notes
    ).reset_index(drop=True)[list(GAPS)]


def recollection_slope(study: Study) -> pd.DataFrame:
    """The gap of `recollection_gap` over all answers, and how it changes per 30 days of lag.

    Returns
    -------
    DataFrame
        One row: gap with conf_low and conf_high, slope (per 30 days, a straight line) with
        slope_low, slope_high and p_value, low and high (ends of the scale that both are on),
        median_days, n (answers), customers, note.
    """
    gap = absent(study) or _unscaled(study)
    row: dict[str, Any] = dict.fromkeys(SLOPE, np.nan) | {"n": 0, "customers": 0, "note": gap}
    if gap:
        return pd.DataFrame([row])
    rows = _gaps(study)
    customers, base = rows["customer_id"].nunique(), study.config.metrics.min_base
    low, high = _scale(study)
    row |= {"n": len(rows), "customers": customers, "low": low, "high": high}
    if customers < base:
        return pd.DataFrame([row | {"note": f"withheld: fewer than {base} customers"}])
    table = _means(study, rows.assign(place=0), ["place"]).iloc[0]
    limits = mean_limits(table["gap_mean"], table["gap_variance"], customers)
    slope = first_slope(
        rows[["days"]].to_numpy() / PER_DAYS, rows["gap"].to_numpy(), rows["customer_id"]
    )
    row |= dict(zip(SLOPE[3:7], slope, strict=True))
    row |= {"gap": table["gap_mean"], "conf_low": float(limits.low)}
    row |= {"conf_high": float(limits.high), "median_days": float(rows["days"].median())}
    return pd.DataFrame([row])


def _gaps(study: Study) -> pd.DataFrame:
    """Per answer with a rated touch: customer_id, days, later, rated and gap."""
    rows = rated_before(study)
    rows = rows[rows["rating"].notna()].reset_index(drop=True)
    starts = group_starts(rows["response_id"])
    sizes = np.diff(starts, append=len(rows))
    ends_at = starts + sizes - 1
    low, high = _scale(study)
    outcome = scales_used(study)[0]
    since = rows["responded_at"] - rows["occurred_at"]
    total = np.add.reduceat(rows["rating"].to_numpy(), starts) if len(rows) else np.empty(0)
    later = low + (high - low) * goodness(rows["score"].to_numpy()[starts], outcome)
    rated = low + (high - low) * total / sizes
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"].to_numpy()[starts],
            "days": since.dt.total_seconds().to_numpy()[ends_at] / DAY_S,
            "later": later,
            "rated": rated,
            "gap": later - rated,
        }
    )


def _means(study: Study, rows: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    frame = study.engine.register(rows)
    names = ("gap", "later", "rated")
    return ratios(frame, cells, {name: Ratio(nw.lit(1), nw.col(name)) for name in names})


def _scale(study: Study) -> tuple[float, float]:
    """Ends of the scale that all scores share; 0 and 1 where they differ."""
    scales = scales_used(study)
    same = all(scale == scales[0] for scale in scales) and scales[0].higher_is_better
    return ends(scales[0]) if same else (0.0, 1.0)


def _unscaled(study: Study) -> str:
    try:
        scales_used(study)
    except KeyError as unknown:
        return f"needs a scale of surveys.{unknown.args[0]}"
    return ""
