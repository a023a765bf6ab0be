"""The five steps: each check asks whether something is there, and shows the figure."""

from __future__ import annotations

import pandas as pd
import pytest
from findings_of_steps import ALL, STEPS
from matplotlib.axes import Axes
from test_metrics_journeys import SMALL, study

from cxanalysis.config import StudyConfig
from cxanalysis.findings.steps import find_steps
from cxanalysis.metrics.steps import CHECKS, five_steps, levels
from cxanalysis.metrics.steps import STEPS as NAMES
from cxanalysis.narrative import describe
from cxanalysis.narrative.steps import CHECKS as WORDS
from cxanalysis.plots import plot
from cxanalysis.study import study_of


def checks(**config: object) -> pd.DataFrame:
    return five_steps(study(SMALL, **config)).set_index("check")


def test_every_step_has_four_checks_and_every_check_has_words() -> None:
    table = five_steps(study(SMALL))
    assert (table.groupby("step").size().reindex(list(NAMES)) == CHECKS).all()
    assert set(table["check"]) == set(WORDS)


def test_level_is_one_and_one_more_for_each_check_that_is_met() -> None:
    table = pd.DataFrame({"step": ["a"] * 4 + ["b"] * 4, "met": [True] * 4 + [False] * 4})
    assert levels(table) == {"a": 5, "b": 1}


def test_tables_and_stages_are_counted() -> None:
    table = checks()
    assert tuple(table.loc["tables", ["value", "of", "met"]]) == (1, 4, False)
    assert tuple(table.loc["stages met", ["value", "of"]]) == (2, 3)
    named = SMALL.groupby(["stage", "touchpoint"]).ngroups
    assert table.loc["touchpoints named", "value"] == named


def test_a_reason_counts_as_mapped_only_with_a_stage() -> None:
    opened = pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True)
    tickets = pd.DataFrame(
        {"customer_id": ["a", "b"], "opened_at": opened, "reason": ["late", "bill"]}
    )
    content = {
        "name": "Test",
        "tables": {},
        "reasons": {"late": {"stage": "use"}, "bill": {"kind": "payment"}},
    }
    table = five_steps(study_of(StudyConfig.model_validate(content), {"tickets": tickets}))
    row = table.set_index("check").loc["reasons mapped"]
    assert (row["value"], row["of"], row["met"]) == (1, 2, False)


def test_questions_about_a_stage_rate_it() -> None:
    items = {"till": {"stage": "buy"}, "app": {"stage": "use"}, "mood": {}}
    surveys = {"path": "answers.csv", "items": items}
    content = {
        "name": "Test",
        "tables": {"surveys": surveys},
        "stages": ["buy", "use"],
        "metrics": {"min_base": 2},
    }
    answers = pd.DataFrame({"till": [4.0, 5.0], "app": [3.0, None], "mood": [1.0, 2.0]})
    table = five_steps(study_of(StudyConfig.model_validate(content), {"surveys": answers}))
    assert table.set_index("check").loc["stages rated", "value"] == 1


def test_owners_of_groups_that_do_not_exist_do_not_count() -> None:
    actions = {"use": {"owner": "Product"}, "parking": {"owner": "Nobody"}, "buy": {"cost": 5}}
    assert checks(actions=actions).loc["owners", "value"] == 1


def test_the_companys_own_view_stands_beside_the_level() -> None:
    finding = find_steps(study(SMALL, assessment={"map": 4, "reviewed": "monthly"}))
    assert [step.own for step in finding.steps] == [None, 4, None, None, None]
    assert finding.reviewed == "monthly"
    text = " ".join(describe(finding))
    assert "journey map (4 against" in text


def test_a_figure_that_is_known_is_the_evidence_of_its_check() -> None:
    table = checks()
    assert not table.loc["response rate", "met"]
    row = table.loc["consistency"]
    assert row["met"] == (not pd.isna(row["value"]))


def test_rings_show_the_own_view_and_dots_the_level() -> None:
    figure = plot(STEPS)
    assert figure is not None
    points = [
        (line.get_xdata()[0], line.get_mfc())  # type: ignore[index]
        for axes in figure.findobj(Axes)
        for line in axes.get_lines()
        if line.get_marker() == "o"
    ]
    rings = [x for x, face in points if face == "none"]
    assert rings == [step.own for step in STEPS.steps if step.own is not None]
    assert [x for x, face in points if face != "none"] == [step.level for step in STEPS.steps]


def test_nothing_comes_next_where_all_is_there() -> None:
    assert not any(text.startswith("What would come next") for text in describe(ALL))


def test_empty_tables_give_level_one_to_what_they_cannot_show() -> None:
    finding = find_steps(study(SMALL.iloc[:0]))
    assert {step.name: step.level for step in finding.steps}["optimisation"] == 1
    assert finding.steps[1].checks[0].value == pytest.approx(0)
