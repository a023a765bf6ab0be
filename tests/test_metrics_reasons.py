"""Reasons for contact, counted by hand: shares, rates, kinds, and which of them come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_stories import story

from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.metrics.intervals import wilson
from cxanalysis.metrics.journeys.clusters import rate_limits
from cxanalysis.metrics.reasons import contact_mix, contact_reasons, reason_counts, share_gap
from cxanalysis.metrics.recurrence import ALL, recurrence
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # shares of small whole numbers
COVERAGE = 0.015  # of 4,000 simulated intervals, four standard errors
SETTINGS: dict[str, Any] = {
    "stages": ["buy", "use"],
    "journey": {"purchase": "buy"},
    "reasons": {
        "late": {"stage": "buy", "kind": "inquiry"},
        "broken": {"stage": "use", "kind": "troubleshooting"},
        "odd": {},
    },
}


def made(
    tickets: pd.DataFrame, journeys: pd.DataFrame | None = None, period: str = "all", **metrics: Any
) -> Study:
    content = SETTINGS | {"name": "Test", "tables": {}, "metrics": {"min_base": 2} | metrics}
    frames = {"tickets": tickets} | ({} if journeys is None else {"journeys": journeys})
    base = study_of(StudyConfig.model_validate(content), frames)
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def contacts(*rows: tuple[str | None, str, str | None]) -> pd.DataFrame:
    """Customer, day and reason; each handled at once."""
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "reason"])
    opened = pd.to_datetime(frame.pop("day"), utc=True, format="ISO8601")
    return frame.assign(
        ticket_id=[f"T{place}" for place in range(len(frame))],
        opened_at=opened,
        first_replied_at=opened,
        talk_seconds=1800.0,
    ).astype({"customer_id": "string", "reason": "string"})


def touched(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "stage"])
    return frame.assign(occurred_at=pd.Timestamp("2026-01-01", tz="UTC"), touchpoint="any")


TICKETS = contacts(
    ("a", "2026-01-05", "late"),
    ("a", "2026-01-06", "late"),
    ("b", "2026-01-07", "late"),
    ("b", "2026-01-08", "broken"),
    ("c", "2026-01-09", "odd"),
    (None, "2026-01-10", "broken"),
    ("d", "2026-01-11", None),
)
JOURNEYS = touched(("a", "buy"), ("b", "buy"), ("b", "buy"), ("e", "buy"), ("b", "use"))


def test_reasons_are_counted_among_contacts_that_have_one() -> None:
    table = contact_reasons(made(TICKETS, JOURNEYS)).set_index("reason")
    assert list(table.index) == ["late", "broken", "odd"]
    assert list(table["contacts"]) == [3, 2, 1]
    assert set(table["n"]) == {6}
    assert list(table["customers"]) == [2, 2, 1]  # an unknown customer stands for itself
    assert list(table["share"]) == pytest.approx([3 / 6, 2 / 6, 1 / 6], abs=EXACT)
    assert list(table["handle_hours"]) == pytest.approx([1.5, 1.0, 0.5], abs=EXACT)


def test_rates_count_touches_of_the_stage_where_the_reason_arises() -> None:
    table = contact_reasons(made(TICKETS, JOURNEYS)).set_index("reason")
    assert table.loc["late", "per"] == "touches of buy"
    assert (table.loc["late", "base"], table.loc["late", "rate"]) == (4, pytest.approx(750))
    assert np.isnan(table.loc["broken", "rate"])  # one touch of use is below the base
    assert table.loc["odd", "per"] == ""  # no stage, and no customers to count


def test_reason_without_a_stage_is_counted_by_active_customers() -> None:
    given = made(TICKETS, JOURNEYS)
    customers = pd.DataFrame({"customer_id": list("abcdefgh")})
    base = study_of(given.config, {"tickets": TICKETS, "customers": customers})
    odd = contact_reasons(base).set_index("reason").loc["odd"]
    assert (odd["per"], odd["base"], odd["rate"]) == ("customers", 8, pytest.approx(125))


def test_one_contact_per_customer_gives_the_interval_of_independent_cases() -> None:
    rows = [(f"c{n}", "2026-01-05", "late" if n < 7 else "odd") for n in range(20)]
    late = contact_reasons(made(contacts(*rows))).set_index("reason").loc["late"]
    assert (late["share_low"], late["share_high"]) == pytest.approx(tuple(wilson(7, 20)))


def test_contacts_of_one_customer_are_no_independent_cases() -> None:
    rows = [(f"c{n // 4}", "2026-01-05", "late" if n < 16 else "odd") for n in range(80)]
    late = contact_reasons(made(contacts(*rows))).set_index("reason").loc["late"]
    assert (late["share_low"], late["share_high"]) == pytest.approx(tuple(wilson(4, 20)))


def test_kinds_follow_from_the_study_file_and_leave_out_what_it_does_not_say() -> None:
    table = contact_mix(made(TICKETS, failure_reasons=["late"])).set_index(["about", "label"])
    assert table.loc[("help", "advice"), "contacts"] == 3
    assert table.loc[("help", "advice"), "n"] == 5  # "odd" has no kind
    assert table.loc[("help and phase", "assistance using"), "share"] == pytest.approx(2 / 5)
    assert table.loc[("failure", "failure"), "share"] == pytest.approx(3 / 6)


def test_cost_and_hours_are_missing_rather_than_zero() -> None:
    assert contact_reasons(made(TICKETS))["cost"].isna().all()
    assert contact_reasons(made(TICKETS, cost_per_hour=40))["cost"].iloc[0] == pytest.approx(60)
    bare = TICKETS.drop(columns="talk_seconds")
    assert contact_reasons(made(bare, cost_per_hour=40))["handle_hours"].isna().all()
    unknown = TICKETS.assign(talk_seconds=[None, *[1800.0] * 6])
    late = contact_reasons(made(unknown)).iloc[0]
    assert (late["handle_hours"], late["note"]) == (1.0, "1 handled without a known time")


def test_figures_below_the_base_are_withheld_and_no_contact_is_no_reason() -> None:
    few = contact_reasons(made(TICKETS, min_base=7))
    assert few["share"].isna().all()
    assert set(few["note"]) == {"withheld: fewer than 7"}
    assert contact_reasons(made(TICKETS, period="2025")).empty
    assert contact_mix(made(TICKETS, period="2025")).empty
    with pytest.raises(ReportError, match=r"needs tickets\.reason"):
        contact_reasons(made(TICKETS.drop(columns="reason")))


def test_company_contacts_are_no_reasons() -> None:
    begun = TICKETS.assign(initiator=["company", *["customer"] * 6])
    assert contact_reasons(made(begun)).set_index("reason").loc["late", "contacts"] == 2


def test_gap_of_two_shares_is_the_difference_with_customers_as_the_unit() -> None:
    gap, low, high = share_gap(reason_counts(made(TICKETS)), "late", "broken")
    assert gap == pytest.approx(1 / 6)
    assert low < gap < high


def test_limits_of_a_rate_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    counts = rng.poisson(30.0, 4000).astype(float)  # events in 100 touches: rate 0.3
    low, high = rate_limits(counts / 100, counts / 100**2, 100)
    assert np.mean((low <= 0.3) & (high >= 0.3)) == pytest.approx(0.95, abs=COVERAGE)
    assert rate_limits(0.0, 0.0, 100).high == pytest.approx(0.0384, abs=0.0001)


# The data end on 1 December; 90 days are over for issues begun by 2 September.
AGAIN = contacts(
    ("a", "2026-03-01", "late"),
    ("a", "2026-05-30", "late"),  # 90 days later
    ("b", "2026-03-01", "late"),
    ("b", "2026-05-31", "late"),  # a day more, then nothing in time
    ("c", "2026-03-01", "broken"),
    ("c", "2026-03-20", "late"),  # another reason
    ("d", "2026-03-01", "broken"),
    ("d", "2026-03-04", "broken"),  # within 7 days: the same issue
    ("e", "2026-03-01", "broken"),
    ("e", "2026-03-01", "late"),  # at one instant: neither follows the other
    ("f", "2026-11-01", "late"),  # its 90 days are not over
    ("z", "2026-01-01", "odd"),
    ("y", "2026-12-01", "odd"),
)


def test_issues_come_back_for_the_same_reason_or_any() -> None:
    table = recurrence(made(AGAIN)).set_index("reason")
    assert table.loc["late", "n"] == 6
    assert table.loc["late", "same_reason"] == pytest.approx(1 / 6)
    assert table.loc["broken", "n"] == 3
    assert table.loc["broken", "same_reason"] == 0
    assert table.loc["broken", "any_reason"] == pytest.approx(1 / 3)
    assert table.loc[ALL, "n"] == 9  # z began before its past could be known
    assert table.loc[ALL, "any_reason"] == pytest.approx(2 / 9)


def test_issues_belong_to_the_period_in_which_their_days_end() -> None:
    assert recurrence(made(AGAIN, period="2026-03")).empty
    table = recurrence(made(AGAIN, period="2026-05")).set_index("reason")
    assert table.loc[ALL, "n"] == 6  # begun on 1 March, over on 30 May


def test_recurrence_needs_customers() -> None:
    with pytest.raises(ReportError, match=r"needs tickets\.customer_id"):
        recurrence(made(AGAIN.drop(columns="customer_id")))


def test_television_story_has_one_issue_that_began_at_the_till(tmp_path: Path) -> None:
    table = contact_reasons(story("broken_television", tmp_path)).set_index("reason")
    assert table["contacts"].to_dict() == {"return": 2, "dropped at the till": 1}
    assert table["issues"].to_dict() == {"return": 0, "dropped at the till": 1}


def test_home_office_story_has_one_reason_in_one_issue(tmp_path: Path) -> None:
    (row,) = contact_reasons(story("home_office", tmp_path)).to_dict("records")
    assert (row["reason"], row["contacts"], row["issues"]) == ("where is my window", 2, 1)
    assert row["share"] == 1.0


def test_no_issues_are_told_of_a_reason_whose_customers_are_mostly_unknown() -> None:
    rows = [
        ("c1", "2026-01-20", "late"),
        ("c2", "2026-01-20", "late"),
        (None, "2026-01-21", "late"),
    ]
    rows += [("c3", "2026-01-20", "odd"), (None, "2026-01-20", "odd"), (None, "2026-01-21", "odd")]
    first = [(f"c{n}", "2026-01-01", "broken") for n in (8, 9)]  # the data begin earlier
    table = contact_reasons(made(contacts(*first, *rows))).set_index("reason")
    assert table["nameless"].to_dict() == {"late": 1, "odd": 2, "broken": 0}
    assert table.loc["late", "issues"] == 2
    assert np.isnan(table.loc["odd", "issues"])
