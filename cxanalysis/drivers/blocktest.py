"""Does a block add anything to the rest? Wald tests that hold their level: arrays only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import f as f_distribution

from cxanalysis.drivers.covariance import left_out_basis, sum_by_cluster
from cxanalysis.importance import Floats, Integers, subset_r2

WILD_REPLICATES = 999
# Replicates at once, and scores of them held at once: these bound the memory, and what is in
# use at a time stays in the processor's cache.
PORTION = 200
SCORES_AT_ONCE = 200_000
# Below these the F distribution rejects too often.
ENOUGH_CLUSTERS = 1000
ENOUGH_PER_COLUMN = 50
# Under this many clusters two-point weights have too few distinct samples.
FEW_CLUSTERS = 12
WEBB = np.sqrt([0.5, 1.0, 1.5])

Wald = Callable[[Floats], Floats]


@dataclass(frozen=True)
class BlockTest:
    """Wald test of a block of coefficients being all zero."""

    statistic: float
    df_num: int
    df_denom: int
    p_value: float
    method: str


def block_tests(
    design: Floats,
    y: Floats,
    starts: Integers,
    blocks: Sequence[Sequence[int]],
    present: Sequence[int],
    seed: int,
    method: str = "Wald, CR3",
) -> list[BlockTest]:
    """Test of each block that it adds nothing to the rest.

    Parameters
    ----------
    design, y : arrays (n, k) and (n,)
        Columns (the intercept first) and outcome, times the root of the weights; rows sorted
        by cluster.
    starts : array (clusters,)
        First row of each cluster.
    blocks : sequence of sequences of int
        Columns of ``design`` in each block.
    present : sequence of int
        For each block, clusters in which it is not all zero: customers with a contact, say.
    method : str
        What the statistic is called.

    Notes
    -----
    Wald statistic with CR3, as F with (columns, clusters − 1) degrees of freedom; by
    restricted wild cluster bootstrap where clusters are under 1,000 or ``present`` is under
    50 per column (Rademacher weights; Webb's six points under 12 clusters), since there the
    F distribution rejects too often (Cameron, Gelbach and Miller 2008).
    """
    basis, triangle = np.linalg.qr(design)
    to_slopes = np.linalg.solve(triangle, basis.T)
    to_scores = np.linalg.solve(triangle, left_out_basis(basis, starts).T).T
    residual = y - basis @ (basis.T @ y)
    tests = []
    for block, clusters_present in zip(blocks, present, strict=True):
        own = to_slopes[list(block)]
        # What the rest alone leaves of the outcome.
        restricted = residual + own.T @ np.linalg.solve(own @ own.T, own @ y)
        wald = _wald_of_signed(basis, own, to_scores[:, list(block)], restricted, starts)
        tests.append(_test(wald, len(block), len(starts), clusters_present, seed, method))
    return tests


def _test(
    wald: Wald, columns: int, clusters: int, present: int, seed: int, method: str
) -> BlockTest:
    statistic = float(wald(np.ones((clusters, 1)))[0])
    if clusters >= ENOUGH_CLUSTERS and present >= ENOUGH_PER_COLUMN * columns:
        p_value = float(f_distribution.sf(statistic, columns, clusters - 1))
        return BlockTest(statistic, columns, clusters - 1, p_value, method)
    rng = np.random.default_rng(seed)
    sizes = [min(PORTION, WILD_REPLICATES - at) for at in range(0, WILD_REPLICATES, PORTION)]
    draws = np.concatenate([wald(random_signs(rng, clusters, size)) for size in sizes])
    p_value = float((1 + np.sum(draws >= statistic)) / (1 + len(draws)))
    method += ", restricted wild bootstrap"
    return BlockTest(statistic, columns, clusters - 1, p_value, method)


def _wald_of_signed(
    basis: Floats, own: Floats, to_scores: Floats, restricted: Floats, starts: Integers
) -> Wald:
    """Wald statistics where each cluster's restricted residuals are multiplied by a weight.

    The restricted fit itself lies in the span of the design and would move neither the slopes
    of the block nor the residuals, so it is left out of the resampled outcome.

    Parameters
    ----------
    basis : array (n, k)
        Orthonormal columns spanning the design.
    own, to_scores : arrays (m, n) and (n, m)
        What turns an outcome into the block's slopes, and residuals into its scores.
    """
    to_slopes = sum_by_cluster(own.T * restricted[:, None], starts)
    to_fit = sum_by_cluster(basis * restricted[:, None], starts)
    ends = np.append(starts[1:], len(basis))
    step = max(1, SCORES_AT_ONCE // (PORTION * len(own)))

    def wald(signs: Floats) -> Floats:
        slopes, fit = signs.T @ to_slopes, signs.T @ to_fit
        spread = np.zeros((signs.shape[1], len(own), len(own)))
        for first in range(0, len(starts), step):
            some = slice(first, first + step)
            rows = slice(starts[first], ends[some][-1])
            scores = _scores(
                to_scores[rows], restricted[rows], basis[rows], starts[some], signs[some], fit
            )
            spread += scores.transpose(0, 2, 1) @ scores
        return quadratic_forms(spread, slopes) / len(own)

    return wald


def _scores(
    to_scores: Floats,
    restricted: Floats,
    basis: Floats,
    starts: Integers,
    signs: Floats,
    fit: Floats,
) -> Floats:
    """Scores (b, clusters, m) of some clusters: signed residuals less what the design fits."""
    clusters, (n, m) = len(starts), to_scores.shape
    begin = starts - starts[0]
    signed = sum_by_cluster(to_scores * restricted[:, None], begin)
    fitted = sum_by_cluster((to_scores[:, :, None] * basis[:, None, :]).reshape(n, -1), begin)
    scores = (fit @ -fitted.reshape(clusters * m, -1).T).reshape(-1, clusters, m)
    scores += signs.T[:, :, None] * signed
    return scores


def quadratic_forms(spread: Floats, slopes: Floats) -> Floats:
    """b′S⁻b for each of many; a direction in which S does not vary counts for nothing."""
    b, m = slopes.shape
    bordered = np.ones((b, m + 1, m + 1))
    bordered[:, :m, :m] = spread
    bordered[:, :m, m] = bordered[:, m, :m] = slopes
    return subset_r2(bordered, [range(m)])[:, 1]


def random_signs(rng: np.random.Generator, clusters: int, size: int) -> Floats:
    """Random weights of mean 0 and variance 1, one per cluster and replicate."""
    points = np.ones(1) if clusters >= FEW_CLUSTERS else WEBB
    return rng.choice(np.concatenate([-points, points]), size=(clusters, size))
