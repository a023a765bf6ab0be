from math import isnan, nan

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxanalysis.config import StudyConfig
from cxanalysis.metrics import paired_change
from cxanalysis.metrics.paired import mcnemar, paired_interval, paired_means
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # the same formula by another way
SIMULATED = 0.015  # three standard errors of .95 over 2,000 runs


def study(rows: list[tuple[str, str, float]], score: str = "nps", **settings: object) -> Study:
    """Answers of customers at a time, reported for February with January before it."""
    frame = pd.DataFrame(rows, columns=["customer_id", "responded_at", score])
    frame["responded_at"] = pd.to_datetime(frame["responded_at"], utc=True)
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 2}} | settings
    base = study_of(StudyConfig.model_validate(content), {"surveys": frame})
    return Study(base.path, base.config, base.engine, base.tables, parse_period("2026-02"))


def row(study: Study, metric: str = "nps") -> pd.Series:
    return paired_change(study).set_index("metric").loc[metric]


JANUARY, FEBRUARY = "2026-01-10", "2026-02-10"
TWICE = [
    *[("a", JANUARY, 5), ("a", FEBRUARY, 10)],  # detractor, then promoter: two categories up
    *[("b", JANUARY, 9), ("b", FEBRUARY, 9)],
    *[("c", JANUARY, 7), ("c", FEBRUARY, 9)],
]


def test_only_customers_of_both_periods_are_compared_each_with_themselves():
    once = [("d", JANUARY, 0), ("e", FEBRUARY, 0), ("f", "2025-12-31", 0), ("f", FEBRUARY, 0)]
    result = row(study([*TWICE, *once]))
    assert result["n"] == 3
    assert (result["previous"], result["value"]) == (0, 100)
    low, high, p_value = paired_interval([2, 0, 1])
    limits = result["conf_low"], result["conf_high"]
    assert limits == pytest.approx((100 * low, 100 * high), abs=100 * EXACT)
    assert result["p_value"] == p_value


def test_a_customers_last_answer_of_a_period_counts_whatever_the_order_of_the_rows():
    again = [("c", "2026-02-20", 3), *TWICE, ("c", "2026-02-25", nan)]
    assert row(study(again))["value"] == pytest.approx(100 / 3, abs=100 * EXACT)


def test_a_customer_without_a_number_is_nobodys_pair():
    unknown = [(None, JANUARY, 0), (None, FEBRUARY, 0)]
    assert row(study([*TWICE, *unknown]))["n"] == 3


def test_too_few_pairs_are_withheld_and_counted():
    result = row(study(TWICE, metrics={"min_base": 4}))
    assert isnan(result["difference"])
    assert (result["n"], result["note"]) == (3, "withheld: fewer than 4")


def test_a_period_before_without_answers_is_told_from_customers_who_did_not_answer_again():
    february = [answer for answer in TWICE if answer[1] == FEBRUARY]
    assert row(study(february))["note"] == "nothing in the period before"
    assert row(study([*february, ("z", JANUARY, 9)]))["note"] == "nothing to pair"


def test_satisfaction_is_tested_by_mcnemar_and_ease_by_the_paired_t():
    random = np.random.default_rng(1)
    before, now = random.integers(1, 6, 40), random.integers(2, 6, 40)
    rows = [(f"c{i}", JANUARY, before[i]) for i in range(40)]
    rows += [(f"c{i}", FEBRUARY, now[i]) for i in range(40)]
    csat = row(study(rows, "csat"), "csat")
    up, down = np.sum((before < 4) & (now >= 4)), np.sum((before >= 4) & (now < 4))
    assert csat["difference"] == pytest.approx((up - down) / 40, abs=EXACT)
    assert csat["p_value"] == pytest.approx(stats.binomtest(up, up + down).pvalue, abs=EXACT)
    ces = row(study(rows, "ces"), "ces")
    expected = stats.ttest_rel(now, before)
    limits = expected.confidence_interval()
    assert ces["p_value"] == pytest.approx(expected.pvalue, abs=EXACT)
    assert (ces["conf_low"], ces["conf_high"]) == pytest.approx((limits.low, limits.high))


def test_what_is_needed_for_pairs_is_named():
    base = study(TWICE)
    everything = Study(base.path, base.config, base.engine, base.tables)
    assert set(paired_change(everything)["note"]) == {"needs a period"}
    notes = paired_change(base).set_index("metric")["note"]
    assert notes["csat"] == "needs surveys.csat"
    nobody = {"surveys": base.tables["surveys"].drop("customer_id")}
    unnamed = Study(base.path, base.config, base.engine, nobody, base.period)
    assert set(paired_change(unnamed)["note"]) == {"needs surveys.customer_id"}


def test_a_shares_interval_is_bonett_and_prices_with_students_t():
    # 12 up, 5 down among 60: p12 = 13 / 62, p21 = 6 / 62.
    up, down = 13 / 62, 6 / 62
    error = np.sqrt((up + down - (up - down) ** 2) / 62)
    reach = stats.t.ppf(0.975, 59) * error
    low, high, _ = paired_interval([1] * 12 + [-1] * 5 + [0] * 43)
    assert (low, high) == pytest.approx((up - down - reach, up - down + reach), abs=EXACT)


def test_nobody_changing_still_leaves_an_interval():
    low, high, p_value = paired_interval([0] * 30)
    assert low < 0 < high
    assert p_value == 1
    assert mcnemar([1, 0, 1], [1, 0, 1]) == 1
    assert all(isnan(each) for each in paired_means([1, 2, 3], [2, 3, 4]))
    assert all(isnan(each) for each in paired_interval([1]))


def test_many_changes_are_tested_by_chi_square():
    before, now = [0] * 40 + [1] * 20, [1] * 40 + [0] * 20
    expected = stats.chi2.sf((40 - 20) ** 2 / 60, 1)
    assert mcnemar(before, now) == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(("n", "correlation"), [(30, 0.0), (30, 0.8), (100, 0.8)])
def test_the_paired_interval_covers_its_truth(n, correlation):
    random = np.random.default_rng(8)
    before = random.standard_normal((2000, n))
    noise = random.standard_normal((2000, n))
    now = correlation * before + np.sqrt(1 - correlation**2) * noise
    # 30 % promoters and 40 % detractors, then 50 % and 20 %: NPS from −10 to +30.
    old = (before > stats.norm.ppf(0.7)).astype(int) - (before < stats.norm.ppf(0.4))
    new = (now > 0).astype(int) - (now < stats.norm.ppf(0.2))
    limits = [paired_interval(changes) for changes in new - old]
    held = np.mean([low <= 0.4 <= high for low, high, _ in limits])
    assert held == pytest.approx(0.95, abs=SIMULATED)
