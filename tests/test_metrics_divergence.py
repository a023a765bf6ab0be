"""Answers after rated contacts: which contact counts, the four cells, and what was on the way."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from test_metrics_sides import contacts, study, touches

from cxanalysis.metrics.divergence import (
    content_difference,
    divergence,
    divergence_touchpoints,
)
from cxanalysis.metrics.intervals import wilson
from cxanalysis.study import Study

# Sums of small whole numbers, divided once or twice.
EXACT = 1e-9


def answers(*rows: tuple[str | None, str, float | None]) -> pd.DataFrame:
    """Customer, moment and overall satisfaction."""
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "overall_satisfaction"])
    return pd.DataFrame(
        {
            "response_id": [f"r{number}" for number in range(len(frame))],
            "customer_id": frame["customer_id"],
            "responded_at": pd.to_datetime(frame["at"], utc=True, format="ISO8601"),
            "overall_satisfaction": frame["overall_satisfaction"].astype(float),
        }
    )


def rated(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    """Customer, moment and rating of the contact."""
    frame = contacts(*((who, at, 60, 0) for who, at, _ in rows))
    return frame.assign(csat=pd.array([csat for *_, csat in rows], dtype="Float64").astype(float))


def pairs(surveys: pd.DataFrame, tickets: pd.DataFrame, **other: Any) -> Study:
    return study(tickets=tickets, surveys=surveys, **other)


def counts(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    return {(row["service"], row["overall"]): row["n"] for row in table.to_dict("records")}


FOUR = answers(
    ("a", "2026-02-01", 5), ("b", "2026-02-01", 3), ("c", "2026-02-01", 4), ("d", "2026-02-01", 1)
)
CONTACTS = rated(
    ("a", "2026-01-10", 5), ("b", "2026-01-10", 4), ("c", "2026-01-10", 3), ("d", "2026-01-10", 1)
)


def test_each_answer_falls_into_one_of_four_cells() -> None:
    table = divergence(pairs(FOUR, CONTACTS))
    assert set(counts(table).values()) == {1}
    assert list(table["share"]) == [0.25] * 4
    assert list(table["within"]) == [0.5] * 4
    assert tuple(table.loc[0, ["share_low", "share_high"]]) == pytest.approx(wilson(1, 4))


def test_the_last_rated_contact_before_the_answer_counts() -> None:
    tickets = rated(
        ("a", "2026-01-10", 5),
        ("a", "2026-01-20", 2),
        ("a", "2026-01-25", None),  # not rated
        ("a", "2026-02-01", 5),  # at the answer itself, not before
    )
    table = divergence(pairs(answers(("a", "2026-02-01", 5)), tickets))
    assert counts(table)["low", "high"] == 1


def test_contact_counts_once_it_is_over() -> None:
    tickets = rated(
        ("a", "2025-10-20", 3),  # opened before the window, solved within it
        ("a", "2026-01-20", 5),  # solved after the answer
        ("b", "2026-01-20", 5),  # never solved
    )
    solved = pd.to_datetime(["2026-01-15", "2026-02-03", None], utc=True)
    surveys = answers(("a", "2026-02-01", 5), ("b", "2026-02-01", 5))
    table = divergence(pairs(surveys, tickets.assign(solved_at=solved)))
    assert counts(table)["low", "high"] == 1
    assert counts(table)["high", "high"] == 1


def test_of_two_contacts_at_the_same_instant_the_lower_rating_counts() -> None:
    tickets = rated(("a", "2026-01-10", 5), ("a", "2026-01-10", 2))
    table = divergence(pairs(answers(("a", "2026-02-01", 5)), tickets))
    assert counts(table) == {
        ("high", "high"): 0,
        ("high", "low"): 0,
        ("low", "high"): 1,
        ("low", "low"): 0,
    }
    assert set(table["note"]) <= {"withheld: fewer than 2", "no such answers"}


def test_contacts_before_the_window_and_of_others_do_not_count() -> None:
    tickets = rated(("a", "2025-10-01", 5), ("b", "2026-01-10", 5))
    table = divergence(pairs(answers(("a", "2026-02-01", 5), (None, "2026-02-01", 4)), tickets))
    assert set(table["n"]) == {0}
    assert set(table["note"]) == {"no such answers"}


def test_only_answers_of_the_period_count_but_contacts_before_it_do() -> None:
    surveys = answers(("a", "2026-02-01", 5), ("a", "2026-03-01", 2))
    table = divergence(pairs(surveys, CONTACTS, period="2026-03"))
    assert counts(table)["high", "low"] == 1
    assert table["n"].sum() == 1


def test_cells_below_the_least_base_are_withheld() -> None:
    table = divergence(pairs(FOUR, CONTACTS, metrics={"min_base": 3}))
    assert table["share"].notna().all()
    assert table["within"].isna().all()
    assert set(table["note"]) == {"withheld: fewer than 3"}


def test_difference_is_that_of_the_shares_not_content() -> None:
    surveys = answers(
        *((who, "2026-02-01", 5) for who in "abc"), *((who, "2026-02-01", 1) for who in "defgh")
    )
    tickets = rated(
        *((who, "2026-01-10", 5) for who in "abcd"), *((who, "2026-01-10", 1) for who in "efgh")
    )
    found = content_difference(pairs(surveys, tickets))
    assert found["difference"] == pytest.approx(4 / 4 - 1 / 4, abs=EXACT)
    assert found["conf_low"] < found["difference"] < found["conf_high"]
    assert content_difference(pairs(FOUR, CONTACTS, metrics={"min_base": 3})).isna().all()


def test_places_on_the_way_are_compared_among_the_well_served() -> None:
    surveys = answers(*((who, "2026-02-01", 5 if who in "ab" else 2) for who in "abcde"))
    tickets = rated(*((who, "2026-01-20", 1 if who == "e" else 5) for who in "abcde"))
    journeys = touches(
        ("a", "2026-01-05", "use/app", 5),
        ("b", "2026-01-05", "use/app", 4),
        ("c", "2026-01-05", "use/app", 2),
        ("d", "2026-01-05", "use/app", 1),
        ("e", "2026-01-05", "use/app", 5),  # not served well
        ("c", "2026-02-03", "use/app", 5),  # after the answer
        ("c", "2026-01-06", "buy/shop", 3),  # too few
    )
    opened = pairs(surveys, tickets, journeys=journeys)
    table = divergence_touchpoints(opened)
    row = table.iloc[0]
    assert len(table) == 1
    assert (row["stage"], row["touchpoint"], row["n"], row["n_others"]) == ("use", "app", 2, 2)
    assert (row["rating"], row["others"], row["difference"]) == (1.5, 4.5, -3.0)
    assert row["p_adjusted"] == row["p_value"]
    everything = divergence_touchpoints(opened, "journey").iloc[0]
    assert (everything["stage"], everything["n"], everything["rating"]) == ("all", 3, 2.0)


@pytest.mark.parametrize(
    ("table", "column"), [("tickets", "csat"), ("surveys", "overall_satisfaction")]
)
def test_without_a_rating_there_is_nothing_to_compare(table: str, column: str) -> None:
    frames = {"surveys": FOUR, "tickets": CONTACTS}
    frames[table] = frames[table].drop(columns=column)
    lacking = pairs(**frames)
    assert divergence(lacking).empty
    assert divergence_touchpoints(lacking).empty
    assert content_difference(lacking).isna().all()
