"""The section on feedback: what is found in a study, said and drawn."""

from __future__ import annotations

import pytest
from findings_of_feedback import CELLS, HEARD, MANY_DEAF
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from test_metrics_feedback import ANSWERS, CONTACTS, TOUCHES, WHERE, study

from cxanalysis.findings import find_feedback
from cxanalysis.narrative import describe
from cxanalysis.plots import plot


def test_what_is_found_are_the_metrics_own_figures() -> None:
    frames = {"journeys": TOUCHES, "tickets": CONTACTS, "surveys": ANSWERS}
    found = find_feedback(study(frames, feedback=WHERE))
    assert (found.touches, found.rated) == (10, 4)
    assert (found.service_touches, found.service_rated) == (3, 2)
    assert found.service_share == pytest.approx((0.3, 0.5))
    assert [cell.touchpoint for cell in found.deaf] == ["door"]
    answered = found.loop[0]
    assert (answered.metric, answered.n, answered.figure.value) == ("feedback_answered", 4, 0.5)
    assert all(step.figure.known for step in found.complaints)


def test_without_any_touch_nothing_is_drawn_or_divided() -> None:
    found = find_feedback(study({}))
    assert (found.coverage, found.service_share) == (0.0, (0.0, 0.0))
    assert plot(found) is None
    assert "no touch" in describe(found)[0]


def test_a_long_list_of_deaf_touchpoints_is_cut_and_counted() -> None:
    assert "Six touchpoints are never rated" in describe(MANY_DEAF)[0]
    assert "and two more" in describe(MANY_DEAF)[0]


def test_a_deaf_touchpoint_is_blank_and_one_below_the_base_has_no_figure() -> None:
    figure = plot(HEARD)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    assert isinstance(axes, Axes)
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    white = [to_rgb(box.get_facecolor()) == (1.0, 1.0, 1.0) for box in boxes]
    # Inside a stage the cell with most touches comes first: the deaf one.
    assert white == [True, False, True, False]
    texts = " | ".join(text.get_text() for text in figure.findobj(Text))
    assert "0% of 1,196" in texts
    assert "few of 20" in texts
    assert "51% of 816" in texts


def test_more_coverage_is_a_darker_cell() -> None:
    figure = plot(HEARD)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    assert isinstance(axes, Axes)
    shop, phone = (to_rgb(axes.patches[place].get_facecolor()) for place in (1, 3))
    assert CELLS[0].coverage.value > CELLS[3].coverage.value
    assert sum(shop) < sum(phone)
