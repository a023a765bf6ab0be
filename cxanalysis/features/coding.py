"""Two-part coding: whether a figure is known, and by how much it differs from the usual one."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

import narwhals as nw
import pandas as pd


def code_two_part(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Code figures that only some rows have so that every row can stay in a model.

    Parameters
    ----------
    frame : DataFrame
        Figures, missing where not known.
    columns : mapping
        Name of each figure's indicator, by the figure's name.

    Returns
    -------
    DataFrame
        A new frame: the indicator is 1 where the figure is known and 0 elsewhere; the figure
        is its difference from the mean among the known, and 0 where it is not known. A set's
        R² does not depend on that centre, what is divided inside a set does.
    """
    coded: dict[str, pd.Series] = {}
    for value, indicator in columns.items():
        figure = frame[value].astype("float64")
        coded[indicator] = figure.notna().astype("float64")
        coded[value] = (figure - figure.mean()).fillna(0.0)
    return frame.assign(**coded)


def two_parts(columns: Mapping[str, str], centres: pd.Series[float]) -> dict[str, nw.Expr]:
    """The columns that `code_two_part` makes as expressions, by name.

    Parameters
    ----------
    columns
        Name of each figure's indicator, by the figure's name.
    centres
        Mean among the known, by the figure's name; NaN where none is.
    """
    coded: dict[str, nw.Expr] = {}
    for value, indicator in columns.items():
        figure, centre = nw.col(value), float(centres[value])
        known = nw.when(figure.is_null()).then(nw.lit(0.0)).otherwise(nw.lit(1.0))
        coded[indicator] = known.alias(indicator)
        coded[value] = (figure - (0.0 if isnan(centre) else centre)).fill_null(0.0).alias(value)
    return coded
