"""A study: its settings, its four tables behind the engine, and what was read and set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.config import StudyConfig
from cxanalysis.engine import Engine
from cxanalysis.partition import Blocks, blocks_of
from cxanalysis.periods import Period


@dataclass(frozen=True)
class Study:
    """Everything the later stages need: settings, tables, what was read, and the view asked for.

    ``period`` and ``segment`` narrow what is reported, not what is known: a lookback window
    may reach before the period. Narrow with `during` and `among`; a study never changes.
    """

    path: Path
    config: StudyConfig
    engine: Engine = field(repr=False)
    tables: Mapping[str, nw.LazyFrame[Any]] = field(repr=False)
    period: Period | None = None
    segment: tuple[str, str] | None = None

    @cached_property
    def columns(self) -> dict[str, frozenset[str]]:
        """Columns of each table the study has."""
        return {name: frozenset(table.columns) for name, table in self.tables.items()}

    @property
    def blocks(self) -> Blocks:
        """Feature columns by set and group, fixed before looking at any outcome."""
        return blocks_of(self.config, self.columns)

    def has(self, table: str, *columns: str) -> bool:
        """Whether the study has a table with all of these columns."""
        return table in self.tables and self.columns[table].issuperset(columns)


def study_of(config: StudyConfig, frames: Mapping[str, pd.DataFrame]) -> Study:
    """A study of pandas frames given in place of files; their columns are the contracts' own."""
    engine = Engine(config.engine)
    tables = {name: engine.register(frame) for name, frame in frames.items()}
    return Study(Path(), config, engine, tables)
