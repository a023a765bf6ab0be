"""Share of touches and their rating, online and offline, direct and indirect."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.channels import ChannelsFinding, Side
from cxanalysis.metrics.journeys.channels import DIRECT, INDIRECT
from cxanalysis.narrative.words import amount, integer, percent, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, JOURNEY, headed, themed

ROW, FOOT = 0.36, 0.55  # inches
ROOM = 0.35  # of the ratings' range, on both sides


@plot.register
def _plot(finding: ChannelsFinding) -> Figure | None:
    sides = [side for side in finding.sides if side.share.known]
    if len(sides) < 2:
        return None
    with themed():
        figure, body = headed(
            ROW * len(sides) + FOOT,
            "Where touches take place, and whose they are",
            f"with 95% intervals, {finding.period}",
        )
        rated = any(side.rating.known for side in sides)
        axes = body.subplots(1, 2 if rated else 1, sharey=True, squeeze=False)[0]
        _draw_shares(axes[0], sides)
        if rated:
            _draw_ratings(axes[1], sides)
        return figure


def _draw_shares(axes: Axes, sides: list[Side]) -> None:
    for y, side in enumerate(sides):
        share = side.share
        axes.barh([y], [share.value], height=0.6, color=JOURNEY)
        if share.has_interval:
            axes.plot([share.low, share.high], [y, y], color=INK, lw=1.4)
        end = max(share.value, share.high if share.has_interval else 0.0)
        axes.annotate(
            f"{percent(share.value)} of touches",
            (end, y),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
        )
    axes.set(xlim=(0, 1.75), ylim=(len(sides) - 0.5, -0.5), xticks=[])
    axes.set_yticks(range(len(sides)), [sentence_case(side.name) for side in sides])
    axes.spines["bottom"].set_visible(False)
    axes.set_title("share", fontsize=9.5, weight="normal")
    if any(side.name in (DIRECT, INDIRECT) for side in sides) and len(sides) > 2:
        axes.axhline(1.5, color="#BBBBBB", lw=0.7)


def _draw_ratings(axes: Axes, sides: list[Side]) -> None:
    known = [side.rating for side in sides if side.rating.known]
    ends = [each.value for each in known]
    ends += [end for each in known if each.has_interval for end in (each.low, each.high)]
    room = ROOM * max(max(ends) - min(ends), 0.1)
    for y, side in enumerate(sides):
        rating = side.rating
        if not rating.known:
            continue
        if rating.has_interval:
            axes.plot([rating.low, rating.high], [y, y], color=JOURNEY, lw=2.4)
        axes.plot([rating.value], [y], "o", color=JOURNEY, ms=8, mec="white", mew=1.2)
        axes.annotate(
            f"{amount(rating.value, 'score')} of {integer(side.n)}",
            (1, y),
            (4, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
        )
    axes.set(xlim=(min(ends) - room, max(ends) + room))
    axes.tick_params(axis="y", labelleft=False)
    axes.locator_params(axis="x", nbins=4)
    axes.set_title("mean rating", fontsize=9.5, weight="normal")
