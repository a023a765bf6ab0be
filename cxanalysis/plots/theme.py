"""How every picture looks: one width, one palette, no axis furniture that carries nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase, SubFigure

from cxanalysis.findings.core import Estimate
from cxanalysis.narrative.words import agreeing, percent

WIDTH = 6.2  # inches: narrow enough that its text can be read on a phone
# Okabe and Ito's colours, told apart by colour-blind readers and, by lightness, in grey print.
SERVICE = "#0072B2"
JOURNEY = "#E69F00"
SHARED = "#767676"
NEUTRAL = "#E3E3E3"
INK = "#222222"
QUIET = "#5F5F5F"
NARROW = 0.06  # of the axis: a narrower part has no room for its figure
CHARACTER = 0.0121  # of the axis, an average letter of a 9 point label on the page's width
MARK = "cx-bar-"  # and a number: the artists that stand for a row of the finding
SET_COLOURS = {"service": SERVICE, "journey": JOURNEY}

_DEFAULTS: dict[str, Any] = {
    key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")
}
_RC: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.labelsize": 9,
    "ytick.labelsize": 10,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "ytick.major.size": 0,
    "text.color": INK,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "cxanalysis",
}


@contextmanager
def themed() -> Iterator[None]:
    """Our settings, for as long as one picture is drawn or written."""
    settings: Any = {**_DEFAULTS, **_RC}
    with mpl.rc_context(settings):
        yield


def headed(height: float, title: str, subtitle: str = "") -> tuple[Figure, SubFigure]:
    """A figure of the page's width with a heading, and the space under it to draw in.

    It is no part of pyplot's state. ``height`` is that of the drawing, in inches.
    """
    head = 0.52 if subtitle else 0.32
    figure = Figure(figsize=(WIDTH, height + head), layout="constrained")
    top, body = split(figure, head, height)
    top.text(0.008, 1 - 0.06 / head, plain(title), va="top", fontsize=11, fontweight="bold")
    if subtitle:
        top.text(0.008, 0.06 / head, plain(subtitle), va="bottom", fontsize=9.5, color=QUIET)
    return figure, body


def split(figure: FigureBase, upper: float, lower: float) -> tuple[SubFigure, SubFigure]:
    """The figure in two, one above the other, with these heights."""
    halves: Any = figure.subfigures(2, 1, height_ratios=[upper, lower])
    above, below = halves
    return above, below


def plain(text: str) -> str:
    """The text as it is: a dollar sign starts no formula."""
    return text.replace("$", r"\$")


def wrapped(text: str, width: int = 26) -> str:
    """A label broken at words, and inside a word only where that is too long for a line."""
    return plain("\n".join(textwrap.wrap(text, width)))


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar: what it is, how long, and its colours."""

    label: str
    share: float
    colour: str
    ink: str = INK


def stacked_bar(
    axes: Axes, segments: Sequence[Segment], room: float = 1.0, digits: int | None = None
) -> None:
    """One bar of parts that add up to 1, each labelled under itself.

    A label that would run into the one before goes a line lower, with a stroke to its part;
    parts too narrow for their figure carry it in the label. ``room`` is the end of the axis;
    ``digits`` those of the percentages, as many as let them add up to 100 where left out.
    """
    if digits is None:
        digits = agreeing(1.0, [segment.share for segment in segments])
    above = [(-1.0, -1.0)] * len(segments)  # the last label on each line below the bar
    left, deepest = 0.0, 0
    for segment in segments:
        axes.barh(
            [0], [segment.share], left=[left], height=0.9, color=segment.colour, edgecolor="white"
        )
        middle = left + segment.share / 2
        label = segment.label
        if segment.share < NARROW * room:
            label = f"{label} {percent(segment.share, digits)}"
        else:
            share = percent(segment.share, digits)
            axes.text(middle, 0, share, ha="center", va="center", color=segment.ink)
        half = CHARACTER * room * len(label) / 2
        centre = min(max(middle, half), room - half)
        line = next(index for index, (_, end) in enumerate(above) if centre - half > end)
        above[line] = (centre - half, centre + half)
        deepest = max(deepest, line)
        low = -0.62 - 0.42 * line
        # A stroke does not cross the label of a part before it.
        crosses = any(start < middle < end for start, end in above[:line])
        axes.plot([middle, middle], [-0.45, -0.57 if crosses else low + 0.05], color=QUIET, lw=0.7)
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        axes.text(
            centre, low, plain(label), ha="center", va="top", fontsize=9, color=QUIET, bbox=behind
        )
        left += segment.share
    axes.set(xlim=(0, room), ylim=(-1.1 - 0.42 * deepest, 0.5), yticks=[], xticks=[])
    axes.spines["bottom"].set_visible(False)


def marked(place: int) -> str:
    """What the artist of a row or column is called in its picture, by its place from 0.

    So it is found again in the picture, by whoever wants to know what lies where.
    """
    return f"{MARK}{place}"


def interval_row(
    axes: Axes, y: float, estimate: Estimate, colour: str, text: str, gid: str | None = None
) -> None:
    """A dot with its interval, and the figures in a column at the right."""
    if estimate.has_interval:
        axes.plot([estimate.low, estimate.high], [y, y], color=colour, lw=2.4, zorder=2)
    (dot,) = axes.plot([estimate.value], [y], "o", color=colour, ms=8, mec="white", mew=1.2)
    dot.set(zorder=3, clip_on=False, gid=gid)
    axes.annotate(
        text,
        (1, y),
        xycoords=axes.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
    )


def percent_axis(axes: Axes) -> None:
    """An x axis of shares, written as percentages with a true minus."""
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%".replace("-", "−"))
