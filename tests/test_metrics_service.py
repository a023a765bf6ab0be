from dataclasses import replace
from math import isnan, nan

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.engine import Engine, collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics import service_metrics
from cxanalysis.metrics.history import earlier_figures
from cxanalysis.metrics.intervals import wilson
from cxanalysis.metrics.rows import grouped, totals
from cxanalysis.metrics.service_handling import _aggregates, counted_contacts, counted_rows
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers
DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2026-01-01", tz="UTC")


def days(*numbers: float) -> pd.Series:
    """Instants so many days after the start; NaN for none."""
    return pd.Series([START + number * DAY for number in numbers], dtype="datetime64[us, UTC]")


def study(tickets: pd.DataFrame, customers: pd.DataFrame | None = None, **metrics: object) -> Study:
    settings = {"name": "Test", "tables": {}, "metrics": {"min_base": 2} | metrics}
    frames = {"tickets": tickets} | ({} if customers is None else {"customers": customers})
    return study_of(StudyConfig.model_validate(settings), frames)


def figure(study: Study, metric: str) -> pd.Series:
    return service_metrics(study).set_index("metric").loc[metric]


def resolution(customers: str, when: list[float], **columns: object) -> pd.Series:
    """First-contact resolution of attempts, each by the customer of that letter.

    A customer z in the data's first moment and 60 days later sets where the data begin and end;
    the first is too early to begin an issue, the second too young to count.
    """
    tickets = pd.DataFrame(
        {"customer_id": [*customers, "z", "z"], "opened_at": days(*when, 0, 60)}
        | {name: [*values, *values[:1] * 2] for name, values in columns.items()}
    )
    tickets["abandoned"] = tickets.get("abandoned", pd.Series(False, tickets.index))
    return figure(study(tickets), "first_contact_resolution")


# --- handle time ---------------------------------------------------------------------------


def test_handle_time_is_the_sum_of_its_parts_over_handled_contacts():
    # Handled: 100 + 20 + 30 = 150 and 40 + 0 + 10 = 50; 200 s over 2. The abandoned one, the
    # one of zero seconds and the one without talk time are left out.
    tickets = pd.DataFrame(
        {
            "opened_at": days(1, 2, 3, 4, 5),
            "talk_seconds": [100, 40, 500, 0, nan],
            "hold_seconds": [20.0, 0, 0, 0, 5],
            "wrap_seconds": [30.0, 10, 0, 0, 5],
            "abandoned": [False, False, True, False, False],
        }
    )
    result = figure(study(tickets), "handle_time")
    assert result["value"] == pytest.approx(100, abs=EXACT)
    assert result["n"] == 2
    # sd of 150 and 50 is 70.71, its standard error 50, t(1) = 12.706
    assert result["conf_high"] - result["value"] == pytest.approx(635.31, abs=0.01)
    assert "1 handled contact with a missing part left out" in result["note"]
    assert "median 1 min 40 s, 90th percentile 2 min 20 s" in result["note"]
    assert "talk + hold + wrap" in result["definition"]


def test_handle_time_says_which_parts_the_data_do_not_have():
    tickets = pd.DataFrame({"opened_at": days(1, 2), "talk_seconds": [10.0, 20]})
    result = figure(study(tickets), "handle_time")
    assert result["value"] == pytest.approx(15, abs=EXACT)
    assert "hold and wrap time not in the data" in result["definition"]


# --- first-contact resolution --------------------------------------------------------------


def test_an_issue_without_another_attempt_is_resolved_at_first_contact():
    # a: once. b: again after 3 days. Two issues, one resolved.
    result = resolution("abb", [20, 20, 23])
    assert (result["value"], result["n"]) == (0.5, 2)
    assert (result["conf_low"], result["conf_high"]) == wilson(1, 2)


def test_an_attempt_within_the_window_repeats_even_when_it_was_abandoned():
    result = resolution("aabb", [20, 22, 20, 30], abandoned=[False, True, False, False])
    # a's repeat was abandoned. b's second contact is 10 days later: an issue of its own.
    assert result["n"] == 3
    assert result["value"] == pytest.approx(2 / 3, abs=EXACT)


