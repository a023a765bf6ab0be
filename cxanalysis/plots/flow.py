"""What follows what: the widest streams, and under them the matrix with every figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from cxanalysis.findings.flow import FlowFinding, Origin
from cxanalysis.metrics.journeys.transitions import NOTHING, SERVICE
from cxanalysis.narrative.words import integer, name, sentence_case
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, NEUTRAL, QUIET, headed, plain, split, themed
from cxanalysis.plots.theme import JOURNEY as TOUCH_COLOUR
from cxanalysis.plots.theme import SERVICE as CONTACT_COLOUR

STREAMS = 12  # drawn one by one; the rest is "other"
MOST = 15  # columns whose figures can still be read
ROW, HEAD = 0.27, 1.35  # inches, of the matrix
NODE = 0.36  # inches of height for each node of the streams
GAP, LABEL = 0.018, 0.062  # of the height: between nodes, between their labels
OTHER = "other"
COLOURS = "gold: to a later stage, blue: contacts, grey: the rest"
PALE, FULL = (0.96, 0.97, 0.99), (0.35, 0.66, 0.86)  # both under dark figures
Stream = tuple[str, str, float]


@plot.register
def _plot(finding: FlowFinding) -> Figure | None:
    known = finding.known
    if len(known) < 2:
        return None
    matrix = len(finding.targets) <= MOST
    streams = NODE * max(len(known), 6) + 0.2
    table = HEAD + ROW * len(known) if matrix else 0.0
    with themed():
        figure, body = headed(
            streams + table,
            "What follows what",
            f"{finding.period}, {finding.days} days; {COLOURS}",
        )
        upper, lower = split(body, streams, table) if matrix else (body, body)
        _draw_streams(upper.subplots(), finding)
        if matrix:
            _draw_matrix(lower.subplots(), finding)
        return figure


def _draw_matrix(axes: Axes, finding: FlowFinding) -> None:
    for y, origin in enumerate(finding.known):
        for x, share in enumerate(origin.shares):
            level = min(share.value, 1.0) ** 0.6
            colour = tuple(a + level * (b - a) for a, b in zip(PALE, FULL, strict=True))
            axes.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor="white", lw=1.2))
            axes.text(x + 0.5, y + 0.5, _cell(share.value), ha="center", va="center", fontsize=9)
    rows = [f"{_title(origin.name)} ({integer(origin.n)})" for origin in finding.known]
    axes.set(xlim=(0, len(finding.targets)), ylim=(len(finding.known), 0))
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows, fontsize=9)
    axes.xaxis.tick_top()
    axes.set_xticks(
        np.arange(len(finding.targets)) + 0.5,
        [_title(target) for target in finding.targets],
        rotation=50,
        ha="left",
        rotation_mode="anchor",
    )
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _cell(share: float) -> str:
    """Percent of its row; nothing where there is none."""
    if share == 0:
        return ""
    return "<1%" if share < 0.005 else f"{100 * share:.0f}%"


def _draw_streams(axes: Axes, finding: FlowFinding) -> None:
    streams = _streams(finding)
    total = sum(width for _, _, width in streams)
    origins = [origin.name for origin in finding.known]
    targets = [each for each in finding.targets if any(s[1] == each for s in streams)]
    targets += [OTHER] if any(s[1] == OTHER for s in streams) else []
    left = _nodes(origins, [(s[0], s[2]) for s in streams], total)
    right = _nodes(targets, [(s[1], s[2]) for s in streams], total)
    start, end = ({key: top for key, (top, _) in nodes.items()} for nodes in (left, right))
    order = {target: number for number, target in enumerate(targets)}
    for origin, target, width in sorted(streams, key=lambda s: (origins.index(s[0]), order[s[1]])):
        high = width / total * (1 - GAP * (max(len(left), len(right)) - 1))
        _band(axes, start[origin], end[target], high, _colour(finding, origin, target))
        start[origin] += high
        end[target] += high
    _name_nodes(axes, left, 0.0, "right", {o.name: o.n for o in finding.known})
    _name_nodes(axes, right, 1.0, "left", {})
    axes.set(xlim=(-0.42, 1.38), ylim=(1.03, -0.03))
    axes.set_axis_off()


def _streams(finding: FlowFinding) -> list[Stream]:
    """The widest streams, all those to a contact, and the rest of each origin as "other"."""
    every = [
        (origin.name, target, share.value * origin.n)
        for origin in finding.known
        for target, share in zip(finding.targets, origin.shares, strict=True)
        if share.value > 0
    ]
    ranked = sorted(every, key=lambda stream: -stream[2])
    widest = ranked[:STREAMS] + [each for each in ranked[STREAMS:] if each[1] == SERVICE]
    left = {origin.name: _rest(origin, widest) for origin in finding.known}
    return widest + [(key, OTHER, width) for key, width in left.items() if width > 0.5]


def _rest(origin: Origin, widest: Sequence[Stream]) -> float:
    return origin.n - sum(width for start, _, width in widest if start == origin.name)


def _nodes(
    names: list[str], widths: list[tuple[str, float]], total: float
) -> dict[str, tuple[float, float]]:
    """Top and bottom of every node, from 0 downwards to 1."""
    free = GAP * (len(names) - 1)
    top, nodes = 0.0, {}
    for each in names:
        height = sum(width for key, width in widths if key == each) / total * (1 - free)
        nodes[each] = (top, top + height)
        top += height + GAP
    return nodes


def _band(axes: Axes, start: float, end: float, high: float, colour: str) -> None:
    points = [
        (0.0, start),
        (0.5, start),
        (0.5, end),
        (1.0, end),
        (1.0, end + high),
        (0.5, end + high),
        (0.5, start + high),
        (0.0, start + high),
        (0.0, start),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    faint = colour == NEUTRAL
    axes.add_patch(
        PathPatch(Path(points, codes), facecolor=colour, alpha=0.9 if faint else 0.62, lw=0)
    )


def _colour(finding: FlowFinding, origin: str, target: str) -> str:
    if target in (OTHER, NOTHING):
        return NEUTRAL
    if SERVICE in (origin, target):
        return CONTACT_COLOUR
    return TOUCH_COLOUR if finding.is_onward(origin, target) else NEUTRAL


def _name_nodes(
    axes: Axes, nodes: dict[str, tuple[float, float]], x: float, side: str, counts: dict[str, int]
) -> None:
    """Each node with its name, moved down where it would run into the one above."""
    last, out = -1.0, -0.02 if side == "right" else 0.02
    middles = [(top + bottom) / 2 for top, bottom in nodes.values()]
    for (each, (top, bottom)), middle in zip(nodes.items(), middles, strict=True):
        axes.plot([x, x], [top, bottom], color=INK, lw=2, solid_capstyle="butt")
        y = max(middle, last + LABEL)
        text = f"{_title(each)} ({integer(counts[each])})" if each in counts else _title(each)
        colour = QUIET if each in (OTHER, NOTHING) else INK
        axes.text(x + out, y, text, ha=side, va="center", fontsize=9, color=colour)
        last = y


def _title(text: str) -> str:
    return plain(sentence_case(name(text)))
