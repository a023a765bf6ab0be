"""Shapley split of R² between many groups, from a sample of their orderings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxanalysis.errors import ModelError
from cxanalysis.importance.checks import checked
from cxanalysis.importance.cross import Floats, Groups, Integers, correlations
from cxanalysis.importance.sweep import sweep

# This many orderings are swept at once, which bounds the memory.
ORDERINGS_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class SampledShapley:
    """Shapley split from sampled orderings.

    Attributes
    ----------
    values : array (…, k)
        In R² points; they sum to the R² of all groups, without error.
    std_error : array (…, k)
        Monte-Carlo standard error: what another sample of orderings would change, and
        nothing of what other customers would. It halves with four times the orderings.
    permutations : int
    """

    values: Floats
    std_error: Floats
    permutations: int


def sample_shapley(
    cross: Floats, groups: Groups | None = None, permutations: int = 2000, seed: int = 1
) -> SampledShapley:
    """Shapley (LMG) split between any number of groups, with its Monte-Carlo error.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates, which all see
        the same orderings.
    groups : sequence of sequences of int, optional
        Column numbers of each group; every column by itself when None.
    permutations : int
        Orderings, an even number of 4 or more: each is taken forwards and backwards, since
        what comes early in one comes late in the other (antithetic; Mitchell et al. 2022).
    seed : int

    Returns
    -------
    SampledShapley

    Raises
    ------
    ModelError
        Where `permutations` is odd or below 4, ``cross`` is not square and finite, or a column
        is in two groups or not there.
    """
    if permutations < 4 or permutations % 2:
        raise ModelError(
            f"sample_shapley: permutations={permutations}, but orderings come in pairs and an "
            "error needs two of these. Pass an even number of at least 4."
        )
    cross, groups = checked(cross, groups)
    rng = np.random.default_rng(seed)
    forwards = rng.permuted(np.tile(np.arange(len(groups)), (permutations // 2, 1)), axis=1)
    orders = np.stack([forwards, forwards[:, ::-1]], axis=1).reshape(permutations, -1)
    tables = correlations(cross).reshape(-1, *cross.shape[-2:])
    pairs = np.array([_gains(table, groups, orders) for table in tables])
    pairs = pairs.reshape(*cross.shape[:-2], permutations // 2, 2, len(groups)).mean(axis=-2)
    error = pairs.std(axis=-2, ddof=1) / np.sqrt(permutations // 2)
    return SampledShapley(pairs.mean(axis=-2), error, permutations)


def _gains(table: Floats, groups: Groups, orders: Integers) -> Floats:
    """What each group adds (orderings, k) to those before it in each ordering."""
    columns = np.array([[c for group in order for c in groups[group]] for order in orders])
    owners = np.array([[group for group in order for _ in groups[group]] for order in orders])
    gains = np.zeros((len(orders), len(groups)))
    for first in range(0, len(orders), ORDERINGS_AT_ONCE):
        some = slice(first, first + ORDERINGS_AT_ONCE)
        rows = np.arange(len(orders))[some]
        for owner, gained in zip(owners[some].T, _steps(table, columns[some]), strict=True):
            gains[rows, owner] += gained
    return gains


def _steps(table: Floats, columns: Integers) -> list[Floats]:
    """What each place (columns, orderings) of the orderings (orderings, columns) adds to R²."""
    places = np.column_stack([columns, np.full(len(columns), -1)]).T
    left = [table[place, places[row:]] for row, place in enumerate(places)]
    steps = []
    for _ in range(columns.shape[1]):
        before = left[-1][0]
        left = sweep(left)
        steps.append(before - left[-1][0])
    return steps
