"""Does service carry what the whole journey carries? A rule fixed before looking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from cxanalysis.drivers import DriverFit
from cxanalysis.errors import ModelError
from cxanalysis.importance import Floats

Verdict = Literal[
    "equivalent", "not equivalent", "undecided", "measured differently", "nothing accounted for"
]
Size = Literal["most", "less than half", "depends", "unknown"]

LEVEL = 0.95  # of each one-sided limit
NORMAL_AT_LEVEL = 1.645
NORMAL_AT_POWER = 0.842  # 80 %
HALF = 0.5
OUT_OF_REACH = 10


@dataclass(frozen=True)
class Decision:
    """What the answers decide about service and the rest of the journey.

    Attributes
    ----------
    verdict
        "equivalent": service carries what the whole journey carries, since the lower limit of
        S is above 1 − margin; "not equivalent": its upper limit is below; "undecided"
        otherwise, and always where there are too few customers for limits. "measured
        differently": no decision, the two sides have no kind of measure in common. "nothing
        accounted for": the adjusted R² is not clearly above zero, so it has no parts.
    size
        "most" where the lower limits of S and N are above one half, "less than half" where
        both upper limits are below, "depends" (on how the shared part is split) otherwise;
        "unknown" without limits or without a decision.
    margin : float
        How much of the whole service may lack and still count as carrying it.
    s, s_low, s_high : float
        S = R² of service alone / R² of everything, with one-sided 95 % limits.
    unique, unique_low, unique_high : float
        N = unique R² of service / R² of everything, likewise.
    n, n_customers : int
        Answers, and clusters of answers.
    customers_needed : int or None
        Where undecided: customers that would settle it with 80 % power if today's estimate is
        the truth. None where no number would.
    out_of_reach : bool
        Undecided, and more than ten times today's customers would be needed: more answers of
        this kind will not decide it.
    """

    verdict: Verdict
    size: Size
    margin: float
    s: float
    s_low: float
    s_high: float
    unique: float
    unique_low: float
    unique_high: float
    n: int
    n_customers: int
    customers_needed: int | None = None
    out_of_reach: bool = False


def decide(
    fit: DriverFit, margin: float = 0.20, measures: Mapping[str, Collection[str]] | None = None
) -> Decision:
    """Decide whether the service set carries what all drivers carry together.

    Parameters
    ----------
    fit : DriverFit
    margin : float
        Between 0 and 1, declared beforehand.
    measures : mapping of set -> kinds of measure, optional
        How each set was measured: {"service": {"logged", "rated"}, "journey": {"rated"}}. Not
        checked when None.

    Raises
    ------
    ModelError
        When the margin is not between 0 and 1, or ``measures`` lacks a set.

    Notes
    -----
    Limits are the 5th and 95th percentiles of ``fit.draws``. The Shapley share describes and
    never decides: where drivers go together it lies near one half whatever the truth.
    """
    if not 0 < margin < 1:
        raise ModelError(f"margin is {margin:g}; give a share between 0 and 1, 0.20 say.")
    s, s_low, s_high = _contrast(fit, "total", fit.draws["S"].to_numpy())
    unique, unique_low, unique_high = _contrast(fit, "unique", fit.draws["N"].to_numpy())
    verdict = _verdict_without_limits(fit, measures) or _verdict(s_low, s_high, 1 - margin)
    needed, out_of_reach = None, False
    if verdict == "undecided" and not fit.draws.empty:
        needed, out_of_reach = _needed(fit, s - (1 - margin))
    return Decision(
        verdict=verdict,
        size=_size(verdict, (s_low, unique_low), (s_high, unique_high)),
        margin=margin,
        s=s,
        s_low=s_low,
        s_high=s_high,
        unique=unique,
        unique_low=unique_low,
        unique_high=unique_high,
        n=fit.n,
        n_customers=fit.n_clusters,
        customers_needed=needed,
        out_of_reach=out_of_reach,
    )


def _contrast(fit: DriverFit, quantity: str, draws: Floats) -> tuple[float, float, float]:
    """A part of everything accounted for, and its one-sided limits; NaN without replicates."""
    estimate = float(fit.parts()[quantity, "estimate"][fit.service_set, "all"])
    if len(draws) == 0:
        return estimate, np.nan, np.nan
    low, high = np.nanquantile(draws, [1 - LEVEL, LEVEL])
    return estimate, float(low), float(high)


def _verdict_without_limits(
    fit: DriverFit, measures: Mapping[str, Collection[str]] | None
) -> Verdict | None:
    """A verdict that no limit of S can change."""
    r_squared = fit.draws["r_squared"].to_numpy()
    least = fit.r_squared_adjusted
    if len(r_squared):
        # The end of its two-sided interval, which is printed: where that reaches zero, shares
        # of it have ends without meaning.
        least = np.nanquantile(r_squared, (1 - LEVEL) / 2)
    if min(least, fit.r_squared_adjusted) <= 0:
        return "nothing accounted for"
    if measures is not None and _measured_differently(fit, measures):
        return "measured differently"
    return None


def _measured_differently(fit: DriverFit, measures: Mapping[str, Collection[str]]) -> bool:
    absent = [name for name in fit.blocks if name not in measures]
    if absent:
        raise ModelError(f"measures= does not say how {', '.join(absent)} was measured.")
    service = set(measures[fit.service_set])
    rest = {kind for name in fit.blocks if name != fit.service_set for kind in measures[name]}
    return service.isdisjoint(rest)


def _verdict(low: float, high: float, line: float) -> Verdict:
    if low > line:
        return "equivalent"
    if high < line:
        return "not equivalent"
    return "undecided"


def _size(verdict: Verdict, lows: tuple[float, float], highs: tuple[float, float]) -> Size:
    if verdict in ("measured differently", "nothing accounted for") or np.isnan(lows).any():
        return "unknown"
    if min(lows) > HALF:
        return "most"
    if max(highs) < HALF:
        return "less than half"
    return "depends"


def _needed(fit: DriverFit, gap: float) -> tuple[int | None, bool]:
    """Customers that would settle an undecided verdict, and whether they are out of reach."""
    if gap == 0:
        return None, True
    error = float(np.nanstd(fit.draws["S"].to_numpy(), ddof=1))
    factor = ((NORMAL_AT_LEVEL + NORMAL_AT_POWER) * error / abs(gap)) ** 2
    return ceil(fit.n_clusters * factor), factor > OUT_OF_REACH
