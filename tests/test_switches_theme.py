"""The theme of changes of channel: the finding, and what its picture draws."""

from __future__ import annotations

import pandas as pd
import pytest
from findings_of_switches import SWITCHES
from matplotlib.axes import Axes
from test_metrics_journeys_switches import ANSWERS, TICKETS, TOUCHES, made

from cxanalysis.findings.switches import find_switches
from cxanalysis.narrative import describe
from cxanalysis.plots import plot


def test_finding_holds_what_can_be_told_and_names_the_rest() -> None:
    people = pd.DataFrame({"customer_id": ["a", "b"], "preferred_channel": ["chat", "phone"]})
    finding = find_switches(
        made(journeys=TOUCHES, tickets=TICKETS, surveys=ANSWERS, customers=people)
    )
    assert [row.switches for row in finding.rows] == [1, 3]
    assert finding.needs == ("", "", "")
    assert [each.preferred for each in finding.wanted] == ["everyone", "chat", "phone"]
    assert finding.wanted[0].elsewhere.value == pytest.approx(1 / 3)
    bare = find_switches(made(journeys=TOUCHES))
    assert bare.needs == ("needs surveys", "needs tickets", "needs tickets")
    assert describe(bare) == ("**Changes of channel cannot be told:** it needs surveys.",)


def test_one_channel_alone_is_never_changed() -> None:
    finding = find_switches(made(tickets=TICKETS.assign(channel="phone")))
    assert finding.needs[1] == "needs contacts by more than one channel"
    assert finding.matters is None


def test_picture_draws_the_mean_answer_at_each_number_of_switches() -> None:
    figure = plot(SWITCHES)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    dots = next(line for line in axes.lines if line.get_marker() == "o")
    assert dots.get_xydata().tolist() == [[0, 4.1], [1, 3.9], [6, 3.5]]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["0\n(210)", "1\n(340)", "6+\n(138)"]
