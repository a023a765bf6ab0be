"""Gestures and mended problems: counted by hand, and differences that are known or none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from cxanalysis.config import StudyConfig
from cxanalysis.findings.moments import find_moments
from cxanalysis.metrics.journeys.gestures import gesture_difference
from cxanalysis.metrics.journeys.held_equal import gap_held_equal, share_gap
from cxanalysis.metrics.journeys.past import scored_answers, with_past
from cxanalysis.metrics.journeys.recovery import _ending, _problems, problem_reasons, recovery
from cxanalysis.narrative import describe
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # means of small whole numbers
GIFT = {"journey": {"gestures": ["gift"]}}
FAULTS = {"metrics": {"min_base": 2, "failure_reasons": ["fault"]}}


def times(frame: pd.DataFrame) -> pd.DataFrame:
    named = [name for name in frame if name.endswith("_at") or name == "active_from"]
    parsed = {name: pd.to_datetime(frame[name], utc=True, format="ISO8601") for name in named}
    return frame.assign(**parsed)


def study(period: str = "all", config: Any = None, **tables: pd.DataFrame) -> Study:
    content = {
        "name": "Test",
        "tables": {},
        "stages": ["buy", "use"],
        "metrics": {"min_base": 2},
        **(config or {}),
    }
    frames = {name: times(table) for name, table in tables.items()}
    base = study_of(StudyConfig.model_validate(content), frames)
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def touches(*rows: tuple[str, str, str, float | None]) -> pd.DataFrame:
    columns = ["customer_id", "occurred_at", "touchpoint", "rating"]
    return pd.DataFrame(rows, columns=columns).astype({"rating": float}).assign(stage="use")


def answers(*rows: tuple[str, str | None, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "responded_at", "overall_satisfaction"])
    return frame.assign(overall_satisfaction=frame["overall_satisfaction"].astype(float))


# --- differences ---------------------------------------------------------------------------


def test_difference_of_single_rows_is_that_of_welch_nearly() -> None:
    rng = np.random.default_rng(1)
    y, group = rng.normal(0, 1, 300), np.arange(300) < 60
    y[group] = 1 + 2 * y[group]
    gap = gap_held_equal(
        y, group[:, None].astype(float), np.zeros((300, 0)), np.arange(300), np.ones(1)
    )
    assert gap.value == pytest.approx(y[group].mean() - y[~group].mean(), abs=EXACT)
    welch = stats.ttest_ind(y[group], y[~group], equal_var=False).confidence_interval()
    assert (gap.low, gap.high) == pytest.approx((welch.low, welch.high), rel=0.03)


def test_slope_is_that_of_least_squares_and_its_error_that_of_hc3() -> None:
    rng = np.random.default_rng(2)
    held, group = rng.normal(size=(200, 3)), (rng.random(200) < 0.3).astype(float)
    y = held @ [1.0, -1, 0.5] + 0.4 * group + rng.normal(0, 1 + group, 200)
    gap = gap_held_equal(y, group[:, None], held, np.arange(200), np.ones(1))
    known = sm.OLS(y, np.column_stack([np.ones(200), group, held])).fit(cov_type="HC3")
    assert gap.value == pytest.approx(known.params[1], abs=EXACT)
    error = (gap.high - gap.low) / 2 / stats.t.ppf(0.975, 199)
    assert error == pytest.approx(known.bse[1] * np.sqrt(200 / 199), rel=1e-6)


def test_repeated_rows_of_a_customer_are_no_further_evidence() -> None:
    rng = np.random.default_rng(3)
    y, group = rng.normal(0, 1, 80), np.arange(80) % 2.0
    one = gap_held_equal(y, group[:, None], np.zeros((80, 0)), np.arange(80), np.ones(1))
    again = [np.repeat(each, 3, axis=0) for each in (y, group[:, None], np.arange(80))]
    three = gap_held_equal(again[0], again[1], np.zeros((240, 0)), again[2], np.ones(1))
    assert (three.value, three.low) == pytest.approx((one.value, one.low), abs=0.03)


def test_columns_that_say_nothing_new_or_are_too_many_are_left_out() -> None:
    rng = np.random.default_rng(4)
    y, group = rng.normal(size=100), (np.arange(100) < 50).astype(float)
    same = np.column_stack([group, np.ones(100), 2 * group])
    who = np.arange(100)
    plain = gap_held_equal(y, group[:, None], np.zeros((100, 0)), who, np.ones(1))
    assert gap_held_equal(y, group[:, None], same, who, np.ones(1)) == plain
    many = rng.normal(size=(100, 8))
    assert gap_held_equal(y, group[:, None], many, who, np.ones(1)) == plain


def test_shares_of_none_and_all_still_have_an_interval() -> None:
    group = np.arange(60) < 30
    first, second, gap = share_gap(np.zeros(60, dtype=bool), group, np.arange(60))
    assert (first, second, gap.value, gap.p_value) == (0, 0, 0, 1)
    assert gap.low < 0 < gap.high
    assert share_gap(group, group, np.arange(60))[2].low > 0.8


# --- gestures ------------------------------------------------------------------------------

TOUCHES = touches(
    ("a", "2026-01-01", "gift", None),
    ("a", "2026-01-02", "app", 4),
    ("b", "2025-06-01", "gift", None),  # longer ago than the lookback
    ("b", "2026-01-02", "app", 2),
    ("c", "2026-01-10", "gift", None),  # at the moment of the answer
    ("d", "2026-01-05", "gift", None),
    ("a", "2026-01-20", "review", None),
    ("b", "2026-01-20", "review", None),
    ("x", "2026-06-01", "app", None),
).assign(shared_publicly=[False] * 6 + [True, False, False])
ANSWERS = answers(
    ("a", "2026-01-10", 5),
    ("b", "2026-01-10", 2),
    ("c", "2026-01-10", 3),
    ("d", "2026-01-06", 4),
    ("d", None, None),
).assign(
    invited_at=["2026-01-03", "2026-01-09", "2026-01-09", "2026-01-06", "2026-01-12"],
    nps=[10.0, 9, 3, 6, None],
)
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["a", "b", "n", "m", "z"],
        "active_from": ["2025-01-01", "2025-01-01", "2026-01-15", "2026-03-15", "2026-06-01"],
        "referred_by": [None, None, "a", "b", None],
    }
)


def table(**config: Any) -> pd.DataFrame:
    made = study(config=GIFT | config, journeys=TOUCHES, surveys=ANSWERS, customers=CUSTOMERS)
    return gesture_difference(made).set_index("metric")


def test_gesture_counts_in_the_lookback_strictly_before_the_answer() -> None:
    score = table().loc["score"]
    assert list(score[["n_with", "n_without"]]) == [2, 2]  # a and d; b and c
    assert list(score[["with_value", "without_value"]]) == [4.5, 2.5]
    assert score["difference"] == pytest.approx(2, abs=EXACT)


def test_what_customers_did_is_counted_with_and_without_a_gesture() -> None:
    rows = table()
    values = rows[["with_value", "without_value"]]
    # Before the invitations of a and both of d there was a gift; of b and c none.
    assert list(values.loc["response"]) == pytest.approx([2 / 3, 1], abs=EXACT)
    assert list(rows.loc["response", ["n_with", "n_without"]]) == [3, 2]
    assert list(values.loc["recommends"]) == [0.5, 0.5]
    assert list(values.loc["told"]) == [0.5, 0]
    assert list(values.loc["referred"]) == [0.5, 0]  # m came too late after b's answer
    assert rows.loc["score_soon", "note"] == "withheld: fewer than 2"


def test_small_sides_are_withheld_and_absent_columns_named() -> None:
    few = table(metrics={"min_base": 3})
    assert few["difference"].isna().all()
    assert few.loc["score", "note"] == "withheld: fewer than 3"
    bare = study(
        config=GIFT,
        journeys=TOUCHES.drop(columns="shared_publicly"),
        surveys=ANSWERS.drop(columns=["nps", "invited_at"]),
    )
    notes = gesture_difference(bare).set_index("metric")["note"]
    assert notes["told"] == "needs journeys.shared_publicly"
    assert notes["referred"] == "needs customers.referred_by"
    assert notes["recommends"] == "needs surveys.nps"
    assert notes["response"] == "needs surveys.invited_at"


def test_fresh_answers_are_open_for_what_may_still_follow() -> None:
    made = study(config=GIFT, journeys=TOUCHES.iloc[:-1], surveys=ANSWERS, customers=CUSTOMERS)
    told = gesture_difference(made).set_index("metric").loc["told"]
    assert told["note"] == "withheld: fewer than 2; 4 answers less than 30 days old left out"


@pytest.mark.parametrize(
    ("journeys", "surveys", "config"),
    [
        (TOUCHES, ANSWERS, {}),
        (TOUCHES.drop(columns="touchpoint"), ANSWERS, GIFT),
        (TOUCHES, ANSWERS.drop(columns="overall_satisfaction"), GIFT),
    ],
)
def test_without_gestures_or_answers_there_is_no_row(
    journeys: pd.DataFrame, surveys: pd.DataFrame, config: Any
) -> None:
    assert gesture_difference(study(config=config, journeys=journeys, surveys=surveys)).empty


def test_a_gesture_that_nobody_got_is_named() -> None:
    config = {"journey": {"gestures": ["gfit"]}}
    made = study(config=config, journeys=TOUCHES, surveys=ANSWERS, customers=CUSTOMERS)
    assert gesture_difference(made)["note"].str.contains("no touch at 'gfit'").any()
    assert "none came after a gesture" in " ".join(describe(find_moments(made)))


@pytest.mark.parametrize("n", [0, 1])
def test_no_answer_or_one_gives_no_figure_and_no_error(n: int) -> None:
    made = study(config=GIFT, journeys=TOUCHES, surveys=ANSWERS.iloc[:n], customers=CUSTOMERS)
    assert gesture_difference(made)["difference"].isna().all()


def drawn(effect: float, customers: int = 1500) -> dict[str, pd.DataFrame]:
    """A gift goes to those with the better journey; scores follow the journey and the gift."""
    rng = np.random.default_rng(17)
    mood = rng.normal(0, 1, customers)
    gift = rng.random(customers) < 1 / (1 + np.exp(-1.5 * mood))
    names = np.array([f"c{number}" for number in range(customers)])
    rated = pd.DataFrame(
        {
            "customer_id": np.tile(names, 3),
            "occurred_at": np.repeat(["2026-01-01", "2026-01-02", "2026-01-03"], customers),
            "touchpoint": "app",
            "rating": np.clip(np.round(3 + np.tile(mood, 3)), 1, 5),
        }
    )
    gifts = pd.DataFrame(
        {"customer_id": names[gift], "occurred_at": "2026-01-05", "touchpoint": "gift"}
    )
    journeys = pd.concat([rated, gifts], ignore_index=True).assign(stage="use")
    mean = rated.groupby("customer_id")["rating"].mean()[names].to_numpy()
    score = 1 + 0.6 * mean + effect * gift + rng.normal(0, 0.5, customers)
    surveys = pd.DataFrame(
        {"customer_id": names, "responded_at": "2026-01-10", "overall_satisfaction": score}
    )
    return {"journeys": journeys, "surveys": surveys}


@pytest.mark.parametrize("effect", [0.0, 0.4])
def test_held_equal_a_known_difference_is_found_that_the_plain_one_overstates(
    effect: float,
) -> None:
    rows = gesture_difference(study(config=GIFT, **drawn(effect))).set_index("metric")
    adjusted = rows.loc["score_adjusted"]
    assert adjusted["conf_low"] < effect < adjusted["conf_high"]
    assert rows.loc["score", "conf_low"] > effect + 0.3
    assert (adjusted["p_value"] < 0.05) == (effect > 0)


# --- recovery ------------------------------------------------------------------------------

CONTACTS = pd.DataFrame(
    [
        ("a", "I1", "2026-01-01", None, "fault"),  # given up, then solved with the next
        ("a", "I1", "2026-01-02", "2026-01-04", "fault"),
        ("b", "I2", "2026-01-01", "2026-01-20", "fault"),  # solved after the answer
        ("c", "I3", "2026-01-01", "2026-01-03", "fault"),  # solved, then again
        ("c", "I3", "2026-01-05", None, "fault"),
        ("d", "I4", "2026-01-01", "2026-01-02", "question"),  # no problem
        ("e", "I5", "2025-06-01", "2025-06-02", "fault"),  # longer ago than the lookback
        ("f", "I6", "2026-01-01", "2026-01-02", "fault"),
        ("g", "I7", "2026-01-12", None, "fault"),  # after the answer
    ],
    columns=["customer_id", "issue_id", "opened_at", "solved_at", "reason"],
)
RATED = answers(
    *(
        (name, "2026-01-10", score)
        for name, score in zip("abcdefg", (4, 2, 1, 4, 5, 5, 3), strict=True)
    )
)
JOURNEY = touches(("a", "2025-12-01", "app", 3), ("g", "2025-12-01", "app", 4))


def test_problem_is_solved_only_if_it_was_so_at_the_answer() -> None:
    made = study(config=FAULTS, journeys=JOURNEY, surveys=RATED, tickets=CONTACTS)
    rows = recovery(made).set_index(["first", "second"])
    solved = rows.loc[("solved", "none")]
    assert list(solved[["n_first", "n_second"]]) == [2, 3]  # a and f; d, e and g
    assert list(solved[["first_mean", "second_mean"]]) == [4.5, 4.0]
    assert solved["difference"] == pytest.approx(0.5, abs=EXACT)
    unsolved = rows.loc[("unsolved", "none")]
    assert (unsolved["n_first"], unsolved["first_mean"]) == (2, 1.5)  # b and c
    assert rows.loc[("solved", "unsolved"), "difference"] == pytest.approx(3, abs=EXACT)


def test_without_issue_numbers_contacts_for_one_reason_are_one_matter() -> None:
    made = study(
        config=FAULTS,
        journeys=JOURNEY,
        surveys=RATED,
        tickets=CONTACTS.drop(columns="issue_id"),
    )
    assert list(recovery(made)["n_first"]) == [2, 2, 2]


def test_complaints_are_problems_and_other_kinds_are_not() -> None:
    config = {
        "reasons": {"rude": {"kind": "complaint"}, "bill": {"kind": "payment"}},
        "feedback": {"reasons": ["unhappy"]},
        **FAULTS,
    }
    made = study(config=config, journeys=JOURNEY, surveys=RATED, tickets=CONTACTS)
    assert problem_reasons(made) == ("fault", "unhappy", "rude")


def test_few_are_withheld_and_no_problem_named_gives_no_row() -> None:
    few = study(
        config={"metrics": {"min_base": 3, "failure_reasons": ["fault"]}},
        journeys=JOURNEY,
        surveys=RATED,
        tickets=CONTACTS,
    )
    assert list(recovery(few)["note"]) == ["withheld: fewer than 3"] * 3
    assert recovery(study(journeys=JOURNEY, surveys=RATED, tickets=CONTACTS)).empty
    bare = CONTACTS.drop(columns="solved_at")
    assert recovery(study(config=FAULTS, journeys=JOURNEY, surveys=RATED, tickets=bare)).empty


@pytest.mark.parametrize("n", [0, 1])
def test_no_answer_or_one_gives_no_contrast_and_no_error(n: int) -> None:
    made = study(config=FAULTS, journeys=JOURNEY, surveys=RATED.iloc[:n], tickets=CONTACTS)
    assert recovery(made)["difference"].isna().all()


@pytest.mark.parametrize("effect", [-0.5, 0.0])
def test_known_difference_of_solved_problems_is_found_and_none_where_none(effect: float) -> None:
    tables = drawn(0.0)
    names = tables["surveys"]["customer_id"]
    state = np.random.default_rng(9).choice(
        ["none", "solved", "open"], len(names), p=[0.7, 0.2, 0.1]
    )
    tickets = pd.DataFrame(
        {
            "customer_id": names[state != "none"],
            "opened_at": "2026-01-06",
            "solved_at": np.where(state[state != "none"] == "solved", "2026-01-07", None),
            "reason": "fault",
        }
    )
    shift = np.select([state == "solved", state == "open"], [effect, 2 * effect], 0)
    tables["surveys"]["overall_satisfaction"] += shift
    rows = recovery(study(config=FAULTS, tickets=tickets, **tables)).set_index(["first", "second"])
    for sides, truth in (
        (("solved", "none"), effect),
        (("unsolved", "none"), 2 * effect),
        (("solved", "unsolved"), -effect),
    ):
        row = rows.loc[sides]
        assert row["adjusted_low"] < truth < row["adjusted_high"]
        assert (row["p_adjusted"] < 0.05) == (effect != 0)


def spoilt(bonus: float, customers: int = 1500) -> dict[str, pd.DataFrame]:
    """A problem spoils the touch two days before the contact; scores follow the last four."""
    rng = np.random.default_rng(3)
    quality, problem = rng.normal(3.8, 0.5, customers), rng.random(customers) < 0.2
    contact = rng.uniform(5, 85, customers)  # days before the answer
    days = np.hstack([rng.uniform(0, 90, (customers, 4)), rng.uniform(90, 240, (customers, 5))])
    days[:, 3] = np.where(problem, contact + 2, days[:, 3])
    went = quality[:, None] + rng.normal(0, 0.4, days.shape)
    went[problem, 3] -= 2
    ratings = went + rng.normal(0, 0.5, days.shape)
    ratings[rng.random(days.shape) > 0.5] = np.nan
    score = 0.8 * went[:, :4].mean(axis=1) + bonus * problem + rng.normal(0, 0.6, customers)
    names = np.array([f"c{number}" for number in range(customers)])
    answered = pd.Timestamp("2026-10-01", tz="UTC")
    journeys = pd.DataFrame(
        {
            "customer_id": np.repeat(names, days.shape[1]),
            "occurred_at": answered - pd.to_timedelta(days.ravel(), unit="D"),
            "rating": ratings.ravel(),
        }
    )
    tickets = pd.DataFrame(
        {
            "customer_id": names[problem],
            "opened_at": answered - pd.to_timedelta(contact[problem], unit="D"),
            "solved_at": answered - pd.to_timedelta(contact[problem] - 1, unit="D"),
            "reason": "fault",
        }
    )
    surveys = pd.DataFrame(
        {"customer_id": names, "responded_at": answered, "overall_satisfaction": score}
    )
    return {
        "journeys": journeys.assign(touchpoint="app", stage="use"),
        "tickets": tickets,
        "surveys": surveys,
    }


@pytest.mark.parametrize("truth", [-0.1, 0.2])
def test_what_failed_before_the_contact_is_not_held_equal(truth: float) -> None:
    row = recovery(study(config=FAULTS, **spoilt(truth + 0.8 * 2 / 4))).iloc[0]
    assert row["adjusted_low"] < truth < row["adjusted_high"]


def test_past_ends_a_month_before_the_problem_and_as_long_before_answers_without_one() -> None:
    journey = touches(
        ("a", "2026-01-20", "app", 1),  # within 30 days of the contact on February 10
        ("a", "2026-01-05", "app", 4),
        ("b", "2026-01-20", "app", 2),  # the answer lies 19 days after a contact like that of a
        ("b", "2026-01-05", "app", 5),
        ("b", "2025-10-01", "app", 1),  # longer ago than the lookback before that
    )
    rated = answers(("a", "2026-03-01", 4), ("b", "2026-03-01", 5))
    tickets = pd.DataFrame(
        [("a", "2026-02-10", "2026-02-12", "fault")],
        columns=["customer_id", "opened_at", "solved_at", "reason"],
    )
    made = study(config=FAULTS, journeys=journey, surveys=rated, tickets=tickets)
    past = with_past(made, _ending(_problems(made, scored_answers(made))))
    assert list(past["past_rating"]) == [4, 5]
    assert list(past["past_touches"]) == [1, 1]
