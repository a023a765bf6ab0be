"""Each diagnostic fires where it should and stays silent where it should not."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxanalysis.config import StudyConfig
from cxanalysis.diagnostics import Caveat, diagnose
from cxanalysis.diagnostics.influence import coefficient_changes, share_changes
from cxanalysis.diagnostics.rows import look_like_ratings, repeated_rows, straight_lines
from cxanalysis.drivers import DriverFit, fit_drivers, fit_study
from cxanalysis.importance import shapley_r2
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

CLOSE = 1e-9  # two orders of floating-point sums
BLOCKS = {"service": {"help": ["a", "b"], "wait": ["c"]}, "journey": {"buy": ["d"], "use": ["e"]}}
DAY_US = 86_400_000_000


def some_answers(n: int = 400, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 5)) + rng.normal(size=(n, 1)), columns=list("abcde"))
    frame["score"] = frame[["a", "d", "e"]].sum(axis=1) + rng.normal(size=n)
    return frame.assign(customer_id=[f"c{number}" for number in range(n)])


def fit_some(frame: pd.DataFrame | None = None, **changes: object) -> DriverFit:
    frame = some_answers() if frame is None else frame
    return fit_drivers(frame.assign(**changes), "score", BLOCKS, replicates=100)


def facts_of(caveats: tuple[Caveat, ...], code: str) -> dict:
    (found,) = [caveat.facts for caveat in caveats if caveat.code == code]
    return found


def codes(caveats: tuple[Caveat, ...]) -> set[str]:
    return {caveat.code for caveat in caveats}


def ratings(n: int = 400, items: int = 7, seed: int = 4) -> np.ndarray:
    """Answers from 1 to 5 that go together as those of real questionnaires do."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=(n, 1)) + rng.normal(size=(n, items))
    return np.clip(np.round(3.6 + 0.8 * mood), 1, 5)


def test_clean_data_have_no_caveat() -> None:
    assert diagnose(fit_some()) == ()


def test_columns_that_nearly_repeat_each_other_have_a_high_vif() -> None:
    frame = some_answers()
    noise = np.random.default_rng(1).normal(size=len(frame))
    found = diagnose(fit_some(frame, b=frame["a"] + 0.2 * noise))
    terms = dict(facts_of(found, "high_vif")["terms"])
    assert set(terms) == {"a", "b"}
    assert min(terms.values()) >= 10
    assert "condition_number" not in codes(found)


def test_indicators_nested_by_the_coding_are_no_overlap_of_measures() -> None:
    frame = some_answers()
    contacted = (frame["a"] > 0).astype(float)
    answered = contacted * (np.arange(len(frame)) % 25 > 0)
    found = diagnose(fit_some(frame, a=contacted, b=answered))
    assert fit_some(frame, a=contacted, b=answered).tidy()["vif"].max() > 10
    assert "high_vif" not in codes(found)


def test_condition_number_is_that_of_the_standardised_columns() -> None:
    frame = some_answers()
    noise = np.random.default_rng(1).normal(size=len(frame))
    frame["b"] = 1000 * (frame["a"] + 0.01 * noise)  # units do not count
    table = frame[list("abcde")]
    singular = np.linalg.svd((table - table.mean()) / table.std(), compute_uv=False)
    value = facts_of(diagnose(fit_some(frame)), "condition_number")["value"]
    assert value == pytest.approx(singular[0] / singular[-1], rel=1e-6)


def test_left_out_columns_are_told_by_kind_with_their_origin() -> None:
    frame = some_answers()
    frame = frame.assign(b=frame["a"], c=4.0, e=2 * frame["a"] - frame["d"])
    frame["f"] = np.random.default_rng(5).normal(size=len(frame))
    blocks = {"service": {"help": ["a", "b", "c"]}, "journey": {"buy": ["d"], "use": ["e", "f"]}}
    found = diagnose(fit_drivers(frame, "score", blocks, replicates=100))
    assert facts_of(found, "duplicate")["columns"] == (("b", "a"),)
    assert facts_of(found, "constant")["columns"] == (("c",),)
    assert facts_of(found, "dependent")["columns"] == (("e", "a", "d"),)


