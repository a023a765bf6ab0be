"""Let DuckDB read a delimited text file where it can; repair the file first where it cannot."""

from __future__ import annotations

import duckdb

from cxanalysis.sources.delimited import CsvFile
from cxanalysis.sources.job import Job
from cxanalysis.sources.records import Ragged, clean_copy
from cxanalysis.sources.sql import literal


def insert_csv(job: Job, insert: str, file: CsvFile) -> list[Ragged]:
    """Insert a text file's records; lines that are no records come back.

    DuckDB reads the file as it is. Where it refuses a line, the file is read once more record
    by record, because its own line numbers and the extent of what it left out are not exact.
    """
    if (
        not job.careful
        and not file.nul
        and len(file.header) > 1
        and _insert_whole(job, insert, file)
    ):
        return []
    copy = job.scratch / "records.csv"
    ragged = clean_copy(file, copy)
    plain = CsvFile(file.name, copy, ",", '"', file.header, 0)
    job.connection.execute(insert + _read_csv(plain, store_rejects=False))
    copy.unlink()
    return ragged


def _insert_whole(job: Job, insert: str, file: CsvFile) -> bool:
    """Let DuckDB insert a file; nothing is inserted where it refuses any line."""
    job.connection.execute("BEGIN")
    try:
        job.connection.execute(insert + _read_csv(file, store_rejects=True))
        sound = job.number("SELECT count(*) FROM reject_errors") == 0
    except duckdb.Error:
        sound = False
    job.connection.execute("COMMIT" if sound else "ROLLBACK")
    job.connection.execute("DROP TABLE IF EXISTS reject_errors")
    job.connection.execute("DROP TABLE IF EXISTS reject_scans")
    return sound


def _read_csv(file: CsvFile, *, store_rejects: bool) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(file.header)))
    return (
        f"read_csv({literal(str(file.path))}, columns = {{{columns}}}, header = false, "
        f"skip = {file.skip}, auto_detect = false, delim = {literal(file.delimiter)}, "
        f"quote = {literal(file.quote)}, escape = {literal(file.quote)}, "
        f"store_rejects = {str(store_rejects).lower()}, strict_mode = true)"
    )
