"""Which columns of a table on the page hold figures or short words, to be set accordingly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FIGURE = re.compile(r"[+−-]?\d[\d.,]*([% ]|$)|[–-]?$")
LONGEST_FIGURE = 32  # characters; a longer text that begins with a digit is a sentence
LONGEST_WORDS = 24  # characters of a text that is not broken into lines


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

    def kinds(self) -> list[tuple[Cell, str]]:
        """Each cell of a column of figures or of short words, with that kind.

        Headings go with their column, but do not decide its kind.
        """
        width = max((len(row) for row in self.rows), default=0)
        columns = [[row[i] for row in self.rows if i < len(row)] for i in range(width)]
        return [(cell, kind) for column in columns if (kind := _kind(column)) for cell in column]


def _kind(column: list[Cell]) -> str:
    body = [cell for cell in column if not cell.is_heading]
    if body and all(cell.is_figure for cell in body):
        return "figure"
    if body and all(len(cell.text.strip()) <= LONGEST_WORDS for cell in body):
        return "words"
    return ""