def test_a_group_in_which_few_customers_have_anything_is_named_with_their_number() -> None:
    few = np.where(np.arange(400) < 12, 1.0, 0.0)
    facts = facts_of(diagnose(fit_some(c=few)), "small_base")
    assert facts["groups"] == (("service", "wait", 12),)
    assert not facts["crowded"]


def test_under_twenty_answers_a_column_is_a_small_base() -> None:
    assert facts_of(diagnose(fit_some(some_answers(99))), "small_base")["crowded"]
    assert "small_base" not in codes(diagnose(fit_some(some_answers(100))))


def test_a_sign_that_turns_among_the_others_is_shown_with_its_correlation() -> None:
    frame = some_answers()
    fit = fit_some(frame, score=frame["score"] - 0.6 * frame["b"])
    ((term, estimate, low, high, correlation),) = facts_of(diagnose(fit), "sign_conflict")["terms"]
    assert term == "b"
    assert low < estimate < high < 0
    assert correlation == pytest.approx(frame["b"].corr(frame["score"] - 0.6 * frame["b"]))
    assert correlation > 0


def test_a_turned_sign_within_chance_is_not_told() -> None:
    frame = some_answers()
    fit = fit_some(frame, score=frame["score"] - 0.05 * frame["b"])
    assert fit.tidy().set_index("term").loc["b", "estimate"] < 0
    assert "sign_conflict" not in codes(diagnose(fit))


def test_a_set_that_bends_is_told_with_its_direction() -> None:
    frame = some_answers()
    fit = fit_some(frame, score=frame["score"] - 0.4 * frame["d"] ** 2)
    ((name, gain, direction, p_holm),) = facts_of(diagnose(fit), "nonlinear")["sets"]
    assert (name, direction) == ("journey", -1)
    assert p_holm < 0.01
    assert gain > 0.01


def test_gain_of_a_bend_is_that_of_the_squared_part_in_a_regression() -> None:
    frame = some_answers().assign(score=lambda rows: rows["score"] - 0.4 * rows["d"] ** 2)
    x = sm.add_constant(frame[list("abcde")])
    plain = sm.OLS(frame["score"], x).fit()
    part = frame[["d", "e"]] @ plain.params[["d", "e"]]
    bent = sm.OLS(frame["score"], x.assign(square=(part - part.mean()) ** 2)).fit()
    ((_, gain, *_),) = facts_of(diagnose(fit_some(frame)), "nonlinear")["sets"]
    assert gain == pytest.approx(bent.rsquared - plain.rsquared, abs=CLOSE)


def test_a_bend_too_small_to_matter_is_not_told_however_significant() -> None:
    frame = some_answers(3000)
    fit = fit_some(frame, score=frame["score"] - 0.03 * (frame["d"] + frame["e"]) ** 2)
    assert "nonlinear" not in codes(diagnose(fit))


def test_a_set_of_a_single_yes_or_no_has_no_bend() -> None:
    frame = some_answers().assign(a=lambda rows: (rows["a"] > 0).astype(float))
    blocks = {"service": {"help": ["a"]}, "journey": {"buy": ["d", "e"]}}
    assert diagnose(fit_drivers(frame, "score", blocks, replicates=100)) == ()


@pytest.mark.parametrize("model", ["logit", "ordered"])
def test_other_models_are_diagnosed_but_for_bends_and_influence(model: str) -> None:
    frame = some_answers()
    noise = np.random.default_rng(1).normal(size=len(frame))
    score = frame["score"] - 0.4 * frame["d"] ** 2
    levels = (score > 0).astype(float) if model == "logit" else np.clip(np.round(score / 3), -1, 1)
    frame = frame.assign(b=frame["a"] + 0.2 * noise, score=levels)
    fit = fit_drivers(frame, "score", BLOCKS, model=model, replicates=100)
    assert codes(diagnose(fit)) == {"high_vif"}