def test_an_abandoned_attempt_does_not_spoil_the_first_handled_contact():
    # a gives up on day 20 and is helped on day 21, with nothing after: resolved.
    # b only ever gives up: no handled contact, so no issue to count.
    result = resolution("aabcc", [20, 21, 20, 20, 21], abandoned=[True, False, True, False, False])
    assert (result["value"], result["n"]) == (0.5, 2)


def test_repeats_count_within_one_reason_and_exactly_until_the_window_closes():
    # a asks for two different reasons: two issues, both resolved.
    # b comes back after exactly 7 days: repeated.
    result = resolution("aabb", [20, 21, 20, 27], reason=["bill", "wifi", "bill", "bill"])
    assert result["n"] == 3
    assert result["value"] == pytest.approx(2 / 3, abs=EXACT)


def test_a_chain_of_short_gaps_is_one_issue():
    # Days 20, 26, 32, 38: gaps of 6 days, so one issue, not resolved at first contact.
    result = resolution("aaaab", [20, 26, 32, 38, 20])
    assert (result["value"], result["n"]) == (0.5, 2)


def test_contacts_of_the_first_days_begin_no_issue_since_their_past_is_unknown():
    # Data begin on day 0: an issue from day 3 may be a repeat of something earlier.
    result = resolution("abc", [3, 20, 20])
    assert result["n"] == 2


def test_a_contact_nobody_ever_answered_begins_no_issue():
    # a got no reply within the data, b got one, c's first attempt was answered by nobody.
    replied = [None, 21, None, 22]
    tickets = pd.DataFrame(
        {
            "customer_id": [*"abcc", "z", "z"],
            "opened_at": days(20, 20, 20, 21, 0, 60),
            "first_replied_at": days(*[nan if day is None else day for day in replied], 1, 61),
        }
    )
    result = figure(study(tickets), "first_contact_resolution")
    assert (result["value"], result["n"]) == (1, 2)


def test_an_issue_opened_again_is_not_resolved_at_first_contact():
    result = resolution("abc", [20, 20, 20], reopens=[0.0, 1.0, nan])
    assert result["n"] == 3
    assert result["value"] == pytest.approx(2 / 3, abs=EXACT)
    assert "nor was opened again" in result["definition"]


def test_any_reason_stands_beside_the_same_reason():
    # Same reason: 3 of 3. For any reason a's two contacts are one issue, repeated: 1 of 2.
    result = resolution("aab", [20, 21, 20], reason=["bill", "wifi", "bill"])
    low, high = wilson(1, 2)
    assert (result["value"], result["n"]) == (1, 3)
    assert f"for any reason 50.0% ({low:.1%} to {high:.1%}) of 2" in result["note"]
    assert "any reason" not in resolution("aab", [20, 21, 20])["note"]


def test_contacts_that_the_company_began_count_nowhere():
    # a is called back within the window (no repeat), b is called by the company alone, c and
    # d make contact, c gives up.
    began = ["customer", "company", "company", "customer", "customer"]
    tickets = pd.DataFrame(
        {
            "customer_id": [*"aabcd", "z", "z"],
            "opened_at": days(20, 22, 20, 20, 20, 0, 60),
            "initiator": [*began, "customer", None],
            "abandoned": [False, True, True, True, False, False, False],
            "talk_seconds": [60.0, 500, 500, nan, 60, 60, 60],
        }
    )
    table = service_metrics(study(tickets)).set_index("metric")
    metrics = ["first_contact_resolution", "abandonment", "handle_time"]
    assert table.loc[metrics, "n"].tolist() == [2, 5, 4]
    assert table.loc[metrics, "value"].tolist() == [1, 0.2, 60]
    assert "the company began are left out" in table["definition"]["abandonment"]


def test_young_issues_are_left_out_and_counted():
    # Data end on day 60 (an issue of z itself): day 55 is younger than 7 days.
    result = resolution("abc", [20, 20, 55])
    assert result["n"] == 2
    assert "2 issues less than 7 days old left out" in result["note"]


def test_contacts_without_a_customer_are_left_out_and_counted():
    tickets = pd.DataFrame(
        {"customer_id": ["a", None, "b", "z", "z"], "opened_at": days(20, 20, 21, 0, 60)}
    )
    result = figure(study(tickets), "first_contact_resolution")
    assert result["n"] == 2
    assert "1 contact without customer number left out" in result["note"]


