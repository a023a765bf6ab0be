"""Waiting, hand-overs, issues, demand and cost, each worked out by hand."""

from math import isnan, nan, sqrt

import pandas as pd
import pytest
from scipy import stats

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics import service_metrics
from cxanalysis.metrics.figures import ratio
from cxanalysis.metrics.intervals import wilson
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
    return service_metrics(study, only=[metric]).set_index("metric").loc[metric]


QUEUE = pd.DataFrame(
    {
        "opened_at": days(1, 2, 3, 4, 5, 6, 7),
        "abandoned": [True, True, False, False, False, False, False],
        "queue_wait_seconds": [2.0, 60, 20, 21, 4, nan, 0],
    }
)


def test_speed_of_answer_is_the_mean_wait_of_those_answered_with_a_known_wait():
    # 20, 21, 4 and 0 s; the abandoned ones and the unknown wait stay out.
    result = figure(study(QUEUE), "speed_of_answer")
    assert (result["value"], result["n"]) == (pytest.approx(11.25), 4)
    assert "median 12 s, 90th percentile 21 s, longest 21 s" in result["note"]
    assert "1 contact without a time in the queue left out" in result["note"]


def test_service_level_counts_the_limit_in_and_short_abandons_out():
    # Within 20 s: 20, 4 and 0; of four answered and one that left after 60 s.
    result = figure(study(QUEUE), "service_level")
    assert (result["value"], result["n"]) == (pytest.approx(3 / 5), 5)
    assert (result["conf_low"], result["conf_high"]) == wilson(3, 5)
    assert figure(study(QUEUE, short_abandon_seconds=0), "service_level")["n"] == 6
    assert figure(study(QUEUE, service_level_seconds=21), "service_level")["value"] == 0.8


def test_where_everyone_gave_up_nothing_was_answered_and_no_speed_is_known():
    gone = QUEUE.assign(abandoned=True)
    assert figure(study(gone), "service_level")["value"] == 0
    speed = figure(study(gone), "speed_of_answer")
    assert isnan(speed["value"])
    assert speed["note"].startswith("nothing to count")


def test_one_contact_alone_has_a_base_and_no_value():
    result = figure(study(QUEUE.iloc[[3]]), "speed_of_answer")
    assert isnan(result["value"])
    assert (result["n"], result["note"]) == (1, "withheld: fewer than 2")


def test_handed_over_and_escalated_are_of_contacts_handled():
    tickets = pd.DataFrame(
        {
            "opened_at": days(1, 2, 3, 4, 5),
            "abandoned": [False, False, False, True, False],
            "transfers": [0, 1, 3, 2, nan],
            "escalated": [True, False, None, True, False],
        }
    )
    assert tuple(figure(study(tickets), "transferred")[["value", "n"]]) == (
        pytest.approx(2 / 3),
        3,
    )
    assert tuple(figure(study(tickets), "escalated")[["value", "n"]]) == (pytest.approx(1 / 3), 3)


def test_own_rules_kept_is_of_contacts_handled_that_say_so():
    tickets = pd.DataFrame(
        {
            "opened_at": days(1, 2, 3, 4, 5),
            "abandoned": [False, False, False, True, False],
            "policy_kept": [True, False, None, False, True],
        }
    )
    result = figure(study(tickets), "policy_kept")
    assert (result["value"], result["n"]) == (pytest.approx(2 / 3), 3)
    assert [result["conf_low"], result["conf_high"]] == pytest.approx(list(wilson(2, 3)))
    without = figure(study(tickets.drop(columns="policy_kept")), "policy_kept")
    assert (isnan(without["value"]), without["note"]) == (True, "needs tickets.policy_kept")


def test_open_contacts_count_as_open_until_the_end_and_are_not_dropped():
    # Solved after 1, 2 and 3 days; two stay open until the data end on day 30.
    opened = days(1, 2, 3, 4, 30)
    solved = days(2, 4, 6, nan, nan)
    result = figure(
        study(pd.DataFrame({"opened_at": opened, "solved_at": solved})), "resolution_time"
    )
    # The one opened at that moment waits 0 h: survival of the other four is .75, .5, .25.
    assert result["value"] == pytest.approx(72, abs=EXACT)
    assert result["note"] == "60% of 5 contacts solved"
    still = figure(
        study(pd.DataFrame({"opened_at": opened, "solved_at": days(2, nan, nan, nan, nan)})),
        "resolution_time",
    )
    assert isnan(still["value"])
    assert still["note"].startswith("median not reached")


# --- issues: customers a to c, and z who sets where the data begin and end -------------------


