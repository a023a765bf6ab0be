"""How well each rule predicts, and under it the gap of recollection by the days between."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cxanalysis.findings.memory import MemoryFinding
from cxanalysis.narrative.memory import RULES, lag_text
from cxanalysis.narrative.words import integer, points, sentence_case, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    JOURNEY,
    QUIET,
    SERVICE,
    headed,
    interval_row,
    percent_axis,
    split,
    themed,
    wrapped,
)

ROW, FOOT, LAGS = 0.34, 0.5, 2.1  # inches
ROOM = 0.3  # of a lag, on both sides


@plot.register
def _plot(finding: MemoryFinding) -> Figure | None:
    if not finding.rules:
        return None
    lags = sum(lag.gap.known for lag in finding.lags) > 1
    rows = ROW * len(finding.rules) + FOOT
    with themed():
        figure, body = headed(
            rows + (LAGS if lags else 0),
            "What the overall score follows",
            f"share of differences that each rule accounts for, {finding.period}",
        )
        upper, lower = split(body, rows, LAGS) if lags else (body, None)
        _draw_rules(upper.subplots(), finding)
        if lower is not None:
            _draw_lags(lower.subplots(), finding)
        return figure


def _draw_rules(axes: Axes, finding: MemoryFinding) -> None:
    for y, rule in enumerate(finding.rules):
        # Those that the data do not tell from the first are drawn as it is.
        colour = QUIET if rule.clear else JOURNEY
        interval_row(axes, y, rule.r2, colour, with_interval(rule.r2))
    labels = [
        wrapped(sentence_case(RULES[rule.rule].removeprefix("the ")), 30) for rule in finding.rules
    ]
    axes.axvline(0, color=QUIET, lw=0.8, zorder=1)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    percent_axis(axes)


def _draw_lags(axes: Axes, finding: MemoryFinding) -> None:
    """The gap with its interval at every lag that is known, joined by a line."""
    known = [(x, lag) for x, lag in enumerate(finding.lags) if lag.gap.known]
    axes.axhline(0, color=QUIET, lw=0.8, zorder=1)
    axes.plot([x for x, _ in known], [lag.gap.value for _, lag in known], "-", color=SERVICE, lw=1)
    for x, lag in known:
        if lag.gap.has_interval:
            axes.plot([x, x], [lag.gap.low, lag.gap.high], color=SERVICE, lw=2)
        axes.plot([x], [lag.gap.value], "o", color=SERVICE, ms=7, mec="white", mew=1.2, zorder=3)
        axes.annotate(
            points(lag.gap.value, 2), (x, lag.gap.value), xytext=(5, 8),
            textcoords="offset points", va="center", fontsize=9,
        )  # fmt: skip
    names = [
        f"{wrapped(lag_text(lag), 11)}\n{integer(lag.n)}" if lag.gap.known else
        f"{wrapped(lag_text(lag), 11)}\n{'withheld' if lag.n else '–'}"
        for lag in finding.lags
    ]  # fmt: skip
    axes.set_xticks(range(len(names)), names)
    axes.tick_params(axis="x", length=0, labelcolor=INK)
    axes.set_xlim(-0.5, len(names) - 0.5 + ROOM)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(lambda value, _: points(value, 2))
    rated = "last rating there" if finding.same_touchpoint else "mean rating"
    axes.set_title(
        f"later score less {rated} in the moment, by days between; below: answers",
        fontsize=9.5,
        weight="normal",
        color=QUIET,
    )
