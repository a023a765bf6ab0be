"""Contacts since a purchase: the rate of every week with its interval."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.timing import TimingFinding
from cxanalysis.narrative.words import integer, name
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import QUIET, SERVICE, headed, plain, themed

HEIGHT = 2.6  # inches
FEWEST = 3  # weeks that make a curve


@plot.register
def _plot(finding: TimingFinding) -> Figure | None:
    known = [week for week in finding.weeks if week.rate.known]
    if len(known) < FEWEST:
        return None
    with themed():
        figure, body = headed(
            HEIGHT,
            f"Contacts by week since {plain(name(finding.purchase))}",
            "per 1,000 customers at risk, with 95% intervals; below each week, how many they are",
        )
        axes = body.subplots()
        places = [week.week for week in known]
        axes.fill_between(
            places,
            [week.rate.low for week in known],
            [week.rate.high for week in known],
            color=SERVICE,
            alpha=0.22,
            lw=0,
        )
        axes.plot(places, [week.rate.value for week in known], "-o", color=SERVICE, lw=1.8, ms=5)
        labels = [f"{week.week}\n{integer(week.customers)}" for week in known]
        axes.set_xticks(places, labels, fontsize=9)
        axes.set(ylim=(0, None), xlim=(places[0] - 0.4, places[-1] + 0.4))
        axes.tick_params(axis="y", labelsize=9, colors=QUIET)
        axes.spines["left"].set_visible(True)
        return figure
