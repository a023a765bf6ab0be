"""What least squares needs to know of single clusters, in one pass over rows sorted by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxanalysis.drivers.covariance import left_out_scores, sum_by_cluster
from cxanalysis.drivers.portions import Layout, Portion, portions
from cxanalysis.importance import Floats, Integers

# Columns of which one integer can say whether they are 0.
BITS = 62


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit whose residuals clusters are asked about.

    Of the drivers and, last, the outcome ``means`` and ``spreads`` (p + 1,) and the numbers
    ``places`` (p + 1,) among the columns of a `Portion`; ``slopes`` (p + 1,) of standardised
    columns, the intercept first; ``whitener`` (p + 1, p + 1) makes orthonormal columns of the
    intercept and the drivers; weights are multiplied by ``scale``.
    """

    means: Floats
    spreads: Floats
    places: Integers
    slopes: Floats
    whitener: Floats
    scale: float


@dataclass(frozen=True, eq=False)
class Dealt:
    """What outcomes dealt anew among customers with as many rows would go with, by chance.

    Parameters
    ----------
    own, shared : array (p, p)
        Sums of products of weighted drivers, of each row and of the sums over each cluster.
    squares, products : float
        Of the outcome, sums over rows and over pairs of different rows of one cluster.
    rows, pairs : int
        How many of these there are.
    """

    own: Floats
    shared: Floats
    squares: float
    products: float
    rows: int
    pairs: int

    @property
    def sums(self) -> tuple[Any, ...]:
        """All of them."""
        return self.own, self.shared, self.squares, self.products, self.rows, self.pairs

    def chance_r2(
        self, cross: Floats, blocks: Sequence[Sequence[int]], draws: int, seed: int
    ) -> Floats:
        """Plain R² (draws, blocks) of each block alone with outcomes that go with nothing.

        Parameters
        ----------
        cross : array (p, p)
            Centred products of the drivers.
        blocks : sequence of sequences of int
            Numbers of drivers.

        Notes
        -----
        Outcomes of one customer vary and go together as all of them do. What they have in common
        with the drivers is then a sum over customers with a known covariance, and normal where
        these are thousands, so that it is drawn instead of made of rows.
        """
        variance = self.squares / self.rows
        common = self.products / self.pairs if self.pairs else 0.0
        values, vectors = np.linalg.eigh((variance - common) * self.own + common * self.shared)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        normal = np.random.default_rng(seed).standard_normal((draws, len(root)))
        links = root @ normal.T
        found = []
        for block in blocks:
            columns = list(block)
            factor = np.linalg.cholesky(cross[columns][:, columns])
            found.append(np.sum(np.linalg.solve(factor, links[columns]) ** 2, axis=0))
        return np.stack(found, axis=-1) / (variance * self.rows)


@dataclass(frozen=True, eq=False)
class Clusters:
    """Sums over clusters.

    Parameters
    ----------
    n : int
        Clusters.
    squares : float
        Sum of the squares of their weights.
    plain, left_out : array (p + 1, p + 1)
        Sums of products of their scores, in orthonormal columns: of the residuals as they are,
        and of those that leaving out the cluster would give, which make CR3.
    effect : float
        Sum of products of the one with the other over the slopes.
    gradient : array (p + 1,)
        Sum of the scores: 0 but for rounding of the slopes.
    left : float
        Sum of the squared residuals.
    dealt : Dealt
    present : DataFrame
        ``n`` clusters in which the same drivers are not all 0, a bit each in the other columns.
    """

    n: int
    squares: float
    plain: Floats
    left_out: Floats
    effect: float
    gradient: Floats
    left: float
    dealt: Dealt
    present: pd.DataFrame

    def with_any(self, columns: Sequence[int]) -> int:
        """Clusters in which any of these drivers is not 0."""
        words = self.present.drop(columns="n").to_numpy()
        wanted = _words(np.isin(np.arange(BITS * words.shape[1]), list(columns))[None])
        found = (words & wanted).any(axis=1)
        return int(self.present["n"].to_numpy()[found].sum())


