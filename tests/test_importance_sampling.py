"""Sampled orderings: right on average, and honest about their error."""

import numpy as np
import pytest
from importance_data import cross_of, regression_r2, some_data

from cxanalysis.errors import ModelError
from cxanalysis.importance import sample_shapley, shapley_cross

CLOSE = 1e-9  # sweeping and least squares round differently on correlated columns
SEEDS = 300
# A standard deviation of 300 draws is known to 1/√600, about 4 %; the widest of eight, and the
# stated error of 30 pairs, to a few times that.
SPREAD = 0.2
FAR = 5  # standard errors: beyond it by chance once in a million


@pytest.fixture(scope="module")
def sampled():
    cross = cross_of(*some_data(p=8))
    runs = [sample_shapley(cross, permutations=60, seed=seed) for seed in range(SEEDS)]
    return cross, np.array([run.values for run in runs]), np.array([run.std_error for run in runs])


def test_stated_error_is_the_spread_between_seeds(sampled):
    _, values, errors = sampled
    stated = np.sqrt(np.mean(errors**2, axis=0))
    np.testing.assert_allclose(values.std(axis=0, ddof=1), stated, rtol=SPREAD)


def test_sampled_split_agrees_with_the_exact_one(sampled):
    cross, values, errors = sampled
    exact = shapley_cross(cross)
    error_of_mean = np.sqrt(np.mean(errors**2, axis=0) / SEEDS)
    assert np.all(np.abs(values.mean(axis=0) - exact) < FAR * error_of_mean)
    one = sample_shapley(cross, permutations=4000)
    assert np.all(np.abs(one.values - exact) < FAR * one.std_error)
    assert np.all(one.std_error < 0.2 * errors.mean(axis=0))


def test_many_columns_and_groups_share_r2_without_rest():
    x, y = some_data(p=40, n=300)
    cross, groups = cross_of(x, y), [[0, 1, 2], *([column] for column in range(3, 40))]
    sampled = sample_shapley(cross, groups, permutations=20)
    assert sampled.values.shape == (38,)
    assert sampled.values.sum() == pytest.approx(regression_r2(x, y), abs=CLOSE)


def test_groups_of_several_columns_agree_with_the_exact_split():
    cross, groups = cross_of(*some_data()), [[3], [0, 5], [1, 2, 4]]
    sampled = sample_shapley(cross, groups, permutations=1200)
    apart = np.abs(sampled.values - shapley_cross(cross, groups))
    assert np.all(apart < FAR * sampled.std_error)


def test_the_same_seed_gives_the_same_orderings_to_every_replicate():
    crosses = np.array([[cross_of(*some_data(seed, p=5)) for seed in (1, 2)]])
    both = sample_shapley(crosses, permutations=20, seed=4)
    alone = sample_shapley(crosses[0, 1], permutations=20, seed=4)
    np.testing.assert_array_equal(both.values[0, 1], alone.values)
    np.testing.assert_array_equal(both.std_error[0, 1], alone.std_error)


@pytest.mark.parametrize("permutations", [2, 7])
def test_orderings_that_make_no_pairs_are_refused(permutations):
    with pytest.raises(ModelError, match=f"permutations={permutations}.*even number"):
        sample_shapley(cross_of(*some_data()), permutations=permutations)
