"""What to mend first: findings from studies of a known design, and what the picture draws."""

from __future__ import annotations

import io
from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from findings_of_actions import ACTIONS, FINDINGS, OUT_OF_REACH, UNDECIDED
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from test_priorities import LEVELS, answers, by_logit, served, survey_study, with_logs

from cxanalysis.drivers import DriverFit, fit_study
from cxanalysis.findings import find_actions, to_json
from cxanalysis.findings.actions import ActionsFinding
from cxanalysis.narrative import describe, footnotes, headline, tabulate
from cxanalysis.plots import plot
from cxanalysis.plots.theme import JOURNEY, QUIET, SERVICE, themed
from cxanalysis.study import Study

EXACT = 1e-9  # drawn values are the finding's own


@pytest.fixture(scope="module")
def study() -> Study:
    actions = {"use": {"owner": "Installation", "cost": 100}, "garage": {"owner": "Nobody"}}
    return survey_study(answers(), actions=actions)


@pytest.fixture(scope="module")
def fit(study: Study) -> DriverFit:
    return fit_study(study)


@pytest.fixture(scope="module")
def finding(study: Study, fit: DriverFit) -> ActionsFinding:
    return find_actions(study, fit)


def text_of(finding: ActionsFinding) -> str:
    return " ".join(describe(finding))


# --- the finding --------------------------------------------------------------------------------


def test_finding_of_a_known_design_names_what_to_mend(finding: ActionsFinding) -> None:
    assert headline(finding).startswith("Mend buy first: ")
    assert finding.by_key[0].name == "buy"
    assert finding.unexplained.low < finding.unexplained.value < finding.unexplained.high
    assert "go with nothing that is measured here" in text_of(finding)


def test_groups_stand_by_their_steps_with_the_difference_to_the_next(
    finding: ActionsFinding,
) -> None:
    steps = [group.step for group in finding.groups if group.step is not None]
    sizes = [step.size.value for step in steps]
    assert sizes == sorted(sizes, reverse=True)
    assert steps[0].ahead.value == pytest.approx(sizes[0] - sizes[1], abs=EXACT)


def test_text_keeps_to_a_headline_and_three_short_paragraphs() -> None:
    for each in FINDINGS.values():
        first, *others = describe(each)
        assert first.startswith("**")
        assert len(others) <= 3


def test_steps_are_told_in_points_only() -> None:
    """A part of the mean depends on where the scale begins."""
    everything = " ".join([*describe(ACTIONS), *footnotes(ACTIONS)])
    assert "of its mean" not in everything
    assert "with 0.42 (0.35 to 0.49)" in everything


def test_verdicts_allow_for_all_groups_and_both_lines() -> None:
    (note,) = [note for note in footnotes(ACTIONS) if note.startswith("*Verdict*")]
    assert "Holm's adjustment over all groups and both lines" in note


def test_finding_is_plain_json(finding: ActionsFinding) -> None:
    content = to_json(finding)
    assert content["kind"] == "actions"
    assert content["order"]["verdict"] == "the rest first"
    assert {group["quadrant"] for group in content["groups"]} >= {"mend first", "keep up", ""}


def test_action_for_no_group_is_told(finding: ActionsFinding) -> None:
    assert any("*garage*" in note for note in footnotes(finding))


def test_everything_undecided_is_said_and_never_forced() -> None:
    found = survey_study(answers(400, levels=dict.fromkeys(LEVELS, 60)))
    finding = find_actions(found, fit_study(found))
    assert headline(finding).startswith("What to mend first is undecided: ")
    assert {group.quadrant for group in finding.placed} == {"undecided"}


def test_out_of_reach_is_shown_and_not_recommended() -> None:
    found = survey_study(answers(1500), actions={"buy": {"within_reach": False}})
    finding = find_actions(found, fit_study(found))
    assert not headline(finding).startswith("Mend buy first")
    assert "buy" in {group.name for group in finding.placed}
    table = tabulate(finding)
    assert table is not None
    assert "mend first; out of reach" in set(table["verdict"])


def test_without_a_model_or_with_too_few_answers_nothing_is_said(
    study: Study, fit: DriverFit
) -> None:
    assert find_actions(study, None).reason == "no model"
    few = survey_study(answers(4000), metrics={"min_base": 5000})
    assert find_actions(few, fit).reason == "few"


