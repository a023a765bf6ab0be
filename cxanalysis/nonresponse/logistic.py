"""Logistic regression in many bootstrap samples at once: arrays only."""

from __future__ import annotations

import numpy as np

from cxanalysis.importance import Floats

TOLERANCE = 1e-6
STEPS = 30
# Added to the information so that a level without cases in a sample leaves it invertible.
RIDGE = 1e-6


def logit_probabilities(
    design: Floats, cases: Floats, events: Floats, start: Floats | None = None
) -> Floats:
    """Probability of the event for each pattern by logistic regression, in many samples.

    The parameters are those of `logit_slopes`.

    Returns
    -------
    array (b, patterns)
        By Newton's method; the same as any maximum likelihood where there is one.
    """
    return _logistic(logit_slopes(design, cases, events, start) @ design.T)


def logit_slopes(
    design: Floats, cases: Floats, events: Floats, start: Floats | None = None
) -> Floats:
    """Coefficients of a logistic regression in many samples.

    Parameters
    ----------
    design : array (patterns, k)
        With the intercept.
    cases, events : array (b, patterns)
        How many rows of each pattern a sample has, and in how many the event happened.
    start : array (k,), optional
        Where to begin; samples of one set of data have coefficients near its own.

    Returns
    -------
    array (b, k)
    """
    k = design.shape[1]
    # The information is symmetric: only one half of it is added up.
    rows, columns = np.triu_indices(k)
    products = design[:, rows] * design[:, columns]
    bent = np.empty((len(cases), k, k))
    beta = np.zeros((len(cases), k))
    rate = np.clip(events.sum(axis=1) / np.maximum(cases.sum(axis=1), 1), 1e-6, 1 - 1e-6)
    beta[:, 0] = np.log(rate / (1 - rate))
    if start is not None:
        beta[:] = start
    for _ in range(STEPS):
        probability = _logistic(beta @ design.T)
        slope = (events - cases * probability) @ design
        information = (cases * probability * (1 - probability)) @ products
        bent[:, rows, columns] = bent[:, columns, rows] = information
        bent += RIDGE * np.eye(k)
        step = np.clip(np.linalg.solve(bent, slope[:, :, None])[:, :, 0], -3, 3)
        beta = np.clip(beta + step, -30, 30)
        if np.abs(step).max() < TOLERANCE:
            break
    return beta


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))
