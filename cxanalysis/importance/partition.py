"""What each set and group has alone, beyond the rest, in common with it, and as its share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cxanalysis.importance.checks import checked
from cxanalysis.importance.cross import Adjust, Floats, Groups
from cxanalysis.importance.games import owen, shapley
from cxanalysis.importance.split import other_sets, whole_set
from cxanalysis.importance.sweep import subset_r2, subset_sizes

Game = Callable[[Groups], Floats]

QUANTITIES = ("total", "unique", "shared", "shapley", "share")


def first(cross: Floats, groups: Groups) -> Floats:
    """R² of each group by itself (…, k), which `partition_r2` calls total.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.
    groups : sequence of sequences of int
        Any number of them, since their unions are not needed.

    Returns
    -------
    array (…, k)
        In R² points.

    Raises
    ------
    ModelError
        Where ``cross`` is not square and finite, or a column is not there.
    """
    return np.stack([subset_r2(cross, [group])[..., 1] for group in groups], axis=-1)


def last(cross: Floats, groups: Groups) -> Floats:
    """What each group adds to all the others (…, k), which `partition_r2` calls unique.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.
    groups : sequence of sequences of int
        Any number of them, since their unions are not needed.

    Returns
    -------
    array (…, k)
        In R² points.

    Raises
    ------
    ModelError
        Where ``cross`` is not square and finite, or a column is in two groups or not there.
    """
    cross, groups = checked(cross, groups)
    added = []
    for place, group in enumerate(groups):
        others = [column for other in (*groups[:place], *groups[place + 1 :]) for column in other]
        without, _, everything = np.moveaxis(subset_r2(cross, [others, group])[..., 1:], -1, 0)
        added.append(everything - without)
    return np.stack(added, axis=-1)


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

    Raises
    ------
    ModelError
        As ``subset_r2``.
    """
    return partition(r2_game(cross, adjust), sets)


def r2_game(cross: Floats, adjust: Adjust | None = None) -> Game:
    """R² of unions of groups, adjusted or plain, for `partition` and `partition_sets` to split.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last.
    adjust : callable (r2, sizes) -> r2, optional
        As of ``partition_r2``.

    Returns
    -------
    callable (groups) -> array (…, 2**k)
        In the order of ``subset_r2``.
    """

    def game(groups: Groups) -> Floats:
        values = subset_r2(cross, groups)
        return values if adjust is None else adjust(values, subset_sizes(groups))

    return game


def partition_sets(game: Game, sets: Sequence[Groups]) -> Floats:
    """The rows of ``partition`` that are of the sets as wholes.

    Parameters
    ----------
    game : callable (groups) -> array (…, 2**k)
        As of ``partition``.
    sets : sequence of sequences of groups

    Returns
    -------
    array (…, sets, 5)
    """
    between = game([whole_set(groups) for groups in sets])
    return _quantities(between, shapley(between))


def partition(game: Game, sets: Sequence[Groups]) -> Floats:
    """Every figure of ``partition_r2`` from any measure of what columns explain.

    Parameters
    ----------
    game : callable (groups) -> array (…, 2**k)
        What each union of k groups of columns accounts for, in the order of ``subset_r2``.
    sets : sequence of sequences of groups

    Returns
    -------
    array (…, rows, 5)
        As of ``partition_r2``, in points of the measure.
    """
    sets_rows = partition_sets(game, sets)
    rows = []
    for place, groups in enumerate(sets):
        whole = sets_rows[..., place : place + 1, :]
        if len(groups) == 1:  # the set itself
            rows += [whole, whole]
            continue
        inside = game([*groups, *other_sets(sets, place)])
        rows += [whole, _quantities(inside, owen(inside, len(groups)))]
    return np.concatenate(rows, axis=-2)


def _quantities(values: Floats, split: Floats) -> Floats:
    """Rows (…, players, 5) of the first players of a game, given how it is split."""
    players = np.left_shift(1, np.arange(split.shape[-1]))
    everything = values[..., -1:]
    total = values[..., players]
    unique = everything - values[..., values.shape[-1] - 1 - players]
    return np.stack([total, unique, total - unique, split, split / everything], axis=-1)
