import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from cxanalysis.metrics.multiple import holm, holm_known

PRINTED = 1e-12  # few enough digits to be worked out by hand


def test_holm_multiplies_by_the_tests_still_open_and_never_falls_behind_a_smaller_p():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06], abs=PRINTED)


def test_holm_stops_at_one():
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]


def test_holm_of_nothing_is_nothing():
    assert holm([]).tolist() == []


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_holm_is_that_of_statsmodels_to_the_last_digit(count):
    rng = np.random.default_rng(count)
    p_values = np.round(rng.uniform(0, 0.2, count), 2)  # with ties
    expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values).tolist() == expected.tolist()


def test_unknown_p_values_stay_unknown_and_count_for_nothing() -> None:
    adjusted = holm_known([0.01, np.nan, 0.04])
    assert list(adjusted[[0, 2]]) == pytest.approx([0.02, 0.04])
    assert np.isnan(adjusted[1])
    assert np.isnan(holm_known([np.nan])).all()
