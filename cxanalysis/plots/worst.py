"""Where the worst touches are: a dot with its interval for every touchpoint that has one."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.worst import WorstFinding
from cxanalysis.narrative.words import integer, name, sentence_case, with_interval
from cxanalysis.narrative.worst import DIGITS, bad
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import JOURNEY, headed, interval_row, percent_axis, themed, wrapped

ROW, FOOT = 0.3, 0.45  # inches
MOST = 12  # touchpoints; the table has them all
ROOM = 1.04


@plot.register
def _plot(finding: WorstFinding) -> Figure | None:
    having = [place for place in finding.places if place.worst]
    places, more = having[:MOST], len(having[MOST:])
    if finding.lowest is None or len(places) < 2:
        return None
    with themed():
        figure, body = headed(
            ROW * len(places) + FOOT,
            "Where the worst touches are",
            f"share of ratings that are {bad(finding.lowest)}, {finding.period}"
            + (f"; {more} with a lower one not drawn" if more else ""),
        )
        axes = body.subplots()
        for y, place in enumerate(places):
            text = f"{with_interval(place.share, digits=DIGITS)} of {integer(place.n)}"
            interval_row(axes, y, place.share, JOURNEY, text)
        labels = [wrapped(sentence_case(name(place.touchpoint)), 28) for place in places]
        top = max(place.share.high for place in places)
        axes.set(xlim=(0, ROOM * top), ylim=(len(places) - 0.5, -0.5))
        axes.set_yticks(range(len(places)), labels)
        percent_axis(axes)
        if top < 0.04:  # whole percents would be written twice
            axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.1f}%")
        return figure
