"""Contacts in bins of time, and each bin against the first: where a curve turns, if it does.

Bins are cut from the times alone, never from what is measured in them, at lengths that people
use (30 seconds, 5 minutes, a day). The customer is the unit that was sampled, as in
`cxanalysis.metrics.journeys.clusters`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

import narwhals as nw
import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.metrics.intervals import CONF_LEVEL, Interval, p_of_interval
from cxanalysis.metrics.journeys.clusters import (
    CUSTOMER,
    Ratio,
    all_covariances,
    mean_limits,
    ratios,
    share_limits,
)
from cxanalysis.metrics.rows import counted
from cxanalysis.study import Study

Floats = NDArray[np.float64]
GROUP, BIN, TIME = "_cell", "_bin", "_time"
MOST_BINS = 6
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LADDER = (
    *(5.0, 10.0, 15.0, 20.0, 30.0, 45.0),
    *(MINUTE * m for m in (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 45)),
    *(HOUR * h for h in (1, 1.5, 2, 3, 4, 6, 8, 12, 18)),
    *(DAY * d for d in (1, 1.5, 2, 3, 5, 7, 10, 14, 21, 30)),
)
"""Lengths, in seconds, at which bins may be cut."""
SHARES = (
    *("dissatisfied", "satisfied", "resolved_first"),
    *("first_contact_resolution", "abandonment", "contact_csat", "failure_demand"),
    *("sla_met", "reopened"),
)
"""Measures that are shares; the others are means."""
BINNED = ("time_from", "time_to", "n", "customers", "value", "conf_low", "conf_high")
AGAINST_FIRST = ("difference", "difference_low", "difference_high", "p_value")


def cuts(times: Floats, least: int, most: int = MOST_BINS) -> Floats:
    """Where to cut times into at most ``most`` bins of at least ``least`` each.

    Parameters
    ----------
    times
        Seconds, shape (n,).

    Returns
    -------
    ndarray
        Rising cuts from `LADDER`, each the first time of the bin after it; none where two bins
        of that size cannot be had. Equal times are never parted.
    """
    size = max(least, ceil(len(times) / most), 1)
    below = np.searchsorted(np.sort(times), LADDER)
    found: list[float] = []
    before = 0
    for cut, count in zip(LADDER, below, strict=True):
        if count - before >= size and len(times) - count >= least:
            found.append(cut)
            before = int(count)
    return np.array(found)


def cut_by_group(rows: pd.DataFrame, least: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows with the bin of each, and the bins themselves, cut anew in every group.

    Parameters
    ----------
    rows
        With columns `GROUP` and `TIME` (seconds).

    Returns
    -------
    tuple
        The rows with a column `BIN`, from 0; and a frame by `GROUP` and `BIN` with time_from and
        time_to in seconds, the last bin of a group ending at infinity.
    """
    bins = np.zeros(len(rows), dtype=np.int64)
    edges = []
    for group, places in rows.groupby(GROUP, sort=True).indices.items():
        times = rows[TIME].to_numpy(float)[places]
        limits = cuts(times, least)
        bins[places] = np.searchsorted(limits, times, side="right")
        ends = [0.0, *limits, np.inf]
        edges += [(group, i, ends[i], ends[i + 1]) for i in range(len(ends) - 1)]
    table = pd.DataFrame(edges, columns=[GROUP, BIN, "time_from", "time_to"])
    return rows.assign(**{BIN: bins}), table.set_index([GROUP, BIN])


