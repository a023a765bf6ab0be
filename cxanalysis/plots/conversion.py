"""Who went on along the journey: a dot with its interval for every step."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.conversion import ConversionFinding
from cxanalysis.narrative.words import integer, name, sentence_case, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import JOURNEY, headed, interval_row, percent_axis, themed, wrapped

ROW, FOOT = 0.34, 0.5  # inches


@plot.register
def _plot(finding: ConversionFinding) -> Figure | None:
    known = [step for step in finding.steps if step.went_on.known]
    if not known:
        return None
    with themed():
        figure, body = headed(
            ROW * len(known) + FOOT,
            "Who went on to the next stage",
            f"share of customers within {finding.days} days, {finding.period}",
        )
        axes = body.subplots()
        for y, step in enumerate(known):
            text = f"{with_interval(step.went_on)} of {integer(step.n)}"
            interval_row(axes, y, step.went_on, JOURNEY, text)
        labels = [
            wrapped(f"{sentence_case(name(step.stage))} → {name(step.following)}", 30)
            for step in known
        ]
        axes.set(xlim=(0, 1), ylim=(len(known) - 0.5, -0.5))
        axes.set_yticks(range(len(known)), labels)
        percent_axis(axes)
        return figure
