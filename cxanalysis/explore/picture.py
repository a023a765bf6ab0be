"""A picture whose bars are buttons: the package's own SVG, and on every mark of it a button."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from cxanalysis.display import svg_address
from cxanalysis.explore.views import View
from cxanalysis.plots.theme import MARK, marked, themed

HERE = Path(__file__).parent
Box = Mapping[str, float]


class Picture(anywidget.AnyWidget):
    """An image with buttons on it; ``chosen`` is the key of the one that was pressed last.

    ``bars`` holds for each button its key, what it says, and where it lies: left, top, width and
    height as parts of the image.
    """

    _esm = HERE / "picture.js"
    _css = HERE / "picture.css"
    image = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    bars: Any = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)

    def show(self, view: View) -> None:
        """Put the view's picture in place of the one before, with no bar chosen."""
        image = ""
        bars: list[dict[str, Any]] = []
        if view.figure is not None:
            image, boxes = drawn(view.figure, across=view.across)
            for place, bar in enumerate(view.bars):
                if place in boxes:
                    bars.append({"key": bar.key, "says": bar.says, **boxes[place]})
        with self.hold_sync():
            self.chosen = ""
            self.image, self.alt, self.bars = image, view.alt, bars


def drawn(figure: Figure, *, across: bool) -> tuple[str, dict[int, Box]]:
    """The figure as the address of an image, and where its marked rows or columns lie.

    Parameters
    ----------
    across
        Whether they are columns, and so run from the top to the bottom of the picture; rows run
        from the left to the right.
    """
    address = svg_address(figure)
    with themed():
        return address, _boxes(figure, across=across)


def _boxes(figure: Figure, *, across: bool) -> dict[int, Box]:
    renderer: Any = figure._get_renderer()  # type: ignore[attr-defined]
    found: dict[str, list[Bbox]] = {}
    for artist in figure.findobj(lambda each: str(each.get_gid() or "").startswith(MARK)):
        extent = artist.get_window_extent(renderer)
        found.setdefault(str(artist.get_gid()), []).append(
            extent.transformed(figure.transFigure.inverted())
        )
    middles = {gid: Bbox.union(extents) for gid, extents in found.items()}
    centres = {
        gid: float(box.x0 + box.x1) / 2 if across else 1 - float(box.y0 + box.y1) / 2
        for gid, box in middles.items()
    }
    half = _half(sorted(centres.values()))
    boxes: dict[int, Box] = {}
    for place in range(len(centres)):
        centre = centres[marked(place)]
        low, size = max(0.0, centre - half), 2 * half
        boxes[place] = (
            {"left": low, "width": size, "top": 0.0, "height": 1.0}
            if across
            else {"left": 0.0, "width": 1.0, "top": low, "height": size}
        )
    return boxes


def _half(centres: list[float]) -> float:
    """Half of a button's size: neighbours touch, and a single one is not the whole picture."""
    steps = [after - before for before, after in pairwise(centres)]
    return min([*steps, 0.2]) / 2
