"""What comes before a contact: counted by hand, ties and open windows, and known effects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from statsmodels.duration.survfunc import SurvfuncRight

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics.intervals import wilson
from cxanalysis.metrics.journeys.after_rating import (
    contact_effect,
    contacts_after_rating,
    middle_step,
)
from cxanalysis.metrics.journeys.alarm import RULES, early_warning
from cxanalysis.metrics.journeys.by_quality import contact_by_quality
from cxanalysis.metrics.journeys.linearised import (
    Waiting,
    clustered_error,
    clustered_median,
    share_interval,
)
from cxanalysis.metrics.journeys.logit import average_step, indicators
from cxanalysis.metrics.journeys.proactive import proactive_lead
from cxanalysis.metrics.journeys.until_contact import time_to_contact
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # shares of small whole numbers
STAGES = ["buy", "use", "tell"]


def study(
    touches: pd.DataFrame, contacts: list[tuple[str, str]], period: str = "all", **config: Any
) -> Study:
    content = {"name": "Test", "tables": {}, "stages": STAGES, "metrics": {"min_base": 2}}
    tickets = pd.DataFrame(contacts, columns=["customer_id", "opened_at"])
    tickets["opened_at"] = pd.to_datetime(tickets["opened_at"], utc=True, format="ISO8601")
    base = study_of(
        StudyConfig.model_validate(content | config), {"journeys": touches, "tickets": tickets}
    )
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def touched(*rows: tuple[str, str, float | None], **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "occurred_at", "rating"])
    times = pd.to_datetime(frame["occurred_at"], utc=True, format="ISO8601")
    return frame.assign(
        occurred_at=times, stage="use", rating=frame["rating"].astype(float)
    ).assign(**columns)


# Contacts are known from 31 December to 1 March, so ten days are over until 19 February.
TOUCHES = touched(
    ("a", "2026-01-01", 1),
    ("b", "2026-01-05", 1),  # the contact is at the very moment
    ("c", "2026-01-06", 5),
    ("d", "2026-01-07", 5),  # exactly ten days
    ("e", "2026-01-08", 5),  # a second more
    ("f", "2026-02-25", 5),  # open, though a contact came
    ("g", "2026-01-09", None),  # not rated
)
CONTACTS = [
    ("x", "2025-12-31"),
    ("a", "2026-01-05"),
    ("a", "2026-01-06"),  # the second counts no more
    ("b", "2026-01-05"),
    ("d", "2026-01-17"),
    ("e", "2026-01-18T00:00:01Z"),
    ("f", "2026-02-26"),
    ("g", "2026-01-10"),
    ("y", "2026-03-01"),
]


def test_touch_counts_once_where_its_days_are_over_and_the_contact_came_after_it() -> None:
    table = contacts_after_rating(study(TOUCHES, CONTACTS), 10).set_index("rating")
    assert list(table.loc[1.0, ["n", "customers", "open"]]) == [2, 2, 0]
    assert table.loc[1.0, "share"] == pytest.approx(1 / 2, abs=EXACT)
    assert list(table.loc[5.0, ["n", "customers", "open"]]) == [3, 3, 1]
    assert table.loc[5.0, "share"] == pytest.approx(1 / 3, abs=EXACT)
    low, high = wilson(1, 3)  # one touch per customer
    assert list(table.loc[5.0, ["conf_low", "conf_high"]]) == pytest.approx([low, high])


def test_touches_are_those_of_the_period_and_contacts_may_come_after_it() -> None:
    table = contacts_after_rating(study(TOUCHES, CONTACTS, "2026-01"), 25)
    assert list(table["n"]) == [2, 3]
    assert list(table["share"]) == pytest.approx([1 / 2, 2 / 3], abs=EXACT)


def test_touches_at_service_and_rows_that_the_company_began_do_not_count() -> None:
    rows = TOUCHES.assign(channel=["phone"] + ["web"] * 6)
    table = contacts_after_rating(study(rows, CONTACTS, service={"channels": ["phone"]}), 10)
    assert list(table["n"]) == [1, 3]
    made = study(TOUCHES, CONTACTS)
    tickets = pd.DataFrame(CONTACTS, columns=["customer_id", "opened_at"])
    tickets["opened_at"] = pd.to_datetime(tickets["opened_at"], utc=True, format="ISO8601")
    tickets["initiator"] = np.where(tickets["customer_id"] == "a", "Company", "customer")
    tables = {**made.tables, "tickets": made.engine.register(tickets)}
    none = contacts_after_rating(Study(made.path, made.config, made.engine, tables), 10)
    assert none.loc[0, "share"] == 0


def test_few_touches_are_withheld_and_groups_stand_apart() -> None:
    few = contacts_after_rating(study(TOUCHES, CONTACTS, metrics={"min_base": 3}), 10)
    assert list(few["note"]) == ["withheld: fewer than 3", ""]
    assert few["share"].isna().tolist() == [True, False]
    grouped = contacts_after_rating(study(TOUCHES, CONTACTS), 10, by="stage")
    assert list(grouped["stage"]) == ["use", "use"]


@pytest.mark.parametrize("lacking", ["journeys", "tickets", "rating", "customer_id"])
def test_without_ratings_or_contacts_there_is_nothing_and_it_says_what_is_needed(
    lacking: str,
) -> None:
    made = study(TOUCHES, CONTACTS)
    tables = {
        name: table.drop(lacking) if lacking in table.collect_schema().names() else table
        for name, table in made.tables.items()
        if name != lacking and not (lacking == "customer_id" and name == "journeys")
    }
    tables = {**made.tables, "tickets": tables["tickets"]} if lacking == "customer_id" else tables
    bare = Study(made.path, made.config, made.engine, tables)
    for figure in (contacts_after_rating, contact_effect, time_to_contact, contact_by_quality):
        assert figure(bare).empty
    assert early_warning(bare)["note"].str.startswith("needs ").all()


@pytest.mark.parametrize("n", [0, 1])
def test_no_touch_or_one_gives_no_figure_and_no_error(n: int) -> None:
    made = study(TOUCHES.iloc[:n], CONTACTS)
    assert contacts_after_rating(made, 10)["share"].isna().all()
    assert contact_effect(made, 10)["change"].isna().all()
    assert time_to_contact(made)["share"].isna().all()
    assert contact_by_quality(made).empty
    for rule in RULES:
        values = early_warning(made, rule).set_index("metric")["value"]
        assert values.drop("recall").isna().all()  # contacts there are
        assert values["recall"] == 0 if n and rule == RULES[0] else np.isnan(values["recall"])


# --- waiting -------------------------------------------------------------------------------


def test_curve_is_kaplan_meiers_and_its_error_greenwoods_where_customers_have_one_row() -> None:
    rng = np.random.default_rng(2)
    times, met = np.ceil(rng.exponential(20, 200)), rng.random(200) < 0.6
    known = SurvfuncRight(times, met)
    place = np.searchsorted(known.surv_times, 15, side="right") - 1
    reached = Waiting(times, met).by(15)
    assert reached.share == pytest.approx(1 - known.surv_prob[place], abs=EXACT)
    error = clustered_error(reached.influence, np.arange(200)) * np.sqrt(199 / 200)
    assert error == pytest.approx(known.surv_prob_se[place], rel=1e-6)


def test_curve_of_doubled_rows_has_the_error_of_the_customers() -> None:
    rng = np.random.default_rng(4)
    times, met = rng.exponential(20, 80), rng.random(80) < 0.6
    one = Waiting(times, met).by(10)
    two = Waiting(np.repeat(times, 2), np.repeat(met, 2)).by(10)
    customers = np.repeat(np.arange(80), 2)
    # Kaplan–Meier's steps take the second of two ties from a smaller base, so not to the digit.
    assert two.share == pytest.approx(one.share, abs=0.01)
    assert clustered_error(two.influence, customers) == pytest.approx(
        clustered_error(one.influence, np.arange(80)), rel=0.02
    )


def test_curve_without_an_event_is_0_with_an_interval_of_the_customers() -> None:
    reached = Waiting(np.array([3.0, 4.0]), np.array([False, False])).by(30)
    assert (reached.share, list(reached.influence)) == (0, [0, 0])
    assert share_interval(0.0, 0.0, 40) == wilson(0, 40)


def test_young_touches_wait_until_the_data_end() -> None:
    table = time_to_contact(study(TOUCHES, CONTACTS), (7, 30)).set_index(["rating", "days"])
    assert table.loc[("low", 7), "share"] == pytest.approx(1 / 2, abs=EXACT)
    # Others: f after 1 day, d and e after 10, c never until the end, 54 days.
    assert table.loc[("other", 7), "share"] == pytest.approx(1 / 4, abs=EXACT)
    assert table.loc[("other", 30), "share"] == pytest.approx(3 / 4, abs=EXACT)
    assert table.loc[("difference", 7), "share"] == pytest.approx(1 / 4, abs=EXACT)
    assert list(table["n"]) == [2, 2, 4, 4, 6, 6]


def test_after_more_days_than_touches_are_old_there_is_no_figure() -> None:
    fresh = touched(*((f"c{n}", f"2026-02-{20 + n}", 1 + 4 * (n % 2)) for n in range(8)))
    table = time_to_contact(study(fresh, CONTACTS), (1, 7, 30)).set_index(["rating", "days"])
    assert table.loc[("low", 1), "share"] == 0  # three are a day old by the end, on 1 March
    assert (
        table["note"].xs(30, level="days").tolist() == ["withheld: fewer than 2 are that old"] * 3
    )
    assert table["share"].xs(30, level="days").isna().all()


def test_difference_in_time_counts_a_customer_on_both_sides_once() -> None:
    rng = np.random.default_rng(8)
    rows, contacts = drawn(rng, 400, per_point=0.0)
    table = time_to_contact(study(rows, contacts), (30,)).set_index("rating")
    gap = table.loc["difference"]
    assert gap["conf_low"] < 0 < gap["conf_high"]
    apart = np.hypot(
        *(table.loc[side, "share"] - table.loc[side, "conf_low"] for side in ("low", "other"))
    )
    assert gap["share"] - gap["conf_low"] < 1.05 * apart


def test_median_of_repeated_values_is_no_surer_than_of_the_customers() -> None:
    values = np.arange(1.0, 102.0)
    median, one = clustered_median(values, np.arange(101))
    again, ten = clustered_median(np.repeat(values, 10), np.repeat(np.arange(101), 10))
    assert median == again == 51
    assert (one.low, one.high) == (41, 61)  # 51 ± t × √(101) ÷ 2
    assert (ten.low, ten.high) == pytest.approx((one.low, one.high), abs=1)


# --- the logit -----------------------------------------------------------------------------


def drawn(
    rng: np.random.Generator, customers: int, per_point: float
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Three touches per customer, 100 days apart, with a contact 5 days after or none.

    The log odds are −1 at a rating of 3, less by ``per_point`` for each point more, and the
    customers' own level is in them and not in the ratings.
    """
    who = np.repeat(np.arange(customers), 3)
    rating = rng.integers(1, 6, len(who)).astype(float)
    own = rng.normal(0, 1, customers)[who]
    met = rng.random(len(who)) < expit(-1 - per_point * (rating - 3) + own)
    day = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(
        np.tile([0, 100, 200], customers), "D"
    )
    names = [f"c{number}" for number in who]
    rows = pd.DataFrame(
        {"customer_id": names, "occurred_at": day, "rating": rating, "stage": "use"}
    ).assign(touchpoint=rng.choice(["app", "manual"], len(who)))
    contacts = [
        (name, str(moment + pd.Timedelta(5, "D")))
        for name, moment, came in zip(names, day, met, strict=True)
        if came
    ]
    return rows, [("x", "2024-12-01"), ("x", "2026-01-01"), *contacts]


