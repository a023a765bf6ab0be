"""The split of R² against regressions, at its edges and in its use of memory."""

import tracemalloc

import numpy as np
import pytest
from importance_data import cross_of, regression_r2, regressions, some_data

from cxanalysis.errors import ModelError
from cxanalysis.importance import (
    adjust_optimism,
    centred_cross,
    cross_products,
    first,
    last,
    owen,
    owen_cross,
    partition_r2,
    partition_sets,
    r2_game,
    sample_shapley,
    shapley,
    shapley_cross,
    shapley_r2,
    subset_r2,
    subset_sizes,
)
from cxanalysis.importance import sweep as sweeping

EXACT = 1e-12  # the same sums in another order
CLOSE = 1e-9  # sweeping and least squares round differently on correlated columns


def test_every_union_equals_its_regression():
    x, y = some_data()
    groups = [[3], [0, 5], [1, 2]]
    values = subset_r2(cross_of(x, y), groups)
    for union, expected in regressions(x, y, groups).items():
        mask = sum(1 << group for group in union)
        assert values[mask] == pytest.approx(expected, abs=CLOSE)
        assert subset_sizes(groups)[mask] == sum(len(groups[group]) for group in union)


def test_a_group_without_columns_adds_nothing():
    x, y = some_data(p=2)
    values = subset_r2(cross_of(x, y), [[], [0, 1], []])
    assert values[0b101] == pytest.approx(0, abs=EXACT)
    assert values[0b010] == values[0b111] == pytest.approx(regression_r2(x, y), abs=CLOSE)
    assert shapley_r2(x, y, [[], [0], [1]])[0] == pytest.approx(0, abs=EXACT)


def test_replicates_ride_along_as_leading_axes():
    crosses = np.array([[cross_of(*some_data(seed)) for seed in (1, 2)] for _ in range(3)])
    values = subset_r2(crosses, [[0, 1], [2], [3, 4, 5]])
    assert values.shape == (3, 2, 8)
    np.testing.assert_allclose(values[2, 1], subset_r2(crosses[0, 1], [[0, 1], [2], [3, 4, 5]]))
    assert partition_r2(crosses, [[[0], [1]], [[2, 3, 4, 5]]]).shape == (3, 2, 5, 5)


def test_a_dependent_or_constant_column_adds_nothing():
    x, y = some_data()
    padded = np.column_stack([x, x[:, 0] - 2 * x[:, 1], np.full(len(y), 3.0)])
    values = subset_r2(cross_of(padded, y), [[0, 1, 2, 3, 4, 5], [6], [7]])
    assert values[0b111] == pytest.approx(values[0b001], abs=CLOSE)
    assert values[0b100] == pytest.approx(0, abs=CLOSE)


def test_a_column_that_does_not_vary_in_a_replicate_is_exactly_zero():
    x, y = some_data(p=2)
    table = np.column_stack([np.ones(len(y)), x, np.full(len(y), 0.1), y])
    cross = centred_cross(table.T @ table)
    assert np.all(cross[2] == 0)
    np.testing.assert_allclose(cross[np.ix_([0, 1, 3], [0, 1, 3])], cross_of(x, y), rtol=CLOSE)


def test_a_constant_outcome_gives_no_figure():
    x, y = some_data(p=2)
    assert np.isnan(subset_r2(cross_of(x, 0 * y), [[0], [1]])).all()


def test_shared_part_is_printed_negative_under_suppression():
    rng = np.random.default_rng(3)
    signal, noise = rng.normal(size=(2, 300))
    x = np.column_stack([signal + noise, noise])
    split = partition_r2(cross_of(x, signal), [[[0]], [[1]]])
    assert np.all(split[:, 2] < 0)
    np.testing.assert_allclose(split[:, 2], split[:, 0] - split[:, 1], atol=EXACT)


@pytest.mark.parametrize(
    ("r2", "n", "p", "d", "expected"),
    [(0.5, 101, 20, 1.0, 0.375), (0.0, 21, 10, 1.0, -1.0), (0.5, 101, 20, 2.5, 0.0)],
)
def test_optimism_by_hand(r2, n, p, d, expected):
    assert adjust_optimism(np.array(r2), n, p, d) == pytest.approx(expected)


