"""Least squares of rows that are not in memory, from sums over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cxanalysis.drivers.blocktest import BlockTest
from cxanalysis.drivers.grouptest import group_test
from cxanalysis.drivers.linear import LeastSquares
from cxanalysis.drivers.summed import SummedDesign
from cxanalysis.errors import ModelError
from cxanalysis.importance import QUANTITIES, Floats


@dataclass(frozen=True, eq=False)
class SummedSplit(LeastSquares):
    """Least squares of sums over rows, with exact CR3 by cluster."""

    design: SummedDesign

    @property
    def statsmodels(self) -> Any:
        """Refused: statsmodels needs rows.

        Raises
        ------
        ModelError
        """
        raise ModelError(
            f"this fit of {self.design.n:,} answers is made of sums in the engine, and "
            "statsmodels needs rows. Take in_rows(fit).statsmodels, a fit of some customers drawn "
            "by chance; tidy() and glance() have the figures of all."
        )

    @property
    def slopes(self) -> Floats:
        """Coefficients (p,) of the drivers."""
        spreads = self.design.spreads
        return np.asarray(self._standardised[1:] * spreads[-1] / spreads[:-1])

    @property
    def errors(self) -> Floats:
        """CR3 standard errors (p,)."""
        return self.errors_by(self.design.clusters.left_out)

    def errors_by(self, meat: Floats) -> Floats:
        """Standard errors (p,) from sums of products of the scores of clusters.

        Those of residuals as they are (`Clusters.plain`) give CR0.
        """
        return self._in_units(np.diag(self._turned(meat)))

    @property
    def classical(self) -> Floats:
        """Standard errors (p,) of independent rows of equal variance."""
        clusters, whitener = self.design.clusters, self.design.fitted.whitener
        left = clusters.left - clusters.gradient @ clusters.gradient
        variance = left / (self.design.n - len(whitener))
        return self._in_units(variance * np.sum(whitener**2, axis=1))

    def block_tests(self) -> list[BlockTest]:
        """Wald test of each row's coefficients being all zero."""
        design = self.design
        covariance = self._turned(design.clusters.left_out)
        return [
            group_test(
                design.sums.groups,
                self._standardised,
                covariance,
                [column + 1 for column in columns],
                design.n_clusters,
                design.clusters_with(columns),
                self.seed,
            )
            for columns in self.columns
        ]

    def chance(self, draws: int) -> tuple[Floats, Floats]:
        """Total R² (rows,), and that of outcomes that go with nothing (draws, rows)."""
        design = self.design
        cross = design.covariance[:-1, :-1] * design.n
        clusters, asked = design.clusters, (cross, self.columns, draws, self.seed)
        if design.scheme == "dealt":
            found = clusters.dealt.chance_r2(*asked)
        elif design.scheme == "signed":
            found = clusters.signed.chance_r2(design.sums.groups, *asked)
        else:
            found = np.full((draws, len(self.columns)), np.nan)
        return self.raw[:, QUANTITIES.index("total")], found

    @cached_property
    def _standardised(self) -> Floats:
        """Coefficients of standardised columns, the intercept first.

        Rows themselves gave the last digits, which products of columns do not hold: one step of
        refinement from their residuals.
        """
        fitted = self.design.fitted
        return np.asarray(fitted.slopes + fitted.whitener @ self.design.clusters.gradient)

    def _turned(self, meat: Floats) -> Floats:
        """Covariance of these coefficients from that of the scores."""
        whitener = self.design.fitted.whitener
        return np.asarray(whitener @ meat @ whitener.T)

    def _in_units(self, variances: Floats) -> Floats:
        """Standard errors of the drivers in their own units."""
        spreads = self.design.spreads
        return np.asarray(np.sqrt(variances[1:]) * spreads[-1] / spreads[:-1])


def fit_sums(design: SummedDesign, replicates: int, seed: int) -> SummedSplit:
    """Least squares of the design's outcome on all of its drivers."""
    freedom = design.n - len(design.fitted.whitener)
    clusters = design.clusters
    variance = (clusters.left - clusters.gradient @ clusters.gradient) / freedom
    effect = clusters.effect / (variance * len(design.columns))
    return SummedSplit(
        design=design,
        design_effect=1.0 if design.alike else float(effect),
        replicates=replicates,
        seed=seed,
    )
