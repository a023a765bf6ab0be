"""What to mend first, by known designs: composites, importance against performance, an order."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from cxanalysis.config import StudyConfig
from cxanalysis.drivers import DriverFit, fit_study
from cxanalysis.errors import ModelError
from cxanalysis.metrics.intervals import mean_interval
from cxanalysis.periods import parse_period
from cxanalysis.priorities import (
    composite_steps,
    group_performance,
    group_reach,
    priority_matrix,
    recommended_order,
    scenario,
    soft_and_fast,
)
from cxanalysis.priorities.steps import composites_of, two_sided
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums in another order
SIMULATED = 0.06  # three standard errors of a slope in 4,000 answers, and rounding to the scale
REPLICATES = 300
STAGES = ["choose", "buy", "use", "leave"]
ITEMS: dict[str, dict[str, Any]] = {
    "help": {"service": True},
    "choose": {"stage": "choose", "label": "Choosing"},
    "buy": {"stage": "buy"},
    "use": {"stage": "use"},
    "leave": {"stage": "leave"},
}
# Slopes per point of a rating whose standard deviation is about 10 points of 0 to 100.
SLOPES = {"help": 0.02, "choose": 0.0, "buy": 0.10, "use": 0.10, "leave": 0.02}
LEVELS = {"help": 60, "choose": 40, "buy": 40, "use": 80, "leave": 80}


def answers(n: int = 4000, seed: int = 4, levels: dict[str, int] | None = None) -> pd.DataFrame:
    """Ratings from 0 to 100 that do not go together, and an outcome that is their sum."""
    rng = np.random.default_rng(seed)
    means = LEVELS if levels is None else levels
    frame = pd.DataFrame(
        {name: np.clip(means[name] + 10 * rng.normal(size=n), 0, 100) for name in SLOPES}
    )
    score = sum(slope * frame[name] for name, slope in SLOPES.items())
    frame["overall_satisfaction"] = score + rng.normal(size=n)
    frame["response_id"] = [f"r{number}" for number in range(n)]
    frame["customer_id"] = [f"c{number}" for number in range(n)]
    frame["responded_at"] = parse_period("2026-10").start_us  # type: ignore[union-attr]
    return frame


def survey_study(frame: pd.DataFrame, items: Any = None, **changes: Any) -> Study:
    surveys = {
        "path": "x.csv",
        "scale": {"low": 0, "high": 100},
        "items": ITEMS if items is None else items,
    }
    model = {"not_applicable": "complete-cases", "replicates": REPLICATES}
    content = {"name": "Test", "stages": STAGES, "tables": {"surveys": surveys}, "model": model}
    return study_of(StudyConfig.model_validate(content | changes), {"surveys": frame})


@pytest.fixture(scope="module")
def study() -> Study:
    actions = {"use": {"owner": "Installation", "cost": 100}, "garage": {"owner": "Nobody"}}
    return survey_study(answers(), actions=actions)


@pytest.fixture(scope="module")
def fit(study: Study) -> DriverFit:
    return fit_study(study)


@cache
def by_logit() -> tuple[Study, DriverFit]:
    """The same with an outcome reached or not; groups then have no intervals."""
    model = {"not_applicable": "complete-cases", "replicates": 200, "kind": "logit", "top_box": 15}
    items = {name: ITEMS[name] for name in ("help", "buy", "use")}
    found = survey_study(answers(400), items, model=model)
    return found, fit_study(found)


def row(frame: pd.DataFrame, group: str) -> pd.Series:
    return frame.set_index("group").loc[group]


# --- steps of composites ----------------------------------------------------------------------


def test_step_of_a_single_driver_is_its_standardised_effect(study: Study, fit: DriverFit) -> None:
    steps = composite_steps(fit)
    terms = fit.tidy().set_index("term")["estimate"]
    spread = answers()["buy"].std(ddof=0)
    assert row(steps, "buy")["estimate"] == pytest.approx(terms["buy"] * spread)
    assert row(steps, "buy")["estimate"] == pytest.approx(1.0, abs=SIMULATED)
    assert steps["estimate"].is_monotonic_decreasing


def test_one_point_is_told_where_a_group_is_a_single_item(fit: DriverFit) -> None:
    found = row(composite_steps(fit), "use")
    term = fit.tidy().set_index("term").loc["use"]
    assert found["per"] == "use"
    assert tuple(found[["point", "point_low", "point_high"]]) == pytest.approx(
        tuple(term[["estimate", "conf_low", "conf_high"]])
    )


def test_a_lower_rating_that_goes_with_more_counts_by_its_size() -> None:
    upside_down = answers(800).assign(buy=lambda frame: 100 - frame["buy"])
    steps = composite_steps(fit_study(survey_study(upside_down)))
    assert row(steps, "buy")["estimate"] > 0.8
    assert row(steps, "buy")["point"] < 0


def test_equal_groups_are_not_told_apart_and_unequal_ones_are(fit: DriverFit) -> None:
    steps = composite_steps(fit)
    assert set(steps["group"].iloc[:2]) == {"buy", "use"}  # both 1 by design
    assert not steps["told_apart"].iloc[0]
    assert steps["difference_low"].iloc[0] < 0 < steps["difference_high"].iloc[0]
    assert steps["told_apart"].iloc[1]  # 1 against .2
    assert steps["told_apart"].iloc[4] is None  # nothing comes after the last
    assert np.isnan(steps["difference"].iloc[4])


def test_difference_is_that_of_the_two_steps(fit: DriverFit) -> None:
    steps = composite_steps(fit)
    gaps = -np.diff(steps["estimate"])
    assert steps["difference"].iloc[:-1].to_numpy() == pytest.approx(gaps, abs=EXACT)
    assert list(steps["next_group"]) == [*steps["group"].iloc[1:], ""]


def noise(n: int, columns: int, seed: int) -> tuple[Study, DriverFit]:
    """One group of many columns that goes with nothing beside one that goes with the outcome."""
    rng = np.random.default_rng(seed)
    names = [f"i{number}" for number in range(columns)]
    frame = pd.DataFrame(50 + 10 * rng.normal(size=(n, columns + 1)), columns=["help", *names])
    frame["overall_satisfaction"] = 0.05 * frame["help"] + rng.normal(size=n)
    frame["customer_id"] = frame["response_id"] = [f"c{number}" for number in range(n)]
    frame["responded_at"] = parse_period("2026-10").start_us  # type: ignore[union-attr]
    items = {"help": {"service": True}, **{name: {"stage": "use"} for name in names}}
    found = survey_study(frame, items)
    return found, fit_study(found)


def test_noise_is_taken_off_a_composite_of_many_columns() -> None:
    fits = [noise(400, 10, seed)[1] for seed in range(6)]
    plain = [row(fit.composites(), "use")["estimate"] for fit in fits]
    steps = [row(composite_steps(fit), "use") for fit in fits]
    assert np.mean(plain) > 0.12  # √(10 / 400) by chance alone
    assert np.mean([step["estimate"] for step in steps]) < 0.08
    assert all(step["conf_low"] == 0 for step in steps)
    assert all(step["conf_low"] <= step["estimate"] <= step["conf_high"] for step in steps)


def test_steps_of_a_logit_are_refused_with_the_way_out() -> None:
    _, fit = by_logit()
    with pytest.raises(ModelError, match=r"least squares only.*'logit'.*kind = \"ols\""):
        composite_steps(fit)


def test_below_20_customers_there_is_no_step() -> None:
    frame = answers(400).assign(customer_id=[f"c{number % 12}" for number in range(400)])
    steps = composite_steps(fit_study(survey_study(frame)))
    assert steps["estimate"].isna().all()
    assert steps["told_apart"].isna().all()


def test_marks_of_being_there_are_no_part_of_a_composite() -> None:
    frame = answers(900)
    frame.loc[::3, "buy"] = np.nan
    frame["buy_na"] = frame["buy"].isna()
    model = {"not_applicable": "two-part", "replicates": REPLICATES}
    fit = fit_study(survey_study(frame, model=model))
    found = row(composite_steps(fit), "buy")
    assert "buy_used" in fit.blocks["journey"]["buy"]
    assert (found["n_columns"], found["per"]) == (1, "buy")
    known = frame["buy"].dropna()
    spread = np.sqrt(((known - known.mean()) ** 2).sum() / len(frame))
    slope = fit.tidy().set_index("term")["estimate"]["buy"]
    assert found["estimate"] == pytest.approx(slope * spread)


# --- performance and reach --------------------------------------------------------------------


def test_performance_is_the_mean_rating_from_0_to_100() -> None:
    frame = answers(50)
    surveys = {"path": "x", "scale": {"low": 1, "high": 5}, "items": ITEMS}
    for name in ITEMS:
        frame[name] = 1.0 + np.arange(50) % 5
    found = group_performance(survey_study(frame, tables={"surveys": surveys}))
    value, low, high, n, by = found.loc[("journey", "buy")].iloc[:5]
    assert (value, n, by) == (50.0, 50, "items")
    expected = mean_interval(50.0, np.std(25 * (np.arange(50) % 5), ddof=1), 50)
    assert (low, high) == pytest.approx(tuple(expected))


def test_a_group_of_items_has_the_mean_over_all_their_ratings() -> None:
    frame = answers(40).assign(sign=100.0, buy=50.0)
    frame.loc[10:, "sign"] = np.nan
    items = ITEMS | {"sign": {"stage": "buy"}}
    found = group_performance(survey_study(frame, items)).loc[("journey", "buy")]
    assert found["performance"] == pytest.approx((10 * 100 + 40 * 50) / 50)
    assert found["n_performance"] == 50


def test_low_answers_that_are_good_count_as_good() -> None:
    items = ITEMS | {"buy": {"stage": "buy", "higher_is_better": False}}
    found = group_performance(survey_study(answers(60).assign(buy=20.0), items))
    assert found.loc[("journey", "buy"), "performance"] == pytest.approx(80)


def test_answers_not_applicable_are_no_ratings() -> None:
    frame = answers(60).assign(buy=50.0, buy_na=False)
    frame.loc[:9, ["buy", "buy_na"]] = [100.0, True]
    found = group_performance(survey_study(frame)).loc[("journey", "buy")]
    assert (found["performance"], found["n_performance"]) == (50.0, 50)


def test_few_ratings_are_withheld() -> None:
    frame = answers(60)
    frame.loc[5:, "buy"] = np.nan
    found = group_performance(survey_study(frame)).loc[("journey", "buy")]
    assert np.isnan(found["performance"])
    assert found["note"] == "withheld: fewer than 30"


def with_logs(csat: bool = True, channels: tuple[str, ...] = ()) -> Study:
    """60 customers who answer; half of them had contact, all touched a rated stage."""
    start = parse_period("2026-10").start_us  # type: ignore[union-attr]
    day = 86_400_000_000
    names = [f"c{number}" for number in range(60)]
    surveys = pd.DataFrame(
        {
            "response_id": [f"r{number}" for number in range(60)],
            "customer_id": names,
            "responded_at": start + 20 * day,
            "overall_satisfaction": np.random.default_rng(3).integers(1, 6, size=60) + 0.0,
        }
    )
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number}" for number in range(30)],
            "customer_id": names[:30],
            "opened_at": start + 2 * day,
            "csat": [2.0, 4.0] * 15,
        }
    )
    journeys = pd.DataFrame(
        {
            "customer_id": names * 2,
            "occurred_at": start + day,
            "stage": ["buy"] * 60 + ["use"] * 60,
            "touchpoint": ["shop"] * 120,
            "channel": (["store"] * 60 + ["chat", "store"] * 30),
            "rating": [3.0] * 60 + [5.0, 1.0] * 30,
        }
    )
    content = {
        "name": "Test",
        "stages": STAGES,
        "tables": {},
        "service": {"channels": list(channels)},
        "metrics": {"min_base": 2},
    }
    frames = {
        "surveys": surveys,
        "tickets": tickets if csat else tickets.drop(columns="csat"),
        "journeys": journeys,
    }
    return study_of(StudyConfig.model_validate(content), frames)


def test_stages_and_contacts_perform_by_their_own_ratings() -> None:
    found = group_performance(with_logs())
    assert found.loc[("journey", "buy"), "performance"] == pytest.approx(50)
    assert found.loc[("journey", "use"), "performance"] == pytest.approx(50)
    assert found.loc[("service", "how help went"), "performance"] == pytest.approx(50)
    assert found.loc[("service", "how help went"), "measured_by"] == "contacts"
    assert found.loc[("service", "needing help"), "note"].startswith("needing help is not done")
    assert found.loc[("journey", "choose"), "note"] == "no ratings"


def test_touches_that_are_service_count_for_service() -> None:
    found = group_performance(with_logs(channels=("chat",)))
    assert found.loc[("service", "service touchpoints"), "performance"] == pytest.approx(100)
    assert found.loc[("journey", "use"), "performance"] == pytest.approx(0)


def test_without_rated_contacts_help_performs_by_first_contact_resolution() -> None:
    help_went = group_performance(with_logs(csat=False)).loc[("service", "how help went")]
    assert help_went["measured_by"] in ("resolved", "")
    assert not 0 < help_went["performance"] <= 1  # percent, no share


def test_reach_is_the_share_of_answers_that_met_the_group() -> None:
    study = with_logs()
    fit = fit_study(study)
    reach = group_reach(study, fit)
    assert reach["service", "needing help"] == pytest.approx(0.5)
    assert reach["journey", "buy"] == 1.0
    assert reach["journey", "choose"] == 0.0


# --- the matrix -------------------------------------------------------------------------------


def test_quadrants_are_those_of_the_design(study: Study, fit: DriverFit) -> None:
    matrix = priority_matrix(study, fit)
    verdicts = matrix.groups.set_index("group")["quadrant"].to_dict()
    assert verdicts == {
        "buy": "mend first",
        "use": "keep up",
        "choose": "low priority",
        "leave": "possible overkill",
        "service touchpoints": "",
    }
    placed = matrix.groups[matrix.groups["quadrant"] != ""]
    assert matrix.importance_line == pytest.approx(placed["share"].mean(), abs=EXACT)
    assert matrix.performance_line == pytest.approx(placed["performance"].mean(), abs=EXACT)


def test_a_set_in_one_piece_is_listed_and_not_placed(study: Study, fit: DriverFit) -> None:
    found = row(priority_matrix(study, fit).groups, "service touchpoints")
    assert found["note"] == "a whole set is not ranked among parts of another"
    assert np.isnan(found["key"])
    assert found["performance"] == pytest.approx(60, abs=1)


def test_share_is_exactly_that_of_importance(study: Study, fit: DriverFit) -> None:
    matrix = priority_matrix(study, fit)
    for name, group, *figures in matrix.groups[
        ["set", "group", "share", "share_low", "share_high"]
    ].to_numpy():
        expected = fit.importance()["share"].loc[
            (name, group), ["estimate", "conf_low", "conf_high"]
        ]
        assert figures == pytest.approx(expected.tolist(), abs=EXACT)


def test_a_whisker_across_a_line_leaves_the_group_undecided() -> None:
    alike = dict.fromkeys(LEVELS, 60)
    found = survey_study(answers(400, levels=alike))
    groups = priority_matrix(found, fit_study(found)).groups
    placed = groups[groups["importance_side"] != ""]
    assert (placed["performance_side"] == "across").all()
    assert (placed["quadrant"] == "undecided").all()


def test_groups_that_lie_on_the_lines_are_seldom_put_on_one_side_of_any() -> None:
    """Four alike, each held against both lines: Holm's adjustment allows for all eight."""
    off = 0
    for seed in range(12):
        frame = answers(300, seed=seed, levels=dict.fromkeys(LEVELS, 60))
        noise_of = np.random.default_rng(100 + seed).normal(size=300)
        frame["overall_satisfaction"] = 0.06 * frame[list(SLOPES)].sum(axis=1) + noise_of
        found = survey_study(frame)
        groups = priority_matrix(found, fit_study(found)).groups
        sides = groups[["importance_side", "performance_side"]]
        assert (sides == "across").any(axis=None)
        off += bool(sides.isin(["above", "below"]).any(axis=None))
    assert off <= 2  # one in twenty; with each side at its own level, about one in three


