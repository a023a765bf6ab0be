"""The promise board: how much of what was promised had come, by days after the promised date."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.promises import Curve, PromisesFinding
from cxanalysis.narrative.words import counted, percent
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, QUIET, SERVICE, headed, themed

HEIGHT = 2.3  # inches


@plot.register
def _plot(finding: PromisesFinding) -> Figure | None:
    if finding.curve is None or finding.n_late == 0:
        return None
    with themed():
        figure, body = headed(
            HEIGHT,
            "When what was promised came",
            f"{counted(finding.n_due, 'promise')} due, {finding.period}",
        )
        _draw(body.subplots(), finding.curve)
        return figure


def _draw(axes: Axes, curve: Curve) -> None:
    """Steps from the share kept at day 0, their band, and a tick for what is still open."""
    days, fulfilled = np.arange(len(curve.fulfilled)), np.array(curve.fulfilled)
    low, high = np.array(curve.low), np.array(curve.high)
    axes.fill_between(days, low, high, step="post", color=SERVICE, alpha=0.2, lw=0)
    axes.step(days, fulfilled, where="post", color=SERVICE, lw=2)
    axes.plot([0], fulfilled[:1], "o", color=SERVICE, ms=8, mec="white", mew=1.2, clip_on=False)
    kept = f"kept: {percent(float(fulfilled[0]))}"
    axes.annotate(kept, (0, fulfilled[0]), (10, -14), textcoords="offset points", fontsize=9.5)
    if curve.still_open:
        moments = np.array(curve.still_open)
        heights = fulfilled[np.floor(moments).astype(int)]
        axes.plot(moments, heights, "|", color=INK, ms=11, mew=1.1)
        axes.annotate(
            "|  still open when the data end",
            (1, 0),
            (0, 8),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            fontsize=9,
            color=QUIET,
        )
    floor = max(np.floor(10 * np.nanmin([*low, fulfilled[0]])) / 10 - 0.1, 0.0)
    axes.set(xlim=(0, days[-1]), ylim=(floor, 1.02))
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axes.set_title(
        "share fulfilled, by days after the first promised date", fontsize=9.5, weight="normal"
    )
