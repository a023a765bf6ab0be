"""Which columns of a table on the page hold figures: those are set flush right."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FIGURE = re.compile(r"[+−-]?\d|–$|-$|$")
LONGEST_FIGURE = 32  # characters; a longer text that begins with a digit is a sentence


@dataclass
class Cell:
    """A cell of a table: where its start tag stands in the page, and its text so far."""

    at: int
    is_heading: bool
    text: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether the text is a number, an interval, a dash or nothing."""
        text = self.text.strip()
        return len(text) <= LONGEST_FIGURE and FIGURE.match(text) is not None


@dataclass
class Table:
    """The rows of a table while it is written; ``has_caption`` once it had one."""

    at: int
    rows: list[list[Cell]] = field(default_factory=list)
    has_caption: bool = False

    def figure_cells(self) -> list[Cell]:
        """Cells of the columns whose every cell but the headings is a figure."""
        width = max((len(row) for row in self.rows), default=0)
        columns = ([row[i] for row in self.rows if i < len(row)] for i in range(width))
        return [cell for column in columns if _is_of_figures(column) for cell in column]


def _is_of_figures(column: list[Cell]) -> bool:
    body = [cell for cell in column if not cell.is_heading]
    return bool(body) and all(cell.is_figure for cell in body)
