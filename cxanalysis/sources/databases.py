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
            f"and password under [tables.{table}] are right and the server runs."
        ) from error
    with database:
        return _to_parquet(driver, database, label, query, scratch)


def sqlite_rows(path: Path, name: str, query: str | None, scratch: Path) -> Path:
    """Rows of a query to an SQLite file as a Parquet file."""
    driver = _driver("sqlite", name)
    with driver.connect(str(path)) as database:
        return _to_parquet(driver, database, name, query, scratch)


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


def _to_parquet(driver: Any, database: Any, label: str, query: str | None, scratch: Path) -> Path:
    if query is None:
        raise DataError(f'{label}: say which rows: query = "SELECT … FROM …".')
    path = scratch / f"query-{len(list(scratch.glob('query-*.parquet')))}.parquet"
    with database.cursor() as cursor:
        try:
            cursor.execute(query)
            _write(cursor.fetch_record_batch(), path, label)
        except (driver.Error, duckdb.Error, OSError) as error:
            said = mask(" ".join(str(error).split()))[:ERROR_LENGTH]
            raise DataError(f"{label}: the query failed. The database says: {said}") from error
    return path


def _write(batches: Any, path: Path, label: str) -> None:
    """Write rows by DuckDB, which knows types that pyarrow cannot write, such as intervals."""
    if not batches.schema.names:
        raise DataError(f"{label}: the query gives no columns. It must be a SELECT.")
    with duckdb.connect() as connection:
        connection.from_arrow(batches).write_parquet(str(path))
