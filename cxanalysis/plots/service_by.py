"""Service by channel: a small panel per figure, a dot with its interval per group."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.service_by import Group, Measure, ServiceByFinding, Split
from cxanalysis.narrative.service_by import shown, value
from cxanalysis.narrative.words import amount, name, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import SERVICE, headed, interval_row, percent_axis, themed, wrapped

ROW, FRAME = 0.3, 0.62  # inches
MOST = 8  # groups drawn of a kind; the table has them all

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
        interval_row(axes, y, figure, SERVICE, value(figure, measure.unit))
        ends.append(figure.high if figure.has_interval else figure.value)
    axes.set_yticks(range(len(rows)), [wrapped(group.name, 24) for group, _ in rows])
    top = 1.05 * max(ends) or 1.0
    axes.set(xlim=(0, min(top, 1.0) if measure.unit == "share" else top))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= axes.get_xlim()[1]][::2])
    if measure.unit == "share":
        percent_axis(axes)
    else:
        axes.xaxis.set_major_formatter(lambda tick, _: amount(tick, measure.unit))
    title = f"{measure.label}, by {name(split.by)}"
    axes.set_title(sentence_case(title), fontsize=9.5)