@pytest.mark.parametrize("per_point", [0.0, 0.5])
def test_known_change_from_3_to_4_is_found_and_none_where_there_is_none(per_point: float) -> None:
    rng = np.random.default_rng(11)
    found = contact_effect(study(*drawn(rng, 2000, per_point))).iloc[0]
    levels = np.random.default_rng(0).normal(0, 1, 200_000)
    truth = np.mean(expit(-1 - per_point + levels) - expit(-1 + levels))
    assert found["conf_low"] / 100 < truth < found["conf_high"] / 100
    assert found["change"] / 100 == pytest.approx(truth, abs=0.02)
    assert (found["p_value"] < 0.05) == (per_point > 0)
    assert (found["from_rating"], found["to_rating"], found["n"]) == (3, 4, 6000)


def test_average_step_is_the_mean_of_what_the_logit_foretells() -> None:
    event = np.tile([True, False, False, False, True, True, False, True], 20)
    rating = np.tile([1.0, 5, 4, 5, 2, 1, 2, 5], 20)
    names = pd.Series(np.arange(160).astype(str))
    step = average_step(event, rating, np.zeros((160, 0)), names, (3, 4))
    back = average_step(event, rating, np.zeros((160, 0)), names, (4, 3))
    assert step.change == pytest.approx(step.second - step.first, abs=EXACT)
    assert (back.change, back.low) == pytest.approx((-step.change, -step.high), abs=1e-9)
    assert step.change < 0