def test_lines_carry_their_own_uncertainty(study: Study, fit: DriverFit) -> None:
    groups = priority_matrix(study, fit).groups
    placed = groups[groups["quadrant"] != ""]
    error = (placed["performance_high"] - placed["performance_low"]) / (2 * 1.959964)
    found = row(groups, "use")
    others = error[placed["group"] != "use"]
    own = error[placed["group"] == "use"].iloc[0]
    k = len(placed)
    reach = abs(found["performance"] - placed["performance"].mean()) / np.sqrt(
        own**2 * (1 - 1 / k) ** 2 + (others**2).sum() / k**2
    )
    assert found["performance_p"] <= 2 * k * 2 * norm.sf(reach) + EXACT


def test_key_is_share_times_reach_times_gap_and_ranks(study: Study, fit: DriverFit) -> None:
    groups = priority_matrix(study, fit).groups
    found = row(groups, "buy")
    expected = found["share"] * 1.0 * (1 - found["performance"] / 100)
    assert found["key"] == pytest.approx(expected, abs=EXACT)
    assert found["key_low"] < found["key"] < found["key_high"]
    assert list(groups["group"].iloc[:2]) == ["buy", "use"]
    assert found["next_group"] == "use"
    assert found["ahead_low"] > 0
    assert found["ahead_p"] < 0.05


