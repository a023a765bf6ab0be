"""Lesson 1, a journey as data: the restaurant and the home office."""

from __future__ import annotations

from typing import Any

import pandas as pd

import cxanalysis as cx
from cxanalysis.lessons.exercise import Exercise, Trap
from cxanalysis.lessons.kinds import Letters, Names, Number, Share
from cxanalysis.lessons.material import story

SERVICE = ("ordering", "serving")
MIDDLE = 3  # of the scale from 1 to 5
RULES = ("mean", "worst", "last", "peak_end", "service")
DAY = 86400


def _dinner() -> pd.DataFrame:
    return story("restaurant").frame("journeys")


def _before(touchpoint: str) -> int:
    dinner = _dinner()
    at = dinner.loc[dinner["touchpoint"] == touchpoint, "occurred_at"].iloc[0]
    return int((dinner["occurred_at"] < at).sum())


def _mean(*, service: bool | None) -> float:
    dinner = _dinner()
    is_service = dinner["touchpoint"].isin(SERVICE)
    rows = dinner if service is None else dinner[is_service == service]
    return float(rows["rating"].mean())


def _low_rules() -> tuple[str, ...]:
    scores = cx.journey_scores(story("restaurant")).iloc[0]
    return tuple(rule for rule in RULES if scores[rule] < MIDDLE)


def _bill() -> float:
    dinner = _dinner()
    bill = dinner[dinner["touchpoint"] == "bill"]
    return float(bill["value"].sum() / bill["expected_value"].sum())


def _visits(column: str) -> float:
    return float(story("home_office").frame("journeys")[column].sum())


def _promise(column: str) -> Any:
    return cx.promise_rows(story("home_office"))[column].iloc[0]


def _rang_after(moment: pd.Timestamp) -> float:
    opened = story("home_office").frame("tickets")["opened_at"].min()
    return float((opened - moment).total_seconds() / DAY)


def _promised() -> pd.Timestamp:
    """When the window was promised, not for when."""
    work = story("home_office").frame("journeys")
    return pd.Timestamp(work.loc[work["promised_at"].notna(), "occurred_at"].iloc[0])


EXERCISES = (
    Exercise(
        "1.1",
        Number("touches"),
        lambda: _before("ordering"),
        "Before the waiter says a word, the guest has an opinion.",
        (
            "The rows stand in the order of time.",
            "Count the rows above the first of `ordering` and `serving`. A friend's tip is a "
            "touch, too.",
        ),
        (
            Trap(lambda: _before("ordering") - 2, "the tip and the reviews are touches as well."),
            Trap(
                lambda: _before("serving"), "that counts a row of the service itself: the ordering."
            ),
        ),
    ),
    Exercise(
        "1.2",
        Number(tolerance=0.05),
        lambda: _mean(service=True),
        "A survey about the waiter would show the best score there is.",
        (
            "Two of the rows are service.",
            'Keep the rows whose touchpoint is "ordering" or "serving", then take the mean of '
            "`rating`.",
        ),
        (Trap(lambda: _mean(service=None), "that is the mean of all touches."),),
    ),
    Exercise(
        "1.3",
        Number(tolerance=0.05),
        lambda: _mean(service=None),
        "The service pulls it up; most of what the guest met with was something else.",
        (
            "The mean of a whole column.",
            'dinner["rating"] is the column; each touch counts once, the service included.',
        ),
        (Trap(lambda: _mean(service=False), "the service belongs to the whole."),),
    ),
    Exercise(
        "1.4",
        Names(RULES),
        _low_rules,
        "Three rules see what the mean hides.",
        (
            "The middle of a scale from 1 to 5 is 3.",
            "Compare the five rows of that name in the table with 3; a rule says so if its value "
            "is below.",
        ),
        (Trap(lambda: (*_low_rules(), "mean"), "one of yours is just above the middle."),),
    ),
    Exercise(
        "1.5",
        Share(),
        lambda: _bill() - 1,
        "The gap to what was expected is a fact; what the guest made of it is the rating beside.",
        (
            "The row of the bill has `value` and `expected_value`.",
            "The difference of the two, divided by what was expected.",
        ),
        (
            Trap(_bill, "that is the bill as a share of what was expected; how much *higher*?"),
            Trap(lambda: 1 - 1 / _bill(), "divide by what was expected, not by the bill."),
        ),
    ),
    Exercise(
        "1.6",
        Number("visits", 0.005),
        lambda: _visits("actual_quantity") / _visits("planned_quantity"),
        "Three visits more than planned, and each of them a day in somebody's diary.",
        (
            "Two columns, two sums.",
            "All visits that were made, divided by all that were planned.",
        ),
        (
            Trap(
                lambda: _visits("planned_quantity") / _visits("actual_quantity"),
                "the other way round: what it took for what was planned.",
            ),
            Trap(
                lambda: _visits("actual_quantity") - _visits("planned_quantity"),
                "that is how many more; the question is how many *for each* one planned.",
            ),
        ),
    ),
    Exercise(
        "1.7",
        Number("days", 0.5),
        lambda: _rang_after(_promise("promised_at")),
        "Nobody rings on the day itself: customers wait before they chase.",
        (
            "Two moments: `promised_at` of the window, and `occurred_at` of the first contact.",
            "Subtract the first from the second; `.total_seconds() / 86400` makes days of it.",
        ),
        (
            Trap(
                lambda: _rang_after(_promised()),
                "that counts from the day of the promise, not from the day it was due.",
            ),
        ),
    ),
    Exercise(
        "1.8",
        Number("days", 0.05),
        lambda: _promise("moved_hours") / 24,
        "Four weeks, by a new promise.",
        (
            "`repromised_at` and `promised_at`.",
            "`moved_hours` is the distance between the two in hours; a day has 24.",
        ),
        (
            Trap(lambda: _promise("moved_hours"), "that is in hours; give it in days."),
            Trap(
                lambda: _promise("hours_late") / 24,
                "that is how late it is when the story ends; by how much was the *date* moved?",
            ),
        ),
    ),
    Exercise(
        "1.9",
        Letters(("abcd",)),
        lambda: "c",
        "At least so much: that is all anybody can know, and it is a good deal.",
        (
            "What do you know at the end of the story, and what do you not know?",
            "The window is not there. So its delay is longer than something that you can compute.",
        ),
        (
            Trap(lambda: "a", "a new date is a new promise, not a delivery."),
            Trap(lambda: "b", "the owner planned by the first date."),
            Trap(lambda: "d", "then the worst promises would never count."),
        ),
    ),
    Exercise(
        "1.10",
        Letters(("abc",) * 4),
        lambda: "bcab",
        "On to the metrics of service.",
        (
            "Questions 1 and 4 are about what a table does not hold.",
            "1: who writes tickets? 2: what lies on the other side of a mean? 3: why was the call "
            "made? 4: which promises are still open, the short delays or the long ones?",
        ),
    ),
)
