"""Rows set aside, listed one by one with file, line, column, value and rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cxanalysis.sources.duplicates import DUPLICATE
from cxanalysis.sources.job import Job
from cxanalysis.sources.raw import Raw, lines_of
from cxanalysis.sources.reading import Reject
from cxanalysis.sources.records import Ragged
from cxanalysis.sources.sql import literal, quoted

VALUE_LENGTH = 80  # characters of a bad value that are shown
COLUMNS = ["_row", "file", "line", "column", "value", "rule"]


@dataclass(frozen=True)
class Rule:
    """Where rule names of one column stand, and the SQL that shows the offending value.

    ``rows`` is the table of rows that break a rule. In it, ``flag`` is a column that names the
    broken rule or is NULL, and ``shown`` is SQL.
    """

    flag: str
    column: str
    shown: str
    rows: str


def list_rejects(job: Job, rules: Sequence[Rule], raw: Raw, *, duplicates: bool) -> pd.DataFrame:
    """One row per broken rule: _row and the columns of a rejects file, in the files' order.

    Parameters
    ----------
    duplicates
        Whether the rows of the table ``repeated`` are set aside.
    """
    queries = [_broken(rule) for rule in rules if _is_broken(job, rule)]
    if duplicates:
        queries.append(_repeated(job))
    if not queries:
        return _with_ragged(pd.DataFrame(columns=COLUMNS), raw.ragged)
    found = job.connection.execute(f"{' UNION ALL '.join(queries)} ORDER BY 2, 3, 1, 4").df()
    found["line"] = 0
    for number in sorted(found["_file"].unique().tolist()):
        part = found[found["_file"] == number]
        lines = lines_of(raw, number, part["_record"].unique().tolist())
        found.loc[part.index, "line"] = part["_record"].map(lines)
    found["file"] = [raw.files[number] for number in found["_file"]]
    found["value"] = found["value"].fillna("")
    return _with_ragged(found[COLUMNS], raw.ragged)


def _is_broken(job: Job, rule: Rule) -> bool:
    return job.number(f"SELECT count({quoted(rule.flag)}) FROM {rule.rows}") > 0


def _broken(rule: Rule) -> str:
    """SQL: rows that break a rule of a column, with the value as it may be shown."""
    return (
        f'SELECT _row, _file, _record, {literal(rule.column)} AS "column", '
        f'left({rule.shown}, {VALUE_LENGTH}) AS "value", {quoted(rule.flag)} AS "rule" '
        f"FROM {rule.rows} WHERE {quoted(rule.flag)} IS NOT NULL"
    )


def _repeated(job: Job) -> str:
    """SQL: rows that repeat a key."""
    key = job.contract.key
    mapped = job.table.columns.get(key)
    column = " + ".join(mapped.sources) if mapped is not None else key
    return (
        f'SELECT _row, _file, _record, {literal(column)} AS "column", '
        f'left(key, {VALUE_LENGTH}) AS "value", {literal(DUPLICATE)} AS "rule" FROM repeated'
    )


def _with_ragged(found: pd.DataFrame, ragged: Sequence[Ragged]) -> pd.DataFrame:
    """Rejects and the lines that are no records, in the order of file and line."""
    if not ragged:
        return found
    lines = pd.DataFrame(
        [(-1 - place, r.file, r.line, "", r.value, r.rule) for place, r in enumerate(ragged)],
        columns=COLUMNS,
    )
    both = pd.concat([found, lines], ignore_index=True) if len(found) else lines
    return both.sort_values(["file", "line", "column"], kind="stable", ignore_index=True)


def count_rules(found: pd.DataFrame) -> dict[str, int]:
    """Rows under each rule, most frequent first."""
    counts = found.groupby("rule")["_row"].nunique().sort_values(ascending=False, kind="stable")
    return {str(rule): int(n) for rule, n in counts.items()}


def first_of_each(found: pd.DataFrame, rules: Sequence[str]) -> tuple[Reject, ...]:
    """The first example of each rule."""
    firsts = found.drop_duplicates("rule").set_index("rule")
    return tuple(
        Reject(
            file=str(firsts.loc[rule, "file"]),
            line=int(firsts.loc[rule, "line"]),  # type: ignore[arg-type]
            column=str(firsts.loc[rule, "column"]),
            value=str(firsts.loc[rule, "value"]),
            rule=rule,
        )
        for rule in rules
    )