def test_owner_and_cost_come_from_the_actions(study: Study, fit: DriverFit) -> None:
    matrix = priority_matrix(study, fit)
    assert tuple(row(matrix.groups, "use")[["owner", "cost"]]) == ("Installation", 100.0)
    assert matrix.actions_of_none == ("garage",)


def test_what_nothing_measured_accounts_for_is_one_less_r_squared(
    study: Study, fit: DriverFit
) -> None:
    matrix = priority_matrix(study, fit)
    assert matrix.unexplained == pytest.approx(1 - fit.r_squared_adjusted, abs=EXACT)
    assert matrix.unexplained_low < matrix.unexplained < matrix.unexplained_high


def test_pure_noise_has_nothing_to_place() -> None:
    rng = np.random.default_rng(1)
    frame = answers(400).assign(overall_satisfaction=rng.normal(size=400))
    found = survey_study(frame)
    matrix = priority_matrix(found, fit_study(found))
    assert matrix.reason == "nothing accounted for"
    assert matrix.groups.empty


def test_too_few_answers_tell_no_groups_apart() -> None:
    found = survey_study(answers(80))
    matrix = priority_matrix(found, fit_study(found))
    assert matrix.reason == "not told apart"


def test_single_groups_on_both_sides_are_held_against_each_other() -> None:
    items = {"help": {"service": True}, "buy": {"stage": "buy"}}
    found = survey_study(answers(1000), items)
    matrix = priority_matrix(found, fit_study(found))
    assert matrix.groups.set_index("group")["quadrant"].to_dict() == {
        "buy": "mend first",
        "service touchpoints": "possible overkill",
    }


