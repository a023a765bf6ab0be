"""The dictionary of a study's columns: what each tells, and how often it is filled."""

from __future__ import annotations

import pandas as pd
from test_metrics_journeys import SMALL, study

from cxanalysis.config import StudyConfig
from cxanalysis.findings.dictionary import find_dictionary
from cxanalysis.metrics.dictionary import data_dictionary
from cxanalysis.study import study_of


def test_a_column_tells_who_what_was_done_or_what_was_felt() -> None:
    frame = SMALL.assign(rating=[2, 3, None, 5, 5, 3], comment="x", country="NL")
    told = data_dictionary(study(frame)).set_index(["table", "column"])
    views = told.loc["journeys", "view"]
    assert views["customer_id"] == "who"
    assert views["occurred_at"] == "done"
    assert views["rating"] == views["comment"] == "felt"
    assert views["country"] == "own"
    assert tuple(told.loc[("journeys", "rating"), ["n", "filled"]]) == (6, 5)


def test_a_question_of_a_wide_survey_is_felt_and_has_its_label() -> None:
    answers = pd.DataFrame({"customer_id": ["a", "b"], "ease": [4.0, None]})
    surveys = {"path": "answers.csv", "items": {"ease": {"label": "Ease of booking"}}}
    config = StudyConfig.model_validate({"name": "Test", "tables": {"surveys": surveys}})
    told = data_dictionary(study_of(config, {"surveys": answers}))
    ease = told.set_index("column").loc["ease"]
    assert (ease["view"], ease["meaning"], ease["filled"]) == ("felt", "Ease of booking", 1)


def test_a_table_without_rows_has_no_share() -> None:
    told = data_dictionary(study(SMALL.iloc[:0]))
    assert told["share"].isna().all()
    assert (told["n"] == 0).all()


def test_the_finding_holds_every_column_in_order() -> None:
    finding = find_dictionary(study(SMALL))
    assert [c.column for c in finding.columns] == data_dictionary(study(SMALL))["column"].tolist()
