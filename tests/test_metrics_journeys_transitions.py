"""What follows what: counted by hand, ties and events whose days are not over included."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from test_metrics_journeys import events, study
from test_metrics_journeys_timeline import both, contacts

from cxanalysis.metrics.intervals import wilson
from cxanalysis.metrics.journeys.transitions import (
    contact_follows,
    transition_gap,
    transition_kinds,
    transitions,
)
from cxanalysis.study import Study, open_study

EXACT = 1e-9  # shares of small whole numbers
STORIES = Path(__file__).parents[1] / "data/stories"

# The data end on 1 April, so 30 days are over for events up to 2 March.
TOUCHES = events(
    ("a", "2026-01-01", "buy/shop", None),
    ("a", "2026-01-11", "use/app", None),
    ("b", "2026-01-01", "buy/shop", None),
    ("b", "2026-01-31", "use/app", None),  # thirty days to the microsecond
    ("c", "2026-01-01", "buy/shop", None),
    ("c", "2026-01-31T00:00:01Z", "use/app", None),  # a second too late
    ("d", "2026-01-01", "use/app", None),
    ("d", "2026-01-02", "buy/shop", None),
    ("d", "2026-03-20", "use/app", None),  # not over: neither followed nor the last
    ("z", "2026-04-01", "tell/review", None),
)
TICKETS = contacts(("a", "2026-01-20"), ("a", "2026-01-21"), ("y", "2026-03-31"))


def made(period: str = "all") -> Study:
    return both(TOUCHES, TICKETS, period)


def counts(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    some = table[table["count"] > 0]
    return {
        (origin, target): count
        for origin, target, count in zip(some["origin"], some["target"], some["count"], strict=True)
    }


def test_each_event_leads_to_the_next_one_of_its_customer() -> None:
    assert counts(transitions(made())) == {
        ("buy", "use"): 2,  # a and b
        ("buy", "nothing"): 2,  # c within thirty days, d for good
        ("use", "buy"): 1,
        ("use", "contact with service"): 1,
        ("use", "nothing"): 2,  # b and c
        ("contact with service", "contact with service"): 1,
        ("contact with service", "nothing"): 1,
    }


def test_shares_are_of_the_events_whose_days_are_over() -> None:
    row = transitions(made()).set_index(["origin", "target"]).loc[("buy", "use")]
    assert (row["n"], row["customers"]) == (4, 4)
    assert row["share"] == pytest.approx(1 / 2, abs=EXACT)
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(list(wilson(2, 4)))


def test_shares_of_an_origin_add_up_to_one() -> None:
    sums = transitions(made()).groupby("origin")["share"].sum()
    assert list(sums) == pytest.approx([1.0] * 3, abs=EXACT)


def test_an_event_whose_days_are_not_over_is_open() -> None:
    still = transitions(made()).groupby("origin")["open"].first()
    assert still.to_dict() == {"buy": 0, "use": 1, "contact with service": 1}


def test_an_event_belongs_to_the_period_in_which_its_days_end() -> None:
    assert transitions(made("2026-01"))["n"].max() == 3  # a, b and c on 1 January
    february = transitions(made("2026-02"))
    assert counts(february) == {
        ("use", "contact with service"): 1,
        ("contact with service", "contact with service"): 1,
        ("contact with service", "nothing"): 1,
    } | {("buy", "nothing"): 1}
    later = transitions(made("2026-05"))
    assert later.empty


def test_customers_with_many_events_count_as_one_unit() -> None:
    rows = [("a", f"2026-01-{day:02}", "use/app", None) for day in range(1, 21)]
    rows += [("b", f"2026-01-{2 * day:02}", "use/app", None) for day in range(1, 11)]
    rows += [("b", f"2026-01-{2 * day + 1:02}", "buy/shop", None) for day in range(1, 11)]
    rows += [("z", "2026-04-01", "tell/review", None)]
    row = transitions(study(events(*rows))).set_index(["origin", "target"]).loc[("use", "use")]
    assert (row["count"], row["n"], row["customers"]) == (19, 30, 2)
    as_single_cases = wilson(19, 30)
    assert row["conf_low"] < as_single_cases.low
    assert row["conf_high"] > as_single_cases.high


def test_events_of_one_instant_follow_the_stages_and_are_counted() -> None:
    rows = [("a", "2026-01-01", f"{stage}/x", None) for stage in ("use", "buy")]
    rows += [("b", "2026-01-01", f"{stage}/x", None) for stage in ("use", "buy")]
    rows += [("z", "2026-04-01", "tell/x", None)]
    table = transitions(study(events(*rows)))
    assert counts(table) == {("buy", "use"): 2, ("use", "nothing"): 2}
    assert table.groupby("origin")["tied"].first().to_dict() == {"buy": 2, "use": 0}


def test_kinds_of_steps_are_told_by_the_order_of_stages() -> None:
    table = transition_kinds(made()).set_index("kind")
    assert table["count"].to_dict() == {
        "later stage": 2,
        "same stage": 0,
        "earlier stage": 1,
        "contact with service": 1,
        "nothing": 4,
    }
    assert set(table["n"]) == {8}


def test_a_stage_out_of_the_order_is_no_step_forward_or_back() -> None:
    odd = events(("a", "2026-01-01", "buy/x", None), ("a", "2026-01-02", "other/x", None))
    table = transition_kinds(study(pd.concat([TOUCHES, odd])))
    assert table["n"].max() == transition_kinds(study(TOUCHES))["n"].max()


def test_stages_are_compared_in_how_often_a_contact_follows() -> None:
    table = contact_follows(made())
    assert list(table["stage"]) == ["use", "buy"]
    assert table["share"].tolist() == pytest.approx([1 / 4, 0], abs=EXACT)
    assert table.loc[1, "difference"] == pytest.approx(1 / 4, abs=EXACT)
    assert 0 < table.loc[1, "p_value"] < 1


def test_stages_without_any_contact_after_them_do_not_differ() -> None:
    table = contact_follows(study(TOUCHES))
    assert list(table["share"]) == [0, 0]
    assert table.loc[1, "p_value"] == 1


def test_shares_on_few_events_are_withheld() -> None:
    few = both(TOUCHES, TICKETS, metrics={"min_base": 5})
    assert transitions(few)["share"].isna().all()
    assert set(transitions(few)["note"]) == {"withheld: fewer than 5"}
    assert contact_follows(few).empty


@pytest.mark.parametrize("rows", [0, 1])
def test_with_no_event_that_is_over_there_is_no_step(rows: int) -> None:
    few = study(TOUCHES.iloc[:rows])
    assert transitions(few).empty
    assert transition_kinds(few).empty
    assert contact_follows(few).empty


def test_without_journeys_it_says_so() -> None:
    bare = made()
    bare = Study(bare.path, bare.config, bare.engine, {"tickets": bare.tables["tickets"]})
    assert transition_gap(bare) == "needs journeys"
    assert transitions(bare).empty


def test_the_buyer_calls_again_within_a_day_once() -> None:
    found = counts(transitions(open_study(STORIES / "late_delivery"), 1))
    assert found == {
        ("awareness", "purchase"): 1,  # a day later to the hour
        ("purchase", "nothing"): 1,  # nine days to the first call
        ("contact with service", "contact with service"): 1,
        ("contact with service", "nothing"): 2,
    }


def test_the_guest_hears_reads_and_looks_at_the_booking_page() -> None:
    found = counts(transitions(open_study(STORIES / "restaurant"), 6))
    assert found == {("awareness", "awareness"): 1, ("awareness", "discovery"): 1} | {
        ("discovery", "interaction"): 1
    }
