"""Least squares, plain or weighted, and how its R² splits: in the data and in resamples of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from cxanalysis.drivers.blocktest import BlockTest, block_tests
from cxanalysis.drivers.covariance import cluster_covariance, design_effect
from cxanalysis.drivers.design import Design
from cxanalysis.drivers.floor import chance_r2
from cxanalysis.drivers.split import Split
from cxanalysis.importance import (
    PIVOT_TOLERANCE,
    QUANTITIES,
    Adjust,
    Floats,
    Integers,
    adjust_optimism,
    r2_game,
)

# R² of so many unions of groups are held together: about 50 MB with what is made of them.
UNIONS_AT_ONCE = 1 << 20


@dataclass(frozen=True, eq=False)
class LeastSquares(Split):
    """Least squares and the split of its R², all of it made of covariances and samples of them."""

    measure = "R²"
    exact_groups = True

    @cached_property
    def raw(self) -> Floats:
        """Split (rows, 5) of plain R²."""
        return np.asarray(self._split(self.covariances, None)[0])

    @cached_property
    def estimates(self) -> Floats:
        """Split (rows, 5) of R² adjusted for optimism."""
        return np.asarray(self._split(self.covariances, self.once)[0])

    @cached_property
    def split_replicates(self) -> Floats:
        """Splits (replicates, rows, 5) adjusted twice; none below 20 clusters."""
        splits = [self._split(covariances, self._twice) for covariances in self.resampled()]
        return np.concatenate([np.empty((0, len(self.rows), len(QUANTITIES))), *splits])

    @cached_property
    def composites(self) -> Floats:
        """Outcome units (rows,) that go with one standard deviation of each row's composite."""
        return np.asarray(self._composites_of(self.covariances)[0])

    @cached_property
    def composite_replicates(self) -> Floats:
        """Composites (replicates, rows); none below 20 clusters."""
        composites = [self._composites_of(covariances) for covariances in self.resampled()]
        return np.concatenate([np.empty((0, len(self.rows))), *composites])

    @property
    def share_gap_to_ols(self) -> float:
        """NaN: this is least squares."""
        return float("nan")

    def once(self, measure: Floats, sizes: Integers) -> Floats:
        """R² less its optimism in the data."""
        return adjust_optimism(measure, self.design.n, sizes, self.design_effect)

    def _twice(self, r2: Floats, sizes: Integers) -> Floats:
        return self.once(self.once(r2, sizes), sizes)

    def _split(self, covariances: Floats, adjust: Adjust | None) -> Floats:
        """Rows of each replicate, so many replicates at once as their unions fit in memory."""
        most = max(len(groups) for groups in self.design.sets) + len(self.design.sets) - 1
        at_once = max(1, UNIONS_AT_ONCE >> most)
        parts = [
            self.split_rows(r2_game(covariances[first : first + at_once], adjust))
            for first in range(0, len(covariances), at_once)
        ]
        return np.concatenate(parts)

    def _composites_of(self, covariances: Floats) -> Floats:
        return composite_effects(covariances, self.columns) * self.design.outcome_spread


