"""Every touchpoint's rating with its interval, worst first."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cxanalysis.findings.consistency import ConsistencyFinding
from cxanalysis.narrative.words import integer, name, score, sentence_case, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import JOURNEY, QUIET, headed, interval_row, themed, wrapped

ROW, FOOT = 0.3, 0.45  # inches
MOST = 25  # touchpoints, the worst ones; the table has them all
ROOM = 0.06  # of the axis, on both sides


@plot.register
def _plot(finding: ConsistencyFinding) -> Figure | None:
    points = finding.points[:MOST]
    if len(points) < 2:
        return None
    more = len(finding.points) - len(points)
    with themed():
        figure, body = headed(
            ROW * len(points) + FOOT,
            "Touchpoints by their rating",
            f"mean of {finding.low:g} to {finding.high:g} with 95% interval, {finding.period}"
            + (f"; {more} better ones not drawn" if more else ""),
        )
        axes = body.subplots()
        for y, point in enumerate(points):
            text = f"{with_interval(point.rating, 'score')} of {integer(point.n)}"
            interval_row(axes, y, point.rating, JOURNEY, text)
        labels = [wrapped(sentence_case(name(point.touchpoint)), 28) for point in points]
        ends = [end for each in points for end in (each.rating.low, each.rating.high)]
        room = ROOM * (max(ends) - min(ends))
        low, high = min(ends) - room, max(ends) + room
        if low < finding.line < high:
            axes.axvline(finding.line, color=QUIET, lw=0.8, ls=(0, (4, 3)), zorder=1)
        axes.set(xlim=(low, high), ylim=(len(points) - 0.5, -0.5))
        axes.set_yticks(range(len(points)), labels)
        axes.set_xticks(
            [tick for tick in MaxNLocator(4).tick_values(low, high) if low < tick < high]
        )
        axes.xaxis.set_major_formatter(lambda value, _: score(value))
        return figure
