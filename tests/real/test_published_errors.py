"""Standard errors by cluster against published ones, on data that are not part of the project."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxanalysis.drivers.covariance import cluster_covariance, sum_by_cluster

DATA = Path(__file__).parents[3] / "shared" / "data" / "petersen_cluster" / "PetersenCL.csv"
REFERENCE = Path(__file__).parents[1] / "reference" / "petersen_cluster.json"

pytestmark = pytest.mark.real


def test_errors_by_firm_are_those_petersen_published_and_cr3_a_little_larger() -> None:
    if not DATA.is_file():
        pytest.skip("no real data: petersen_cluster/PetersenCL.csv is not in data/ by the checkout")
    content = json.loads(REFERENCE.read_text())
    frame = pd.read_csv(DATA).sort_values("firm", kind="stable")
    design = np.column_stack([np.ones(len(frame)), frame["x"]])
    starts = np.flatnonzero(~frame["firm"].duplicated().to_numpy())
    fit = sm.OLS(frame["y"].to_numpy(), design).fit()
    near = {"atol": content["tolerance"]}
    np.testing.assert_allclose(fit.params, content["expected"]["coef"], **near)
    np.testing.assert_allclose(fit.bse, content["expected"]["se_ols"], **near)
    # CR1, made of our own sums over clusters.
    scores = np.linalg.solve(
        design.T @ design, sum_by_cluster(design * fit.resid[:, None], starts).T
    )
    firms, (n, k) = len(starts), design.shape
    factor = firms / (firms - 1) * (n - 1) / (n - k)
    cr1 = np.sqrt(factor * (scores**2).sum(axis=1))
    np.testing.assert_allclose(cr1, content["expected"]["se_firm"], **near)
    cr3 = np.sqrt(np.diag(cluster_covariance(design, fit.resid, starts)))
    assert (cr3 > cr1).all()
    np.testing.assert_allclose(cr3, cr1, rtol=0.01)  # with 500 firms the two hardly differ