def test_issue_numbers_group_attempts_and_need_no_history():
    # Issue 1 is asked about twice by two people: repeated. Issue 2 opened on the first day.
    # Issue 3 comes back after 20 days: beyond the window, and no issue of its own.
    tickets = pd.DataFrame(
        {
            "issue_id": ["1", "1", "2", "3", "3", "4"],
            "opened_at": days(20, 21, 0, 10, 30, 60),
        }
    )
    result = figure(study(tickets), "first_contact_resolution")
    assert result["n"] == 3
    assert result["value"] == pytest.approx(2 / 3, abs=EXACT)


def test_attempts_without_an_issue_number_fall_back_on_customer_and_reason():
    tickets = pd.DataFrame(
        {
            "issue_id": ["1", None, None, "2", "3"],
            "customer_id": ["a", "a", "a", "z", "z"],
            "opened_at": days(20, 21, 22, 0, 60),
        }
    )
    # Issue 1 resolved, a's unnumbered one repeated, issue 2 resolved, issue 3 too young.
    result = figure(study(tickets), "first_contact_resolution")
    assert (result["value"], result["n"]) == (pytest.approx(2 / 3), 3)


@pytest.mark.parametrize("decimals", [3, 0])
def test_resolution_agrees_with_the_definition_followed_by_hand_on_random_contacts(decimals):
    # Times of whole days: several contacts of a matter at one instant, handled and not.
    random = np.random.default_rng(7)
    n = 300
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"{number:03}" for number in range(n)],
            "customer_id": random.choice(list("abcdefghijkl"), n),
            "reason": random.choice(["bill", "wifi"], n),
            "opened_at": days(*np.sort(random.uniform(0, 120, n)).round(decimals)),
            "abandoned": random.random(n) < 0.3,
        }
    )
    window, first, last = 7 * DAY, tickets["opened_at"].min(), tickets["opened_at"].max()
    outcomes = []
    for _, attempts in tickets.groupby(["customer_id", "reason"]):
        parts = (attempts["opened_at"].diff() > window).cumsum()
        for _, issue in attempts.groupby(parts):
            taken = issue.loc[~issue["abandoned"], "opened_at"]
            if issue["opened_at"].iloc[0] < first + window or taken.empty:
                continue
            if taken.iloc[0] > last - window:
                continue
            later = attempts["opened_at"] - taken.iloc[0]
            outcomes.append(not ((later > 0 * DAY) & (later <= window)).any())
    result = figure(study(tickets.sample(frac=1, random_state=1)), "first_contact_resolution")
    assert 0 < sum(outcomes) < len(outcomes)
    assert (result["n"], result["value"]) == (len(outcomes), pytest.approx(np.mean(outcomes)))


def test_the_period_narrows_the_issues_but_not_where_repeats_are_looked_for():
    tickets = pd.DataFrame({"customer_id": list("azbcz"), "opened_at": days(29, 0, 40, 20, 90)})
    tickets.loc[len(tickets)] = ["a", START + 32 * DAY]  # in February, repeats a January issue
    january = parse_period("2026-01")
    base = study(tickets)
    narrowed = Study(base.path, base.config, base.engine, base.tables, january)
    result = figure(narrowed, "first_contact_resolution")
    assert (result["value"], result["n"]) == (0.5, 2)  # a repeated, c resolved


# --- abandonment ---------------------------------------------------------------------------

QUEUE = pd.DataFrame(
    {
        "opened_at": days(1, 2, 3, 4, 5, 6),
        "abandoned": [True, True, False, False, False, None],
        "queue_wait_seconds": [2.0, 60, 1, 5, 9, 30],
    }
)


def test_short_waits_leave_both_sides_of_abandonment():
    # Five known; the one that left after 2 s is not offered: 1 of 4. Unknown ones stay out.
    result = figure(study(QUEUE), "abandonment")
    assert (result["value"], result["n"]) == (0.25, 4)
    assert "after 5 s or more" in result["definition"]


def test_a_threshold_of_zero_and_a_missing_wait_give_the_raw_share_and_say_so():
    for result in (
        figure(study(QUEUE, short_abandon_seconds=0), "abandonment"),
        figure(study(QUEUE.drop(columns="queue_wait_seconds")), "abandonment"),
    ):
        assert (result["value"], result["n"]) == (pytest.approx(0.4), 5)
        assert "raw" in result["definition"]


