"""Findings hold the final numbers of their makers' inputs, and say what stands in the way."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from findings_by_hand import NO

from cxanalysis.config import StudyConfig
from cxanalysis.drivers import DriverFit, fit_drivers, fit_study
from cxanalysis.findings import (
    find_answer,
    find_drivers,
    find_quality,
    find_scorecard,
    find_silent,
    find_trust,
    to_json,
)
from cxanalysis.findings.core import Estimate, period_title
from cxanalysis.narrative import headline
from cxanalysis.periods import parse_period
from cxanalysis.sources.reading import TableReading
from cxanalysis.study import Study, study_of

# The parts are taken from the very frames they are compared with.
TOLERANCE = 1e-12
REPLICATES = 200
DAY_US = 86_400_000_000
ITEMS = {
    "help": {"service": True, "label": "Help at the desk"},
    "signs": {"stage": "use"},
    "food": {"stage": "purchase"},
    "all_in_all": {"global_item": True},
}


def config(**changes: Any) -> StudyConfig:
    content = {
        "name": "By hand",
        "tables": {"surveys": {"path": "survey.csv", "items": ITEMS}},
        "model": {"not_applicable": "complete-cases", "replicates": REPLICATES},
    }
    return StudyConfig.model_validate(content | changes)


def survey(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    mood = rng.normal(size=n)
    frame = pd.DataFrame(
        {name: mood + rng.normal(size=n) for name in ("help", "signs", "food", "all_in_all")}
    )
    outcome = 0.2 * frame["help"] + 0.6 * frame["signs"] + 0.3 * frame["food"]
    frame["overall_satisfaction"] = outcome + rng.normal(size=n)
    frame["nps"] = np.clip(np.round(6 + 2 * outcome), 0, 10)
    frame["customer_id"] = [f"c{number}" for number in range(n)]
    frame["response_id"] = [f"r{number}" for number in range(n)]
    frame["responded_at"] = parse_period("2026-10").start_us + DAY_US * (np.arange(n) % 28)  # type: ignore[union-attr]
    return frame


@pytest.fixture(scope="module")
def study() -> Study:
    return study_of(config(), {"surveys": survey()})


@pytest.fixture(scope="module")
def fit(study: Study) -> DriverFit:
    return fit_drivers(survey(), "overall_satisfaction", study.blocks, replicates=REPLICATES)


def test_answer_takes_its_numbers_from_the_fit(study: Study, fit: DriverFit) -> None:
    answer = find_answer(study, fit)
    parts = fit.parts().loc[("service", "all")]
    assert answer.alone.value == pytest.approx(parts["total", "estimate"], abs=TOLERANCE)
    assert answer.unique.low == pytest.approx(parts["unique", "conf_low"], abs=TOLERANCE)
    assert answer.split.high == pytest.approx(parts["share", "conf_high"], abs=TOLERANCE)
    assert answer.n == 400
    assert answer.verdict == "no"
    assert answer.service_from == answer.journey_from == "the survey"


def test_parts_of_the_answer_add_up(study: Study, fit: DriverFit) -> None:
    answer = find_answer(study, fit)
    assert answer.split.value + answer.rest_split.value == pytest.approx(1, abs=1e-9)
    assert answer.unique.value + answer.shared.value == pytest.approx(answer.alone.value)
    inside = sum(part.share.value for part in answer.parts)
    assert inside == pytest.approx(answer.split.value)


@pytest.mark.parametrize(
    ("changes", "frames", "verdict"),
    [
        ({"tables": {}}, {}, "no survey"),
        ({"model": {"outcome": "csat"}}, {"surveys": survey(40)}, "no outcome"),
        (
            {"tables": {"surveys": {"path": "s.csv", "items": {"signs": {"stage": "use"}}}}},
            {"surveys": survey(40)},
            "no service",
        ),
        (
            {"tables": {"surveys": {"path": "s.csv", "items": {"help": {"service": True}}}}},
            {"surveys": survey(40)},
            "no journey",
        ),
        ({}, {"surveys": survey(12)}, "withheld"),
        ({}, {"surveys": survey(40)}, "no model"),
    ],
)
def test_answer_without_a_model_names_what_stands_in_the_way(
    changes: dict[str, Any], frames: dict[str, pd.DataFrame], verdict: str
) -> None:
    made = study_of(config(**changes), frames)
    answer = find_answer(made, None)
    assert answer.verdict == verdict
    assert verdict == "no model" or find_answer(made).verdict == verdict
    assert headline(answer).startswith(("This study cannot say", "Withheld", "Nothing"))
    assert bool(answer.lacks) == (verdict not in ("withheld", "no model"))


def test_records_against_ratings_of_the_survey_decide_nothing(study: Study) -> None:
    frame = survey().assign(contacted=lambda rows: (rows["help"] > 0).astype(float))
    blocks = {
        "service": {"needing help": ["contacted"]},
        "journey": {"use": ["signs"], "purchase": ["food"]},
    }
    mixed = fit_drivers(frame, "overall_satisfaction", blocks, replicates=REPLICATES)
    answer = find_answer(study, mixed)
    assert answer.verdict == "measured differently"
    assert (answer.service_from, answer.journey_from) == ("records", "the survey")
    assert [contrast.lacking for contrast in answer.contrasts] == [("service",), ("journey",)]
    assert {contrast.verdict for contrast in answer.contrasts} == {None}
    assert (answer.size, answer.customers_needed) == ("unknown", None)


def test_ratings_that_weigh_unlike_decide_nothing_and_are_shown_against_the_line(
    study: Study,
) -> None:
    frame = survey().assign(contacted=np.arange(400) % 2.0)
    blocks = {
        "service": {"help": ["help", "contacted"]},
        "journey": {"use": ["signs"], "purchase": ["food"]},
    }
    mixed = fit_drivers(frame, "overall_satisfaction", blocks, replicates=REPLICATES)
    answer = find_answer(study, mixed)
    assert answer.verdict == "measured differently"
    assert answer.alone.value < answer.limit < answer.line
    assert [(item.kind, item.n_columns) for item in answer.service_measured] == [
        ("the survey", 1),
        ("records", 1),
    ]
    ratings, records = answer.contrasts
    assert ratings.alone.low < answer.alone.value < ratings.alone.high
    assert ratings.verdict == "no"
    assert ratings.alone.value < ratings.limit < ratings.alone.high
    assert records.lacking == ("journey",)


def test_sets_measured_alike_need_no_second_look(study: Study, fit: DriverFit) -> None:
    assert find_answer(study, fit).contrasts == ()


def test_like_is_held_against_like_where_both_sets_allow_it() -> None:
    journeys = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(0, 400, 2)],
            "occurred_at": parse_period("2026-09").start_us,  # type: ignore[union-attr]
            "stage": "use",
            "rating": np.tile([1.0, 2.0, 3.0, 4.0, 5.0], 40),
        }
    )
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number}" for number in range(150)],
            "customer_id": [f"c{number}" for number in range(150)],
            "opened_at": parse_period("2026-09").start_us + DAY_US,  # type: ignore[union-attr]
        }
    )
    surveys = survey().assign(
        overall_satisfaction=lambda rows: (
            rows["overall_satisfaction"] - 2.0 * (np.arange(400) < 150) + np.arange(400) % 2
        )
    )
    bare = config(tables={"surveys": {"path": "survey.csv"}}, stages=["use"])
    study = study_of(bare, {"surveys": surveys, "journeys": journeys, "tickets": tickets})
    answer = find_answer(study, fit_study(study))
    assert answer.verdict == "measured differently"
    ratings, records = answer.contrasts
    assert ratings.lacking == ("service",)
    assert records.lacking == ()
    assert records.n == 400
    assert records.alone.low > 0


def test_drivers_come_in_the_order_of_their_shares(fit: DriverFit) -> None:
    finding = find_drivers(fit)
    shares = [driver.share.value for driver in finding.drivers]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)
    assert finding.drivers[0].name == "use"
    assert finding.lead.value == pytest.approx(shares[0] - shares[1])
    assert finding.grouped


def test_set_in_one_piece_is_not_ranked_among_parts_of_another(fit: DriverFit) -> None:
    finding = find_drivers(fit)
    assert [driver.set for driver in finding.undivided] == ["service"]
    first, second = finding.compared
    assert first.set == second.set == "journey"
    lead = first.share.value - second.share.value
    assert finding.lead.value == pytest.approx(lead)


def test_single_measures_whose_link_is_more_than_chance_come_by_label_clearest_first(
    study: Study, fit: DriverFit
) -> None:
    finding = find_drivers(fit, study=study)
    tidy = fit.tidy().set_index("term")
    clear = tidy[tidy["p_bh"] < 0.05].sort_values("statistic", key=abs, ascending=False)
    assert finding.n_terms == len(finding.terms) == len(clear) > 1
    labels = {"help": "Help at the desk"}
    assert [term.name for term in finding.terms] == [labels.get(name, name) for name in clear.index]
    first = finding.terms[0]
    assert first.estimate.low == pytest.approx(clear["conf_low"].iloc[0], abs=TOLERANCE)


def test_groups_of_a_logit_are_point_values_and_its_level_is_no_share() -> None:
    frame = survey().assign(overall_satisfaction=lambda rows: rows["overall_satisfaction"] > 0.5)
    frame["overall_satisfaction"] = frame["overall_satisfaction"].astype(float)
    blocks = {"service": {"help": ["help"]}, "journey": {"use": ["signs"], "purchase": ["food"]}}
    fit = fit_drivers(frame, "overall_satisfaction", blocks, model="logit", replicates=REPLICATES)
    finding = find_drivers(fit)
    assert finding.measure == "McFadden R²"
    assert finding.accounted.has_interval
    assert finding.point_values
    assert not finding.lead.has_interval


def test_groups_are_not_shown_on_few_answers(study: Study) -> None:
    small = fit_drivers(survey(50), "overall_satisfaction", study.blocks, replicates=REPLICATES)
    finding = find_drivers(small)
    assert not finding.grouped
    assert {driver.name for driver in finding.drivers} == {"service", "journey"}
    assert find_answer(study, small).parts == ()


def test_drivers_of_too_few_answers_or_of_no_model_are_not_given(fit: DriverFit) -> None:
    assert find_drivers(fit, min_base=fit.n + 1).drivers == ()
    assert find_drivers(None).drivers == ()


def test_nothing_is_divided_where_nothing_is_accounted_for(study: Study) -> None:
    noise = survey().assign(overall_satisfaction=np.random.default_rng(3).normal(size=400))
    fit = fit_drivers(noise, "overall_satisfaction", study.blocks, replicates=REPLICATES)
    assert find_answer(study, fit).verdict == "nothing accounted for"
    finding = find_drivers(fit)
    assert finding.drivers == ()
    assert headline(finding).startswith("There is nothing to divide among groups.")


def test_scorecard_compares_with_the_period_before() -> None:
    frame = survey()
    earlier = frame.assign(
        responded_at=parse_period("2026-09").start_us,  # type: ignore[union-attr]
        response_id=frame["response_id"] + "-before",
        nps=10.0,
    )
    both = study_of(config(), {"surveys": pd.concat([frame, earlier], ignore_index=True)})
    finding = find_scorecard(replace(both, period=parse_period("2026-10")))
    figures = {figure.metric: figure for figure in finding.figures}
    assert figures["nps"].word == "down"
    assert figures["nps"].before.value == 100
    assert figures["overall_satisfaction"].word == "no clear change"
    assert finding.period_before == "September 2026"
    assert sum(finding.nps_mix) == pytest.approx(1)


def test_weighted_nps_stands_beside_the_plain_one_where_weights_are_mapped() -> None:
    frame = survey().assign(weight=lambda rows: np.where(rows["nps"] >= 9, 2.0, 1.0))
    earlier = frame.assign(
        responded_at=parse_period("2026-09").start_us,  # type: ignore[union-attr]
        response_id=frame["response_id"] + "-before",
    )
    both = study_of(config(), {"surveys": pd.concat([frame, earlier], ignore_index=True)})
    finding = find_scorecard(replace(both, period=parse_period("2026-10")))
    figures = {figure.metric: figure for figure in finding.figures}
    assert figures["nps_weighted"].now.value > figures["nps"].now.value
    assert "(Kish)" in figures["nps_weighted"].note
    assert not figures["nps_weighted"].leads
    assert figures["nps_weighted"].word == "no comparison"
    assert figures["nps"].word == "no clear change"
    assert not any("weighted" in item.label for item in finding.missing)


def months_of_answers(last: float) -> Study:
    """Nine months of 200 answers by plan; the last is answered with one score by all."""
    frames = []
    period = parse_period("2026-10")
    for month in range(9):
        assert period is not None
        frame = survey(200).assign(
            responded_at=period.start_us,
            response_id=[f"{month}-{number}" for number in range(200)],
            plan=["plus"] * 120 + ["basic"] * 80,
        )
        frames.append(frame if month else frame.assign(nps=last))
        period = period.previous()
    base = study_of(config(), {"surveys": pd.concat(frames, ignore_index=True)})
    return replace(base, period=parse_period("2026-10"))


def test_scorecard_tells_a_change_from_usual_movement_and_from_the_mix() -> None:
    finding = find_scorecard(months_of_answers(last=2.0))
    nps = next(figure for figure in finding.figures if figure.metric == "nps")
    assert (nps.word, nps.beyond_usual, nps.n_earlier) == ("down", True, 8)
    assert (finding.every, finding.periods_needed) == ("month", 7)
    assert [title for title, _ in finding.nps_before][::7] == ["February 2026", "September 2026"]
    (mix,) = finding.mixes
    assert (mix.metric, mix.segments) == ("nps", "plan")
    # 120 and 80 answered in each month: the mix is what it was.
    assert mix.mix.value == pytest.approx(0)
    assert mix.within.value == pytest.approx(nps.difference.value)


def test_scorecard_without_a_clear_change_splits_nothing() -> None:
    study = months_of_answers(last=2.0)
    assert study.period is not None
    earlier = find_scorecard(replace(study, period=study.period.previous()))
    assert earlier.mixes == ()
    assert {figure.word for figure in earlier.figures} == {"no clear change"}


def test_scorecard_names_what_is_missing_and_what_is_withheld() -> None:
    finding = find_scorecard(study_of(config(), {"surveys": survey(12)}))
    assert "nps" in {figure.metric for figure in finding.withheld}
    assert {item.label: item.needs for item in finding.missing}["Handle time"] == "tickets"
    assert finding.nps_mix == ()


def test_four_groups_of_active_customers_add_up() -> None:
    customers = pd.DataFrame({"customer_id": [f"c{number}" for number in range(500)]})
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"t{number}" for number in range(60)],
            "customer_id": [f"c{number}" for number in range(380, 440)],
            "opened_at": parse_period("2026-10").start_us,  # type: ignore[union-attr]
        }
    )
    frames = {"surveys": survey(), "customers": customers, "tickets": tickets}
    finding = find_silent(study_of(config(), frames))
    counts = {name: n for name, n, _ in finding.parts}
    # c0 to c399 answered, c380 to c439 opened a ticket
    assert counts == {"neither": 60, "answer only": 380, "both": 20, "ticket only": 40}
    assert finding.silent.value == pytest.approx(60 / 500)


def test_silent_without_customers_says_what_it_needs(study: Study) -> None:
    finding = find_silent(study)
    assert finding.gap.startswith("a customers table")
    assert not finding.silent.known


def test_quality_counts_every_row_and_shows_no_path(study: Study) -> None:
    reading = TableReading(
        "surveys",
        ("/somewhere/private/survey.csv",),
        rows_read=410,
        rows_kept=400,
        rows_set_aside=7,
        excluded={"test = yes": 3},
        rejects={"duplicate response_id": 2, "unreadable time": 6},  # one row breaks both
    )
    finding = find_quality(replace(study, reading=(reading,)))
    (table,) = finding.tables
    assert table.n_set_aside == 7
    assert table.n_excluded == 3
    assert [item.reason for item in table.set_aside] == [
        "unreadable time",
        "duplicate response_id",
    ]
    assert "/" not in str(to_json(finding))


def test_trust_names_the_items_of_the_same_questionnaire_by_their_label(
    study: Study, fit: DriverFit
) -> None:
    finding = find_trust(study, fit)
    assert finding.same_survey == ("Help at the desk", "signs", "food")
    assert finding.coding == "complete-cases"
    assert finding.n == 400
    assert finding.replicates == REPLICATES


def test_trust_names_left_out_columns_by_their_label(study: Study) -> None:
    frame = survey().assign(help=3.0, again=lambda rows: rows["food"])
    blocks = {"service": {"desk": ["help", "signs"]}, "journey": {"purchase": ["food"]}}
    fit = fit_drivers(frame, "overall_satisfaction", blocks, replicates=REPLICATES)
    (left_out,) = find_trust(study, fit).left_out
    assert left_out.column == "Help at the desk"


def test_trust_holds_the_diagnostics_of_its_fit_by_label() -> None:
    items = ITEMS | {"food": {"stage": "purchase", "label": "Overall quality of the food"}}
    study = study_of(
        config(tables={"surveys": {"path": "survey.csv", "items": items}}), {"surveys": survey()}
    )
    finding = find_trust(study, fit_study(study))
    (doubt,) = finding.caveats
    assert doubt.code == "global_item"
    assert doubt.facts == {"kept_out": ("all_in_all",), "used": ("Overall quality of the food",)}
    assert finding.same_survey[-1] == "Overall quality of the food"
    assert to_json(finding)["caveats"][0]["facts"]["kept_out"] == ["all_in_all"]


def test_trust_without_a_model_says_so(study: Study) -> None:
    finding = find_trust(study, None)
    assert not finding.has_model
    assert finding.tables == ("surveys",)


def test_each_coding_is_counted_by_the_answers_it_keeps() -> None:
    frame = survey()
    frame.loc[:9, "overall_satisfaction"] = np.nan
    frame.loc[5:24, "signs"] = np.nan
    study = study_of(config(), {"surveys": frame})
    fit = fit_drivers(frame, "overall_satisfaction", study.blocks, replicates=REPLICATES)
    finding = find_trust(study, fit)
    assert (finding.n_two_part, finding.n_complete, finding.n) == (390, 375, 375)


def test_answer_lies_beside_its_floor_and_the_limit_that_decides(
    study: Study, fit: DriverFit
) -> None:
    answer = find_answer(study, fit)
    assert 0 < answer.floor < answer.alone.low
    assert answer.alone.value < answer.limit < answer.line


def test_finding_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        NO.n = 1  # type: ignore[misc]


def test_json_has_no_number_that_json_lacks() -> None:
    content = to_json(replace(NO, alone=Estimate(1 / 3, math.nan, math.inf)))
    assert content["alone"] == {"value": 0.333333, "low": None, "high": None}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("2026-10", "October 2026"),
        ("2026-Q3", "the third quarter of 2026"),
        ("2026", "2026"),
        ("all", "all dates"),
    ],
)
def test_period_is_named_as_in_a_sentence(text: str, title: str) -> None:
    assert period_title(parse_period(text)) == title
