import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxanalysis.errors import DataError
from cxanalysis.metrics.control import (
    LEAST_RANGES,
    ONE_SIDE,
    OUTSIDE,
    overdispersion,
    p_chart,
    usual_limits,
    xmr,
)

EXACT = 1e-9  # the same sums in another order
# 800 charts: three standard errors of a share of .06 or .08 are .025 to .029.
SIMULATED = 0.029

SERIES = st.lists(st.integers(-1000, 1000), min_size=2, max_size=40)


def test_xmr_limits_are_the_mean_and_2_66_mean_moving_ranges():
    # Ranges 2, 4, 3: mean 3; values 10, 12, 8, 11: mean 10.25.
    chart = xmr([10, 12, 8, 11])
    assert set(chart["centre"]) == {10.25}
    assert chart["low"][0] == pytest.approx(10.25 - 2.66 * 3, abs=EXACT)
    assert chart["high"][0] == pytest.approx(10.25 + 2.66 * 3, abs=EXACT)
    assert not chart["signal"].any()


def test_a_point_outside_the_baselines_limits_is_a_signal():
    chart = xmr([10, 12, 8, 11, 30], baseline=4)
    assert list(chart["signal"]) == [False] * 4 + [True]
    assert chart["rule"].iloc[-1] == OUTSIDE


def test_eight_in_a_row_on_one_side_are_a_signal_from_the_eighth():
    low, high = [1, 2, 1, 2, 1, 2, 1, 2, 1], [3, 4, 3, 4, 3, 4, 3, 4, 3]
    chart = xmr(low + high)
    assert list(chart.index[chart["signal"]]) == [7, 8, 16, 17]
    assert set(chart["rule"][chart["signal"]]) == {ONE_SIDE}
    assert not xmr(low[:7] + high[:7])["signal"].any()


def test_a_point_on_the_centre_neither_counts_nor_breaks_the_row():
    chart = xmr([1, -1, 1, 2, 1, 2, 1, 0, 2, 1, 2, -12])  # they add up to 0
    assert list(chart.index[chart["rule"] == ONE_SIDE]) == [10]


def test_no_range_is_taken_across_a_gap():
    assert usual_limits([1, 2, np.nan, 50, 51], least=2).n_ranges == 2
    assert usual_limits([1, 2, np.nan, 50, 51], least=2).high == pytest.approx(26 + 2.66, abs=EXACT)


def test_too_few_ranges_give_no_limits_but_their_number():
    few = usual_limits(range(LEAST_RANGES))
    assert np.isnan(few.low)
    assert few.n_ranges == LEAST_RANGES - 1
    assert not np.isnan(usual_limits(range(LEAST_RANGES + 1)).low)


def test_p_limits_follow_each_periods_base_and_stay_shares():
    chart = p_chart([80, 8, 0], [100, 10, 0])
    reach = 3 * np.sqrt(0.8 * 0.2 / 100)
    assert chart["low"][0] == pytest.approx(0.8 - reach, abs=EXACT)
    assert chart["high"].iloc[1] == 1  # .8 + 3 × .126 would be more than all
    assert np.isnan(chart["value"].iloc[2])
    assert not chart["signal"].any()


def test_a_share_beyond_three_standard_errors_is_a_signal():
    chart = p_chart([50, 52, 49, 51, 20], [100] * 5)
    assert chart["rule"].iloc[-1] == OUTSIDE
    assert not chart["signal"].iloc[:-1].any()


def test_laney_widens_the_limits_by_the_overdispersion():
    counts, n = [5100, 4900, 5150, 4850, 5000], [10_000] * 5
    factor = overdispersion(counts, n)
    # z of 2, −2, 3, −3, 0: ranges 4, 5, 6, 3.
    assert factor == pytest.approx(4.5 / 1.128, abs=EXACT)
    plain, wide = p_chart(counts, n), p_chart(counts, n, laney=True)
    assert (wide["high"] - 0.5)[0] == pytest.approx(factor * (plain["high"] - 0.5)[0], abs=EXACT)
    assert not wide["signal"].any()


@given(SERIES, st.integers(-50, 50), st.integers(1, 20))
def test_a_charts_signals_do_not_depend_on_the_unit(values, shift, scale):
    # Whole numbers, and powers of two as scale, keep the arithmetic exact enough for ties.
    one = xmr(values)
    other = xmr(np.array(values) * 2.0 ** (scale - 10))
    assert list(one["rule"]) == list(other["rule"])
    moved = usual_limits(np.array(values) + shift, least=1)
    assert moved.centre == pytest.approx(one["centre"][0] + shift, abs=1e-6)
    assert moved.high - moved.low == pytest.approx(one["high"][0] - one["low"][0], abs=1e-6)


@given(SERIES)
def test_a_chart_turned_upside_down_has_the_same_signals(values):
    assert list(xmr(values)["rule"]) == list(xmr([-value for value in values])["rule"])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30))
def test_limits_of_shares_hold_the_centre_and_stay_between_0_and_1(pairs):
    n = [a + b for a, b in pairs]
    if sum(n) == 0:
        with pytest.raises(DataError, match="n is 0 in every period"):
            p_chart([a for a, _ in pairs], n)
        return
    chart = p_chart([a for a, _ in pairs], n).dropna()
    assert ((chart["low"] >= 0) & (chart["low"] <= chart["centre"] + EXACT)).all()
    assert ((chart["high"] <= 1) & (chart["high"] >= chart["centre"] - EXACT)).all()


def test_false_alarms_of_stable_charts_are_as_the_module_says():
    random = np.random.default_rng(20)
    charts = [xmr(random.standard_normal(24)) for _ in range(800)]
    outside = np.mean([(chart["rule"] == OUTSIDE).any() for chart in charts])
    either = np.mean([chart["signal"].any() for chart in charts])
    assert outside == pytest.approx(0.06, abs=SIMULATED)
    assert either == pytest.approx(0.08, abs=SIMULATED)


def test_a_next_value_rarely_leaves_the_limits_of_seven_earlier_ones():
    random = np.random.default_rng(21)
    values = random.standard_normal((4000, 8))
    limits = [usual_limits(row[:7]) for row in values]
    missed = [
        not low <= row[7] <= high for row, (_, low, high, _) in zip(values, limits, strict=True)
    ]
    assert np.mean(missed) == pytest.approx(0.037, abs=0.01)  # three standard errors are .009


def test_wrong_counts_and_lone_values_are_refused_with_the_next_step():
    with pytest.raises(DataError, match=r"1 of 2 counts lie outside 0 to n \(first: 12 of 10"):
        p_chart([5, 12], [10, 10])
    with pytest.raises(DataError, match="two neighbouring values"):
        xmr([1, np.nan, 2])