def test_stages_are_told_apart_with_p_values_for_several() -> None:
    rng = np.random.default_rng(5)
    rows, contacts = drawn(rng, 600, 0.6)
    rows["stage"] = np.where(np.arange(len(rows)) % 3 == 0, "buy", "use")
    table = contact_effect(study(rows, contacts), by="stage").set_index("stage")
    assert list(table.index) == STAGES
    assert table.loc["tell", "note"] == "nothing to count"
    assert (table.loc[["buy", "use"], "p_adjusted"] >= table.loc[["buy", "use"], "p_value"]).all()
    assert table["n"].sum() == len(rows)


def test_ratings_that_foretell_contact_without_exception_give_no_figure() -> None:
    event = np.arange(100) < 50
    step = average_step(
        event, np.where(event, 1.0, 5.0), np.zeros((100, 0)), pd.Series(np.arange(100)), (3, 4)
    )
    assert np.isnan(step.change)
    assert "without exception" in step.note


def test_touchpoints_too_rare_for_a_chance_of_their_own_stand_together() -> None:
    cells = pd.Series(["a"] * 40 + ["b"] * 30 + ["c"] * 3 + ["d"] * 20)
    event = np.arange(93) % 2 == 0
    assert indicators(cells, event).shape == (93, 2)  # b and d; c stands with a
    assert indicators(cells, np.zeros(93, dtype=bool)).shape == (93, 0)