def test_optimism_has_no_figure_where_rows_do_not_suffice():
    assert np.isnan(adjust_optimism(np.array(0.9), 11, 10))


def test_whole_sets_have_the_same_rows_with_their_groups_and_without():
    cross = np.array([cross_of(*some_data(seed)) for seed in (1, 2)])
    sets = [[[4], [0, 5]], [[3]], [[1], [2]]]

    def adjust(r2, sizes):
        return adjust_optimism(r2, 80, sizes)

    everything = partition_r2(cross, sets, adjust)
    wholes = partition_sets(r2_game(cross, adjust), sets)
    np.testing.assert_allclose(wholes, everything[:, [0, 3, 5]], atol=EXACT)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_unions_taken_block_by_block_are_the_same_unions(at_once, monkeypatch):
    crosses = np.array([cross_of(*some_data(seed)) for seed in range(5)])
    sets = [[[4], [0, 5]], [[3]], [[1], [2]]]
    groups = [group for groups in sets for group in groups]
    whole = subset_r2(crosses, groups)
    values = subset_r2(crosses, [*sets[0], [3], [1, 2]])
    monkeypatch.setattr(sweeping, "GROUPS_AT_ONCE", at_once)
    np.testing.assert_allclose(subset_r2(crosses, groups), whole, atol=EXACT)
    np.testing.assert_allclose(shapley_cross(crosses, groups), shapley(whole), atol=EXACT)
    np.testing.assert_allclose(owen_cross(crosses, sets)[0], owen(values, 2), atol=EXACT)


def test_memory_does_not_double_with_each_column():
    def peak(p):
        cross = cross_of(*some_data(p=p))
        tracemalloc.start()
        shapley_cross(cross)
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    # Four columns more have sixteen times the unions.
    assert peak(20) < 4 * peak(16)


def test_more_than_25_groups_are_refused_with_the_way_out():
    x, y = some_data(p=26)
    for refused in (lambda: shapley_r2(x, y), lambda: shapley_cross(cross_of(x, y))):
        with pytest.raises(ModelError, match=r"26 groups have 67,108,864 unions.*sample_shapley"):
            refused()
    halves = [list(range(13)), list(range(13, 26))]
    assert shapley_r2(x, y, halves).sum() == pytest.approx(regression_r2(x, y), abs=CLOSE)
    assert sample_shapley(cross_of(x, y)).values.shape == (26,)


def test_first_and_last_are_total_and_unique_of_any_number_of_groups():
    x, y = some_data(p=30, n=200)
    cross, groups = cross_of(x, y), [[0, 1, 2], *([column] for column in range(3, 30))]
    assert first(cross, groups)[4] == pytest.approx(regression_r2(x[:, [6]], y), abs=CLOSE)
    without = regression_r2(x[:, 3:], y)
    unique = last(np.stack([cross, cross]), groups)
    assert unique.shape == (2, 28)
    assert unique[1, 0] == pytest.approx(regression_r2(x, y) - without, abs=CLOSE)


def test_cross_products_of_replicates_are_those_of_the_rows_they_count():
    x, y = some_data(p=3)
    times = np.random.default_rng(1).integers(0, 3, size=(2, 2, len(y)))
    crosses = cross_products(x + 1e3, y, times.astype(float))
    rows = np.repeat(np.arange(len(y)), times[1, 0])
    np.testing.assert_allclose(crosses[1, 0], cross_of(x[rows], y[rows]), rtol=CLOSE, atol=CLOSE)
    one = cross_products(x + 1e3, y, times[1, 0].astype(float))
    np.testing.assert_allclose(one, crosses[1, 0], rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose(cross_products(x, y), cross_of(x, y), rtol=CLOSE, atol=CLOSE)


def test_data_are_left_as_they_were():
    x, y = some_data()
    before = x.copy(), y.copy()
    cross_products(x, y, np.ones((2, len(y))))
    cross = cross_of(x, y)
    kept = cross.copy()
    shapley_cross(cross)
    assert np.array_equal(x, before[0])
    assert np.array_equal(y, before[1])
    assert np.array_equal(cross, kept)
