from math import isnan, nan, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxanalysis.config import StudyConfig
from cxanalysis.metrics import experience_metrics, nps_mix
from cxanalysis.metrics.experience import _aggregates, answer_sums
from cxanalysis.metrics.intervals import nps_interval, wilson
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers


def study(
    surveys: pd.DataFrame, columns: dict[str, object] | None = None, **settings: object
) -> Study:
    tables = {"surveys": {"path": "surveys.csv", "columns": columns or {}}}
    content = {"name": "Test", "tables": tables, "metrics": {"min_base": 2}} | settings
    return study_of(StudyConfig.model_validate(content), {"surveys": surveys})


def figure(study: Study, metric: str) -> pd.Series:
    return experience_metrics(study).set_index("metric").loc[metric]


def test_nps_is_promoters_minus_detractors_over_all_answers_passives_included():
    # 10, 9, 9 promoters; 8, 7 passives; 6, 0, 3 … one detractor of 6: (3 − 1) / 6.
    answers = pd.DataFrame({"nps": [10, 9, 9, 8, 7, 6, nan]})
    result = figure(study(answers), "nps")
    assert result["value"] == pytest.approx(100 * 2 / 6, abs=EXACT)
    assert result["n"] == 6
    low, high = nps_interval(3, 1, 6)
    assert (result["conf_low"], result["conf_high"]) == pytest.approx((100 * low, 100 * high))


def test_nps_limits_stay_on_the_scale():
    result = figure(study(pd.DataFrame({"nps": [10.0] * 10})), "nps")
    assert (result["value"], result["conf_high"]) == (100, 100)


def test_nps_is_refused_on_another_scale():
    column = {"nps": {"column": "NPS", "low": 1, "high": 5}}
    result = figure(study(pd.DataFrame({"nps": [5, 4, 1]}), column), "nps")
    assert isnan(result["value"])
    assert result["note"] == "needs a scale of 0 to 10; surveys.nps is on 1 to 5"


def test_nps_mix_adds_up_to_one_and_is_absent_below_the_base():
    answers = pd.DataFrame({"nps": [10, 9, 8, 0]})
    assert nps_mix(study(answers)) == pytest.approx((0.25, 0.25, 0.5), abs=EXACT)
    assert nps_mix(study(answers, metrics={"min_base": 5})) is None
    assert nps_mix(study(pd.DataFrame({"csat": [1, 2]}))) is None


def test_csat_is_the_share_of_the_two_best_answers():
    result = figure(study(pd.DataFrame({"csat": [5, 4, 3, 1, nan]})), "csat")
    assert (result["value"], result["n"]) == (0.5, 4)
    assert (result["conf_low"], result["conf_high"]) == wilson(2, 4)
    assert result["definition"] == "answers of 4 or 5 ÷ answers, of 1 to 5"


@pytest.mark.parametrize(
    ("scale", "satisfied"),
    [
        ({"low": 1, "high": 10}, "answers of 9 or 10"),
        ({"low": 1, "high": 3}, "answers of 3"),  # two of three boxes would be most of it
        ({"low": 1, "high": 5, "higher_is_better": False}, "answers of 1 or 2"),
    ],
)
def test_the_boxes_of_csat_follow_the_declared_scale(scale, satisfied):
    column = {"csat": {"column": "x"} | scale}
    result = figure(study(pd.DataFrame({"csat": [1, 2, 3]}), column), "csat")
    assert result["definition"].startswith(satisfied)
    expected = {"answers of 9 or 10": 0, "answers of 3": 1 / 3, "answers of 1 or 2": 2 / 3}
    assert result["value"] == pytest.approx(expected[satisfied], abs=EXACT)


def test_ease_and_satisfaction_are_means_with_students_t():
    scores = [1.0, 3, 5, 5]
    result = figure(study(pd.DataFrame({"overall_satisfaction": scores})), "overall_satisfaction")
    expected = stats.ttest_1samp(scores, 0).confidence_interval(0.95)
    assert (result["value"], result["n"]) == (3.5, 4)
    limits = result["conf_low"], result["conf_high"]
    assert limits == pytest.approx((expected.low, expected.high), abs=EXACT)
    ease = figure(study(pd.DataFrame({"ces": [7, 5]})), "ces")
    assert ease["value"] == 6
    assert ease["definition"] == "mean answer, of 1 to 7; higher is easier"


