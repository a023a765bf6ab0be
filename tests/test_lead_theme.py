"""The theme of what lies before the first contact: the finding, and what its picture draws."""

from __future__ import annotations

import pytest
from findings_of_lead import LEAD
from matplotlib.axes import Axes
from test_metrics_journeys_lead import TICKETS, TOUCHES
from test_metrics_journeys_timeline import both

from cxanalysis.findings.lead import find_lead
from cxanalysis.narrative import describe
from cxanalysis.plots import plot


def test_finding_holds_days_and_both_kinds_of_shares() -> None:
    finding = find_lead(both(TOUCHES, TICKETS))
    assert (finding.customers, finding.contacted, finding.contact_first) == (4, 3, 1)
    assert finding.lead_days.value == pytest.approx(20, abs=10)
    assert finding.touches.value == pytest.approx(3 / 6)
    assert finding.curve is not None
    assert finding.curve.at_risk[0] == 4
    assert [each.days for each in finding.reached] == [30]  # nobody was followed for ninety


def test_without_contacts_the_headline_claims_nothing() -> None:
    finding = find_lead(both(TOUCHES, TICKETS.iloc[:0]))
    assert finding.curve is None
    assert describe(finding)[0].startswith("**Hardly anyone made contact:** none of 4 customers")


def test_picture_marks_the_share_at_each_horizon() -> None:
    figure = plot(LEAD)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    dots = [line.get_xydata()[0].tolist() for line in axes.lines if line.get_marker() == "o"]
    assert dots == [[each.days, each.share.value] for each in LEAD.reached]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["0\n(1,204)", "30\n(934)", "90\n(394)", "120\n(124)"]
