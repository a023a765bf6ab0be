"""Mending and giving: the finding from hand-made studies, and what its picture draws."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from findings_of_moments import MOMENTS
from matplotlib.axes import Axes
from test_metrics_journeys_moments import (
    ANSWERS,
    CONTACTS,
    CUSTOMERS,
    FAULTS,
    GIFT,
    JOURNEY,
    RATED,
    TOUCHES,
    drawn,
    study,
)

from cxanalysis.findings.moments import find_moments
from cxanalysis.narrative import describe
from cxanalysis.plots import plot

EXACT = 1e-9  # drawn values are the finding's own


def test_finding_has_both_and_says_what_either_needs() -> None:
    mended = find_moments(study(config=FAULTS, journeys=JOURNEY, surveys=RATED, tickets=CONTACTS))
    assert [(each.first, each.second) for each in mended.mended] == [
        ("solved", "none"),
        ("unsolved", "none"),
        ("solved", "unsolved"),
    ]
    assert mended.needs_gestures == "needs the study file's list of gestures"
    given = find_moments(study(config=GIFT, journeys=TOUCHES, surveys=ANSWERS, customers=CUSTOMERS))
    assert given.needs_problems == "needs tickets"
    assert describe(given)[0].startswith("**How mended problems are rated cannot be told:**")
    assert "2 answers" in describe(given)[1]


@pytest.mark.parametrize(("effect", "chance"), [(0.4, False), (0.0, True)])
def test_difference_within_chance_is_called_so(effect: float, chance: bool) -> None:
    text = describe(find_moments(study(config=GIFT, **drawn(effect))))[1]
    first = text.split(". Asking")[0]
    assert first.endswith(", within chance") == chance


def test_paradox_is_by_the_direction_of_the_scale() -> None:
    (first, _) = describe(replace(MOMENTS, higher_is_better=False))
    assert "rate lower than those who told of none" in first
    assert "what is called the recovery paradox" in first
    assert "no recovery paradox is seen" in describe(MOMENTS)[0]
    column = {"column": "overall_satisfaction", "low": 1, "high": 5, "higher_is_better": False}
    tables = {"surveys": {"path": "x.csv", "columns": {"overall_satisfaction": column}}}
    made = study(config=FAULTS | {"tables": tables}, journeys=JOURNEY, surveys=RATED)
    assert not find_moments(made).higher_is_better
    own = study(config={"model": {"outcome": "mood"}}, journeys=JOURNEY, surveys=RATED)
    assert find_moments(own).needs_gestures == "needs surveys.mood"


def test_survey_without_customers_gives_no_figure_and_no_error() -> None:
    bare = pd.DataFrame(
        {"responded_at": ["2026-01-01"] * 3, "overall_satisfaction": [1.0, 2.0, 3.0]}
    )
    finding = find_moments(study(config=GIFT | FAULTS, surveys=bare, journeys=JOURNEY))
    assert finding.needs_gestures == "needs surveys.customer_id"
    assert plot(finding) is None


def test_picture_draws_every_difference_held_equal() -> None:
    figure = plot(MOMENTS)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    dots = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"]
    assert dots == pytest.approx([-0.41, -1.1, 0.69, 0.22], abs=EXACT)
