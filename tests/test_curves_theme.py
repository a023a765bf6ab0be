"""How long is too long: the finding from small studies, and what its picture draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from findings_of_curves import CHAT, CURVES, EMAIL, NO_TURN, PHONE, RESOLVED
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.text import Text
from test_metrics_curves import HELP, calls, study, visits

from cxanalysis.findings import find_curves
from cxanalysis.narrative import describe, tabulate
from cxanalysis.narrative.curves import main_curve, moment, span
from cxanalysis.plots import plot

EXACT = 1e-9  # drawn values are the finding's own


def axes_of(finding: Any) -> list[Axes]:
    figure = plot(finding)
    assert figure is not None
    return figure.findobj(Axes)


def test_finding_holds_where_the_curve_turns() -> None:
    generator = np.random.default_rng(3)
    waits = [10.0] * 100 + [400.0] * 100
    scores = [*generator.choice([4.0, 5], 100), *generator.choice([1.0, 5], 100)]
    finding = find_curves(study(calls(waits, scores, channel="phone"), min_base=30))
    (curve,) = finding.waits
    assert curve.turn == 1
    assert (curve.bins[1].low, curve.bins[1].n) == (pytest.approx(15), 100)
    assert curve.bins[1].gap.low > 0
    assert curve.p_doubling < 0.05
    assert sum(count for _, count in curve.bins[0].ratings) == 100
    assert finding.n_compared == 1
    assert finding.needs_giving_up == "needs tickets.abandoned"


def test_finding_has_no_turn_where_ratings_do_not_differ() -> None:
    finding = find_curves(study(calls([10.0] * 50 + [400.0] * 50, [1.0, 5] * 50), min_base=30))
    assert [curve.turn for curve in finding.waits] == [0]
    assert describe(finding)[0].startswith("**No wait is told apart as too long:**")


def test_finding_says_who_had_tried_self_service() -> None:
    waits, gone = [3.0, 100.0] * 40, [True, False] * 20 + [False] * 40
    table = calls(waits, abandoned=gone)
    tried = visits(*[(f"c{i}", "-1h") for i in range(40)])
    finding = find_curves(study(table, tried, HELP | {"self_service_hours": 24}, min_base=5))
    assert finding.self_service is not None
    assert finding.self_service.tried == pytest.approx(0.5, abs=EXACT)
    assert finding.self_service.others == 0
    assert (finding.n_queue, finding.hours) == (80, 24)


def test_study_without_tickets_says_so() -> None:
    some = study(calls([10, 20], [5, 4]))
    bare = type(some)(some.path, some.config, some.engine, {})
    text = describe(find_curves(bare))
    assert text == ("**How long is too long cannot be told:** that takes tickets.",)


def test_named_is_the_curve_that_turns_else_the_largest_that_can_be_compared() -> None:
    assert main_curve((EMAIL, PHONE)) is PHONE
    assert main_curve((EMAIL, CHAT)) is EMAIL
    assert main_curve((CHAT,)) is None


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0, 30, "under 30 s"),
        (10, 30, "10 to 30 s"),
        (30, 90, "30 s to 1 min 30 s"),
        (300, np.inf, "5 min or longer"),
        (0, np.inf, "any time"),
        (43200, 259200, "12 hours to 3 days"),
    ],
)
def test_time_of_a_bin_is_said_as_people_say_it(low: float, high: float, text: str) -> None:
    assert span(low, high) == text


def test_round_times_carry_no_zeros() -> None:
    assert [moment(x) for x in (90, 5400, 43200, 604800)] == [
        "1 min 30 s",
        "1.5 hours",
        "12 hours",
        "7 days",
    ]


def test_picture_has_a_panel_per_question_and_channel() -> None:
    panels = axes_of(CURVES)
    # Phone with its ratings, e-mail without, giving up in two parts, two panels of handling.
    assert len(panels) == 2 + 1 + 2 + 1 + 1
    dots = [line for line in panels[0].lines if line.get_marker() == "o"]
    assert [float(line.get_xdata()[0]) for line in dots] == [
        each.value.value for each in PHONE.bins
    ]
    assert [text.get_text() for text in panels[0].get_yticklabels()] == [
        "under 30 s",
        "30 s to 5 min",
        "5 min or longer",
    ]


def test_picture_draws_ratings_as_large_as_they_are_frequent() -> None:
    beside = axes_of(CURVES)[1]
    clouds = [each for each in beside.collections if isinstance(each, PathCollection)]
    drawn = {
        tuple(map(float, np.asarray(each.get_offsets())[0])): float(np.asarray(each.get_sizes())[0])
        for each in clouds
    }
    assert len(drawn) == 15  # three bins of five ratings
    assert max(drawn, key=lambda place: drawn[place]) == (4.0, 0.0)


def test_picture_leaves_out_what_cannot_be_compared() -> None:
    assert len(axes_of(NO_TURN)) == 2 + 1 + 2 + 1
    figure = plot(CURVES)
    assert figure is not None
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert not any("Chat" in text for text in texts)


def test_shares_of_a_panel_are_drawn_with_their_limits() -> None:
    last = axes_of(CURVES)[5]
    ends = {tuple(map(float, line.get_xdata())) for line in last.lines if len(line.get_xdata()) > 1}
    assert ends == {(each.value.low, each.value.high) for each in RESOLVED.bins}


def test_table_names_both_shares_of_giving_up_and_the_picture_says_where_there_is_none() -> None:
    table = tabulate(CURVES)
    assert table is not None
    figures = " ".join(table["figure"])
    assert "3% gave up by 30 s, " in figures
    assert "15% gave up in the end" in figures
    figure = plot(CURVES)
    assert figure is not None
    assert "has no end" in {text.get_text() for text in figure.findobj(Text)}
