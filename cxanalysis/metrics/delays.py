"""How long after the promised moment: curves and quantiles with open promises censored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxanalysis.metrics.intervals import Interval, median_interval, normal_quantile

Floats = NDArray[np.float64]
OPEN, FULFILLED, CANCELLED = 0, 1, 2
"""How the waiting for a promise stands, or how it ended."""


@dataclass(frozen=True)
class DelayCurve:
    """Share fulfilled by so long after the promised moment, with pointwise limits.

    All arrays have one shape: ``times`` rise from 0, the others are shares from 0 to 1 that
    hold from that time on; limits are NaN where the share is 0 or 1.
    """

    times: Floats
    fulfilled: Floats
    low: Floats
    high: Floats

    def at(self, times: Floats) -> tuple[Floats, Floats, Floats]:
        """Share and limits at other times; 0 before the first."""
        place = np.searchsorted(self.times, times, side="right") - 1
        known = place >= 0
        share, low, high = (
            np.where(known, part[place], 0.0) for part in (self.fulfilled, self.low, self.high)
        )
        return share, low, high


def delay_curve(late: Floats, states: NDArray[np.int64]) -> DelayCurve:
    """Share of promises fulfilled by so long after the promised moment.

    Open promises are censored (Kaplan–Meier). Where some were called off, calling off is an
    ending of its own (Aalen–Johansen): leaving those promises out would count them as if they
    would still be fulfilled.

    Parameters
    ----------
    late
        Time from the promised moment to the end of the waiting, or to the last look at an open
        promise; any unit, 0 for what was kept.
    states
        `OPEN`, `FULFILLED` or `CANCELLED`, one per promise.

    References
    ----------
    Kaplan & Meier (1958), JASA 53:457-481; Aalen & Johansen (1978), Scandinavian Journal of
    Statistics 5:141-150. Limits on the complementary log-log scale.
    """
    if not (states == FULFILLED).any():
        zero = np.zeros(1)
        return DelayCurve(zero, zero, np.full(1, np.nan), np.full(1, np.nan))
    times, share, error = _estimate(late, states)
    low, high = loglog_limits(share, error)
    return DelayCurve(times, share, low, high)


def late_quantile(
    late: Floats, states: NDArray[np.int64], quantile: float = 0.5
) -> tuple[float, Interval]:
    """The time by which a share of promises is fulfilled, and its interval; NaN where unreached.

    Both are as `delay_curve` has them: without promises called off they are those of
    `median_interval`.
    """
    if not (states == CANCELLED).any():
        return median_interval(late, states == FULFILLED, quantile=quantile)
    curve = delay_curve(late, states)
    first, low, high = (
        _first(curve.times, part > quantile) for part in (curve.fulfilled, curve.high, curve.low)
    )
    return first, Interval(low, high)


def loglog_limits(share: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Limits of a share by the complementary log-log of what is left; NaN at 0 and 1."""
    inside = (share > 0) & (share < 1) & (error > 0) & np.isfinite(error)
    left = np.where(inside, 1 - share, 0.5)
    reach = normal_quantile() * np.where(inside, error, 0.0) / (left * np.abs(np.log(left)))
    low, high = (1 - left ** np.exp(sign * reach) for sign in (-1, 1))
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _estimate(late: Floats, states: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

    with np.errstate(divide="ignore", invalid="ignore"):  # the error at the last end is unknown
        if (states == CANCELLED).any():
            incidence = CumIncidenceRight(late, states)
            return incidence.times, incidence.cinc[0], incidence.cinc_se[0]
        curve = SurvfuncRight(late, states == FULFILLED)
    return curve.surv_times, 1 - curve.surv_prob, curve.surv_prob_se


def _first(times: Floats, reached: NDArray[np.bool_]) -> float:
    return float(times[int(np.argmax(reached))]) if reached.any() else np.nan
