"""The data's quality in words: nothing is left out silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from cxanalysis.findings.quality import Count, QualityFinding, TableRead
from cxanalysis.narrative.core import describe, tabulate
from cxanalysis.narrative.words import (
    counted,
    in_words,
    integer,
    listed,
    name,
    percent,
    sentence_case,
    small,
)

EMPTY, NO_TIME, EARLIER = "empty row", "no time for ", "earlier row of the same "
"""How the reasons begin that are not the study file's own."""


@describe.register
def _describe(finding: QualityFinding) -> tuple[str, ...]:
    paragraphs = [_headline(finding)]
    paragraphs += [_set_aside(table) for table in finding.tables if table.n_set_aside]
    paragraphs += [text for table in finding.tables for text in _excluded(table)]
    paragraphs += [" ".join(_matches(finding))] if finding.matches else []
    unread = [table for table in finding.tables if table.unread]
    paragraphs += [_unread(unread)] if unread else []
    paragraphs += [note for table in finding.tables for note in table.notes]
    paragraphs += finding.absent_names
    return tuple(paragraphs)


@tabulate.register
def _tabulate(finding: QualityFinding) -> pd.DataFrame | None:
    rows = [
        {
            "table": table.table,
            "files": listed(table.files),
            "rows read": integer(table.rows_read),
            "left out": integer(table.n_excluded),
            "set aside": integer(table.n_set_aside),
            "kept": integer(table.rows_kept),
        }
        for table in finding.tables
    ]
    if not any(table.n_excluded for table in finding.tables):
        rows = [{key: row[key] for key in row if key != "left out"} for row in rows]
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


def _excluded(table: TableRead) -> list[str]:
    """Rows left out without being faulty: a sentence for each kind of reason."""
    kinds: dict[str, list[Count]] = {}
    for item in table.excluded:
        kind = next(
            (kind for kind in (EMPTY, NO_TIME, EARLIER) if item.reason.startswith(kind)), ""
        )
        kinds.setdefault(kind, []).append(item)
    return [
        f"{sentence_case(table.table)}: {counted(sum(item.n for item in items), 'row')} left out "
        f"{_why(kind, items)}."
        for kind, items in kinds.items()
    ]


def _why(kind: str, items: Sequence[Count]) -> str:
    named = [replace(item, reason=name(item.reason.removeprefix(kind))) for item in items]
    if kind == EMPTY:
        return "because nothing is written in them"
    if kind == NO_TIME:
        return f"because the step has no time there, so it did not happen ({_counts(named)})"
    if kind == EARLIER:
        keys = listed([item.reason for item in named])
        return f"as earlier versions of a row with the same {keys}, of which the latest is kept"
    return f"as the study file asks ({_counts(items)})"


def _counts(items: Sequence[Count]) -> str:
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
