"""The data's quality in words: nothing is left out silently."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.quality import Count, QualityFinding, TableRead
from cxanalysis.narrative.core import describe, tabulate
from cxanalysis.narrative.words import (
    counted,
    in_words,
    integer,
    listed,
    percent,
    sentence_case,
    small,
)


@describe.register
def _describe(finding: QualityFinding) -> tuple[str, ...]:
    paragraphs = [_headline(finding)]
    paragraphs += [_set_aside(table) for table in finding.tables if table.n_set_aside]
    paragraphs += [_excluded(table) for table in finding.tables if table.excluded]
    paragraphs += [" ".join(_matches(finding))] if finding.matches else []
    unread = [table for table in finding.tables if table.unread]
    paragraphs += [_unread(unread)] if unread else []
    paragraphs += [note for table in finding.tables for note in table.notes]
    return tuple(paragraphs)


@tabulate.register
def _tabulate(finding: QualityFinding) -> pd.DataFrame | None:
    rows = [
        {
            "table": table.table,
            "files": listed(table.files),
            "rows read": integer(table.rows_read),
            "left out on request": integer(table.n_excluded),
            "set aside": integer(table.n_set_aside),
            "kept": integer(table.rows_kept),
        }
        for table in finding.tables
    ]
    if not any(table.n_excluded for table in finding.tables):
        rows = [{key: row[key] for key in row if key != "left out on request"} for row in rows]
    return pd.DataFrame(rows) if rows else None


def _headline(finding: QualityFinding) -> str:
    if not finding.tables:
        return "**The tables were given in memory:** no file was read and no row set aside."
    aside = finding.n_set_aside
    tables = f"{small(len(finding.tables))} table{'' if len(finding.tables) == 1 else 's'}"
    base = f"{counted(finding.rows_read, 'row')} read from {tables}"
    if aside == 0:
        return f"**No row was set aside**; {base}."
    verb = "was" if aside == 1 else "were"
    return (
        f"**{counted(aside, 'row')} {verb} set aside** ({percent(finding.share_set_aside)} of "
        f"{base}). Each is listed in {finding.rejects_file} with its file, line, column and rule."
    )


def _set_aside(table: TableRead) -> str:
    return (
        f"{sentence_case(table.table)}: {integer(table.n_set_aside)} of "
        f"{counted(table.rows_read, 'row')} set aside ({_counts(table.set_aside)})."
    )


def _excluded(table: TableRead) -> str:
    rows = counted(table.n_excluded, "row")
    return (
        f"{sentence_case(table.table)}: {rows} left out as the study file asks "
        f"({_counts(table.excluded)})."
    )


def _counts(items: tuple[Count, ...]) -> str:
    return ", ".join(f"{in_words(item.reason)} {integer(item.n)}" for item in items)


def _matches(finding: QualityFinding) -> list[str]:
    """What matches in full in one sentence for each table, then each that does not."""
    whole: dict[str, list[str]] = {}
    for match in finding.matches:
        if match.matched == match.n:
            whole.setdefault(match.right, []).append(match.left)
    return [
        f"Every customer in {listed(lefts)} is also in {right}." for right, lefts in whole.items()
    ] + [
        f"Of {counted(match.n, 'customer')} in {match.left}, {percent(match.share)} "
        f"{'is' if match.n == 1 else 'are'} also in {match.right}."
        for match in finding.matches
        if match.matched < match.n
    ]


def _unread(tables: list[TableRead]) -> str:
    """How much was not read; which columns, the command says that is made for it."""
    columns = [f"{counted(len(table.unread), 'column')} of {table.table}" for table in tables]
    return (
        f"Left unread, because the study file gives them no meaning: {listed(columns)}. The "
        "command cxanalysis check names them."
    )
