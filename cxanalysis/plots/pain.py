"""Where the journey hurts: every place's score with its interval, in order."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.pain import PainFinding, Place
from cxanalysis.narrative.pain import score
from cxanalysis.narrative.words import name, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    JOURNEY,
    QUIET,
    headed,
    interval_row,
    themed,
    wrapped,
)

ROW, FOOT = 0.33, 0.55  # inches


@plot.register
def _plot(finding: PainFinding) -> Figure | None:
    if len(finding.places) < 2:
        return None
    apart = any(place.is_apart for place in finding.places)
    told = "; dashed line: told apart from the place below" if apart else ""
    with themed():
        figure, body = headed(
            ROW * len(finding.places) + FOOT,
            "Volume × severity × reach of each place",
            f"{sentence_case(finding.period)}{told}",
        )
        axes = body.subplots()
        for y, place in enumerate(finding.places):
            interval_row(axes, y, place.score, JOURNEY, score(place.score))
            if place.is_apart:  # told apart from the next: a line between them
                axes.axhline(y + 0.5, color=QUIET, lw=0.8, ls=(0, (4, 3)))
        top = max(place.score.high for place in finding.places)
        axes.set(xlim=(0, 1.03 * top), ylim=(len(finding.places) - 0.5, -0.5))
        axes.set_yticks(range(len(finding.places)), [_label(each) for each in finding.places])
        return figure


def _label(place: Place) -> str:
    stage = "" if place.name == place.stage else f" ({name(place.stage)})"
    return wrapped(f"{sentence_case(name(place.name))}{stage}", 34)
