"""The scorecard's picture: the NPS and the three kinds of answers it is made of."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.scorecard import ScorecardFinding
from cxanalysis.narrative.scorecard import nps_digits
from cxanalysis.narrative.words import counted, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, NEUTRAL, Segment, headed, stacked_bar, themed

# The same three colours wherever an NPS is drawn.
NPS_PARTS = (
    ("detractors (0–6)", "#D55E00", "white"),
    ("passives (7–8)", NEUTRAL, INK),
    ("promoters (9–10)", "#009E73", "white"),
)


@plot.register
def _plot(finding: ScorecardFinding) -> Figure | None:
    scores = [figure for figure in finding.figures if figure.metric == "nps"]
    if not finding.nps_mix or not scores:
        return None
    nps = scores[0]
    with themed():
        figure, body = headed(
            0.85, "Would customers recommend us?", f"{counted(nps.n, 'answer')}, {finding.period}"
        )
        axes = body.subplots()
        segments = [
            Segment(label, share, colour, ink)
            for share, (label, colour, ink) in zip(finding.nps_mix, NPS_PARTS, strict=True)
        ]
        digits = nps_digits(finding)
        stacked_bar(axes, segments, room=1.5 if digits else 1.36, digits=digits)
        score = f"NPS {with_interval(nps.now, 'points', digits)}"
        axes.text(1.02, 0, score, va="center", weight="bold")
        return figure
