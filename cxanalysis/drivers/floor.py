"""What a block would account for if the outcome went with nothing: permutations, arrays only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxanalysis.importance import Floats, Integers

# Values of dealt outcomes held at once: they bound the memory.
VALUES_AT_ONCE = 5_000_000


def permuted_r2(
    table: Floats,
    weights: Floats,
    starts: Integers,
    blocks: Sequence[Sequence[int]],
    permutations: int,
    seed: int,
) -> Floats:
    """Plain R² of each block alone after outcomes were dealt anew to customers.

    Parameters
    ----------
    table : array (n, p + 1)
        Drivers and, last, the outcome; rows sorted by cluster.
    weights : array (n,)
        They stay with the drivers.
    starts : array (clusters,)
        First row of each cluster.
    blocks : sequence of sequences of int
        Column numbers of each block.

    Returns
    -------
    array (permutations, blocks)

    Notes
    -----
    A customer's outcomes move together, and only to a customer with as many rows: what goes
    together within customers stays together.
    """
    root = np.sqrt(weights)[:, None]
    centred = (table[:, :-1] - np.average(table[:, :-1], axis=0, weights=weights)) * root
    bases = [np.linalg.qr(centred[:, list(block)])[0] for block in blocks]
    rng = np.random.default_rng(seed)
    batch = max(1, VALUES_AT_ONCE // len(table))
    found = []
    for first in range(0, permutations, batch):
        dealt = np.stack(
            [
                table[_deal(rng, starts, len(table)), -1]
                for _ in range(min(batch, permutations - first))
            ],
            axis=1,
        )
        outcome = (dealt - np.average(dealt, axis=0, weights=weights)) * root
        whole = np.sum(outcome**2, axis=0)
        found.append([np.sum((basis.T @ outcome) ** 2, axis=0) / whole for basis in bases])
    return np.concatenate(found, axis=1).T


def _deal(rng: np.random.Generator, starts: Integers, rows: int) -> Integers:
    """For each row, the row whose outcome it is dealt."""
    sizes = np.diff(starts, append=rows)
    origin = np.empty(rows, dtype=np.int64)
    for size in np.unique(sizes):
        alike = starts[sizes == size]
        steps = np.arange(size)
        origin[alike[:, None] + steps] = rng.permutation(alike)[:, None] + steps
    return origin