@pytest.mark.parametrize(
    ("scale", "step"),
    [
        ({}, (3, 4)),
        ({"low": 1, "high": 5, "higher_is_better": False}, (3, 2)),
        ({"low": 1, "high": 10}, (5, 6)),
        ({"low": 1, "high": 6, "higher_is_better": False}, (4, 3)),
        ({"low": 0, "high": 100}, (50, 60)),
        ({"low": 0, "high": 1}, (0, 1)),
    ],
)
def test_step_is_from_the_middle_of_the_scale_to_the_next_better(
    scale: dict[str, Any], step: tuple[float, float]
) -> None:
    column = {"column": "rating", **scale}
    tables = {"journeys": {"path": "x.csv", "columns": {"rating": column}}}
    assert middle_step(study(TOUCHES, CONTACTS, tables=tables)) == step


# --- the alarm -----------------------------------------------------------------------------

ALARMS = touched(
    ("a", "2026-01-01", 2),  # right, after 4 days; the company acted between
    ("b", "2026-01-05", 1),  # wrong: at the very moment
    ("c", "2026-01-06", 5),
    ("d", "2026-01-07", 4),  # no alarm, and a contact
    ("h", "2026-01-08", 2),  # right, after 2 days; the company acted at that moment
    ("f", "2026-02-25", 1),  # open
)
COMPANY = touched(
    ("a", "2026-01-03", None),
    ("h", "2026-01-10", None),
    ("b", "2026-01-01", None),
    ("a", "2025-12-01", None),
)
BEGUN = pd.concat(
    [ALARMS.assign(initiator="customer"), COMPANY.assign(initiator="Company")], ignore_index=True
)


