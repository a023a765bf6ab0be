"""Figures of others: one's own share or score with its interval, the benchmark as a mark."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.others import Gap, OthersFinding
from cxanalysis.narrative.words import amount
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    SERVICE,
    headed,
    interval_row,
    percent_axis,
    themed,
    wrapped,
)

ROW, FOOT = 0.42, 0.5  # inches
FEWEST = 2  # one alone is said in its sentence


@plot.register
def _plot(finding: OthersFinding) -> Figure | None:
    shares = [each for each in finding.gaps if each.unit == "share" and each.own.known]
    if len(shares) < FEWEST:
        return None
    with themed():
        figure, body = headed(
            ROW * len(shares) + FOOT,
            "Beside others",
            f"dot: yours, {finding.period}; line: the benchmark",
        )
        axes = body.subplots()
        for y, each in enumerate(shares):
            interval_row(axes, y, each.own, SERVICE, _text(each))
            axes.plot([each.benchmark] * 2, [y - 0.32, y + 0.32], color=INK, lw=1.8)
        axes.set(xlim=(0, 1), ylim=(len(shares) - 0.5, -0.5))
        axes.set_yticks(range(len(shares)), [wrapped(each.label) for each in shares])
        percent_axis(axes)
        return figure


def _text(each: Gap) -> str:
    own, theirs = (amount(value, each.unit) for value in (each.own.value, each.benchmark))
    return f"{own}; {theirs}"
