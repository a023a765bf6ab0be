"""Least squares of a few columns with the customer as the unit: arrays only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.drivers.covariance import cluster_covariance
from cxanalysis.metrics.intervals import CONF_LEVEL

Floats = NDArray[np.float64]


class Slope(NamedTuple):
    """A coefficient with its 95 % limits and the p-value of its being 0."""

    value: float
    low: float
    high: float
    p_value: float


UNKNOWN = Slope(np.nan, np.nan, np.nan, np.nan)


def first_slope(columns: Floats, y: Floats, customers: pd.Series[str]) -> Slope:
    """The coefficient of the first of the columns (n, p), others held equal, beside an intercept.

    By CR3 with customers as clusters and Student's t on customers − 1 degrees of freedom;
    unknown where the columns do not vary apart from each other.
    """
    codes = pd.factorize(customers)[0]
    order = np.argsort(codes, kind="stable")
    design = np.column_stack([np.ones(len(y)), columns])[order]
    if len(y) <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        return UNKNOWN
    slopes = np.linalg.lstsq(design, y[order], rcond=None)[0]
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1)).astype(np.int64)
    covariance = cluster_covariance(design, y[order] - design @ slopes, starts)
    freedom = len(starts) - 1
    error = float(np.sqrt(covariance[1, 1]))
    value = float(slopes[1])
    if freedom < 1 or not error > 0:
        return Slope(value, np.nan, np.nan, np.nan)
    reach = float(scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, freedom)) * error
    p_value = 2 * float(scipy.stats.t.sf(abs(value) / error, freedom))
    return Slope(value, value - reach, value + reach, p_value)
