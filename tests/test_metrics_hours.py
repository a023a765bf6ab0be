"""Opening hours, targets, coverage by hour and backlog, each worked out by hand."""

from math import isnan

import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.metrics import (
    backlog,
    outside_hours,
    service_metrics,
    sla_by_channel,
    unanswered_by_hour,
)
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers
OFFICE = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")


def times(*texts: str | None) -> pd.Series:
    """Instants written in Berlin's time; None for none."""
    found = [
        pd.Timestamp(text, tz="Europe/Berlin").tz_convert("UTC") if text else pd.NaT
        for text in texts
    ]
    return pd.Series(found, dtype="datetime64[us, UTC]")


def study(tickets: pd.DataFrame, opening: bool = True, **metrics: object) -> Study:
    settings = {
        "name": "Test",
        "tables": {},
        "time_zone": "Europe/Berlin",
        "metrics": {"min_base": 2} | metrics,
    } | ({"opening_hours": OFFICE} if opening else {})
    return study_of(StudyConfig.model_validate(settings), {"tickets": tickets})


def figure(study: Study, metric: str) -> pd.Series:
    return service_metrics(study, only=[metric]).set_index("metric").loc[metric]


# Friday 6 March 2026 16:00 to Monday 10:00 is 66 hours by the clock, two of them open.
WEEKEND = pd.DataFrame(
    {
        "opened_at": times("2026-03-06 16:00", "2026-03-09 09:00", "2026-03-09 16:00"),
        "first_replied_at": times("2026-03-09 10:00", "2026-03-09 10:00", None),
        "solved_at": times("2026-03-09 12:00", "2026-03-10 10:00", None),
        "channel": ["email", "email", "email"],
    }
)


def test_weekend_and_night_do_not_count_in_opening_hours():
    # Open: 2 h, 1 h, and waiting still for 2 h (to Tuesday 10:00). Survival 2/3 at 1, 1/3 at 2.
    result = figure(study(WEEKEND), "first_reply_business")
    assert (result["value"], result["n"]) == (2, 3)
    assert result["note"] == "67% of 3 contacts answered"
    assert figure(study(WEEKEND), "first_reply")["value"] == 66
    # Solved after 4 h and 9 h; the open one has waited 2 h.
    assert figure(study(WEEKEND), "resolution_business")["value"] == 9


def test_contacts_opened_and_answered_while_closed_count_as_0_and_are_named():
    # Sunday night, answered in an hour by the clock; opened and answered at one moment: no wait.
    night = pd.DataFrame(
        {
            "opened_at": times("2026-03-08 22:00", "2026-03-09 09:00", "2026-03-08 22:00"),
            "first_replied_at": times("2026-03-08 23:00", "2026-03-09 12:00", "2026-03-08 22:00"),
            "channel": "email",
        }
    )
    result = figure(study(night, reply_hours={"email": 2}), "reply_on_time")
    assert (result["value"], result["n"]) == (pytest.approx(2 / 3), 3)
    assert result["note"] == "1 contact opened and answered outside hours counts as 0"
    median = figure(study(night), "first_reply_business")
    assert median["note"].endswith("; 1 contact opened and answered outside hours counts as 0")
    by_clock = figure(study(night, opening=False, reply_hours={"email": 2}), "reply_on_time")
    assert by_clock["note"] == ""


def test_without_opening_hours_the_figure_says_what_it_needs():
    result = figure(study(WEEKEND, opening=False), "first_reply_business")
    assert result["note"] == "needs the study file's opening_hours"


def test_target_counts_open_contacts_past_it_and_leaves_younger_ones_pending():
    # Replies after 2 h and 1 h, one open for 2 h.
    kept = figure(study(WEEKEND, reply_hours={"email": 1.5}), "reply_on_time")
    assert (kept["value"], kept["n"]) == (pytest.approx(1 / 3), 3)
    young = figure(study(WEEKEND, reply_hours={"email": 2}), "reply_on_time")
    assert (young["value"], young["n"]) == (1, 2)
    assert young["note"] == "1 open contact younger than the target left out"
    by_clock = figure(study(WEEKEND, opening=False, reply_hours={"email": 2}), "reply_on_time")
    assert (by_clock["value"], by_clock["n"]) == (pytest.approx(1 / 3), 3)


