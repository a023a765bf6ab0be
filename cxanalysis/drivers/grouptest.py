"""Tests of a block from sums of products over groups of clusters, rows gone: arrays only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.stats import f as f_distribution

from cxanalysis.drivers.blocktest import (
    ENOUGH_CLUSTERS,
    ENOUGH_PER_COLUMN,
    PORTION,
    WILD_REPLICATES,
    BlockTest,
    quadratic_forms,
    random_signs,
)
from cxanalysis.drivers.covariance import ONE_CLUSTER_ONLY
from cxanalysis.importance import Floats

METHOD = "Wald, CR3"


def group_test(
    groups: Floats,
    slopes: Floats,
    covariance: Floats,
    block: Sequence[int],
    clusters: int,
    present: int,
    seed: int,
) -> BlockTest:
    """Whether a block adds anything to the rest, as `block_tests` asks of rows.

    Parameters
    ----------
    groups : array (G, k + 1, k + 1)
        Σ w·zz′ with z = (columns, outcome), the intercept first.
    slopes, covariance : arrays (k,) and (k, k)
        The fit, and the covariance of its coefficients robust to clusters.
    block : sequence of int
        Columns in the block.
    clusters, present : int
        Clusters, and those in which the block is not all zero.
    seed : int

    Notes
    -----
    Clusters in one group change sign together in the wild bootstrap. Groups are made by chance,
    so this takes nothing from its level; with some thousand of them little from its power.
    """
    own = list(block)
    size = len(own)
    wald = quadratic_forms(covariance[own][:, own][None], slopes[own][None])[0] / size
    statistic = float(wald)
    if clusters >= ENOUGH_CLUSTERS and present >= ENOUGH_PER_COLUMN * size:
        p_value = float(f_distribution.sf(statistic, size, clusters - 1))
        return BlockTest(statistic, size, clusters - 1, p_value, METHOD)
    observed, drawn = _wild(groups, own, seed)
    p_value = float((1 + np.sum(drawn >= observed)) / (1 + len(drawn)))
    method = f"{METHOD}, restricted wild bootstrap"
    return BlockTest(statistic, size, clusters - 1, p_value, method)


def _wild(groups: Floats, own: list[int], seed: int) -> tuple[float, Floats]:
    """The statistic over groups, and its values with their restricted residuals signed anew."""
    total = groups[:, :-1, :-1].sum(axis=0)
    turn = np.linalg.inv(np.linalg.cholesky(total)).T  # makes the columns orthonormal
    products = turn.T @ groups[:, :-1, :-1] @ turn
    links = groups[:, :-1, -1] @ turn
    whole = links.sum(axis=0)
    # What makes an orthonormal fit the slopes of the block, and the fit with these at zero.
    slopes_of = turn[own]
    away = slopes_of.T @ np.linalg.solve(slopes_of @ slopes_of.T, slopes_of @ whole)
    restricted = links - products @ (whole - away)
    values, vectors = np.linalg.eigh(np.eye(len(total)) - products)
    kept = values > ONE_CLUSTER_ONLY
    inverse = np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)
    left_out = slopes_of @ (vectors * inverse[:, None]) @ vectors.transpose(0, 2, 1)
    own_scores = np.einsum("gmk,gk->gm", left_out, restricted)
    fit_scores = left_out @ products

    def wald(weights: Floats) -> Floats:
        fit = weights.T @ restricted
        scores = (fit @ -fit_scores.reshape(-1, len(total)).T).reshape(-1, *own_scores.shape)
        scores += weights.T[:, :, None] * own_scores
        spread = scores.transpose(0, 2, 1) @ scores
        return quadratic_forms(spread, fit @ slopes_of.T) / len(own)

    rng = np.random.default_rng(seed)
    drawn = [wald(random_signs(rng, len(groups), size)) for size in _sizes()]
    return float(wald(np.ones((len(groups), 1)))[0]), np.concatenate(drawn)


def _sizes() -> Iterator[int]:
    for first in range(0, WILD_REPLICATES, PORTION):
        yield min(PORTION, WILD_REPLICATES - first)
