"""A design of which only sums over the rows are held, wherever the rows are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.dtypes import DType

from cxanalysis.drivers.clusters import Clusters, Fitted, scores, scores_of, together
from cxanalysis.drivers.floor import Scheme, scheme_by_size
from cxanalysis.drivers.moments import GROUPS, Moments, gather, merged
from cxanalysis.drivers.outline import Blocks, LeftOut, Outline, usable_blocks
from cxanalysis.drivers.portions import CLUSTER, Layout
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
from cxanalysis.drivers.resample import PORTION, draw_counts
from cxanalysis.drivers.shelf import Shelf
from cxanalysis.drivers.thinned import thin
from cxanalysis.engine.batches import fold, in_process, spill_folder
from cxanalysis.importance import PIVOT_TOLERANCE, Floats, centred_cross
from cxanalysis.metrics.figures import kish

# Standardised coefficient above which a column is named as part of a dependence.
NAMED = 1e-6
# Names that tell rows apart which have no cluster.
ROW_NAME = "response_id"

Lazy = nw.LazyFrame[Any]


@dataclass(frozen=True, eq=False)
class Source:
    """The rows behind sums, for what has to be asked of them again."""

    frame: Lazy
    layout: Layout


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the complete rows, of the columns in the model and, last, the outcome.

    ``means`` and ``spreads`` (p + 1,) in their units; ``groups`` (G, p + 2, p + 2) are Σ w·zz′
    over groups of whole clusters, with z = (1, standardised columns) and weights of mean 1.
    """

    n: int
    kish_n: float
    even: bool
    means: Floats
    spreads: Floats
    groups: Floats

    @cached_property
    def covariance(self) -> Floats:
        """Covariance (p + 1, p + 1) of the standardised columns."""
        return centred_cross(self.groups.sum(axis=0)) / self.n


@dataclass(frozen=True, eq=False)
class SummedDesign(Outline):
    """Sums over the complete rows of a frame, and over the clusters in it."""

    sums: Sums
    fitted: Fitted
    clusters: Clusters
    source: Source

    @property
    def n(self) -> int:
        """Rows used."""
        return self.sums.n

    @property
    def n_clusters(self) -> int:
        """Clusters among them."""
        return self.clusters.n

    @property
    def kish_n(self) -> float:
        """How many rows of equal weight tell as much as these do (Kish)."""
        return self.sums.kish_n

    @property
    def effective_clusters(self) -> float:
        """How many clusters of equal weight tell as much as these do, by their total weights."""
        return kish(float(self.n), self.clusters.squares)

    @property
    def alike(self) -> bool:
        """Whether rows are independent and count alike; equal weights are as good as none."""
        return self.independent and self.sums.even

    @property
    def means(self) -> Floats:
        """Means (p + 1,) of the drivers and, last, the outcome, in their units."""
        return self.sums.means

    @property
    def spreads(self) -> Floats:
        """Standard deviations (p + 1,) of the drivers and, last, the outcome, in their units."""
        return self.sums.spreads

    @property
    def covariance(self) -> Floats:
        """Covariance (p + 1, p + 1) of the standardised drivers and, last, the outcome."""
        return self.sums.covariance

    @property
    def scheme(self) -> Scheme:
        """How outcomes that go with nothing are made, as of rows in memory."""
        sizes = self.clusters.sizes
        return scheme_by_size(
            sizes["n"].to_numpy(), sizes["weight"].to_numpy(), self.effective_clusters
        )

    def clusters_with(self, columns: Sequence[int]) -> int:
        """Clusters in which any of these columns is not 0."""
        return self.clusters.with_any(columns)

    def resampled(self, replicates: int, seed: int) -> Iterator[Floats]:
        """``covariance`` in samples of whole groups of clusters: portions (b, p + 1, p + 1)."""
        rng = np.random.default_rng(seed)
        groups = self.sums.groups
        upper = np.triu_indices(groups.shape[1])
        packed = groups[:, upper[0], upper[1]]
        for first in range(0, replicates, PORTION):
            size = min(PORTION, replicates - first)
            drawn = draw_counts(rng, size, len(groups)) @ packed
            moments = np.empty((size, *groups.shape[1:]))
            moments[:, upper[0], upper[1]] = drawn
            moments[:, upper[1], upper[0]] = drawn
            yield centred_cross(moments / moments[:, :1, :1])

    @cached_property
    def sample(self) -> pd.DataFrame:
        """All complete rows of some customers, drawn by chance: about 20,000 rows.

        The model's columns, outcome and weights under their names, and the clusters numbered.
        """
        return thin(self.source.frame, self.source.layout, self.n)


