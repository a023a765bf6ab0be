"""Bootstrap over customers: weights of rows in samples of whole clusters, and covariances.

Where weights stay as they are, covariances come from per-cluster cross-products: exact, and no
model is refitted. Weights that are made from the sample itself are made anew in each resample.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from cxanalysis.drivers.covariance import sum_by_cluster
from cxanalysis.importance import Floats, Integers, centred_cross

# These bound the memory: replicates handed on at once, rows turned into cross-products at once,
# and counts of clusters (or weights of rows) in replicates held at once.
PORTION = 100
ROWS_AT_ONCE = 4096
COUNTS_AT_ONCE = 20_000_000


@runtime_checkable
class Reweighting(Protocol):
    """Weights made from a sample, against silence say, and made anew in each resample of it."""

    @property
    def name(self) -> str:
        """What a report calls these weights."""

    def check(self, frame: pd.DataFrame) -> None:
        """Raise `ModelError` where the rows of a frame are not those the weights are of."""

    def of(self, index: pd.Index) -> Floats:
        """Weights (rows,) of the rows of a frame with this index; 0 leaves a row out."""

    def draws(
        self, rng: np.random.Generator, size: int, index: pd.Index, clusters: Integers
    ) -> Floats:
        """Weights (size, rows) of the rows in bootstrap samples of whole clusters.

        Parameters
        ----------
        rng : Generator
            ``draw_counts`` takes the same samples from it as are taken for weights that stay.
        size : int
        index : Index
            Of the rows used, sorted by cluster.
        clusters : array (rows,)
            Number of each row's cluster, from 0.

        Returns
        -------
        array (size, rows)
            How often the row's cluster was drawn, times its weight estimated in that sample.
        """


@dataclass(frozen=True, eq=False)
class Sampling:
    """Rows as the bootstrap sees them.

    ``weights`` (n,) have mean 1 and ``starts`` (clusters,) is the first row of each cluster;
    ``reweighting`` is None where weights stay as they are.
    """

    weights: Floats
    starts: Integers
    index: pd.Index
    reweighting: Reweighting | None = None

    @property
    def clusters(self) -> Integers:
        """Number of each row's cluster."""
        sizes = np.diff(self.starts, append=len(self.weights))
        return np.repeat(np.arange(len(self.starts), dtype=np.int64), sizes)


def draw_counts(rng: np.random.Generator, size: int, clusters: int) -> Floats:
    """How often each cluster is in each of ``size`` samples with replacement: (size, clusters)."""
    times = np.empty((size, clusters))
    for row in times:
        row[:] = np.bincount(rng.integers(clusters, size=clusters), minlength=clusters)
    return times


def replicate_weights(sampling: Sampling, replicates: int, seed: int) -> Iterator[Floats]:
    """Weights (b, n) of the rows in bootstrap samples, in portions of at most ``PORTION``."""
    rng = np.random.default_rng(seed)
    clusters = sampling.clusters
    batch = int(np.clip(COUNTS_AT_ONCE // len(clusters), 1, PORTION))
    for first in range(0, replicates, batch):
        size = min(batch, replicates - first)
        if sampling.reweighting is not None:
            yield sampling.reweighting.draws(rng, size, sampling.index, clusters)
        else:
            yield draw_counts(rng, size, len(sampling.starts))[:, clusters] * sampling.weights


def replicate_covariances(
    table: Floats, sampling: Sampling, replicates: int, seed: int
) -> Iterator[Floats]:
    """Covariances of drivers and outcome in samples of whole clusters, drawn with replacement.

    Parameters
    ----------
    table : array (n, p + 1)
        Drivers and, last, the outcome; standardised, rows sorted by cluster.
    sampling : Sampling
        Of the same rows.

    Yields
    ------
    array (b, p + 1, p + 1)
        Portions of at most ``PORTION`` replicates, ``replicates`` in all.
    """
    for moments in _replicate_moments(table, sampling, replicates, seed):
        for begin in range(0, len(moments), PORTION):
            some = moments[begin : begin + PORTION]
            yield centred_cross(some / some[:, :1, :1])


def _replicate_moments(
    table: Floats, sampling: Sampling, replicates: int, seed: int
) -> Iterator[Floats]:
    if sampling.reweighting is not None:
        alone = np.arange(len(table), dtype=np.int64)
        for weights in replicate_weights(sampling, replicates, seed):
            yield _weighted_moments(table, np.ones(len(table)), alone, weights)
        return
    rng = np.random.default_rng(seed)
    clusters = len(sampling.starts)
    # Cross-products of rows are made anew for each batch, so batches are as large as fits.
    batch = int(np.clip(COUNTS_AT_ONCE // clusters, PORTION, 10 * PORTION))
    for first in range(0, replicates, batch):
        times = draw_counts(rng, min(batch, replicates - first), clusters)
        yield _weighted_moments(table, sampling.weights, sampling.starts, times)


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
        # `take` lays the result out by rows, which indexing does not: summing would copy it.
        products = (z[rows] * weights[rows, None]).take(upper[0], axis=1)
        products *= z[rows].take(upper[1], axis=1)
        packed += times[:, first:last] @ sum_by_cluster(
            products, starts[first:last] - starts[first]
        )
        first = last
    moments = np.empty((len(times), z.shape[1], z.shape[1]))
    moments[:, upper[0], upper[1]] = packed
    moments[:, upper[1], upper[0]] = packed
    return moments
