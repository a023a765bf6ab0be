"""One call from a figure to its rows, which add up to the figure; errors say what there is."""

from __future__ import annotations

import pandas as pd
import pytest
from test_metrics_pain import JOURNEYS, made
from test_metrics_pain import TICKETS as PLACED
from test_metrics_reasons import TICKETS, contacts
from test_metrics_reasons import made as of_tickets
from test_metrics_timing import ASKED, BUY, HELP

import cxanalysis as cx
from cxanalysis.errors import ReportError
from cxanalysis.metrics.behind import SOURCES, rows_behind
from cxanalysis.metrics.service import service_metrics

EXACT = 1e-9
TIMES = {"first_reply", "handle_time", "speed_of_answer"}
OPENED = pd.to_datetime(
    ["2026-01-05", "2026-01-06", "2026-02-01", "2026-02-02", "2026-03-01"], utc=True
)
SERVICE = pd.DataFrame(
    {
        "ticket_id": ["T0", "T1", "T2", "T3", "T4"],
        "issue_id": ["I0", "I0", "I1", "I2", "I3"],
        "customer_id": ["a", "a", "b", "c", "z"],
        "opened_at": OPENED,
        "first_replied_at": OPENED.where([True, True, False, True, True]),
        "solved_at": OPENED.where([True, True, False, True, True]),
        "reason": ["late", "late", "odd", None, "odd"],
        "channel": ["phone", "phone", "chat", "chat", "phone"],
        "abandoned": [False, False, True, False, False],
        "queue_wait_seconds": [10.0, 20.0, 90.0, 3.0, 4.0],
        "csat": [1.0, 5.0, None, 4.0, None],
        "sla_met": [True, False, None, True, True],
        "reopens": [0, 1, None, 0, 0],
    }
)


@pytest.mark.parametrize(
    "metric", sorted(set(SOURCES) & set(service_metrics(of_tickets(SERVICE))["metric"]) - TIMES)
)
def test_rows_of_a_share_of_service_have_the_share_as_their_mean(metric: str) -> None:
    study = of_tickets(SERVICE, failure_reasons=["late"])
    figure = service_metrics(study, only=[metric]).iloc[0]
    rows = rows_behind(study, metric)
    assert len(rows) == figure["n"] > 0
    assert rows["counts"].mean() == pytest.approx(figure["value"], abs=EXACT)
    assert set(SERVICE.columns) <= set(rows.columns)
    assert not [name for name in rows if name.startswith("_")]


@pytest.mark.parametrize("metric", sorted(TIMES))
def test_rows_of_a_time_of_service_are_those_that_it_counts(metric: str) -> None:
    study = of_tickets(SERVICE.assign(talk_seconds=[60.0, 0.0, None, 120.0, 60.0]))
    figure = service_metrics(study, only=[metric]).iloc[0]
    rows = rows_behind(study, metric)
    assert len(rows) == figure["n"] == {"handle_time": 3}.get(metric, 4)
    if metric == "handle_time":
        assert rows["handle_seconds"].mean() == pytest.approx(figure["value"], abs=EXACT)
    if metric == "speed_of_answer":
        assert rows["queue_wait_seconds"].mean() == pytest.approx(figure["value"], abs=EXACT)


def test_ten_figures_of_service_have_rows() -> None:
    assert len(set(SOURCES) & set(service_metrics(of_tickets(SERVICE))["metric"])) == 10


def test_value_narrows_the_rows() -> None:
    study = of_tickets(SERVICE)
    assert list(rows_behind(study, "reason", "late")["ticket_id"]) == ["T0", "T1"]
    assert list(rows_behind(study, "reason")["ticket_id"]) == ["T0", "T1", "T2", "T4"]
    assert list(rows_behind(study, "abandonment", "chat")["ticket_id"]) == ["T2", "T3"]


