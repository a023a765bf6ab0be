"""What changed: a small picture for each figure, what moved first."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings import scorecard
from cxanalysis.findings.changes import ChangesFinding
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import headed, plain, themed
from cxanalysis.plots.trend import trend

MOST, ACROSS = 6, 2  # panels in all, and side by side
PANEL = 1.6  # inches


@plot.register
def _plot(finding: ChangesFinding) -> Figure | None:
    shown = drawn_figures(finding)
    if not shown:
        return None
    history = dict(finding.history)
    down = -(-len(shown) // ACROSS)
    with themed():
        figure, body = headed(
            PANEL * down + 0.2,
            "What it was, and what it is now",
            f"by {finding.every} until {finding.period}"
            + ("; grey: the range it usually moves in" if _banded(shown) else ""),
        )
        grid = body.subplots(down, ACROSS, squeeze=False).flatten()
        titles = [*finding.before, finding.period]
        for axes, each in zip(grid, shown, strict=False):
            trend(axes, titles, history[each.metric], each)
            axes.set_title(plain(each.label), fontsize=9.5, weight="normal")
        for axes in grid[len(shown) :]:
            axes.set_axis_off()
        return figure


def drawn_figures(finding: ChangesFinding) -> tuple[scorecard.Figure, ...]:
    """The figures that have a history, those that moved first, then in their order."""
    known = {metric for metric, _ in finding.history}
    shown = [figure for figure in finding.figures if figure.metric in known]
    return tuple(sorted(shown, key=lambda figure: figure.word not in ("up", "down"))[:MOST])


def _banded(shown: tuple[scorecard.Figure, ...]) -> bool:
    return any(figure.beyond_usual is not None for figure in shown)
