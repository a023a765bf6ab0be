"""What a block would account for if the outcome went with nothing: arrays only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from cxanalysis.drivers.covariance import sum_by_cluster
from cxanalysis.importance import Floats, Integers
from cxanalysis.metrics.figures import kish

# Values of outcomes made anew at once: they bound the memory.
VALUES_AT_ONCE = 5_000_000
# Part of the weight that a deal leaves in place on average; with more of it the data themselves
# would set the floor. Customers of one size are dealt anew however few they are.
MOST_STAYING = 0.10
# Signs of fewer customers make too few patterns for a test at 5 %; weighed, since a customer
# with half of the answers settles the mean that all are held against.
FEWEST_SIGNED = 6

Scheme = Literal["dealt", "signed", "none"]
Maker = Callable[[np.random.Generator, int], Floats]


def scheme_of(weights: Floats, starts: Integers) -> Scheme:
    """How outcomes that go with nothing are made of those there are.

    Parameters
    ----------
    weights : array (n,)
        Of the rows, sorted by cluster.
    starts : array (clusters,)
        First row of each cluster.

    Returns
    -------
    "dealt", "signed" or "none"
        Dealt anew among customers with as many rows, unless that leaves over 10 % of the weight
        in place; then each customer's outcomes change sign by chance, which takes at least 6
        effective customers.
    """
    classes = _alike(starts, len(weights))
    size = np.add.reduceat(weights, starts)
    return scheme_by_size(
        np.array([len(rows) for rows in classes]),
        np.array([weights[rows].sum() for rows in classes]),
        kish(size.sum(), (size**2).sum()),
    )


def scheme_by_size(clusters: Integers, weights: Floats, effective: float) -> Scheme:
    """As `scheme_of`, of how many clusters have as many rows, and their weights.

    Parameters
    ----------
    clusters, weights : arrays (sizes,)
        For each number of rows that a cluster has.
    effective : float
        Clusters of equal weight that would tell as much.
    """
    staying = np.sum(weights / clusters) / weights.sum()
    if len(clusters) == 1 or staying <= MOST_STAYING:
        return "dealt"
    return "signed" if effective >= FEWEST_SIGNED else "none"


def chance_r2(
    table: Floats,
    weights: Floats,
    starts: Integers,
    blocks: Sequence[Sequence[int]],
    draws: int,
    seed: int,
) -> Floats:
    """Plain R² of each block alone with outcomes that go with nothing.

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
    array (draws, blocks)
        NaN where a few customers have most of the rows (`scheme_of` is "none").

    Notes
    -----
    A customer's outcomes move together, so that what goes together within customers stays
    together: to a customer with as many rows, which is exact, or under another sign. Signs
    are those of a wild cluster bootstrap of a model without drivers (Cameron, Gelbach and
    Miller 2008); outcomes are held against the mean of all other customers, since a large
    customer draws the mean towards itself.
    """
    scheme = scheme_of(weights, starts)
    if scheme == "none":
        return np.full((draws, len(blocks)), np.nan)
    root = np.sqrt(weights)[:, None]
    centred = (table[:, :-1] - np.average(table[:, :-1], axis=0, weights=weights)) * root
    bases = [np.linalg.qr(centred[:, list(block)])[0] for block in blocks]
    make = _dealer(table, starts) if scheme == "dealt" else _signer(table, weights, starts)
    rng = np.random.default_rng(seed)
    batch = max(1, VALUES_AT_ONCE // len(table))
    found = []
    for first in range(0, draws, batch):
        made = make(rng, min(batch, draws - first))
        made -= (made @ weights / weights.sum())[:, None]
        made *= root[:, 0]
        whole = np.einsum("bn,bn->b", made, made)
        found.append([np.sum((made @ basis) ** 2, axis=1) / whole for basis in bases])
    return np.concatenate(found, axis=1).T


def _dealer(table: Floats, starts: Integers) -> Maker:
    """Outcomes (size, n) dealt anew among customers with as many rows."""
    outcome, alike = np.ascontiguousarray(table[:, -1]), _alike(starts, len(table))

    def make(rng: np.random.Generator, size: int) -> Floats:
        made = np.empty((size, len(table)))
        for row in made:
            _deal(rng, alike, outcome, row)
        return made

    return make


def _alike(starts: Integers, rows: int) -> list[Integers]:
    """Rows (customers, size) of the customers who have equally many, for each such number."""
    sizes = np.diff(starts, append=rows)
    return [starts[sizes == size][:, None] + np.arange(size) for size in np.unique(sizes)]


def _deal(rng: np.random.Generator, alike: list[Integers], outcome: Floats, dealt: Floats) -> None:
    """Fill ``dealt`` with the outcomes of whole customers, each dealt to another as large."""
    for rows in alike:
        dealt[rows] = outcome[rng.permutation(rows)]


def _signer(table: Floats, weights: Floats, starts: Integers) -> Maker:
    """Outcomes (size, n) less the mean of all other customers, each customer's signed anew."""
    sizes = np.diff(starts, append=len(table))
    own = sum_by_cluster(np.column_stack([table[:, -1] * weights, weights]), starts)
    outcomes, weight = (own.sum(axis=0) - own).T
    outcome = table[:, -1] - np.repeat(outcomes / weight, sizes)

    def make(rng: np.random.Generator, size: int) -> Floats:
        signs = rng.choice([-1.0, 1.0], size=(size, len(starts)))
        return np.asarray(np.repeat(signs, sizes, axis=1) * outcome)

    return make
