"""The theme of journeys as they went: the finding, and what its picture draws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from findings_of_timeline import MANY, ONE
from matplotlib.axes import Axes
from test_metrics_journeys_timeline import SERVICE, TOUCHES, both, contacts

from cxanalysis.findings.core import to_json
from cxanalysis.findings.timeline import find_timeline
from cxanalysis.narrative import describe
from cxanalysis.plots import plot
from cxanalysis.study import open_study

STORIES = Path(__file__).parents[1] / "data/stories"


def test_journeys_run_from_the_shortest_to_the_longest_and_name_nobody() -> None:
    finding = find_timeline(both(TOUCHES, contacts(("a", "2026-01-06")), **SERVICE))
    assert (finding.customers, finding.median, finding.most) == (2, 1, 3)
    assert finding.with_contact.value == 1
    assert [len(events) for events in finding.journeys] == [1, 3]
    assert [event.days for event in finding.journeys[1]] == [0, 5, 19]
    assert [event.is_contact for event in finding.journeys[1]] == [False, True, False]
    text = str(to_json(finding))
    assert "hotline" not in text
    assert "2026-01-05" not in text


def test_one_journey_has_every_detail() -> None:
    finding = find_timeline(open_study(STORIES / "late_delivery"), "buyer")
    (events,) = finding.journeys
    assert [event.what for event in events][1:3] == ["order", "where is my order"]
    assert events[2].days == pytest.approx(9.625)
    assert "Two events lie before the first contact" in describe(finding)[0]


def test_a_customer_of_whom_nothing_is_known_has_no_journey() -> None:
    assert find_timeline(open_study(STORIES / "late_delivery"), "nobody").journeys == ()


def test_few_customers_are_not_drawn() -> None:
    made = both(TOUCHES, contacts(("a", "2026-01-06")), metrics={"min_base": 3})
    assert find_timeline(made).journeys == ()


def test_picture_marks_contacts_by_shape() -> None:
    figure = plot(MANY)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    diamonds = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "D"]
    assert diamonds == [[[2.25, 1]], [[2.25, 2], [9.5, 2]]]


def test_picture_of_one_journey_has_a_line_per_stage_it_touched() -> None:
    figure = plot(replace(ONE, customer="17"))
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["Buy", "Use", "No stage named"]
