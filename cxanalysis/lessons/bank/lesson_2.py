"""Lesson 2, service metrics by hand: handle time, abandonment, first-contact resolution."""

from __future__ import annotations

import pandas as pd

import cxanalysis as cx
from cxanalysis.lessons import simulations
from cxanalysis.lessons.exercise import Exercise, Trap
from cxanalysis.lessons.kinds import Letters, Number, Share
from cxanalysis.lessons.material import story

PARTS = ("talk_seconds", "hold_seconds", "wrap_seconds")
SHORT = 20  # seconds
TARGETS = (12, 10, 8, 6, 5, 4, 3)  # minutes
MINUTE = 60


def _calls() -> pd.DataFrame:
    tickets: pd.DataFrame = cx.read_sample().frame("tickets")
    return tickets.query("channel == 'phone'")


def _handle_time(*, parts: tuple[str, ...] = PARTS, over: str = "handled") -> float:
    """Minutes of handling, for each handled call, each call at all, or each matter."""
    calls = _calls()
    handled = calls[~calls["abandoned"]]
    cases = {
        "handled": len(handled),
        "offered": len(calls),
        "issues": handled["issue_id"].nunique(),
    }
    return float(handled[list(parts)].to_numpy().sum() / cases[over] / MINUTE)


def _median() -> float:
    calls = _calls()
    return float(calls.loc[~calls["abandoned"], list(PARTS)].sum(axis=1).median() / MINUTE)


def _left(story_name: str) -> tuple[int, int]:
    """Contacts that were abandoned, and all of them."""
    tickets = story(story_name).frame("tickets")
    return int(tickets["abandoned"].sum()), len(tickets)


def _unreached() -> float:
    tickets = story("late_delivery").frame("tickets")
    reached = set(tickets.loc[~tickets["abandoned"], "customer_id"])
    return 1 - len(reached) / tickets["customer_id"].nunique()


def _abandonment(*, short_in: str = "neither") -> float:
    """Abandonment with calls abandoned soon left out of the one, the other, both or neither."""
    calls = _calls()
    soon = int((calls["abandoned"] & (calls["queue_wait_seconds"] < SHORT)).sum())
    left, offered = int(calls["abandoned"].sum()), len(calls)
    return (left - soon * (short_in != "both")) / (offered - soon * (short_in == "neither"))


def _fcr() -> pd.Series[float]:
    panel: pd.DataFrame = cx.definition_panel(cx.read_sample())
    return panel.query("metric == 'first_contact_resolution'")["value"]


def _first_bad_target() -> int:
    fcr = {t: simulations.handle_time_target(t).first_contact_resolution for t in TARGETS}
    return max(target for target, share in fcr.items() if share < 0.5)


def _longer(figure: str) -> float:
    bound = simulations.handle_time_target(_first_bad_target())
    return float(getattr(bound, figure) / getattr(simulations.handle_time_target(None), figure) - 1)