def test_pure_noise_gives_nothing_to_mend() -> None:
    rng = np.random.default_rng(2)
    found = survey_study(answers(500).assign(overall_satisfaction=rng.normal(size=500)))
    finding = find_actions(found, fit_study(found))
    assert finding.reason == "nothing accounted for"
    assert plot(finding) is None
    assert tabulate(finding) is None


def test_logit_has_shares_without_verdicts() -> None:
    finding = find_actions(*by_logit())
    assert finding.point_values
    assert finding.order is None
    assert all(group.step is None for group in finding.groups)
    assert not finding.unexplained.known
    assert "shares without intervals" in headline(finding)


def test_sides_measured_differently_are_not_put_in_an_order() -> None:
    found, fit = served()
    finding = find_actions(found, fit)
    assert finding.order is not None
    assert finding.order.verdict == "measured differently"  # contacts on the way, the survey
    assert "do not tell whether service or the rest of the journey" in text_of(finding)
    assert finding.soft is not None
    assert any(note.startswith("*Soft against fast*") for note in footnotes(finding))


def test_records_and_ratings_of_few_customers_say_what_is_wrong() -> None:
    found = with_logs()
    finding = find_actions(found, fit_study(found))
    assert finding.reason in ("nothing accounted for", "not told apart")
    assert headline(finding).startswith("What to mend first cannot be said: ")


# --- the picture --------------------------------------------------------------------------------


def drawn(finding: ActionsFinding) -> Figure:
    figure = plot(finding)
    assert figure is not None
    return figure


def axes_of(finding: ActionsFinding) -> Axes:
    return drawn(finding).findobj(Axes)[0]


def lines_of(axes: Axes) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    def plain(values: Any) -> tuple[float, ...]:
        return tuple(map(float, values))

    return [(plain(line.get_xdata()), plain(line.get_ydata())) for line in axes.lines]


def test_every_group_placed_has_its_dot_and_both_whiskers() -> None:
    lines = lines_of(axes_of(ACTIONS))
    for group in ACTIONS.placed:
        x, y = group.performance, group.share
        assert ((x.value,), (y.value,)) in lines
        assert ((x.low, x.high), (y.value, y.value)) in lines
        assert ((x.value, x.value), (y.low, y.high)) in lines


def test_cross_hairs_lie_at_the_lines_of_the_finding() -> None:
    lines = lines_of(axes_of(ACTIONS))
    assert ((ACTIONS.performance_line,) * 2, (0.0, 1.0)) in lines
    assert ((0.0, 1.0), (ACTIONS.importance_line,) * 2) in lines


def test_undecided_is_hollow_and_out_of_reach_is_grey_and_named_so() -> None:
    axes = axes_of(OUT_OF_REACH)
    dots = {
        float(np.asarray(line.get_xdata())[0]): line
        for line in axes.lines
        if line.get_marker() == "o"
    }
    use, purchase, _ = OUT_OF_REACH.placed
    assert mpl.colors.to_hex(dots[use.performance.value].get_markeredgecolor()).upper() == QUIET
    assert dots[purchase.performance.value].get_markerfacecolor() == "white"
    texts = [text.get_text() for text in axes.findobj(Text)]
    assert any(text.startswith("Use (out of") for text in texts)


def test_sets_are_told_apart_by_colour_and_by_name() -> None:
    axes = axes_of(UNDECIDED)
    edges = [
        mpl.colors.to_hex(line.get_markeredgecolor()).upper()
        for line in axes.lines
        if line.get_marker() == "o"
    ]
    assert edges == [JOURNEY, JOURNEY, SERVICE]
    assert any("(service)" in text.get_text() for text in axes.findobj(Text))
    assert axes.get_legend() is None


@pytest.mark.parametrize("finding", [ACTIONS, UNDECIDED, OUT_OF_REACH], ids=range(3))
def test_names_do_not_overlap(finding: ActionsFinding) -> None:
    figure = drawn(finding)
    with themed():
        figure.savefig(io.BytesIO(), format="png")
        boxes = [
            text.get_window_extent()
            for text in figure.findobj(Annotation)
            if text.get_text() and text.get_visible()
        ]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
