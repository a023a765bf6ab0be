"""One number per customer: a file says what else a customer is called, in whatever table.

A customer's id is replaced by the map's before anything is hashed, so that a helpdesk's number,
a survey's e-mail address and the company's own number become one and the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cxanalysis.config import Identity, Table
from cxanalysis.errors import DataError
from cxanalysis.sources import privacy
from cxanalysis.sources.inputs import Source, find_sources
from cxanalysis.sources.job import Job
from cxanalysis.sources.raw import Raw, lines_of, load, open_inputs
from cxanalysis.sources.sql import code, without_codes

CUSTOMERS = ("customer_id", "referred_by")  # columns that hold a customer's id
TABLE = "identity"  # of other and id, in the job's database


def find_map(identity: Identity | None, folder: Path, scratch: Path) -> list[Source]:
    """The files of the id map: none where the study has no map."""
    if identity is None:
        return []
    return find_sources(folder, [identity.map], Table(path=(identity.map,)), TABLE, scratch)


def load_map(job: Job, sources: Sequence[Source]) -> None:
    """Make the table ``identity``: what a customer may be called, and the id to use.

    An id counts as a name of its own customer, so that tables which hold it already match.

    Raises
    ------
    DataError
        When the map has no such columns, or two customers are called the same.
    """
    identity = job.config.identity
    if identity is None:
        return
    names = list(dict.fromkeys([identity.customer_id, *identity.others]))
    table = Table(path=(identity.map,))
    inputs = open_inputs(job, sources, table, names)
    raw = load(job, "identity_rows", inputs, names)
    called_by = {n: called_as(without_codes(raw.columns[n], table.missing)) for n in names}
    called = " UNION ALL ".join(
        f"SELECT rowid AS _row, _file, {other} AS other, {called_by[identity.customer_id]} AS id "
        "FROM identity_rows"
        for other in called_by.values()
    )
    job.connection.execute(
        f"CREATE TABLE identity_names AS FROM ({called}) WHERE other IS NOT NULL AND id IS NOT NULL"
    )
    _check_one_customer_each(job, raw, identity)
    job.connection.execute(
        f"CREATE TABLE {TABLE} AS SELECT other, any_value(id) AS id FROM identity_names GROUP BY 1"
    )
    if raw.ragged:
        job.notes.append(
            f"{len(raw.ragged):,} lines of {raw.files[0]} cannot be read and map nobody "
            f"(first: line {raw.ragged[0].line}, {raw.ragged[0].rule})"
        )


def called_as(text: str) -> str:
    """SQL: what a customer is called, as it is looked up: addresses without capitals."""
    return privacy.plain_address(code(text))


def customer(text: str) -> str:
    """SQL: the map's id for what a customer is called; NULL where the map does not know it."""
    return f"(SELECT id FROM {TABLE} WHERE other = {called_as(text)})"


def _check_one_customer_each(job: Job, raw: Raw, identity: Identity) -> None:
    found = job.connection.execute(
        """
        WITH firsts AS (
            SELECT other, arg_min(id, _row) AS id FROM identity_names GROUP BY 1
            HAVING count(DISTINCT id) > 1
        )
        SELECT (SELECT count(*) FROM firsts), n._file, n._row
        FROM identity_names n JOIN firsts f ON n.other = f.other AND n.id <> f.id
        ORDER BY n._row LIMIT 1
        """
    ).fetchall()
    if not found:
        return
    count, file, row = found[0]
    record = row + 1 - sum(raw.counts[:file])
    line = lines_of(raw, file, [record])[record]
    listed = ", ".join(identity.others)
    raise DataError(
        f"{raw.files[file]}: {count:,} values of {listed} belong to more than one "
        f"{identity.customer_id} (first: line {line}), so it is unclear whose rows they are. "
        "Correct the map; where two systems number their customers alike, put the system's name "
        "before the number, in the map and in the table."
    )


def note_unknown(job: Job, texts: str, columns: Mapping[str, str]) -> None:
    """Count in notes how many of a table's customers the map does not know.

    Parameters
    ----------
    texts
        Relation of a reading's texts; rows left out have a reason in ``_excluded``.
    columns
        Its columns by the names of our columns.
    """
    if job.config.identity is None:
        return
    for name in CUSTOMERS:
        if name not in columns:
            continue
        every, unknown = job.connection.execute(
            f"SELECT count(*), count(*) FILTER ({customer('called')} IS NULL) FROM "
            f"(SELECT DISTINCT {called_as(columns[name])} AS called FROM {texts} "
            f"WHERE _excluded IS NULL AND {columns[name]} IS NOT NULL)"
        ).fetchall()[0]
        if unknown:
            job.notes.append(
                f"{name}: {unknown:,} of {every:,} different values are not in "
                f"{privacy.mask(job.config.identity.map)} and stay as they are"
            )
