"""How much clusters and weights inflate the variance of slopes, whatever the columns."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from cxanalysis.drivers.covariance import design_effect

ROWS, COLUMNS, DRAWS = 160, 40, 150
# Four times the standard error of the mean of 150 draws, each with a spread near 0.07.
NEAR_ONE = 0.025


def some_design(rng: np.random.Generator) -> np.ndarray:
    columns = np.column_stack([np.ones(ROWS), rng.normal(size=(ROWS, COLUMNS))])
    return np.linalg.qr(columns)[0]


def residual_of(design: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    return outcome - design @ (design.T @ outcome)


@pytest.mark.parametrize("rows_each", [1, 4])
def test_independent_rows_have_a_design_effect_of_one_however_many_columns(rows_each: int) -> None:
    rng = np.random.default_rng(20260101)
    starts = np.arange(0, ROWS, rows_each)
    effects = []
    for _ in range(DRAWS):
        design = some_design(rng)
        effects.append(design_effect(design, residual_of(design, rng.normal(size=ROWS)), starts))
    assert np.mean(effects) == pytest.approx(1, abs=NEAR_ONE)


def test_with_one_row_per_cluster_it_is_that_of_hc2() -> None:
    rng = np.random.default_rng(4)
    design = some_design(rng)
    outcome = rng.normal(size=ROWS) * rng.uniform(0.2, 3, size=ROWS)
    fit = sm.OLS(outcome, design).fit()
    expected = np.sum(fit.HC2_se[1:] ** 2) / (fit.scale * COLUMNS)
    found = design_effect(design, residual_of(design, outcome), np.arange(ROWS))
    assert found == pytest.approx(expected)
