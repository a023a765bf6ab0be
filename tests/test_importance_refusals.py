"""What the array functions take, and what they refuse with the way out."""

import numpy as np
import pandas as pd
import pytest
from importance_data import cross_of, some_data

from cxanalysis.errors import ModelError
from cxanalysis.importance import (
    commonality,
    cross_products,
    dominance,
    last,
    owen_cross,
    owen_r2,
    partition_r2,
    relative_weights,
    sample_shapley,
    shapley_cross,
    shapley_r2,
    subset_r2,
)

EXACT = 1e-12  # the same sums in another order
OF_GROUPS = [subset_r2, commonality, dominance, shapley_cross, sample_shapley, last]


def test_whole_numbers_lists_frames_and_series_are_numbers_too():
    x, y = some_data(p=3)
    x, y, size = np.round(10 * x), np.round(10 * y), np.arange(len(y)) % 3 + 1
    expected = shapley_r2(x, y, weights=size.astype(float))
    forms = [
        (x.astype(int), y.astype(int), size),
        (pd.DataFrame(x), pd.Series(y), pd.Series(size)),
        (x.tolist(), y.tolist(), size.tolist()),
    ]
    for form in forms:
        np.testing.assert_allclose(shapley_r2(*form[:2], weights=form[2]), expected, atol=EXACT)


def test_data_are_left_as_they_were():
    x, y = some_data(p=2)
    before = x.copy(), y.copy()
    cross_products(x, y)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(y, before[1])


@pytest.mark.parametrize("split", OF_GROUPS)
@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([[0, 1], [1, 2]], "column 1 twice"),
        ([[0], [3]], "column 3, and the columns are 0 to 2; the outcome, which is last"),
        ([[0], [-1]], "column -1, and the columns are 0 to 2"),
        ([0, 1], r"list of lists of column numbers, as in \[\[0, 1\], \[2\]\]"),
    ],
)
def test_groups_that_are_no_division_of_the_columns_are_refused(split, groups, words):
    with pytest.raises(ModelError, match=words):
        split(cross_of(*some_data(p=3)), groups)


def test_overlapping_sets_are_refused():
    x, y = some_data(p=3)
    sets = [[[0], [1]], [[1], [2]]]
    for refused in (lambda: owen_r2(x, y, sets), lambda: partition_r2(cross_of(x, y), sets)):
        with pytest.raises(ModelError, match="column 1 twice"):
            refused()


@pytest.mark.parametrize(
    "split", [*OF_GROUPS, owen_cross, lambda cross, _: relative_weights(cross)]
)
def test_data_in_the_place_of_cross_products_are_refused_with_the_way_there(split):
    with pytest.raises(ModelError, match=r"square matrices of .* cross_products\(x, y\)"):
        split(some_data(p=3)[0], [[0], [1]])


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_missing_and_infinite_values_are_counted(wrong):
    x, y = some_data(n=50, p=2)
    x[7, 1] = wrong
    with pytest.raises(ModelError, match="x is missing or infinite in 1 of 100 places"):
        shapley_r2(x, y)
    cross = np.full((3, 3), wrong)
    with pytest.raises(ModelError, match="cross is missing or infinite in 9 of 9"):
        shapley_cross(cross)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x, y: (x, y[1:], None), r"x has the shape \(50, 2\) and y \(49,\)"),
        (lambda x, y: (x, y, np.ones(49)), r"weights have the shape \(49,\) for 50 rows"),
        (lambda x, y: (x, y, -np.ones(50)), "negative"),
        (lambda x, y: (x, y, np.zeros((2, 50))), "all of them 0"),
        (lambda x, y: (np.full(x.shape, "a"), y, None), "x is no array of numbers"),
    ],
)
def test_data_that_do_not_fit_together_are_refused(change, words):
    with pytest.raises(ModelError, match=words):
        cross_products(*change(*some_data(n=50, p=2)))