# --- first reply ---------------------------------------------------------------------------


def test_first_reply_is_the_median_wait_with_the_unanswered_still_waiting():
    # Answered after 1, 2, 3 and 4 h; one opened 10 days before the end of the data waits still.
    # Survival .8, .6, .4: below half at 3 h.
    opened = days(1, 2, 3, 4, 5)
    replied = opened + pd.to_timedelta([1, 2, 3, 4, nan], unit="h")
    solved = days(nan, nan, nan, nan, 15)
    tickets = pd.DataFrame({"opened_at": opened, "first_replied_at": replied, "solved_at": solved})
    result = figure(study(tickets), "first_reply")
    assert (result["value"], result["n"]) == (3, 5)
    assert result["note"] == "80% of 5 contacts answered"


def test_first_reply_is_not_reached_where_most_are_unanswered():
    opened = days(1, 2, 3)
    replied = opened.where([True, False, False]) + pd.Timedelta(hours=1)
    tickets = pd.DataFrame({"opened_at": opened, "first_replied_at": replied})
    result = figure(study(tickets), "first_reply")
    assert isnan(result["value"])
    assert result["note"] == "median not reached: 33% of 3 contacts answered"


def test_abandoned_contacts_wait_for_no_reply():
    opened = days(1, 2, 3)
    replied = opened.where([True, True, False]) + pd.Timedelta(hours=1)
    tickets = pd.DataFrame(
        {"opened_at": opened, "first_replied_at": replied, "abandoned": [False, False, True]}
    )
    assert figure(study(tickets), "first_reply")["n"] == 2


# --- shares, groups, withholding -----------------------------------------------------------


def test_agreed_time_and_reopened_count_only_where_known():
    # Solved with known reopenings: 0, 2 and 1. The open one and the unknown one stay out.
    tickets = pd.DataFrame(
        {
            "opened_at": days(1, 2, 3, 4, 5),
            "solved_at": days(2, 3, 4, nan, 6),
            "sla_met": [True, False, None, True, True],
            "reopens": [0.0, 2, 1, 1, nan],
        }
    )
    assert tuple(figure(study(tickets), "sla_met")[["value", "n"]]) == (0.75, 4)
    reopened = figure(study(tickets), "reopened")
    assert tuple(reopened[["value", "n"]]) == (pytest.approx(2 / 3), 3)


def test_ratings_of_contacts_count_the_two_best_of_their_scale():
    tickets = pd.DataFrame({"opened_at": days(1, 2, 3, 4), "csat": [5, 4, 3, nan]})
    result = figure(study(tickets), "contact_csat")
    assert (result["value"], result["n"]) == (pytest.approx(2 / 3), 3)
    assert result["definition"] == "contacts rated 4 or 5 ÷ contacts rated, of 1 to 5"


def test_a_figure_of_few_cases_is_withheld_and_keeps_its_base():
    result = figure(study(QUEUE, min_base=30), "abandonment")
    assert isnan(result["value"])
    assert isnan(result["conf_low"])
    assert (result["n"], result["note"]) == (4, "withheld: fewer than 30")


def test_absent_columns_and_tables_are_named_never_zero():
    tickets = pd.DataFrame({"opened_at": days(1, 2)})
    result = service_metrics(study(tickets)).set_index("metric")
    assert result["value"].isna().all()
    assert (result["n"] == 0).all()
    assert result.loc["handle_time", "note"] == "needs tickets.talk_seconds"
    assert result.loc["first_contact_resolution", "note"] == "needs tickets.customer_id"
    nothing = study_of(StudyConfig.model_validate({"name": "Test", "tables": {}}), {})
    assert set(service_metrics(nothing)["note"]) == {"needs tickets"}


def test_an_empty_period_has_no_figure_and_says_there_is_nothing_to_count():
    base = study(QUEUE.assign(first_replied_at=days(2, 3, 4, 5, 6, 7), talk_seconds=1.0))
    empty = Study(base.path, base.config, base.engine, base.tables, parse_period("2020-01"))
    result = service_metrics(empty).set_index("metric")
    assert result["value"].isna().all()
    assert result.loc["abandonment", "note"] == "nothing to count"
    assert result.loc["first_reply", "note"] == "nothing to count"