def test_the_only_group_with_a_performance_is_not_placed() -> None:
    frame = answers(1000)
    items = {"help": {"service": True}, "buy": {"stage": "buy"}}
    found = survey_study(frame, items, metrics={"min_base": 500})
    frame.loc[400:, "help"] = np.nan
    found = survey_study(
        frame,
        items,
        metrics={"min_base": 500},
        model={"not_applicable": "two-part", "replicates": REPLICATES},
    )
    groups = priority_matrix(found, fit_study(found)).groups
    assert (groups["quadrant"] == "").all()
    assert row(groups, "service touchpoints")["note"] == "withheld: fewer than 500"
    assert row(groups, "buy")["note"] == "alone, with nothing to hold it against"


def test_groups_without_intervals_are_undecided() -> None:
    groups = priority_matrix(*by_logit()).groups
    assert set(groups["quadrant"]) == {"undecided", ""}
    assert groups["key_low"].isna().all()


# --- the order --------------------------------------------------------------------------------


def test_the_side_with_the_larger_step_comes_first(study: Study, fit: DriverFit) -> None:
    order = recommended_order(study, fit)
    assert order.verdict == "the rest first"
    assert order.rest is not None
    assert order.service is not None
    assert (order.service.group, order.rest.group) == ("service touchpoints", "buy")
    assert order.rest.chosen == "key"
    assert order.by == "step"
    assert order.pairs == 4
    assert order.difference[0] == pytest.approx(order.service.step[0] - order.rest.step[0])
    assert order.difference[2] < 0