def scores(batches: Iterator[Any], layout: Layout, fitted: Fitted) -> Clusters:
    """Sums over the clusters of one part of the rows, sorted by cluster."""
    found = _none(len(fitted.slopes))
    for portion in portions(batches, layout, whole=True):
        used = portion.where(portion.complete)
        if len(used.size):
            found = together([found, _scored(used, fitted)])
    return found


def together(parts: Sequence[Clusters]) -> Clusters:
    """The clusters of all parts."""
    present = pd.concat([part.present for part in parts])
    dealt = zip(*(part.dealt.sums for part in parts), strict=True)
    return Clusters(
        n=sum(part.n for part in parts),
        squares=sum(part.squares for part in parts),
        plain=np.sum([part.plain for part in parts], axis=0),
        left_out=np.sum([part.left_out for part in parts], axis=0),
        effect=sum(part.effect for part in parts),
        gradient=np.sum([part.gradient for part in parts], axis=0),
        left=sum(part.left for part in parts),
        dealt=Dealt(*(sum(each) for each in dealt)),
        present=present.groupby(list(present.columns[:-1]), as_index=False).sum(),
    )


def _none(columns: int) -> Clusters:
    nothing = np.zeros((columns, columns))
    present = _patterns(np.zeros((0, columns - 1), dtype=bool))
    dealt = Dealt(nothing[1:, 1:], nothing[1:, 1:], 0.0, 0.0, 0, 0)
    return Clusters(0, 0.0, nothing, nothing, 0.0, nothing[0], 0.0, dealt, present)


def _scored(used: Portion, fitted: Fitted) -> Clusters:
    table = (used.values[:, fitted.places] - fitted.means) / fitted.spreads
    x = np.column_stack([np.ones(len(table)), table[:, :-1]])
    root = np.sqrt(used.size * fitted.scale)
    residual = (table[:, -1] - x @ fitted.slopes) * root
    basis = (x @ fitted.whitener) * root[:, None]
    starts = np.flatnonzero(np.r_[True, used.codes[1:] != used.codes[:-1]]).astype(np.int64)
    plain = sum_by_cluster(basis * residual[:, None], starts)
    left = left_out_scores(basis, residual, starts)
    weight = np.add.reduceat(used.size * fitted.scale, starts)
    there = np.logical_or.reduceat(used.values[:, fitted.places[:-1]] != 0, starts)
    return Clusters(
        n=len(starts),
        squares=float(weight @ weight),
        plain=plain.T @ plain,
        left_out=left.T @ left,
        effect=float(np.sum(plain[:, 1:] * left[:, 1:])),
        gradient=plain.sum(axis=0),
        left=float(residual @ residual),
        dealt=_dealt(table, used.size * fitted.scale, starts),
        present=_patterns(there),
    )


def _dealt(table: Floats, weights: Floats, starts: Integers) -> Dealt:
    drivers, outcome = table[:, :-1] * weights[:, None], table[:, -1]
    together = sum_by_cluster(drivers, starts)
    squares = float(outcome @ outcome)
    sizes = np.diff(starts, append=len(table))
    return Dealt(
        own=drivers.T @ drivers,
        shared=together.T @ together,
        squares=squares,
        products=float(np.sum(np.add.reduceat(outcome, starts) ** 2)) - squares,
        rows=len(table),
        pairs=int(sizes @ sizes) - len(table),
    )


def _patterns(there: np.ndarray) -> pd.DataFrame:
    """How often each row of yes and no occurs."""
    words = pd.DataFrame(_words(there)).assign(n=1)
    return words.groupby(list(words.columns[:-1]), as_index=False).sum()


def _words(there: np.ndarray) -> Integers:
    """Rows (m, p) of yes and no as integers (m, ⌈p / 62⌉), a bit each."""
    portions_of = range(0, there.shape[1], BITS)
    words = [
        there[:, first : first + BITS] @ (1 << np.arange(min(BITS, there.shape[1] - first)))
        for first in portions_of
    ]
    return np.column_stack(words).astype(np.int64)