def issues(**columns: object) -> pd.DataFrame:
    """a twice within a week, b once, c for two reasons on two days; z is no issue that counts."""
    frame = pd.DataFrame(
        {
            "customer_id": [*"aabcc", "z", "z"],
            "opened_at": days(20, 22, 20, 20, 21, 0, 60),
            "reason": ["bill", "bill", "bill", "bill", "fault", "bill", "bill"],
            "talk_seconds": [100.0, 200, 50, 30, 40, 10, 10],
        }
    )
    return frame.assign(**columns)


def test_any_reason_has_a_row_of_its_own():
    # Same reason: a repeated; b, c and c resolved. For any reason c's two are one, repeated.
    assert figure(study(issues()), "first_contact_resolution")["value"] == 0.75
    result = figure(study(issues()), "fcr_any_reason")
    assert (result["value"], result["n"]) == (pytest.approx(1 / 3), 3)


def test_net_resolution_leaves_out_what_no_first_contact_can_settle():
    # Without c's fault: a repeated, b and c resolved.
    result = figure(study(issues(), not_first_level=["fault"]), "fcr_net")
    assert (result["value"], result["n"]) == (pytest.approx(2 / 3), 3)
    assert "(reason fault)" in result["definition"]
    lacking = figure(study(issues()), "fcr_net")
    assert lacking["note"] == "needs the study file's list of reasons not_first_level"


def test_repeat_contacts_are_those_after_another_about_the_same_matter():
    # Of a, a, b, c, c and the last z only a's second follows one; the first z is too early.
    result = figure(study(issues()), "repeat_contacts")
    assert (result["value"], result["n"]) == (pytest.approx(1 / 6), 6)


def test_contacts_at_one_instant_do_not_repeat_each_other():
    tied = issues(opened_at=days(20, 20, 20, 20, 21, 0, 60))
    assert figure(study(tied), "repeat_contacts")["value"] == 0


def test_contacts_and_time_of_an_issue_add_up():
    # Issues: a (2 contacts, 300 s), b (1, 50 s), c bill (1, 30 s), c fault (1, 40 s).
    contacts = figure(study(issues()), "contacts_per_issue")
    assert (contacts["value"], contacts["n"]) == (1.25, 4)
    handle = figure(study(issues()), "issue_handle_time")
    assert (handle["value"], handle["n"]) == (105, 4)
    waited = issues(queue_wait_seconds=[10.0, 30, nan, 0, 0, 0, 0], hold_seconds=5.0)
    # Talk 420 s, queue 10 + 30 s, hold 5 × 5 s.
    assert figure(study(waited), "issue_customer_time")["value"] == pytest.approx(485 / 4)


def test_issue_whose_handling_was_not_measured_is_left_out_and_counted():
    partly = issues(talk_seconds=[100.0, nan, 50, 30, 40, 10, 10], solved_at=days(*[61] * 7))
    result = figure(study(partly), "issue_handle_time")
    assert (result["value"], result["n"]) == (40, 3)
    assert result["note"] == "1 issue with unmeasured contacts left out"


def test_cost_of_a_resolved_issue_bears_those_that_were_never_handled():
    # 36 an hour is a hundredth a second: 420 s cost 4.20; a is handled, so are b, c and c.
    result = figure(study(issues(), cost_per_hour=36), "cost_per_issue")
    assert result["value"] == pytest.approx(4.20 / 4, abs=EXACT)
    contact = figure(study(issues(), cost_per_hour=36, currency="EUR"), "cost_per_contact")
    assert contact["value"] == pytest.approx(4.40 / 7, abs=EXACT)
    assert "36 EUR an hour" in contact["definition"]
    assert figure(study(issues()), "cost_per_contact")["note"].startswith("needs the study file")


def test_avoidable_time_is_that_of_repeats_and_of_failures_each_once():
    # The first week apart: 430 s, of which a's repeat 200 s; with faults 240 s.
    result = figure(study(issues()), "avoidable_handling")
    assert (result["value"], result["n"]) == (pytest.approx(200 / 430), 6)
    with_faults = figure(study(issues(), failure_reasons=["fault"]), "avoidable_handling")
    assert with_faults["value"] == pytest.approx(240 / 430)


def test_a_ratio_of_sums_has_the_interval_of_its_linearised_cases():
    top, base = [2.0, 4, 9], [1.0, 2, 3]
    sums = [sum(x) for x in (top, base, [t * t for t in top], [b * b for b in base])]
    cross = sum(t * b for t, b in zip(top, base, strict=True))
    result = ratio(*sums, cross, n=3)
    rest = [t - 2.5 * b for t, b in zip(top, base, strict=True)]
    error = sqrt(sum(r * r for r in rest) / 2) / 2 / sqrt(3)  # the mean base is 2
    assert result.value == 2.5
    assert result.conf_high - 2.5 == pytest.approx(error * stats.t.ppf(0.975, 2), abs=EXACT)


