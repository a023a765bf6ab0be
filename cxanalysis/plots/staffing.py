"""Unanswered attempts as a heat map: weekdays across, hours down, the share in every cell."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cxanalysis.findings.staffing import StaffingFinding
from cxanalysis.narrative.staffing import DAYS
from cxanalysis.narrative.words import integer, percent
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, NEUTRAL, QUIET, SERVICE, headed, themed

ROW = 0.42  # inches
DARK = 0.6  # of the scale: beyond it white letters are read more easily


@plot.register
def _plot(finding: StaffingFinding) -> Figure | None:
    if len(finding.shown) < 2:
        return None
    first = min(block.hour for block in finding.blocks)
    last = max(block.hour for block in finding.blocks)
    starts = list(range(first, last + 1, finding.width))
    top = max(block.unanswered.value for block in finding.shown) or 1.0
    shades = LinearSegmentedColormap.from_list("unanswered", ["#FFFFFF", SERVICE])
    with themed():
        figure, body = headed(
            0.4 + ROW * len(starts),
            "Attempts that went unanswered",
            f"n below each share; grey: fewer than {finding.min_base} attempts",
        )
        axes = body.subplots()
        for block in finding.blocks:
            x, y = block.weekday, starts.index(block.hour)
            share = block.unanswered
            colour = shades(share.value / top) if share.known else NEUTRAL
            axes.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor="white"))
            ink = "white" if share.known and share.value / top > DARK else INK
            text = f"{percent(share.value)}\n" if share.known else ""
            small = mpl.rcParams["xtick.labelsize"]
            axes.text(
                x + 0.5,
                y + 0.5,
                f"{text}{integer(block.n)}",
                ha="center",
                va="center",
                fontsize=small,
                color=ink if share.known else QUIET,
            )
        axes.set(xlim=(0, 7), ylim=(len(starts), 0))
        axes.set_xticks([day + 0.5 for day in range(7)], [day[:3] for day in DAYS])
        axes.set_yticks(range(len(starts)), [f"{hour}:00" for hour in starts])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.spines["bottom"].set_visible(False)
        return figure
