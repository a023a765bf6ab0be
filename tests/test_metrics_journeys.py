"""The journey map on hand-made journeys: stages in order, customers as the unit, honest gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics import journey_map, weakest_link
from cxanalysis.metrics.intervals import mean_interval, wilson
from cxanalysis.metrics.journeys.clusters import covariances, ratios
from cxanalysis.metrics.journeys.touches import rating_measure, touches
from cxanalysis.metrics.rows import GROUP
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

# Sums of small whole numbers, divided once or twice.
EXACT = 1e-9
STAGES = ["buy", "use", "tell"]


def study(journeys: pd.DataFrame, period: str = "all", **config: Any) -> Study:
    content = {"name": "Test", "tables": {}, "stages": STAGES, "metrics": {"min_base": 2}}
    base = study_of(StudyConfig.model_validate(content | config), {"journeys": journeys})
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def events(*rows: tuple[str, str, str, float | None]) -> pd.DataFrame:
    """Customer, day, "stage/touchpoint" and rating."""
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "place", "rating"])
    places = frame["place"].str.split("/", expand=True)
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "occurred_at": pd.to_datetime(frame["day"], utc=True, format="ISO8601"),
            "stage": places[0],
            "touchpoint": places[1],
            "rating": frame["rating"].astype(float),
        }
    )


SMALL = events(
    ("a", "2026-01-01", "use/app", 2),
    ("a", "2026-01-02", "use/app", 4),
    ("b", "2026-01-03", "use/manual", 5),
    ("b", "2026-01-04", "buy/shop", None),
    ("c", "2026-01-05", "buy/shop", 5),
    ("d", "2026-01-06", "buy/web", 3),
)


def drawn(n: int = 400, seed: int = 3) -> pd.DataFrame:
    """Touches of a third as many customers, whose mood is in all their ratings."""
    rng = np.random.default_rng(seed)
    who = rng.integers(0, n // 3, n)
    mood = rng.normal(0, 1, n // 3)
    stage = rng.integers(0, 3, n)
    rating = np.clip(np.round(3.4 + mood[who] - 0.5 * (stage == 1) + rng.normal(0, 0.5, n)), 1, 5)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in who],
            "occurred_at": pd.Timestamp("2026-01-01", tz="UTC"),
            "stage": np.array(STAGES)[stage],
            "rating": np.where(rng.random(n) < 0.8, rating, np.nan),
        }
    )


def test_stages_stand_in_the_order_of_the_study_also_those_without_a_touch() -> None:
    table = journey_map(study(SMALL))
    assert list(table["stage"]) == STAGES
    assert list(table["touches"]) == [3, 3, 0]
    assert list(table["customers"]) == [3, 2, 0]
    assert list(table["note"]) == ["", "", "no touches"]


def test_mean_takes_the_customer_as_the_unit() -> None:
    table = journey_map(study(SMALL)).set_index("stage")
    # Stage use: a gave 2 and 4, b gave 5. The mean 11/3 leaves −4/3 with a and 4/3 with b.
    variance = 2 * (4 / 3) ** 2 / 3**2 * 2 / 1
    assert table.loc["use", "rating"] == pytest.approx(11 / 3, abs=EXACT)
    reach = 12.706204736 * np.sqrt(variance)  # t on one degree of freedom
    assert table.loc["use", "rating_high"] == pytest.approx(11 / 3 + reach, rel=1e-6)
    # Stage buy: one rating per customer, so the ordinary interval of a mean.
    low, high = mean_interval(4.0, np.sqrt(2), 2)
    assert table.loc["buy", "rating_low"] == pytest.approx(low, abs=EXACT)
    assert table.loc["buy", "rating_high"] == pytest.approx(high, abs=EXACT)


def test_coverage_counts_rated_touches_and_the_best_answer_is_the_top_box() -> None:
    table = journey_map(study(SMALL)).set_index("stage")
    assert table.loc["buy", "coverage"] == pytest.approx(2 / 3, abs=EXACT)
    low, high = wilson(2, 3)  # one touch per customer
    assert list(table.loc["buy", ["coverage_low", "coverage_high"]]) == pytest.approx([low, high])
    assert table.loc["use", "top_box"] == pytest.approx(1 / 3, abs=EXACT)
    assert table.loc["use", "n"] == 3


def test_best_answer_is_the_lowest_where_low_is_good() -> None:
    scale = {"path": "x", "columns": {"rating": {"column": "r", "higher_is_better": False}}}
    table = journey_map(study(SMALL, tables={"journeys": scale})).set_index("stage")
    assert table.loc["use", "top_box"] == 0
    assert weakest_link(study(SMALL, tables={"journeys": scale})).loc[0, "stage"] == "buy"


def test_map_by_touchpoint_and_by_another_column() -> None:
    table = journey_map(study(SMALL), by_touchpoint=True)
    assert list(table["stage"] + "/" + table["touchpoint"]) == [
        "buy/shop",
        "buy/web",
        "use/app",
        "use/manual",
    ]
    assert list(table["touches"]) == [2, 1, 2, 1]
    split = journey_map(study(SMALL.assign(country=["x"] * 3 + ["y"] * 3)), by="country")
    assert list(split["country"]) == ["x"] * 3 + ["y"] * 3
    assert list(split["touches"]) == [0, 3, 0, 3, 0, 0]


def test_figures_below_the_base_are_withheld_but_counts_are_told() -> None:
    table = journey_map(study(SMALL, metrics={"min_base": 3})).set_index("stage")
    assert table.loc["buy", "n"] == 2
    assert table.loc["buy", ["rating", "top_box"]].isna().all()
    assert table.loc["buy", "note"] == "rating withheld: fewer than 3"
    assert table.loc["buy", "coverage"] == pytest.approx(2 / 3, abs=EXACT)


def test_effort_is_given_where_it_was_asked() -> None:
    table = journey_map(study(SMALL.assign(effort=[1.0, 3.0, 2.0, 7.0, np.nan, 5.0])))
    assert list(table["n_effort"]) == [2, 3, 0]
    assert list(table["effort"][:2]) == pytest.approx([6, 2], abs=EXACT)
    assert list(journey_map(study(SMALL))["n_effort"]) == [0, 0, 0]


def test_only_touches_of_the_period_count() -> None:
    late = events(("a", "2026-01-31T23:59:59Z", "buy/web", 1), ("b", "2026-02-01", "buy/web", 5))
    table = journey_map(study(late, "2026-02")).set_index("stage")
    assert table.loc["buy", "touches"] == 1


def test_journeys_without_ratings_still_tell_how_many_touches() -> None:
    without = study(SMALL.drop(columns=["rating", "touchpoint"]))
    table = journey_map(without)
    assert list(table["touches"]) == [3, 3, 0]
    assert list(table["coverage"])[:2] == [0, 0]
    assert list(table["note"]) == ["needs journeys.rating"] * 2 + ["no touches"]
    assert weakest_link(without).empty
    assert list(journey_map(without, by_touchpoint=True)["touchpoint"].unique()) == ["(no name)"]


def test_map_of_one_row_and_of_none() -> None:
    one = journey_map(study(SMALL.iloc[[0]], metrics={"min_base": 2})).set_index("stage")
    assert one.loc["use", "touches"] == 1
    assert one["rating"].isna().all()
    none = journey_map(study(SMALL.iloc[:0]))
    assert list(none["touches"]) == [0, 0, 0]
    assert weakest_link(study(SMALL.iloc[:0])).empty


def test_map_without_journeys_is_refused() -> None:
    config = StudyConfig.model_validate({"name": "Test", "tables": {}})
    with pytest.raises(ReportError, match="needs journeys"):
        journey_map(study_of(config, {"tickets": SMALL}))


def test_covariance_of_means_is_that_of_a_regression_clustered_by_customer() -> None:
    table = drawn()
    opened = study(table)
    cells = [GROUP, "stage"]
    measured = ratios(touches(opened), cells, {"rating": rating_measure()})
    means = measured.rename(columns=lambda name: name.removeprefix("rating_"))
    matrix = covariances(touches(opened), cells, rating_measure(), means)
    assert np.diag(matrix) == pytest.approx(means["variance"].to_numpy())
    rated = table.dropna(subset="rating")
    dummies = pd.get_dummies(rated["stage"]).astype(float)
    fit = sm.OLS(rated["rating"], dummies).fit()
    robust = fit.get_robustcov_results(
        "cluster", groups=pd.factorize(rated["customer_id"])[0], use_correction=False
    )
    customers = rated.groupby("stage")["customer_id"].nunique().to_numpy()
    inflate = np.sqrt(customers / (customers - 1))
    assert matrix == pytest.approx(robust.cov_params() * np.outer(inflate, inflate))


def test_weakest_link_is_named_with_its_lead_and_its_rivals() -> None:
    found = weakest_link(study(drawn())).iloc[0]
    assert found["stage"] == "use"
    assert found["is_clear"]
    assert found["rivals"] == ()
    table = journey_map(study(drawn())).set_index("stage")["rating"].sort_values()
    assert found["difference"] == pytest.approx(table.iloc[1] - table.iloc[0])
    assert found["conf_low"] < found["difference"] < found["conf_high"]


def test_stages_that_cannot_be_told_apart_from_the_worst_are_its_rivals() -> None:
    found = weakest_link(study(SMALL)).iloc[0]
    assert found["stage"] == "use"
    assert not found["is_clear"]
    assert found["rivals"] == ("buy",)
