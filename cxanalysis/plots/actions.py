"""Importance against performance: a dot with whiskers for every group, named where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.actions import ActionsFinding, Group
from cxanalysis.findings.core import Estimate
from cxanalysis.narrative.words import counted, name, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    QUIET,
    SET_COLOURS,
    SHARED,
    headed,
    themed,
    wrapped,
)

HEIGHT = 4.3  # inches
INSIDE = (5.3, 3.65)  # of the axes, about: width and height in inches
LETTER, LINE = 0.072, 0.145  # inches: an average letter and a line of 9 point text
FAR = 0.15  # what an inch from its dot costs a name
DISTANCES = (0.1, 0.22, 0.36, 0.52, 0.7, 0.9)
SIDES = tuple(
    (across / 2, up / 2) for across in range(-2, 3) for up in range(-2, 3) if across or up
)
CORNERS = (
    ("mend first", 0.0, 1.0),
    ("keep up", 1.0, 1.0),
    ("low priority", 0.0, 0.0),
    ("possible overkill", 1.0, 0.0),
)


class Box(NamedTuple):
    """A rectangle in inches from the lower left corner of the axes."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: Box) -> float:
        """Area in common."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)


@plot.register
def _plot(finding: ActionsFinding) -> Figure | None:
    if not finding.placed:
        return None
    with themed():
        figure, body = headed(
            HEIGHT,
            f"What to mend first for {name(finding.outcome)}",
            "95% intervals, lines at the means; hollow: not told apart from a line "
            f"({counted(finding.n, 'answer')})",
        )
        axes = body.subplots()
        x, y = _ranges(finding)
        axes.set(xlim=x, ylim=y)
        _cross_hairs(axes, finding)
        for group in finding.placed:
            _dot(axes, group)
        _name_dots(axes, finding)
        _axes(axes, x, y)
        return figure


def _axes(axes: Axes, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Ticks inside the axes, and what they count."""
    axes.set_xticks([tick for tick in axes.get_xticks() if x[0] <= tick <= x[1]])
    axes.set_yticks([tick for tick in axes.get_yticks() if y[0] <= tick <= y[1]])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%".replace("-", "−"))
    axes.spines["left"].set_visible(True)
    axes.tick_params(axis="y", labelsize=9, labelcolor=QUIET)
    for text, place, offset, angle in (
        ("performance, 0 (worst answer) to 100 (best)", (0.5, 0.0), (0, -20), 0),
        ("share of what the model accounts for", (0.0, 0.5), (-34, 0), 90),
    ):
        axes.annotate(
            text,
            place,
            xycoords="axes fraction",
            xytext=offset,
            textcoords="offset points",
            ha="right" if angle else "center",
            va="center" if angle else "top",
            rotation=angle,
            fontsize=9.5,
            color=QUIET,
        )


