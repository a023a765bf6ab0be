"""Lesson 4, the silent ones: who makes contact, who answers, and what dropping rows does."""

from __future__ import annotations

import pandas as pd

import cxanalysis as cx
from cxanalysis.lessons import simulations
from cxanalysis.lessons.exercise import Exercise, Trap
from cxanalysis.lessons.kinds import Letters, Number, Share
from cxanalysis.study import Study

STOPS = (0, 0.1, 0.2, 0.3, 0.4, 0.5)
FLATTERED = 20  # points
OUTCOME = "overall_satisfaction"


def _study() -> Study:
    study: Study = cx.read_sample()
    return study


def _silent(*tables: str) -> float:
    """Share of the customers on the list who are in none of the tables."""
    study = _study()
    listed = set(study.frame("customers")["customer_id"])
    for table in tables:
        rows = study.frame(table)
        rows = rows.dropna(subset="responded_at") if table == "surveys" else rows
        listed -= set(rows["customer_id"])
    return len(listed) / len(study.frame("customers"))


def _answered() -> tuple[int, int]:
    """Invitations answered, and all of them."""
    surveys = _study().frame("surveys")
    return int(surveys["responded_at"].count()), len(surveys)


def _bound(score: float) -> float:
    """NPS of all who were invited, had the silent this one."""
    scores = _study().frame("surveys")["nps"].dropna()
    total = 100 * int((scores >= 9).sum() - (scores <= 6).sum())
    answered, invited = _answered()
    return (total + (invited - answered) * score) / invited


def _flattering() -> float:
    companies = {tilt: simulations.silence(tilt) for tilt in STOPS}
    return min(t for t, found in companies.items() if found.heard - found.everyone > FLATTERED)


def _by_contact() -> pd.DataFrame:
    """Number, sum and mean of the outcome with a contact (1) and without one (0)."""
    features: pd.DataFrame = cx.build_features(_study())
    return features.groupby("contacted")[OUTCOME].agg(["size", "sum", "mean"])


def _dropped(group: int) -> float:
    """Mean of one group less the mean of all."""
    groups = _by_contact()
    return float(groups["mean"][group]) - float(groups["sum"].sum() / groups["size"].sum())


EXERCISES = (
    Exercise(
        "4.1",
        Share(),
        lambda: _silent("tickets"),
        "More than two in three are in no record of contacts.",
        (
            "The list is `customers`; who made contact is in `tickets`.",
            '`customers["customer_id"].isin(tickets["customer_id"])` says for each whether they '
            "did. The question is who did not.",
        ),
        (
            Trap(
                lambda: 1 - _silent("tickets"),
                "that is the share that made contact; the question is about the others.",
            ),
            Trap(
                lambda: 1 - len(_study().frame("tickets")) / len(_study().frame("customers")),
                "that counts tickets; some customers have several.",
            ),
        ),
    ),
    Exercise(
        "4.2",
        Share(),
        lambda: _answered()[0] / _answered()[1],
        "And so most of what was asked was not answered.",
        (
            "Each row of `surveys` is an invitation.",
            "The rows in which `responded_at` is not empty, divided by all rows.",
        ),
        (
            Trap(
                lambda: 1 - _answered()[0] / _answered()[1],
                "that is the share that was not answered.",
            ),
            Trap(
                lambda: _answered()[0] / len(_study().frame("customers")),
                "divide by invitations, not by customers: some were invited more than once.",
            ),
        ),
    ),
    Exercise(
        "4.3",
        Share(),
        lambda: _silent("tickets", "surveys"),
        "Not a word from them, in either table.",
        (
            "Who is heard: everybody in `tickets`, and everybody who answered.",
            "Put both into one set of customers, and count who on the list is not in it. An "
            "invitation alone is not an answer.",
        ),
        (
            Trap(
                lambda: 1 - _silent("tickets", "surveys"), "that is the share that is heard at all."
            ),
            Trap(
                lambda: _silent("tickets") * _silent("surveys"),
                "multiplying the two shares takes for granted that they have nothing to do with "
                "each other; count.",
            ),
        ),
    ),
    Exercise(
        "4.4",
        Number(tolerance=0.001),
        _flattering,
        "A slight leaning of the happy towards answering is enough.",
        (
            "`heard` less `everyone`, for each stop.",
            "Go up from 0 until the difference is above 20 points.",
        ),
        (
            Trap(
                lambda: STOPS[STOPS.index(_flattering()) + 1],
                "it is above 20 there, but not for the first time.",
            ),
        ),
    ),
    Exercise(
        "4.5",
        Letters(("abc",)),
        lambda: "c",
        "More of the same answers are more of the same mistake.",
        (
            "Try it with both numbers of customers.",
            "Has the *reason* why some answer and others do not changed?",
        ),
        (
            Trap(lambda: "a", "that is what chance errors do; this one is none."),
            Trap(lambda: "b", "that is what the square of a chance error does; this one is none."),
        ),
    ),
    Exercise(
        "4.6",
        Number("points", 0.6),
        lambda: _bound(-100),
        "So low, if every silent one were a detractor.",
        (
            "What would NPS be among those who did not answer, if all of them had said 0?",
            "Those who answered make up the response rate, with their NPS; the rest has the "
            "lowest NPS there is. Weight the two.",
        ),
        (
            Trap(lambda: _bound(100), "that is the highest; the lowest was asked for."),
            Trap(
                lambda: _bound(0),
                "an NPS of 0 is not the lowest: what is it if everybody says 0 of 10?",
            ),
            Trap(lambda: _bound(-100) / 100, "that is a share; NPS is in points."),
        ),
    ),
    Exercise(
        "4.7",
        Share(),
        lambda: float(_by_contact()["size"][1] / _by_contact()["size"].sum()),
        "Most of what customers have said would be thrown away.",
        (
            "The column `contacted` of `features`.",
            "The rows in which it is 1, divided by all rows.",
        ),
        (
            Trap(
                lambda: float(_by_contact()["size"][0] / _by_contact()["size"].sum()),
                "that is the share that would be dropped.",
            ),
        ),
    ),
    Exercise(
        "4.8",
        Number("points of the scale", 0.005),
        lambda: _dropped(1),
        "Those who had to call are not like the others.",
        (
            "Two means of one column: of the rows that are left, and of all.",
            "The mean where `contacted` is 1, less the mean of all rows.",
        ),
        (
            Trap(lambda: -_dropped(1), "the other way round: what is left, less all."),
            Trap(
                lambda: _dropped(1) - _dropped(0),
                "that compares with those who are dropped; compare with all.",
            ),
        ),
    ),
    Exercise(
        "4.9",
        Letters(("abc",)),
        lambda: "b",
        "A good question, and another one.",
        (
            "Whose rows are left, and whose are not?",
            "Somebody without a contact is in none of the rows. What can the model not speak of?",
        ),
        (
            Trap(lambda: "a", "customers who never called are customers, too."),
            Trap(lambda: "c", "it does answer a question, of some customers."),
        ),
    ),
    Exercise(
        "4.10",
        Letters(("abc",) * 4),
        lambda: "bcab",
        "On to the question of the course.",
        (
            "Each of the four is about *why* something is not there.",
            "1: who was missing before? 2: is there a call that could have been settled? 3: what "
            "do the weights know? 4: what can more of the same answers not tell?",
        ),
    ),
)
