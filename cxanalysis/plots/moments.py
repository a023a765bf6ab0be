"""Mending and giving: differences of the overall score, with the journey before held equal."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.moments import MomentsFinding
from cxanalysis.narrative.words import name, signed_gap
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import JOURNEY, QUIET, SERVICE, headed, interval_row, themed, wrapped

ROW, FOOT, ROOM = 0.42, 0.5, 0.06
TITLES = {"none": "no problem", "solved": "problem solved", "unsolved": "problem open"}


@plot.register
def _plot(finding: MomentsFinding) -> Figure | None:
    rows = _rows(finding)
    if not rows:
        return None
    with themed():
        figure, body = headed(
            ROW * len(rows) + FOOT,
            f"Differences in {name(finding.outcome)}",
            f"with the journey before held equal, 95% interval, {finding.period}",
        )
        axes = body.subplots()
        axes.axvline(0, color=QUIET, lw=0.8, zorder=1)
        for y, (_, estimate, colour) in enumerate(rows):
            ends = f"{_signed(estimate.low)} to {_signed(estimate.high)}"
            interval_row(axes, y, estimate, colour, f"{_signed(estimate.value)} ({ends})")
        limits = [0.0, *(end for _, each, _ in rows for end in (each.low, each.high))]
        room = ROOM * (max(limits) - min(limits))
        low, high = min(limits) - room, max(limits) + room
        axes.set(xlim=(low, high), ylim=(len(rows) - 0.5, -0.5))
        axes.set_yticks(range(len(rows)), [wrapped(label, 30) for label, _, _ in rows])
        ticks = MaxNLocator(4).tick_values(low, high)
        axes.set_xticks([tick for tick in ticks if low < tick < high])
        axes.xaxis.set_major_formatter(lambda value, _: _signed(value))
        return figure


def _rows(finding: MomentsFinding) -> list[tuple[str, Estimate, str]]:
    """Label, difference and colour of every contrast that is not withheld."""
    rows = [
        (f"{TITLES[each.first]} − {TITLES[each.second]}", each.equal, SERVICE)
        for each in finding.mended
        if each.equal.known
    ]
    rows += [
        ("gesture − no gesture", each.difference, JOURNEY)
        for each in finding.given
        if each.metric == "score_adjusted" and each.difference.known
    ]
    return rows


def _signed(value: float) -> str:
    return signed_gap(value, "score")
