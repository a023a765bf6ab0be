"""What any split of R² must satisfy, whatever the data and the partition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importance_data import cross_of, regression_r2, some_data

from cxanalysis.importance import (
    commonality,
    dominance,
    first,
    last,
    owen_cross,
    owen_r2,
    partition_r2,
    relative_weights,
    shapley_cross,
    shapley_r2,
)

CLOSE = 1e-9  # sweeping and least squares round differently on correlated columns

seeds = st.integers(0, 10_000)
# The group of each of six columns: any partition, in any order of groups.
partitions = st.lists(st.integers(0, 3), min_size=6, max_size=6).map(
    lambda owners: [
        [column for column in range(6) if owners[column] == owner]
        for owner in dict.fromkeys(owners)
    ]
)
checked = settings(max_examples=15, deadline=None)


@checked
@given(seeds, partitions)
def test_shares_sum_to_r2(seed, groups):
    x, y = some_data(seed)
    assert shapley_r2(x, y, groups).sum() == pytest.approx(regression_r2(x, y), abs=CLOSE)


@checked
@given(seeds, partitions)
def test_owen_values_sum_to_the_shapley_value_of_their_set(seed, groups):
    x, y = some_data(seed)
    sets = [[[column] for column in group] for group in groups]
    sums = [part.sum() for part in owen_r2(x, y, sets)]
    np.testing.assert_allclose(sums, shapley_r2(x, y, groups), atol=CLOSE)


@checked
@given(seeds)
def test_neither_scale_nor_order_nor_side_matters(seed):
    x, y = some_data(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(6)
    moved = (x * rng.uniform(0.01, 100, 6) + rng.normal(size=6))[:, order]
    before, after = cross_of(x, y), cross_of(moved, 3 - 2 * y)
    for split in (shapley_cross, relative_weights, lambda cross: dominance(cross).general):
        np.testing.assert_allclose(split(after), split(before)[order], atol=CLOSE)


@checked
@given(seeds)
def test_one_set_or_sets_of_one_group_are_the_plain_split(seed):
    x, y = some_data(seed)
    plain = shapley_r2(x, y)
    np.testing.assert_allclose(owen_r2(x, y, [[[c] for c in range(6)]])[0], plain, atol=CLOSE)
    single = owen_r2(x, y, [[[c]] for c in range(6)])
    np.testing.assert_allclose(np.concatenate(single), plain, atol=CLOSE)


@checked
@given(seeds, partitions)
def test_commonality_terms_sum_to_r2_and_those_with_a_group_to_its_total(seed, groups):
    x, y = some_data(seed)
    cross = cross_of(x, y)
    terms = commonality(cross, groups)
    assert terms.sum() == pytest.approx(regression_r2(x, y), abs=CLOSE)
    masks = np.arange(1, len(terms) + 1)
    totals = [terms[masks >> group & 1 == 1].sum() for group in range(len(groups))]
    np.testing.assert_allclose(totals, first(cross, groups), atol=CLOSE)


@checked
@given(seeds)
def test_relative_weights_sum_to_r2_and_are_not_negative(seed):
    x, y = some_data(seed)
    weights = relative_weights(cross_of(x, y))
    assert weights.sum() == pytest.approx(regression_r2(x, y), abs=CLOSE)
    assert np.all(weights >= 0)


@checked
@given(seeds, partitions)
def test_complete_dominance_entails_conditional_and_this_general(seed, groups):
    found = dominance(cross_of(*some_data(seed)), groups)
    for i, j in np.argwhere(found.complete == 1):
        assert np.all(found.conditional[i] >= found.conditional[j] - CLOSE)
    for i in range(len(groups)):
        for j in np.flatnonzero(np.all(found.conditional[i] > found.conditional, axis=1)):
            assert found.general[i] > found.general[j]
    np.testing.assert_allclose(found.complete + found.complete.T, 1)


@checked
@given(seeds, partitions)
def test_replicates_equal_a_loop_over_them(seed, groups):
    crosses = np.array([[cross_of(*some_data(seed + step))] for step in range(3)])
    sets = [part for part in ([groups[:1], groups[1:]]) if part]
    for split in (
        lambda cross: shapley_cross(cross, groups),
        lambda cross: owen_cross(cross, sets)[-1],
        lambda cross: partition_r2(cross, sets),
        lambda cross: first(cross, groups),
        lambda cross: last(cross, groups),
        lambda cross: commonality(cross, groups),
        lambda cross: dominance(cross, groups).conditional,
        relative_weights,
    ):
        looped = np.array([[split(cross[0])] for cross in crosses])
        np.testing.assert_allclose(split(crosses), looped, atol=CLOSE)
