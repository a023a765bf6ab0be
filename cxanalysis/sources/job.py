"""One reading of one table: its settings and the private database it happens in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from cxanalysis.config import StudyConfig, Table
from cxanalysis.engine import connect
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
    connection = connect(config.engine)
    connection.execute("SET temp_directory = ?", [str(scratch)])
    # codes are compared by IN; as a join per column they take minutes for 500 columns
    connection.execute("SET disabled_optimizers = 'in_clause'")
    connection.execute("SET VARIABLE salt = ?", [salt])
    return Job(name, config, scratch, connection, careful)
