"""Fit the outcome on all drivers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import statsmodels.api as sm

from cxanalysis.drivers.covariance import cluster_covariance, design_effect
from cxanalysis.drivers.design import Blocks, make_design
from cxanalysis.drivers.result import DriverFit
from cxanalysis.errors import ModelError
from cxanalysis.features import build_features

if TYPE_CHECKING:
    from cxanalysis.study import Study

MODELS = ("ols", "wls")
CUSTOMER = "customer_id"


def fit_drivers(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Blocks,
    *,
    cluster: str | None = CUSTOMER,
    weights: str | None = None,
    model: str | None = None,
    replicates: int = 2000,
    seed: int = 20260101,
) -> DriverFit:
    """Fit an outcome on all drivers at once, by least squares.

    Parameters
    ----------
    frame : DataFrame
        One row per answer; never changed. Rows in which the outcome or a driver is missing
        are left out and counted.
    outcome : str
        Column to be explained.
    blocks : dict of set -> group -> list of columns
        The partition, fixed beforehand: "service" and "journey", with groups inside.
    cluster : str or None
        Column whose equal values go together (a customer's answers); a row where it is
        missing stands by itself, as does every row when None, or when the frame has no
        ``customer_id`` and no other column is named.
    weights : str, optional
        Column of survey weights: weighted least squares. Rows of weight 0 are left out.
    model : "ols" or "wls", optional
        Plain or weighted least squares; what ``weights`` calls for when None.
    replicates, seed : int
        Bootstrap samples of whole clusters behind intervals of R² and shares. They are drawn
        when first asked for.

    Raises
    ------
    ModelError
        With the columns by name: absent, not numeric, infinite, named twice; unfit weights, or
        weights that the model does not go with; too few complete rows, or rows of one cluster
        only; a set of which no column can be estimated.

    Notes
    -----
    Constant columns, exact copies and columns that follow from earlier ones are left out and
    listed in ``left_out``: of two copies the earlier in ``blocks`` stays. Covariance is CR3
    (HC3 where each cluster has one row; MacKinnon, Nielsen and Webb 2023). The split of R² is
    that of Grömping (2006) with Owen values inside the sets.
    """
    model = _model(model, weights)
    if cluster == CUSTOMER and CUSTOMER not in frame:
        cluster = None
    design = make_design(frame, outcome, blocks, cluster, weights)
    exog = pd.DataFrame(design.x, index=design.index, columns=list(design.columns))
    exog.insert(0, "const", 1.0)
    endog = pd.Series(design.y, index=design.index, name=outcome)
    unfitted = (
        sm.OLS(endog, exog) if weights is None else sm.WLS(endog, exog, weights=design.weights)
    )
    # By QR: the default pseudo-inverse loses columns of very different units.
    results = unfitted.fit(method="qr")
    root = np.sqrt(design.weights)
    scaled = exog.to_numpy() * root[:, None]
    residual = np.asarray(results.resid, dtype=np.float64) * root
    independent = len(design.starts) == len(design.y)
    effect = 1.0
    if weights is not None or not independent:
        effect = design_effect(scaled, residual, design.starts)
    return DriverFit(
        outcome=outcome,
        model=model,
        blocks=design.blocks,
        left_out=design.left_out,
        n=len(design.y),
        n_dropped=design.n_dropped,
        n_clusters=len(design.starts),
        r_squared=float(results.rsquared),
        cov_type="HC3" if independent else "CR3",
        weights=weights,
        replicates=replicates,
        seed=seed,
        design_effect=effect,
        statsmodels=results,
        _design=design,
        _covariance=cluster_covariance(scaled, residual, design.starts),
    )


def _model(model: str | None, weights: str | None) -> str:
    """The model's name, once it and the weights are known to go together."""
    if model is None:
        return "ols" if weights is None else "wls"
    if model not in MODELS:
        raise ModelError(f"no model {model!r}. Available: {', '.join(MODELS)}.")
    if model == "ols" and weights is not None:
        raise ModelError(
            f"model 'ols' takes no weights, and weights={weights!r} was given. Fit with "
            "model='wls', or without weights=."
        )
    if model == "wls" and weights is None:
        raise ModelError("model 'wls' needs weights=, a column of the frame; without them: 'ols'.")
    return model


def fit_study(study: Study) -> DriverFit:
    """Fit the outcome of a study on its own partition, as its study file says."""
    settings = study.config.model
    features = build_features(study)
    return fit_drivers(
        features,
        settings.outcome,
        study.blocks,
        weights=None if settings.weights == "none" else settings.weights,
        replicates=settings.replicates,
        seed=settings.seed,
    )
