"""Answers in three parts, counted by hand."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd
import pytest
from test_metrics_experience_scores import study

from cxanalysis.errors import ReportError
from cxanalysis.metrics.answer_parts import answer_parts
from cxanalysis.metrics.intervals import wilson

EXACT = 1e-9


def shares(table: pd.DataFrame, score: str) -> list[float]:
    rows = table[table["score"] == score].set_index("part")
    return [float(rows.loc[part, "share"]) for part in ("worst", "middle", "best")]


def test_the_middle_is_neither_of_the_two_best_nor_of_the_two_worst() -> None:
    answers = pd.DataFrame({"overall_satisfaction": [1, 2, 3, 3, 3, 4, 5, 5, nan]})
    table = answer_parts(study(answers))
    assert shares(table, "overall_satisfaction") == [2 / 8, 3 / 8, 3 / 8]
    middle = table[table["part"] == "middle"].iloc[0]
    assert middle["n"] == 8
    assert (middle["conf_low"], middle["conf_high"]) == pytest.approx(wilson(3, 8))


def test_of_recommending_the_middle_are_the_passives() -> None:
    answers = pd.DataFrame({"nps": [0, 6, 7, 8, 9, 10]})
    assert shares(answer_parts(study(answers)), "nps") == pytest.approx([2 / 6] * 3, abs=EXACT)


def test_a_recommend_question_on_another_scale_has_boxes_like_any_other() -> None:
    declared = {"nps": {"column": "x", "low": 1, "high": 5}}
    table = answer_parts(study(pd.DataFrame({"nps": [1, 2, 3, 5]}), declared))
    assert shares(table, "nps") == [0.5, 0.25, 0.25]


def test_where_low_is_good_the_best_are_the_low_answers() -> None:
    declared = {"csat": {"column": "x", "low": 1, "high": 5, "higher_is_better": False}}
    table = answer_parts(study(pd.DataFrame({"csat": [1, 1, 3, 5]}), declared))
    assert shares(table, "csat") == [0.25, 0.25, 0.5]


def test_three_points_have_one_answer_in_each_part() -> None:
    declared = {"csat": {"column": "x", "low": 1, "high": 3}}
    table = answer_parts(study(pd.DataFrame({"csat": [1, 2, 2, 3]}), declared))
    assert shares(table, "csat") == [0.25, 0.5, 0.25]


def test_by_a_column_each_value_has_its_own_parts() -> None:
    answers = pd.DataFrame({"csat": [1, 3, 5, 5, 3, 3], "kind": list("aabbcc")})
    table = answer_parts(study(answers), by="kind")
    assert shares(table[table["kind"] == "b"], "csat") == [0, 0, 1]
    with pytest.raises(ReportError, match="no column 'plan' to group by"):
        answer_parts(study(answers), by="plan")


def test_few_answers_are_withheld_and_absent_questions_left_out() -> None:
    table = answer_parts(study(pd.DataFrame({"csat": [3.0]})))
    assert set(table["score"]) == {"csat"}
    assert np.isnan(table["share"]).all()
    assert set(table["note"]) == {"withheld: fewer than 2"}
    assert answer_parts(study(pd.DataFrame({"comment": ["fine"]}))).empty
