"""The team's aims: a dot per figure, right of the line where the aim points to satisfaction."""

from __future__ import annotations

import math

from matplotlib.figure import Figure

from cxanalysis.drivers.aims import AGAINST, ALIGNED
from cxanalysis.findings.aims import AimsFinding
from cxanalysis.narrative.words import integer, name, points, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import JOURNEY, QUIET, SERVICE, SHARED, headed, interval_row, themed
from cxanalysis.plots.theme import wrapped as wrapped_label

ROW, FOOT = 0.42, 0.85  # inches
COLOURS = {ALIGNED: SERVICE, AGAINST: JOURNEY}
ARROWS = {"lower": "↓", "higher": "↑"}


@plot.register
def _plot(finding: AimsFinding) -> Figure | None:
    known = finding.known
    if not known:
        return None
    with themed():
        figure, body = headed(
            ROW * len(known) + FOOT,
            "Do the aims point to satisfaction?",
            f"{name(finding.outcome)}, per standard deviation the way that is asked",
        )
        axes = body.subplots()
        axes.axvline(0, color=QUIET, lw=1)
        for y, aim in enumerate(known):
            text = f"{points(aim.towards.value, 2)}, n {integer(aim.n)}"
            interval_row(axes, y, aim.towards, COLOURS.get(aim.word, SHARED), text)
        labels = [
            wrapped_label(f"{ARROWS[aim.aim]} {sentence_case(name(aim.metric))}", 26)
            for aim in known
        ]
        axes.set_yticks(range(len(known)), labels)
        axes.set_ylim(len(known) - 0.5, -0.5)
        furthest = max(
            abs(end)
            for aim in known
            for end in (aim.towards.value, aim.towards.low, aim.towards.high)
            if not math.isnan(end)
        )
        axes.set_xlim(-1.1 * furthest, 1.1 * furthest)
        axes.set_xticks([tick for tick in axes.get_xticks() if abs(tick) <= 1.1 * furthest])
        axes.xaxis.set_major_formatter(lambda value, _: points(value, 1))
        axes.set_title(
            "← away from satisfaction      towards satisfaction →",
            loc="center",
            fontsize=9.5,
            weight="normal",
            color=QUIET,
        )
        return figure
