"""Differences between groups of answers, plain and with other things held equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.metrics.intervals import difference_interval, p_of_interval
from cxanalysis.metrics.journeys.linearised import clustered_error, reach, share_interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.intp]
ROWS_PER_COLUMN = 20  # fewer do not carry a model
ALIKE = 1e-8  # of its own size: what is left of a column that others account for


@dataclass(frozen=True)
class Gap:
    """A difference with its interval and the p-value of its being zero."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p_value: float = np.nan


def gap_held_equal(
    outcome: Floats, groups: Floats, held: Floats, customers: Integers, contrast: Floats
) -> Gap:
    """Least squares of an outcome on groups and what is held equal; a contrast of the groups.

    The covariance is robust to rows of one customer, with residuals as if each row had been left
    out; t on customers − 1. With nothing held equal it is the plain difference of means.

    Parameters
    ----------
    outcome
        Shape (n,).
    groups
        Shape (n, d), 1 or 0: every group but the one to compare with.
    held
        Shape (n, k), without a constant; columns that others account for are left out, and all
        of them where there are fewer than 20 rows for each.
    customers
        Shape (n,), numbered from 0.
    contrast
        Shape (d,): (1, −1) is the first group less the second.

    Notes
    -----
    Simulated with 30 of 300, 40 of 600 and 300 of 1,500 rows in the group, its outcomes spread
    alike or twice as widely, six columns held equal and a quarter of customers with two rows: 95 %
    intervals hold the truth in 95 to 96 % of 1,000 runs.
    """
    clusters = len(np.unique(customers))
    held = _apart(np.column_stack([np.ones(len(outcome)), groups]), held)
    if len(outcome) < ROWS_PER_COLUMN * (held.shape[1] + groups.shape[1] + 1):
        held = held[:, :0]
    design = np.column_stack([np.ones(len(outcome)), groups, held])
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ (design.T @ outcome)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    residual = (outcome - design @ beta) / np.maximum(1 - leverage, ALIKE)
    weights = np.zeros(design.shape[1])
    weights[1 : 1 + len(contrast)] = contrast
    influence = (design @ inverse @ weights) * residual
    value, error = float(weights @ beta), clustered_error(influence, customers)
    half = reach(clusters) * error
    p_value = 2 * float(scipy.stats.t.sf(abs(value) / error, clusters - 1)) if error else np.nan
    return Gap(value, value - half, value + half, p_value)


def share_gap(flag: Flags, group: Flags, customers: Integers) -> tuple[float, float, Gap]:
    """Share in the group, share outside, and their difference; rows may share customers.

    Both shares have their own interval with the customer as the unit, and the difference's is
    made of them (Zou & Donner 2008), as if no customer were on both sides: where some are, it is
    rather too wide: simulated so, it holds the truth in 97 %.
    """
    shares, limits = [], []
    for side in (group, ~group):
        own = customers[side]
        value = float(np.mean(flag[side]))
        error = clustered_error((flag[side] - value) / len(own), own)
        shares.append(value)
        limits.append(share_interval(value, error, len(np.unique(own))))
    low, high = difference_interval(shares[0], limits[0], shares[1], limits[1])
    value = shares[0] - shares[1]
    return shares[0], shares[1], Gap(value, low, high, p_of_interval(value, low, high))


def numbered(customers: pd.Series[str]) -> Integers:
    """Customers as numbers from 0."""
    found: Integers = pd.factorize(customers)[0].astype(np.intp)
    return found


def _apart(base: Floats, held: Floats) -> Floats:
    """Columns of ``held`` that neither ``base`` nor those before them account for."""
    kept = base
    for column in held.T:
        rest = column - kept @ np.linalg.lstsq(kept, column, rcond=None)[0]
        if rest @ rest > ALIKE * max(column @ column, ALIKE):
            kept = np.column_stack([kept, column])
    return kept[:, base.shape[1] :]
