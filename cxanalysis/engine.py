"""The one door to the engine: tables go in, lazy frames are worked on, pandas frames come out.

Inside the engine a time is an int64 column of microseconds since the epoch, UTC, whose name
ends in ``_at`` (or is ``active_from``/``active_to``); `collect` turns it into a timestamp.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd

from cxanalysis.config import Engine as EngineSettings

TIME_NAMES = ("active_from", "active_to")


def is_time(name: str) -> bool:
    """Whether a column of this name holds an instant."""
    return name.endswith("_at") or name in TIME_NAMES


def connect(settings: EngineSettings | None = None) -> duckdb.DuckDBPyConnection:
    """A database of its own in memory, in UTC, within the threads and memory it may use."""
    settings = settings or EngineSettings()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    # In a notebook DuckDB would draw its bar with a library that need not be there, and setting
    # enable_progress_bar, even to false, looks for it: only the pragma does not.
    connection.execute("PRAGMA disable_progress_bar")
    if settings.threads is not None:
        connection.execute(f"SET threads = {settings.threads}")
    if settings.memory_limit is not None:
        connection.execute("SET memory_limit = ?", [settings.memory_limit])
    return connection


class Engine:
    """A private DuckDB connection; everything read from it is a Narwhals lazy frame."""

    def __init__(self, settings: EngineSettings | None = None) -> None:
        self._connection = connect(settings)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection, for the reading stage only."""
        return self._connection

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        """A Parquet file of the cache as a lazy frame."""
        return nw.from_native(self._connection.read_parquet(str(path)))

    def register(self, frame: pd.DataFrame) -> nw.LazyFrame[Any]:
        """A pandas frame as a lazy frame; its timestamps become microseconds."""
        table = frame.copy()
        for name in table.columns:
            if isinstance(table[name].dtype, pd.DatetimeTZDtype):
                instants = table[name].dt.tz_convert("UTC").dt.tz_localize(None)
                micros = instants.astype("datetime64[us]").astype("int64")
                table[name] = micros.astype("Int64").mask(instants.isna())
        import pyarrow as pa

        arrow = pa.Table.from_pandas(table, preserve_index=False)
        return nw.from_native(self._connection.from_arrow(arrow))


def collect(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Run a lazy frame and return pandas with plain dtypes.

    Integers come out as int64 (float64 with NaN where values are missing), floats as float64,
    yes/no as bool (object with None where missing), texts as str, times as UTC timestamps.
    The casts are needed because sums of integers and booleans are 128 bits wide on DuckDB and
    would reach pandas as Decimal objects.
    """
    schema = frame.collect_schema()
    casts = []
    for name, dtype in schema.items():
        if dtype.is_integer() and dtype != nw.Int64:
            casts.append(nw.col(name).cast(nw.Int64))
        elif dtype.is_decimal() or dtype == nw.Float32:
            casts.append(nw.col(name).cast(nw.Float64))
    arrow = frame.with_columns(*casts).collect("pyarrow") if casts else frame.collect("pyarrow")
    table: pd.DataFrame = arrow.to_native().to_pandas()
    for name in table.columns:
        if is_time(name) and not isinstance(table[name].dtype, pd.DatetimeTZDtype):
            table[name] = pd.to_datetime(table[name].astype("Int64"), unit="us", utc=True)
    return table