def test_changes_without_a_customer_are_those_of_a_refit() -> None:
    frame = some_answers(60).assign(customer_id=np.arange(60) // 3)
    fit = fit_some(frame)
    changes, distance = coefficient_changes(fit.design)
    x = sm.add_constant(frame[list("abcde")])
    without = sm.OLS(frame["score"][3:], x[3:]).fit().params
    scale = frame["score"].std(ddof=0) / frame[list("abcde")].std(ddof=0)
    expected = (fit.statsmodels.params - without)[1:] / scale
    np.testing.assert_allclose(changes[0], expected, rtol=CLOSE)
    moved = x @ (fit.statsmodels.params - without)
    assert distance[0] == pytest.approx(moved @ moved / (6 * fit.statsmodels.mse_resid))


def test_share_without_a_customer_is_that_of_a_refit() -> None:
    frame = some_answers(60).assign(customer_id=np.arange(60) // 3)

    def share(rows: pd.DataFrame) -> float:
        values = shapley_r2(
            rows[list("abcde")].to_numpy(), rows["score"].to_numpy(), [[0, 1, 2], [3, 4]]
        )
        return float(values[0] / values.sum())

    (change,) = share_changes(fit_some(frame).design, np.array([0]), 0)
    assert change == pytest.approx(share(frame[3:]) - share(frame), abs=CLOSE)


def test_a_customer_on_whom_a_coefficient_and_the_share_hang_is_told() -> None:
    frame = some_answers()
    frame.loc[0, ["d", "score"]] = [-30.0, 30.0]
    facts = facts_of(diagnose(fit_some(frame)), "influence")
    ((term, estimate, without),) = facts["terms"]
    assert term == "d"
    assert without == pytest.approx(fit_some(frame[1:]).statsmodels.params["d"])
    assert estimate < without
    assert abs(facts["change"]) > 0.02


def test_copied_rows_are_told_and_rows_alike_by_chance_are_not() -> None:
    table = ratings(items=4)
    assert len(np.unique(table, axis=0)) < 0.8 * len(table)  # many are alike by chance
    assert repeated_rows(table) is None
    wide = ratings(items=12)
    copied = np.concatenate([wide, wide[:20]])
    facts = repeated_rows(copied)
    assert facts is not None
    assert facts["repeated"] >= 40 > facts["near"]
    assert repeated_rows(wide) is None


def test_near_twins_differ_in_exactly_one_column() -> None:
    rng = np.random.default_rng(3)
    table = np.repeat(rng.normal(size=(30, 3)), 2, axis=0)
    table[0, 1] += 1  # rows 0 and 1 are near twins, the other 58 twins
    assert repeated_rows(table) == {"n": 60, "repeated": 58, "near": 2}


def test_answers_of_one_value_are_told_where_they_are_many() -> None:
    table = ratings()
    assert straight_lines(table) is None
    table[:30] = 5.0
    table[30:34] = 1.0
    table[0, :2] = np.nan  # five ratings are left
    table[1, :3] = np.nan  # four are too few
    facts = straight_lines(table)
    assert facts is not None
    assert (facts["n"], facts["value"]) == (399, 5.0)
    assert facts["straight"] - facts["of_value"] >= 4


def test_columns_of_whole_numbers_on_one_scale_pass_for_ratings() -> None:
    table = np.column_stack([ratings(items=3), np.arange(400), np.arange(400) % 2])
    assert list(look_like_ratings(table)) == [0, 1, 2]


ITEMS = {
    "help": {"service": True, "label": "Help at the desk"},
    "signs": {"stage": "use"},
    "food": {"stage": "purchase"},
}


def study(items: dict | None = None, **frames: pd.DataFrame) -> Study:
    table = {"path": "survey.csv", "items": ITEMS if items is None else items}
    content = {"name": "By hand", "tables": {"surveys": table}, "model": {"replicates": 200}}
    rng = np.random.default_rng(9)
    surveys = pd.DataFrame(rng.normal(size=(200, 3)), columns=["help", "signs", "food"])
    surveys["overall_satisfaction"] = surveys.sum(axis=1) + rng.normal(size=200)
    surveys["customer_id"] = [f"c{number}" for number in range(200)]
    surveys["response_id"] = [f"r{number}" for number in range(200)]
    surveys["responded_at"] = parse_period("2026-10").start_us + 20 * DAY_US  # type: ignore[union-attr]
    return study_of(StudyConfig.model_validate(content), {"surveys": surveys, **frames})


def diagnosed(of: Study) -> tuple[Caveat, ...]:
    return diagnose(fit_study(of), of)


def test_drivers_of_the_outcomes_own_questionnaire_are_named() -> None:
    found = diagnosed(study())
    assert facts_of(found, "same_survey")["items"] == ("help", "signs", "food")
    assert {"global_item", "outcome_before_driver", "straight_lines"}.isdisjoint(codes(found))


def test_global_items_are_told_whether_declared_or_used_as_drivers() -> None:
    items = ITEMS | {
        "food": {"stage": "purchase", "label": "Overall quality of the stay"},
        "again": {"global_item": True},
    }
    facts = facts_of(diagnosed(study(items, surveys=_with(study(), again=1.0))), "global_item")
    assert facts == {"kept_out": ("again",), "used": ("food",)}


def test_ratings_of_contacts_are_no_global_items_though_no_study_says_so() -> None:
    blocks = {"service": {"help": ["contact_csat_known", "contact_csat"]}}
    blocks |= {"journey": {"use": ["use_rating", "overall_quality"]}}
    names = [column for groups in blocks.values() for own in groups.values() for column in own]
    frame = pd.DataFrame(np.random.default_rng(4).normal(size=(200, 5)), columns=[*names, "score"])
    found = diagnose(fit_drivers(frame, "score", blocks, replicates=20))
    assert facts_of(found, "global_item") == {"kept_out": (), "used": ("overall_quality",)}


def _with(of: Study, **columns: object) -> pd.DataFrame:
    frame: pd.DataFrame = of.tables["surveys"].collect().to_pandas().assign(**columns)
    return frame


def test_ratings_without_a_time_of_their_own_are_named() -> None:
    journeys = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(0, 200, 2)],
            "occurred_at": parse_period("2026-10").start_us,  # type: ignore[union-attr]
            "stage": "use",
            "rating": np.tile([1.0, 2.0, 3.0, 4.0, 5.0], 20),
        }
    )
    found = diagnosed(study(journeys=journeys))
    assert facts_of(found, "outcome_before_driver")["columns"] == ("use_rating",)
    dated = diagnosed(study(journeys=journeys.drop(columns="rating")))
    assert "outcome_before_driver" not in codes(dated)


def test_straight_lines_are_looked_for_in_ratings_as_given() -> None:
    items = {f"q{number}": {"stage": "use", "service": number == 0} for number in range(6)}
    columns = {f"q{number}": column for number, column in enumerate(ratings(200, 6).T)}
    columns = {name: np.where(np.arange(200) < 40, 4.0, column) for name, column in columns.items()}
    found = diagnosed(study(items, surveys=_with(study(), **columns)))
    facts = facts_of(found, "straight_lines")
    assert facts["n"] == 200
    assert facts["straight"] >= 40
    assert facts["value"] == 4.0


def test_facts_are_plain_numbers_and_names() -> None:
    frame = some_answers(90).assign(c=lambda rows: (rows.index < 12) * 1.0)
    frame["b"] = frame["a"] + 0.001 * np.random.default_rng(1).normal(size=90)
    frame.loc[0, ["d", "score"]] = [-30.0, 30.0]
    frame = pd.concat([frame, frame], ignore_index=True).assign(customer_id=np.arange(180))
    found = diagnose(fit_some(frame))
    assert {"high_vif", "condition_number", "small_base", "repeated_rows"} <= codes(found)
    assert json.loads(json.dumps([caveat.facts for caveat in found], allow_nan=False))
