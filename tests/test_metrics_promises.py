from math import isnan, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics import plan_metrics, promise_metrics, promise_rows
from cxanalysis.metrics.delays import (
    CANCELLED,
    FULFILLED,
    OPEN,
    delay_curve,
    late_quantile,
)
from cxanalysis.metrics.intervals import median_interval, wilson
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers


def instants(*texts: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(texts, dtype="object"), utc=True, format="ISO8601")


# The journeys end on 31 January.
PROMISES = pd.DataFrame(
    {
        "event_id": list("abcdefg"),
        "customer_id": ["in time", "late", "open", "moved", "not due", "gone late", "gone early"],
        "occurred_at": instants(*["2026-01-01"] * 6, "2026-01-31"),
        "stage": ["purchase"] * 7,
        "touchpoint": ["delivery"] * 4 + ["fitting"] * 3,
        "promised_at": instants(*["2026-01-11"] * 4, "2026-02-15", "2026-01-11", "2026-01-21"),
        "repromised_at": instants(None, None, None, "2026-01-21", None, None, None),
        "fulfilled_at": instants("2026-01-11", "2026-01-13", None, "2026-01-20", None, None, None),
        "cancelled_at": instants(None, None, None, None, None, "2026-01-16", "2026-01-20"),
    }
)
TICKETS = pd.DataFrame(
    {
        "ticket_id": list("123456789"),
        "customer_id": [
            *["late", "late", "open", "in time", "moved", "moved", "gone late"],
            None,
            "in time",
        ],
        "opened_at": instants(
            "2026-01-12",  # while late, answered before the delivery
            "2026-01-13 00:00:01",  # a second after it came
            "2026-01-30",  # while open, 19 days after the date
            "2026-01-05",  # before anything was due
            "2026-01-19 20:00",  # while late, answered after it came
            "2026-01-11",  # at the promised moment: not late yet
            "2026-01-17",  # after it was called off
            "2026-01-12",  # whose it is, is not known
            "2026-01-01",  # contacts are known from here on
        ),
        "first_replied_at": instants(
            *["2026-01-12 12:00", "2026-01-14", "2026-01-30 01:00", "2026-01-05 01:00"],
            *["2026-01-20 01:00", "2026-01-11 01:00", "2026-01-17 01:00", "2026-01-12 01:00", None],
        ),
    }
)


def study(
    journeys: pd.DataFrame = PROMISES,
    tickets: pd.DataFrame | None = TICKETS,
    period: str = "all",
    min_base: int = 2,
) -> Study:
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": min_base}}
    frames = {"journeys": journeys} | ({} if tickets is None else {"tickets": tickets})
    base = study_of(StudyConfig.model_validate(content), frames)
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period))


def figure(study: Study, metric: str) -> pd.Series:
    return promise_metrics(study).set_index("metric").loc[metric]


def test_a_promise_called_off_in_time_was_not_due_and_one_called_off_late_was_broken():
    kept = figure(study(), "promises_kept")
    assert (kept["n"], kept["value"]) == (5, 1 / 5)
    assert (kept["conf_low"], kept["conf_high"]) == wilson(1, 5)
    assert kept["note"] == ("1 promise not yet due left out; 1 promise called off in time left out")
    assert "called off before it was due" in kept["definition"]


def test_the_latest_date_would_pass_what_the_first_does_not():
    assert figure(study(), "promises_kept_latest")["value"] == pytest.approx(2 / 5, abs=EXACT)
    moved = figure(study(), "repromised")
    assert (moved["value"], moved["note"]) == (1 / 5, "median 10 days later")


def test_a_latest_date_still_to_come_is_not_counted():
    journeys = PROMISES.assign(repromised_at=instants(*[None] * 2, "2026-02-08", *[None] * 4))
    latest = figure(study(journeys), "promises_kept_latest")
    assert (latest["n"], latest["value"]) == (4, 1 / 4)
    assert latest["note"] == "1 promise whose latest date is still to come left out"


def test_open_promises_are_censored_and_those_called_off_late_end_otherwise():
    # Late by 2 days, open for 20, late by 9, called off after 5.
    rows = promise_rows(study()).set_index("event_id")
    assert rows["status"].to_dict() == {
        "a": "kept",
        "b": "late",
        "c": "open",
        "d": "late",
        "e": "not yet due",
        "f": "late and called off",
        "g": "called off",
    }
    assert rows["hours_late"].loc[list("abcdf")].tolist() == [0, 48, 480, 216, 120]
    assert rows["hours_late"].loc[list("eg")].isna().all()
    assert rows["censored"].to_dict() == {name: name == "c" for name in "abcdefg"}
    assert rows.loc["d", "moved_hours"] == 240
    assert figure(study(), "promises_open")["value"] == 1 / 5


