"""What least squares needs to know of single clusters, in one pass over rows of whole ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxanalysis.drivers.chance import Dealt, Signed
from cxanalysis.drivers.covariance import gram, left_out_scores, product, sum_by_cluster
from cxanalysis.drivers.portions import Keys, Layout, Portion, groups_of, portions
from cxanalysis.drivers.shelf import Shelf
from cxanalysis.importance import Floats, Integers

# Columns of which one integer can say whether they are 0.
BITS = 64


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit whose residuals clusters are asked about.

    Of the drivers and, last, the outcome ``means`` and ``spreads`` (p + 1,) and the numbers
    ``places`` (p + 1,) among the columns of a `Portion`; ``slopes`` (p + 1,) of standardised
    columns, the intercept first; ``whitener`` (p + 1, p + 1) makes orthonormal columns of the
    intercept and the drivers; weights are multiplied by ``scale`` and sum to ``n`` then. Clusters
    are thrown into so many ``groups``, and each is one by itself when None.
    """

    means: Floats
    spreads: Floats
    places: Integers
    slopes: Floats
    whitener: Floats
    scale: float
    n: int
    groups: int | None


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
    signed : Signed
    present : DataFrame
        ``n`` clusters in which the same drivers are not all 0, a bit each in the other columns.
    sizes : DataFrame
        By the number of ``rows`` of a cluster: ``n`` such clusters and their total ``weight``.
    """

    n: int
    squares: float
    plain: Floats
    left_out: Floats
    effect: float
    gradient: Floats
    left: float
    dealt: Dealt
    signed: Signed
    present: pd.DataFrame
    sizes: pd.DataFrame

    def with_any(self, columns: Sequence[int]) -> int:
        """Clusters in which any of these drivers is not 0."""
        words = self.present.drop(columns="n").to_numpy()
        wanted = _words(np.isin(np.arange(BITS * words.shape[1]), list(columns))[None])
        found = (words & wanted).any(axis=1)
        return int(self.present["n"].to_numpy()[found].sum())


def scores(rows: Iterator[Portion], fitted: Fitted) -> list[Clusters]:
    """Sums over clusters, of each portion of complete rows; none is in two of them."""
    return [_scored(portion, fitted) for portion in rows]


def scores_of(batches: Iterator[Any], part: int, layout: Layout, fitted: Fitted) -> list[Clusters]:
    """The same of batches in which the rows of a cluster stand anywhere."""
    with Shelf() as shelf:
        for portion in portions(batches, layout, part):
            shelf.put(portion.where(portion.complete))
        return scores(shelf.take(), fitted)


def together(parts: Sequence[Clusters]) -> Clusters:
    """The clusters of all parts."""
    return Clusters(
        n=sum(part.n for part in parts),
        squares=sum(part.squares for part in parts),
        plain=np.sum([part.plain for part in parts], axis=0),
        left_out=np.sum([part.left_out for part in parts], axis=0),
        effect=sum(part.effect for part in parts),
        gradient=np.sum([part.gradient for part in parts], axis=0),
        left=sum(part.left for part in parts),
        dealt=Dealt.together([part.dealt for part in parts]),
        signed=Signed.together([part.signed for part in parts]),
        present=_summed(pd.concat([part.present for part in parts]), "n"),
        sizes=_summed(pd.concat([part.sizes for part in parts]), "n", "weight"),
    )


def _scored(used: Portion, fitted: Fitted) -> Clusters:
    table = np.take(used.values, fitted.places, axis=1)
    table -= fitted.means
    table /= fitted.spreads
    weights = used.size * fitted.scale
    # Orthonormal columns and, last, residuals in one product.
    turn = np.column_stack([fitted.whitener, -fitted.slopes])
    turned = product(table[:, :-1], turn[1:])
    turned += turn[0]
    turned[:, -1] += table[:, -1]
    weighted = table
    if not (weights == 1).all():
        turned *= np.sqrt(weights)[:, None]
        weighted = table * weights[:, None]
    basis, residual = turned[:, :-1], turned[:, -1].copy()
    starts = used.starts
    plain = sum_by_cluster(basis * residual[:, None], starts)
    left = left_out_scores(basis, residual, starts)
    weight = np.add.reduceat(weights, starts)
    sums = sum_by_cluster(weighted, starts)
    there = np.take(used.values != 0, fitted.places[:-1], axis=1)
    words = pd.DataFrame(np.bitwise_or.reduceat(_words(there), starts))
    names = used.keys[starts]
    if fitted.groups is not None:
        names = groups_of(names, fitted.groups).astype(np.uint64)
    rows = np.diff(starts, append=len(table))
    return Clusters(
        n=len(starts),
        squares=float(weight @ weight),
        plain=gram(plain),
        left_out=gram(left),
        effect=float(np.einsum("ij,ij", plain[:, 1:], left[:, 1:])),
        gradient=plain.sum(axis=0),
        left=float(residual @ residual),
        dealt=Dealt.of(weighted, sums, table[:, -1], starts),
        signed=Signed.of(sums, weight, names, fitted.n),
        present=_summed(words.assign(n=1), "n"),
        sizes=_summed(pd.DataFrame({"rows": rows, "n": 1, "weight": weight}), "n", "weight"),
    )


def _summed(frame: pd.DataFrame, *figures: str) -> pd.DataFrame:
    """Figures summed over rows alike in all other columns."""
    alike = [name for name in frame if name not in figures]
    return frame.groupby(alike, as_index=False)[list(figures)].sum()


def _words(there: np.ndarray) -> Keys:
    """Rows (m, p) of yes and no as integers (m, ⌈p / 64⌉), a bit each."""
    packed = np.packbits(there, axis=1, bitorder="little")
    whole = np.zeros((len(packed), -(-there.shape[1] // BITS) * BITS // 8), dtype=np.uint8)
    whole[:, : packed.shape[1]] = packed
    return whole.view(np.uint64)
