"""The silent customers' picture: who was heard, and what the unheard leave open of the NPS."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.silent import SilentFinding
from cxanalysis.narrative.words import counted, points, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    JOURNEY,
    NEUTRAL,
    QUIET,
    SERVICE,
    SHARED,
    Segment,
    headed,
    interval_row,
    split,
    stacked_bar,
    themed,
)

_WEIGHTINGS = {"raked": "raked", "propensity": "by the chance to answer"}
_BOUNDS = "assuming nothing"
_COLUMN: dict[str, Any] = {
    "xytext": (8, 0),
    "textcoords": "offset points",
    "va": "center",
    "fontsize": 9.5,
}
_LOOKS = {
    "neither": ("no ticket, no answer", NEUTRAL, INK),
    "answer only": ("answer only", JOURNEY, INK),
    "both": ("both", SHARED, "white"),
    "ticket only": ("ticket only", SERVICE, "white"),
}


@plot.register
def _plot(finding: SilentFinding) -> Figure | None:
    if not finding.silent.known:
        return None
    segments = []
    for part, n, share in finding.parts:
        label, colour, ink = _LOOKS[part]
        segments += [Segment(label, share, colour, ink)] if n else []
    rows = _nps_rows(finding)
    lower = 0.55 + 0.27 * len(rows)
    with themed():
        figure, body = headed(
            1.0 + lower if rows else 1.0,
            "Who was heard",
            f"{counted(finding.n_active, 'active customer')}, {finding.period}",
        )
        if rows:
            upper, under = split(body, 1.0, lower)
            stacked_bar(upper.subplots(), segments)
            _draw_nps(under.subplots(), rows)
        else:
            stacked_bar(body.subplots(), segments)
        return figure


def _nps_rows(finding: SilentFinding) -> list[tuple[str, Estimate]]:
    """NPS as collected, weighted and at its bounds; none where there is nothing to compare."""
    rows = [("NPS as collected", finding.nps)] if finding.nps.known else []
    rows += [
        (_WEIGHTINGS[each.weighting], each.figure)
        for each in finding.weighted
        if each.metric == "nps"
    ]
    if finding.nps.known and not math.isnan(finding.nps_low):
        rows.append((_BOUNDS, Estimate(math.nan, finding.nps_low, finding.nps_high)))
    return rows if len(rows) > 1 else []


def _draw_nps(axes: Axes, rows: list[tuple[str, Estimate]]) -> None:
    for y, (label, estimate) in enumerate(rows):
        if label == _BOUNDS:
            axes.plot([estimate.low, estimate.high], [y, y], color=SHARED, lw=2.4)
            text = f"{points(estimate.low)} to {points(estimate.high)}"
            axes.annotate(text, (1, y), xycoords=axes.get_yaxis_transform(), **_COLUMN)
        else:
            interval_row(axes, y, estimate, INK, with_interval(estimate, "points"))
    axes.axvline(0, color=QUIET, lw=0.8, ls=(0, (4, 3)), zorder=1)
    axes.set(xlim=(-100, 100), ylim=(len(rows) - 0.4, -0.6))
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.xaxis.set_major_formatter(lambda value, _: points(value))
    axes.set_title("NPS and what silence leaves open", fontsize=9.5, color=QUIET)