def test_time_late_is_that_of_promises_not_kept():
    journeys = PROMISES.drop(columns="cancelled_at").iloc[:4]
    journeys["occurred_at"] = instants("2026-01-31", *["2026-01-01"] * 3)
    late = figure(study(journeys), "late_hours")
    # 48 and 216 hours seen, 480 still open: half are through at 216.
    assert (late["n"], late["value"]) == (3, 216)
    expected, _ = median_interval(np.array([48.0, 480, 216]), np.array([True, False, True]))
    assert late["value"] == expected
    assert late["note"] == "1 still open"
    worst = figure(study(journeys), "late_hours_p90")
    assert isnan(worst["value"])
    assert worst["note"] == "not reached; 1 still open"


def test_contacts_are_looked_for_as_long_after_late_promises_as_after_kept_ones():
    # Contacts are known up to 30 January, so seven days after 11 January are. Of four not
    # kept, the late one (12 and 13 January) and the one called off (17 January) were followed.
    result = figure(study(), "contact_after_late")
    assert (result["n"], result["value"]) == (4, 0.5)
    kept = figure(study(), "contact_after_kept")
    assert (kept["n"], kept["value"], kept["note"]) == (1, kept["value"], "withheld: fewer than 2")


def test_a_promise_whose_week_is_not_over_is_left_out_of_contacts_after_it():
    short = TICKETS[TICKETS["opened_at"] < pd.Timestamp("2026-01-15", tz="UTC")]
    result = figure(study(tickets=short), "contact_after_late")
    assert result["n"] == 0
    assert result["note"].startswith("nothing to count; 4 promises for which contacts are not")


def test_a_late_promise_is_chased_while_it_is_late_and_answered_before_it_comes():
    # Chased: the late one (answered 12 hours before it came), the open one (answered, and it has
    # not come), the moved one (answered an hour after it came). Called off: asked too late.
    result = figure(study(), "chased_in_time")
    assert (result["n"], result["value"]) == (3, pytest.approx(2 / 3, abs=EXACT))
    assert "before the promise was fulfilled" in result["definition"]


def test_the_customers_own_deadline_counts_where_it_is_known():
    deadlines = instants(None, "2026-01-12 06:00", "2026-01-31", *[None] * 4)
    result = figure(study(PROMISES.assign(deadline_at=deadlines)), "chased_in_time")
    # Answered six hours too late, and a day before; the moved one has no deadline.
    assert (result["n"], result["value"]) == (2, 0.5)
    assert "before the customer's deadline" in result["definition"]


def test_contacts_while_something_is_late_are_a_share_of_those_of_known_customers():
    result = figure(study(), "chase_contacts")
    assert (result["n"], result["value"]) == (8, pytest.approx(3 / 8, abs=EXACT))
    assert result["note"] == "1 contact without customer number left out"


def test_a_promise_due_in_an_earlier_period_may_still_be_chased():
    february = study(
        tickets=TICKETS.assign(opened_at=TICKETS["opened_at"] + pd.Timedelta(days=31)),
        period="2026-02",
    )
    # By then only the open promise is late: its own contact on 2 March is not in February.
    assert figure(february, "chase_contacts")["value"] == 0
    march = study(
        tickets=TICKETS.assign(opened_at=TICKETS["opened_at"] + pd.Timedelta(days=31)),
        period="2026-03",
        min_base=1 + 1,
    )
    assert figure(march, "chase_contacts")["n"] == 1


def test_two_late_promises_make_one_contact_a_chase_once():
    twice = pd.concat([PROMISES, PROMISES.assign(event_id=list("hijklmn"))], ignore_index=True)
    assert figure(study(twice), "chase_contacts")["value"] == pytest.approx(3 / 8, abs=EXACT)
    assert figure(study(twice), "contact_after_late")["n"] == 8


def test_figures_by_touchpoint_leave_contacts_by_theirs_out():
    table = promise_metrics(study(), by="touchpoint").set_index(["touchpoint", "metric"])
    assert table.loc[("delivery", "promises_kept"), "value"] == 1 / 4
    assert table.loc[("fitting", "promises_kept"), "n"] == 1
    assert "chase_contacts" not in table.index.get_level_values("metric")
    by_customer = promise_metrics(
        study(tickets=TICKETS.assign(channel="phone"), journeys=PROMISES.assign(channel="web")),
        by="channel",
    )
    assert by_customer.set_index("metric").loc["chase_contacts", "channel"] == "phone"


def test_what_is_absent_is_named_and_the_rest_is_given():
    plain = study(PROMISES.drop(columns=["repromised_at", "cancelled_at"]), tickets=None)
    result = promise_metrics(plain).set_index("metric")
    assert result.loc["repromised", "note"] == "needs journeys.repromised_at"
    assert result.loc["contact_after_late", "note"] == "needs tickets"
    assert result.loc["chase_contacts", "note"] == "needs tickets"
    assert result.loc["rework_ratio", "note"] == "needs journeys.actual_quantity"
    assert result.loc["promises_kept", "n"] == 6
    nothing = study_of(StudyConfig.model_validate({"name": "Test", "tables": {}}), {})
    assert (promise_metrics(nothing)["note"] == "needs journeys").all()
    with pytest.raises(ReportError, match=r"no promises to list: that needs journeys\."):
        promise_rows(study(PROMISES.drop(columns="fulfilled_at")))


