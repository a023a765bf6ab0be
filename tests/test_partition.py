from __future__ import annotations

from typing import Any

import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.errors import StudyError
from cxanalysis.partition import block_columns, blocks_of, two_part_columns

TICKETS = frozenset({"customer_id", "opened_at", "first_replied_at", "csat"})
EVENTS = frozenset({"customer_id", "occurred_at", "stage", "touchpoint", "channel", "rating"})
PROMISES = frozenset({"promised_at", "fulfilled_at"})


def config(items: dict[str, dict[str, Any]] | None = None, **settings: Any) -> StudyConfig:
    surveys = {"path": "survey.csv", "items": items or {}}
    return StudyConfig(name="test", tables={"surveys": surveys}, **settings)


def test_tickets_make_the_service_set_in_two_groups() -> None:
    blocks = blocks_of(config(), {"tickets": TICKETS})
    assert blocks["journey"] == {}
    assert blocks["service"] == {
        "needing help": ["contacted", "contacts"],
        "how help went": [
            "answered",
            *("first_reply_hours_known", "first_reply_hours"),
            *("resolved_first_known", "resolved_first", "resolved_first_open_days"),
            *("contact_csat_known", "contact_csat"),
        ],
    }


def test_tickets_without_customers_belong_to_no_answer_and_give_no_features() -> None:
    assert blocks_of(config(), {"tickets": TICKETS - {"customer_id"}})["service"] == {}


def test_each_stage_is_a_group_of_the_journey_set() -> None:
    blocks = blocks_of(config(stages=["buy", "use"]), {"journeys": EVENTS | PROMISES})
    assert blocks == {
        "service": {},
        "journey": {
            stage: [
                f"{stage}_{name}"
                for name in ("touched", "rated", "rating", "promised", "due", "late_days")
            ]
            for stage in ("buy", "use")
        },
    }


def test_stage_without_ratings_and_promises_is_only_touched() -> None:
    events = frozenset({"customer_id", "occurred_at", "stage"})
    blocks = blocks_of(config(stages=["buy"]), {"journeys": events})
    assert blocks["journey"] == {"buy": ["buy_touched"]}


@pytest.mark.parametrize("service", [{"channels": "phone"}, {"touchpoints": "help desk"}])
def test_service_touchpoints_are_a_group_of_the_service_set(service: dict[str, str]) -> None:
    blocks = blocks_of(config(stages=["buy"], service=service), {"journeys": EVENTS})
    names = ["service_touched", "service_rated", "service_rating"]
    assert blocks["service"] == {"service touchpoints": names}
    assert list(blocks["journey"]) == ["buy"]


def test_service_touchpoints_need_a_column_that_tells_them_apart() -> None:
    settings = config(stages=["buy"], service={"channels": "phone"})
    assert blocks_of(settings, {"journeys": EVENTS - {"channel"}})["service"] == {}


def test_a_stage_called_service_belongs_to_the_service_set() -> None:
    blocks = blocks_of(config(stages=["buy", "service"]), {"journeys": EVENTS})
    assert list(blocks["service"]) == ["service touchpoints"]
    assert list(blocks["journey"]) == ["buy"]


def test_survey_items_go_to_their_set_and_stage() -> None:
    items = {
        "helpful": {"service": True},
        "checkout": {"stage": "purchase"},
        "signs": {},
    }
    assert blocks_of(config(items), {"surveys": frozenset(items)}) == {
        "service": {"service touchpoints": ["helpful_used", "helpful_rated", "helpful"]},
        "journey": {
            "purchase": ["checkout_used", "checkout_rated", "checkout"],
            "other touchpoints": ["signs_used", "signs_rated", "signs"],
        },
    }


def test_items_are_single_columns_for_complete_cases() -> None:
    settings = config({"signs": {}}, model={"not_applicable": "complete-cases"})
    assert blocks_of(settings, {})["journey"] == {"other touchpoints": ["signs"]}
    assert two_part_columns(settings, {}) == {}


def test_global_items_and_the_outcome_itself_are_no_drivers() -> None:
    items = {"overall": {"global_item": True}, "liking": {}, "signs": {}}
    blocks = blocks_of(config(items, model={"outcome": "liking"}), {})
    assert blocks["journey"] == {"other touchpoints": ["signs_used", "signs_rated", "signs"]}


def test_every_two_part_column_stands_beside_its_indicator() -> None:
    settings = config({"signs": {}}, service={"channels": "phone"})
    columns = {"tickets": TICKETS, "journeys": EVENTS | PROMISES}
    names = block_columns(blocks_of(settings, columns))
    pairs = two_part_columns(settings, columns)
    assert pairs["contacts"] == "contacted"
    assert pairs["use_late_days"] == "use_due"
    for value, indicator in pairs.items():
        assert names.index(value) == names.index(indicator) + 1


@pytest.mark.parametrize("name", ["contacted", "use_rating", "nps", "customer_id"])
def test_an_item_named_like_another_feature_or_score_is_refused_by_name(name: str) -> None:
    with pytest.raises(StudyError, match=rf"^{name}: .*another name in the study file"):
        blocks_of(
            config({name: {}}, model={"not_applicable": "complete-cases"}),
            {"tickets": TICKETS, "journeys": EVENTS},
        )
