"""The scorecard's picture: the NPS, the answers it is made of, and what it did before."""

from __future__ import annotations

from matplotlib.figure import Figure, SubFigure

from cxanalysis.findings import scorecard as findings
from cxanalysis.findings.scorecard import ScorecardFinding
from cxanalysis.narrative.scorecard import nps_digits
from cxanalysis.narrative.words import counted, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    NEUTRAL,
    Segment,
    headed,
    split,
    stacked_bar,
    themed,
)
from cxanalysis.plots.trend import trend

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
        axes = lower.subplots()
        titles = [title for title, _ in finding.nps_before] + [finding.period]
        trend(axes, titles, [value for _, value in finding.nps_before], nps)
        axes.set_title(
            f"NPS by {finding.every}; grey: the range it usually moves in",
            fontsize=9.5,
            weight="normal",
        )
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