def make_summed(
    frame: Lazy, outcome: str, blocks: Blocks, cluster: str | None, weights: str | None
) -> SummedDesign:
    """Sums for a model of ``outcome`` on the drivers in ``blocks``.

    Raises
    ------
    ModelError
        As ``make_design``.
    """
    drivers = named_drivers(blocks, outcome)
    schema = frame.collect_schema()
    extra = [name for name in (cluster, weights) if name is not None]
    check_present(schema.names(), [outcome, *drivers, *extra])
    numbers = [outcome, *drivers, *([] if weights is None else [weights])]
    if text := [name for name in numbers if not _is_number(schema[name])]:
        raise not_numeric(text)
    row = ROW_NAME if ROW_NAME in schema else None
    layout = Layout(outcome, tuple(drivers), cluster, weights, row)
    source = Source(layout.of(frame), layout)
    with Shelf(spill_folder(source.frame)) as shelf:
        here = in_process(source.frame)
        gathered = partial(gather, layout=layout, groups=GROUPS, shelf=shelf if here else None)
        found = merged(fold(source.frame, gathered))
        return _made(found, blocks, source, shelf if here else None)


def _made(found: Moments, blocks: Blocks, source: Source, shelf: Shelf | None) -> SummedDesign:
    """The design, its clusters asked of the rows put by, or where there are none of the source."""
    layout = source.layout
    outcome, drivers, cluster, weights = (
        layout.outcome,
        layout.drivers,
        layout.cluster,
        layout.weights,
    )
    _check(found, outcome, drivers, weights)
    if len(found.groups) == 1:
        raise one_cluster(cluster, found.kept)
    left_out = _unusable(found, drivers)
    gone = {item.column for item in left_out}
    used = tuple(name for name in drivers if name not in gone)
    if found.kept <= len(used) + 1:
        raise too_few(outcome, found.kept, len(used))
    used_blocks = usable_blocks(blocks, left_out)
    places = np.array([number for number, name in enumerate(drivers) if name not in gone])
    places = np.append(places, len(drivers))
    sums = _standardised(found, places)
    fitted = _fitted(sums, places, found)
    if shelf is not None:
        parts = scores(shelf.take(), fitted)
    else:
        by = None if cluster is None else CLUSTER
        asked = fold(source.frame, partial(scores_of, layout=layout, fitted=fitted), by)
        parts = [part for each in asked for part in each]
    return SummedDesign(
        outcome=outcome,
        columns=used,
        blocks=used_blocks,
        left_out=left_out,
        n_dropped=found.given - found.kept,
        sums=sums,
        fitted=fitted,
        clusters=together(parts),
        source=source,
    )


def _is_number(dtype: DType) -> bool:
    return dtype.is_numeric() or dtype == nw.Boolean


def _check(found: Moments, outcome: str, drivers: Sequence[str], weights: str | None) -> None:
    """Refuse rows of which no model can be made."""
    if not found.given:
        raise no_rows(outcome)
    names = [*drivers, outcome]
    for name, infinite in zip(names, found.infinite.tolist(), strict=True):
        if infinite:
            raise too_large(name, infinite, found.given)
    for what, rows in zip(("missing", "infinite", "negative"), found.unfit.tolist(), strict=True):
        if rows:
            raise unfit_weights(str(weights), what, rows, found.given)
    if not found.kept:
        missing = pd.Series(found.missing, names)
        raise none_complete(missing[[outcome, *drivers]], found.given)
    if found.low[-1] == found.high[-1]:
        raise does_not_vary(outcome, found.low[-1], found.kept)


