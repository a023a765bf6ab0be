"""Shapley and Owen values from the values of all coalitions.

A player's Shapley value is a weighted sum over the coalitions it is in, less a weighted sum
over those it is not in. Adding to the first what the second takes from all coalitions leaves
one weight per coalition and one constant, so that all players together need two passes.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from cxanalysis.importance.cross import Floats, Integers


def shapley(values: Floats) -> Floats:
    """Shapley value of each of k players from the values of all coalitions.

    Parameters
    ----------
    values : array (…, 2**k)
        Values in the order of ``subset_r2``.

    Returns
    -------
    array (…, k)
        They sum to the value of all minus the value of none (Shapley 1953).
    """
    sizes = coalition_sizes(count_players(values))
    joined, absent = size_weights(len(sizes).bit_length() - 1)
    return sum_with_player(values * joined[sizes]) - (values @ absent[sizes])[..., None]


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
        They sum to the set's Shapley value among the sets (Owen 1977).
    """
    others = count_players(values) - groups
    weights = orderings(others + 1)[coalition_sizes(others)]
    average = np.einsum("...ht,h->...t", values.reshape(*values.shape[:-1], -1, 2**groups), weights)
    return shapley(average)


def count_players(values: Floats) -> int:
    """Players of a game from the values (…, 2**k) of its coalitions."""
    return int(values.shape[-1]).bit_length() - 1


def coalition_sizes(players: int) -> Integers:
    """Number of players in every coalition (2**players,)."""
    return np.bitwise_count(np.arange(2**players, dtype=np.int64)).astype(np.int64)


def orderings(players: int) -> Floats:
    """Share of the orderings in which a given set of 0, 1, … players precedes a given one."""
    return np.array(
        [
            factorial(before) * factorial(players - before - 1) / factorial(players)
            for before in range(players)
        ]
    )


def size_weights(players: int) -> tuple[Floats, Floats]:
    """Weights by size 0 … players: of a player's coalitions, and taken from all coalitions.

    A coalition of size s counts orderings[s − 1] for a player in it and −orderings[s] for one
    outside; the latter is taken from all coalitions and given back where the player is in.
    """
    share = orderings(players)
    absent = np.append(share, 0.0)
    return absent + np.insert(share, 0, 0.0), absent


def sum_with_player(values: Floats) -> Floats:
    """For each player the sum (…, k) of the values (…, 2**k) of the coalitions it is in."""
    players = count_players(values)
    sums = np.empty((*values.shape[:-1], players))
    for player in reversed(range(players)):
        halves = values.reshape(*values.shape[:-1], 2, 2**player)
        sums[..., player] = halves[..., 1, :].sum(axis=-1)
        values = halves.sum(axis=-2)
    return sums
