"""DuckDB in this process, within the threads, the memory and the folder it may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw

from cxanalysis.config import Engine as EngineSettings

if TYPE_CHECKING:
    import pyarrow as pa

# Every step that is added to a query binds it anew and would open its files again, so files up to
# this size are held in memory.
HELD_BYTES = 2 * 1024**2
HELD_ROWS = 500_000  # up to which a part of a larger file is held


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
    if settings.spill_folder is not None:
        connection.execute("SET temp_directory = ?", [settings.spill_folder])
    return connection


class Duck:
    """A private connection; what is kept is a table of its own in it.

    ``holds`` says whether all that was scanned is held in memory.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self._connection = connect(settings)
        self._kept = 0
        self.holds = True

    def scan(self, path: Path) -> Any:
        """A Parquet file as a relation."""
        rows = self._connection.read_parquet(str(path))
        small = path.is_file() and path.stat().st_size <= HELD_BYTES
        self.holds = self.holds and small
        return self._hold(rows) if small else rows

    def are_few(self, rows: Callable[[], int]) -> bool:
        """Whether so many rows of what was scanned are few enough to be held in memory."""
        return rows() <= HELD_ROWS

    def register(self, table: pa.Table) -> Any:
        """An Arrow table as a relation."""
        return self._connection.from_arrow(table)

    def keep(self, frame: nw.LazyFrame[Any]) -> Any:
        """The frame worked out and held in memory, or in the spill folder beyond the limit."""
        return self._hold(frame.to_native())

    def _hold(self, rows: duckdb.DuckDBPyRelation) -> Any:
        self._kept += 1
        name = f"kept_{self._kept}"
        rows.create(name)
        return self._connection.table(name)
