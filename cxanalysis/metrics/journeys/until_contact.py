"""How soon a contact follows a low rating, and how soon another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import scipy

from cxanalysis.metrics.journeys.followed import follow_gap, rated_frame
from cxanalysis.metrics.journeys.linearised import (
    Integers,
    Waiting,
    clustered_error,
    reach,
    share_interval,
)
from cxanalysis.metrics.rows import DAY_US
from cxanalysis.metrics.scales import scale_of, worst_boxes
from cxanalysis.study import Study

LOW, OTHER, DIFFERENCE = "low", "other", "difference"
TIMES = ("rating", "days", "n", "customers", "share", "conf_low", "conf_high", "p_value", "note")


def time_to_contact(study: Study, days: Sequence[float] = (7, 14, 30)) -> pd.DataFrame:
    """Share of touches followed by a contact so many days later, by low and other ratings.

    Low are the two worst answers of a scale of five or more points, the worst one of a shorter.
    Touches whose customer had made no contact when the data end count as waiting until then
    (Kaplan–Meier), so none is left out for being young; after more days than ``min_base`` of them
    are old there is no figure. Intervals, and that of the difference, allow for touches of one
    customer going together; a log-rank test would not.

    Parameters
    ----------
    days
        After how many days to look.

    Returns
    -------
    DataFrame
        rating ("low", "other", or "difference" of the two), days, n (touches), customers, share
        with conf_low and conf_high, p_value (of the difference), note. No rows where ratings or
        contacts are lacking.
    """
    if follow_gap(study):
        return pd.DataFrame(columns=list(TIMES))
    frame = rated_frame(study)
    frame = frame[frame["left_us"] > 0]
    customers, wait = pd.factorize(frame["customer_id"])[0], frame["wait_us"].to_numpy(float)
    first, last = worst_boxes(scale_of(study, "journeys", "rating"))
    low = frame["rating"].between(first, last).to_numpy()
    old, met = frame["left_us"].to_numpy(float) / DAY_US, ~np.isnan(wait)
    times = np.where(met, wait / DAY_US, old)
    base = study.config.metrics.min_base
    sides = {LOW: low, OTHER: ~low}
    curves = {name: Waiting(times[side], met[side]) for name, side in sides.items() if side.any()}
    rows: list[dict[str, Any]] = []
    for name, side in sides.items():
        for day in days:
            rows.append({"rating": name, "days": day, **_point(curves, name, side, customers, day)})
    for day in days:
        difference = _difference(curves, sides, customers, day)
        rows.append({"rating": DIFFERENCE, "days": day, **difference})
    table = pd.DataFrame(rows, columns=list(TIMES))
    followed = {name: _followed(old[side], days) for name, side in sides.items()}
    followed[DIFFERENCE] = np.minimum(followed[LOW], followed[OTHER])
    few = np.concatenate([followed[name] for name in (LOW, OTHER, DIFFERENCE)]) < base
    table.loc[few, ["share", "conf_low", "conf_high", "p_value"]] = np.nan
    table["note"] = np.where(few, f"withheld: fewer than {base} are that old", "")
    return table


def low_rating(study: Study) -> nw.Expr:
    """Whether a rating is among the worst answers of its scale."""
    first, last = worst_boxes(scale_of(study, "journeys", "rating"))
    return ((nw.col("rating") >= first) & (nw.col("rating") <= last)).fill_null(False)


def _followed(old: Any, days: Sequence[float]) -> Any:
    """How many touches are old enough for contacts to be known for so many days after."""
    return len(old) - np.searchsorted(np.sort(old), np.asarray(days, float), side="left")


def _point(
    curves: dict[str, Waiting], name: str, side: Any, customers: Integers, day: float
) -> dict[str, Any]:
    own = customers[side]
    found = {"n": len(own), "customers": len(np.unique(own))}
    if name not in curves:
        return found
    reached = curves[name].by(day)
    error = clustered_error(reached.influence, own)
    low, high = share_interval(reached.share, error, found["customers"])
    return found | {"share": reached.share, "conf_low": low, "conf_high": high}


def _difference(
    curves: dict[str, Waiting], sides: dict[str, Any], customers: Integers, day: float
) -> dict[str, Any]:
    """Low less other, with an error that counts a customer on both sides once."""
    found: dict[str, Any] = {"n": len(customers), "customers": len(np.unique(customers))}
    if len(curves) < 2:
        return found
    influence = np.zeros(len(customers))
    reached = {name: curves[name].by(day) for name in curves}
    influence[sides[LOW]] = reached[LOW].influence
    influence[sides[OTHER]] = -reached[OTHER].influence
    value = reached[LOW].share - reached[OTHER].share
    error, clusters = clustered_error(influence, customers), found["customers"]
    half = reach(clusters) * error
    p_value = 2 * float(scipy.stats.t.sf(abs(value) / error, clusters - 1)) if error else np.nan
    return found | {
        "share": value,
        "conf_low": max(value - half, -1.0),
        "conf_high": min(value + half, 1.0),
        "p_value": p_value,
    }
