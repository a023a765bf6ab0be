"""The company's own scores against its customers' ratings, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from test_metrics_journeys import events, study

from cxanalysis.metrics.intervals import mean_interval
from cxanalysis.metrics.journeys.own_scores import own_score_gap

# Sums of small whole numbers, divided once or twice.
EXACT = 1e-9

RATED = events(
    ("a", "2026-01-01", "use/app", 2),
    ("b", "2026-01-02", "use/app", 3),
    ("c", "2026-01-03", "use/app", 4),
    ("a", "2026-01-04", "buy/shop", 4),
    ("b", "2026-01-04", "buy/shop", 5),
    ("c", "2026-01-05", "buy/shop", None),
)


def test_gap_is_the_own_score_less_the_mean_with_its_interval() -> None:
    found = own_score_gap(study(RATED, journey={"own_scores": {"use": 4.5}})).iloc[0]
    low, high = mean_interval(3.0, 1.0, 3)  # one rating per customer: the ordinary interval
    assert (found["n"], found["rating"]) == (3, 3.0)
    assert found["difference"] == pytest.approx(1.5, abs=EXACT)
    assert (found["conf_low"], found["conf_high"]) == pytest.approx((4.5 - high, 4.5 - low))
    expected = stats.ttest_1samp([2, 3, 4], 4.5).pvalue
    assert found["p_value"] == pytest.approx(expected, abs=EXACT)


def test_stages_stand_in_the_studys_order_and_p_values_allow_for_their_number() -> None:
    table = own_score_gap(study(RATED, journey={"own_scores": {"use": 4.5, "buy": 4.0}}))
    assert list(table["stage"]) == ["buy", "use"]
    assert table["p_adjusted"].min() == pytest.approx(2 * table["p_value"].min(), abs=EXACT)


def test_several_touches_of_one_customer_are_no_further_cases() -> None:
    twice = events(*(("a", "2026-01-01", "use/app", 2), ("b", "2026-01-02", "use/app", 4)) * 5)
    table = own_score_gap(study(twice, journey={"own_scores": {"use": 3.5}}))
    assert table.loc[0, "conf_high"] - table.loc[0, "conf_low"] > 20  # two customers, not ten


@pytest.mark.parametrize(
    ("own", "least", "note"),
    [
        ({"use": 9}, 2, "own score outside the scale of ratings, 1 to 5"),
        ({"tell": 4}, 2, "no ratings"),
        ({"use": 4}, 4, "withheld: fewer than 4"),
    ],
)
def test_what_cannot_be_compared_says_why(own: dict[str, float], least: int, note: str) -> None:
    config = {"journey": {"own_scores": own}, "metrics": {"min_base": least}}
    found = own_score_gap(study(RATED, **config)).iloc[0]
    assert found["note"] == note
    assert np.isnan(found["difference"])
    assert np.isnan(found["p_adjusted"])


def test_ratings_that_do_not_vary_give_no_test() -> None:
    alike = events(("a", "2026-01-01", "use/app", 4), ("b", "2026-01-02", "use/app", 4))
    found = own_score_gap(study(alike, journey={"own_scores": {"use": 4.5}})).iloc[0]
    assert (found["difference"], found["conf_low"]) == (0.5, 0.5)
    assert np.isnan(found["p_value"])


def test_without_own_scores_or_ratings_there_is_nothing() -> None:
    assert own_score_gap(study(RATED)).empty
    unrated = study(RATED.drop(columns="rating"), journey={"own_scores": {"use": 4.5}})
    assert own_score_gap(unrated).empty
