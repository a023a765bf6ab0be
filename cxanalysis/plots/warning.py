"""What comes before a contact: the share by rating, and how soon after low ones and others."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.warning import WarningFinding
from cxanalysis.narrative.words import integer, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    JOURNEY,
    QUIET,
    SERVICE,
    headed,
    interval_row,
    percent_axis,
    split,
    themed,
)

ROW, FOOT, CURVES = 0.3, 0.5, 2.1  # inches
MOST = 11  # answers: a longer scale is no row each


@plot.register
def _plot(finding: WarningFinding) -> Figure | None:
    answers = [answer for answer in finding.answers if answer.share.known]
    if not (finding.low and finding.other and len(answers) <= MOST):
        return None
    rows = ROW * len(answers) + FOOT
    with themed():
        figure, body = headed(
            rows + CURVES,
            "Contacts after a rated touch",
            f"share within {finding.days} days, and day by day; {finding.period}",
        )
        above, below = split(body, rows, CURVES)
        axes = above.subplots()
        for y, answer in enumerate(answers):
            low = finding.worst[0] <= answer.rating <= finding.worst[1]
            text = f"{with_interval(answer.share)} of {integer(answer.n)}"
            interval_row(axes, y, answer.share, SERVICE if low else JOURNEY, text)
        axes.set_yticks(range(len(answers)), [f"rated {answer.rating:g}" for answer in answers])
        axes.set(ylim=(len(answers) - 0.5, -0.5), xlim=(0, None))
        percent_axis(axes)
        _curves(below.subplots(), finding)
        return figure


def _curves(axes: Axes, finding: WarningFinding) -> None:
    first, last = finding.worst
    worst = f"{first:g}" if first == last else f"{first:g} or {last:g}"
    _curve(axes, finding.low, SERVICE, f"rated {worst}", "-")
    _curve(axes, finding.other, JOURNEY, "rated otherwise", "--")
    axes.set(xlim=(0, finding.days * 1.25), ylim=(0, None))
    ticks = [day for day in (0, 7, 14, 21, 30, 60, 90) if day <= finding.days]
    axes.set_xticks(ticks, [f"day {day}" for day in ticks])
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axes.grid(axis="y", color=QUIET, alpha=0.2, lw=0.6)


def _curve(axes: Axes, points: tuple[Estimate, ...], colour: str, label: str, style: str) -> None:
    days = list(range(len(points)))
    axes.plot(days, [point.value for point in points], style, color=colour, lw=2)
    axes.fill_between(
        days,
        [point.low for point in points],
        [point.high for point in points],
        color=colour,
        alpha=0.2,
        lw=0,
    )
    axes.annotate(
        label,
        (days[-1], points[-1].value),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
    )
