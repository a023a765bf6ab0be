"""Figures of a fit as frames for people: intervals, families of tests, rows by set and group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as t_distribution
from statsmodels.stats.multitest import multipletests

from cxanalysis.drivers.outline import Blocks
from cxanalysis.drivers.split import WHOLE_SET
from cxanalysis.importance import QUANTITIES, Floats
from cxanalysis.metrics import multiple

CONF_LEVEL = 0.95
FIGURES = ("raw", "estimate", "conf_low", "conf_high")


def split_frame(
    rows: pd.MultiIndex, raw: Floats, estimates: Floats, replicates: Floats
) -> pd.DataFrame:
    """Splits (rows, 5), and their replicates, as columns (quantity, figure)."""
    figures = np.stack([raw, estimates, *percentile_interval(replicates)], axis=-1)
    return pd.DataFrame(
        figures.reshape(len(figures), -1),
        index=rows,
        columns=pd.MultiIndex.from_product([QUANTITIES, FIGURES], names=["quantity", "figure"]),
    )


def term_frame(
    blocks: Blocks, columns: tuple[str, ...], estimate: Floats, error: Floats, freedom: int
) -> pd.DataFrame:
    """Coefficients with Student's t intervals, one row per column, in the order of columns."""
    origin = {
        column: (name, group)
        for name, groups in blocks.items()
        for group, names in groups.items()
        for column in names
    }
    # No error is left by a perfect fit.
    statistic = estimate / np.where(error > 0, error, np.nan)
    reach = t_distribution.ppf((1 + CONF_LEVEL) / 2, freedom) * error
    terms = pd.DataFrame(
        {
            "set": [origin[column][0] for column in columns],
            "group": [origin[column][1] for column in columns],
            "term": columns,
            "estimate": estimate,
            "std_error": error,
            "statistic": statistic,
            "p_value": 2 * t_distribution.sf(np.abs(statistic), freedom),
            "conf_low": estimate - reach,
            "conf_high": estimate + reach,
        }
    )
    return terms.assign(p_bh=terms.groupby("set")["p_value"].transform(_benjamini_hochberg))


def percentile_interval(replicates: Floats) -> tuple[Floats, Floats]:
    """Percentile interval over the first axis; NaN where there are no figures.

    A replicate in which the outcome happens to be constant has no figure at all and is passed
    over.
    """
    figures = tuple(range(1, replicates.ndim))
    replicates = replicates[~np.isnan(replicates).all(axis=figures)]
    if len(replicates) == 0:
        empty = np.full(replicates.shape[1:], np.nan)
        return empty, empty
    low, high = np.quantile(replicates, [(1 - CONF_LEVEL) / 2, (1 + CONF_LEVEL) / 2], axis=0)
    return low, high


def holm(frame: pd.DataFrame) -> pd.Series[float]:
    """Holm-adjusted p-values, over the sets and, apart from them, over the groups."""
    adjusted = pd.Series(np.nan, index=frame.index, dtype=float)
    sets = frame["group"] == WHOLE_SET
    for family in (sets, ~sets):
        if family.any():
            adjusted[family] = multiple.holm(frame.loc[family, "p_value"])
    return adjusted


def _benjamini_hochberg(p_values: pd.Series[float]) -> Floats:
    if p_values.isna().any():
        return np.full(len(p_values), np.nan)
    return np.asarray(multipletests(p_values, method="fdr_bh")[1])


def set_figures(importance: pd.DataFrame) -> Mapping[str, dict[str, Any]]:
    """The sets' plain R² points, and their share with all its figures; None for no figure."""
    return {
        str(name): {
            **{quantity: float(row[quantity, "raw"]) for quantity in QUANTITIES[:-1]},
            "share": {figure: _or_none(row["share", figure]) for figure in FIGURES},
        }
        for name, row in importance.xs(WHOLE_SET, level="group").iterrows()
    }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
