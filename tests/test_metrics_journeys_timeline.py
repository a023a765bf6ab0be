"""Touches and contacts in one order: nothing twice, nothing left out that is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_metrics_journeys import STAGES, events

from cxanalysis.config import StudyConfig
from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics.journeys.timeline import extent, journey_timeline, timeline_gap
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, open_study, study_of

STORIES = Path(__file__).parents[1] / "data/stories"
DAY = 86_400_000_000


def both(touches: pd.DataFrame, tickets: pd.DataFrame, period: str = "all", **config: Any) -> Study:
    """A study of journeys and tickets."""
    content = {"name": "Test", "tables": {}, "stages": STAGES, "metrics": {"min_base": 2}}
    made = study_of(
        StudyConfig.model_validate(content | config), {"journeys": touches, "tickets": tickets}
    )
    return Study(made.path, made.config, made.engine, made.tables, parse_period(period, "UTC"))


def contacts(*rows: tuple[str | None, str]) -> pd.DataFrame:
    """Customer and time."""
    frame = pd.DataFrame(rows, columns=["customer_id", "opened_at"])
    frame["opened_at"] = pd.to_datetime(frame["opened_at"], utc=True, format="ISO8601")
    return frame.assign(channel="phone", reason="fault", csat=4.0)


TOUCHES = events(
    ("a", "2026-01-01", "buy/shop", 5),
    ("a", "2026-01-05T12:00:00Z", "use/hotline", 2),
    ("a", "2026-01-20", "use/app", 3),
    ("b", "2026-01-03", "use/hotline", 1),
)
SERVICE: dict[str, Any] = {"service": {"touchpoints": ["hotline"]}}


def test_touches_and_contacts_stand_in_one_order() -> None:
    made = both(TOUCHES, contacts(("a", "2026-01-05T12:30:00Z"), (None, "2026-01-06")))
    frame = journey_timeline(made, "a")
    assert list(frame["kind"]) == ["touch", "touch", "contact", "touch"]
    assert list(frame["what"]) == ["shop", "hotline", "fault", "app"]
    assert frame["occurred_at"].is_monotonic_increasing
    assert len(collect(journey_timeline(made))) == 5  # the contact of nobody known is none


def test_a_conversation_that_both_tables_tell_counts_once_as_the_ticket() -> None:
    made = both(TOUCHES, contacts(("a", "2026-01-05T12:30:00Z")), **SERVICE)
    frame = journey_timeline(made, "a")
    assert list(frame["source"]) == ["journeys", "tickets", "journeys"]
    assert list(frame["kind"]) == ["touch", "contact", "touch"]


@pytest.mark.parametrize(
    ("opened", "rows"), [("2026-01-06T12:00:00Z", 1), ("2026-01-06T12:00:01Z", 2)]
)
def test_a_service_touch_more_than_a_day_from_any_ticket_is_a_contact_of_its_own(
    opened: str, rows: int
) -> None:
    made = both(TOUCHES, contacts(("a", opened)), **SERVICE)
    frame = journey_timeline(made, "a")
    assert list(frame["kind"]).count("contact") == rows
    assert list(journey_timeline(made, "b")["kind"]) == ["contact"]  # that has no ticket at all


def test_one_journey_is_narrowed_to_the_period_the_whole_is_not() -> None:
    made = both(TOUCHES, contacts(("a", "2026-02-05")), "2026-02")
    assert list(journey_timeline(made, "a")["source"]) == ["tickets"]
    assert len(collect(journey_timeline(made))) == 5
    assert journey_timeline(made, "nobody").empty


def test_events_of_one_instant_follow_the_stages_and_contacts_come_last() -> None:
    rows = [("a", "2026-01-01", f"{stage}/x", None) for stage in ("tell", "use", "else", "buy")]
    frame = journey_timeline(both(events(*rows), contacts(("a", "2026-01-01"))), "a")
    assert list(frame["stage"].fillna("")) == ["buy", "use", "tell", "else", ""]


def test_a_contact_has_the_stage_that_its_reason_is_given() -> None:
    made = both(TOUCHES, contacts(("b", "2026-02-01")), reasons={"fault": {"stage": "use"}})
    assert journey_timeline(made, "b").loc[1, "stage"] == "use"


def test_what_the_company_began_is_no_contact() -> None:
    tickets = contacts(("b", "2026-02-01"), ("b", "2026-02-02")).assign(initiator=["company", None])
    assert len(journey_timeline(both(TOUCHES, tickets), "b")) == 2


def test_tables_that_end_far_apart_are_known_only_where_both_are() -> None:
    near = both(TOUCHES, contacts(("a", "2026-01-02"), ("a", "2026-02-10")))
    assert extent(near) == (
        pd.Timestamp("2026-01-01", tz="UTC").value // 1000,
        pd.Timestamp("2026-02-10", tz="UTC").value // 1000,
    )
    far = both(TOUCHES, contacts(("a", "2026-01-02"), ("a", "2026-02-20")))
    assert extent(far)[1] == pd.Timestamp("2026-01-20", tz="UTC").value // 1000


def test_a_handful_of_events_does_not_tell_where_a_table_ends() -> None:
    far = both(TOUCHES, contacts(("a", "2026-02-20"), ("a", "2026-02-21")))
    assert extent(far)[0] == pd.Timestamp("2026-02-20", tz="UTC").value // 1000
    few = both(TOUCHES, contacts(("a", "2026-02-20")))
    assert extent(few)[0] == pd.Timestamp("2026-01-01", tz="UTC").value // 1000


def test_no_row_has_no_extent() -> None:
    assert extent(both(TOUCHES.iloc[:0], contacts(("a", "2026-01-02")).iloc[:0])) == (0, 0)


def test_without_known_customers_there_is_no_timeline() -> None:
    tickets = contacts(("a", "2026-01-01")).drop(columns="customer_id")
    made = study_of(StudyConfig.model_validate({"name": "T", "tables": {}}), {"tickets": tickets})
    assert timeline_gap(made) == "needs tickets.customer_id"
    with pytest.raises(ReportError, match=r"needs tickets\.customer_id"):
        journey_timeline(made)


def test_a_journey_narrowed_row_by_row_is_no_whole() -> None:
    made = both(TOUCHES.assign(channel="phone"), contacts(("a", "2026-01-02")))
    gap = "needs customers.channel, to follow customers of channel=phone"
    assert timeline_gap(made.among("channel=phone")) == gap
    people = pd.DataFrame({"customer_id": ["a", "b"], "plan": ["x", "y"]})
    tables = dict(made.tables) | {"customers": made.engine.register(people)}
    some = Study(made.path, made.config, made.engine, tables).among("plan=y")
    assert timeline_gap(some) == ""
    assert set(collect(journey_timeline(some))["customer_id"]) == {"b"}


def test_the_guest_speaks_with_service_twice_among_ten_touches() -> None:
    frame = journey_timeline(open_study(STORIES / "restaurant"), "guest")
    assert len(frame) == 10
    assert list(frame[frame["kind"] == "contact"]["what"]) == ["ordering", "serving"]


def test_the_buyer_calls_three_times_between_order_and_delivery() -> None:
    frame = journey_timeline(open_study(STORIES / "late_delivery"), "buyer")
    assert list(frame["kind"]) == ["touch", "touch", "contact", "contact", "contact", "touch"]