def test_a_strong_group_without_a_key_still_speaks_for_its_side() -> None:
    """Needing help has no performance; it goes with more than how help went."""
    found, fit = helped()
    matrix = priority_matrix(found, fit)
    keys = matrix.groups.set_index("group")["performance"].notna()
    assert keys["how help went"]
    assert not keys["needing help"]
    order = recommended_order(found, fit, matrix)
    assert order.service is not None
    assert (order.service.group, order.service.chosen) == ("needing help", "step")
    assert order.rest is not None
    assert order.rest.chosen == "step"
    assert order.pairs == 2 * 1
    assert order.verdict == "service first"


def test_service_comes_first_where_it_goes_with_more() -> None:
    frame = answers(1500)
    frame["overall_satisfaction"] += 0.25 * frame["help"]
    found = survey_study(frame)
    assert recommended_order(found, fit_study(found)).verdict == "service first"


def test_costs_decide_where_both_are_given() -> None:
    costs = {"service touchpoints": {"cost": 1}, "buy": {"cost": 1000}, "use": {"cost": 1000}}
    found = survey_study(answers(1500), actions=costs)
    order = recommended_order(found, fit_study(found))
    assert order.by == "cost"
    assert order.verdict == "service first"  # .2 for 1 against 1.0 for 1,000
    assert order.difference[2] < 0  # though less goes with it
    assert order.service is not None
    assert order.per_cost[0] == pytest.approx(order.service.step[0] - order.rest.step[0] / 1000)  # type: ignore[union-attr]


