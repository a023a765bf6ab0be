"""Answers of databases as Parquet files, through ADBC drivers."""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path
from typing import Any

import duckdb

from cxanalysis.errors import DataError
from cxanalysis.sources.privacy import mask

_GONE = (  # what the PostgreSQL client says of a connection that broke off
    "server closed the connection",
    "terminating connection",
    "connection to server",
    "connection has been closed",
    "connection not open",
    "could not receive data",
)
SQLITE = b"SQLite format 3\0"
ALL_ROWS = 1 << 30  # more rows than a batch can hold; the driver takes no number much larger
ERROR_LENGTH = 200  # characters of a database's own message that are passed on


def fetch_postgresql(address: str, query: str | None, table: str, scratch: Path) -> Path:
    """Rows of a query as a Parquet file.

    Raises
    ------
    DataError
        When the database does not answer or the query fails. The address may hold a password,
        so no message repeats it.
    """
    driver = _driver("postgresql", table)
    label = f"{table} query"
    try:
        database = driver.connect(address)
    except driver.Error as error:
        raise DataError(
            f"{label}: the database does not answer, or refuses. Look whether its address, user "
            "and password are right and the server runs."
        ) from error
    with database:
        return _to_parquet(driver, database, label, query, scratch)


def sqlite_rows(path: Path, name: str, query: str | None, scratch: Path) -> Path:
    """Rows of a query to an SQLite file as a Parquet file.

    Raises
    ------
    DataError
        When the file breaks off, is in use or no database, or the query fails.
    """
    driver = _driver("sqlite", name)
    _check_whole(path, name)
    with driver.connect(str(path)) as database:
        try:
            return _to_parquet(driver, database, name, query, scratch)
        except DataError as error:
            if "Type mismatch" not in str(error.__cause__):
                raise
        # Types are told by the first batch, and later values are of others: by all rows, then.
        # It takes memory for the whole answer, so only where it must be.
        return _to_parquet(driver, database, name, query, scratch, ALL_ROWS)


def _check_whole(path: Path, name: str) -> None:
    """Refuse what is no database, and a file that is shorter than its first page says.

    SQLite reads zeros for the rest.
    """
    with path.open("rb") as handle:
        head = handle.read(100)
    if not head.startswith(SQLITE):
        raise DataError(
            f"{name}: this is no SQLite database, whatever its name says. Export it again, or "
            "rename it and set format if it is another kind of file."
        )
    size = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    counted = head[24:28] == head[92:96]  # else the number of pages is not kept up to date
    expected = (65536 if size == 1 else size) * pages
    if counted and path.stat().st_size < expected:
        raise DataError(
            f"{name}: the database breaks off: {path.stat().st_size:,} of {expected:,} bytes are "
            "there. Copy it again."
        )


def _driver(kind: str, name: str) -> Any:
    try:
        return importlib.import_module(f"adbc_driver_{kind}.dbapi")
    except ImportError as error:
        raise DataError(
            f'{name}: databases need more packages: pip install "cxanalysis[sources]".'
        ) from error


def with_environment(text: str, table: str) -> str:
    """Replace ``${NAME}`` by the environment variable, so that no secret is in the study file."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise DataError(f"{table}: the environment variable {match[1]} is not set. Set it.")
        return os.environ[match[1]]

    return re.sub(r"\$\{(\w+)\}", value, text)


def _to_parquet(
    driver: Any, database: Any, label: str, query: str | None, scratch: Path, batch: int = 0
) -> Path:
    """Rows of a query as a Parquet file; ``batch`` rows of SQLite at once, 0 for its own number."""
    if query is None:
        raise DataError(f'{label}: say which rows: query = "SELECT … FROM …".')
    path = scratch / f"query-{len(list(scratch.glob('query-*.parquet')))}.parquet"
    with database.cursor() as cursor:
        try:
            if batch:
                cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(batch)})
            cursor.execute(query)
            _write(cursor.fetch_record_batch(), path, label)
        except (driver.Error, duckdb.Error, OSError) as error:
            path.unlink(missing_ok=True)
            raise DataError(f"{label}: {_what_failed(str(error))}") from error
    return path


def _what_failed(said: str) -> str:
    """Why a query gave no rows, or not all, with the next step."""
    if any(sign in said for sign in _GONE):
        return (
            "the database went away while its rows were read, so none of them are used. Look "
            "whether it runs and can be reached, and run again."
        )
    if "is locked" in said:
        return (
            "another program is writing to the database. Close it there, or read a copy, and "
            "run again."
        )
    said = mask(" ".join(said.split()))[:ERROR_LENGTH]
    return f"the query failed. The database says: {said}"


def _write(batches: Any, path: Path, label: str) -> None:
    """Write rows by DuckDB, which knows types that pyarrow cannot write, such as intervals."""
    if not batches.schema.names:
        raise DataError(f"{label}: the query gives no columns. It must be a SELECT.")
    with duckdb.connect() as connection:
        connection.from_arrow(batches).write_parquet(str(path))
