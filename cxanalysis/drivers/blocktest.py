"""Does a block add anything to the rest? Wald tests that hold their level: arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import f as f_distribution

from cxanalysis.drivers.covariance import left_out_basis, sum_by_cluster
from cxanalysis.importance import Floats, Integers

WILD_REPLICATES = 999
PORTION = 100
# Below these the F distribution rejects too often.
ENOUGH_CLUSTERS = 1000
ENOUGH_PER_COLUMN = 50
# Under this many clusters two-point weights have too few distinct samples.
FEW_CLUSTERS = 12
WEBB = np.sqrt([0.5, 1.0, 1.5])


@dataclass(frozen=True)
class BlockTest:
    """Wald test of a block of coefficients being all zero."""

    statistic: float
    df_num: int
    df_denom: int
    p_value: float
    method: str


def block_test(
    design: Floats, y: Floats, starts: Integers, block: list[int], present: int, seed: int
) -> BlockTest:
    """Test that a block adds nothing to the rest.

    Parameters
    ----------
    design, y : arrays (n, k) and (n,)
        Columns (the intercept first) and outcome, times the root of the weights; rows sorted
        by cluster.
    starts : array (clusters,)
        First row of each cluster.
    block : list of int
        Columns of ``design`` in the block.
    present : int
        Clusters in which the block is not all zero: customers with a contact, say.

    Notes
    -----
    Wald statistic with CR3, as F with (columns, clusters − 1) degrees of freedom; by
    restricted wild cluster bootstrap where clusters are under 1,000 or ``present`` is under
    50 per column (Rademacher weights; Webb's six points under 12 clusters), since there the
    F distribution rejects too often (Cameron, Gelbach and Miller 2008).
    """
    basis, triangle = np.linalg.qr(design)
    to_slopes = np.linalg.solve(triangle, basis.T)[block]
    to_scores = np.linalg.solve(triangle, left_out_basis(basis, starts).T)[block]

    def wald(outcomes: Floats) -> Floats:
        slopes = to_slopes @ outcomes
        residuals = outcomes - basis @ (basis.T @ outcomes)
        scores = np.stack(
            [sum_by_cluster(row[:, None] * residuals, starts).T for row in to_scores], axis=1
        )
        spread = np.linalg.pinv(scores @ scores.transpose(0, 2, 1), hermitian=True)
        quadratic: Floats = np.einsum("ib,bij,jb->b", slopes, spread, slopes)
        return quadratic / len(block)

    clusters = len(starts)
    statistic = float(wald(y[:, None])[0])
    if clusters >= ENOUGH_CLUSTERS and present >= ENOUGH_PER_COLUMN * len(block):
        p_value = float(f_distribution.sf(statistic, len(block), clusters - 1))
        return BlockTest(statistic, len(block), clusters - 1, p_value, "Wald, CR3")
    rest = np.linalg.qr(np.delete(design, block, axis=1))[0]
    restricted = y - rest @ (rest.T @ y)
    rng = np.random.default_rng(seed)
    draws = np.concatenate(
        [
            # The restricted fit lies in the span of the design: it moves neither slopes nor
            # residuals, so the signed residuals stand for the whole resampled outcome.
            wald(
                restricted[:, None] * _signs(rng, clusters, size)[_cluster_of_rows(starts, len(y))]
            )
            for size in _portions(WILD_REPLICATES)
        ]
    )
    p_value = float((1 + np.sum(draws >= statistic)) / (1 + len(draws)))
    return BlockTest(
        statistic, len(block), clusters - 1, p_value, "Wald, CR3, restricted wild bootstrap"
    )


def _signs(rng: np.random.Generator, clusters: int, size: int) -> Floats:
    """Random weights of mean 0 and variance 1, one per cluster and replicate."""
    points = np.ones(1) if clusters >= FEW_CLUSTERS else WEBB
    return rng.choice(np.concatenate([-points, points]), size=(clusters, size))


def _cluster_of_rows(starts: Integers, n: int) -> Integers:
    return np.repeat(np.arange(len(starts)), np.diff(starts, append=n))


def _portions(total: int) -> list[int]:
    return [min(PORTION, total - first) for first in range(0, total, PORTION)]
