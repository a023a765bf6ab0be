"""Who is merely fine: all answers to the first question as one bar of three parts."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.experience import ExperienceFinding, Parts
from cxanalysis.narrative.words import counted, name, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.scorecard import NPS_PARTS
from cxanalysis.plots.theme import Segment, headed, stacked_bar, themed

BAR = 0.85  # inches


@plot.register
def _plot(finding: ExperienceFinding) -> Figure | None:
    if not finding.parts:
        return None
    first = finding.parts[0]
    with themed():
        figure, body = headed(
            BAR,
            f"{sentence_case(name(first.score))}: satisfied, fine, dissatisfied",
            f"{counted(first.n, 'answer')}, {finding.period}",
        )
        stacked_bar(body.subplots(), _segments(first))
        return figure


def _segments(parts: Parts) -> list[Segment]:
    """The parts in the colours that those of an NPS have."""
    labels = (
        (f"dissatisfied ({parts.worst_text})", parts.worst),
        (f"fine ({parts.middle_text})", parts.middle),
        (f"satisfied ({parts.best_text})", parts.best),
    )
    return [
        Segment(label, share.value, colour, ink)
        for (label, share), (_, colour, ink) in zip(labels, NPS_PARTS, strict=True)
    ]
