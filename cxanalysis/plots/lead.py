"""The share of customers in contact, by days since their first touch."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.lead import LeadCurve, LeadFinding, Reached
from cxanalysis.narrative.words import counted, integer, percent
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import QUIET, SERVICE, headed, themed

HEIGHT = 2.5  # inches
APART = 0.13  # of the axis: ticks closer than this would share a label's room


@plot.register
def _plot(finding: LeadFinding) -> Figure | None:
    curve = finding.curve
    if curve is None:
        return None
    with themed():
        figure, body = headed(
            HEIGHT,
            "How long before the first contact",
            f"{counted(finding.customers, 'customer')} with a touch, {finding.period}",
        )
        _draw(body.subplots(), curve, finding.reached)
        return figure


def _draw(axes: Axes, curve: LeadCurve, reached: tuple[Reached, ...]) -> None:
    days = np.arange(len(curve.share))
    share, low, high = (np.array(part) for part in (curve.share, curve.low, curve.high))
    axes.fill_between(days, low, high, step="post", color=SERVICE, alpha=0.2, lw=0)
    axes.step(days, share, where="post", color=SERVICE, lw=2)
    marks = [each for each in reached if each.days <= days[-1]]
    for each in marks:
        axes.plot([each.days], [each.share.value], "o", color=SERVICE, ms=8, mec="white", mew=1.2)
        axes.annotate(
            percent(each.share.value),
            (each.days, each.share.value),
            (-4, 7),
            textcoords="offset points",
            ha="right",
            fontsize=9.5,
        )
    ticks = _ticks([0, *(each.days for each in marks), int(days[-1])], int(days[-1]))
    axes.set_xticks(ticks, [f"{day}\n({integer(curve.at_risk[day])})" for day in ticks])
    axes.set(xlim=(0, days[-1]), ylim=(0, 1.25 * np.nanmax([*high, share.max()])))
    axes.set_title(
        "share in contact, by days since the first touch (in brackets: still without one)",
        fontsize=9.5,
        weight="normal",
    )
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(axis="x", color=QUIET)


def _ticks(days: list[int], last: int) -> list[int]:
    """Days that have room for their label, from the left."""
    kept: list[int] = []
    for day in days:
        if not kept or day - kept[-1] >= APART * last:
            kept.append(day)
    return kept
