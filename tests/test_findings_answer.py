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

from cxanalysis.decisions import decide
from cxanalysis.drivers import DriverFit, fit_contacters, fit_drivers, fit_study
from cxanalysis.errors import ModelError
from cxanalysis.findings import find_answer
from cxanalysis.findings.answer import AnswerFinding, Reliability
from cxanalysis.findings.core import Estimate, to_json
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
    return contacted_by(150)


def contacted_by(customers: int) -> Study:
    """A study in which so many of 400 customers opened a ticket, half of them twice."""
    opened = parse_period("2026-09").start_us + DAY_US  # type: ignore[union-attr]
    numbers = [*range(customers), *range(customers // 2)]
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number}" for number in range(len(numbers))],
            "customer_id": [f"c{number}" for number in numbers],
            "opened_at": opened,
            "transfers": np.arange(len(numbers)) % 3,
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


def test_fewer_contacters_than_twenty_for_each_driver_are_told() -> None:
    few = contacted_by(60)
    whole = fit_study(few)
    contrast = find_answer(few, whole).contacters
    assert contrast is not None
    assert (contrast.n, contrast.needed) == (60, 20 * fit_contacters(few, whole).n_columns)
    assert contrast.n < contrast.needed


def test_too_few_customers_with_a_contact_are_no_verdict() -> None:
    text = describe(
        replace(
            NO, verdict="few with service", n_with_service=21, contacters=None, reliabilities=()
        )
    )
    assert text[0].startswith("**No verdict: too few customers with a contact (21) to say")
    assert "alone accounts for" in text[1]
    assert not any("Yes:" in part or "No:" in part for part in text)


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


def measured_in_parts(
    seed: int, weight: float = 1.0, *, records_of_journeys: bool = False
) -> pd.DataFrame:
    """Service by three noisy logs and a rating that 13% gave, journeys by three good ratings.

    Behind them stand two equal causes with a correlation of .8, so that service alone carries
    90% of what both carry; ``weight`` is service's own part of the outcome.
    """
    rng = np.random.default_rng(seed)
    n = 800
    service, journey = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=n).T
    if weight < 1:
        service = rng.normal(size=n)
    frame = survey(n)
    frame["overall_satisfaction"] = weight * service + journey + rng.normal(size=n)
    for name in ("log_1", "log_2", "log_3"):
        frame[name] = service + 2 * rng.normal(size=n)
    for name in ("a_rating", "b_rating", "c_rating"):
        frame[name] = journey + 0.5 * rng.normal(size=n)
    for name in ("d_log", "e_log") if records_of_journeys else ():
        frame[name] = journey + rng.normal(size=n)
    told = rng.random(n) < 0.13
    frame["contact_csat_known"] = told.astype(float)
    frame["contact_csat"] = np.where(told, service + 0.5 * rng.normal(size=n), 0.0)
    return frame


def answer_of(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> tuple[AnswerFinding, str]:
    """The finding on such a frame, and what the model of everything would decide by itself."""
    names = [name for name in frame if str(name).endswith(("_rating", "_log"))]
    logs = ["log_1", "log_2", "log_3", "contact_csat_known", "contact_csat"]
    blocks = {"service": {"help": logs}, "journey": {"use": names}}
    whole = fit_drivers(frame, "overall_satisfaction", blocks, replicates=REPLICATES)
    monkeypatch.setattr("cxanalysis.findings.measured.model_rows", lambda _: frame)
    answer = find_answer(study_of(config(), {"surveys": survey()}), whole)
    return answer, decide(whole).verdict


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_verdict_comes_from_logs_on_one_side_and_ratings_on_the_other(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, mixed = answer_of(measured_in_parts(seed), monkeypatch)
    assert mixed == "not equivalent"  # though service alone carries 90%: a wrong "no"
    assert answer.verdict == "measured differently"
    assert [item.lacking for item in answer.contrasts] == [(), ("journey",)]
    assert answer.alone.value < answer.limit < answer.line


def test_no_verdict_where_ratings_and_records_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = measured_in_parts(1, records_of_journeys=True)
    for name in ("log_1", "log_2", "log_3"):  # by records, service is measured the better
        frame[name] = frame["overall_satisfaction"] + np.random.default_rng(4).normal(size=800)
    answer, _ = answer_of(frame, monkeypatch)
    ratings, records = answer.contrasts
    assert (ratings.verdict, records.verdict) == ("no", "yes")
    assert answer.verdict == "measured differently"
    assert answer.size == "unknown"


def test_a_verdict_that_ratings_and_records_alone_reach_too_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, mixed = answer_of(
        measured_in_parts(1, weight=0.3, records_of_journeys=True), monkeypatch
    )
    assert (mixed, answer.verdict) == ("not equivalent", "no")
    assert [item.verdict for item in answer.contrasts] == ["no", "no"]
    assert "reach it too" in " ".join(describe(answer))


def test_a_limit_that_reads_as_the_end_of_its_interval_gets_a_decimal() -> None:
    alike = replace(NO, limit=0.5762)
    assert "at most 57.6%" in " ".join(describe(alike))
    assert "at most 56%" in " ".join(describe(replace(NO, limit=0.5562)))


def test_the_answer_with_each_answer_counting_once_stands_beside_a_weighted_one(
    study: Study, fit: DriverFit
) -> None:
    frame = survey()
    frame["weight"] = np.linspace(0.2, 3, len(frame))
    weighted = fit_drivers(
        frame, "overall_satisfaction", study.blocks, weights="weight", replicates=REPLICATES
    )
    answer = find_answer(study, weighted)
    assert answer.unweighted is not None
    plain = fit.parts()["total", "estimate"]["service", "all"]
    assert answer.unweighted.alone.value == pytest.approx(plain, rel=1e-9)  # rows in another order
    assert answer.unweighted.alone.value != pytest.approx(answer.alone.value, rel=1e-3)
    assert find_answer(study, fit).unweighted is None


def test_definitions_chosen_for_a_report_are_not_called_fixed_before_looking(
    study: Study, fit: DriverFit
) -> None:
    moved = study.under("model.lookback_days = 30\nmodel.replicates = 300")
    assert find_answer(moved, fit).moved == ("model.lookback_days",)
    only_draws = find_answer(study.under("model.replicates = 300"), fit)
    assert only_draws.moved == find_answer(study, fit).moved == ()
    assert "moved" not in to_json(only_draws)


@pytest.mark.parametrize(
    "verdict", ["yes", "no", "undecided", "measured differently", "nothing accounted for"]
)
def test_words_on_moved_definitions_say_so_at_the_verdict_and_the_margin(verdict: str) -> None:
    own = replace(NO, verdict=verdict)  # type: ignore[arg-type]
    moved = replace(own, moved=("service.channels",))
    said = " ".join(describe(moved))
    assert "not all definitions here are the study file's own: some were chosen for" in said
    assert "two sets were" not in said and "The two sets" not in said
    assert "chosen for this report" not in " ".join(describe(own))
    if verdict != "nothing accounted for":
        assert ", by definitions chosen for this report: " in describe(moved)[0]
    assert to_json(moved)["moved"] == ["service.channels"]