# --- demand --------------------------------------------------------------------------------


def test_contact_rate_counts_customers_without_a_contact():
    # a 2 and b 1 of four customers: 75 per 100; one contact is of nobody known.
    tickets = pd.DataFrame({"customer_id": [*"aabx"], "opened_at": days(1, 2, 3, 4)})
    customers = pd.DataFrame({"customer_id": [*"abcd"], "region": ["n", "n", "s", "s"]})
    result = figure(study(tickets, customers), "contact_rate")
    assert (result["value"], result["n"], result["unit"]) == (75, 4, "per 100")
    reach = stats.t.ppf(0.975, 3) * pd.Series([2, 1, 0, 0]).std() / 2 * 100
    assert result["conf_high"] == pytest.approx(75 + reach, abs=EXACT)
    assert result["note"] == "1 contact of customers not active or not known left out"
    rates = service_metrics(study(tickets, customers), by="region", only=["contact_rate"])
    rates = rates.set_index("region")["value"]
    assert rates["n"] == 150
    assert rates["s"] == 0


def test_contact_rate_by_a_column_of_contacts_is_per_all_customers():
    tickets = pd.DataFrame(
        {"customer_id": [*"aab"], "opened_at": days(1, 2, 3), "channel": ["web", "tel", "web"]}
    )
    customers = pd.DataFrame({"customer_id": [*"abcd"]})
    rates = service_metrics(study(tickets, customers), by="channel", only=["contact_rate"])
    assert dict(zip(rates["channel"], rates["value"], strict=True)) == {"tel": 25, "web": 50}
    assert set(rates["n"]) == {4}


def test_failure_demand_is_of_contacts_with_a_known_reason():
    tickets = pd.DataFrame({"opened_at": days(1, 2, 3), "reason": ["late", "bill", None]})
    result = figure(study(tickets, failure_reasons=["late"]), "failure_demand")
    assert (result["value"], result["n"]) == (0.5, 2)


def test_what_the_company_began_counts_only_in_who_begins():
    tickets = pd.DataFrame(
        {"opened_at": days(1, 2, 3, 4), "initiator": ["Customer", "Company", "customer", None]}
    )
    result = figure(study(tickets), "reactive")
    assert (result["value"], result["n"]) == (pytest.approx(2 / 3), 3)
    assert "left out" not in result["definition"]


def test_only_the_metrics_asked_for_are_given_and_a_wrong_name_is_refused():
    table = service_metrics(study(QUEUE), only=["abandonment", "service_level"])
    assert list(table["metric"]) == ["abandonment", "service_level"]
    with pytest.raises(ReportError, match="Did you mean 'abandonment'"):
        service_metrics(study(QUEUE), only=["abandonement"])


def test_an_issue_belongs_to_the_period_of_its_first_contact():
    tickets = issues(opened_at=days(30, 32, 20, 20, 21, 0, 90))
    base = study(tickets)
    january = Study(base.path, base.config, base.engine, base.tables, parse_period("2026-01"))
    result = figure(january, "contacts_per_issue")
    assert (result["value"], result["n"]) == (1.25, 4)
    february = Study(base.path, base.config, base.engine, base.tables, parse_period("2026-02"))
    assert figure(february, "contacts_per_issue")["n"] == 0


def test_self_service_counts_visits_that_no_contact_followed_in_time():
    # a's first visit is followed after 10 h, b's after 30 h, c's never; the last is too young.
    journeys = pd.DataFrame(
        {
            "customer_id": [*"aabcd"],
            "occurred_at": days(1, 5, 1, 1, 9.9),
            "touchpoint": ["help page", "shop", "help page", "help page", "help page"],
        }
    )
    tickets = pd.DataFrame(
        {"customer_id": [*"abz"], "opened_at": days(1 + 10 / 24, 1 + 30 / 24, 10)}
    )
    settings = {
        "name": "Test",
        "tables": {},
        "metrics": {"min_base": 2},
        "service": {"self_service": ["help page"]},
    }
    frames = {"tickets": tickets, "journeys": journeys}
    base = study_of(StudyConfig.model_validate(settings), frames)
    result = figure(base, "self_service")
    assert (result["value"], result["n"]) == (pytest.approx(2 / 3), 3)
    assert figure(study(tickets), "self_service")["note"] == "needs journeys.customer_id"


def test_occupancy_says_what_it_would_need():
    assert figure(study(QUEUE), "occupancy")["note"].startswith("needs a table of agents' time")
