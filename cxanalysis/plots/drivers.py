"""The drivers' picture: a bar per group with its interval, coloured and labelled by set."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.drivers import Driver, DriversFinding
from cxanalysis.narrative.drivers import NOT_SHOWN, share_of
from cxanalysis.narrative.words import counted, name, percent, score, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    INK,
    NEUTRAL,
    QUIET,
    SET_COLOURS,
    SHARED,
    headed,
    marked,
    percent_axis,
    themed,
    wrapped,
)


@plot.register
def _plot(finding: DriversFinding) -> Figure | None:
    if not finding.grouped:
        return None
    labels = [_label(driver) for driver in finding.drivers]
    lines = sum(max(1, label.count("\n") + 1) for label in labels)
    height = 0.55 + 0.17 * lines + 0.09 * len(labels)
    with themed():
        figure, body = headed(height, *_titles(finding))
        axes = body.subplots()
        for y, driver in enumerate(finding.drivers):
            share = driver.share
            axes.barh(
                [y], [share.value], color=_colour(driver), height=0.62, zorder=2, gid=marked(y)
            )
            end = share.value
            if share.has_interval:
                axes.plot([share.low, share.high], [y, y], color="white", lw=3.4, zorder=3)
                axes.plot([share.low, share.high], [y, y], color=INK, lw=1.4, zorder=3)
                end = max(end, share.high)
            note = f",\n{NOT_SHOWN}" if driver.adds is False else ""
            axes.annotate(
                share_of(finding, driver) + note,
                (max(end, 0), y),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
                color=INK if driver.adds is not False else QUIET,
            )
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.axvline(0, color=QUIET, lw=0.8, zorder=4)
        _room_for_labels(axes, finding)
        percent_axis(axes)
        return figure


def _titles(finding: DriversFinding) -> tuple[str, str]:
    level = finding.accounted.value
    whole = percent(level) if finding.measure == "R²" else score(level)
    shares = "Share of what the model accounts for, with 95% intervals"
    if finding.point_values:
        shares = "Shares, point values without intervals"
    return (
        f"What goes with {name(finding.outcome)}",
        f"{shares} ({finding.measure} {whole}, {counted(finding.n, 'answer')})",
    )


def _label(driver: Driver) -> str:
    return f"{wrapped(sentence_case(name(driver.name)))}\n({name_of_set(driver.set)})"


def name_of_set(key: str) -> str:
    """The set in one word, short enough for a label."""
    return name(key) if key != "journey" else "journey"


def _colour(driver: Driver) -> str:
    return NEUTRAL if driver.adds is False else SET_COLOURS.get(driver.set, SHARED)


def _room_for_labels(axes: Axes, finding: DriversFinding) -> None:
    ends = [
        item.high if item.has_interval else item.value
        for item in (driver.share for driver in finding.drivers)
    ]
    lows = [
        item.low if item.has_interval else item.value
        for item in (driver.share for driver in finding.drivers)
    ]
    reach = max(*ends, 0.01)
    axes.set_xticks([tick for tick in axes.get_xticks() if min(0.0, *lows) <= tick <= reach])
    axes.set_xlim(min(0.0, *lows) * 1.1, reach * 1.45)
