"""What stays in memory: rules by hand, known generating rules that win, gaps and worst touches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from test_stories import story

import cxanalysis as cx
from cxanalysis.config import StudyConfig
from cxanalysis.memory import (
    journey_against_touchpoints,
    journey_scores,
    public_reach,
    rated_answers,
    rating_rules,
    reach_of_recommenders,
    recollection_gap,
    recollection_slope,
    worst_touch,
    worst_touchpoints,
)
from cxanalysis.memory.crossval import judge
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

# Sums of small whole numbers, divided once or twice.
EXACT = 1e-9
DAY = pd.Timedelta(1, "D")
START = pd.Timestamp("2026-01-01", tz="UTC")


def study(
    period: str = "all", frames: dict[str, pd.DataFrame] | None = None, **config: Any
) -> Study:
    content = {"name": "Test", "tables": {}, "stages": ["buy", "use"], "metrics": {"min_base": 2}}
    base = study_of(StudyConfig.model_validate(content | config), frames or {})
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def touches(*rows: tuple[str, float, str, float | None]) -> pd.DataFrame:
    """Customer, day, "stage/touchpoint" and rating."""
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "place", "rating"])
    places = frame["place"].str.split("/", expand=True)
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "occurred_at": START + frame["day"] * DAY,
            "stage": places[0],
            "touchpoint": places[1],
            "rating": frame["rating"].astype(float),
        }
    )


def answers(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Customer, day and overall score."""
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "overall_satisfaction"])
    frame["responded_at"] = START + frame.pop("day") * DAY
    return frame.assign(response_id=[f"r{number}" for number in range(len(frame))])


ONE = touches(
    ("a", 1, "buy/shop", 5),
    ("a", 2, "use/app", 2),
    ("a", 3, "use/help", 4),
    ("a", 4, "use/app", 3),
    ("a", 4, "use/help", 4),
    ("b", 1, "buy/shop", None),
    ("c", 9, "buy/shop", 1),
)


def test_each_rule_reads_a_customer_by_its_definition() -> None:
    found = journey_scores(study(frames={"journeys": ONE}, service={"touchpoints": ["help"]}))
    assert list(found["customer_id"]) == ["a", "c"]
    row = found.iloc[0]
    assert (row["n"], row["worst"], row["best"]) == (5, 2, 5)
    assert row["mean"] == pytest.approx(3.6, abs=EXACT)
    assert row["last"] == pytest.approx(3.5, abs=EXACT)  # two at the same moment
    # 5 lies two from the middle, 2 only one: midway between 5 and 3.5.
    assert row["peak_end"] == pytest.approx(4.25, abs=EXACT)
    assert (row["service"], row["last_service"]) == (4, 4)
    assert found.iloc[1][["worst", "best", "last", "peak_end"]].tolist() == [1, 1, 1, 1]
    assert np.isnan(found.iloc[1]["service"])


def test_the_worse_extreme_counts_at_a_tie_and_low_may_be_good() -> None:
    tie = touches(("a", 1, "buy/shop", 5), ("a", 2, "use/app", 1), ("a", 3, "use/app", 3))
    assert journey_scores(study(frames={"journeys": tie})).iloc[0]["peak_end"] == 2
    scale = {"low": 1, "high": 5, "higher_is_better": False, "column": "rating"}
    tables = {"journeys": {"path": "x.csv", "columns": {"rating": scale}}}
    turned = journey_scores(study(frames={"journeys": tie}, tables=tables)).iloc[0]
    assert (turned["worst"], turned["best"], turned["peak_end"]) == (5, 1, 4)


def test_scores_obey_the_period_and_say_nothing_without_ratings() -> None:
    found = journey_scores(study("2026-02", frames={"journeys": ONE}))
    assert len(found) == 0
    bare = study(frames={"journeys": ONE.drop(columns="rating")})
    assert len(journey_scores(bare)) == 0
    assert rating_rules(bare).loc[0, "note"] == "needs journeys.rating or tickets.csat"


