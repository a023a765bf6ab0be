"""Service's picture: the share answered within target, by channel."""

from __future__ import annotations

from matplotlib.figure import Figure

from cxanalysis.findings.service import ServiceFinding
from cxanalysis.narrative.words import hours, with_interval
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import SERVICE, headed, interval_row, percent_axis, themed, wrapped


@plot.register
def _plot(finding: ServiceFinding) -> Figure | None:
    known = [channel for channel in finding.channels if channel.on_time.known]
    if not known:
        return None
    clock = "opening hours" if finding.opening_hours else "hours by the clock"
    with themed():
        figure, body = headed(
            0.6 + 0.42 * len(known), "Answered within target", f"{clock}, with 95% intervals"
        )
        axes = body.subplots()
        for y, channel in enumerate(known):
            interval_row(axes, y, channel.on_time, SERVICE, with_interval(channel.on_time))
        labels = [wrapped(f"{channel.name}, {hours(channel.target_hours)}") for channel in known]
        axes.set_yticks(range(len(known)), labels)
        axes.set(xlim=(0, 1), ylim=(len(known) - 0.5, -0.5))
        percent_axis(axes)
        return figure