def _ranges(finding: ActionsFinding) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both axes with room for names around the outermost whiskers."""
    return (
        _range([group.performance for group in finding.placed], finding.performance_line, 0.18),
        _range([group.share for group in finding.placed], finding.importance_line, 0.13),
    )


def _range(estimates: Sequence[Estimate], line: float, room: float) -> tuple[float, float]:
    ends = [line]
    for each in estimates:
        ends += [each.low, each.high] if each.has_interval else [each.value]
    low, high = min(ends), max(ends)
    reach = (high - low) or 1.0
    return low - room * reach, high + room * reach


def _cross_hairs(axes: Axes, finding: ActionsFinding) -> None:
    axes.axvline(finding.performance_line, color=QUIET, lw=0.9, zorder=1)
    axes.axhline(finding.importance_line, color=QUIET, lw=0.9, zorder=1)
    for text, across, up in CORNERS:
        axes.annotate(
            text,
            (across, up),
            xycoords="axes fraction",
            xytext=(4 if across == 0 else -4, 4 if up == 0 else -4),
            textcoords="offset points",
            ha="left" if across == 0 else "right",
            va="bottom" if up == 0 else "top",
            fontsize=9,
            color=QUIET,
            style="italic",
        )


def _dot(axes: Axes, group: Group) -> None:
    colour, x, y = _colour(group), group.performance, group.share
    if x.has_interval:
        axes.plot([x.low, x.high], [y.value, y.value], color=colour, lw=1.3, zorder=2)
    if y.has_interval:
        axes.plot([x.value, x.value], [y.low, y.high], color=colour, lw=1.3, zorder=2)
    hollow = group.quadrant == "undecided"
    axes.plot(
        [x.value],
        [y.value],
        "o",
        ms=8,
        mfc="white" if hollow else colour,
        mec=colour,
        mew=1.6,
        zorder=3,
    )


def _colour(group: Group) -> str:
    return SET_COLOURS.get(group.set, SHARED) if group.within_reach else QUIET


# --- names, where they hide least --------------------------------------------------------------


def _name_dots(axes: Axes, finding: ActionsFinding) -> None:
    """Each name near its dot, on the side where it covers least of the others."""
    taken = [box for group in finding.placed for box in _drawn(axes, group)] + _corner_boxes()
    across, up = _inches(axes, finding.performance_line, finding.importance_line)
    taken += [
        Box(across - 0.04, 0.0, across + 0.04, INSIDE[1]),
        Box(0.0, up - 0.04, INSIDE[0], up + 0.04),
    ]
    for group in sorted(finding.placed, key=lambda each: -each.share.value):
        text = _label(group)
        box = _best(_candidates(axes, group, text), taken)
        taken.append(box)
        _write(axes, group, text, box)


def _label(group: Group) -> str:
    text = sentence_case(name(group.name))
    if group.set == "service" and "service" not in text.lower():
        text = f"{text} (service)"
    return wrapped(text if group.within_reach else f"{text} (out of reach)", 22)


def _best(candidates: Iterable[tuple[float, Box]], taken: Sequence[Box]) -> Box:
    """The place that costs least; of those alike the first, which is the nearest."""
    least, best = math.inf, Box(0, 0, 0, 0)
    for distance, box in candidates:
        if FAR * distance >= least:  # all that follow are as far
            break
        cost = _cost(box, distance, taken)
        if cost < least:
            least, best = cost, box
    return best


def _candidates(axes: Axes, group: Group, text: str) -> Iterator[tuple[float, Box]]:
    """Places for a name, each with its distance from the dot; the nearest first."""
    x, y = _inches(axes, group.performance.value, group.share.value)
    lines = text.split("\n")
    width, height = LETTER * max(map(len, lines)), LINE * len(lines)
    for distance in DISTANCES:
        for across, up in SIDES:
            left = x + across * distance - width * (1 - across) / 2
            low = y + up * distance - height * (1 - up) / 2
            yield distance, Box(left, low, left + width, low + height)


def _cost(box: Box, distance: float, taken: Sequence[Box]) -> float:
    """How much a name hides, leaves the axes, or is far away."""
    axes = Box(0.02, 0.02, INSIDE[0] - 0.02, INSIDE[1] - 0.02)
    outside = (box.right - box.left) * (box.top - box.bottom) - box.overlap(axes)
    return 50 * outside + 20 * sum(box.overlap(other) for other in taken) + FAR * distance


def _drawn(axes: Axes, group: Group) -> list[Box]:
    """What a group's dot and whiskers cover."""
    x, y = group.performance, group.share
    across, up = _inches(axes, x.value, y.value)
    boxes = [Box(across - 0.08, up - 0.08, across + 0.08, up + 0.08)]
    if x.has_interval:
        left, right = (_inches(axes, end, y.value)[0] for end in (x.low, x.high))
        boxes.append(Box(left, up - 0.03, right, up + 0.03))
    if y.has_interval:
        low, high = (_inches(axes, x.value, end)[1] for end in (y.low, y.high))
        boxes.append(Box(across - 0.03, low, across + 0.03, high))
    return boxes


def _corner_boxes() -> list[Box]:
    boxes = []
    for text, across, up in CORNERS:
        width = LETTER * len(text) + 0.1
        left = 0.0 if across == 0 else INSIDE[0] - width
        low = 0.0 if up == 0 else INSIDE[1] - LINE - 0.1
        boxes.append(Box(left, low, left + width, low + LINE + 0.1))
    return boxes


def _inches(axes: Axes, x: float, y: float) -> tuple[float, float]:
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    return INSIDE[0] * (x - left) / (right - left), INSIDE[1] * (y - low) / (high - low)


def _write(axes: Axes, group: Group, text: str, box: Box) -> None:
    """The name in its box, with a stroke to its dot where that is not beside it."""
    x, y = _inches(axes, group.performance.value, group.share.value)
    middle = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
    near = (min(max(x, box.left), box.right), min(max(y, box.bottom), box.top))
    if abs(near[0] - x) + abs(near[1] - y) > 0.35:
        spot = (near[0] / INSIDE[0], near[1] / INSIDE[1])
        dot = (x / INSIDE[0], y / INSIDE[1])
        axes.plot(
            [spot[0], dot[0]],
            [spot[1], dot[1]],
            color=QUIET,
            lw=0.6,
            zorder=1.5,
            transform=axes.transAxes,
        )
    axes.annotate(
        text,
        (middle[0] / INSIDE[0], middle[1] / INSIDE[1]),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=9,
        color=INK,
        zorder=4,
    )