def test_alarm_is_counted_by_what_followed_it() -> None:
    made = study(BEGUN, [*CONTACTS, ("h", "2026-01-10")])
    table = early_warning(made, days=10).set_index("metric")
    value = table["value"]
    assert value["alarms"] == pytest.approx(3 / 5, abs=EXACT)
    assert value["precision"] == pytest.approx(2 / 3, abs=EXACT)
    assert value["base_rate"] == pytest.approx(3 / 5, abs=EXACT)
    assert value["lift"] == pytest.approx((2 / 3) / (3 / 5), abs=EXACT)
    assert value["lead_days"] == pytest.approx(3, abs=EXACT)
    assert value["intervened"] == pytest.approx(1 / 2, abs=EXACT)
    # From 11 January, day ten of the ratings, contacts of d, e, f and y: f's alone had an alarm.
    assert table.loc["recall", "n"] == 4
    assert value["recall"] == pytest.approx(1 / 4, abs=EXACT)


def test_passed_promise_is_an_alarm_at_its_moment() -> None:
    promised = pd.to_datetime(["2026-01-01", "2026-01-05", "2026-01-06", None], utc=True)
    fulfilled = pd.to_datetime(["2026-01-09", None, "2026-01-05", None], utc=True)
    rows = ALARMS.iloc[:4].assign(promised_at=promised, fulfilled_at=fulfilled)
    table = early_warning(study(rows, CONTACTS), "late promise", 10).set_index("metric")
    assert list(table.loc[["alarms", "precision", "base_rate"], "value"]) == pytest.approx(
        [2 / 3, 1 / 2, 1 / 3], abs=EXACT
    )
    assert table.loc["intervened", "note"] == "needs journeys.initiator"


def test_unknown_rule_is_refused_with_the_closest() -> None:
    with pytest.raises(ReportError, match=r"no rule 'low ratings'.*low rating"):
        early_warning(study(ALARMS, CONTACTS), "low ratings")


def test_alarm_that_says_nothing_is_as_often_right_as_any_touch() -> None:
    rng = np.random.default_rng(21)
    made = study(*drawn(rng, 1000, 0.0))
    lift = early_warning(made).set_index("metric").loc["lift"]
    assert lift["conf_low"] < 1 < lift["conf_high"]
    clear = study(*drawn(rng, 1000, 0.7))
    assert early_warning(clear).set_index("metric").loc["lift", "conf_low"] > 1.2


def test_company_acted_before_the_first_low_rating_only() -> None:
    rows = BEGUN.assign(initiator=BEGUN["initiator"].str.lower())
    table = proactive_lead(study(rows, CONTACTS), 10).set_index("metric")
    # From 11 December on: a had one 31 days before, b one 4 days before, h and f none.
    assert table.loc["acted_before", "n"] == 4
    assert table.loc["acted_before", "value"] == pytest.approx(1 / 4, abs=EXACT)
    assert (
        proactive_lead(study(ALARMS, CONTACTS))["note"].tolist() == ["needs journeys.initiator"] * 2
    )


# --- quality -------------------------------------------------------------------------------


def test_customers_are_put_in_parts_by_their_ratings_before_the_last_days() -> None:
    rows = touched(
        *((f"c{number}", "2026-01-01", 1 + number % 4) for number in range(40)),
        ("late", "2026-02-25", 1),  # inside the last days
    )
    worst = [(f"c{number}", "2026-02-25") for number in range(0, 40, 4)]
    table = contact_by_quality(study(rows, [("x", "2025-12-31"), *worst, ("y", "2026-03-01")]), 10)
    assert list(table["n"]) == [10] * 4  # equal means stay together
    assert list(table["share"]) == [1, 0, 0, 0]
    assert list(table["from_rating"]) == [1, 2, 3, 4]
