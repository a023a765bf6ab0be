"""Whether a number that comes again and again in a file is still one ticket's."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from cxanalysis.recognise.drafts import Draft
from cxanalysis.recognise.headers import ROLE_WORDS
from cxanalysis.recognise.profile import ColumnProfile, FileProfile, clean
from cxanalysis.recognise.wording import ENOUGH, header_score

_MIXED = 0.1  # share of the repeated numbers that may change their customer, as tickets do at times


def without_shared_number(connection: duckdb.DuckDBPyConnection, draft: Draft) -> Draft:
    """Take no number for the ticket's that rows of different customers have.

    A log of changes repeats a ticket's number beside the same customer, or where no column says
    which customer, beside the same time of opening. A number that counts something else, such as
    the hours of a day or calls of a machine, does not: to keep its last row would lose tickets.
    """
    key, opened = draft.roles.get("ticket_id"), draft.roles.get("opened_at")
    if draft.table != "tickets" or key is None or key.column.nearly_unique:
        return draft
    same = _customer(draft.source.profile) or (opened.column if opened is not None else None)
    if same is None or _differing(connection, draft.source.profile, key.column, same) <= _MIXED:
        return draft
    roles = {role: match for role, match in draft.roles.items() if role != "ticket_id"}
    return replace(draft, roles=roles, no_key=(key.column.name, same.name))


def _customer(file: FileProfile) -> ColumnProfile | None:
    """The column whose header speaks most of a customer."""
    phrases = ROLE_WORDS["tickets"]["customer_id"]
    scored = [(header_score(column.words, phrases)[0], column) for column in file.columns]
    score, column = max(scored, key=lambda pair: pair[0])
    return column if score >= ENOUGH and column.distinct > 1 else None


def _differing(
    connection: duckdb.DuckDBPyConnection,
    file: FileProfile,
    key: ColumnProfile,
    same: ColumnProfile,
) -> float:
    """Share of a key's repeated values whose rows differ in a column, 0 to 1."""
    row = connection.execute(
        f"""SELECT coalesce(avg(CAST(differ > 1 AS INT)), 0) FROM (
            SELECT count(DISTINCT {clean(same.name)}) AS differ FROM {file.relation}
            WHERE {clean(key.name)} IS NOT NULL
            GROUP BY {clean(key.name)} HAVING count(*) > 1)"""
    ).fetchone()
    assert row is not None
    return float(row[0])
