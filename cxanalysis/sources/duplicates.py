"""The duplicate rule: one row per key; the first in the file stays, or the last by its time."""

from __future__ import annotations

from cxanalysis.sources.job import Job
from cxanalysis.sources.sql import quoted

DUPLICATE = "duplicate id"
LAST_BY = ("responded_at", "occurred_at", "opened_at")


def find_duplicates(job: Job) -> int:
    """Make the table ``repeated`` of all but one sound row per key and return its length.

    With ``duplicates = "keep-last"`` the row with the latest time stays (rows without a time
    count as earliest), else the first in the files.
    """
    name = quoted(job.contract.key)
    job.connection.execute(
        f"""
        CREATE TABLE repeated AS
        WITH often AS (
            SELECT hash({name}) FROM sound WHERE {name} IS NOT NULL
            GROUP BY 1 HAVING count(*) > 1
        )
        SELECT _row, _file, _record, {name} AS key FROM (
            SELECT *, row_number() OVER (PARTITION BY {name} ORDER BY {_order(job)}) AS _place
            FROM sound WHERE hash({name}) IN (FROM often)
        ) WHERE _place > 1
        """
    )
    return job.number("SELECT count(*) FROM repeated")


def keeps_last(job: Job) -> bool:
    """Whether earlier rows of a key are expected and left out, not set aside."""
    return job.table.duplicates == "keep-last"


def _order(job: Job) -> str:
    """SQL: rows of a key, the one to keep first."""
    if not keeps_last(job):
        return "_row"
    names = job.connection.execute("SELECT * FROM sound LIMIT 0").description or []
    have = {column[0] for column in names}
    by = next((name for name in LAST_BY if name in have), None)
    return "_row DESC" if by is None else f"{quoted(by)} DESC NULLS LAST, _row DESC"
