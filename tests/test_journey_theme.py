"""Themes of the journey report: findings from hand-made studies, and what their pictures draw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from findings_of_journeys import BELIEVED, LOW_IS_GOOD, MAP, NOT_CLEAR
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from test_metrics_journeys import SMALL, study

from cxanalysis.findings import find_journey
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative import describe
from cxanalysis.plots import plot

# Drawn values are the finding's own.
EXACT = 1e-9


def axes_of(finding: Any) -> list[Axes]:
    figure = plot(finding)
    assert figure is not None
    return figure.findobj(Axes)


def test_finding_of_the_map_names_the_lowest_touchpoint_of_a_stage() -> None:
    finding = find_journey(study(SMALL.assign(rating=[2, 3, 4, 5, 5, 3]), metrics={"min_base": 2}))
    use = next(stage for stage in finding.stages if stage.stage == "use")
    assert (use.touches, use.n, use.customers) == (3, 3, 2)
    assert use.lowest is None  # one touchpoint alone is no worst one
    assert finding.weakest is not None
    assert finding.weakest.name == "use"


def test_map_without_a_table_or_a_segment_says_what_it_needs() -> None:
    narrowed = study(SMALL.assign(country="x")).among("country=x")
    assert find_journey(narrowed).needs == ""
    without = study(SMALL)
    bare = type(without)(without.path, without.config, without.engine, {})
    assert find_journey(bare).needs == "needs journeys"
    assert describe(find_journey(bare)) == ("**There is no journey to show:** it needs journeys.",)


def test_map_draws_means_touches_and_coverage_in_the_order_of_stages() -> None:
    ratings, volume, coverage = axes_of(MAP)
    line = next(line for line in ratings.lines if len(line.get_xdata()) == len(MAP.stages))
    assert list(line.get_ydata()) == [stage.rating.value for stage in MAP.stages]
    for axes, values in (
        (volume, [stage.touches for stage in MAP.stages]),
        (coverage, [stage.coverage.value for stage in MAP.stages]),
    ):
        bars = [patch.get_height() for patch in axes.patches if isinstance(patch, Rectangle)]
        assert bars == pytest.approx(values, abs=EXACT)
    labels = [label.get_text() for label in coverage.get_xticklabels()]
    assert labels == ["Awareness", "Purchase", "Use", "Advocacy"]


def test_map_draws_the_interval_and_a_dot_as_large_as_the_base() -> None:
    ratings = axes_of(MAP)[0]
    intervals = {tuple(map(float, line.get_ydata())) for line in ratings.lines}
    assert all((stage.rating.low, stage.rating.high) in intervals for stage in MAP.stages)
    sizes = {
        float(line.get_xdata()[0]): line.get_markersize()
        for line in ratings.lines
        if line.get_marker() == "o"
    }
    bases = {float(x): stage.n for x, stage in enumerate(MAP.stages)}
    assert sorted(sizes, key=lambda x: sizes[x]) == sorted(bases, key=lambda x: bases[x])


def test_map_says_withheld_and_names_the_lowest_touchpoint() -> None:
    texts = [text.get_text() for text in axes_of(NOT_CLEAR)[0].findobj(Text)]
    assert "withheld" in texts
    assert "– lowest touchpoint: store checkout, 3.71" in texts


def test_better_is_up_where_low_is_good() -> None:
    bottom, top = axes_of(LOW_IS_GOOD)[0].get_ylim()
    assert bottom > top


def test_map_marks_what_the_company_believes_and_makes_room_for_it() -> None:
    ratings = axes_of(BELIEVED)[0]
    marks = {
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in ratings.lines
        if line.get_marker() == "D"
    }
    assert marks == {(1.0, 4.3), (2.0, 4.0), (3.0, 3.85)}
    assert ratings.get_ylim()[1] > 4.3
    assert not [line for line in axes_of(MAP)[0].lines if line.get_marker() == "D"]


def test_finding_holds_own_scores_only_where_the_study_file_gives_them() -> None:
    given = study(SMALL, journey={"own_scores": {"use": 4.5}})
    (own,) = find_journey(given).own_scores
    assert (own.stage, own.score, own.n) == ("use", 4.5, 3)
    assert find_journey(study(SMALL)).own_scores == ()


def test_a_difference_without_an_interval_is_told_without_one() -> None:
    weakest = replace(NOT_CLEAR.weakest, lead=Estimate(3.0))
    text = describe(replace(NOT_CLEAR, weakest=weakest))[0]
    assert "the difference is 3.00." in text
    assert "–)" not in text
