"""A figure over periods: what it was, the range it usually moves in, and what it is now."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from cxanalysis.findings.scorecard import Figure
from cxanalysis.narrative.words import amount, points, sentence_case
from cxanalysis.plots.theme import NEUTRAL, QUIET, SERVICE


def trend(axes: Axes, titles: Sequence[str], values: Sequence[float], figure: Figure) -> None:
    """Draw earlier ``values`` and the figure of now with its interval.

    The band is the range the figure usually moves in, where that is known; ``titles`` name the
    periods, the last one being now.
    """
    last = len(values)
    known = [value for value in values if not math.isnan(value)]
    ends = [figure.now.value, *known]
    if not math.isnan(figure.usual_low):
        axes.axhspan(figure.usual_low, figure.usual_high, color=NEUTRAL, lw=0)
        ends += [figure.usual_low, figure.usual_high]
    axes.plot(range(last), values, "-", color=QUIET, lw=1)
    axes.plot(range(last), values, "o", color=QUIET, ms=4)
    if figure.now.has_interval:
        axes.plot([last, last], [figure.now.low, figure.now.high], color=SERVICE, lw=2.4)
        ends += [figure.now.low, figure.now.high]
    axes.plot([last], [figure.now.value], "o", color=SERVICE, ms=8, mec="white", mew=1.2)
    room = 0.06 * (max(ends) - min(ends)) or 1.0
    low, high = min(ends) - room, max(ends) + room
    axes.set(xlim=(-0.4, last + 0.4), ylim=(low, high))
    axes.set_xticks([0, last], [sentence_case(titles[0]), sentence_case(titles[-1])])
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.get_xticklabels()[1].set_horizontalalignment("right")
    axes.yaxis.set_major_formatter(lambda value, _: _written(value, figure.unit))
    axes.set_yticks([tick for tick in MaxNLocator(4).tick_values(low, high) if low < tick < high])


def _written(value: float, unit: str) -> str:
    return points(value) if unit == "points" else amount(value, unit)