def instants(*texts: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(texts, dtype="object"), utc=True, format="ISO8601")


INVITED = pd.DataFrame(
    {
        "invited_at": instants("2026-01-05", "2026-01-30", "2026-01-31", "2026-02-10"),
        "responded_at": instants("2026-01-06", "2026-02-02", None, None),
        "nps": [10.0, 0, nan, nan],
    }
)


def test_answers_count_when_given_and_invitations_when_sent():
    base = study(INVITED)
    january = Study(base.path, base.config, base.engine, base.tables, parse_period("2026-01"))
    result = experience_metrics(january).set_index("metric")
    assert result.loc["nps", "n"] == 1  # the second answer came in February
    assert result.loc["response_rate", "n"] == 3
    assert result.loc["response_rate", "value"] == pytest.approx(2 / 3, abs=EXACT)


def test_without_invitations_there_is_no_response_rate():
    answers = INVITED.drop(columns="invited_at")
    assert figure(study(answers), "response_rate")["note"] == "needs surveys.invited_at"
    assert figure(study(answers), "nps")["n"] == 2


def test_weighted_figures_stand_beside_the_plain_ones_with_kish_in_the_note():
    # Weights 3, 1, 1: promoters 3 of 5, detractors 1 of 5: 40. Kish: 5² / 11 = 2.27.
    # The answer without a weight cannot count.
    answers = pd.DataFrame({"nps": [10, 0, 7, 10], "weight": [3, 1, 1, nan]})
    result = experience_metrics(study(answers)).set_index("metric")
    assert result.loc["nps", "value"] == pytest.approx(25, abs=EXACT)
    assert result.loc["nps_weighted", "value"] == pytest.approx(40, abs=EXACT)
    assert result.loc["nps_weighted", "n"] == 3
    assert result.loc["nps_weighted", "note"] == "effective number of answers 2 (Kish)"
    plain = experience_metrics(study(answers), weighted=False)
    assert "nps_weighted" not in set(plain["metric"])


def test_the_weight_is_the_column_that_the_model_names():
    answers = pd.DataFrame({"nps": [10, 0], "weight": [1, 1], "size": [3, 1]})
    named = study(answers, model={"weights": "size"})
    assert figure(named, "nps_weighted")["value"] == pytest.approx(50, abs=EXACT)


def test_equal_weights_change_nothing():
    random = np.random.default_rng(1)
    scores = random.integers(1, 6, 40).astype(float)
    answers = pd.DataFrame({"overall_satisfaction": scores, "weight": 7.0})
    result = experience_metrics(study(answers)).set_index("metric")
    columns = ["value", "conf_low", "conf_high", "n"]
    plain = result.loc["overall_satisfaction", columns].astype(float)
    weighted = result.loc["overall_satisfaction_weighted", columns].astype(float)
    assert weighted.to_numpy() == pytest.approx(plain.to_numpy(), abs=EXACT * sqrt(len(scores)))


def test_a_group_below_the_base_is_withheld_and_the_others_are_not():
    answers = pd.DataFrame({"nps": [10, 9, 10], "terminal": ["A", "A", "B"]})
    result = experience_metrics(study(answers), by="terminal")
    scores = result[result["metric"] == "nps"].set_index("terminal")
    assert scores.loc["A", "value"] == 100
    assert isnan(scores.loc["B", "value"])
    assert scores.loc["B", "note"] == "withheld: fewer than 2"


def test_every_aggregate_is_a_plain_number():
    answers = INVITED.assign(
        csat=[1, 2, 3, 4], ces=1, overall_satisfaction=2.0, weight=[1, 2, 1, 1]
    )
    sums = pd.DataFrame(answer_sums(study(answers), None, "weight")).T
    assert set(sums.columns) == set(_aggregates(study(answers), "weight"))
    assert all(isinstance(value, (int, float)) for value in sums.iloc[0])


def test_the_share_who_found_it_easy_stands_beside_the_mean_where_ease_is_agreement():
    low, high = wilson(2, 3)
    answers = pd.DataFrame({"ces": [7, 5, 4, nan]})
    expected = f"5 to 7 from 66.7% ({low:.1%} to {high:.1%})"
    assert figure(study(answers), "ces")["note"] == expected
    effort = {"ces": {"column": "effort", "low": 1, "high": 7, "higher_is_better": False}}
    assert figure(study(answers, effort), "ces")["note"] == ""
