"""What is asked of cross-products, groups of columns and data before anything is split."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from cxanalysis.errors import ModelError

if TYPE_CHECKING:
    from cxanalysis.importance.cross import Floats, Groups


def checked(cross: Any, groups: Groups | None = None) -> tuple[Floats, Groups]:
    """Cross-products as floats, and groups of their columns; each column by itself when None.

    Raises
    ------
    ModelError
        Where the last two axes are no square matrix of finite numbers, or a group names a
        column that is not there or in another group.
    """
    cross = as_floats(cross, "cross")
    if cross.ndim < 2 or cross.shape[-1] != cross.shape[-2] or cross.shape[-1] < 2:
        raise ModelError(
            f"cross has the shape {cross.shape}, and a split needs square matrices of "
            "cross-products, the outcome last. Make them from the data: cross_products(x, y)."
        )
    columns = cross.shape[-1] - 1
    if groups is None:
        return cross, [[column] for column in range(columns)]
    _check_groups(groups, columns)
    return cross, groups


def as_floats(values: Any, name: str) -> Floats:
    """Any numbers, in a list, frame or array of integers, as an array of floats.

    Raises
    ------
    ModelError
        Where some are no numbers, missing or infinite.
    """
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{name} is no array of numbers: {error}.") from error
    wrong = int(numbers.size - np.isfinite(numbers).sum())
    if wrong:
        raise ModelError(
            f"{name} is missing or infinite in {wrong:,} of {numbers.size:,} places. Leave these "
            "rows out first."
        )
    return numbers


def checked_data(x: Any, y: Any, weights: Any) -> tuple[Floats, Floats, Floats | None]:
    """Columns (n, p), outcome (n,) and weights (…, n) as floats.

    Raises
    ------
    ModelError
        Where their lengths differ, or weights are negative or sum to nothing.
    """
    x, y = as_floats(x, "x"), as_floats(y, "y")
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ModelError(
            f"x has the shape {x.shape} and y {y.shape}. Give x a row, and y a value, per answer."
        )
    if weights is None:
        return x, y, None
    size = as_floats(weights, "weights")
    if size.shape[-1:] != y.shape:
        raise ModelError(
            f"weights have the shape {size.shape} for {len(y):,} rows. Give one per row, "
            "replicates in the leading axes."
        )
    if (size < 0).any() or not size.sum(axis=-1).all():
        raise ModelError("weights are negative, or all of them 0. Leave out what does not count.")
    return x, y, size


def _check_groups(groups: Groups, columns: int) -> None:
    try:
        named = [int(column) for group in groups for column in group]
    except (TypeError, ValueError) as error:
        raise ModelError(
            "groups is no list of lists of column numbers, as in [[0, 1], [2]]."
        ) from error
    absent = [column for column in named if not 0 <= column < columns]
    if absent:
        raise ModelError(
            f"groups name column {absent[0]}, and the columns are 0 to {columns - 1}; the outcome, "
            "which is last, is none of them."
        )
    twice = [column for column, times in Counter(named).items() if times > 1]
    if twice:
        raise ModelError(
            f"groups name column {twice[0]} twice. Give each column to one group: what two have "
            "would be split between them as if it were two."
        )
