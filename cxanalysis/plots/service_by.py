"""Service by channel: a small panel per figure, a dot with its interval per group."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.service_by import Group, Measure, ServiceByFinding, Split
from cxanalysis.narrative.service_by import shown, value
from cxanalysis.narrative.words import amount, coded, name, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import (
    SERVICE,
    headed,
    interval_row,
    marked,
    percent_axis,
    themed,
    wrapped,
)

ROW, FRAME = 0.3, 0.62  # inches
MOST = 8  # groups drawn of a kind; the table has them all
FAR = 50.0  # times the lowest: what is shorter than the highest by more lies at zero otherwise
# Times that one would say, in seconds.
TIMES = (1, 10, 60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400)

IN_SECONDS = {"seconds": 1.0, "hours": 3600.0}

Panel = tuple[Split, Measure, list[tuple[Group, Estimate]]]


@plot.register
def _plot(finding: ServiceByFinding) -> Figure | None:
    panels = _panels(finding)
    if not panels:
        return None
    heights = [FRAME + ROW * len(rows) for _, _, rows in panels]
    with themed():
        figure, body = headed(
            sum(heights),
            "Service by " + " and ".join(dict.fromkeys(name(split.by) for split, _, _ in panels)),
            f"{finding.period[:1].upper()}{finding.period[1:]}, with 95% intervals",
        )
        axes: Any = body.subplots(len(panels), 1, squeeze=False, height_ratios=heights)
        for panel, each in zip(axes[:, 0], panels, strict=True):
            _draw(panel, each)
        return figure


def _panels(finding: ServiceByFinding) -> list[Panel]:
    found = []
    for split in finding.splits:
        for measure in finding.measures:
            rows = shown(finding, split, measure.metric)[:MOST]
            if len(rows) > 1:
                found.append((split, measure, rows))
    return found


def _draw(axes: Axes, panel: Panel) -> None:
    split, measure, rows = panel
    ends = []
    for y, (_, figure) in enumerate(rows):
        interval_row(axes, y, figure, SERVICE, value(figure, measure.unit), marked(y))
        ends.append(figure.high if figure.has_interval else figure.value)
    axes.set_yticks(range(len(rows)), [_label(group, split) for group, _ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    if measure.unit in IN_SECONDS and _far_apart(rows):
        _in_steps(axes, rows, IN_SECONDS[measure.unit])
    else:
        top = 1.05 * max(ends) or 1.0
        axes.set(xlim=(0, min(top, 1.0) if measure.unit == "share" else top))
        ticks = [tick for tick in axes.get_xticks() if 0 <= tick <= axes.get_xlim()[1]]
        axes.set_xticks(ticks[::2])
    if measure.unit == "share":
        percent_axis(axes)
    else:
        axes.xaxis.set_major_formatter(lambda tick, _: amount(tick, measure.unit))
    title = f"{measure.label}, by {name(split.by)}"
    axes.set_title(sentence_case(title), fontsize=9.5)


def _label(group: Group, split: Split) -> str:
    return wrapped(coded(group.name, name(split.by)), 24)


def _far_apart(rows: list[tuple[Group, Estimate]]) -> bool:
    values = [figure.value for _, figure in rows]
    return min(values) > 0 and max(values) > FAR * min(values)


def _in_steps(axes: Axes, rows: list[tuple[Group, Estimate]], seconds: float) -> None:
    """A logarithmic axis of time, with ticks at times that one would say."""
    ends = [x for _, each in rows for x in (each.value, each.low, each.high) if x > 0]
    axes.set_xscale("log")
    axes.set_xlim(min(ends) / 1.5, 1.5 * max(ends))
    low, high = axes.get_xlim()
    axes.set_xticks([time / seconds for time in TIMES if low <= time / seconds <= high])
    axes.minorticks_off()
