"""How customers answered, by how often they changed channels before."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cxanalysis.findings.switches import SwitchesFinding
from cxanalysis.narrative.words import integer, name, score
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import JOURNEY, QUIET, headed, themed

HEIGHT = 2.3  # inches
ROOM = 0.15  # of the range of the intervals, above and below


@plot.register
def _plot(finding: SwitchesFinding) -> Figure | None:
    known = [row for row in finding.rows if row.outcome.known]
    if len(known) < 2:
        return None
    with themed():
        figure, body = headed(
            HEIGHT,
            "Changes of channel and the answer after them",
            f"mean of {name(finding.outcome)} with 95% interval, {finding.period}",
        )
        axes = body.subplots()
        for row in known:
            estimate = row.outcome
            if estimate.has_interval:
                axes.plot([row.switches] * 2, [estimate.low, estimate.high], color=JOURNEY, lw=2.4)
        places = [row.switches for row in known]
        values = [row.outcome.value for row in known]
        axes.plot(places, values, color=JOURNEY, lw=1, ls=(0, (4, 3)))
        axes.plot(places, values, "o", color=JOURNEY, ms=8, mec="white", mew=1.2)
        ends = [e for r in known if r.outcome.has_interval for e in (r.outcome.low, r.outcome.high)]
        ends += values
        room = ROOM * max(max(ends) - min(ends), 0.1)
        axes.set(xlim=(places[0] - 0.5, places[-1] + 0.5))
        axes.set(ylim=(min(ends) - room, max(ends) + room))
        labels = [f"{_label(row.switches, finding)}\n({integer(row.customers)})" for row in known]
        axes.set_xticks(places, labels)
        low, high = axes.get_ylim()
        ticks = MaxNLocator(4).tick_values(low, high)
        axes.set_yticks([tick for tick in ticks if low < tick < high])
        axes.yaxis.set_major_formatter(lambda value, _: score(value))
        axes.set_title(
            "by changes of channel before the answer (customers in brackets)",
            fontsize=9.5,
            weight="normal",
            color=QUIET,
        )
        return figure


def _label(switches: int, finding: SwitchesFinding) -> str:
    return f"{switches}+" if switches == finding.most else str(switches)
