"""The split of R² against published numbers, against regressions, and by its own laws."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxanalysis.importance import (
    adjust_optimism,
    centred_cross,
    owen_r2,
    partition_r2,
    shapley_r2,
    subset_r2,
    subset_sizes,
)

REFERENCE = Path(__file__).parent / "reference"
EXACT = 1e-12  # the reference files hold R's doubles, recomputed independently
CLOSE = 1e-9  # sweeping and least squares round differently on correlated columns


def reference(name):
    content = json.loads((REFERENCE / name).read_text())
    return np.array(content["data"]["rows"]), content["data"]["columns"], content["expected"]


def swiss():
    rows, columns, expected = reference("swiss_relaimpo.json")
    return rows[:, 1:], rows[:, 0], columns[1:], expected


def some_data(seed=7, n=80, p=6):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) + rng.normal(size=(n, 1))
    return x, x @ rng.normal(size=p) + rng.normal(size=n)


def regression_r2(x, y):
    design = np.column_stack([np.ones(len(y)), x])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - residual @ residual / np.sum((y - y.mean()) ** 2)


def cross_of(x, y):
    table = np.column_stack([x, y])
    table = table - table.mean(axis=0)
    return table.T @ table


def test_split_equals_relaimpo_on_swiss():
    x, y, _, expected = swiss()
    np.testing.assert_allclose(shapley_r2(x, y), expected["lmg"], atol=EXACT)


def test_split_between_groups_equals_relaimpo():
    x, y, columns, expected = swiss()
    groups = [[columns.index(name) for name in group] for group in expected["groups"]["players"]]
    np.testing.assert_allclose(shapley_r2(x, y, groups), expected["groups"]["lmg"], atol=EXACT)


def test_totals_and_uniques_equal_relaimpos_first_and_last():
    x, y, columns, expected = swiss()
    groups = [[columns.index(name) for name in group] for group in expected["groups"]["players"]]
    split = partition_r2(cross_of(x, y), [[group] for group in groups])[::2]
    np.testing.assert_allclose(split[:, 0], expected["groups"]["first"], atol=EXACT)
    np.testing.assert_allclose(split[:, 1], expected["groups"]["last"], atol=EXACT)


def test_weighted_split_equals_relaimpo():
    x, y, _, expected = swiss()
    weights = np.abs(np.arange(1, 48) - 24.0)
    split = shapley_r2(x, y, weights=weights)
    np.testing.assert_allclose(split, expected["weighted"]["lmg"], atol=EXACT)
    np.testing.assert_allclose(shapley_r2(x, y, weights=5 * weights), split, atol=EXACT)


def test_split_equals_dominance_analysis_on_the_attitude_survey():
    rows, columns, expected = reference("attitude_dominance.json")
    x = rows[:, [columns.index(name) for name in expected["x"]]]
    np.testing.assert_allclose(shapley_r2(x, rows[:, 0]), expected["lmg"], atol=EXACT)


def test_every_union_equals_its_regression():
    x, y = some_data()
    groups = [[3], [0, 5], [1, 2]]
    values = subset_r2(cross_of(x, y), groups)
    for size in range(4):
        for union in combinations(range(3), size):
            columns = [column for group in union for column in groups[group]]
            mask = sum(1 << group for group in union)
            assert values[mask] == pytest.approx(regression_r2(x[:, columns], y), abs=CLOSE)
            assert subset_sizes(groups)[mask] == len(columns)


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


seeds = st.integers(0, 10_000)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_shares_sum_to_r2_and_owen_values_to_their_set(seed):
    x, y = some_data(seed)
    sets = [[[0], [1, 2]], [[3], [4], [5]]]
    parts = owen_r2(x, y, sets)
    between = shapley_r2(x, y, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_allclose([part.sum() for part in parts], between, atol=CLOSE)
    assert between.sum() == pytest.approx(regression_r2(x, y), abs=CLOSE)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_neither_scale_nor_order_nor_side_matters(seed):
    x, y = some_data(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(6)
    moved = (x * rng.uniform(0.01, 100, 6) + rng.normal(size=6))[:, order]
    np.testing.assert_allclose(shapley_r2(moved, 3 - 2 * y), shapley_r2(x, y)[order], atol=CLOSE)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_one_set_or_sets_of_one_group_are_the_plain_split(seed):
    x, y = some_data(seed)
    plain = shapley_r2(x, y)
    np.testing.assert_allclose(owen_r2(x, y, [[[c] for c in range(6)]])[0], plain, atol=CLOSE)
    single = owen_r2(x, y, [[[c]] for c in range(6)])
    np.testing.assert_allclose(np.concatenate(single), plain, atol=CLOSE)
