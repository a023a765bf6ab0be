"""What a cumulative logit asks of its outcome and drivers, and the same fit by statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from cxanalysis.drivers.cumulative import Cumulative
from cxanalysis.drivers.design import Design
from cxanalysis.errors import ModelError
from cxanalysis.importance import Floats, Integers

# A score of 0 to 10 has eleven levels; more are no longer told apart by people.
MOST_LEVELS = 11
# Standard error, in log-odds over a driver's whole range, beyond which its slope is unbounded:
# one answer among two alone gives about 2, and without bound it grows to thousands.
UNBOUNDED = 50.0
# What statsmodels' numerical derivatives can tell of a coefficient.
NUMERICAL = 1e-6
# Part of the furthest such slope's reach from which a driver is named with it.
FAR = 0.2


def find_levels(design: Design, kind: str) -> Integers:
    """Number of each answer's level (n,), from 0; levels nobody chose are not counted.

    Raises
    ------
    ModelError
        For a logit, where values are other than 0 and 1; for an ordered logit, where they are
        more than 11, or rows are too few for them.
    """
    values, levels = np.unique(design.y, return_inverse=True)
    named = ", ".join(f"{value:g}" for value in values[:4]) + (", …" if len(values) > 4 else "")
    if kind == "logit" and not np.isin(values, (0, 1)).all():
        raise ModelError(
            f"outcome {design.outcome!r} has the values {named}, and model 'logit' explains 0 and "
            "1. Pass top_box=, the score from which it counts as reached, or model='ordered'."
        )
    if len(values) > MOST_LEVELS:
        raise ModelError(
            f"outcome {design.outcome!r} has {len(values):,} different values ({named}), and "
            f"model 'ordered' is for at most {MOST_LEVELS} levels. Round it to its scale, or use "
            "model='ols'."
        )
    needed = len(design.columns) + len(values)
    if len(levels) <= needed:
        raise ModelError(
            f"{len(levels):,} complete rows do not suffice for {len(design.columns)} drivers and "
            f"{len(values)} levels of {design.outcome!r}. Take a longer period, or fewer drivers "
            "in blocks=."
        )
    return levels.astype(np.int64)


def check_separation(design: Design, fit: Cumulative, rows: Floats) -> None:
    """Refuse drivers whose slopes have no limit, given the rows that stand for the likelihood.

    Where all levels are told apart, nothing limits any slope: those that went furthest are named.

    Raises
    ------
    ModelError
    """
    drivers = design.table[:, :-1]
    information = rows.T @ rows
    tiny = np.finfo(float).tiny + np.finfo(float).eps * np.trace(information)
    inverse = np.linalg.pinv(information + tiny * np.eye(len(information)), hermitian=True)
    variances = np.abs(np.diag(inverse)[-drivers.shape[1] :])
    unbounded = np.sqrt(variances) * np.ptp(drivers, axis=0) > UNBOUNDED
    if unbounded.any():
        reach = np.abs(fit.slopes) * np.ptp(drivers, axis=0)
        unbounded &= reach >= FAR * reach[unbounded].max()
        named = [name for name, gone in zip(design.columns, unbounded, strict=True) if gone]
        raise ModelError(
            f"{', '.join(named)} tell levels of {design.outcome!r} apart without error in these "
            f"{len(drivers):,} rows (separation), so logit coefficients have no limit. Leave "
            f"{'it' if len(named) == 1 else 'some of them'} out of blocks=, take a longer period, "
            "or use model='ols'."
        )


def as_statsmodels(design: Design, kind: str, fit: Cumulative) -> Any:
    """The same fit by statsmodels, begun at ours: its own covariance is the classical one.

    Never pass it ``cov_type``: OrderedModel takes HC1 and HC3 for HC0 without a word.
    """
    exog = pd.DataFrame(design.x, index=design.index, columns=list(design.columns))
    slopes = fit.slopes / design.spreads[:-1]
    shift = np.average(design.x, axis=0, weights=design.weights) @ slopes
    thresholds = fit.thresholds + shift
    if kind == "logit":
        exog.insert(0, "const", 1.0)
        endog = pd.Series(design.y, index=design.index, name=design.outcome)
        family = sm.families.Binomial()
        model = sm.GLM(endog, exog, family=family, var_weights=design.weights)
        return model.fit(start_params=np.concatenate([-thresholds, slopes]))
    # As a Series with ordered categories: of bare numbers it makes something else.
    ordered = pd.Categorical(design.y, ordered=True)
    endog = pd.Series(ordered, index=design.index, name=design.outcome)
    begin = np.concatenate([slopes, thresholds[:1], np.log(np.diff(thresholds))])
    model = OrderedModel(endog, exog, distr="logit")
    return model.fit(begin, method="newton", disp=0, tol=NUMERICAL)
