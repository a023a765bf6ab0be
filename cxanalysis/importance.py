"""Split R² between groups of columns: arrays in, arrays out.

The R² of every union of groups comes from one matrix of centred cross-products by taking the
groups one after another: each either stays out (its rows are dropped) or goes in (its columns
are swept out of what is left), so no regression is ever run. Bootstrap replicates ride along
as further axes. Shapley values of R² are the averages over orderings of Lindeman, Merenda and
Gold (LMG, Grömping 2006); inside a set they are Owen values (Owen 1977), which sum to their
set's Shapley value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import factorial

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Groups = Sequence[Sequence[int]]
Adjust = Callable[[Floats, Integers], Floats]

QUANTITIES = ("total", "unique", "shared", "shapley", "share")
# Share of a column's variance below which what is left of it is rounding, not information.
PIVOT_TOLERANCE = 1e-10


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
    flat = _diagonal(cross) <= PIVOT_TOLERANCE * _diagonal(raw)
    return np.where(flat[..., :, None] | flat[..., None, :], 0.0, cross)


def subset_r2(cross: Floats, groups: Groups) -> Floats:
    """R² of the outcome on every union of groups of columns.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.
    groups : sequence of sequences of int
        Column numbers of each of the k groups, no column twice. Columns in no group are
        left out of every union.

    Returns
    -------
    array (…, 2**k)
        Entry ``mask`` is the union of the groups whose bits are set in ``mask``. A column
        that depends on columns already taken adds nothing. NaN where the outcome is constant.

    Notes
    -----
    Time: what is left of the later columns is swept for all unions so far at once, half of it
    since it is symmetric; larger groups first, since they are then swept least often. Memory:
    a few times that of the result; callers with many replicates pass them in portions.
    """
    size = cross.shape[-1]
    order = sorted(range(len(groups)), key=lambda group: -len(groups[group]))
    columns = [column for group in order for column in groups[group]] + [size - 1]
    start = _correlations(cross.reshape(-1, size, size))[np.ix_(columns, columns)]
    left = [start[row, row:] for row in range(len(columns))]
    masks = np.zeros(1, dtype=np.int64)
    for group in order:
        swept = left
        for _ in groups[group]:
            swept = _sweep(swept)
        out = left[len(groups[group]) :]
        left = [np.concatenate(rows, axis=-1) for rows in zip(out, swept, strict=True)]
        masks = np.concatenate([masks, masks | 1 << group])
    values = np.empty((len(masks), start.shape[-1]))
    values[masks] = 1.0 - left[0].reshape(len(masks), -1)
    return values.T.reshape(*cross.shape[:-2], -1)


def subset_sizes(groups: Groups) -> Integers:
    """Number of columns in every union of groups, in the order of ``subset_r2``."""
    sizes = np.array([len(group) for group in groups], dtype=np.int64)
    return _members(len(groups)) @ sizes


def shapley(values: Floats) -> Floats:
    """Shapley value of each of k players from the values of all coalitions.

    Parameters
    ----------
    values : array (…, 2**k)
        Values in the order of ``subset_r2``.

    Returns
    -------
    array (…, k)
        They sum to the value of all minus the value of none.
    """
    players = int(values.shape[-1]).bit_length() - 1
    members = _members(players)
    others = members.sum(axis=1, keepdims=True) - members
    weights = _orderings(players)[others]
    result: Floats = values @ np.where(members == 1, weights, -weights)
    return result


def owen(values: Floats, groups: int) -> Floats:
    """Owen value of each group of one set, the other sets entering only as wholes.

    Parameters
    ----------
    values : array (…, 2**(groups + others))
        Values in the order of ``subset_r2``: the set's own groups first, then the other sets.
    groups : int
        How many groups the set has.

    Returns
    -------
    array (…, groups)
        They sum to the set's Shapley value among the sets.
    """
    others = int(values.shape[-1]).bit_length() - 1 - groups
    weights = _orderings(others + 1)[_members(others).sum(axis=1)]
    average = np.einsum("...ht,h->...t", values.reshape(*values.shape[:-1], -1, 2**groups), weights)
    return shapley(average)


def shapley_r2(
    x: Floats, y: Floats, groups: Groups | None = None, weights: Floats | None = None
) -> Floats:
    """Shapley (LMG) split of R² between groups of columns, or between the columns.

    Parameters
    ----------
    x : array (n, p)
    y : array (n,)
    groups : sequence of sequences of int, optional
        Column numbers of each group; every column by itself when None.
    weights : array (n,), optional
        Survey weights; their scale does not matter.

    Returns
    -------
    array (k,)
        In R² points; they sum to the R² of all groups together.
    """
    single = [[column] for column in range(x.shape[1])]
    return shapley(subset_r2(_cross_of(x, y, weights), single if groups is None else groups))


def owen_r2(
    x: Floats, y: Floats, sets: Sequence[Groups], weights: Floats | None = None
) -> list[Floats]:
    """Owen split of R² between the groups inside each set: one array per set, in R² points."""
    cross = _cross_of(x, y, weights)
    return [
        owen(subset_r2(cross, [*groups, *_others(sets, place)]), len(groups))
        for place, groups in enumerate(sets)
    ]


def partition_r2(cross: Floats, sets: Sequence[Groups], adjust: Adjust | None = None) -> Floats:
    """Every figure of the partition: for each set its own row, then a row for each group in it.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last.
    sets : sequence of sequences of groups
        A set given without groups inside has one group; pass ``[[columns]]`` for it.
    adjust : callable (r2, sizes) -> r2, optional
        Applied to the R² of every union before anything is split; see ``adjust_optimism``.

    Returns
    -------
    array (…, rows, 5)
        total, unique (against everything else), shared = total − unique, Shapley (Owen for
        groups) and its share of the whole R². Nothing is clipped: shared may be negative.
    """

    def game(groups: Groups) -> Floats:
        values = subset_r2(cross, groups)
        return values if adjust is None else adjust(values, subset_sizes(groups))

    between = game([_whole(groups) for groups in sets])
    sets_rows = _quantities(between, shapley(between))
    rows = []
    for place, groups in enumerate(sets):
        inside = game([*groups, *_others(sets, place)])
        rows += [
            sets_rows[..., place : place + 1, :],
            _quantities(inside, owen(inside, len(groups))),
        ]
    return np.concatenate(rows, axis=-2)


def adjust_optimism(r2: Floats, n: int, p: int | Integers, d: float = 1.0) -> Floats:
    """R² less what p columns explain by chance: 1 − (1 − R²)(n − 1)/(n − d·p − 1).

    Parameters
    ----------
    r2 : array
        Plain R².
    n : int
        Rows.
    p : int or array broadcastable to r2
        Columns behind each R².
    d : float
        Design effect of clusters and weights on the coefficients; 1 for independent rows.

    Returns
    -------
    array
        Adjusted R², negative where less is explained than chance would; NaN where the rows
        do not suffice. Apply once to estimates and twice to bootstrap replicates, whose plain
        R² carries the optimism of the sample and that of the resampling.
    """
    left = np.asarray(n - d * np.asarray(p) - 1.0)
    return 1.0 - (1.0 - r2) * (n - 1.0) / np.where(left > 0, left, np.nan)


def _cross_of(x: Floats, y: Floats, weights: Floats | None) -> Floats:
    """Centred cross-products of columns and outcome, the outcome last."""
    table = np.column_stack([x, y])
    size = np.ones(len(table)) if weights is None else weights
    table = table - np.average(table, axis=0, weights=size)
    moments = np.column_stack([np.ones(len(table)), table])
    return centred_cross(moments.T @ (moments * size[:, None]))


def _correlations(cross: Floats) -> Floats:
    """Cross-products (B, q, q) as correlations (q, q, B); NaN where the outcome is constant."""
    variance = _diagonal(cross).T
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))
    scale[-1] = np.where(variance[-1] > 0, scale[-1], np.nan)
    return np.moveaxis(cross, 0, -1) / scale[:, None] / scale[None, :]


def _sweep(left: list[Floats]) -> list[Floats]:
    """What is left of the variables after the first is taken out of the others.

    Rows of the upper triangle, (q, N), (q − 1, N), …, of N symmetric matrices.
    """
    pivot, first = left[0][0], left[0][1:]
    used = pivot > PIVOT_TOLERANCE
    scaled = first * np.where(used, 1.0 / np.where(used, pivot, 1.0), 0.0)
    swept = []
    for row, values in enumerate(left[1:]):
        change = scaled[row] * first[row:]
        swept.append(np.subtract(values, change, out=change))
    return swept


def _quantities(values: Floats, split: Floats) -> Floats:
    """Rows (…, players, 5) of the first players of a game, given how it is split."""
    players = np.left_shift(1, np.arange(split.shape[-1]))
    everything = values[..., -1:]
    total = values[..., players]
    unique = everything - values[..., values.shape[-1] - 1 - players]
    return np.stack([total, unique, total - unique, split, split / everything], axis=-1)


def _members(players: int) -> Integers:
    """Which players (columns, 0 or 1) are in each coalition (rows)."""
    coalitions = np.arange(2**players, dtype=np.int64)[:, None]
    return (coalitions >> np.arange(players, dtype=np.int64)) & 1


def _orderings(players: int) -> Floats:
    """Share of the orderings in which a given set of 0, 1, … players precedes a given one."""
    return np.array(
        [
            factorial(before) * factorial(players - before - 1) / factorial(players)
            for before in range(players)
        ]
    )


def _whole(groups: Groups) -> list[int]:
    return [column for group in groups for column in group]


def _others(sets: Sequence[Groups], place: int) -> list[list[int]]:
    return [_whole(groups) for position, groups in enumerate(sets) if position != place]


def _diagonal(matrices: Floats) -> Floats:
    return np.diagonal(matrices, axis1=-2, axis2=-1)
