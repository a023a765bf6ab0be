"""The scorecard's picture: the NPS, the answers it is made of, and what it did before."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from cxanalysis.findings import scorecard as findings
from cxanalysis.findings.scorecard import ScorecardFinding
from cxanalysis.narrative.scorecard import nps_digits
from cxanalysis.narrative.words import counted, points, sentence_case, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    NEUTRAL,
    QUIET,
    SERVICE,
    Segment,
    headed,
    split,
    stacked_bar,
    themed,
)

# The same three colours wherever an NPS is drawn.
NPS_PARTS = (
    ("detractors (0–6)", "#D55E00", "white"),
    ("passives (7–8)", NEUTRAL, INK),
    ("promoters (9–10)", "#009E73", "white"),
)
BAR, TREND = 0.85, 1.75  # inches


@plot.register
def _plot(finding: ScorecardFinding) -> Figure | None:
    scores = [figure for figure in finding.figures if figure.metric == "nps"]
    if not finding.nps_mix or not scores:
        return None
    nps = scores[0]
    height = BAR + (TREND if finding.nps_before else 0)
    with themed():
        figure, body = headed(
            height, "Would customers recommend us?", f"{counted(nps.n, 'answer')}, {finding.period}"
        )
        if not finding.nps_before:
            _draw_bar(body, finding, nps)
            return figure
        upper, lower = split(body, BAR, TREND)
        _draw_bar(upper, finding, nps)
        _draw_trend(lower.subplots(), finding, nps)
        return figure


def _draw_bar(body: SubFigure, finding: ScorecardFinding, nps: findings.Figure) -> None:
    axes = body.subplots()
    segments = [
        Segment(label, share, colour, ink)
        for share, (label, colour, ink) in zip(finding.nps_mix, NPS_PARTS, strict=True)
    ]
    digits = nps_digits(finding)
    stacked_bar(axes, segments, room=1.5 if digits else 1.36, digits=digits)
    score = f"NPS {with_interval(nps.now, 'points', digits)}"
    axes.text(1.02, 0, score, va="center", weight="bold")


def _draw_trend(axes: Axes, finding: ScorecardFinding, nps: findings.Figure) -> None:
    """Earlier periods on the range the NPS usually moves in, then this one with its interval."""
    titles = [title for title, _ in finding.nps_before]
    values = [value for _, value in finding.nps_before]
    last = len(values)
    axes.axhspan(nps.usual_low, nps.usual_high, color=NEUTRAL, lw=0)
    axes.plot(range(last), values, "-", color=QUIET, lw=1)
    axes.plot(range(last), values, "o", color=QUIET, ms=4)
    axes.plot([last, last], [nps.now.low, nps.now.high], color=SERVICE, lw=2.4)
    axes.plot([last], [nps.now.value], "o", color=SERVICE, ms=8, mec="white", mew=1.2)
    known = [value for value in values if not math.isnan(value)]
    ends = (nps.usual_low, nps.usual_high, nps.now.low, nps.now.high, *known)
    room = 0.06 * (max(ends) - min(ends))
    low, high = min(ends) - room, max(ends) + room
    axes.set(xlim=(-0.4, last + 0.4), ylim=(low, high))
    axes.set_xticks([0, last], [sentence_case(titles[0]), sentence_case(finding.period)])
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.get_xticklabels()[1].set_horizontalalignment("right")
    axes.yaxis.set_major_formatter(lambda value, _: points(value))
    axes.set_yticks([tick for tick in MaxNLocator(4).tick_values(low, high) if low < tick < high])
    axes.set_title(
        f"NPS by {finding.every}; grey: the range it usually moves in",
        fontsize=9.5,
        weight="normal",
    )
