"""Who stays, as curves: the share kept at each day, and how many are still followed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.loyalty import LoyaltyFinding
from cxanalysis.findings.loyalty_parts import Followed
from cxanalysis.narrative.loyalty import BANDS
from cxanalysis.narrative.words import integer, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, QUIET, headed, plain, themed

CURVES, ROW = 2.4, 0.24  # inches
LABEL = 0.18  # of the axis: room for a label of two lines
TITLES = {"stays": "Who is still a customer", "returns": "Who has bought again"}
# The colours of an NPS, and as many kinds of line for grey print.
_LOOKS = (("#009E73", "-"), (QUIET, (0, (5, 2))), ("#D55E00", (0, (1.5, 1.5))))


@plot.register
def _plot(finding: LoyaltyFinding) -> Figure | None:
    bands = [each for each in finding.followed if each.by == finding.main and each.curve]
    if not bands:
        return None
    with themed():
        low, high = _span(finding.outcome, bands)
        begins = f"; axis from {100 * low:.0f}%" if low > 0 else ""
        figure, body = headed(
            CURVES + ROW * (len(bands) + 1),
            TITLES[finding.outcome],
            f"share by days since the answer, {finding.period}{begins}",
        )
        axes = body.subplots()
        ends = [each.curve[-1] for each in bands]
        _curves(axes, bands, finding.days, _apart(ends, LABEL * (high - low)))
        axes.set(xlim=(0, finding.days), ylim=(low, high))
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        axes.spines["left"].set_visible(True)
        _followed(axes, bands)
        return figure


def _span(outcome: str, bands: Sequence[Followed]) -> tuple[float, float]:
    """Where the axis begins and ends: whole steps of 5 % around every curve and interval."""
    lows = [min(each.share.low, *each.curve) for each in bands]
    highs = [max(each.share.high, *each.curve) for each in bands]
    if outcome == "returns":
        return 0.0, min(1.0, 0.05 * (int(max(highs) / 0.05) + 1))
    return max(0.0, 0.05 * int(min(lows) / 0.05)), 1.0


def _curves(axes: Axes, bands: Sequence[Followed], days: int, places: Sequence[float]) -> None:
    for number, (band, place) in enumerate(zip(bands, places, strict=True)):
        colour, line = _LOOKS[number % len(_LOOKS)]
        axes.step(range(len(band.curve)), band.curve, where="post", color=colour, ls=line, lw=1.8)
        x = days * (1 + 0.012 * (number + 1))
        axes.plot([x, x], [band.share.low, band.share.high], color=colour, lw=2.2, clip_on=False)
        axes.annotate(
            plain(f"{BANDS[band.band]}\n{with_interval(band.share, digits=1)}"),
            (1, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(20, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=INK,
        )


def _apart(values: Sequence[float], least: float) -> list[float]:
    """The values with room for a label at each, in their order and about where they were."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    shown = list(values)
    for before, place in pairwise(order):
        shown[place] = max(shown[place], shown[before] + least)
    shift = max(0.0, sum(shown) / len(shown) - sum(values) / len(values))
    return [value - shift for value in shown]


def _followed(axes: Axes, bands: Sequence[Followed]) -> None:
    """Under the days, how many customers of each band are still followed."""
    ticks = [day for day, _ in bands[0].at_risk]
    axes.set_xticks(ticks)
    rows = [("still followed", ()), *((each.band, each.at_risk) for each in bands)]
    for number, (name, counts) in enumerate(rows):
        below = -(28 + 13 * number)
        texts = [(0, plain(name), "right", -20), *((x, integer(n), "center", 0) for x, n in counts)]
        for x, text, side, aside in texts:
            axes.annotate(
                text,
                (x, 0),
                xycoords=axes.get_xaxis_transform(),
                xytext=(aside, below),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=9,
                color=QUIET,
            )
