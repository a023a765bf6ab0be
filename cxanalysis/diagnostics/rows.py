"""Answers that look copied or clicked through: arrays only."""

from __future__ import annotations

import numpy as np

from cxanalysis.importance import Floats, Integers

# Fewer repeats than these are no pattern.
FEWEST_ROWS = 10
LEAST_SHARE = 0.02
# A row of one value over fewer ratings than these is too likely to be meant.
FEWEST_RATINGS = 5
LEAST_STRAIGHT = 0.05


def repeated_rows(table: Floats) -> dict[str, int] | None:
    """Rows identical to another in every column, where there are more than chance would leave.

    Parameters
    ----------
    table : array (n, columns)
        Complete rows: all drivers and the outcome.

    Returns
    -------
    dict or None
        ``n`` rows, ``repeated`` of them with a twin, ``near`` of them with a near twin: a row
        that differs in exactly one column. None where nothing is amiss.

    Notes
    -----
    Among answers alike by chance many rows have near twins, since each column, the outcome
    above all, had a fair chance to differ; copied rows have none. So rows count as repeated
    where more have a twin than have a near twin, and those are at least 2 % of the rows and
    ten. Nothing is assumed of how the columns go together.
    """
    hashes = _hashes(table)
    whole = hashes.sum(axis=1)
    alike = _alike(whole)
    near = np.zeros(len(table), dtype=bool)
    for column in hashes.T:
        near |= _alike(whole - column) > alike
    repeated, nearly = int(np.sum(alike > 1)), int(near.sum())
    if repeated < max(FEWEST_ROWS, LEAST_SHARE * len(table)) or repeated <= nearly:
        return None
    return {"n": len(table), "repeated": repeated, "near": nearly}


def straight_lines(ratings: Floats) -> dict[str, int | float] | None:
    """Rows that give one and the same value to every rating, where they are many.

    Parameters
    ----------
    ratings : array (n, items)
        Ratings on one scale, NaN where there is none.

    Returns
    -------
    dict or None
        ``n`` rows with at least five ratings, ``straight`` of them with a single value, and the
        ``value`` most of these give (``of_value`` of them). None below 5 % of the rows or ten.
    """
    known = np.sum(~np.isnan(ratings), axis=1) >= FEWEST_RATINGS
    rows = ratings[known]
    if len(rows) == 0:
        return None
    lowest = np.nanmin(rows, axis=1)
    straight = lowest[np.nanmax(rows, axis=1) == lowest]
    if len(straight) < max(FEWEST_ROWS, LEAST_STRAIGHT * len(rows)):
        return None
    values, counts = np.unique(straight, return_counts=True)
    most = int(counts.argmax())
    return {
        "n": len(rows),
        "straight": len(straight),
        "value": float(values[most]),
        "of_value": int(counts[most]),
    }


def look_like_ratings(table: Floats) -> Integers:
    """Numbers of the columns that hold 3 to 11 whole numbers on the commonest of their scales.

    Parameters
    ----------
    table : array (n, columns)
    """
    scales: dict[tuple[float, float], list[int]] = {}
    for number, column in enumerate(table.T):
        values = np.unique(column)
        if 3 <= len(values) <= 11 and np.array_equal(values, np.round(values)):
            scales.setdefault((values[0], values[-1]), []).append(number)
    return np.array(max(scales.values(), key=len, default=[]), dtype=np.int64)


def _hashes(table: Floats) -> Integers:
    """A random number for every value of every column; sums of them stand for whole rows."""
    rng = np.random.default_rng(0)
    columns = []
    for column in table.T:
        _, codes = np.unique(column, return_inverse=True)
        # Sums wrap around, which does not matter: equal rows keep equal sums.
        numbers = rng.integers(np.iinfo(np.int64).min, np.iinfo(np.int64).max, codes.max() + 1)
        columns.append(numbers[codes])
    return np.column_stack(columns)


def _alike(hashes: Integers) -> Integers:
    """How many rows have the same hash as each."""
    _, place, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    return np.asarray(counts[place], dtype=np.int64)