def company(rule: str, n: int = 400, noise: float = 0.4, seed: int = 5) -> Study:
    """Customers with two to seven ratings, whose overall score follows one rule and noise."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 8, n)
    who = np.repeat(np.arange(n), sizes)
    rating = np.clip(
        np.round(3.2 + rng.normal(0, 0.5, n)[who] + rng.normal(0, 1.1, len(who))), 1, 5
    )
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:04}" for number in who],
            "occurred_at": START + rng.random(len(who)) * 30 * DAY,
            "stage": np.where(rng.random(len(who)) < 0.5, "buy", "use"),
            "touchpoint": rng.choice(["shop", "web", "app"], len(who)),
            "rating": rating,
        }
    )
    scores = journey_scores(study(frames={"journeys": frame})).set_index("customer_id")
    sums = (frame["rating"] - frame["rating"].mean()).groupby(frame["customer_id"]).sum()
    use = frame["rating"].where(frame["stage"] == "use", frame["rating"].mean())
    truth = {"sum": sums / 3, "weighted": use.groupby(frame["customer_id"]).mean()}
    names = {"peak and end": "peak_end"}
    value = truth[rule] if rule in truth else scores[names.get(rule, rule)]
    surveys = pd.DataFrame(
        {
            "response_id": value.index,
            "customer_id": value.index,
            "responded_at": START + 31 * DAY,
            "overall_satisfaction": value.to_numpy() + rng.normal(0, noise, len(value)),
        }
    )
    return study(frames={"journeys": frame, "surveys": surveys}, metrics={"min_base": 30})


@pytest.mark.parametrize("rule", ["mean", "sum", "worst", "last", "peak and end", "weighted"])
def test_the_rule_that_made_the_scores_wins_clearly(rule: str) -> None:
    found = rating_rules(company(rule))
    assert found.loc[0, "rule"] == rule
    assert (found.loc[1:, "p_adjusted"] < 0.05).all() or rule == "mean"
    # The weighted mean holds the plain one as a special case, so it may tie with it, not win.
    behind = found.set_index("rule")["p_adjusted"]
    assert (behind.drop([rule, "weighted"], errors="ignore") < 0.05).all()
    assert found["conf_low"].lt(found["r2"]).all()
    assert found.loc[0, "behind"] == 0


def test_no_rule_is_ahead_where_scores_follow_none() -> None:
    found = rating_rules(company("mean", noise=60.0))
    assert (found["p_adjusted"].dropna() >= 0.05).all()
    assert (found["r2"] < 0.05).all()
    assert (found["conf_low"] < 0).all()


def test_only_ratings_before_the_answer_and_in_the_window_count() -> None:
    made = company("mean", n=60)
    journeys = cx.engine.collect(made.tables["journeys"])
    surveys = cx.engine.collect(made.tables["surveys"])
    late = journeys.assign(occurred_at=journeys["occurred_at"] + 60 * DAY, rating=1.0)
    early = journeys.assign(occurred_at=journeys["occurred_at"] - 200 * DAY, rating=1.0)
    more = pd.concat([journeys, late, early], ignore_index=True)
    again = study(frames={"journeys": more, "surveys": surveys}, metrics={"min_base": 30})
    pd.testing.assert_frame_equal(rating_rules(again), rating_rules(made))


def test_answers_with_one_rating_tell_no_rule_apart_and_few_are_withheld() -> None:
    single = touches(*((f"c{number}", 1, "buy/shop", number % 5 + 1) for number in range(50)))
    given = answers(*((f"c{number}", 2, number % 5 + 1) for number in range(50)))
    row = rating_rules(study(frames={"journeys": single, "surveys": given})).iloc[0]
    assert (row["n"], row["note"]) == (0, "withheld: fewer than 20 customers")
    nothing = rating_rules(study(frames={"journeys": single, "surveys": given.head(0)})).iloc[0]
    assert nothing["note"] == "withheld: fewer than 20 customers"


def test_ratings_of_contacts_count_as_service_where_journeys_know_none() -> None:
    frame = touches(("a", 1, "buy/shop", 5))
    tickets = pd.DataFrame(
        {
            "ticket_id": ["t"], "customer_id": ["a"], "opened_at": [START + 2 * DAY],
            "solved_at": [START + 3 * DAY], "csat": [2.0],
        }
    )  # fmt: skip
    both = {"journeys": frame, "tickets": tickets}
    row = journey_scores(study(frames=both)).iloc[0]
    assert (row["n"], row["last_service"]) == (2, 2)
    told = journey_scores(study(frames=both, service={"touchpoints": ["shop"]})).iloc[0]
    assert (told["n"], told["last_service"]) == (1, 5)


def test_folds_hold_whole_customers_so_that_copies_of_an_answer_are_not_foretold() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(40, 30)), rng.normal(size=40)
    twice = np.repeat(np.arange(40), 2)
    together = judge([x[twice]], y[twice], twice)
    apart = judge([x[twice]], y[twice], np.arange(80))
    assert together.r2[0] < -0.5  # nothing but noise, and thirty columns to fit it
    assert apart.r2[0] > together.r2[0] + 0.5


def test_out_of_sample_r2_is_that_of_leaving_customers_out() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=25)
    y = x + rng.normal(size=25)
    found = judge([x[:, None]], y, np.arange(25), folds=25, repeats=1)
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    press = (fit.get_influence().resid_press ** 2).sum()
    mean = (((y - y.mean()) * 25 / 24) ** 2).sum()
    assert found.r2[0] == pytest.approx(1 - press / mean, abs=EXACT)
    assert found.influence.sum() == pytest.approx(0, abs=EXACT)


def test_the_journey_predicts_better_than_one_touchpoint_where_the_mean_made_the_score() -> None:
    found = journey_against_touchpoints(company("mean"))
    assert sorted(found["touchpoint"]) == ["app", "shop", "web"]
    assert (found["difference"] > 0).all()
    assert (found["p_adjusted"] < 0.05).all()
    last = company("last")
    few = Study(last.path, last.config, last.engine, last.tables, parse_period("2020", "UTC"))
    assert journey_against_touchpoints(few).empty


LAGS = answers(("a", 3, 4), ("b", 12, 2), ("c", 70, 5), ("d", 3, 1))


def test_gap_is_the_later_score_less_the_mean_in_the_moment_by_days_since() -> None:
    rated = touches(
        ("a", 1, "buy/shop", 5), ("a", 2, "use/app", 4), ("b", 2, "use/app", 3),
        ("c", 1, "use/app", 4), ("d", 0, "use/app", None),
    )  # fmt: skip
    frames = {"journeys": rated, "surveys": LAGS}
    found = recollection_gap(study(frames=frames)).set_index("from_days")
    assert found["n"].to_dict() == {0: 1, 7: 1, 14: 0, 28: 0, 56: 1}
    assert found.loc[14, "note"] == "nothing to count"
    assert found.loc[0, "note"] == "withheld: fewer than 2"
    row = recollection_slope(study(frames=frames)).iloc[0]
    gaps, days = np.array([-0.5, -1.0, 1.0]), np.array([1.0, 10.0, 69.0])
    assert row["gap"] == pytest.approx(gaps.mean(), abs=EXACT)
    assert row["slope"] == pytest.approx(30 * np.polyfit(days, gaps, 1)[0], abs=EXACT)
    assert (row["low"], row["high"], row["median_days"]) == (1, 5, 10)


def test_gap_of_one_answer_a_customer_has_the_t_interval_and_other_scales_go_to_one() -> None:
    rng = np.random.default_rng(8)
    many = [(f"c{number}", 1.0, "use/app", float(rng.integers(1, 6))) for number in range(40)]
    given = [(name, 3.0, float(rng.integers(1, 6))) for name, *_ in many]
    frames = {"journeys": touches(*many), "surveys": answers(*given)}
    gaps = np.array([late[2] - early[3] for early, late in zip(many, given, strict=True)])
    row = recollection_gap(study(frames=frames)).iloc[0]
    error = gaps.std(ddof=1) / np.sqrt(40) * 2.0226909200367604
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(
        (gaps.mean() - error, gaps.mean() + error), abs=1e-8
    )
    recommend = {"surveys": frames["surveys"].rename(columns={"overall_satisfaction": "nps"})}
    other = recollection_slope(study(frames=frames | recommend, model={"outcome": "nps"})).iloc[0]
    assert (other["low"], other["high"]) == (0, 1)
    later = np.array([late[2] for late in given]) / 10
    first = (np.array([early[3] for early in many]) - 1) / 4
    assert other["gap"] == pytest.approx((later - first).mean(), abs=EXACT)


def test_a_score_of_one_touchpoint_is_held_against_the_last_rating_there() -> None:
    rated = touches(
        ("a", 1, "buy/shop", 5), ("a", 2, "use/app", 4), ("a", 3, "use/app", 2),
        ("b", 2, "use/app", 3), ("c", 2, "use/app", 3),
    )  # fmt: skip
    surveys = answers(("a", 5, 3), ("b", 12, 2), ("c", 4, 5)).assign(
        touchpoint=["app", "app", "shop"]
    )
    surveys = surveys.rename(columns={"overall_satisfaction": "csat"})
    made = study(frames={"journeys": rated, "surveys": surveys})
    row = recollection_slope(made, same_touchpoint=True).iloc[0]
    assert (row["n"], row["gap"], row["median_days"]) == (2, 0, 6)
    found = recollection_gap(made, same_touchpoint=True).set_index("from_days")
    assert found["n"].to_dict() == {0: 1, 7: 1, 14: 0, 28: 0, 56: 0}
    assert recollection_slope(made).loc[0, "note"] == "needs surveys.overall_satisfaction"
    bare = study(frames={"journeys": rated, "surveys": LAGS})
    assert recollection_gap(bare, True).loc[0, "note"] == "needs surveys.csat"


def test_no_answer_and_no_rating_leave_rows_without_figures() -> None:
    unrated = ONE.assign(rating=np.nan)
    for frames in (
        {"journeys": ONE, "surveys": LAGS.head(0)},
        {"journeys": unrated, "surveys": LAGS},
    ):
        made = study(frames=frames)
        assert (recollection_gap(made)["n"] == 0).all()
        assert recollection_slope(made).loc[0, "n"] == 0
        assert journey_against_touchpoints(made).empty
        assert worst_touch(made).set_index("metric").loc["score_after", "n"] == 0
        assert rated_answers(made).loc[0, "several"] == 0


def test_recollection_says_what_it_needs() -> None:
    without = study(frames={"journeys": ONE})
    assert recollection_gap(without).loc[0, "note"] == "needs surveys"
    assert recollection_slope(without).loc[0, "note"] == "needs surveys"


BAD = touches(
    ("a", 1, "buy/shop", 1), ("a", 2, "use/app", 5), ("b", 1, "buy/shop", 4),
    ("b", 2, "use/app", 2), ("c", 1, "use/app", 3), ("d", 1, "use/app", None),
    ("e", 1, "buy/shop", 1), ("e", 2, "buy/shop", 1), ("f", 1, "use/app", 5),
)  # fmt: skip


def test_customers_hit_are_counted_once_and_only_among_those_who_rated() -> None:
    surveys = answers(("a", 5, 2), ("b", 5, 4), ("c", 5, 5), ("e", 5, 1), ("f", 0.5, 3))
    made = study(frames={"journeys": BAD, "surveys": surveys})
    found = worst_touch(made).set_index("metric")
    assert (found.loc["customers_hit", "value"], found.loc["customers_hit", "n"]) == (0.4, 5)
    assert found.loc["score_after", "value"] == 1.5
    assert found.loc["score_else", ["value", "n"]].tolist() == [4.5, 2]  # f answered before
    assert found.loc["difference", "value"] == pytest.approx(-3, abs=EXACT)
    assert found.loc["difference_held", "note"] == "withheld: fewer than 2 on one side"
    low = worst_touch(made, low=True).set_index("metric")
    assert low.loc["customers_hit", "value"] == 0.6


def test_difference_has_the_robust_interval_and_is_none_where_the_mean_made_the_score() -> None:
    made = company("mean", n=300)
    found = worst_touch(made).set_index("metric")
    scores = journey_scores(made).set_index("customer_id")
    surveys = cx.engine.collect(made.tables["surveys"]).set_index("customer_id")
    hit = (scores["worst"] == 1).astype(float)
    y = surveys["overall_satisfaction"].reindex(scores.index)
    x = sm.add_constant(pd.DataFrame({"hit": hit, "mean": scores["mean"], "n": scores["n"]}))
    fit = sm.OLS(y, x).fit(cov_type="HC3", use_t=True)
    held = found.loc["difference_held"]
    assert held["value"] == pytest.approx(fit.params["hit"], abs=1e-7)
    reach = fit.bse["hit"] * 1.9679296690653945  # Student's t on 299 degrees
    assert held["conf_low"] == pytest.approx(fit.params["hit"] - reach, abs=1e-6)
    assert held["conf_low"] < 0 < held["conf_high"]
    assert found.loc["difference", "conf_high"] < 0
    worst = worst_touch(company("worst", n=300)).set_index("metric")
    assert worst.loc["difference_held", "conf_high"] < 0


def test_worst_touchpoints_by_the_share_of_their_ratings() -> None:
    found = worst_touchpoints(study(frames={"journeys": BAD})).set_index("touchpoint")
    assert list(found.index) == ["shop", "app"]
    assert found.loc["shop", ["share", "worst", "of_all", "n"]].tolist() == [0.75, 3, 1.0, 4]
    assert found.loc["app", "share"] == 0
    assert 0 < found.loc["app", "conf_high"] < 1
    none = worst_touchpoints(study(frames={"journeys": BAD.assign(rating=4.0)}))
    assert none["of_all"].isna().all()


def test_reach_of_what_was_told_in_public() -> None:
    told = BAD.assign(
        shared_publicly=[True, True, None, True, False, True, True, False, False],
        reach=[1000.0, 50.0, None, 200.0, 7.0, 9.0, None, 5.0, 3.0],
    )
    found = public_reach(study(frames={"journeys": told})).set_index("who")
    assert found.loc["bad", ["shared", "n", "reach", "largest"]].tolist() == [3, 4, 1200, 1000]
    assert found.loc["good", ["shared", "n", "reach"]].tolist() == [1, 3, 50]
    assert found.loc["bad", "share"] == 0.75
    unknown = public_reach(study(frames={"journeys": told.drop(columns="reach")}))
    assert unknown["reach"].isna().all()
    assert public_reach(study(frames={"journeys": BAD})).loc[0, "note"] == (
        "needs journeys.shared_publicly"
    )
    assert found.loc["bad", "note"] == "1 touch with unknown reach left out"
    quiet = public_reach(study(frames={"journeys": told.assign(rating=3.0)}))
    assert list(quiet["n"]) == [0, 0]


def test_reach_by_the_latest_answer_on_recommending() -> None:
    told = BAD.assign(shared_publicly=BAD["rating"] < 3, reach=10.0)
    surveys = answers(("a", 5, 9), ("a", 6, 3), ("b", 5, 8), ("e", 5, 10), ("f", 90, 0))
    surveys = surveys.rename(columns={"overall_satisfaction": "nps"})
    made = study("2026-01", frames={"journeys": told, "surveys": surveys})
    found = reach_of_recommenders(made).set_index("who")
    assert found["n"].to_dict() == {"detractors": 2, "passives": 2, "promoters": 2}
    assert found["reach"].to_dict() == {"detractors": 10, "passives": 10, "promoters": 20}
    assert found.loc["promoters", "share"] == 1
    bare = study(frames={"journeys": told})
    assert reach_of_recommenders(bare).loc[0, "note"].startswith("needs surveys.nps")


def test_a_segment_of_customers_narrows_everything() -> None:
    customers = pd.DataFrame({"customer_id": list("abcdef"), "plan": list("xxxyyy")})
    surveys = answers(("a", 5, 2), ("b", 5, 4), ("e", 5, 1))
    made = study(frames={"journeys": BAD, "surveys": surveys, "customers": customers})
    part = made.among("plan=x")
    assert list(journey_scores(part)["customer_id"]) == ["a", "b", "c"]
    found = worst_touch(part).set_index("metric")
    assert found.loc["customers_hit", "n"] == 3
    assert worst_touchpoints(part)["n"].sum() == 5


def test_service_was_better_than_the_meal_and_the_end_is_what_stays(tmp_path: Path) -> None:
    told = story("restaurant", tmp_path)
    (row,) = journey_scores(told).to_dict("records")
    assert (row["n"], row["service"], row["mean"]) == (10, 5, pytest.approx(3.4, abs=EXACT))
    assert (row["best"], row["worst"], row["last"], row["peak_end"]) == (5, 1, 1, 1)
    assert rating_rules(told).loc[0, "note"] == "needs surveys"


def test_ratings_before_each_answer_are_counted() -> None:
    surveys = answers(("a", 5, 2), ("b", 1.5, 4), ("d", 5, 5), ("e", 5, 1))
    row = rated_answers(study(frames={"journeys": BAD, "surveys": surveys})).iloc[0]
    assert (row["answers"], row["several"], row["single"], row["unrated"]) == (4, 2, 1, 1)
    assert (row["customers"], row["median"]) == (2, 2)
