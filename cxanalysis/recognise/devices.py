"""Devices and their users: rows of one file that tell who uses which browser or app."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from cxanalysis.recognise.drafts import Draft
from cxanalysis.recognise.files import LoadedFile
from cxanalysis.recognise.guess import ColumnGuess
from cxanalysis.sources.identity import called_as
from cxanalysis.sources.sql import quoted

_PLAIN = ("csv", "json", "parquet")


def users_of_devices(
    connection: duckdb.DuckDBPyConnection, draft: Draft, customer: ColumnGuess
) -> tuple[Mapping[str, Any], str, str]:
    """The id map that a file of events is itself, so that devices do not count as customers.

    Parameters
    ----------
    customer
        Where it is the first of a user and a device, the rows in which both stand tell whose
        device it is.

    Returns
    -------
    Settings by dotted key, the reason, and a doubt; empty where there is nothing to say.
    """
    names = tuple(customer.settings.get("first_of", ()))
    file = draft.source.profile.file
    if len(names) != 2 or not set(names) <= set(file.headers):
        return {}, "", ""
    user, device = names
    without, unclear, strangers, users = _count(connection, file.relation, user, device)
    if not without:
        return {}, "", ""
    path = draft.source.written[0] if len(draft.source.written) == 1 else None
    said = f"{draft.name}: {without:,} rows have no {user!r}, only {device!r}"
    if unclear or not isinstance(path, Path) or not _readable(file):
        why = f"{unclear:,} of these have several users" if unclear else "they are in several files"
        return {}, "", (
            f"{said}, and {why}: they count as customers of their own and make shares of customers "
            "smaller. Remove those rows, or name a file of one user for each under [identity]"
        )  # fmt: skip
    settings = {"identity.map": path, "identity.customer_id": user, "identity.others": [device]}
    reason = f"the rows with both tell whose {device!r} it is: one person is one customer"
    if not strangers:
        return settings, reason, ""
    doubt = (
        f"{said}; {strangers:,} values of it have no user in any row, beside {users:,} users: they "
        "count as customers of their own and make shares of customers smaller. Remove their rows "
        "if they must not count"
    )
    return settings, reason, doubt


def _readable(file: LoadedFile) -> bool:
    """Whether an id map can be read as this file is: it has no settings of its own."""
    plain = file.format in _PLAIN and file.header_lines == 1 and file.encoding == "utf-8"
    plain = plain and not file.title_lines
    return plain and file.records is None and file.quote is None


def _count(
    connection: duckdb.DuckDBPyConnection, relation: str, user: str, device: str
) -> tuple[int, int, int, int]:
    """Rows with a device alone, ids of several users, devices without one, and users."""
    row = connection.execute(
        f"""WITH
        rows AS (SELECT {called_as(_text(user))} AS id, {called_as(_text(device))} AS other
            FROM {relation}),
        called AS (SELECT other, id FROM rows UNION SELECT id, id FROM rows),
        others AS (SELECT other, count(DISTINCT id) AS users FROM called
            WHERE other IS NOT NULL GROUP BY other)
        SELECT (SELECT count(*) FROM rows WHERE id IS NULL AND other IS NOT NULL),
            (SELECT count(*) FROM others WHERE users > 1),
            (SELECT count(*) FROM others WHERE users = 0),
            (SELECT count(DISTINCT id) FROM rows)"""
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2], row[3]


def _text(name: str) -> str:
    return f"nullif(trim({quoted(name)}), '')"
