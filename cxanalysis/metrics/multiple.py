"""P-values where several questions are asked at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """P-values (m,) adjusted so that one false alarm among all m is as rare as in a single test.

    Notes
    -----
    That of statsmodels has Python's collector go through all objects at every call, which in a
    report takes a tenth of a second for a handful of p-values.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65-70.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)
    steps = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def holm_known(p_values: ArrayLike) -> NDArray[np.float64]:
    """The same where some are NaN: those stay so, and do not count among the questions."""
    p = np.asarray(p_values, dtype=np.float64)
    known = ~np.isnan(p)
    adjusted = np.full(p.shape, np.nan)
    if known.any():
        adjusted[known] = holm(p[known])
    return adjusted
