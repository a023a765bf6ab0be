"""Service's share of touches, customers, hours and feedback, counted by hand."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics.balance import listening_balance
from cxanalysis.metrics.sides import service_share
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

# Sums of small whole numbers, divided once or twice.
EXACT = 1e-9


def study(
    journeys: pd.DataFrame | None = None,
    tickets: pd.DataFrame | None = None,
    period: str = "all",
    surveys: pd.DataFrame | None = None,
    **config: Any,
) -> Study:
    frames = {"journeys": journeys, "tickets": tickets, "surveys": surveys}
    content = {
        "name": "Test",
        "tables": {},
        "stages": ["buy", "use"],
        "metrics": {"min_base": 2},
    }
    base = study_of(
        StudyConfig.model_validate(content | config),
        {name: frame for name, frame in frames.items() if frame is not None},
    )
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def touches(*rows: tuple[str | None, str, str, float | None]) -> pd.DataFrame:
    """Customer, moment, "stage/touchpoint" and rating."""
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "place", "rating"])
    places = frame["place"].str.split("/", expand=True)
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "occurred_at": pd.to_datetime(frame["at"], utc=True, format="ISO8601"),
            "stage": places[0],
            "touchpoint": places[1],
            "rating": frame["rating"].astype(float),
        }
    )


def contacts(*rows: tuple[str | None, str, float | None, float]) -> pd.DataFrame:
    """Customer, moment, seconds of talk and of waiting; no talk where it was given up."""
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "talk", "wait"])
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "opened_at": pd.to_datetime(frame["at"], utc=True, format="ISO8601"),
            "talk_seconds": frame["talk"].astype(float),
            "queue_wait_seconds": frame["wait"].astype(float),
            "abandoned": frame["talk"].isna(),
            "reason": "fault",
        }
    )


JOURNEYS = touches(
    ("a", "2026-01-01T00:00", "buy/shop", 5),
    ("a", "2026-01-01T08:00", "use/app", 3),
    ("b", "2026-01-01T00:00", "buy/shop", None),
    ("b", "2026-01-01T04:00", "use/app", 4),
    ("c", "2026-01-01T00:00", "buy/shop", 4),
)
TICKETS = contacts(
    ("a", "2026-01-01T09:30", 1200, 600),  # over at 10:00
    ("b", "2026-01-01T02:00", None, 1800),  # given up
)


def figure(table: pd.DataFrame, metric: str) -> pd.Series:
    return table.set_index("metric").loc[metric]


def test_share_of_touches_counts_contacts_given_up_too() -> None:
    table = service_share(study(JOURNEYS, TICKETS))
    found = figure(table, "service_touches")
    assert (found["n"], found["value"]) == (7, pytest.approx(2 / 7, abs=EXACT))
    assert found["conf_low"] < found["value"] < found["conf_high"]
    assert figure(table, "service_customers")["value"] == pytest.approx(2 / 3, abs=EXACT)
    # a: 1 of 3, b: 1 of 3.
    assert figure(table, "service_touches_each")["value"] == pytest.approx(1 / 3, abs=EXACT)


def test_hours_run_from_the_first_touch_to_the_end_of_the_last() -> None:
    table = service_share(study(JOURNEYS, TICKETS))
    # a: 10 hours, the last contact included; b: 4 hours; c has one touch and no length.
    hours, waiting = figure(table, "service_hours"), figure(table, "waiting_hours")
    assert (hours["n"], hours["value"]) == (2, pytest.approx((1200 / 3600) / 14, abs=EXACT))
    assert waiting["value"] == pytest.approx((2400 / 3600) / 14, abs=EXACT)
    assert hours["conf_low"] >= 0
    # By then more than half: of two, the longer.
    assert figure(table, "journey_hours")["value"] == 10
    assert figure(table, "helped_each")["value"] == pytest.approx(1200 / 3600, abs=EXACT)


def test_contact_handled_for_an_unknown_time_is_counted_and_told() -> None:
    tickets = TICKETS.assign(abandoned=False)
    table = service_share(study(JOURNEYS, tickets))
    note = "1 contact handled for an unknown time count as none"
    assert figure(table, "service_hours")["note"] == note
    helped = figure(table, "helped_each")
    assert (helped["n"], isnan(helped["value"])) == (1, True)


def test_period_cuts_touches_and_hours() -> None:
    table = service_share(study(JOURNEYS, TICKETS, "2026-02"))
    assert set(table["note"]) == {"nothing to count"}
    assert table["value"].isna().all()


def test_one_customer_has_a_share_without_limits_of_others() -> None:
    one = JOURNEYS[JOURNEYS["customer_id"] == "a"]
    table = service_share(study(one, TICKETS[TICKETS["customer_id"] == "a"]))
    assert figure(table, "service_touches")["value"] == pytest.approx(1 / 3, abs=EXACT)
    assert isnan(figure(table, "service_hours")["value"])  # withheld: one customer


def test_touches_of_unknown_customers_are_left_out_and_counted() -> None:
    tickets = pd.concat([TICKETS, contacts((None, "2026-01-01T05:00", 60, 0))])
    found = figure(service_share(study(JOURNEYS, tickets)), "service_touches")
    assert (found["n"], found["note"]) == (7, "1 touch of customers not known left out")


def test_what_the_company_began_is_no_contact() -> None:
    tickets = TICKETS.assign(initiator=["customer", "company"])
    assert figure(service_share(study(JOURNEYS, tickets)), "service_touches")["n"] == 6


def test_touches_named_as_service_count_without_tickets() -> None:
    named = study(JOURNEYS, service={"touchpoints": ["shop"]})
    table = service_share(named)
    assert figure(table, "service_touches")["value"] == pytest.approx(3 / 5, abs=EXACT)
    assert figure(table, "service_hours")["note"] == "needs tickets.talk_seconds"


def test_company_began_counts_touches_whose_beginner_is_known() -> None:
    journeys = JOURNEYS.assign(initiator=["company", "customer", None, "Company", "customer"])
    found = figure(service_share(study(journeys, TICKETS)), "company_began")
    assert (found["n"], found["value"]) == (4, 0.5)
    assert figure(service_share(study(JOURNEYS, TICKETS)), "company_began")["note"] == (
        "needs journeys.initiator"
    )


def test_by_stage_contacts_stand_where_their_reason_arises() -> None:
    named = study(JOURNEYS, TICKETS, reasons={"fault": {"stage": "use"}})
    table = service_share(named, by="stage")
    touched = table[table["metric"] == "service_touches"].set_index("stage")
    assert touched.loc["use", "value"] == pytest.approx(2 / 4, abs=EXACT)
    assert touched.loc["buy", "value"] == 0
    assert "service_hours" not in set(table["metric"])


def test_by_a_column_of_the_journeys_alone_is_refused() -> None:
    with pytest.raises(ReportError, match="no column 'touchpoint' to group by"):
        service_share(study(JOURNEYS, TICKETS), by="touchpoint")


@pytest.mark.parametrize(
    ("journeys", "tickets", "needs"),
    [
        (None, TICKETS, "needs journeys"),
        (JOURNEYS, None, "needs tickets"),
        (JOURNEYS, TICKETS.drop(columns="customer_id"), "needs tickets.customer_id"),
    ],
)
def test_what_is_lacking_is_named(
    journeys: pd.DataFrame | None, tickets: pd.DataFrame | None, needs: str
) -> None:
    lacking = study(journeys, tickets)
    assert set(service_share(lacking)["note"]) == {needs}
    assert listening_balance(lacking).empty


def test_balance_holds_feedback_against_touches_by_place() -> None:
    tickets = TICKETS.assign(csat=[2.0, np.nan])
    table = listening_balance(study(JOURNEYS, tickets)).set_index("place")
    assert list(table.index) == ["buy", "use", "contacts with service"]
    assert list(table["touches"]) == [3, 2, 1]  # b gave up and could not rate
    assert list(table["feedback"]) == [2, 2, 1]
    service = table.loc["contacts with service"]
    assert service["touch_share"] == pytest.approx(1 / 6, abs=EXACT)
    assert service["feedback_share"] == pytest.approx(1 / 5, abs=EXACT)
    assert service["difference"] == pytest.approx(1 / 5 - 1 / 6, abs=EXACT)
    assert service["conf_low"] < service["difference"] < service["conf_high"]


def test_difference_of_shares_allows_for_customers_in_both() -> None:
    """Every touch rated: both shares are the same figure, and the difference is exactly 0."""
    tickets = TICKETS.assign(csat=[2.0, 3.0])
    journeys = JOURNEYS.assign(rating=4.0)
    table = listening_balance(study(journeys, tickets)).set_index("place")
    service = table.loc["contacts with service"]
    limits = service[["difference", "conf_low", "conf_high"]].astype(float)
    assert limits.tolist() == pytest.approx([0, 0, 0], abs=1e-7)  # a root of a rounded 0


def test_answers_count_where_they_name_a_place() -> None:
    surveys = pd.DataFrame(
        {
            "response_id": ["1", "2", "3", "4"],
            "customer_id": ["a", "b", "c", "c"],
            "responded_at": pd.Timestamp("2026-01-02", tz="UTC"),
            "kind": ["relational", "transactional", "transactional", None],
            "touchpoint": [None, "help line", "shop", None],
        }
    )
    named = study(JOURNEYS, TICKETS, surveys=surveys, service={"touchpoints": ["help line"]})
    table = listening_balance(named).set_index("place")
    assert table.loc["contacts with service", "feedback"] == 1
    assert table.loc["surveys about one thing", "feedback"] == 1
    assert table.loc["everything", "feedback"] == 2
    assert isnan(table.loc["everything", "feedback_share"])


def test_owners_are_those_of_the_study_file() -> None:
    owned = study(
        JOURNEYS, TICKETS, actions={"use": {"owner": "Fitters"}, "service": {"owner": "Desk"}}
    )
    table = listening_balance(owned).set_index("place")
    assert list(table["owner"]) == ["", "Fitters", "Desk"]


def test_without_any_rating_touches_still_have_their_shares() -> None:
    table = listening_balance(study(JOURNEYS.drop(columns="rating"), TICKETS)).set_index("place")
    assert table["feedback_share"].isna().all()
    assert set(table["note"]) == {"no feedback that names its place"}
    assert table["touch_share"].sum() == pytest.approx(1, abs=EXACT)


def test_segment_narrows_touches_contacts_and_feedback() -> None:
    whole = study(JOURNEYS, TICKETS.assign(csat=4.0, abandoned=False))
    people = pd.DataFrame({"customer_id": ["a", "b", "c"], "region": ["east", "west", "west"]})
    tables = {**whole.tables, "customers": whole.engine.register(people)}
    west = Study(whole.path, whole.config, whole.engine, tables).among("region=west")
    assert figure(service_share(west), "service_touches")["n"] == 4
    balance = listening_balance(west).set_index("place")
    assert balance.loc["contacts with service", "touches"] == 1
    assert balance["feedback"].sum() == 3
    by_region = service_share(west, by="region")
    assert set(by_region["region"]) == {"west"}
