"""Shapley (LMG) and Owen splits of R² from cross-products or data.

The unions of groups are weighed as they come and never held all at once, so memory does not
double with each group. Shapley values of R² are the averages over orderings of Lindeman,
Merenda and Gold (LMG, Grömping 2006); inside a set they are Owen values (Owen 1977).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from cxanalysis.importance.checks import checked
from cxanalysis.importance.cross import Floats, Groups, Integers, cross_products
from cxanalysis.importance.games import orderings, size_weights, sum_with_player
from cxanalysis.importance.sweep import taking_order, union_blocks, union_masks


def shapley_cross(cross: Floats, groups: Groups | None = None) -> Floats:
    """Shapley (LMG) split of R² between groups of columns, or between the columns.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.
    groups : sequence of sequences of int, optional
        Column numbers of each group; every column by itself when None.

    Returns
    -------
    array (…, k)
        In R² points; they sum to the R² of all groups together.

    Raises
    ------
    ModelError
        With more than 25 groups, which ``sample_shapley`` takes; for unfit arrays or groups.
    """
    return _weigh(*checked(cross, groups), [])


def owen_cross(cross: Floats, sets: Sequence[Groups]) -> list[Floats]:
    """Owen split of R² between the groups inside each set: an array (…, groups) per set.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.
    sets : sequence of sequences of groups

    Returns
    -------
    list of array (…, groups)
        In R² points; all together sum to the R² of all groups.

    Raises
    ------
    ModelError
        Where the groups of one set and the other sets are more than 25, ``cross`` is not square
        and finite, or a column is in two groups or not there.
    """
    whole, _ = checked(cross, [group for groups in sets for group in groups])
    return [_weigh(whole, groups, other_sets(sets, place)) for place, groups in enumerate(sets)]


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
    weights : array (…, n), optional
        Survey weights; their scale does not matter. Leading axes are replicates.

    Returns
    -------
    array (…, k)
        In R² points; they sum to the R² of all groups together.

    Raises
    ------
    ModelError
        With more than 25 groups, which ``sample_shapley`` takes; for unfit arrays or groups.
    """
    return shapley_cross(cross_products(x, y, weights), groups)


def owen_r2(
    x: Floats, y: Floats, sets: Sequence[Groups], weights: Floats | None = None
) -> list[Floats]:
    """Owen split of R² between the groups inside each set.

    Parameters
    ----------
    x : array (n, p)
    y : array (n,)
    sets : sequence of sequences of groups
    weights : array (…, n), optional
        Survey weights; their scale does not matter. Leading axes are replicates.

    Returns
    -------
    list of array (…, groups)
        One per set, in R² points; all together sum to the R² of all groups.

    Raises
    ------
    ModelError
        As ``owen_cross``, and where data or weights are unfit.
    """
    return owen_cross(cross_products(x, y, weights), sets)


def whole_set(groups: Groups) -> list[int]:
    """The columns of all groups of a set."""
    return [column for group in groups for column in group]


def other_sets(sets: Sequence[Groups], place: int) -> list[list[int]]:
    """The columns of each set but the one at a place."""
    return [whole_set(groups) for position, groups in enumerate(sets) if position != place]


def _weigh(cross: Floats, groups: Groups, others: Groups) -> Floats:
    """Owen values (…, k) of the groups, the others entering only as wholes."""
    flat = cross.reshape(-1, *cross.shape[-2:])
    players = [*groups, *others]
    late = taking_order(players)[1]
    weights_of = _weights(union_masks(late), len(groups), len(others))
    with_player = np.zeros((len(flat), len(players)))
    absent_sum = np.zeros((len(flat), 1))
    for block in union_blocks(flat, players):
        joined, absent = weights_of(sum(1 << player for player in block.taken))
        weighed = block.values * joined
        with_player[block.replicates, late] += sum_with_player(weighed)
        with_player[block.replicates, block.taken] += weighed.sum(axis=-1, keepdims=True)
        absent_sum[block.replicates, 0] += block.values @ absent
    split = with_player[:, : len(groups)] - absent_sum
    return split.reshape(*cross.shape[:-2], -1)


def _weights(late: Integers, groups: int, others: int) -> Callable[[int], tuple[Floats, Floats]]:
    """Weights of the unions of what is taken with each of the late masks, as in `size_weights`."""
    joined, absent = size_weights(groups)
    whole = orderings(others + 1)
    own = 2**groups - 1
    # Sizes as wide integers, since these are looked up twice as fast.
    late_own = np.bitwise_count(late & own).astype(np.int64)
    late_others = np.bitwise_count(late & ~own).astype(np.int64) if others else None

    @cache
    def of_counts(taken_own: int, taken_others: int) -> tuple[Floats, Floats]:
        sizes = late_own + taken_own
        if late_others is None:
            return joined.take(sizes), absent.take(sizes)
        share = whole.take(late_others + taken_others)
        return share * joined.take(sizes), share * absent.take(sizes)

    return lambda taken: of_counts((taken & own).bit_count(), (taken & ~own).bit_count())
