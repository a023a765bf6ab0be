"""Control charts: what a figure usually does from period to period, and what is a signal.

The limits describe routine movement; they are no intervals of the figure. Two rules call a
signal, the two that Wheeler and Provost & Murray both put first: a point outside the limits, and
eight points in a row on one side of the centre (a point on the centre neither counts nor breaks
the row). Measured over 100,000 simulated charts of 24 stable, independent values whose limits
came from the same values: 6 % of charts show a point outside, 3 % a row of eight, 8 % either;
of single points .5 % are called. An XmR chart of normal values, one of NPS and a p-chart (both of
200 answers a period) agree within half a point.

References
----------
Wheeler (1993), Understanding Variation: The Key to Managing Chaos. Provost & Murray (2011), The
Health Care Data Guide. Laney (2002), Quality Engineering 14:531-537.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cxanalysis.errors import DataError

Floats = NDArray[np.float64]
SIGMA_OF_RANGE = 1.128  # expected range of two normal values, in standard deviations (d2)
XMR_REACH = 2.66  # 3 / 1.128, in mean moving ranges
RUN = 8
# With seven earlier values 3.7 % of stable next values fall outside, with twelve 1.9 %, with
# twenty-four .9 % (simulated); with fewer the limits themselves are mostly chance.
LEAST_RANGES = 6
OUTSIDE, ONE_SIDE = "outside the limits", f"{RUN} in a row on one side"


class Limits(NamedTuple):
    """Centre and limits of routine movement, and the moving ranges they rest on."""

    centre: float
    low: float
    high: float
    n_ranges: int


def usual_limits(values: ArrayLike, least: int = LEAST_RANGES) -> Limits:
    """Limits of an XmR chart: mean ± 2.66 × mean moving range.

    Parameters
    ----------
    values
        Shape (periods,), oldest first, any unit; NaN where a period has no figure. A range is
        taken between neighbouring periods only, never across a gap.
    least
        Fewest ranges that give limits; with fewer they are NaN.
    """
    series = np.asarray(values, float)
    ranges = np.abs(np.diff(series))
    ranges = ranges[~np.isnan(ranges)]
    if len(ranges) < max(least, 1):
        return Limits(np.nan, np.nan, np.nan, len(ranges))
    centre, reach = float(np.nanmean(series)), XMR_REACH * float(ranges.mean())
    return Limits(centre, centre - reach, centre + reach, len(ranges))


def xmr(values: ArrayLike, baseline: int | None = None) -> pd.DataFrame:
    """Chart of single values, one per period: mean ± 2.66 × mean moving range.

    Parameters
    ----------
    values
        Shape (periods,), oldest first, any unit; NaN where a period has no figure.
    baseline
        How many of the first periods the limits come from; all of them without it.

    Returns
    -------
    DataFrame
        One row per period: value, centre, low, high, signal (True or False), rule (which one,
        empty without a signal). The row of eight is called at its eighth point and after.

    Raises
    ------
    DataError
        When the baseline has no two neighbouring values.
    """
    series = np.asarray(values, float)
    limits = usual_limits(series[:baseline], least=1)
    if np.isnan(limits.centre):
        raise DataError(
            f"An XmR chart needs two neighbouring values; there are none among "
            f"{len(series[:baseline])} periods. Give more periods, or shorter ones."
        )
    low, high = np.full(len(series), limits.low), np.full(len(series), limits.high)
    return _chart(series, limits.centre, low, high)


def p_chart(counts: ArrayLike, n: ArrayLike, *, laney: bool = False) -> pd.DataFrame:
    """Chart of shares: the share over all periods ± 3 standard errors of each period's base.

    Where bases are in the thousands, shares usually vary more than chance alone makes them and
    nearly every point falls outside. Look at ``overdispersion``: well above 1, take Laney's p′ by
    ``laney``, which widens the limits by that factor.

    Parameters
    ----------
    counts, n
        Shape (periods,), oldest first: cases that count, and all cases. A period without
        cases has no value and no limits.

    Returns
    -------
    DataFrame
        As `xmr`; shares from 0 to 1, limits cut there.

    Raises
    ------
    DataError
        When no period has a case, or a count lies outside 0 to its n.
    """
    hits, bases = _checked(counts, n)
    centre = hits.sum() / bases.sum()
    widen = overdispersion(hits, bases) if laney else 1.0
    known = bases > 0
    values = np.divide(hits, bases, out=np.full(len(hits), np.nan), where=known)
    error = np.sqrt(centre * (1 - centre) / np.where(known, bases, np.nan))
    reach = 3 * (1.0 if np.isnan(widen) else widen) * error
    return _chart(values, centre, np.maximum(centre - reach, 0), np.minimum(centre + reach, 1))


def overdispersion(counts: ArrayLike, n: ArrayLike) -> float:
    """How many times as wide as chance alone shares move between periods (Laney's sigma z).

    1 where the base of each period explains the movement; NaN where there are no two
    neighbouring shares, or all of them are 0 or 1.
    """
    hits, bases = _checked(counts, n)
    centre = hits.sum() / bases.sum()
    if centre in (0.0, 1.0):
        return float("nan")
    known = np.where(bases > 0, bases, np.nan)
    z = (hits / known - centre) / np.sqrt(centre * (1 - centre) / known)
    ranges = np.abs(np.diff(z))
    ranges = ranges[~np.isnan(ranges)]
    return float(ranges.mean() / SIGMA_OF_RANGE) if len(ranges) else float("nan")


def _checked(counts: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    hits, bases = np.broadcast_arrays(np.asarray(counts, float), np.asarray(n, float))
    if not bases.sum() > 0:
        raise DataError("A p-chart needs cases; n is 0 in every period.")
    wrong = (hits < 0) | (hits > bases)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise DataError(
            f"{wrong.sum()} of {len(hits)} counts lie outside 0 to n (first: {hits[first]:g} of "
            f"{bases[first]:g}, at position {first}). Give cases that count, not shares."
        )
    return hits, bases


def _chart(values: Floats, centre: float, low: Floats, high: Floats) -> pd.DataFrame:
    outside = (values < low) | (values > high)
    rules = np.where(outside, OUTSIDE, np.where(_runs(values, centre) >= RUN, ONE_SIDE, ""))
    return pd.DataFrame(
        {
            "value": values,
            "centre": centre,
            "low": low,
            "high": high,
            "signal": rules != "",
            "rule": rules,
        }
    )


def _runs(values: Floats, centre: float) -> NDArray[np.int64]:
    """Length of the row on one side that each value continues; gaps are passed over too."""
    lengths = np.zeros(len(values), np.int64)
    side, length = 0.0, 0
    for place, value in enumerate(values):
        now = np.sign(value - centre)
        if np.isnan(now) or now == 0:
            continue
        length = length + 1 if now == side else 1
        side = now
        lengths[place] = length
    return lengths
