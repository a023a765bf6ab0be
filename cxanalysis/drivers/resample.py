"""Bootstrap over customers from per-customer cross-products: exact, and no model is refitted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cxanalysis.drivers.covariance import sum_by_cluster
from cxanalysis.importance import Floats, Integers, centred_cross

# These bound the memory: replicates handed on at once, rows turned into cross-products at once,
# and counts of clusters in replicates held at once.
PORTION = 100
ROWS_AT_ONCE = 4096
COUNTS_AT_ONCE = 20_000_000


def replicate_covariances(
    table: Floats, weights: Floats, starts: Integers, replicates: int, seed: int
) -> Iterator[Floats]:
    """Covariances of drivers and outcome in samples of whole clusters, drawn with replacement.

    Parameters
    ----------
    table : array (n, p + 1)
        Drivers and, last, the outcome; standardised, rows sorted by cluster.
    weights : array (n,)
    starts : array (clusters,)
        First row of each cluster.

    Yields
    ------
    array (b, p + 1, p + 1)
        Portions of at most ``PORTION`` replicates, ``replicates`` in all.
    """
    rng = np.random.default_rng(seed)
    clusters = len(starts)
    # Cross-products of rows are made anew for each batch, so batches are as large as fits.
    batch = int(np.clip(COUNTS_AT_ONCE // clusters, PORTION, 10 * PORTION))
    for first in range(0, replicates, batch):
        size = min(batch, replicates - first)
        times = np.empty((size, clusters))
        for row in times:
            row[:] = np.bincount(rng.integers(clusters, size=clusters), minlength=clusters)
        moments = _weighted_moments(table, weights, starts, times)
        for begin in range(0, size, PORTION):
            some = moments[begin : begin + PORTION]
            yield centred_cross(some / some[:, :1, :1])


def _weighted_moments(table: Floats, weights: Floats, starts: Integers, times: Floats) -> Floats:
    """Sums of w·zz′ with z = (1, table), each cluster counted ``times`` (b, clusters)."""
    z = np.column_stack([np.ones(len(table)), table])
    upper = np.triu_indices(z.shape[1])
    packed = np.zeros((len(times), len(upper[0])))
    ends = np.append(starts[1:], len(z))
    first = 0
    while first < len(starts):
        last = max(first + 1, int(np.searchsorted(ends, starts[first] + ROWS_AT_ONCE, "right")))
        rows = slice(starts[first], ends[last - 1])
        products = (z[rows] * weights[rows, None])[:, upper[0]] * z[rows][:, upper[1]]
        packed += times[:, first:last] @ sum_by_cluster(
            products, starts[first:last] - starts[first]
        )
        first = last
    moments = np.empty((len(times), z.shape[1], z.shape[1]))
    moments[:, upper[0], upper[1]] = packed
    moments[:, upper[1], upper[0]] = packed
    return moments
