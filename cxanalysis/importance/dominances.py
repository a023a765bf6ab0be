"""Dominance analysis: does one group add more than another, whatever else is known?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxanalysis.importance.checks import checked
from cxanalysis.importance.cross import PIVOT_TOLERANCE, Floats, Groups
from cxanalysis.importance.games import coalition_sizes, count_players, shapley
from cxanalysis.importance.sweep import subset_r2


@dataclass(frozen=True, eq=False)
class Dominance:
    """What k groups add to R², from the mildest to the strictest comparison.

    Attributes
    ----------
    general : array (…, k)
        What each adds on average; equal to its Shapley value.
    conditional : array (…, k, k)
        Entry ``[i, s]``: what group i adds on average to unions of s others.
    complete : array (…, k, k)
        Entry ``[i, j]``: share of the unions of the other groups to which i adds more than j,
        equal additions counted half. 1 says that i completely dominates j.
    """

    general: Floats
    conditional: Floats
    complete: Floats


def dominance(cross: Floats, groups: Groups | None = None) -> Dominance:
    """General, conditional and complete dominance of groups of columns, or of the columns.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.
    groups : sequence of sequences of int, optional
        Column numbers of each group; every column by itself when None.

    Returns
    -------
    Dominance

    Raises
    ------
    ModelError
        With more than 25 groups; where ``cross`` is not square and finite, or a column is in two
        groups or not there.

    Notes
    -----
    Azen & Budescu (2003). The R² of every union is held at once.
    """
    values = subset_r2(*checked(cross, groups))
    return Dominance(shapley(values), _conditional(values), _complete(values))


def _conditional(values: Floats) -> Floats:
    """Average addition (…, k, k) of each player to coalitions of 0, 1, … others."""
    players = count_players(values)
    sizes = coalition_sizes(players - 1)
    by_size = np.argsort(sizes, kind="stable")
    coalitions = np.bincount(sizes)
    starts = np.cumsum(coalitions) - coalitions
    averages = []
    for player in range(players):
        halves = values.reshape(*values.shape[:-1], -1, 2, 2**player)
        added = (halves[..., 1, :] - halves[..., 0, :]).reshape(*values.shape[:-1], -1)
        averages.append(np.add.reduceat(added[..., by_size], starts, axis=-1) / coalitions)
    return np.stack(averages, axis=-2)


def _complete(values: Floats) -> Floats:
    """Share (…, k, k) of the coalitions without two players to which one adds more."""
    players = count_players(values)
    complete = np.full((*values.shape[:-1], players, players), 0.5)
    for j in range(1, players):
        for i in range(j):
            both = values.reshape(*values.shape[:-1], -1, 2, 2 ** (j - i - 1), 2, 2**i)
            ahead = both[..., 0, :, 1, :] - both[..., 1, :, 0, :]
            # Differences of rounding alone are none: neither of two equal columns is ahead.
            sign = np.where(np.abs(ahead) > PIVOT_TOLERANCE, np.sign(ahead), 0.0)
            complete[..., i, j] = 0.5 + sign.mean(axis=(-3, -2, -1)) / 2
            complete[..., j, i] = 1.0 - complete[..., i, j]
    return complete
