"""Service among the stages: a bar for its share of touches, a mark for its share of feedback."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.sides import Place, SidesFinding
from cxanalysis.narrative.words import digits_of, name, percent, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    JOURNEY,
    QUIET,
    SERVICE,
    headed,
    percent_axis,
    themed,
    wrapped,
)

ROW, FOOT = 0.34, 0.62  # inches


@plot.register
def _plot(finding: SidesFinding) -> Figure | None:
    places = [place for place in finding.places if place.touch_share.known]
    if len(places) < 2 or finding.service is None:
        return None
    asked = any(place.feedback_share.known for place in places)
    with themed():
        figure, body = headed(
            ROW * len(places) + FOOT,
            "Where customers are met" + (", and where they are heard" if asked else ""),
            "bars: share of touches not given up, 95% interval"
            + ("; diamonds: share of feedback" * asked),
        )
        axes = body.subplots()
        for y, place in enumerate(places):
            _draw(axes, y, place)
        axes.set_yticks(range(len(places)), [wrapped(_label(place)) for place in places])
        longest = max(_reach(place) for place in places)
        axes.set(xlim=(0, longest * 1.02), ylim=(len(places) - 0.5, -0.5))
        percent_axis(axes)
        return figure


def _label(place: Place) -> str:
    return sentence_case(name(place.name))


def _reach(place: Place) -> float:
    ends = (place.touch_share.high, place.touch_share.value, place.feedback_share.value)
    return max(end for end in ends if not math.isnan(end))


def _draw(axes: Axes, y: int, place: Place) -> None:
    share, said = place.touch_share, place.feedback_share
    colour = SERVICE if place.is_service else JOURNEY
    axes.barh([y], [share.value], color=colour, height=0.62, zorder=2)
    if share.has_interval:
        axes.plot([share.low, share.high], [y, y], color="white", lw=3.4, zorder=3)
        axes.plot([share.low, share.high], [y, y], color=INK, lw=1.4, zorder=3)
    text = percent(share.value, digits_of(share))
    if said.known:
        axes.plot([said.value], [y], "D", color="white", mec=INK, mew=1.2, ms=6, zorder=4)
        text += f", heard {percent(said.value, digits_of(said))}"
    axes.annotate(
        text,
        (1, y),
        xycoords=axes.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        color=INK if place.is_service else QUIET,
    )
