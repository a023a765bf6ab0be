"""Splits of R² against published numbers."""

import numpy as np
import pytest
from importance_data import cross_of, reference, swiss

from cxanalysis.importance import (
    cross_products,
    dominance,
    first,
    last,
    partition_r2,
    relative_weights,
    shapley,
    shapley_r2,
    subset_r2,
)

EXACT = 1e-12  # the reference files hold R's doubles, recomputed independently


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


def test_dominance_analysis_of_the_attitude_survey_ranks_as_published():
    rows, columns, expected = reference("attitude_dominance.json")
    x = rows[:, [columns.index(name) for name in expected["x"]]]
    found = dominance(cross_products(x, rows[:, 0])).general
    np.testing.assert_allclose(found, expected["lmg"], atol=EXACT)
    np.testing.assert_array_equal(found.round(3), expected["published_3dp"])


def test_first_and_last_equal_relaimpos():
    x, y, columns, expected = swiss()
    cross, single = cross_products(x, y), [[column] for column in range(5)]
    np.testing.assert_allclose(first(cross, single), expected["first"], atol=EXACT)
    np.testing.assert_allclose(last(cross, single), expected["last"], atol=EXACT)
    groups = [[columns.index(name) for name in group] for group in expected["groups"]["players"]]
    np.testing.assert_allclose(first(cross, groups), expected["groups"]["first"], atol=EXACT)
    np.testing.assert_allclose(last(cross, groups), expected["groups"]["last"], atol=EXACT)


def test_relative_weights_equal_relaimpos_genizi():
    x, y, _, expected = swiss()
    weights = relative_weights(cross_products(x, y))
    np.testing.assert_allclose(weights, expected["genizi_johnson"], atol=EXACT)
    assert weights.sum() == pytest.approx(expected["r2"], abs=EXACT)


def test_split_of_what_a_column_always_in_leaves_equals_relaimpos():
    x, y, columns, expected = swiss()
    always = columns.index("Agriculture")
    rest = [column for column in range(5) if column != always]
    values = subset_r2(cross_products(x, y), [[always], *([column] for column in rest)])[1::2]
    wanted = expected["always_agriculture"]
    left = values[-1] - values[0]
    assert left == pytest.approx(wanted["r2_left_to_share"], abs=EXACT)
    expected_split = [wanted["lmg"][columns[column]] for column in rest]
    np.testing.assert_allclose(shapley(values), expected_split, atol=EXACT)


def test_jackknife_of_the_split_equals_relaimpos():
    x, y, _, expected = swiss()
    n = len(y)
    splits = shapley_r2(x, y, weights=1 - np.eye(n))
    apart = splits.mean(axis=0) - splits
    error = np.sqrt((n - 1) / n * np.sum(apart**2, axis=0))
    np.testing.assert_allclose(error, expected["jackknife"]["se"], atol=EXACT)
    acceleration = np.sum(apart**3, axis=0) / (6 * np.sum(apart**2, axis=0) ** 1.5)
    wanted = expected["jackknife"]["bca_acceleration"]
    np.testing.assert_allclose(acceleration, wanted, atol=EXACT)