def test_value_of_a_named_column_is_of_no_other() -> None:
    study = of_tickets(SERVICE.assign(team=["chat", "chat", "one", None, "one"]))
    assert len(rows_behind(study, "contact", "chat")) == 4
    assert list(rows_behind(study, "contact", "chat", "channel")["ticket_id"]) == ["T2", "T3"]
    assert list(rows_behind(study, "contact", "unknown", "team")["ticket_id"]) == ["T3"]
    with pytest.raises(ReportError, match=r"have no column 'chanel'\. Did you mean 'channel'"):
        rows_behind(study, "contact", "chat", "chanel")


def test_rows_of_a_painful_place_are_its_touches_and_contacts() -> None:
    rows = rows_behind(made(JOURNEYS, PLACED), "pain", "app")
    assert sorted(rows["what"]) == ["contact", "contact", "touch", "touch"]
    assert rows["is_low"].sum() == 2
    assert rows["happened_at"].is_monotonic_increasing
    assert len(rows_behind(made(JOURNEYS, PLACED), "pain", "buy")) == 6  # a stage
    alone = rows_behind(made(JOURNEYS), "pain", "app")
    assert set(alone["what"]) == {"touch"}


def test_rows_of_purchases_recurrence_and_help_are_there() -> None:
    study = made(HELP, ASKED, service={"self_service": ["help"]}, **BUY)
    assert list(rows_behind(study, "since_purchase")["days_since"].round(2)) == [0.0, 0.5, 1.04]
    visits = rows_behind(study, "help")
    assert (len(visits), visits["contacted"].sum(), visits["went_on"].sum()) == (4, 2, 2)
    again = contacts(
        ("a", "2026-01-01", "late"), ("a", "2026-02-01", "late"), ("b", "2026-12-01", "x")
    )
    numbered = again.assign(issue_id=["I1", "I2", "I3"])
    rows = rows_behind(of_tickets(numbered), "recurrence", "late")
    assert list(rows["same_reason_again"]) == [1, 0]


def test_promises_and_feedback_are_those_of_their_own_functions() -> None:
    study = cx.read_sample()
    assert len(rows_behind(study, "promises")) == len(cx.promise_rows(study))
    assert set(rows_behind(study, "promises", "late")["status"]) == {"late"}
    assert len(rows_behind(study, "feedback")) == len(cx.feedback_rows(study))


def test_without_a_figure_everything_there_is_is_listed() -> None:
    table = rows_behind(of_tickets(TICKETS))
    assert list(table["figure"]) == list(SOURCES)
    assert table.set_index("figure").loc["pain", "value"] == "touchpoint or stage"


def test_errors_say_what_there_is_and_what_is_needed() -> None:
    study = of_tickets(SERVICE)
    with pytest.raises(ReportError, match=r"no rows for 'reasons'\. Did you mean 'reason'"):
        rows_behind(study, "reasons")
    with pytest.raises(ReportError, match=r"'reason' has no rows for 'lat'\. Did you mean 'late'"):
        rows_behind(study, "reason", "lat")
    with pytest.raises(ReportError, match="needs journeys"):
        rows_behind(study, "pain")
    with pytest.raises(ReportError, match="needs the study file's list of failure_reasons"):
        rows_behind(study, "failure_demand")
    with pytest.raises(ReportError, match="not told apart by a value"):
        rows_behind(made(HELP, ASKED, service={"self_service": ["help"]}), "help", "x")


def test_every_contact_of_a_channel_and_every_touch_of_a_stage_can_be_had() -> None:
    assert list(rows_behind(of_tickets(SERVICE), "contact", "chat")["ticket_id"]) == ["T2", "T3"]
    study = made(JOURNEYS, PLACED)
    (stage, *_) = JOURNEYS["stage"]
    rows = rows_behind(study, "touch", stage)
    assert len(rows) == (JOURNEYS["stage"] == stage).sum()
    assert not [name for name in rows if name.startswith("_")]