def _unusable(found: Moments, names: Sequence[str]) -> tuple[LeftOut, ...]:
    """Columns that are constant, repeat an earlier one, or follow from earlier ones."""
    cross = centred_cross(found.table.sum(axis=0))[:-1, :-1]
    varies = (found.low < found.high)[:-1]
    spread = np.sqrt(np.where(varies, np.diag(cross), 1.0))
    alike = cross / spread / spread[:, None]
    kept: list[int] = []
    triangle = np.empty((0, 0))  # of Cholesky's factor of the columns kept, inverted
    left_out = []
    for number, name in enumerate(names):
        if not varies[number]:
            reason = f"{found.low[number]:g} in all {found.kept:,} rows"
            left_out.append(LeftOut(name, reason, "constant"))
            continue
        link = triangle @ alike[kept, number]
        rest = alike[number, number] - link @ link
        if rest > PIVOT_TOLERANCE:
            below = -(link @ triangle) / np.sqrt(rest)
            grown = np.zeros((len(kept) + 1, len(kept) + 1))
            grown[:-1, :-1], grown[-1, :-1], grown[-1, -1] = triangle, below, 1 / np.sqrt(rest)
            triangle = grown
            kept.append(number)
            continue
        left_out.append(_repeated(found, names, number, kept, alike, triangle.T @ link))
    return tuple(left_out)


def _repeated(
    found: Moments,
    names: Sequence[str],
    number: int,
    kept: Sequence[int],
    alike: Floats,
    slopes: Floats,
) -> LeftOut:
    """A column that says what earlier ones do."""
    for other in kept:
        ends = found.low[[number, other]], found.high[[number, other]]
        same = all(low == high for low, high in ends)
        if same and alike[number, other] > 1 - PIVOT_TOLERANCE:
            copied = names[other]
            return LeftOut(names[number], f"same as {copied}", "duplicate", (copied,))
    origin = tuple(
        names[other] for other, slope in zip(kept, slopes, strict=True) if abs(slope) > NAMED
    )
    return LeftOut(names[number], f"follows from {', '.join(origin)}", "dependent", origin)


def _standardised(found: Moments, places: Any) -> Sums:
    """The sums of the columns in the model, in standard deviations from their means."""
    keep = np.append(0, places + 1)
    groups = found.table[:, keep][:, :, keep]
    total = groups.sum(axis=0)
    # What is left of the means after centring near them.
    rest = total[0, 1:] / found.size
    spreads = np.sqrt(np.diag(centred_cross(total)) / found.size)
    turn = np.eye(len(keep))
    turn[1:, 0] = -rest / spreads
    turn[1:, 1:] /= spreads
    centre = np.zeros(len(places)) if found.centre is None else found.centre[places]
    low, high = found.size_range
    return Sums(
        n=found.kept,
        kish_n=kish(found.size, found.size_squares),
        even=low == high,
        means=centre + rest,
        spreads=spreads,
        groups=turn @ groups @ turn.T * (found.kept / found.size),
    )


def _fitted(sums: Sums, places: Any, found: Moments) -> Fitted:
    """Least squares of the standardised outcome on the standardised drivers."""
    inside = np.eye(len(places))
    inside[1:, 1:] = sums.covariance[:-1, :-1]
    whitener = np.linalg.inv(np.linalg.cholesky(inside * sums.n)).T
    slopes = np.append(0.0, np.linalg.solve(inside[1:, 1:], sums.covariance[:-1, -1]))
    scale = found.kept / found.size
    groups = found.most if found.thrown else None
    return Fitted(sums.means, sums.spreads, places, slopes, whitener, scale, found.kept, groups)