def figures_by_bin(
    study: Study, rows: pd.DataFrame, edges: pd.DataFrame, measures: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Mean or share of every measure in every bin, and each bin's first one against it.

    Parameters
    ----------
    rows
        With `GROUP`, `BIN`, customer_id and a column per measure, NaN where it does not count.
    edges
        The bins, as `cut_by_group` gives them.

    Returns
    -------
    dict
        By measure, a frame indexed like ``edges`` with the columns `BINNED`, then
        `AGAINST_FIRST`: the bin minus the first of its group, with its 95 % interval and
        p-value. Figures of fewer than ``min_base`` cases are withheld.
    """
    frame = study.engine.register(own_unit(rows)[[GROUP, BIN, CUSTOMER, *measures]])
    wanted = {name: measure_of(name) for name in measures}
    table = ratios(frame, [GROUP, BIN], wanted).reindex(edges.index)
    base = max(study.config.metrics.min_base, 2)
    parts, shown = {}, {}
    for name in measures:
        part = pd.DataFrame(
            {each: table[f"{name}_{each}"] for each in ("mean", "variance", "n", "customers")}
        )
        part[["n", "customers"]] = part[["n", "customers"]].fillna(0).astype("int64")
        parts[name], shown[name] = part, part[(part["n"] >= base) & (part["customers"] > 1)]
    spreads = all_covariances(frame, [GROUP, BIN], wanted, shown)
    return {
        name: _compared(edges, parts[name], shown[name], spreads[name], share=name in SHARES)
        for name in measures
    }


def first_clear(p_adjusted: Sequence[float], differences: Sequence[float], sign: int = 0) -> int:
    """Place of the first bin that is told apart from bin 0; 0 where none is.

    Parameters
    ----------
    sign
        +1 for bins above the first only, −1 for those below, 0 for either.
    """
    for place, (p, gap) in enumerate(zip(p_adjusted, differences, strict=True)):
        if p < 1 - CONF_LEVEL and gap * sign >= 0:
            return place
    return 0


def own_unit(rows: pd.DataFrame) -> pd.DataFrame:
    """A contact without customer number is a customer of its own."""
    known = rows[CUSTOMER] if CUSTOMER in rows else pd.Series(None, rows.index, dtype=object)
    alone = pd.Series([f"\0{place}" for place in range(len(rows))], rows.index)
    return rows.assign(**{CUSTOMER: known.astype(object).where(known.notna(), alone)})


def measure_of(name: str) -> Ratio:
    """The mean of a column over the rows where it is known."""
    value = nw.col(name)
    known = ~(value.is_null() | value.is_nan())
    return Ratio(counted(known), nw.when(known).then(value).otherwise(nw.lit(0.0)))


def _compared(
    edges: pd.DataFrame, every: pd.DataFrame, shown: pd.DataFrame, matrix: Floats, *, share: bool
) -> pd.DataFrame:
    """The figures of all bins, and those shown against the first of their group."""
    table = edges.join(every[["n", "customers"]])
    parts = (shown[each].to_numpy(float) for each in ("mean", "variance", "n", "customers"))
    mean, variance, n, customers = parts
    limits = share_limits(mean, variance, n, customers) if share else None
    low, high = limits if limits is not None else mean_limits(mean, variance, customers)
    columns: Mapping[str, Floats] = {"value": mean, "conf_low": low, "conf_high": high}
    for name, values in columns.items():
        table[name] = pd.Series(values, shown.index)
    table[list(AGAINST_FIRST)] = np.nan
    first = {group: place for place, (group, number) in enumerate(shown.index) if number == 0}
    for place, key in enumerate(shown.index):
        start = first.get(key[0], place)
        if start == place:
            continue
        pair = np.array([place, start])
        spread = matrix[np.ix_(pair, pair)]
        if share:
            gap = limits_gap(mean[pair], np.asarray(low)[pair], np.asarray(high)[pair], spread)
        else:
            gap = _mean_gap(mean[pair], customers[pair], spread)
        table.loc[[key], list(AGAINST_FIRST)] = gap
    return table[[*BINNED, *AGAINST_FIRST]]


def limits_gap(value: Floats, low: Floats, high: Floats, spread: Floats) -> tuple[float, ...]:
    """Difference, first less second, from the limits of two figures, customers in both allowed for.

    Newcombe (1998), Statistics in Medicine 17:2635-2650 (paired shares), with the correlation
    that the customers in both make; ``spread`` is the covariance matrix, on any scale.
    """
    scale = np.sqrt(spread[0, 0] * spread[1, 1])
    together = spread[0, 1] / scale if scale > 0 else 0.0
    gap = float(value[0] - value[1])
    down = _joined(value[0] - low[0], high[1] - value[1], together)
    up = _joined(high[0] - value[0], value[1] - low[1], together)
    limits = Interval(gap - down, gap + up)
    return gap, *limits, p_of_interval(gap, *limits)


def _joined(first: float, second: float, together: float) -> float:
    return float(np.sqrt(max(first**2 + second**2 - 2 * together * first * second, 0.0)))


def _mean_gap(mean: Floats, customers: Floats, spread: Floats) -> tuple[float, ...]:
    """Difference of two means by Student's t, on the customers of the smaller bin less one."""
    gap = float(mean[0] - mean[1])
    error = float(np.sqrt(max(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1], 0.0)))
    freedom = float(customers.min()) - 1
    reach = float(scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, freedom)) * error
    if error == 0:
        return gap, gap, gap, 1.0 if gap == 0 else 0.0
    return gap, gap - reach, gap + reach, 2 * float(scipy.stats.t.sf(abs(gap) / error, freedom))
