"""Intervals of shares, NPS, means and medians, and of the difference of two of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

CONF_LEVEL = 0.95
# Rocks (2016): three imaginary answers, ¾ of them promoters and ¾ detractors.
NPS_EXTRA_ANSWERS = 3.0
NPS_EXTRA_SHARE = 0.75


class Interval(NamedTuple):
    """Both limits; NaN where there is nothing to make an interval from."""

    low: Any
    high: Any


def normal_quantile(level: float = CONF_LEVEL) -> float:
    """How many standard errors a two-sided interval reaches to each side."""
    return float(stats.norm.ppf((1 + level) / 2))


def wilson(count: ArrayLike, n: ArrayLike, level: float = CONF_LEVEL) -> Interval:
    """Wilson's score interval of ``count`` in ``n``; numbers or arrays of one shape.

    References
    ----------
    Wilson (1927); Newcombe (1998), Statistics in Medicine 17:857-872, method 3.
    """
    from statsmodels.stats.proportion import proportion_confint

    counts, bases = np.broadcast_arrays(np.asarray(count, float), np.asarray(n, float))
    known = bases > 0
    safe = np.where(known, bases, 1.0)
    low, high = proportion_confint(
        np.where(known, counts, 0.0), safe, alpha=1 - level, method="wilson"
    )
    return Interval(_plain(np.where(known, low, np.nan)), _plain(np.where(known, high, np.nan)))


def difference_interval(
    value_1: float, interval_1: Interval, value_2: float, interval_2: Interval
) -> Interval:
    """Interval of ``value_1 − value_2`` from the intervals of two independent figures.

    Each limit joins the two distances that matter for it. With Wilson intervals this is
    Newcombe's method 10; it serves medians too.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890, method 10; Zou & Donner (2008),
    Statistics in Medicine 27:1693-1702.
    """
    difference = value_1 - value_2
    low = difference - np.hypot(value_1 - interval_1.low, interval_2.high - value_2)
    high = difference + np.hypot(interval_1.high - value_1, value_2 - interval_2.low)
    return Interval(float(low), float(high))


def nps_interval(
    promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike, level: float = CONF_LEVEL
) -> Interval:
    """Adjusted Wald interval of the Net Promoter Score, as a fraction (−1 to 1).

    Not cut at ±1: with few answers a limit may lie outside.

    References
    ----------
    Rocks (2016), The American Statistician 70:365-372.
    """
    total = np.asarray(n, float) + NPS_EXTRA_ANSWERS
    p = (np.asarray(promoters, float) + NPS_EXTRA_SHARE) / total
    d = (np.asarray(detractors, float) + NPS_EXTRA_SHARE) / total
    reach = normal_quantile(level) * np.sqrt((p + d - (p - d) ** 2) / total)
    known = np.asarray(n, float) > 0
    low, high = p - d - reach, p - d + reach
    return Interval(_plain(np.where(known, low, np.nan)), _plain(np.where(known, high, np.nan)))


def mean_interval(mean: float, std: float, n: float, level: float = CONF_LEVEL) -> Interval:
    """Student's t interval of a mean from its standard deviation (n − 1 in the denominator)."""
    if not n > 1:
        return Interval(np.nan, np.nan)
    reach = float(stats.t.ppf((1 + level) / 2, n - 1)) * std / float(np.sqrt(n))
    return Interval(mean - reach, mean + reach)


def median_interval(
    durations: NDArray[np.float64], ended: NDArray[np.bool_], level: float = CONF_LEVEL
) -> tuple[float, Interval]:
    """Median duration where some have not ended yet (Kaplan–Meier), and its interval.

    Parameters
    ----------
    durations
        Time until the end, or until the last look where it has not ended; any unit.
    ended
        Whether the end was seen, one per duration.

    Returns
    -------
    tuple
        The first duration by which more than half had ended, and its limits; NaN for each
        that is not reached.

    References
    ----------
    Brookmeyer & Crowley (1982), Biometrics 38:29-41, on the complementary log-log scale.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    if not ended.any():
        return np.nan, Interval(np.nan, np.nan)
    curve = SurvfuncRight(durations, ended)
    with np.errstate(divide="ignore", invalid="ignore"):  # log(0) at the ends of the curve
        low, high = curve.quantile_ci(0.5, alpha=1 - level)
    median = float(curve.quantile(0.5))
    return median, Interval(_finite(low), _finite(high))


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else np.nan


def _plain(values: NDArray[np.float64]) -> Any:
    """A float for a single figure, the array itself for several."""
    return float(values) if values.ndim == 0 else values
