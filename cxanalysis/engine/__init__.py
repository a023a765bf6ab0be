"""The one door to the engine: tables go in, lazy frames are worked on, pandas frames come out.

Inside the engine a time is an int64 column of microseconds since the epoch, UTC, whose name
ends in ``_at`` (or is ``active_from``/``active_to``); `collect` turns it into a timestamp.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.config import Engine as EngineSettings
from cxanalysis.engine.duck import Duck, connect
from cxanalysis.engine.faults import clear_errors
from cxanalysis.engine.frames import TIME_NAMES, is_time, plain, plain_arrow, to_arrow, to_pandas

__all__ = ["TIME_NAMES", "Engine", "collect", "connect", "is_time", "len_of"]


class Engine:
    """DuckDB in this process or Spark; everything read from it is a Narwhals lazy frame.

    Raises
    ------
    EngineError
        When Spark is asked for and is not installed, finds no Java, or does not answer.
    """

    def __init__(self, settings: EngineSettings | None = None) -> None:
        self.settings = settings or EngineSettings()
        self._back = _back(self.settings)

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        """A Parquet file of the cache as a lazy frame.

        Raises
        ------
        DataError
            When the file is damaged or gone.
        """
        with clear_errors():
            made: nw.LazyFrame[Any] = nw.from_native(self._back.scan(path))
        return made

    def register(self, frame: pd.DataFrame) -> nw.LazyFrame[Any]:
        """A pandas frame as a lazy frame; its timestamps become microseconds."""
        made: nw.LazyFrame[Any] = nw.from_native(self._back.register(to_arrow(frame)))
        return made

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The same rows, worked out once and held in the engine for all that follows.

        Columns have the dtypes that `collect` gives, so that a kept frame goes on as one that
        went out and came back would. Its rows have no order. Errors are those of `collect`.
        """
        with clear_errors():
            made: nw.LazyFrame[Any] = nw.from_native(self._back.keep(plain(frame)))
        return made

    @property
    def holds(self) -> bool:
        """Whether all that was scanned is small enough to be held in memory."""
        return bool(self._back.holds)

    def part(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Some rows of what was scanned: kept where they are few, else the frame itself."""
        few = self.holds or self._back.are_few(lambda: len_of(frame))
        return self.keep(frame) if few else frame


def len_of(frame: nw.LazyFrame[Any]) -> int:
    """How many rows a frame has."""
    return int(collect(frame.select(n=nw.len()))["n"].iloc[0])


def _back(settings: EngineSettings) -> Any:
    if settings.name == "duckdb":
        return Duck(settings)
    from cxanalysis.engine.spark import Spark

    return Spark(settings)


def collect(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Run a lazy frame and return pandas with plain dtypes.

    Integers come out as int64 (float64 with NaN where values are missing), floats as float64,
    yes/no as bool (object with None where missing), texts as str, times as UTC timestamps.
    The casts are needed because sums of integers and booleans are 128 bits wide on DuckDB and
    would reach pandas as Decimal objects.

    Raises
    ------
    EngineError
        When memory or disk are used up, or Spark stops, before the answer is there.
    DataError
        When a table of the cache is damaged or gone.
    """
    schema = frame.collect_schema()
    if frame.implementation.is_pyspark():
        from cxanalysis.engine.spark import run

        return to_pandas(plain_arrow(run(frame.to_native()), schema))
    with clear_errors():
        answer = frame.collect("pyarrow").to_native()
    return to_pandas(plain_arrow(answer, schema))
