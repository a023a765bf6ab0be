"""From the first touch to the first contact: counted by hand, those still without one included."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_metrics_journeys import events, study
from test_metrics_journeys_timeline import both, contacts

from cxanalysis.metrics.journeys.lead import (
    followed_customers,
    known_before,
    lead_curve,
    lead_gap,
    lead_time,
)
from cxanalysis.study import Study, open_study

EXACT = 1e-9  # shares of small whole numbers
STORIES = Path(__file__).parents[1] / "data/stories"

TOUCHES = events(
    ("a", "2026-01-01", "buy/shop", 5),
    ("a", "2026-01-05", "use/app", 3),
    ("a", "2026-01-20", "use/app", 1),  # after the contact
    ("b", "2026-01-01", "buy/shop", 4),
    ("b", "2026-01-31", "use/app", None),
    ("c", "2026-01-10", "buy/shop", 2),  # the contact was five days earlier
    ("d", "2026-01-01", "buy/shop", 5),  # no contact at all
    ("d", "2026-03-02", "use/app", 5),
)
TICKETS = contacts(
    ("a", "2026-01-11"), ("a", "2026-01-12"), ("b", "2026-01-31"), ("c", "2026-01-05")
)


def figure(made: Study, metric: str) -> dict[str, Any]:
    table = lead_time(made)
    row: dict[str, Any] = table[table["metric"] == metric].iloc[0].to_dict()
    return row


def test_days_run_from_the_first_touch_to_the_first_contact_or_to_the_end() -> None:
    people = followed_customers(both(TOUCHES, TICKETS)).set_index("customer_id").sort_index()
    assert people["days"].to_dict() == {"a": 10, "b": 30, "c": 0, "d": 60}
    assert people["ended"].to_dict() == {"a": True, "b": True, "c": True, "d": False}
    assert list(people.index[people["contact_first"]]) == ["c"]


def test_a_contact_after_the_period_is_none_yet() -> None:
    people = followed_customers(both(TOUCHES, TICKETS, "2026-01"))
    people = people.set_index("customer_id")
    assert people.loc["b", "ended"]  # at midnight of the 31st
    earlier = both(TOUCHES, TICKETS.assign(opened_at=TICKETS["opened_at"] + pd.Timedelta("1D")))
    short = Study(
        earlier.path,
        earlier.config,
        earlier.engine,
        earlier.tables,
        both(TOUCHES, TICKETS, "2026-01").period,
    )
    assert not followed_customers(short).set_index("customer_id").loc["b", "ended"]


def test_share_with_a_touch_first_counts_customers_with_both() -> None:
    row = figure(both(TOUCHES, TICKETS), "touch_first")
    assert (row["value"], row["n"]) == (pytest.approx(2 / 3, abs=EXACT), 3)


def test_contact_at_the_instant_of_the_first_touch_does_not_come_after_it() -> None:
    made = both(TOUCHES, contacts(("a", "2026-01-01"), ("b", "2026-01-31")))
    assert figure(made, "touch_first")["value"] == pytest.approx(1 / 2, abs=EXACT)


def test_median_of_those_in_contact_leaves_the_others_out_that_of_everyone_does_not() -> None:
    made = both(TOUCHES, TICKETS)
    assert figure(made, "lead_hours")["value"] == pytest.approx(24 * 20, abs=240)
    assert figure(made, "lead_hours")["note"] == (
        "1 customer with a contact before any touch left out"
    )
    assert figure(made, "lead_hours_everyone")["value"] == pytest.approx(24 * 30, abs=240)


def test_customers_without_a_contact_count_as_long_as_they_are_followed() -> None:
    rows = [(f"c{number}", "2026-01-01", "buy/shop", None) for number in range(10)]
    rows += [("late", "2026-01-21", "buy/shop", None), ("z", "2026-01-31", "buy/shop", None)]
    tickets = contacts(("c0", "2026-01-06"), ("c1", "2026-01-26"), ("c2", "2026-01-31"))
    curve = lead_curve(both(events(*rows), tickets)).set_index("days")
    # 12 at day 0, z is followed for none: 1 of 11 on day 5, and of 9 left on day 25 one more,
    # late being known for 10 days only.
    assert curve.loc[5, "share"] == pytest.approx(1 / 11, abs=EXACT)
    assert curve.loc[25, "share"] == pytest.approx(1 - 10 / 11 * 8 / 9, abs=EXACT)
    assert curve.loc[5, "at_risk"] == 11
    assert curve.index[-1] == 30


def test_shares_of_touches_and_of_squared_distances_before_the_contact() -> None:
    made = both(TOUCHES, TICKETS)
    touches = figure(made, "touches_before")
    assert touches["n"] == 6  # of a, b and c; b's second is at the instant of the contact
    assert touches["value"] == pytest.approx(3 / 6, abs=EXACT)
    assert figure(made, "touches_before_everyone")["value"] == pytest.approx(5 / 8, abs=EXACT)
    ratings = np.array([5, 3, 1, 4, 2])  # mean 3; before: 5, 3 and 4
    squares = (ratings - 3.0) ** 2
    spread = figure(made, "variance_before")
    assert spread["value"] == pytest.approx(squares[[0, 1, 3]].sum() / squares.sum(), abs=EXACT)
    assert spread["n"] == 5


def test_ratings_that_are_all_alike_have_no_differences_to_share_out() -> None:
    row = figure(both(TOUCHES.assign(rating=4.0), TICKETS), "variance_before")
    assert isnan(row["value"])
    assert row["note"] == "all rated alike"


def test_without_ratings_only_the_differences_are_missing() -> None:
    made = both(TOUCHES.drop(columns="rating"), TICKETS)
    assert figure(made, "variance_before")["note"] == "needs journeys.rating"
    assert figure(made, "touches_before")["value"] == pytest.approx(3 / 6, abs=EXACT)


def test_nobody_in_contact_is_no_lead_time() -> None:
    made = both(TOUCHES, TICKETS.iloc[:0])
    assert isnan(figure(made, "touch_first")["value"])
    assert figure(made, "touches_before_everyone")["value"] == 1
    assert lead_curve(made)["share"].max() == 0


@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_touch_gives_no_curve(rows: int) -> None:
    made = both(TOUCHES.iloc[:rows], TICKETS.iloc[:rows])
    assert lead_curve(made).empty
    assert lead_time(made)["conf_low"].isna().all()


def test_needs_are_named() -> None:
    assert lead_gap(study(TOUCHES)) == "needs tickets"
    assert lead_gap(study(TOUCHES, service={"touchpoints": ["app"]})) == ""
    assert set(lead_time(study(TOUCHES))["note"]) == {"needs tickets"}
    assert lead_curve(study(TOUCHES)).empty


def test_customers_older_than_the_records_are_counted() -> None:
    made = both(TOUCHES, TICKETS)
    assert known_before(made) is None
    start = pd.to_datetime(["2025-01-01", "2026-01-01", None], utc=True)
    people = pd.DataFrame({"customer_id": ["a", "b", "d"], "active_from": start})
    tables = dict(made.tables) | {"customers": made.engine.register(people)}
    assert known_before(Study(made.path, made.config, made.engine, tables)) == (1, 2)


def test_the_buyer_is_on_the_way_for_over_nine_days_before_the_first_call() -> None:
    made = open_study(STORIES / "late_delivery")
    assert followed_customers(made)["days"].tolist() == [pytest.approx(9.625)]
    assert figure(made, "touches_before")["value"] == pytest.approx(2 / 3, abs=EXACT)
    # 5, 5 and 1 around 11/3: 16/9 twice before the call, 64/9 after it.
    assert figure(made, "variance_before")["value"] == pytest.approx(1 / 3, abs=EXACT)


def test_the_guest_has_met_the_restaurant_four_times_before_any_waiter() -> None:
    made = open_study(STORIES / "restaurant")
    assert followed_customers(made)["days"].tolist() == [pytest.approx(7 + 40 / 60 / 24)]
    assert figure(made, "touches_before")["value"] == pytest.approx(4 / 8, abs=EXACT)
    # Around their mean of 3: 5, 5, 2 and 5 before, 3, 2, 1 and 1 after.
    assert figure(made, "variance_before")["value"] == pytest.approx(13 / 22, abs=EXACT)
