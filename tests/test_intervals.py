import json
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from cxanalysis.metrics import intervals
from cxanalysis.metrics.figures import nps
from cxanalysis.metrics.intervals import (
    Interval,
    difference_interval,
    mean_interval,
    median_interval,
    nps_difference,
    nps_interval,
    wilson,
)

REFERENCE = json.loads(
    (Path(__file__).parent / "reference" / "proportions_nps.json").read_text(encoding="utf-8")
)
EXPECTED = REFERENCE["expected"]
PRINTED = REFERENCE["tolerance"]  # the papers print four decimals
EXACT = 1e-9  # the same formula evaluated twice
SIMULATED = 0.015  # three standard errors of .95 over 2,000 runs


def test_wilson_reproduces_newcombes_table_row_by_row_and_as_arrays():
    rows = EXPECTED["wilson"]
    for row in rows:
        low, high = wilson(row["x"], row["n"])
        assert (low, high) == pytest.approx((row["lo"], row["hi"]), abs=PRINTED)
    lows, highs = wilson([row["x"] for row in rows], [row["n"] for row in rows])
    assert lows == pytest.approx([row["lo"] for row in rows], abs=PRINTED)
    assert highs == pytest.approx([row["hi"] for row in rows], abs=PRINTED)


def test_wilson_of_nothing_is_unknown_not_zero():
    low, high = wilson([0, 5], [0, 10])
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] > 0


def test_difference_of_shares_reproduces_newcombes_published_interval():
    row = EXPECTED["newcombe_diff"]
    first, second = (row["x1"], row["n1"]), (row["x2"], row["n2"])
    interval = difference_interval(
        row["x1"] / row["n1"], wilson(*first), row["x2"] / row["n2"], wilson(*second)
    )
    assert interval == pytest.approx((row["lo"], row["hi"]), abs=PRINTED)


@pytest.mark.parametrize("row", EXPECTED["nps_formula"])
def test_nps_interval_is_the_adjusted_wald_one(row):
    low, high = nps_interval(row["promoters"], row["detractors"], row["n"])
    centre, reach, *limits = row["adjusted_wald"]
    assert (low, high) == pytest.approx(limits, abs=EXACT)
    assert ((low + high) / 2, (high - low) / 2) == pytest.approx((centre, reach), abs=EXACT)


@pytest.mark.parametrize("row", EXPECTED["nps_formula"])
def test_nps_with_the_three_answers_taken_out_is_the_plain_wald_one(row, monkeypatch):
    monkeypatch.setattr(intervals, "NPS_EXTRA_ANSWERS", 0)
    monkeypatch.setattr(intervals, "NPS_EXTRA_SHARE", 0)
    low, high = nps_interval(row["promoters"], row["detractors"], row["n"])
    score, reach, *limits = row["wald"]
    assert (low, high) == pytest.approx(limits, abs=EXACT)
    assert ((low + high) / 2, (high - low) / 2) == pytest.approx((score, reach), abs=EXACT)
    plain = nps(row["promoters"], row["detractors"], row["n"])
    assert plain.value == pytest.approx(100 * score, abs=100 * EXACT)


def test_nps_of_two_groups_differs_by_both_adjusted_errors():
    first, second = EXPECTED["nps_formula"][:2]
    groups = [(row["promoters"], row["detractors"], row["n"]) for row in (first, second)]
    centre = first["adjusted_wald"][0] - second["adjusted_wald"][0]
    reach = np.hypot(first["adjusted_wald"][1], second["adjusted_wald"][1])
    low, high, p_value = nps_difference(*groups)
    assert (low, high) == pytest.approx((centre - reach, centre + reach), abs=EXACT)
    assert p_value == pytest.approx(2 * stats.norm.sf(1.959964 * abs(centre) / reach), rel=1e-5)
    assert (low < 0 < high) == (p_value > 0.05)


def test_nps_of_two_groups_covers_its_truth():
    random = np.random.default_rng(4)
    answers = zip(
        random.multinomial(30, [0.3, 0.3, 0.4], 2000),
        random.multinomial(30, [0.5, 0.3, 0.2], 2000),
        strict=True,
    )
    limits = [nps_difference((a[0], a[2], 30), (b[0], b[2], 30)) for a, b in answers]
    held = np.mean([low <= -0.4 <= high for low, high, _ in limits])
    assert held == pytest.approx(0.95, abs=SIMULATED)  # centred on the plain score, .926


def test_nps_interval_takes_arrays_and_leaves_nothing_unknown():
    low, high = nps_interval([36, 0], [21, 0], [100, 0])
    assert low[0] == pytest.approx(EXPECTED["nps_formula"][0]["adjusted_wald"][2], abs=EXACT)
    assert np.isnan([low[1], high[1]]).all()


def test_mean_interval_is_students_t():
    sample = np.array([2.0, 4.0, 4.0, 10.0])
    expected = stats.ttest_1samp(sample, 0).confidence_interval(0.95)
    interval = mean_interval(sample.mean(), sample.std(ddof=1), 4)
    assert interval == pytest.approx((expected.low, expected.high), abs=EXACT)
    assert all(isnan(limit) for limit in mean_interval(3.0, 0.0, 1))


def test_median_is_the_first_duration_by_which_more_than_half_had_ended():
    # 1, 2, 3+ (open), 4, 5: survival 4/5, 3/5, then 3/5 × 1/2 = .3 at 4, where it falls below .5.
    median, _ = median_interval(
        np.array([1.0, 2, 3, 4, 5]), np.array([True, True, False, True, True])
    )
    assert median == 4


def test_median_without_open_cases_has_the_order_statistics_around_it():
    # Of 101 values the exact 95 % order statistics are the 41st and 61st; the log-log
    # interval may differ by a rank or two.
    median, (low, high) = median_interval(np.arange(1.0, 102), np.ones(101, bool))
    assert median == 51
    assert low == pytest.approx(41, abs=2)
    assert high == pytest.approx(61, abs=2)


def test_median_is_unknown_where_most_have_not_ended():
    waits = np.arange(1.0, 11)
    median, (_, high) = median_interval(waits, waits <= 3)
    assert isnan(median)
    assert isnan(high)
    median, (low, high) = median_interval(waits, np.zeros(10, bool))
    assert isnan(median)
    assert isnan(low)
    assert isnan(high)


def test_difference_of_two_symmetric_intervals_adds_squares():
    interval = difference_interval(10, Interval(7, 13), 4, Interval(0, 8))
    assert interval == pytest.approx((6 - 5, 6 + 5), abs=EXACT)  # √(3² + 4²) = 5


def test_wilson_ends_at_none_and_at_all_exactly() -> None:
    assert [wilson(0, n).low for n in range(1, 300)] == [0.0] * 299
    assert [wilson(n, n).high for n in range(1, 300)] == [1.0] * 299
