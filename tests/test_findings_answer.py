"""What an answer holds beside its shares: chance, reliability, contacters and unmeasured causes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from findings_by_hand import BY_CHANCE, NO
from matplotlib.axes import Axes
from test_findings import DAY_US, REPLICATES, config, survey

from cxanalysis.drivers import DriverFit, fit_contacters, fit_drivers, fit_study
from cxanalysis.errors import ModelError
from cxanalysis.findings import find_answer
from cxanalysis.findings.answer import Reliability
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative import describe, footnotes, tabulate
from cxanalysis.periods import parse_period
from cxanalysis.plots import plot
from cxanalysis.study import Study, study_of

SETTINGS = {"not_applicable": "complete-cases", "replicates": REPLICATES}


@pytest.fixture(scope="module")
def study() -> Study:
    return study_of(config(), {"surveys": survey()})


@pytest.fixture(scope="module")
def fit(study: Study) -> DriverFit:
    return fit_drivers(survey(), "overall_satisfaction", study.blocks, replicates=REPLICATES)


@pytest.fixture(scope="module")
def with_tickets() -> Study:
    """A study in which 150 of 400 customers opened a ticket, half of them twice."""
    opened = parse_period("2026-09").start_us + DAY_US  # type: ignore[union-attr]
    customers = [f"c{number}" for number in [*range(150), *range(75)]]
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number}" for number in range(225)],
            "customer_id": customers,
            "opened_at": opened,
            "transfers": np.arange(225) % 3,
        }
    )
    return study_of(config(), {"surveys": survey(), "tickets": tickets})


def test_both_nulls_are_those_of_the_fit_under_their_own_names(
    study: Study, fit: DriverFit
) -> None:
    answer = find_answer(study, fit)
    tests = fit.tests().set_index(["set", "group"])["p_holm"]
    assert answer.service_adds == tests["service", "all"]
    assert answer.rest_adds == tests["journey", "all"]
    floor = fit.floor().set_index(["set", "group"])["p_holm"]
    assert answer.service_goes == floor["service", "all"]
    assert answer.rest_goes == floor["journey", "all"]
    assert answer.goes == (True, True)
    assert answer.adds == (bool(answer.service_adds < 0.05), True)
    notes = " ".join(footnotes(answer))
    assert "*Goes with nothing at all*" in notes
    assert "*Adds nothing to the rest*" in notes


def test_a_set_within_chance_is_said_to_be_so() -> None:
    text = " ".join(describe(BY_CHANCE))
    assert "service is not shown to" in text
    assert "only the rest of the journey is shown to *add something*" in text


def test_figures_without_limits_say_why() -> None:
    bare = Reliability(0.7, "undecided", Estimate(0.9), "few customers")
    few = replace(NO, reliabilities=(bare,))
    assert "too few customers for limits of what less reliable" in " ".join(footnotes(few))


def test_the_floor_says_how_chance_was_made() -> None:
    said = " ".join(footnotes(replace(NO, floor_by="signed")))
    assert "a sign by chance" in said
    assert "in 19 of 20 draws" in said
    untested = replace(NO, floor_by="none", floor=math.nan, rest_floor=math.nan)
    said = " ".join(footnotes(replace(untested, service_goes=math.nan, rest_goes=math.nan)))
    assert "a few customers gave most of the answers" in said
    assert "19 of 20" not in said


def test_a_set_above_the_floor_counts_only_when_both_tests_are_allowed_for() -> None:
    above = replace(NO, alone=Estimate(0.06, 0.0, 0.1), floor=0.05, service_goes=0.06)
    assert above.goes == (False, True)


def test_without_tests_nothing_is_said_of_chance() -> None:
    untested = replace(NO, service_goes=float("nan"), service_adds=float("nan"))
    assert (untested.goes, untested.adds) == (None, None)
    assert "chance" not in " ".join(describe(untested))
    assert not any("Wald" in note or "19 of 20" in note for note in footnotes(untested))


def test_less_reliable_measures_would_hide_more_of_service(study: Study, fit: DriverFit) -> None:
    answer = find_answer(study, fit)
    assert [item.reliability for item in answer.reliabilities] == [0.7, 0.8, 0.9]
    figures = [item.alone.value for item in answer.reliabilities]
    assert figures[0] > figures[1] > figures[2] > answer.alone.value
    for item in answer.reliabilities:
        assert item.alone.low < item.alone.value < item.alone.high
        assert (item.verdict == "no") == (item.alone.high < answer.line)


def test_contacters_are_asked_apart_where_there_are_any(
    study: Study, with_tickets: Study, fit: DriverFit
) -> None:
    assert find_answer(study, fit).contacters is None
    whole = fit_study(with_tickets)
    contrast = find_answer(with_tickets, whole).contacters
    assert contrast is not None
    assert (contrast.by, contrast.n) == ("contacters", 150)
    parts = fit_contacters(with_tickets, whole).parts()
    assert contrast.alone.value == parts["total", "estimate"]["service", "all"]


def test_robustness_is_told_of_the_drivers_named_beforehand_and_of_no_other(
    study: Study, fit: DriverFit
) -> None:
    assert find_answer(study, fit).robustness == ()
    named = study_of(config(model={**SETTINGS, "robustness": ["help"]}), {"surveys": survey()})
    answer = find_answer(named, fit)
    assert [item.term for item in answer.robustness] == ["help"]
    assert 0 <= answer.robustness[0].to_chance < answer.robustness[0].to_zero < 1
    assert sum("unmeasured cause" in note for note in footnotes(answer)) == 1


def test_a_driver_named_beforehand_that_does_not_exist_stops_the_answer(fit: DriverFit) -> None:
    model: dict[str, Any] = {**SETTINGS, "robustness": ["halp"]}
    with pytest.raises(ModelError, match=r"'halp'.*help"):
        find_answer(study_of(config(model=model), {"surveys": survey()}), fit)


def test_every_figure_of_the_table_belongs_to_the_finding() -> None:
    table = tabulate(NO)
    assert table is not None
    service = dict(zip(table.iloc[:, 0], table["service"], strict=True))
    assert service["of that, needing help"] == "19% (15% to 23%)"
    assert service["alone, who contacted us"] == "63% (49% to 76%)"
    assert service["alone, measures 70% real ∗"] == "66% (57% to 74%)"


def test_a_single_group_inside_service_is_not_told_twice(study: Study, fit: DriverFit) -> None:
    answer = find_answer(study, fit)
    assert len(answer.parts) == 1
    assert "made up of" not in describe(answer)[0]
    table = tabulate(answer)
    assert table is not None
    assert not any("of that" in label for label in table.iloc[:, 0])


def test_levels_of_a_measure_that_is_no_part_of_all_differences_are_not_told() -> None:
    text = " ".join(describe(replace(NO, model="logit", measure="McFadden R²", share_gap=0.021)))
    assert "compare shares, not levels" in text
    assert "2.1 points" in text
    assert "not accounted for" not in text


def test_an_answer_by_logit_says_what_is_modelled_and_how_far_from_least_squares(
    study: Study,
) -> None:
    reached = fit_drivers(
        survey(), "overall_satisfaction", study.blocks, model="logit", top_box=1.0, replicates=40
    )
    answer = find_answer(study, reached)
    assert (answer.measure, answer.top_box) == ("McFadden R²", 1.0)
    assert answer.share_gap == reached.share_gap_to_ols > 0
    assert {item.reason for item in answer.reliabilities} == {"not linear"}
    assert "the McFadden R² of a logit of a score of 1 or more" in describe(answer)[-1]
    notes = " ".join(footnotes(answer))
    assert "a score test of each set" in notes
    assert "only for least squares" in notes


def test_the_bar_of_all_differences_is_drawn_for_a_plain_r2_only() -> None:
    whole, logit = plot(NO), plot(replace(NO, measure="McFadden R²"))
    assert whole is not None
    assert logit is not None
    assert len(whole.findobj(Axes)) == len(logit.findobj(Axes)) + 1
