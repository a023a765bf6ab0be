"""The theme of memory: findings from made companies, and what its picture draws."""

from __future__ import annotations

from typing import Any

import pytest
from findings_of_memory import CLEAR, TIED
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from test_memory import ONE, company, study

from cxanalysis.engine import collect
from cxanalysis.findings import find_memory
from cxanalysis.narrative import describe
from cxanalysis.plots import plot
from cxanalysis.plots.theme import JOURNEY, QUIET

# Drawn values are the finding's own.
EXACT = 1e-9


def axes_of(finding: Any) -> list[Axes]:
    figure = plot(finding)
    assert figure is not None
    return figure.findobj(Axes)


def test_finding_puts_the_rule_that_made_the_scores_first() -> None:
    finding = find_memory(company("peak and end"))
    assert finding.clear
    assert finding.rules[0].rule == "peak and end"
    assert finding.n == finding.customers == 400
    assert finding.levels is not None
    assert finding.levels.touchpoints == 3
    assert sum(lag.n for lag in finding.lags) == finding.n_gap == 400
    assert describe(finding)[0].startswith("**Peak and end predicts overall satisfaction best:**")


def test_finding_without_surveys_says_what_it_needs() -> None:
    finding = find_memory(study(frames={"journeys": ONE}))
    assert (finding.needs, finding.rules, finding.lags) == ("needs surveys", (), ())
    assert plot(finding) is None


def test_finding_holds_scores_of_one_touchpoint_against_ratings_there_where_both_are_known() -> (
    None
):
    made = company("mean", n=80)
    surveys = collect(made.tables["surveys"]).assign(csat=3.0, touchpoint="app")
    frames = {"journeys": collect(made.tables["journeys"]), "surveys": surveys}
    finding = find_memory(study(frames=frames, metrics={"min_base": 30}))
    assert finding.same_touchpoint
    assert 30 <= finding.n_gap < 80
    assert not find_memory(made).same_touchpoint


def test_picture_draws_every_rule_and_greys_those_that_are_behind() -> None:
    rules = axes_of(TIED)[0]
    dots = [line for line in rules.lines if line.get_marker() == "o"]
    drawn = {float(dot.get_xdata()[0]): to_hex(dot.get_color()) for dot in dots}
    assert list(drawn) == pytest.approx([rule.r2.value for rule in TIED.rules], abs=EXACT)
    grey = [to_hex(QUIET if rule.clear else JOURNEY) for rule in TIED.rules]
    assert list(drawn.values()) == grey


def test_picture_draws_the_gap_where_it_is_known_and_names_what_is_withheld() -> None:
    lags = axes_of(CLEAR)[1]
    dots = [line for line in lags.lines if line.get_marker() == "o"]
    assert [float(dot.get_ydata()[0]) for dot in dots] == pytest.approx(
        [lag.gap.value for lag in CLEAR.lags[:4]], abs=EXACT
    )
    labels = [label.get_text() for label in lags.get_xticklabels()]
    assert labels[0].endswith("310")
    assert labels[4].endswith("withheld")
