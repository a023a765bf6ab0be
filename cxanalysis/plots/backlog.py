"""The backlog's picture: open contacts at the end of each period, and their age below."""

from __future__ import annotations

import math

from matplotlib.figure import Figure

from cxanalysis.findings.backlog import BacklogFinding
from cxanalysis.narrative.words import integer
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, NEUTRAL, QUIET, SERVICE, headed, themed, wrapped

FEWEST = 2
DATED = 4  # periods whose names have room side by side; of more, the first and last have theirs


@plot.register
def _plot(finding: BacklogFinding) -> Figure | None:
    points = finding.points
    if len(points) < FEWEST:
        return None
    aged = any(not math.isnan(point.age_p50) for point in points)
    with themed():
        figure, body = headed(3.2 if aged else 1.7, "Open at the end of each period")
        rows = body.subplots(2 if aged else 1, 1, squeeze=False)[:, 0]
        places, axes = range(len(points)), rows[0]
        colours = [NEUTRAL] * (len(points) - 1) + [SERVICE]
        axes.bar(places, [point.open for point in points], color=colours, width=0.7)
        for x, point in zip(places, points, strict=True):
            axes.text(x, point.open, integer(point.open), ha="center", va="bottom", fontsize=9)
        axes.set_yticks([])
        axes.set_xlim(-0.6, len(points) - 0.4)
        axes.margins(y=0.2)
        axes.set_title("Contacts", fontsize=9.5, color=QUIET)
        dated = list(places) if len(points) <= DATED else [0, len(points) - 1]
        axes.set_xticks(dated, [wrapped(points[x].period, 48 // len(dated)) for x in dated])
        if aged:
            age = rows[1]
            for values, colour, label in (
                ([point.age_p90 for point in points], QUIET, "one in ten older"),
                ([point.age_p50 for point in points], INK, "half older"),
            ):
                age.plot(places, values, "-o", color=colour, ms=5, label=label)
            age.set_xlim(-0.6, len(points) - 0.4)
            age.set_ylim(bottom=0)
            age.set_xticks([])
            age.set_title("Days since opening", fontsize=9.5, color=QUIET)
            age.legend(frameon=False, fontsize=9, loc="upper left")
        return figure
