"""The answer's picture: what is accounted for and by whom, then each set three ways."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.answer import AnswerFinding
from cxanalysis.narrative.shares import share_of
from cxanalysis.narrative.words import counted, name, percent
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    JOURNEY,
    NEUTRAL,
    QUIET,
    SERVICE,
    SHARED,
    Segment,
    headed,
    interval_row,
    percent_axis,
    split,
    stacked_bar,
    themed,
)

_ROWS = ("alone", "shared part split evenly", "shared with nothing else")


@plot.register
def _plot(finding: AnswerFinding) -> Figure | None:
    if not finding.alone.known:
        return None
    # A negative part has no length to stack, and McFadden's R² is no part of all differences.
    stacks = finding.shared.value >= 0 and finding.measure == "R²"
    with themed():
        figure, body = headed(
            4.5 if stacks else 3.4,
            f"What goes with {name(finding.outcome)}",
            f"{counted(finding.n, 'answer')}, {finding.period}",
        )
        if stacks:
            upper, body = split(body, 1.1, 3.4)
            _draw_whole(upper.subplots(), finding)
        _draw_sets(body.subplots(), finding)
        return figure


def _draw_whole(axes: Axes, finding: AnswerFinding) -> None:
    """One bar for all differences in the outcome."""
    whole = finding.accounted.value
    stacked_bar(
        axes,
        [
            Segment("service only", finding.unique.value * whole, SERVICE, "white"),
            Segment("shared", finding.shared.value * whole, SHARED, "white"),
            Segment("journey only", finding.rest_unique.value * whole, JOURNEY),
            Segment("not accounted for", finding.not_accounted.value, NEUTRAL),
        ],
    )
    axes.set_title("All differences between answers", fontsize=9.5, color=QUIET)


def _draw_sets(axes: Axes, finding: AnswerFinding) -> None:
    """Each set alone, split evenly and unique, as shares of what all drivers account for."""
    service = (finding.alone, finding.split, finding.unique)
    rest = (finding.rest_alone, finding.rest_split, finding.rest_unique)
    heights = (1, 2, 3, 5, 6, 7)
    for y, estimate in zip(heights, service + rest, strict=True):
        colour = SERVICE if y < 4 else JOURNEY
        interval_row(axes, y, estimate, colour, share_of(finding, estimate))
    axes.plot([finding.line] * 2, [0.2, 1.5], color=INK, lw=1, ls=(0, (4, 3)), zorder=1)
    axes.annotate(
        f"service alone must pass {percent(finding.line)}",
        (finding.line, 0.1),
        ha="center",
        fontsize=9,
        color=QUIET,
    )
    _draw_floor(axes, finding)
    ends = [end for item in service + rest for end in (item.low, item.high, item.value)]
    known = [end for end in ends if not math.isnan(end)]
    axes.set(xlim=(min(-0.01, *known), max(1.01, *known)), ylim=(7.6, -0.6))
    axes.set_yticks(
        [0, *heights[:3], 4, *heights[3:]],
        ["Service", *_ROWS, "The rest of the journey", *_ROWS],
    )
    for label in (axes.get_yticklabels()[0], axes.get_yticklabels()[4]):
        label.set_fontweight("bold")
    percent_axis(axes)
    axes.set_title("Of what all drivers account for, with 95% intervals", fontsize=9.5, color=QUIET)


def _draw_floor(axes: Axes, finding: AnswerFinding) -> None:
    """A stroke on each set's first row: as far as it would reach if it went with nothing."""
    if math.isnan(finding.floor):
        return
    for y, floor in ((1, finding.floor), (5, finding.rest_floor)):
        axes.plot([floor] * 2, [y - 0.42, y + 0.42], color=INK, lw=1.2, zorder=4)
    axes.annotate(
        "strokes: the floor, goes with nothing at all",
        (0, 4.1),
        fontsize=9,
        color=QUIET,
    )