def test_no_promise_at_all_gives_no_figure_and_says_so():
    none = study(PROMISES.assign(promised_at=instants(*[None] * 7)))
    result = promise_metrics(none).set_index("metric")
    assert result.loc["promises_kept", "note"] == "nothing to count"
    assert result.loc["late_hours", "note"] == "nothing to count"
    assert len(promise_rows(none)) == 0


def test_without_endings_of_another_kind_the_curve_is_kaplan_and_meiers():
    late, states = np.array([0.0, 0, 1, 3, 4]), np.array([1, 1, OPEN, FULFILLED, OPEN])
    curve = delay_curve(late, states)
    assert curve.times.tolist() == [0, 3]
    # Two of five at once; then one of the two that were still watched.
    assert curve.fulfilled == pytest.approx([0.4, 0.4 + 0.6 / 2], abs=EXACT)
    assert (curve.low < curve.fulfilled).all()
    assert (curve.fulfilled < curve.high).all()
    share, low, _ = curve.at(np.array([-1.0, 0, 2.9, 3, 10]))
    assert share == pytest.approx([0, 0.4, 0.4, 0.7, 0.7], abs=EXACT)
    assert low[0] == 0


def test_what_was_called_off_is_not_counted_as_if_it_would_still_come():
    late, states = np.array([1.0, 2, 3, 4]), np.array([CANCELLED, CANCELLED, 1, 1])
    curve = delay_curve(late, states)
    assert curve.fulfilled[-1] == pytest.approx(0.5, abs=EXACT)  # censored, it would be 1
    reached, _ = late_quantile(late, states, 0.4)
    assert reached == 4
    assert isnan(late_quantile(late, states, 0.6)[0])


def test_where_nothing_was_fulfilled_there_is_no_time_late():
    nothing = delay_curve(np.array([1.0, 2]), np.array([OPEN, OPEN]))
    assert nothing.fulfilled.tolist() == [0]
    assert isnan(late_quantile(np.array([1.0, 2]), np.array([OPEN, CANCELLED]))[0])


def test_limits_of_the_median_are_where_the_limits_of_the_curve_cross_a_half():
    random = np.random.default_rng(4)
    late, states = random.exponential(4, 200), (random.random(200) < 0.8).astype(int)
    curve = delay_curve(late, states)
    first_low, first_high = (curve.times[np.argmax(part > 0.5)] for part in (curve.high, curve.low))
    _, limits = median_interval(late, states == FULFILLED)
    assert (first_low, first_high) == tuple(limits)


def visits(actual: list[float], planned: list[float | None]) -> Study:
    n = len(actual)
    frame = pd.DataFrame(
        {
            "customer_id": ["a"] * n,
            "occurred_at": instants(*["2026-01-05"] * n),
            "stage": ["use"] * n,
            "actual_quantity": actual,
            "planned_quantity": planned,
        }
    )
    return study(frame, tickets=None)


def test_rework_is_a_ratio_of_sums_with_the_interval_of_a_ratio():
    actual, planned = np.array([7.0, 4, 5]), np.array([4.0, 4, 4])
    result = figure(visits(list(actual), list(planned)), "rework_ratio")
    assert result["value"] == pytest.approx(16 / 12, abs=EXACT)
    assert result["note"] == "16 for 12"
    rest = actual - result["value"] * planned
    error = sqrt((rest**2).sum() / 2 / 3) / planned.mean()
    reach = stats.t.ppf(0.975, 2) * error
    assert result["conf_high"] == pytest.approx(16 / 12 + reach, abs=EXACT)


def test_rework_counts_only_events_with_both_figures_and_knows_no_division_by_zero():
    assert figure(visits([7, 9, 2], [4, None, 4]), "rework_ratio")["note"] == "9 for 8"
    nothing = figure(visits([1, 2], [0, 0]), "rework_ratio")
    assert isnan(nothing["value"])
    assert nothing["note"] == "nothing was planned or expected, so there is no ratio"
    assert figure(visits([], []), "rework_ratio")["note"] == "nothing to count"


def test_load_time_and_price_stand_beside_what_was_possible():
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "occurred_at": instants("2026-01-05", "2026-01-06"),
            "stage": ["use", "purchase"],
            "staff_load": [6.0, 2.0],
            "taken_seconds": [10_800.0, None],
            "possible_seconds": [600.0, 600.0],
            "value": [90.0, 30.0],
            "expected_value": [60.0, 40.0],
        }
    )
    result = plan_metrics(study(frame, tickets=None)).set_index("metric")
    assert result.loc["staff_load", "value"] == 4
    assert result.loc["price_ratio", "value"] == pytest.approx(1.2, abs=EXACT)
    assert result.loc["time_ratio", "note"] == "withheld: fewer than 2"
    by = plan_metrics(study(frame, tickets=None), "stage", ("staff_load",))
    assert by["stage"].tolist() == ["purchase", "use"]
    assert by["n"].tolist() == [1, 1]
