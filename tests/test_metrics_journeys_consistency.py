"""Spread between touchpoints: against statsmodels, with known truth, and holes by hand."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from test_metrics_journeys import SMALL, events, study

from cxanalysis.findings import find_consistency
from cxanalysis.metrics import consistency_index, journey_holes
from cxanalysis.metrics.journeys.consistency import between_sd

# Both solve the same equation by iteration, to about this much.
ITERATED = 1e-5
EXACT = 1e-9

MEANS = np.array([3.1, 3.4, 3.9, 3.6, 2.8])
ERRORS = np.array([0.01, 0.02, 0.015, 0.03, 0.01])


def test_spread_is_that_of_paule_and_mandel_where_errors_are_independent() -> None:
    found = between_sd(MEANS, np.diag(ERRORS))
    reference = combine_effects(MEANS, ERRORS, method_re="iterated")
    assert found.value**2 == pytest.approx(reference.tau2, abs=ITERATED)
    assert found.low < found.value < found.high


def test_interval_is_exact_where_all_errors_are_alike() -> None:
    # Then Q is the sum of squares by (variance + error), a chi-square on k − 1 degrees.
    squares = float(((MEANS - MEANS.mean()) ** 2).sum())
    found = between_sd(MEANS, 0.01 * np.eye(5))
    low, high = (squares / stats.chi2.ppf(p, 4) - 0.01 for p in (0.975, 0.025))
    assert (found.low**2, found.high**2) == pytest.approx((low, high), abs=ITERATED)
    assert found.value**2 == pytest.approx(squares / 4 - 0.01, abs=ITERATED)


def test_what_all_touchpoints_share_is_no_difference_between_them() -> None:
    alone = between_sd(MEANS, 0.01 * np.eye(5))
    shared = between_sd(MEANS, 0.01 * np.eye(5) + 0.5)
    assert shared.value == pytest.approx(alone.value, abs=ITERATED)
    assert shared.high == pytest.approx(alone.high, abs=ITERATED)


def test_differences_no_larger_than_chance_leave_no_spread() -> None:
    found = between_sd([3.0, 3.01, 2.99], 0.04 * np.eye(3))
    assert (found.value, found.low) == (0, 0)
    assert between_sd([3.0, 3.0, 3.0], 0.04 * np.eye(3)).high == 0


MANY = events(
    *(
        (f"c{number}", "2026-01-01", place, rating + (number % 3 - 1))
        for place, rating in (("buy/shop", 4), ("buy/web", 3), ("use/app", 2), ("use/manual", 4))
        for number in range(12)
    )
)


def test_index_is_one_less_the_spread_by_half_the_scale() -> None:
    row = consistency_index(study(MANY)).iloc[0]
    assert row["n"] == 4
    assert row["index"] == pytest.approx(1 - row["spread"] / 2, abs=EXACT)
    assert row["conf_low"] == pytest.approx(max(1 - row["spread_high"] / 2, 0), abs=EXACT)
    assert row["conf_high"] == pytest.approx(1 - row["spread_low"] / 2, abs=EXACT)
    # Every customer rated every touchpoint with the same mood, so nothing is left to chance.
    assert row["spread"] == pytest.approx(np.std([4, 3, 2, 4], ddof=1), abs=1e-3)


def test_index_by_another_column() -> None:
    split = consistency_index(study(MANY.assign(country=["x", "y"] * 24)), by="country")
    assert list(split["country"]) == ["x", "y"]
    assert list(split["n"]) == [4, 4]


def test_index_says_what_it_needs() -> None:
    few = consistency_index(study(SMALL)).iloc[0]
    assert isnan(few["index"])
    assert few["note"] == "needs 3 touchpoints with enough ratings"
    without = consistency_index(study(SMALL.drop(columns="rating"))).iloc[0]
    assert without["note"] == "needs journeys.rating"
    unnamed = consistency_index(study(SMALL.drop(columns="touchpoint"))).iloc[0]
    assert unnamed["note"] == "needs journeys.touchpoint"


def test_holes_are_what_is_rated_below_the_line_or_not_known() -> None:
    holes = journey_holes(study(MANY.assign(rating=MANY["rating"].where(MANY.index % 12 > 0))))
    assert list(zip(holes["touchpoint"], holes["why"], strict=True)) == [
        ("app", "below"),
        ("", "no touches"),
    ]
    stricter = journey_holes(study(MANY), below=3.5)
    assert list(stricter["touchpoint"][:2]) == ["app", "web"]
    silent = MANY.assign(rating=MANY["rating"].where(MANY["touchpoint"] != "web"))
    few = silent.assign(
        rating=silent["rating"].where((silent.index % 12 < 1) | (silent.index < 12))
    )
    found = journey_holes(study(few, metrics={"min_base": 3})).set_index("touchpoint")
    assert found.loc["web", "why"] == "no ratings"
    assert found.loc["app", "why"] == "few ratings"


def test_finding_puts_the_worst_touchpoint_first() -> None:
    finding = find_consistency(study(MANY))
    assert [point.touchpoint for point in finding.points] == ["app", "web", "shop", "manual"]
    assert [hole.why for hole in finding.holes] == ["below", "no touches"]
    assert finding.line == 3
    nothing = find_consistency(study(MANY.drop(columns="rating")))
    assert (nothing.needs, nothing.holes, nothing.points) == ("needs journeys.rating", (), ())
