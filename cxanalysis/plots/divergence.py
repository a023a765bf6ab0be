"""Served well or not, content or not: four cells, each as dark as it is full."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cxanalysis.findings.divergence import Cell, DivergenceFinding
from cxanalysis.narrative.divergence import cell_text
from cxanalysis.narrative.words import counted
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, JOURNEY, NEUTRAL, headed, themed

HEIGHT = 2.2  # inches
COLUMNS = ("not content", "content")
ROWS = ("Served well", "Not served well")


@plot.register
def _plot(finding: DivergenceFinding) -> Figure | None:
    if not finding.cells or not all(cell.share.known for cell in finding.cells):
        return None
    with themed():
        figure, body = headed(
            HEIGHT,
            "How contacts were rated, and the whole after them",
            f"share of {counted(finding.n, 'answer')} with 95% interval, {finding.period}",
        )
        axes = body.subplots()
        for cell in finding.cells:
            _draw(axes, cell)
        axes.set(xlim=(0, 2), ylim=(2, 0))
        axes.set_xticks([0.5, 1.5], COLUMNS)
        axes.set_yticks([0.5, 1.5], ROWS)
        axes.xaxis.tick_top()
        axes.tick_params(axis="x", length=0, labelcolor=INK, labelsize=10)
        axes.spines["bottom"].set_visible(False)
        return figure


def _draw(axes: Axes, cell: Cell) -> None:
    """The cell in question stands out by its colour and its bold figures."""
    x, y = float(cell.content), float(not cell.served_well)
    asked = cell.served_well and not cell.content
    axes.add_patch(
        Rectangle((x, y), 1, 1, facecolor=JOURNEY if asked else NEUTRAL, edgecolor="white", lw=3)
    )
    axes.text(
        x + 0.5,
        y + 0.5,
        cell_text(cell),
        ha="center",
        va="center",
        fontsize=10,
        fontweight="bold" if asked else "normal",
        color=INK,
    )
