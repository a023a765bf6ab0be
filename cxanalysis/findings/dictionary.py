"""What the data hold: columns of what was done and columns of what was felt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxanalysis.findings.core import Finding
from cxanalysis.metrics.dictionary import data_dictionary
from cxanalysis.study import Study


@dataclass(frozen=True)
class Column:
    """A column: its table, what it tells ("who", "done", "felt", "own"), how often it is filled."""

    table: str
    column: str
    view: str
    meaning: str
    n: int
    filled: int


@dataclass(frozen=True)
class DictionaryFinding(Finding):
    """Every column that was read, in the order of the tables."""

    kind: ClassVar[str] = "dictionary"

    columns: tuple[Column, ...] = ()


def find_dictionary(study: Study) -> DictionaryFinding:
    """What each column of the study holds; all dates, whatever the study's period."""
    columns = ["table", "column", "view", "meaning", "n", "filled"]
    rows = data_dictionary(study)[columns].itertuples(index=False)
    return DictionaryFinding(tuple(Column(*row) for row in rows))
