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
    outcome = np.ascontiguousarray(table[:, -1])
    alike = _alike(starts, len(table))
    rng = np.random.default_rng(seed)
    batch = max(1, VALUES_AT_ONCE // len(table))
    found = []
    for first in range(0, permutations, batch):
        dealt = np.empty((min(batch, permutations - first), len(table)))
        for row in dealt:
            _deal(rng, alike, outcome, row)
        dealt -= (dealt @ weights / weights.sum())[:, None]
        dealt *= root[:, 0]
        whole = np.einsum("bn,bn->b", dealt, dealt)
        found.append([np.sum((dealt @ basis) ** 2, axis=1) / whole for basis in bases])
    return np.concatenate(found, axis=1).T


def _alike(starts: Integers, rows: int) -> list[Integers]:
    """Rows (customers, size) of the customers who have equally many, for each such number."""
    sizes = np.diff(starts, append=rows)
    return [starts[sizes == size][:, None] + np.arange(size) for size in np.unique(sizes)]


def _deal(rng: np.random.Generator, alike: list[Integers], outcome: Floats, dealt: Floats) -> None:
    """Fill ``dealt`` with the outcomes of whole customers, each dealt to another as large."""
    for rows in alike:
        dealt[rows] = outcome[rng.permutation(rows)]