def test_equal_sides_are_not_told_apart() -> None:
    frame = answers(400, levels=dict.fromkeys(LEVELS, 60))
    frame["overall_satisfaction"] += 0.08 * frame["help"]
    found = survey_study(frame)
    assert recommended_order(found, fit_study(found)).verdict == "not told"


def test_what_is_out_of_reach_is_not_recommended() -> None:
    found = survey_study(answers(1500), actions={"buy": {"within_reach": False}})
    fit = fit_study(found)
    assert "buy" in set(priority_matrix(found, fit).groups["group"])
    order = recommended_order(found, fit)
    assert order.rest is not None
    assert order.rest.group == "use"
    nothing = survey_study(
        answers(1500), actions={name: {"within_reach": False} for name in STAGES}
    )
    assert recommended_order(nothing, fit_study(nothing)).verdict == "not comparable"


def test_limits_of_the_difference_allow_for_all_pairs(fit: DriverFit) -> None:
    composites = composites_of(fit)
    keys = (("journey", "buy"), ("journey", "leave"))
    _, low, high = composites.difference(*keys)
    _, wider_low, wider_high = composites.difference(*keys, comparisons=10)
    assert wider_low < low < high < wider_high


def test_order_of_a_logit_is_not_compared() -> None:
    assert recommended_order(*by_logit()).verdict == "not comparable"


# --- scenario, and soft against fast ------------------------------------------------------------


def test_scenario_is_the_step_times_so_many(fit: DriverFit) -> None:
    steps = composite_steps(fit)
    found = scenario(fit, "buy", by=0.5)
    assert found["estimate"] == pytest.approx(row(steps, "buy")["estimate"] / 2)
    assert found["conf_low"] == pytest.approx(row(steps, "buy")["conf_low"] / 2)
    assert found["mean"] == pytest.approx(answers()["overall_satisfaction"].mean())
    assert found["relative"] == pytest.approx(found["estimate"] / found["mean"])


def test_scenario_of_a_set_is_that_of_the_whole(fit: DriverFit) -> None:
    whole = scenario(fit, "journey")
    assert whole["estimate"] > scenario(fit, "buy")["estimate"]


def test_scenario_of_less_keeps_its_limits_in_order(fit: DriverFit) -> None:
    found = scenario(fit, "buy", by=-1.0)
    assert found["conf_low"] < found["estimate"] < found["conf_high"] < 0


