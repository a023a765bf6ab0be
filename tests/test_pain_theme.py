"""Where the journey hurts: findings from hand-made journeys, and what the picture draws."""

from __future__ import annotations

from dataclasses import replace

import pytest
from findings_of_pain import PAIN
from matplotlib.axes import Axes
from matplotlib.text import Text
from test_metrics_pain import JOURNEYS, TICKETS, drawn, made

from cxanalysis.findings.pain import find_pain
from cxanalysis.narrative import describe
from cxanalysis.plots import plot

EXACT = 1e-9


def test_finding_names_the_worst_place_and_what_has_no_score() -> None:
    found = find_pain(made(JOURNEYS, TICKETS))
    assert [each.name for each in found.places] == ["app", "shop"]
    assert (found.withheld, found.unrated) == (1, (("hotline", 0),))
    assert found.rivals == ("shop",)


def test_clear_order_is_told_as_such_and_contacts_are_said_to_be_left_out() -> None:
    text = " ".join(describe(find_pain(made(drawn()))))
    assert text.startswith("**The journey hurts most at *worst* (buy):**")
    assert "Contacts are left out: that needs tickets." in text


def test_places_rated_lower_than_the_whole_are_not_counted_without_a_test() -> None:
    (_, contacts, _) = describe(PAIN)
    assert contacts.startswith("Of the three places listed, contacts are most frequent after")
    none = replace(PAIN, places=tuple(replace(each, contact_rate=0) for each in PAIN.places))
    assert len(describe(none)) == 2


def test_place_without_a_name_is_called_by_its_stage() -> None:
    found = find_pain(made(JOURNEYS.drop(columns="touchpoint"), TICKETS))
    assert [each.name for each in found.places] == ["use", "buy"]
    assert describe(found)[0].count("*use*") == 1


def test_what_is_missing_is_said_in_one_sentence() -> None:
    assert len(describe(find_pain(made(JOURNEYS.drop(columns="rating"))))) == 1
    assert find_pain(made(JOURNEYS, metrics={"min_base": 30})).places == ()
    bare = made(JOURNEYS)
    assert find_pain(type(bare)(bare.path, bare.config, bare.engine, {})).needs == "needs journeys"


def test_picture_draws_scores_in_order_with_their_intervals() -> None:
    figure = plot(PAIN)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    drawn_scores = [float(line.get_xdata()[0]) for line in dots]
    assert drawn_scores == pytest.approx([7.43, 2.1, 0.54], abs=EXACT)
    texts = {text.get_text() for text in figure.findobj(Text)}
    assert {
        "7.4 (6.0 to 8.8)",
        "October 2026; dashed line: told apart from the place below",
    } <= texts


def test_picture_parts_only_places_that_are_told_apart() -> None:
    def dashes(finding: object) -> int:
        figure = plot(finding)  # type: ignore[arg-type]
        assert figure is not None
        lines = figure.findobj(Axes)[0].lines
        return sum(line.get_linestyle() == "--" for line in lines)

    assert dashes(PAIN) == 1
    level = replace(PAIN, places=tuple(replace(each, is_apart=False) for each in PAIN.places))
    assert dashes(level) == 0