def test_targets_are_held_against_their_own_channel_only():
    tickets = pd.concat([WEEKEND, WEEKEND.assign(channel="chat"), WEEKEND.assign(channel="fax")])
    table = sla_by_channel(study(tickets, reply_hours={"email": 1.5, "chat": 3}))
    table = table.set_index("channel")
    assert list(table.index) == ["chat", "email"]
    assert list(table["target_hours"]) == [3, 1.5]
    assert list(table["value"]) == [1, pytest.approx(1 / 3)]
    assert list(table["pending"]) == [1, 0]
    assert list(table["median_hours"]) == [1.5, 1.5]
    assert list(table["p90_hours"]) == pytest.approx([1.9, 1.9])
    assert sla_by_channel(study(WEEKEND)).empty


# --- coverage --------------------------------------------------------------------------------


def test_unanswered_attempts_fall_on_their_local_hour_across_the_change_of_clocks():
    # Both on a Friday at 9 in Berlin, a week apart, before and after the clocks changed.
    tickets = pd.DataFrame(
        {
            "opened_at": times("2026-03-27 09:10", "2026-04-03 09:50", "2026-03-27 23:59"),
            "abandoned": [True, False, False],
        }
    )
    table = unanswered_by_hour(study(tickets))
    assert list(zip(table["weekday"], table["hour"], table["n"], strict=True)) == [
        (4, 9, 2),
        (4, 23, 1),
    ]
    assert table["value"].iloc[0] == 0.5
    assert isnan(table["value"].iloc[1])
    assert table["note"].iloc[1] == "withheld: fewer than 2"
    wide = unanswered_by_hour(study(tickets), width=12)
    assert list(wide["hour"]) == [0, 12]


def test_an_answer_after_more_than_a_day_is_none_and_a_young_attempt_is_not_judged():
    tickets = pd.DataFrame(
        {
            "opened_at": times("2026-03-02 09:00", "2026-03-02 09:00", "2026-03-09 09:00"),
            "first_replied_at": times("2026-03-02 12:00", "2026-03-04 09:00", None),
        }
    )
    table = unanswered_by_hour(study(tickets))
    assert list(table["n"]) == [2]
    assert list(table["value"]) == [0.5]


def test_attempts_inside_and_outside_opening_hours_are_told_apart():
    tickets = pd.DataFrame(
        {
            "opened_at": times(
                "2026-03-02 09:00", "2026-03-02 16:59", "2026-03-02 17:00", "2026-03-01 12:00"
            ),
            "abandoned": [False, True, True, True],
        }
    )
    table = outside_hours(study(tickets)).set_index("open")
    assert dict(table["n"]) == {False: 2, True: 2}
    assert dict(table["value"]) == {False: 1, True: 0.5}
    assert outside_hours(study(tickets, opening=False)).empty


def test_coverage_is_empty_where_nothing_tells_what_was_answered():
    assert unanswered_by_hour(study(WEEKEND[["opened_at", "solved_at"]])).empty


# --- backlog ---------------------------------------------------------------------------------


def test_backlog_counts_what_is_open_at_local_midnight_and_how_old_it_is():
    tickets = pd.DataFrame(
        {
            "opened_at": times(
                "2026-01-20", "2026-01-22", "2026-01-30", "2026-01-31", "2026-03-05"
            ),
            "solved_at": times("2026-02-10", None, "2026-02-01 00:00", "2026-01-31 12:00", None),
            "abandoned": False,
        }
    )
    base = study(tickets)
    march = Study(
        base.path, base.config, base.engine, base.tables, parse_period("2026-02", "Europe/Berlin")
    )
    table = backlog(march)
    # The one solved at the midnight that ends January was open until then.
    assert list(table["open"]) == [3, 1]
    assert table["age_p50"].iloc[0] == pytest.approx(10, abs=EXACT)
    assert isnan(table["age_p50"].iloc[1])
    assert list(table["period"]) == ["January 2026", "February 2026"]


def test_backlog_of_all_dates_goes_by_months_and_forgets_the_abandoned():
    tickets = WEEKEND.assign(abandoned=[False, False, True])
    assert list(backlog(study(tickets))["open"]) == []
    later = pd.concat([tickets, tickets.assign(opened_at=times(*["2026-05-04 10:00"] * 3))])
    assert list(backlog(study(later.assign(solved_at=times(*[None] * 6))))["open"]) == [2, 2]
    assert backlog(study(WEEKEND.drop(columns="solved_at"))).empty
