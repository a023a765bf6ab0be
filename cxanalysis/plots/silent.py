"""The silent customers' picture: one bar of all active customers, heard and unheard."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.silent import SilentFinding
from cxanalysis.narrative.words import counted
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    JOURNEY,
    NEUTRAL,
    SERVICE,
    SHARED,
    Segment,
    headed,
    stacked_bar,
    themed,
)

_LOOKS = {
    "neither": ("no ticket, no answer", NEUTRAL, INK),
    "answer only": ("answer only", JOURNEY, INK),
    "both": ("both", SHARED, "white"),
    "ticket only": ("ticket only", SERVICE, "white"),
}


@plot.register
def _plot(finding: SilentFinding) -> Figure | None:
    if not finding.silent.known:
        return None
    segments = []
    for part, n, share in finding.parts:
        label, colour, ink = _LOOKS[part]
        segments += [Segment(label, share, colour, ink)] if n else []
    with themed():
        figure, body = headed(
            1.0,
            "Who was heard",
            f"{counted(finding.n_active, 'active customer')}, {finding.period}",
        )
        stacked_bar(body.subplots(), segments)
        return figure