def test_groups_come_from_the_tickets_or_from_the_customers_with_a_row_for_the_unknown():
    tickets = QUEUE.assign(channel=["web", "web", "web", "web", None, None])
    result = service_metrics(study(tickets), by="channel")
    shares = result[result["metric"] == "abandonment"].set_index("channel")
    assert list(shares.index) == ["unknown", "web"]
    assert shares.loc["web", "n"] == 3
    tickets = QUEUE.assign(customer_id=["a", "a", "b", "b", "c", "c"])
    customers = pd.DataFrame({"customer_id": ["a", "b"], "region": ["north", "south"]})
    result = service_metrics(study(tickets, customers), by="region")
    shares = result[result["metric"] == "abandonment"].set_index("region")
    assert dict(shares["n"]) == {"north": 1, "south": 2, "unknown": 1}


def test_an_unknown_group_column_is_refused_with_the_closest():
    with pytest.raises(ReportError, match=r"no column 'abandonned'.*Did you mean 'abandoned'"):
        service_metrics(study(QUEUE), by="abandonned")


def test_a_segment_narrows_through_the_customers_and_says_where_it_cannot():
    tickets = QUEUE.assign(customer_id=["a", "a", "b", "b", "b", "c"])
    customers = pd.DataFrame({"customer_id": ["a", "b"], "region": ["north", "south"]})
    base = study(tickets, customers)
    south = base.among("region=south")
    assert figure(south, "abandonment")["n"] == 3
    lost = Study(base.path, base.config, base.engine, base.tables, None, ("plan", "gold"))
    assert figure(lost, "abandonment")["note"] == "needs tickets.plan, to narrow to plan=gold"


def test_every_aggregate_is_a_plain_number():
    tickets = QUEUE.assign(
        customer_id="a",
        reopens=1,
        sla_met=True,
        talk_seconds=[1, 2, 3, 4, 5, 6],
        hold_seconds=np.arange(6, dtype="int32"),
    )
    base = study(tickets)
    frame = grouped(base, "tickets", counted_rows(base), None)
    kinds = {str(kind) for kind in totals(frame, _aggregates(base)).dtypes}
    assert kinds == {"int64", "float64"}
    assert len(collect(frame)) == len(tickets)
    result = service_metrics(base)
    assert [str(kind) for kind in result[["value", "conf_low", "n"]].dtypes] == [
        "float64",
        "float64",
        "int64",
    ]


# --- what is held for all periods ------------------------------------------------------------


def months_of_contacts() -> Study:
    rng = np.random.default_rng(8)
    return study(
        pd.DataFrame(
            {
                "customer_id": rng.choice(list("abcdefgh"), 120),
                "reason": rng.choice(["fault", "bill"], 120),
                "opened_at": days(*rng.uniform(0, 90, 120)),
                "talk_seconds": rng.uniform(10, 500, 120),
                "abandoned": rng.random(120) < 0.2,
            }
        )
    )


def test_figures_are_the_same_where_the_engine_is_too_small_to_hold_the_contacts(monkeypatch):
    def made() -> tuple[pd.DataFrame, pd.DataFrame]:
        base = months_of_contacts().during("2026-03")
        return service_metrics(base), earlier_figures(base, ("tickets",))

    held = made()
    assert held[1]["earlier_period"].nunique() == 2
    monkeypatch.setattr(Engine, "holds", False)
    for before, after in zip(held, made(), strict=True):
        pd.testing.assert_frame_equal(before, after)


def test_contacts_are_marked_once_for_all_periods_and_anew_for_other_rows_or_settings():
    base = months_of_contacts()
    marked = counted_contacts(base.during("2026-02")).to_native()
    assert counted_contacts(base.during("2026-03")).to_native() is marked
    fewer = replace(
        base, tables={"tickets": base.tables["tickets"].filter(nw.col("reason") == "bill")}
    )
    assert len(collect(counted_contacts(fewer))) < 120
    shorter = base.under("metrics.fcr_window_days = 1")
    issues = [collect(counted_contacts(each))["_resolved"].sum() for each in (base, shorter)]
    assert issues[0] < issues[1]
