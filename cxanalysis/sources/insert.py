"""Let DuckDB read a delimited text file where it can; repair the file first where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import duckdb

from cxanalysis.errors import DataError
from cxanalysis.sources.delimited import CsvFile
from cxanalysis.sources.job import Job
from cxanalysis.sources.lines import Counted, count_records
from cxanalysis.sources.records import Ragged, clean_copy, read_records
from cxanalysis.sources.sql import literal

LONGEST = 16 << 20  # bytes of a record that DuckDB reads; its own 2 MB are too few for long texts
# DuckDB would take a buffer 16 times as long as a record, and leave fewer parts to its threads.
BUFFER = 2 * LONGEST


@dataclass(frozen=True)
class Inserted:
    """Lines of a text file that are no records, and the count of those that are.

    ``counted`` is None where Python read the file record by record, and for other files.
    """

    ragged: list[Ragged] = field(default_factory=list)
    counted: Counted | None = None


def insert_csv(job: Job, target: str, rows: Callable[[str], str], file: CsvFile) -> Inserted:
    """Insert a text file's records into a table.

    DuckDB reads the file as it is. Where its records are not those that the file's bytes show,
    or it leaves out what Python's reader would not, the file is read once more record by record.

    Parameters
    ----------
    rows
        SQL of the table's rows from SQL of the file's records.

    Raises
    ------
    DataError
        When a record is too long to be read.
    """
    if not job.careful and is_plain(file):
        job.connection.execute("BEGIN")
        inserted = _insert_whole(job, target, rows, file)
        job.connection.execute("ROLLBACK" if inserted is None else "COMMIT")
        forget_left_out(job)
        if inserted is not None:
            return inserted
    copy = job.scratch / "records.csv"
    ragged = clean_copy(file, copy)
    plain = CsvFile(file.name, copy, ",", '"', file.header, 0)
    try:
        job.connection.execute(f"INSERT INTO {target} {rows(csv_sql(plain, store_rejects=False))}")
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error:
        # DuckDB's message holds the raw row, and so would a traceback that shows the cause.
        refused = True
    else:
        refused = False
    copy.unlink()
    if refused:
        raise DataError(_why_refused(file))
    return Inserted(ragged)


def _why_refused(file: CsvFile) -> str:
    """What to do about a file that even its clean copy cannot be read of."""
    for line, fields in read_records(file):
        if isinstance(fields, Ragged):
            continue
        # as the clean copy writes them: in quotes, with quotes inside doubled
        if sum(len(field.encode()) + field.count('"') + 3 for field in fields) > LONGEST:
            return (
                f"{file.name}: the record in line {line} is longer than {LONGEST >> 20} MB. "
                "Shorten its texts, or look whether a quote before it never closes."
            )
    return (
        f"{file.name}: cannot be read as a text table. Export it again, or save it as Parquet "
        "or .xlsx."
    )


def is_plain(file: CsvFile) -> bool:
    """Whether DuckDB may read a file at all: it takes NUL bytes and lone columns differently."""
    return not file.nul and len(file.header) > 1


def _insert_whole(
    job: Job, target: str, rows: Callable[[str], str], file: CsvFile
) -> Inserted | None:
    """Let DuckDB insert a file; None where its records are not to be trusted."""
    before = job.number(f"SELECT count(*) FROM {target}")
    try:
        job.connection.execute(f"INSERT INTO {target} {rows(csv_sql(file))}")
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error:
        return None
    inserted = job.number(f"SELECT count(*) FROM {target}") - before
    return agreed(file, inserted, left_out_of(job, file))


def agreed(file: CsvFile, rows: int, left_out: tuple[int, ...]) -> Inserted | None:
    """What DuckDB left out of a file, if it read just the records that the bytes show."""
    counted = count_records(file, left_out)
    if counted is None or counted.records != rows:
        return None
    return Inserted(counted.ragged, counted)


def left_out_of(job: Job, file: CsvFile) -> tuple[int, ...]:
    """Where the records begin that DuckDB left out when it last read a file.

    DuckDB counts bytes from 1, and takes the feed behind a return for the first of the next line.
    """
    found = job.connection.execute(
        "SELECT DISTINCT e.line_byte_position - (NOT starts_with(e.csv_line, chr(10)))::INTEGER "
        "FROM reject_errors e JOIN reject_scans s "
        "USING (scan_id, file_id) WHERE s.file_path = ? ORDER BY 1",
        [str(file.path)],
    ).fetchall()
    return tuple(int(place) for (place,) in found)


def forget_left_out(job: Job) -> None:
    """Drop DuckDB's tables of what it left out, before another reading adds to them."""
    job.connection.execute("DROP TABLE IF EXISTS reject_errors")
    job.connection.execute("DROP TABLE IF EXISTS reject_scans")


def csv_sql(file: CsvFile, *, store_rejects: bool = True) -> str:
    """SQL: the records of a text file as texts c0, c1, …; what is broken is left out and noted.

    It must never be ``ignore_errors``, with which DuckDB 1.5.6 silently loses most of a file
    behind a broken quote when it reads with several threads.
    """
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(file.header)))
    return (
        f"read_csv({literal(str(file.path))}, columns = {{{columns}}}, header = false, "
        f"skip = {file.skip}, auto_detect = false, delim = {literal(file.delimiter)}, "
        f"quote = {literal(file.quote)}, escape = {literal(file.quote)}, "
        f"store_rejects = {str(store_rejects).lower()}, strict_mode = true, "
        f"max_line_size = {LONGEST}, buffer_size = {BUFFER})"
    )
