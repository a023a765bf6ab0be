"""Why customers make contact: findings from hand-made contacts, and what the picture draws."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from findings_of_reasons import BARE, FAULT, REASONS
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from test_metrics_reasons import JOURNEYS, TICKETS, contacts, made
from test_stories import story

from cxanalysis.findings.reasons import find_reasons
from cxanalysis.narrative import describe
from cxanalysis.plots import plot

EXACT = 1e-9


def test_finding_holds_reasons_kinds_and_the_work_of_failures() -> None:
    found = find_reasons(made(TICKETS, JOURNEYS, failure_reasons=["late"], cost_per_hour=40))
    assert [each.reason for each in found.reasons] == ["late", "broken", "odd"]
    assert found.reasons[0].rate.value == pytest.approx(750)
    assert found.failure.value == pytest.approx(3 / 6)
    assert (found.failure_hours, found.all_hours) == pytest.approx((1.5, 3.0))
    assert {part.about for part in found.mix} == {"kind", "help", "phase", "help and phase"}
    assert found.reasons[0].cost == pytest.approx(60)
    assert found.failure_cost == pytest.approx(60)


def test_work_of_few_contacts_is_withheld_and_still_counted_in_the_whole() -> None:
    found = find_reasons(
        made(TICKETS, JOURNEYS, failure_reasons=["late"], cost_per_hour=40, min_base=4)
    )
    assert found.n == 6
    assert all(math.isnan(each.hours) and math.isnan(each.cost) for each in found.reasons)
    assert (found.failure_hours, found.all_hours) == pytest.approx((1.5, 3.0))
    assert found.failure_cost == pytest.approx(60)


def test_owner_is_that_of_the_reason_or_else_of_its_stage() -> None:
    given = made(TICKETS, JOURNEYS)
    actions = {"buy": {"owner": "Sales"}, "broken": {"owner": "Works"}}
    config = given.config.model_validate(given.config.model_dump() | {"actions": actions})
    study = type(given)(given.path, config, given.engine, given.tables)
    assert [each.owner for each in find_reasons(study).reasons] == ["Sales", "Works", ""]


def test_rare_reasons_are_counted_together() -> None:
    rows = [(f"c{n}", "2026-01-05", f"r{n % 12:02d}") for n in range(48)]
    found = find_reasons(made(contacts(*rows)))
    assert (len(found.reasons), found.others) == (10, 2)
    assert found.others_share == pytest.approx(2 / 12)
    assert "differ by no more than chance would" in describe(found)[0]


def test_too_few_contacts_and_absent_reasons_are_said_in_one_sentence() -> None:
    few = find_reasons(made(TICKETS, min_base=30))
    assert (few.n, few.reasons) == (6, ())
    assert find_reasons(made(TICKETS, period="2025")).n == 0
    gone = find_reasons(made(TICKETS.drop(columns="reason")))
    assert describe(gone) == (
        "**Why customers made contact cannot be told:** it needs the reason of each contact.",
    )


@pytest.mark.parametrize("name", ["broken_television", "home_office"])
def test_stories_are_told_without_a_figure_of_chance(name: str, tmp_path: Path) -> None:
    text = " ".join(describe(find_reasons(story(name, tmp_path))))
    assert "nan" not in text


def test_picture_orders_reasons_by_rate_and_adds_up_their_shares() -> None:
    figure = plot(REASONS)
    assert figure is not None
    bars, mix = figure.findobj(Axes)
    lengths = [patch.get_width() for patch in bars.patches if isinstance(patch, Rectangle)]
    assert lengths == pytest.approx([196.4, 70.5, 8.1], abs=EXACT)
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert {"196 (171 to 226)", "70%", "100%", "so far"} <= set(texts)
    assert len(mix.patches) == 3


def test_picture_hatches_failures_and_colours_stages_apart() -> None:
    figure = plot(REASONS)
    assert figure is not None
    fault, question, order = figure.findobj(Axes)[0].patches
    assert fault.get_hatch() == order.get_hatch() == "///"
    assert question.get_hatch() is None
    assert fault.get_facecolor() == question.get_facecolor() != order.get_facecolor()
    assert (FAULT.stage, FAULT.is_failure) == ("use", True)


def test_picture_without_rates_shows_shares() -> None:
    figure = plot(BARE)
    assert figure is not None
    (axes,) = figure.findobj(Axes)
    assert [patch.get_width() for patch in axes.patches] == pytest.approx([0.32, 0.3], abs=EXACT)
