"""One reading of one table: its settings and the private database it happens in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from cxanalysis.config import StudyConfig, Table
from cxanalysis.tables import CONTRACTS, TableContract


@dataclass(frozen=True)
class Job:
    """What every step of a reading needs to know; ``notes`` gathers what the report should say.

    ``careful`` means that text files are read record by record instead of by DuckDB: slower,
    and right for files that DuckDB refuses or sees differently.
    """

    name: str
    config: StudyConfig
    scratch: Path
    connection: duckdb.DuckDBPyConnection
    careful: bool
    notes: list[str] = field(default_factory=list)

    @property
    def table(self) -> Table:
        """The table's part of the study file."""
        table: Table = getattr(self.config.tables, self.name)
        return table

    @property
    def contract(self) -> TableContract:
        """What the table must hold."""
        return CONTRACTS[self.name]

    def number(self, query: str) -> int:
        """The one number that a query gives."""
        return int(self.connection.execute(query).fetchall()[0][0])


def start(name: str, config: StudyConfig, scratch: Path, salt: str, *, careful: bool) -> Job:
    """A job in a database of its own, which vanishes with ``scratch``."""
    connection = duckdb.connect()
    connection.execute("SET temp_directory = ?", [str(scratch)])
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET VARIABLE salt = ?", [salt])
    if config.engine.threads is not None:
        connection.execute(f"SET threads = {config.engine.threads}")
    if config.engine.memory_limit is not None:
        connection.execute("SET memory_limit = ?", [config.engine.memory_limit])
    return Job(name, config, scratch, connection, careful)
