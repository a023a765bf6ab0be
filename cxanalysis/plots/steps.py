"""The five steps: the level by the data, and where the company sees itself."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.steps import StepsFinding
from cxanalysis.narrative.steps import HIGHEST, LABELS
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, NEUTRAL, SERVICE, headed, themed

ROW, FOOT = 0.36, 0.45  # inches


@plot.register
def _plot(finding: StepsFinding) -> Figure:
    own = any(step.own is not None for step in finding.steps)
    note = "filled: what the data show" + ("; ring: the company's own view" if own else "")
    with themed():
        figure, body = headed(ROW * len(finding.steps) + FOOT, "Five steps", note)
        axes = body.subplots()
        for y, step in enumerate(finding.steps):
            axes.plot([1, HIGHEST], [y, y], color=NEUTRAL, lw=2, zorder=0)
            axes.plot([step.level], [y], "o", color=SERVICE, ms=10)
            if step.own is not None:
                axes.plot([step.own], [y], "o", mfc="none", mec=INK, mew=1.6, ms=15)
        axes.set(xlim=(0.7, HIGHEST + 0.3), ylim=(len(finding.steps) - 0.5, -0.5))
        axes.set_yticks(range(len(finding.steps)), [LABELS[step.name] for step in finding.steps])
        axes.set_xticks(
            range(1, HIGHEST + 1), [f"level {level}" for level in range(1, HIGHEST + 1)]
        )
        return figure
