"""What is recalled later against what was rated in the moment, by the days between."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.memory.rated import (
    absent,
    absent_there,
    goodness,
    rated_before,
    rated_there,
    scales_used,
)
from cxanalysis.memory.scores import answers_with, last_of, mean_of
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


def recollection_gap(study: Study, same_touchpoint: bool = False) -> pd.DataFrame:
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

    Parameters
    ----------
    same_touchpoint
        Compare what is asked about one touchpoint (the surveys' csat) with the last rating that
        the customer gave there, in place of the overall score and the mean of all ratings.
    """
    gap = _absent(study, same_touchpoint)
    if gap:
        return pd.DataFrame([dict.fromkeys(GAPS, np.nan) | {"n": 0, "customers": 0, "note": gap}])
    rows = _gaps(study, same_touchpoint)
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


def recollection_slope(study: Study, same_touchpoint: bool = False) -> pd.DataFrame:
    """The gap of `recollection_gap` over all answers, and how it changes per 30 days of lag.

    Returns
    -------
    DataFrame
        One row: gap with conf_low and conf_high, slope (per 30 days, a straight line) with
        slope_low, slope_high and p_value, low and high (ends of the scale that both are on),
        median_days, n (answers), customers, note.

    Parameters
    ----------
    same_touchpoint
        As in `recollection_gap`.
    """
    gap = _absent(study, same_touchpoint)
    row: dict[str, Any] = dict.fromkeys(SLOPE, np.nan) | {"n": 0, "customers": 0, "note": gap}
    if gap:
        return pd.DataFrame([row])
    rows = _gaps(study, same_touchpoint)
    customers, base = rows["customer_id"].nunique(), study.config.metrics.min_base
    low, high = _scale(study, _score(study, same_touchpoint))
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


def _gaps(study: Study, same_touchpoint: bool) -> pd.DataFrame:
    """Per answer with a rated touch: customer_id, days, later, rated and gap."""
    table = answers_with(rated_there(study) if same_touchpoint else rated_before(study), 1)
    score = _score(study, same_touchpoint)
    low, high = _scale(study, score)
    given = table.answers["score"].to_numpy(dtype=np.float64)
    later = low + (high - low) * goodness(given, scales_used(study, score)[0])
    rated = low + (high - low) * (last_of(table) if same_touchpoint else mean_of(table))
    latest = table.touches["occurred_at"].iloc[table.starts + table.sizes - 1]
    since = table.answers["responded_at"] - latest.reset_index(drop=True)
    return pd.DataFrame(
        {
            "customer_id": table.answers["customer_id"],
            "days": since.dt.total_seconds() / DAY_S,
            "later": later,
            "rated": rated,
            "gap": later - rated,
        }
    )


def _score(study: Study, same_touchpoint: bool) -> str:
    return "csat" if same_touchpoint else study.config.model.outcome


def _means(study: Study, rows: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    frame = study.engine.register(rows)
    names = ("gap", "later", "rated")
    return ratios(frame, cells, {name: Ratio(nw.lit(1), nw.col(name)) for name in names})


def _scale(study: Study, score: str) -> tuple[float, float]:
    """Ends of the scale that all scores share; 0 and 1 where they differ."""
    scales = scales_used(study, score)
    same = all(scale == scales[0] for scale in scales) and scales[0].higher_is_better
    return ends(scales[0]) if same else (0.0, 1.0)


def _absent(study: Study, same_touchpoint: bool) -> str:
    gap = absent_there(study) if same_touchpoint else absent(study)
    if gap:
        return gap
    try:
        scales_used(study, _score(study, same_touchpoint))
    except KeyError as unknown:
        return f"needs a scale of surveys.{unknown.args[0]}"
    return ""
