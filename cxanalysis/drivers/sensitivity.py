"""What unmeasured causes and unreliable measures could change in a linear fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import t as t_distribution

from cxanalysis.config import closest
from cxanalysis.errors import ModelError
from cxanalysis.importance import PIVOT_TOLERANCE, Floats

if TYPE_CHECKING:
    from cxanalysis.drivers.result import DriverFit

LINEAR = ("ols", "wls")
"""Models whose coefficients and R² these figures are about."""


@dataclass(frozen=True)
class RobustnessValue:
    """How strong an unmeasured cause would have to be to change what a coefficient says.

    Attributes
    ----------
    partial_r2 : float
        Part of what the other drivers leave of the outcome that goes with this driver.
    rv : float
        An unmeasured cause that explains this part of what is left of the driver and the same
        part of what is left of the outcome takes 100·q % off the coefficient.
    rv_alpha : float
        The same for the coefficient no longer to differ from the rest of it at level alpha;
        0 where it does not do so now.
    """

    partial_r2: float
    rv: float
    rv_alpha: float


def robustness(t: float, df: float, q: float = 1.0, alpha: float = 0.05) -> RobustnessValue:
    """Robustness values of a coefficient from its t statistic (Cinelli and Hazlett 2020).

    Parameters
    ----------
    t : float
        Classical t of the coefficient, with the standard error of independent rows of equal
        variance: the formula holds for no other.
    df : float
        Its degrees of freedom, rows − drivers − 1; above 1.
    q : float
        Which part of the coefficient is to be taken off; 1 brings it to zero.
    alpha : float
        Level of the two-sided test behind ``rv_alpha``.

    Raises
    ------
    ModelError
        When df is not above 1, q not above 0, or alpha not between 0 and 1.
    """
    if not (df > 1 and q > 0 and 0 < alpha < 1):
        raise ModelError(
            f"no robustness value for df={df:g}, q={q:g}, alpha={alpha:g}: it needs df above 1, "
            "q above 0 and alpha between 0 and 1."
        )
    effect = q * abs(t) / sqrt(df)
    critical = float(t_distribution.isf(alpha / 2, df - 1)) / sqrt(df - 1)
    return RobustnessValue(
        partial_r2=t**2 / (t**2 + df),
        rv=_equal_parts(effect),
        rv_alpha=_significant_parts(effect, critical),
    )


def _equal_parts(effect: float) -> float:
    """Part of both that takes off a partial effect of this size (Cohen's f)."""
    return (sqrt(effect**4 + 4 * effect**2) - effect**2) / 2


def _significant_parts(effect: float, critical: float) -> float:
    if effect <= critical:
        return 0.0
    # With very few degrees of freedom a cause that explains all of the outcome comes first.
    if effect * critical > 1:
        return (effect**2 - critical**2) / (1 + effect**2)
    return _equal_parts(effect - critical)


def robustness_values(fit: DriverFit, terms: str | Sequence[str]) -> pd.DataFrame:
    """Robustness values of coefficients that were named before looking.

    Parameters
    ----------
    fit : DriverFit
        A linear one.
    terms : str or sequence of str
        Columns of single drivers, never a block: a block has no one coefficient.

    Returns
    -------
    DataFrame
        term, estimate, statistic, df, partial_r2, rv, rv_alpha, in the order of ``terms``. A
        term that could not be estimated (``fit.left_out``) has NaN.

    Raises
    ------
    ModelError
        For a name that is no driver, with the closest one; for a model that is not linear.

    Notes
    -----
    The t statistics are those of ``fit.classical``, not those of ``tidy``: the
    bound of Cinelli and Hazlett (2020) is about the former.
    """
    if fit.model not in LINEAR:
        raise ModelError(
            f"robustness values need a linear model, and this one is {fit.model!r}. Fit with "
            "model='ols'; in a study file write kind = \"ols\", or leave robustness empty."
        )
    terms = [terms] if isinstance(terms, str) else terms
    return pd.DataFrame([_robustness_row(fit, term) for term in terms], columns=_COLUMNS)


_COLUMNS = ("term", "estimate", "statistic", "df", "partial_r2", "rv", "rv_alpha")


def _robustness_row(fit: DriverFit, term: str) -> tuple[object, ...]:
    used = [name for groups in fit.blocks.values() for names in groups.values() for name in names]
    left_out = [item.column for item in fit.left_out]
    if term in left_out:
        return (term, *[np.nan] * (len(_COLUMNS) - 1))
    if term not in used:
        raise ModelError(
            f"robustness names {term!r}, which is no driver of {fit.outcome!r}."
            f"{closest(term, used + left_out)}"
        )
    estimate = float(fit.tidy().set_index("term")["estimate"][term])
    t, df = estimate / float(fit.classical[term]), float(fit.n - fit.n_columns - 1)
    found = robustness(t, df)
    return (
        *(term, estimate, t, df),
        *(found.partial_r2, found.rv, found.rv_alpha),
    )


@dataclass(frozen=True, eq=False)
class Disattenuated:
    """R² had a set of drivers been measured without error, by how much of it is real.

    Attributes
    ----------
    total : array (…, m)
        Plain R² of the set alone, for each of m reliabilities.
    everything : array (…, m)
        Plain R² of all drivers; NaN where drivers and outcome have no positive definite
        covariance left, so that the set cannot be that unreliable.
    columns : array (…, m)
        Columns of perfect measures that would explain as much by chance as these do: they
        stand in for the number of columns in an adjustment for optimism of ``everything``.
    """

    total: Floats
    everything: Floats
    columns: Floats


def disattenuate(
    cross: Floats, own: Sequence[int], reliabilities: Sequence[float], rest_too: bool = False
) -> Disattenuated:
    """Take the error of measurement off one set of drivers, or off the rest as well.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Covariances of drivers and, last, the outcome; standardised, so that tolerances hold.
    own : sequence of int
        Columns of the set of which only a part ρ is real: its error has the covariance
        (1 − ρ)·Σ of the set and goes with nothing else.
    reliabilities : sequence of m floats
        Values of ρ, above 0 up to 1.
    rest_too : bool
        Whether all other columns, as a set of their own, are no more reliable.

    Notes
    -----
    In the canonical variates of the set and the rest, everything falls into pairs with one
    correlation c each, so that one decomposition does for all reliabilities. A pair has the
    covariance [[ρ, c], [c, r]] without the error, r being 1 or, for the rest too, ρ. It is
    none where c² ≥ ρ·r: a set cannot go closer with the rest than its reliability allows
    (Fuller 1987 on errors in variables).
    """
    rest = [column for column in range(cross.shape[-1] - 1) if column not in set(own)]
    mine, others = _whitener(cross, own), _whitener(cross, rest)
    between = cross[..., list(own), :][..., rest]
    left, c, right = np.linalg.svd(mine @ between @ np.swapaxes(others, -1, -2))
    spread = cross[..., -1, -1, None]
    a = _turned(left, mine, cross[..., list(own), -1]) / np.sqrt(spread)
    b = _turned(np.swapaxes(right, -1, -2), others, cross[..., rest, -1]) / np.sqrt(spread)
    total = np.sum(a**2, axis=-1, keepdims=True) / np.asarray(reliabilities)
    parts = [_paired(a, b, c, each, each if rest_too else 1.0) for each in reliabilities]
    everything, columns = (np.stack(each, axis=-1) for each in zip(*parts, strict=True))
    return Disattenuated(total, np.where(everything < 1, everything, np.nan), columns)


def _whitener(cross: Floats, columns: Sequence[int]) -> Floats:
    """W (…, k, k) with W Σ W′ = I for the covariance Σ of these columns."""
    covariance = cross[..., list(columns), :][..., list(columns)]
    # What is added is nothing to standardised columns; one that does not vary keeps a root.
    factor = np.linalg.cholesky(covariance + PIVOT_TOLERANCE * np.eye(len(columns)))
    return np.asarray(np.linalg.inv(factor))


def _turned(rotation: Floats, whitener: Floats, link: Floats) -> Floats:
    """Covariances with the outcome in canonical variates."""
    return np.asarray((np.swapaxes(rotation, -1, -2) @ (whitener @ link[..., None]))[..., 0])


def _paired(
    a: Floats, b: Floats, c: Floats, reliability: float, rest: float
) -> tuple[Floats, Floats]:
    """R² of everything and its columns by chance: pairs first, then variates without a partner."""
    pairs = c.shape[-1]
    mine, others = a[..., :pairs], b[..., :pairs]
    room = reliability * rest - c**2
    safe = np.where(room > PIVOT_TOLERANCE, room, np.nan)
    explained = (rest * mine**2 - 2 * c * mine * others + reliability * others**2) / safe
    by_chance = (rest + reliability - 2 * c**2) / safe
    alone = np.sum(a[..., pairs:] ** 2, axis=-1) / reliability
    alone = alone + np.sum(b[..., pairs:] ** 2, axis=-1) / rest
    singles = (a.shape[-1] - pairs) / reliability + (b.shape[-1] - pairs) / rest
    return np.sum(explained, axis=-1) + alone, np.sum(by_chance, axis=-1) + singles
