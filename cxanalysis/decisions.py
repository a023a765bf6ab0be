"""Does service carry what the whole journey carries? A rule fixed before looking."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.refusals import check_compared
from cxanalysis.drivers.sensitivity import LINEAR, disattenuate
from cxanalysis.errors import ModelError
from cxanalysis.importance import Floats, adjust_optimism
from cxanalysis.partition import SERVICE
from cxanalysis.shown import Shown

Verdict = Literal[
    "equivalent", "not equivalent", "undecided", "measured differently", "nothing accounted for"
]
Size = Literal["most", "less than half", "depends", "unknown"]

Reason = Literal["", "not linear", "cannot be", "few customers"]

LEVEL = 0.95  # of each one-sided limit
NORMAL_AT_LEVEL = 1.645
NORMAL_AT_POWER = 0.842  # 80 %
HALF = 0.5
OUT_OF_REACH = 10


@dataclass(frozen=True)
class Decision(Shown):
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


@dataclass(frozen=True)
class ReliabilityContrast(Shown):
    """The decision again, had service been measured without error.

    Attributes
    ----------
    reliability : float
        Part of the variance of all service measures, taken together as one score, that is
        taken to be real.
    verdict : "equivalent", "not equivalent", "undecided" or None
        As in `Decision`, from the limits of ``s``; None where there is no figure.
    s, s_low, s_high : float
        S with the error taken off, and its one-sided 95 % limits; NaN where there are none.
    s_both : float
        S where the rest of the journey is no more reliable than service; NaN where it cannot be.
    reason : str
        Why there is no figure: "not linear" (the arithmetic holds for least squares only) or
        "cannot be" (service goes closer with the rest, or with the outcome, than measures of
        this reliability could: no positive definite covariance is left, in the data or in more
        than 5 % of the samples drawn from the customers). Why a figure has no limits: "few
        customers" (below 20). Empty otherwise.
    """

    reliability: float
    verdict: Verdict | None
    s: float = np.nan
    s_low: float = np.nan
    s_high: float = np.nan
    s_both: float = np.nan
    reason: Reason = ""


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
        When the margin is not between 0 and 1, ``measures`` lacks a set, no set is called
        "service", or there is no other.

    Notes
    -----
    Limits are the 5th and 95th percentiles of ``fit.draws``. The Shapley share describes and
    never decides: where drivers go together it lies near one half whatever the truth.
    """
    _check_shares(margin)
    check_compared(fit.blocks)
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
    estimate = float(fit.parts()[quantity, "estimate"][SERVICE, "all"])
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
    service = set(measures[SERVICE])
    rest = {kind for name in fit.blocks if name != SERVICE for kind in measures[name]}
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


def reliability_contrasts(
    fit: DriverFit, reliabilities: Sequence[float] = (0.7, 0.8, 0.9), margin: float = 0.20
) -> tuple[ReliabilityContrast, ...]:
    """S and the verdict again if only part of the variance of the service measures were real.

    Parameters
    ----------
    fit : DriverFit
    reliabilities : sequence of float
        Each above 0 up to 1; at 1 the figures are those of `decide`.
    margin : float
        As in `decide`.

    Raises
    ------
    ModelError
        When the margin or a reliability is not a share, no set is called "service", or there is
        no other.

    Notes
    -----
    Error of measurement makes a set look smaller than it is, the more so the closer the rest
    of the journey goes with it. With ρ the reliability, (1 − ρ)·Σss is taken off the
    covariance of the service measures: R² of service alone becomes R²s / ρ, and R² of
    everything is that of the corrected matrix. Errors then go together as the measures do, so
    ρ is that of every score made of them, and of one measure by itself as well. Errors in the
    rest of the journey work the other way; ``s_both`` takes (1 − ρ) off both sets. Optimism
    is taken off as in the fit: chance explains what it does in the plain R², times the columns
    that ``disattenuate`` counts.
    Limits are percentiles over the fit's own bootstrap samples; one whose corrected matrix is
    not positive definite counts against the limit on either side, and more than 5 % of such
    leave no figure, since near its bound S says more of the bound than of service.
    """
    _check_shares(margin, reliabilities)
    check_compared(fit.blocks)
    if fit.model not in LINEAR:
        return tuple(ReliabilityContrast(each, None, reason="not linear") for each in reliabilities)
    estimates, both = (
        _corrected(fit, fit.cross[None], reliabilities, times=1, rest_too=rest_too)[0]
        for rest_too in (False, True)
    )
    portions = [_corrected(fit, some, reliabilities, times=2) for some in fit.resampled_cross()]
    draws = np.concatenate([np.empty((0, len(reliabilities))), *portions])
    return tuple(
        _reliability_contrast(reliability, s, s_both, draws[:, place], 1 - margin)
        for place, (reliability, s, s_both) in enumerate(
            zip(reliabilities, estimates.tolist(), both.tolist(), strict=True)
        )
    )


def _check_shares(margin: float, reliabilities: Iterable[float] = ()) -> None:
    if not 0 < margin < 1:
        raise ModelError(f"margin is {margin:g}; give a share between 0 and 1, 0.20 say.")
    for each in reliabilities:
        if not 0 < each <= 1:
            raise ModelError(f"a reliability is {each:g}; give a share above 0 up to 1, 0.8 say.")


def _reliability_contrast(
    reliability: float, s: float, s_both: float, draws: Floats, line: float
) -> ReliabilityContrast:
    low, high = _limits(draws)
    if np.isnan(s) or (len(draws) and np.isnan(low)):
        return ReliabilityContrast(reliability, None, reason="cannot be")
    reason: Reason = "" if len(draws) else "few customers"
    verdict = _verdict(low, high, line)
    return ReliabilityContrast(reliability, verdict, s, low, high, s_both, reason)


def _corrected(
    fit: DriverFit,
    cross: Floats,
    reliabilities: Sequence[float],
    times: int,
    rest_too: bool = False,
) -> Floats:
    """S (b, m) in covariances (b, p + 1, p + 1), optimism taken off so many ``times``."""
    names = [name for name, groups in fit.blocks.items() for n in groups.values() for _ in n]
    own = [place for place, name in enumerate(names) if name == SERVICE]
    shares = np.array([*reliabilities, 1.0])  # at 1 stands the plain R² of everything
    found = disattenuate(cross, own, shares.tolist(), rest_too)
    alone, everything = found.total * shares, found.everything[:, -1:]

    def optimism(r2: Floats, columns: int) -> Floats:
        less = r2
        for _ in range(times):
            less = adjust_optimism(less, fit.n, columns, fit.design_effect)
        return r2 - less

    alone = (alone - optimism(alone, len(own))) / shares
    by_chance = optimism(everything, len(names)) * found.columns / len(names)
    return np.asarray(alone / (found.everything - by_chance))[:, :-1]


def _limits(draws: Floats) -> tuple[float, float]:
    """One-sided limits; draws without a figure count as beyond either of them."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return np.nan, np.nan
    absent = 1 - len(known) / len(draws)
    level = (1 - LEVEL - absent) / (1 - absent)
    if level < 0:
        return np.nan, np.nan
    low, high = np.quantile(known, [level, 1 - level])
    return float(low), float(high)
