"""Commonality, dominance and relative weights against brute force."""

import numpy as np
import pytest
from importance_data import cross_of, regression_r2, regressions, some_data, unions

from cxanalysis.errors import ModelError
from cxanalysis.importance import commonality, dominance, last, relative_weights, shapley_cross

CLOSE = 1e-9  # sweeping and least squares round differently on correlated columns
GROUPS = [[3], [0, 5], [1], [2, 4]]


@pytest.fixture(scope="module")
def brute():
    """Regressions of every union of the groups."""
    return regressions(*some_data(), GROUPS)


def test_commonality_equals_inclusion_and_exclusion_of_regressions(brute):
    terms = commonality(cross_of(*some_data()), GROUPS)
    everyone = frozenset(range(4))
    for union in unions(everyone)[1:]:
        rest = everyone - union
        expected = sum((-1) ** (len(part) + 1) * brute[rest | part] for part in unions(union))
        mask = sum(1 << group for group in union)
        assert terms[mask - 1] == pytest.approx(expected, abs=CLOSE)


def test_commonality_of_one_group_is_what_it_adds_last():
    cross = cross_of(*some_data())
    alone = commonality(cross, GROUPS)[[0, 1, 3, 7]]
    np.testing.assert_allclose(alone, last(cross, GROUPS), atol=CLOSE)


def test_commonality_is_negative_under_suppression():
    rng = np.random.default_rng(3)
    signal, noise = rng.normal(size=(2, 300))
    cross = cross_of(np.column_stack([signal + noise, noise]), signal)
    assert commonality(cross, [[0], [1]])[2] < 0


def test_commonality_of_more_than_ten_groups_is_refused():
    cross = cross_of(*some_data(p=11))
    single = [[column] for column in range(11)]
    assert commonality(cross, single[:10]).shape == (1023,)
    with pytest.raises(ModelError, match=r"11 groups have 2,047 terms.*shapley_cross"):
        commonality(cross, single)


def test_general_dominance_is_the_shapley_split():
    cross = cross_of(*some_data())
    found = dominance(cross, GROUPS)
    np.testing.assert_allclose(found.general, shapley_cross(cross, GROUPS), atol=CLOSE)
    np.testing.assert_allclose(found.conditional.mean(axis=-1), found.general, atol=CLOSE)


def test_conditional_dominance_is_the_average_addition_by_size(brute):
    found = dominance(cross_of(*some_data()), GROUPS).conditional
    for group in range(4):
        for size in range(4):
            others = [u for u in unions(set(range(4)) - {group}) if len(u) == size]
            added = [brute[union | {group}] - brute[union] for union in others]
            assert found[group, size] == pytest.approx(np.mean(added), abs=CLOSE)


def test_complete_dominance_is_the_share_of_unions_where_one_adds_more(brute):
    found = dominance(cross_of(*some_data()), GROUPS).complete
    for i in range(4):
        for j in set(range(4)) - {i}:
            others = unions(set(range(4)) - {i, j})
            ahead = [brute[union | {i}] > brute[union | {j}] for union in others]
            assert found[i, j] == pytest.approx(np.mean(ahead))
    assert len(set(found.ravel())) > 2  # some pairs are undecided, so that the shares matter


def test_neither_of_two_equal_columns_dominates():
    x, y = some_data(p=3)
    found = dominance(cross_of(np.column_stack([x, x[:, 0]]), y))
    assert found.complete[0, 3] == found.complete[3, 0] == 0.5
    np.testing.assert_array_equal(np.diagonal(found.complete), 0.5)


def test_replicates_are_analysed_side_by_side():
    crosses = np.array([cross_of(*some_data(seed)) for seed in range(3)])
    found = dominance(crosses, GROUPS)
    alone = dominance(crosses[2], GROUPS)
    np.testing.assert_allclose(found.conditional[2], alone.conditional, atol=CLOSE)
    np.testing.assert_array_equal(found.complete[2], alone.complete)
    assert commonality(crosses, GROUPS).shape == (3, 15)


def test_relative_weights_equal_johnsons_steps_on_the_data():
    x, y = some_data()
    z = (x - x.mean(axis=0)) / np.linalg.norm(x - x.mean(axis=0), axis=0)
    outcome = (y - y.mean()) / np.linalg.norm(y - y.mean())
    left, _, right = np.linalg.svd(z, full_matrices=False)
    nearest = left @ right  # the orthonormal columns closest to the standardised ones
    expected = (z.T @ nearest) ** 2 @ (nearest.T @ outcome) ** 2
    np.testing.assert_allclose(relative_weights(cross_of(x, y)), expected, atol=CLOSE)


def test_relative_weights_bear_dependent_and_constant_columns():
    x, y = some_data(p=3)
    padded = np.column_stack([x, x[:, 0], np.zeros(len(y))])
    weights = relative_weights(cross_of(padded, y))
    assert weights[4] == 0
    assert weights[0] == pytest.approx(weights[3], abs=CLOSE)
    assert weights.sum() == pytest.approx(regression_r2(x, y), abs=CLOSE)
    assert np.isnan(relative_weights(cross_of(x, 0 * y))).all()
