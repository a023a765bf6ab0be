"""Which rows and columns a model can use, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cxanalysis.drivers.floor import Scheme, scheme_of
from cxanalysis.drivers.outline import Blocks, LeftOut, Outline, usable_blocks
from cxanalysis.drivers.refusals import (
    check_present,
    does_not_vary,
    named_drivers,
    no_rows,
    none_complete,
    not_numeric,
    one_cluster,
    too_few,
    too_large,
    unfit_weights,
)
from cxanalysis.drivers.resample import Reweighting, Sampling, replicate_covariances
from cxanalysis.importance import PIVOT_TOLERANCE, Floats, Integers
from cxanalysis.metrics.figures import kish

# Standardised coefficient above which a column is named as part of a dependence.
NAMED = 1e-6


@dataclass(frozen=True, eq=False)
class Design(Outline):
    """Complete rows sorted by cluster, and the columns that can be estimated.

    ``x`` (n, p) and ``y`` (n,) keep their own units; ``weights`` (n,) have mean 1;
    ``starts`` (clusters,) is the first row of each cluster; ``reweighting`` is what makes the
    weights anew in each resample, None where they stay as they are.
    """

    x: Floats
    y: Floats
    weights: Floats
    starts: Integers
    index: pd.Index
    reweighting: Reweighting | None = None

    @property
    def sampling(self) -> Sampling:
        """The rows as the bootstrap sees them."""
        return Sampling(self.weights, self.starts, self.index, self.reweighting)

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.y)

    @property
    def n_clusters(self) -> int:
        """Clusters among them."""
        return len(self.starts)

    @property
    def kish_n(self) -> float:
        """How many rows of equal weight tell as much as these do (Kish)."""
        return kish(float(self.weights.sum()), float((self.weights**2).sum()))

    @cached_property
    def effective_clusters(self) -> float:
        """How many clusters of equal weight tell as much as these do, by their total weights."""
        sizes = np.add.reduceat(self.weights, self.starts)
        return kish(float(sizes.sum()), float((sizes**2).sum()))

    @property
    def alike(self) -> bool:
        """Whether rows are independent and count alike; equal weights are as good as none."""
        return self.independent and not np.ptp(self.weights)

    @cached_property
    def table(self) -> Floats:
        """Standardised drivers and, last, the outcome: (n, p + 1), sorted by cluster."""
        return np.asarray((np.column_stack([self.x, self.y]) - self.means) / self.spreads)

    @cached_property
    def means(self) -> Floats:
        """Means (p + 1,) of the drivers and, last, the outcome, in their units."""
        table = np.column_stack([self.x, self.y])
        return np.asarray(np.average(table, axis=0, weights=self.weights))

    @cached_property
    def spreads(self) -> Floats:
        """Standard deviations (p + 1,) of the drivers and, last, the outcome, in their units."""
        table = np.column_stack([self.x, self.y]) - self.means
        return np.asarray(np.sqrt(np.average(table**2, axis=0, weights=self.weights)))

    @cached_property
    def covariance(self) -> Floats:
        """Covariance (p + 1, p + 1) of the standardised drivers and, last, the outcome."""
        weighted = self.table * self.weights[:, None]
        return np.asarray(self.table.T @ weighted / self.weights.sum())

    @property
    def scheme(self) -> Scheme:
        """How outcomes that go with nothing are made."""
        return scheme_of(self.weights, self.starts)

    @property
    def weighted(self) -> tuple[Floats, Floats]:
        """Intercept and standardised drivers (n, p + 1), and outcome (n,), × root of the weights.

        Least squares of the one on the other is the weighted fit.
        """
        root = np.sqrt(self.weights)
        x = np.column_stack([np.ones(len(self.y)), self.table[:, :-1]])
        return x * root[:, None], self.table[:, -1] * root

    def clusters_with(self, columns: Sequence[int]) -> int:
        """Clusters in which any of these columns is not 0."""
        rows = (self.x[:, list(columns)] != 0).any(axis=1)
        return int(np.logical_or.reduceat(rows, self.starts).sum())

    def resampled(self, replicates: int, seed: int) -> Iterator[Floats]:
        """``covariance`` in samples of whole clusters: portions (b, p + 1, p + 1)."""
        return replicate_covariances(self.table, self.sampling, replicates, seed)


def make_design(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Blocks,
    cluster: str | None,
    weights: str | Reweighting | None,
) -> Design:
    """Rows and columns for a model of ``outcome`` on the drivers in ``blocks``.

    Raises
    ------
    ModelError
        Columns that are absent, named twice, not numeric or infinite; unfit weights; no rows,
        too few complete ones, or rows of one cluster only; an outcome that does not vary; a set
        of which no column can be used.
    """
    drivers = named_drivers(blocks, outcome)
    if frame.empty:
        raise no_rows(outcome)
    extra = [name for name in (cluster, weights) if isinstance(name, str)]
    check_present(frame.columns, [outcome, *drivers, *extra])
    values = _numbers(frame, [outcome, *drivers])
    size = _weights(frame, weights)
    kept = ~np.isnan(values).any(axis=1) & (size > 0)
    if not kept.any():
        raise none_complete(frame[[outcome, *drivers]].isna().sum(), len(frame))
    codes = _cluster_codes(frame, cluster)[kept]
    order = np.argsort(codes, kind="stable")
    values, size = values[kept][order], size[kept][order]
    size = size / size.mean()
    y, x = values[:, 0], values[:, 1:]
    if np.ptp(y) == 0:
        raise does_not_vary(outcome, y[0], len(y))
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1)).astype(np.int64)
    if len(starts) == 1:
        raise one_cluster(cluster, len(y))
    left_out = _unusable(x, drivers, size)
    gone = {item.column for item in left_out}
    used = tuple(name for name in drivers if name not in gone)
    if len(y) <= len(used) + 1:
        raise too_few(outcome, len(y), len(used))
    return Design(
        outcome=outcome,
        columns=used,
        blocks=usable_blocks(blocks, left_out),
        left_out=left_out,
        x=x[:, [name not in gone for name in drivers]],
        y=y,
        weights=size,
        starts=starts,
        index=frame.index[kept][order],
        n_dropped=int(len(frame) - kept.sum()),
        reweighting=None if isinstance(weights, str) else weights,
    )


def _numbers(frame: pd.DataFrame, names: list[str]) -> Floats:
    text = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]
    if text:
        raise not_numeric(text)
    values = np.column_stack([frame[n].to_numpy(dtype=float, na_value=np.nan) for n in names])
    for name, column in zip(names, values.T, strict=True):
        infinite = int(np.isinf(column).sum())
        if infinite:
            raise too_large(name, infinite, len(column))
    return values


def weights_name(weights: str | Reweighting | None) -> str | None:
    """What weights are called."""
    return weights.name if isinstance(weights, Reweighting) else weights


def _weights(frame: pd.DataFrame, weights: str | Reweighting | None) -> Floats:
    if weights is None:
        return np.ones(len(frame))
    name = weights_name(weights)
    if isinstance(weights, str):
        size = _numbers(frame, [weights])[:, 0]
    else:
        size = np.asarray(weights.of(frame.index), dtype=np.float64)
    checks = (("missing", np.isnan(size)), ("infinite", np.isinf(size)), ("negative", size < 0))
    for what, wrong in checks:
        if wrong.any():
            first = f" (first: row {frame.index[wrong][0]})"
            raise unfit_weights(str(name), what, int(wrong.sum()), len(size), first)
    return size


def _cluster_codes(frame: pd.DataFrame, cluster: str | None) -> Integers:
    """A number per cluster; a row without one is a cluster by itself."""
    if cluster is None:
        return np.arange(len(frame), dtype=np.int64)
    codes = np.asarray(pd.factorize(frame[cluster])[0], dtype=np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    return codes


def _unusable(x: Floats, names: list[str], weights: Floats) -> tuple[LeftOut, ...]:
    """Columns that are constant, repeat an earlier one, or follow from earlier ones."""
    root = np.sqrt(weights)[:, None]
    centred = (x - np.average(x, axis=0, weights=weights)) * root
    basis = np.empty((len(x), 0))
    kept: list[int] = []
    left_out = []
    for number, name in enumerate(names):
        found = _constant_or_copy(x, number, kept, names)
        if found is None:
            unit = centred[:, [number]] / np.linalg.norm(centred[:, number])
            rest = unit - basis @ (basis.T @ unit)
            rest -= basis @ (basis.T @ rest)  # once more: one pass leaves rounding behind
            if np.sum(rest**2) > PIVOT_TOLERANCE:
                basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
                kept.append(number)
                continue
            origin = _origin(centred, number, kept, names)
            found = LeftOut(name, f"follows from {', '.join(origin)}", "dependent", origin)
        left_out.append(found)
    return tuple(left_out)


def _constant_or_copy(x: Floats, number: int, kept: list[int], names: list[str]) -> LeftOut | None:
    column, name = x[:, number], names[number]
    if np.ptp(column) == 0:
        return LeftOut(name, f"{column[0]:g} in all {len(column):,} rows", "constant")
    for other in kept:
        if np.array_equal(column, x[:, other]):
            return LeftOut(name, f"same as {names[other]}", "duplicate", (names[other],))
    return None


def _origin(centred: Floats, number: int, kept: list[int], names: list[str]) -> tuple[str, ...]:
    """Names of the columns that a dependent one is a sum of."""
    scaled = centred / np.where((norm := np.linalg.norm(centred, axis=0)) > 0, norm, 1.0)
    slopes = np.linalg.lstsq(scaled[:, kept], scaled[:, number], rcond=None)[0]
    return tuple(
        names[other] for other, slope in zip(kept, slopes, strict=True) if abs(slope) > NAMED
    )
