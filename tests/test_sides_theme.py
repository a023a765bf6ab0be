"""Theme of service beside experience: findings of small studies, and what the picture draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from findings_of_sides import SIDES
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from test_metrics_sides import JOURNEYS, TICKETS, study

from cxanalysis.findings.sides import find_sides
from cxanalysis.metrics.sides import service_share
from cxanalysis.narrative import describe, tabulate
from cxanalysis.plots import plot

EXACT = 1e-9


def axes_of(finding: Any) -> Axes:
    figure = plot(finding)
    assert figure is not None
    return figure.findobj(Axes)[0]


def test_finding_holds_shares_stages_and_the_balance() -> None:
    named = study(JOURNEYS, TICKETS.assign(csat=[2.0, 4.0]), reasons={"fault": {"stage": "use"}})
    finding = find_sides(named)
    share = finding.fact("service_touches")
    assert share is not None
    assert share.value.value == pytest.approx(2 / 7, abs=EXACT)
    assert (finding.n_stages, finding.n_touchpoints) == (2, 2)
    assert [stage for stage, _ in finding.stages] == ["use"]
    assert finding.difference.value == pytest.approx(1 / 5 - 1 / 6, abs=EXACT)  # one gave up
    assert not finding.doubled


def test_table_leaves_out_what_one_side_does_not_know() -> None:
    table = tabulate(find_sides(study(JOURNEYS, TICKETS)))
    assert table is not None
    rows = list(table["they differ in"])
    assert "scope" in rows
    assert "view" not in rows  # nobody was asked


def test_lengths_of_journeys_are_said_to_be_those_within_the_period() -> None:
    assert "between their first and last touch within October 2026" in " ".join(describe(SIDES))
    everything = " ".join(describe(replace(SIDES, period="all dates")))
    assert "between their first and last touch in these data" in everything
    lengths = service_share(study(JOURNEYS, TICKETS)).set_index("metric")["definition"]
    assert lengths[["journey_each", "journey_hours"]].str.contains("the period's touches").all()


def test_without_tickets_it_says_what_it_needs() -> None:
    finding = find_sides(study(JOURNEYS))
    assert finding.needs == "needs tickets"
    assert describe(finding) == (
        "**Service cannot be held against the whole journey:** that needs tickets.",
    )


def test_picture_draws_a_bar_per_place_and_a_mark_for_what_was_said() -> None:
    axes = axes_of(SIDES)
    bars = [patch.get_width() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert bars == pytest.approx([place.touch_share.value for place in SIDES.places], abs=EXACT)
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D"]
    assert marks == pytest.approx([p.feedback_share.value for p in SIDES.places], abs=EXACT)
