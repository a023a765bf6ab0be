"""Compare two means of skewed amounts, such as what customers are worth."""

from __future__ import annotations

from dataclasses import dataclass
from math import cbrt, nan, sqrt

import scipy

from cxanalysis.metrics.intervals import CONF_LEVEL, Comparison, Interval


@dataclass(frozen=True)
class Moments:
    """How many amounts, their mean, and the mean square and mean cube of the deviations from it."""

    n: int
    mean: float
    square: float
    cube: float

    @classmethod
    def of_sums(cls, n: int, sums: tuple[float, float, float], origin: float = 0.0) -> Moments:
        """From the sums of the first three powers of the amounts less an origin near their mean."""
        if n == 0:
            return cls(0, nan, nan, nan)
        first, second, third = (total / n for total in sums)
        square = max(second - first**2, 0.0)
        return cls(n, origin + first, square, third - 3 * first * second + 2 * first**3)


def skewed_mean(amounts: Moments, level: float = CONF_LEVEL) -> Interval:
    """Limits of a mean, free of skewness as in `skewed_difference`."""
    if amounts.n < 2:
        return Interval(nan, nan)
    error = sqrt(amounts.square / (amounts.n - 1))
    if error == 0:
        return Interval(amounts.mean, amounts.mean)
    skew = amounts.cube / amounts.n**2 / error**3
    return _limits(amounts.mean, error, skew, amounts.n - 1, level)


def skewed_difference(first: Moments, second: Moments, level: float = CONF_LEVEL) -> Comparison:
    """Limits of the difference of two means, first − second, and its p-value, free of skewness.

    Welch's t is bent by Hall's cubic until its skewness is gone, and the limits are bent back; of
    amounts without skewness they are Welch's. Simulated with log-normal amounts (skewness 6),
    3,000 runs: 500 against 2,500 customers, 94 % of 95 % intervals hold the truth and miss it about
    as often above as below (2.5 and 3 %; Welch's 3.5 and 1.4 %); 30 against 300, 91 % of either.

    References
    ----------
    Hall (1992), Journal of the Royal Statistical Society B 54:221-228; Zhou & Dinh (2005),
    Biostatistics 6:187-200 (two samples).
    """
    if min(first.n, second.n) < 2:
        return Comparison(nan, nan, nan)
    errors = [each.square / (each.n - 1) for each in (first, second)]
    error = sqrt(sum(errors))
    difference = first.mean - second.mean
    if error == 0:  # every amount alike
        return Comparison(difference, difference, 1.0 if difference == 0 else 0.0)
    freedom = error**4 / sum(
        one**2 / (each.n - 1) for one, each in zip(errors, (first, second), strict=True)
    )
    skew = (first.cube / first.n**2 - second.cube / second.n**2) / error**3
    low, high = _limits(difference, error, skew, freedom, level)
    p_value = 2 * float(scipy.stats.t.sf(abs(_bent(difference / error, skew)), freedom))
    return Comparison(low, high, p_value)


def _limits(value: float, error: float, skew: float, freedom: float, level: float) -> Interval:
    reach = float(scipy.stats.t.ppf((1 + level) / 2, freedom))
    low, high = (value - error * _unbent(end, skew) for end in (reach, -reach))
    return Interval(low, high)


def _bent(t: float, skew: float) -> float:
    return t + skew / 3 * t**2 + skew**2 / 27 * t**3 + skew / 6


def _unbent(y: float, skew: float) -> float:
    """Which t is bent to ``y``."""
    if abs(skew) < 1e-9:
        return y
    return 3 / skew * (cbrt(1 + skew * (y - skew / 6)) - 1)
