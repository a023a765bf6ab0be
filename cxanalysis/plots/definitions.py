"""The definitions' picture: a dot per definition on one axis, the one used filled."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.definitions import DefinitionsFinding, Panel, Variant
from cxanalysis.narrative.words import amount, digits_of
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, QUIET, SERVICE, headed, percent_axis, themed, wrapped

LINE, GAP = 0.17, 0.16  # inches: a line of a label, and the space between two rows
HEAD = 0.42
LETTERS = 40  # of a definition on one line


@plot.register
def _plot(finding: DefinitionsFinding) -> Figure | None:
    panels = [panel for panel in finding.panels if panel.unit == "share"]
    panels = panels or list(finding.panels)[:1]
    if not panels:
        return None
    heights = [_height(panel) for panel in panels]
    with themed():
        figure, body = headed(
            sum(heights),
            "One log, several definitions",
            f"{finding.period[:1].upper()}{finding.period[1:]}; filled: the definition used here",
        )
        rows = body.subplots(
            len(panels), 1, squeeze=False, height_ratios=heights, sharex=panels[0].unit == "share"
        )
        for axes, panel in zip(rows[:, 0], panels, strict=True):
            _draw(axes, panel)
        return figure


def _height(panel: Panel) -> float:
    return HEAD + sum(LINE * _lines(variant) + GAP for variant in panel.variants)


def _lines(variant: Variant) -> int:
    return wrapped(variant.text, LETTERS).count("\n") + 1


def _draw(axes: Axes, panel: Panel) -> None:
    places, place = [], 0.0
    for variant in panel.variants:
        size = LINE * _lines(variant) + GAP
        places.append(place + size / 2)
        place += size
        _dot(axes, places[-1], variant, panel.unit)
    labels = [wrapped(variant.text, LETTERS) for variant in panel.variants]
    axes.set_yticks(places, labels, fontsize=9)
    for label, variant in zip(axes.get_yticklabels(), panel.variants, strict=True):
        label.set_fontweight("bold" if variant.chosen else "normal")
    axes.set_ylim(place, 0)
    axes.set_title(panel.label, fontsize=10)
    if panel.unit == "share":
        axes.set_xlim(0, 1)
        percent_axis(axes)
    else:
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(lambda value, _: amount(value, panel.unit))


def _dot(axes: Axes, y: float, variant: Variant, unit: str) -> None:
    colour = SERVICE if variant.chosen else QUIET
    figure = variant.figure
    if figure.has_interval:
        axes.plot([figure.low, figure.high], [y, y], color=colour, lw=2, zorder=2)
    face = colour if variant.chosen else "white"
    (dot,) = axes.plot([figure.value], [y], "o", color=colour, mfc=face, ms=7, mew=1.4)
    dot.set(zorder=3, clip_on=False)
    axes.annotate(
        amount(figure.value, unit, digits_of(figure, unit)),
        (1, y),
        xycoords=axes.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
        color=INK,
    )
