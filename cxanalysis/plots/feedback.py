"""The coverage map: every touchpoint of every stage, shaded by how much of it customers rate."""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cxanalysis.findings.feedback import Cell, FeedbackFinding
from cxanalysis.narrative.words import counted, integer, name, percent
from cxanalysis.plots.core import plot
from cxanalysis.plots.theme import INK, QUIET, headed, plain, themed, wrapped

ACROSS = 4  # cells beside each other: their names can still be read
MOST = 8  # cells of one stage, those with most touches
LINE = 0.66  # inches, one line of cells
STAGE_WIDTH = 1.0  # in cells
BROAD = 15  # letters of a line in a cell
PALE, FULL = (0.93, 0.96, 0.98), (0.25, 0.6, 0.83)  # hardly any, all; both under dark letters


@plot.register
def _plot(finding: FeedbackFinding) -> Figure | None:
    lines = _lines(finding.cells)
    if not lines or finding.rated == 0:
        return None
    with themed():
        figure, body = headed(
            LINE * len(lines) + 0.1,
            "Where customers are heard: share of touches rated",
            f"{counted(finding.touches, 'touch', 'touches')}, {finding.period}; white: never rated",
        )
        axes = body.subplots()
        for place, (stage, cells) in enumerate(lines):
            axes.text(0, place + 0.5, wrapped(name(stage), 13), va="center", fontsize=9.5)
            for column, cell in enumerate(cells):
                _draw(axes, STAGE_WIDTH + column, place, cell)
        axes.set(xlim=(0, STAGE_WIDTH + ACROSS), ylim=(len(lines), 0))
        axes.set_axis_off()
        return figure


def _lines(cells: tuple[Cell, ...]) -> list[tuple[str, tuple[Cell, ...]]]:
    """Cells in lines of at most `ACROSS`, the stage named on the first of its lines."""
    lines: list[tuple[str, tuple[Cell, ...]]] = []
    for stage in dict.fromkeys(cell.stage for cell in cells):
        mine = sorted((c for c in cells if c.stage == stage), key=lambda c: -c.touches)[:MOST]
        for start in range(0, len(mine), ACROSS):
            lines.append(("" if start else stage, tuple(mine[start : start + ACROSS])))
    return lines


def _draw(axes: Axes, left: float, top: float, cell: Cell) -> None:
    known = cell.coverage.known
    share = cell.coverage.value if known else 0.0
    blank = cell.is_deaf or not known
    colour = tuple(a + share * (b - a) for a, b in zip(PALE, FULL, strict=True))
    box = Rectangle(
        (left + 0.02, top + 0.04),
        0.96,
        0.92,
        facecolor="white" if blank else colour,
        edgecolor=QUIET if blank else "white",
        lw=0.9,
        ls=(0, (3, 2)) if not known else "-",
    )
    axes.add_patch(box)
    figure = percent(share) if known else "few"
    text = f"{_label(cell)}\n{figure} of {integer(cell.touches)}"
    axes.text(left + 0.5, top + 0.5, text, ha="center", va="center", color=INK, fontsize=9)


def _label(cell: Cell) -> str:
    """The touchpoint's name on two lines at most, cut where it would leave its cell."""
    lines = textwrap.wrap(name(cell.touchpoint), BROAD)
    short = [line if len(line) <= BROAD else f"{line[: BROAD - 1]}…" for line in lines[:2]]
    if len(lines) > 2:
        short[-1] = f"{short[-1][: BROAD - 2].rstrip()}…"
    return plain("\n".join(short))