EXERCISES = (
    Exercise(
        "2.1",
        Number("minutes", 0.05),
        _handle_time,
        "All three parts, over the calls that were handled.",
        (
            "Three columns make up the handling; one column says which calls to leave out.",
            "Keep the rows that are not abandoned, add the three columns, take the mean, and "
            "divide by 60.",
        ),
        (
            Trap(
                lambda: _handle_time(over="offered"),
                "abandoned calls were counted as handled in no time; leave them out.",
            ),
            Trap(
                lambda: _handle_time(parts=PARTS[:1]),
                "that is talking alone; holding and wrapping up belong to it.",
            ),
            Trap(
                lambda: _handle_time(parts=PARTS[:2]),
                "the wrapping up of notes belongs to it, too.",
            ),
            Trap(_median, "that is the median; the average was asked for."),
        ),
    ),
    Exercise(
        "2.2",
        Number("minutes", 0.05),
        lambda: _handle_time(over="issues"),
        "A matter takes longer than a contact: some take several.",
        (
            "Add up the handled calls of each issue first.",
            '`groupby("issue_id")`, the sum of the minutes in each, then the mean of the sums.',
        ),
        (
            Trap(_handle_time, "that is per call; add up the calls of each issue first."),
            Trap(
                lambda: _handle_time(over="issues", parts=PARTS[:1]),
                "that is talking alone; holding and wrapping up belong to it.",
            ),
        ),
    ),
    Exercise(
        "2.3",
        Share(),
        lambda: _left("late_delivery")[0] / _left("late_delivery")[1],
        "Counted as a contact centre counts.",
        (
            "Each row is a contact.",
            "The rows in which `abandoned` is true, divided by all rows.",
        ),
        (Trap(_unreached, "that counts customers; here count contacts."),),
    ),
    Exercise(
        "2.4",
        Share(),
        _unreached,
        "In the end the buyer was answered: nobody is left who never was.",
        (
            "How many customers are in the table, and how many of them were never answered?",
            "A customer has never reached anybody if *all* of their contacts were abandoned.",
        ),
        (
            Trap(
                lambda: _left("late_delivery")[0] / _left("late_delivery")[1],
                "that is the share of contacts; there is one customer here.",
            ),
            Trap(
                lambda: 1.0,
                "the customer hung up twice, but was answered at the third attempt.",
            ),
        ),
    ),
    Exercise(
        "2.5",
        Share(tolerance=0.0005),
        _abandonment,
        "A small step in the definition, and every month looks a little better.",
        (
            "Find the calls that were abandoned before 20 seconds of waiting.",
            "Take these calls out of the table altogether; then which share of the rest was "
            "abandoned?",
        ),
        (
            Trap(
                lambda: _abandonment(short_in="both"),
                "that leaves nothing out; take those who left within 20 seconds out.",
            ),
            Trap(
                lambda: _abandonment(short_in="whole"),
                "take them out of all calls, too, not of the abandoned alone.",
            ),
        ),
    ),
    Exercise(
        "2.6",
        Share(),
        lambda: float(
            (~story("broken_television").frame("tickets")["issue_id"].duplicated(keep=False)).mean()
        ),
        "One matter, three contacts: nothing was settled at the first.",
        (
            "How many matters are in the table? `issue_id` tells.",
            "The one matter took three contacts. Was it settled at the first of them?",
        ),
        (
            Trap(
                lambda: 1 / 3,
                "that counts contacts; the question is about matters.",
            ),
            Trap(lambda: 1.0, "it was settled, but at which contact?"),
        ),
    ),
    Exercise(
        "2.7",
        Number("percentage points", 0.6),
        lambda: 100 * float(_fcr().max() - _fcr().min()),
        "That much lies between two readings of one log.",
        (
            "The highest and the lowest of the column `value`.",
            "Subtract the lowest from the highest and multiply by 100.",
        ),
        (
            Trap(
                lambda: float(_fcr().max() - _fcr().min()),
                "that is a share; multiply by 100 for percentage points.",
            ),
        ),
    ),
    Exercise(
        "2.8",
        Number("minutes", 0.01),
        _first_bad_target,
        "Each step looks small, and then most customers have to ring again.",
        (
            "`first_contact_resolution` of each result.",
            "Go down from 12 until it is below 0.5.",
        ),
        (
            Trap(
                lambda: TARGETS[TARGETS.index(_first_bad_target()) - 1],
                "look closely: there it is still just above one half.",
            ),
        ),
    ),
    Exercise(
        "2.9",
        Share(),
        lambda: _longer("minutes_per_issue"),
        "So much more work, for a better figure on the wall.",
        (
            "`minutes_per_issue` of both results.",
            "The one with the target divided by the one without, less 1.",
        ),
        (
            Trap(
                lambda: 1 + _longer("minutes_per_issue"),
                "that is how many times as long; by what share is it *longer*?",
            ),
            Trap(
                lambda: -_longer("handle_minutes"),
                "that is how much shorter a contact is; take all contacts of a matter.",
            ),
        ),
    ),
    Exercise(
        "2.10",
        Letters(("abc",) * 4),
        lambda: "bbcb",
        "On to what customers say.",
        (
            "Questions 1 and 3 are about cells that are empty for a reason.",
            "1: what do zeros do to a mean? 2: what made the figures of the panel differ? 3: has "
            "it had its seven days? 4: does either figure say how long a matter takes?",
        ),
    ),
)