@dataclass(frozen=True, eq=False)
class LinearSplit(LeastSquares):
    """Least squares of rows in memory.

    ``covariance`` (p + 1, p + 1) is the CR3 one of the intercept and the slopes, of standardised
    columns, which keep digits that columns as they come lose.
    """

    design: Design
    results: Any
    covariance: Floats

    @property
    def statsmodels(self) -> Any:
        """The untouched least-squares fit."""
        return self.results

    @cached_property
    def slopes(self) -> Floats:
        """Coefficients (p,) of the drivers.

        From standardised columns, which keeps a digit or two more than columns as they come.
        """
        table, spreads = self.design.table, self.design.spreads
        scaled = table * np.sqrt(self.design.weights)[:, None]
        triangle: Floats = np.asarray(np.linalg.qr(scaled, mode="r"))
        slopes = np.linalg.solve(triangle[:-1, :-1], triangle[:-1, -1])
        return np.asarray(slopes * spreads[-1] / spreads[:-1], dtype=np.float64)

    @property
    def errors(self) -> Floats:
        """CR3 standard errors (p,)."""
        return self._in_units(np.diag(self.covariance)[1:])

    @cached_property
    def classical(self) -> Floats:
        """Standard errors (p,) of independent rows of equal variance."""
        x, y = self.design.weighted
        basis, triangle = np.linalg.qr(x)
        residual = y - basis @ (basis.T @ y)
        variance = residual @ residual / (len(y) - x.shape[1])
        return self._in_units(variance * np.sum(np.linalg.inv(triangle)[1:] ** 2, axis=1))

    def _in_units(self, variances: Floats) -> Floats:
        """Standard errors of the drivers in their own units."""
        spreads = self.design.spreads
        return np.asarray(np.sqrt(variances) * spreads[-1] / spreads[:-1], dtype=np.float64)

    def block_tests(self) -> list[BlockTest]:
        """Wald test of each row's coefficients being all zero."""
        design = self.design
        return block_tests(
            *design.weighted,
            design.starts,
            [[column + 1 for column in columns] for columns in self.columns],
            [design.clusters_with(columns) for columns in self.columns],
            self.seed,
        )

    def chance(self, draws: int) -> tuple[Floats, Floats]:
        """Total R² (rows,), and that of outcomes that go with nothing (draws, rows)."""
        design = self.design
        dealt = chance_r2(
            design.table, design.weights, design.starts, self.columns, draws, self.seed
        )
        return self.raw[:, QUANTITIES.index("total")], dealt


def fit_linear(design: Design, weighted: bool, replicates: int, seed: int) -> LinearSplit:
    """Least squares of the design's outcome on all of its drivers."""
    exog = pd.DataFrame(design.x, index=design.index, columns=list(design.columns))
    exog.insert(0, "const", 1.0)
    endog = pd.Series(design.y, index=design.index, name=design.outcome)
    model = sm.WLS(endog, exog, weights=design.weights) if weighted else sm.OLS(endog, exog)
    # By QR: the default pseudo-inverse loses columns of very different units.
    results = model.fit(method="qr")
    x, y = design.weighted
    basis = np.linalg.qr(x)[0]
    residual = y - basis @ (basis.T @ y)
    return LinearSplit(
        design=design,
        design_effect=1.0 if design.alike else design_effect(x, residual, design.starts),
        replicates=replicates,
        seed=seed,
        results=results,
        covariance=cluster_covariance(x, residual, design.starts),
    )


def composite_effects(covariances: Floats, blocks: Sequence[Sequence[int]]) -> Floats:
    """What one standard deviation of each block's fitted part goes with, others held equal.

    Parameters
    ----------
    covariances : array (b, p + 1, p + 1)
        Of standardised drivers and, last, the outcome.
    blocks : sequence of sequences of int
        Column numbers of each block.

    Returns
    -------
    array (b, blocks)
        √(β′Σβ), in standard deviations of the outcome; with the coefficient's sign where a
        block has one column.
    """
    drivers, outcome = covariances[:, :-1, :-1], covariances[:, :-1, -1]
    # Standardised drivers have variances near 1: what is added is nothing to them, and gives a
    # rare column that does not vary in a replicate the slope 0.
    solvable = drivers + PIVOT_TOLERANCE * np.eye(drivers.shape[-1])
    slopes = np.linalg.solve(solvable, outcome[..., None])[..., 0]
    return fitted_spreads(np.asarray(slopes, dtype=np.float64), drivers, blocks)


def fitted_spreads(slopes: Floats, drivers: Floats, blocks: Sequence[Sequence[int]]) -> Floats:
    """Standard deviation (b, blocks) of each block's fitted part; signed for one column.

    Parameters
    ----------
    slopes : array (b, p)
    drivers : array (b, p, p)
        Their covariances.
    """
    effects = []
    for block in blocks:
        columns = list(block)
        own, spread = slopes[:, columns], drivers[:, columns][:, :, columns]
        squared = np.einsum("bi,bij,bj->b", own, spread, own)
        sign = np.sign(own[:, 0]) if len(columns) == 1 else 1.0
        effects.append(sign * np.sqrt(np.maximum(squared, 0.0)))
    return np.stack(effects, axis=-1)
