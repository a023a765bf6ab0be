"""Centred cross-products of columns and outcome, which is all any split of R² needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cxanalysis.importance.checks import checked_data

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Groups = Sequence[Sequence[int]]
Adjust = Callable[[Floats, Integers], Floats]

# Share of a column's variance below which what is left of it is rounding, not information.
PIVOT_TOLERANCE = 1e-10
# Rows turned into products at once, which bounds the memory.
ROWS_AT_ONCE = 4096


def cross_products(x: Floats, y: Floats, weights: Floats | None = None) -> Floats:
    """Centred cross-products of columns and outcome from the data.

    Parameters
    ----------
    x : array (n, p)
    y : array (n,)
    weights : array (…, n), optional
        Survey weights, or how often a row counts in each replicate; their scale does not
        matter to any split of R².

    Returns
    -------
    array (…, p + 1, p + 1)
        The outcome last; a replicate for each of the weights' leading axes.

    Raises
    ------
    ModelError
        Where some value is no finite number, lengths differ, or weights are negative or sum to
        nothing.
    """
    x, y, weights = checked_data(x, y, weights)
    table = np.column_stack([x, y])
    single = weights if weights is not None and weights.ndim == 1 else np.ones(len(table))
    # Centring twice keeps digits: here at about the mean, in centred_cross at what is left.
    table -= single @ table / single.sum()
    if weights is None or weights.ndim == 1:
        return centred_cross(_moments(table, weights))
    cross = centred_cross(_replicate_moments(table, weights.reshape(-1, len(table))))
    return cross.reshape(*weights.shape[:-1], *cross.shape[1:])


def centred_cross(moments: Floats) -> Floats:
    """Centred cross-products of columns and outcome from their raw moments.

    Parameters
    ----------
    moments : array (…, p + 2, p + 2)
        Sums of w·zz′ over rows, with z = (1, columns, outcome).

    Returns
    -------
    array (…, p + 1, p + 1)
        The outcome last. A column that does not vary has exact zeros, never rounding.
    """
    sums, raw = moments[..., 0, 1:], moments[..., 1:, 1:]
    cross = raw - sums[..., :, None] * sums[..., None, :] / moments[..., :1, :1]
    flat = diagonal(cross) <= PIVOT_TOLERANCE * diagonal(raw)
    return np.where(flat[..., :, None] | flat[..., None, :], 0.0, cross)


def correlations(cross: Floats) -> Floats:
    """Cross-products (…, q, q) as correlations; NaN where the outcome is constant."""
    variance = diagonal(cross)
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))
    scale[..., -1] = np.where(variance[..., -1] > 0, scale[..., -1], np.nan)
    return cross / scale[..., :, None] / scale[..., None, :]


def diagonal(matrices: Floats) -> Floats:
    """Diagonals (…, q) of matrices (…, q, q)."""
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def _moments(table: Floats, weights: Floats | None) -> Floats:
    """Sums of w·zz′ with z = (1, row of the table)."""
    weighted = table if weights is None else table * weights[:, None]
    size = table.shape[1] + 1
    moments = np.empty((size, size))
    moments[0, 0] = len(table) if weights is None else weights.sum()
    moments[0, 1:] = moments[1:, 0] = np.ones(len(table)) @ weighted
    moments[1:, 1:] = weighted.T @ table
    return moments


def _replicate_moments(table: Floats, weights: Floats) -> Floats:
    """Sums of w·zz′ for each row of weights (B, n), half of them since they are symmetric."""
    z = np.vstack([np.ones(len(table)), table.T])
    upper = np.triu_indices(len(z))
    packed = np.zeros((len(weights), len(upper[0])))
    for first in range(0, len(table), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        products = np.concatenate([z[row, rows] * z[row:, rows] for row in range(len(z))])
        packed += weights[:, rows] @ products.T
    moments = np.empty((len(weights), len(z), len(z)))
    moments[:, upper[0], upper[1]] = packed
    moments[:, upper[1], upper[0]] = packed
    return moments
