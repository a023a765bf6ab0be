from math import isnan, nan

import pandas as pd
import pytest
from scipy import stats

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics import experience_metrics, experience_scores
from cxanalysis.metrics.intervals import wilson
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9


def study(surveys: pd.DataFrame, columns: dict[str, object] | None = None) -> Study:
    tables = {"surveys": {"path": "surveys.csv", "columns": columns or {}}}
    content = {"name": "Test", "tables": tables, "metrics": {"min_base": 2}}
    return study_of(StudyConfig.model_validate(content), {"surveys": surveys})


def figure(study: Study, metric: str) -> pd.Series:
    return experience_scores(study).set_index("metric").loc[metric]


def test_dsat_is_the_share_of_the_two_worst_answers():
    result = figure(study(pd.DataFrame({"csat": [1, 2, 3, 5, 5, nan]})), "dsat")
    assert (result["value"], result["n"]) == (0.4, 5)
    assert (result["conf_low"], result["conf_high"]) == wilson(2, 5)
    assert result["definition"] == "answers of 1 or 2 ÷ answers, of 1 to 5"


@pytest.mark.parametrize(
    ("scale", "worst", "value"),
    [
        ({"low": 1, "high": 3}, "answers of 1", 1 / 3),
        ({"low": 1, "high": 5, "higher_is_better": False}, "answers of 4 or 5", 0),
        ({"low": 1, "high": 10}, "answers of 1 or 2", 2 / 3),
    ],
)
def test_the_worst_answers_follow_the_declared_scale(scale, worst, value):
    result = figure(
        study(pd.DataFrame({"csat": [1, 2, 3]}), {"csat": {"column": "x"} | scale}), "dsat"
    )
    assert result["definition"].startswith(worst)
    assert result["value"] == pytest.approx(value, abs=EXACT)


def test_satisfied_and_dissatisfied_do_not_overlap():
    answers = study(pd.DataFrame({"csat": [1, 2, 3, 4, 5]}))
    csat = experience_metrics(answers).set_index("metric").loc["csat", "value"]
    assert csat + figure(answers, "dsat")["value"] == pytest.approx(0.8, abs=EXACT)


def test_effort_and_ease_are_two_figures_where_both_are_asked():
    answers = study(pd.DataFrame({"ces": [7, 5, 2], "ces_effort": [1, 2, 3]}))
    assert figure(answers, "ces_ease")["value"] == pytest.approx(14 / 3, abs=EXACT)
    assert figure(answers, "ces_effort")["value"] == 2
    assert figure(answers, "ces_effort")["definition"].endswith("of 1 to 5; lower is easier")
    assert figure(answers, "ces_easy")["value"] == pytest.approx(2 / 3, abs=EXACT)


def test_an_effort_question_mapped_as_ces_is_not_taken_for_ease():
    column = {"ces": {"column": "x", "low": 1, "high": 5, "higher_is_better": False}}
    answers = study(pd.DataFrame({"ces": [1, 2, 3]}), column)
    assert figure(answers, "ces_effort")["value"] == 2
    for metric in ("ces_ease", "ces_easy"):
        result = figure(answers, metric)
        assert isnan(result["value"])
        assert result["note"].startswith("needs agreement that it was easy (CES 2.0)")
    label = experience_metrics(answers).set_index("metric").loc["ces", "label"]
    assert label == "Effort (CES 1.0)"


def test_ease_on_another_scale_has_a_mean_and_no_share_of_easy():
    column = {"ces": {"column": "x", "low": 1, "high": 5}}
    answers = study(pd.DataFrame({"ces": [5, 4]}), column)
    assert figure(answers, "ces_ease")["value"] == 4.5
    assert figure(answers, "ces_easy")["note"] == (
        "needs a scale of 1 to 7; surveys.ces is on 1 to 5"
    )


THREE = pd.DataFrame(
    {
        "overall_satisfaction": [5, 3, 1, 5],
        "met_expectations": [10, 5.5, 1, 10],
        "near_ideal": [10, 1, 1, nan],
    }
)


def test_the_three_question_index_runs_from_0_to_100_over_full_answers():
    result = figure(study(THREE), "satisfaction_index")
    # 100, (50 + 50 + 0) / 3 and 0; the last answer lacks a question.
    assert (result["n"], result["value"]) == (3, pytest.approx((100 + 100 / 3) / 3, abs=EXACT))
    limits = stats.ttest_1samp([100, 100 / 3, 0], 0).confidence_interval(0.95)
    assert result["conf_high"] == pytest.approx(limits.high, abs=1e-6)
    assert figure(study(THREE.drop(columns="near_ideal")), "satisfaction_index")["note"] == (
        "needs surveys.near_ideal"
    )


def test_the_3e_index_is_the_best_answers_less_the_worst():
    answers = pd.DataFrame(
        {
            "rated_effectiveness": [5, 4, 1, 3],
            "rated_ease": [5, 3, 2, 3],
            "rated_emotion": [4, 2, 1, 3],
        }
    )
    result = figure(study(answers), "three_e_index")
    # Effectiveness 2 − 1, ease 1 − 1, emotion 1 − 2, of 4 answers: 25, 0 and −25 points.
    assert result["value"] == pytest.approx(0, abs=EXACT)
    assert result["unit"] == "points"
    assert "4 or 5" in result["definition"]


def test_transactional_answers_stand_apart_from_relational_ones():
    answers = pd.DataFrame(
        {
            "kind": ["transactional"] * 2 + ["relational"] * 2,
            "csat": [1, 1, 5, 5],
            "nps": [0, 0, 10, 9],
        }
    )
    apart = experience_scores(study(answers), by="kind").set_index(["kind", "metric"])
    assert apart.loc[("transactional", "dsat"), "value"] == 1
    assert apart.loc[("relational", "dsat"), "value"] == 0
    nps = experience_metrics(study(answers), by="kind").set_index(["kind", "metric"])["value"]
    assert (nps["transactional", "nps"], nps["relational", "nps"]) == (-100, 100)


def test_only_answers_of_the_period_count_and_groups_must_exist():
    moments = pd.to_datetime(["2026-01-05", "2026-01-06", "2026-02-01", None], utc=True)
    base = study(pd.DataFrame({"responded_at": moments, "csat": [1, 5, 1, nan]}))
    january = Study(base.path, base.config, base.engine, base.tables, parse_period("2026-01"))
    assert figure(january, "dsat")["n"] == 2
    assert figure(base, "dsat")["n"] == 3
    with pytest.raises(ReportError, match="no column 'shop'"):
        experience_scores(base, by="shop")


def test_what_is_absent_is_named():
    nothing = study_of(StudyConfig.model_validate({"name": "Test", "tables": {}}), {})
    assert (experience_scores(nothing)["note"] == "needs surveys").all()
    bare = experience_scores(study(pd.DataFrame({"nps": [1.0, 2]}))).set_index("metric")["note"]
    assert bare["dsat"] == "needs surveys.csat"
    assert bare["ces_effort"] == "needs surveys.ces_effort"
    assert bare["three_e_index"] == "needs surveys.rated_effectiveness"


def test_emotion_is_the_mean_of_its_question():
    answers = study(pd.DataFrame({"rated_emotion": [1, 2, 5, nan]}))
    assert figure(answers, "emotion")["value"] == pytest.approx(8 / 3, abs=EXACT)
    assert figure(answers, "emotion")["definition"].endswith("of 1 to 5")
    assert figure(study(pd.DataFrame({"csat": [1]})), "emotion")["note"] == (
        "needs surveys.rated_emotion"
    )