def test_scenario_of_no_group_is_refused_with_the_closest(fit: DriverFit) -> None:
    with pytest.raises(ModelError, match=r"no group 'buyy'.*buy"):
        scenario(fit, "buyy")


def served(n: int = 1500, slope: float = 0.6, seed: int = 8) -> tuple[Study, DriverFit]:
    """Everyone had one contact; how it was rated counts, how long it took does not."""
    rng = np.random.default_rng(seed)
    start = parse_period("2026-10").start_us  # type: ignore[union-attr]
    day = 86_400_000_000
    names = [f"c{number}" for number in range(n)]
    csat = rng.integers(1, 6, size=n).astype(float)
    waits = rng.uniform(0, 600, size=n)
    surveys = pd.DataFrame(
        {
            "response_id": [f"r{number}" for number in range(n)],
            "customer_id": names,
            "responded_at": start + 20 * day,
            "signs": rng.normal(50, 10, size=n),
        }
    )
    surveys["overall_satisfaction"] = slope * csat + 0.05 * surveys["signs"] + rng.normal(size=n)
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number}" for number in range(n)],
            "customer_id": names,
            "opened_at": start + 2 * day,
            "solved_at": start + 3 * day,
            "csat": csat,
            "queue_wait_seconds": waits,
        }
    )
    content = {
        "name": "Test",
        "stages": STAGES,
        "tables": {"surveys": {"path": "x", "items": {"signs": {"stage": "use"}}}},
        "model": {"replicates": REPLICATES, "not_applicable": "complete-cases"},
    }
    frames = {"surveys": surveys, "tickets": tickets}
    found = study_of(StudyConfig.model_validate(content), frames)
    return found, fit_study(found)


def helped(n: int = 1500, seed: int = 9) -> tuple[Study, DriverFit]:
    """Half had a contact, which goes with a lower score however it was rated."""
    rng = np.random.default_rng(seed)
    start = parse_period("2026-10").start_us  # type: ignore[union-attr]
    day = 86_400_000_000
    names = [f"c{number}" for number in range(n)]
    csat = rng.integers(1, 6, size=n // 2).astype(float)
    surveys = pd.DataFrame(
        {
            "response_id": [f"r{number}" for number in range(n)],
            "customer_id": names,
            "responded_at": start + 20 * day,
            "signs": rng.normal(50, 10, size=n),
        }
    )
    score = 0.02 * surveys["signs"] - 3.0 * (np.arange(n) < n // 2) + rng.normal(size=n)
    score[: n // 2] += 0.2 * csat
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number}" for number in range(n // 2)],
            "customer_id": names[: n // 2],
            "opened_at": start + 2 * day,
            "csat": csat,
        }
    )
    content = {
        "name": "Test",
        "stages": STAGES,
        "tables": {
            "surveys": {
                "path": "x",
                "scale": {"low": 0, "high": 100},
                "items": {"signs": {"stage": "use"}},
            }
        },
        "model": {"replicates": REPLICATES},
    }
    surveys["overall_satisfaction"] = score
    found = study_of(StudyConfig.model_validate(content), {"surveys": surveys, "tickets": tickets})
    return found, fit_study(found)


def test_soft_can_outweigh_fast() -> None:
    found, fit = served()
    soft = soft_and_fast(found, fit)
    assert soft is not None
    assert (soft.rated, soft.timed, soft.pairs) == ("contact_csat", "queue_wait_minutes", 1)
    assert soft.rated_step[0] == pytest.approx(0.6 * np.sqrt(2), abs=0.1)
    assert soft.difference[1] > 0


def test_without_a_time_or_a_rating_there_is_no_contrast(study: Study, fit: DriverFit) -> None:
    assert soft_and_fast(study, fit) is None


def test_p_value_counts_samples_and_passes_their_number_only_on_one_side() -> None:
    spread = np.linspace(-1, 3, 201)  # 51 of 201 at or below 0
    assert two_sided(spread) == pytest.approx(2 * 52 / 202, abs=0.02)
    assert two_sided(spread + 5) < 2 / 202  # none: the normal curve says how small
    assert two_sided(np.zeros(100)) == 1.0
    assert np.isnan(two_sided(np.empty(0)))
