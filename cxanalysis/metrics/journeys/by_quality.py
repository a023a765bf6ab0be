"""Contacts of customers whose journeys went better or worse so far."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.intervals import wilson
from cxanalysis.metrics.journeys.followed import DAYS, follow_gap, not_service, watched
from cxanalysis.metrics.rows import DAY_US, counted, of_segment, refuse_days
from cxanalysis.metrics.scales import scale_of
from cxanalysis.study import Study

TENTHS = 10
COLUMNS = ("part", "parts", "from_rating", "to_rating", "n", "share", "conf_low", "conf_high")


def contact_by_quality(study: Study, days: int = DAYS) -> pd.DataFrame:
    """Which customers made contact in the last ``days`` of the period, by their ratings before.

    Customers are those with a rating in the lookback window before these days; the mean of
    their ratings there puts them in tenths, or in fewer parts where a tenth would be less than
    ``min_base``. Equal means stay together, so parts are not all of one size.

    Parameters
    ----------
    days
        How many days before the end of the period, or of the contacts known, are looked at.

    Returns
    -------
    DataFrame
        part (1 is the worst), parts, from_rating and to_rating (worst and best mean in it), n
        (customers), share (that made contact) with conf_low and conf_high. No rows where ratings
        or contacts are lacking, or customers too few for two parts.
    """
    refuse_days(days)
    empty = pd.DataFrame(columns=list(COLUMNS))
    if follow_gap(study):
        return empty
    customers = _customers(study, days)
    parts = min(TENTHS, len(customers) // max(study.config.metrics.min_base, 1))
    if parts < 2:
        return empty
    better = 1 if scale_of(study, "journeys", "rating").higher_is_better else -1
    part = _parts(better * customers["mean"].to_numpy(float), parts)
    table = customers.groupby(part).agg(
        low=("mean", "min"), high=("mean", "max"), n=("mean", "size"), met=("met", "sum")
    )
    limits = wilson(table["met"], table["n"])
    ends = [table["low"], table["high"]][::better]
    found = pd.DataFrame(
        {
            "part": np.arange(1, len(table) + 1),
            "parts": len(table),
            "from_rating": ends[0].to_numpy(),
            "to_rating": ends[1].to_numpy(),
            "n": table["n"].to_numpy(),
            "share": (table["met"] / table["n"]).to_numpy(),
            "conf_low": limits.low,
            "conf_high": limits.high,
        }
    )
    return found[found["n"] >= study.config.metrics.min_base].reset_index(drop=True)


def _customers(study: Study, days: int) -> pd.DataFrame:
    """Customers with a rating before the last days: its mean, and whether they made contact."""
    seen = watched(study)
    end = seen.last_us if study.period is None else min(study.period.end_us, seen.last_us)
    start = end - days * DAY_US
    at, opened = nw.col("occurred_at"), nw.col("opened_at")
    since = start - study.config.model.lookback_days * DAY_US
    rows = of_segment(study, "journeys", study.tables["journeys"])
    rows = not_service(study, rows.filter(~nw.col("rating").is_null()))
    rated = (
        rows.filter((at >= since) & (at < start))
        .group_by("customer_id")
        .agg(mean=nw.col("rating").cast(nw.Float64).mean())
    )
    contacts = customer_contacts(study).filter((opened >= start) & (opened <= end))
    made = contacts.select("customer_id", _made=nw.lit(1)).unique()
    joined: Any = rated.join(made, on="customer_id", how="left")
    return collect(joined.select("mean", met=counted(~nw.col("_made").is_null())))


def _parts(values: NDArray[np.float64], parts: int) -> NDArray[np.intp]:
    """Number of the part each value is in, lowest first; equal values are in one part."""
    middle = pd.Series(values).rank(method="average").to_numpy() - 0.5
    place = np.floor(middle / len(values) * parts).astype(np.intp)
    found: NDArray[np.intp] = np.unique(place, return_inverse=True)[1]
    return found
