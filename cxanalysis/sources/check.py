"""Rows that break the contract: found in SQL, then listed one by one with file and line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from cxanalysis.errors import DataError
from cxanalysis.sources.lines import Ragged
from cxanalysis.sources.reading import Reject, TableReading
from cxanalysis.sources.sql import literal, quoted

DUPLICATE = "duplicate id"
VALUE_LENGTH = 80  # characters of a bad value that are shown


@dataclass(frozen=True)
class Rule:
    """Where rule names of one column stand, and the SQL that shows the offending value.

    ``flag`` is a column of ``judged`` that names the broken rule or is NULL; ``shown`` is SQL
    over ``texts``, a relation with the same ``_row``.
    """

    flag: str
    column: str
    shown: str
    texts: str


def judge(connection: duckdb.DuckDBPyConnection, typed: str, flags: Sequence[str]) -> None:
    """Make the table ``judged`` of a query, with ``_bad``: whether any of its rules is broken."""
    verdict = " OR ".join(f"{quoted(flag)} IS NOT NULL" for flag in flags) or "false"
    connection.execute(f"CREATE TABLE judged AS SELECT *, ({verdict}) AS _bad FROM ({typed})")


def find_duplicates(
    connection: duckdb.DuckDBPyConnection, key: str, order: str | None
) -> tuple[int, int]:
    """Make the table ``repeated`` of all but one sound row per key.

    The first row in the file is the one that stays, or the last by ``order``, a time column
    (rows without a time count as earliest).

    Returns
    -------
    tuple
        Number of rows repeated, number of keys concerned.
    """
    name = quoted(key)
    kept_first = "_row" if order is None else f"{order}, _row DESC"
    connection.execute(
        f"""
        CREATE TABLE repeated AS
        WITH often AS (
            SELECT {name} FROM judged WHERE NOT _bad AND {name} IS NOT NULL
            GROUP BY {name} HAVING count(*) > 1
        )
        SELECT _row, _file, _record, {name} AS key FROM (
            SELECT *, row_number() OVER (PARTITION BY {name} ORDER BY {kept_first}) AS _place
            FROM judged WHERE NOT _bad AND {name} IN (FROM often)
        ) WHERE _place > 1
        """
    )
    found = connection.execute("SELECT count(*), count(DISTINCT key) FROM repeated").fetchall()
    return int(found[0][0]), int(found[0][1])


def list_rejects(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[Rule],
    duplicates: str | None,
    lines: Callable[[int, list[int]], dict[int, int]],
    files: Sequence[str],
) -> pd.DataFrame:
    """One row per broken rule.

    Parameters
    ----------
    duplicates
        Name of the key's column where repeated ids are set aside, else None.
    lines
        Physical lines of records of a file.

    Returns
    -------
    DataFrame
        _row, file, line, column, value, rule; in the order of the files.
    """
    broken = _flags_in_use(connection, rules)
    queries = [
        f'SELECT j._row, j._file, j._record, {literal(rule.column)} AS "column", '
        f"left(t.shown, {VALUE_LENGTH}) AS value, j.{quoted(rule.flag)} AS rule "
        f"FROM judged j JOIN (SELECT _row, {rule.shown} AS shown FROM {rule.texts} "
        f"WHERE _row IN (SELECT _row FROM judged WHERE _bad)) t USING (_row) "
        f"WHERE j.{quoted(rule.flag)} IS NOT NULL"
        for rule in rules
        if rule.flag in broken
    ]
    if duplicates is not None:
        queries.append(
            f"SELECT _row, _file, _record, {literal(duplicates)}, key, {literal(DUPLICATE)} "
            "FROM repeated"
        )
    if not queries:
        return pd.DataFrame(columns=["_row", "file", "line", "column", "value", "rule"])
    found = connection.execute(f"{' UNION ALL '.join(queries)} ORDER BY 2, 3, 1, 4").df()
    found["line"] = 0
    for number in sorted(found["_file"].unique().tolist()):
        part = found[found["_file"] == number]
        at = lines(number, part["_record"].unique().tolist())
        found.loc[part.index, "line"] = part["_record"].map(at)
    found["file"] = [files[number] for number in found["_file"]]
    found["value"] = found["value"].fillna("")
    return found[["_row", "file", "line", "column", "value", "rule"]]


def _flags_in_use(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> set[str]:
    if not rules:
        return set()
    flags = list(dict.fromkeys(rule.flag for rule in rules))
    counts = ", ".join(f"count({quoted(flag)})" for flag in flags)
    row = connection.execute(f"SELECT {counts} FROM judged WHERE _bad").fetchall()[0]
    return {flag for flag, n in zip(flags, row, strict=True) if n}


def with_ragged(found: pd.DataFrame, ragged: Sequence[Ragged]) -> pd.DataFrame:
    """Rejects and the lines that are no records, in the order of file and line."""
    if not ragged:
        return found
    lines = pd.DataFrame(
        {
            "_row": [-1 - place for place in range(len(ragged))],
            "file": [line.file for line in ragged],
            "line": [line.line for line in ragged],
            "column": "",
            "value": [line.value for line in ragged],
            "rule": [line.rule for line in ragged],
        }
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


def check_share(reading: TableReading, limit: float, rejects_file: str) -> None:
    """Stop where more rows were set aside than the study allows.

    Raises
    ------
    DataError
        Naming the table, how many rows, the most frequent rules and where the list is; also
        when the study file leaves every row out.
    """
    if reading.rows_kept == 0 and not reading.rows_set_aside:
        reasons = ", ".join(f"{count:,} {why}" for why, count in reading.excluded.items())
        raise DataError(
            f"{reading.table}: none of {reading.rows_read:,} rows is left ({reasons}). Correct "
            f"exclude or the columns under [tables.{reading.table}]."
        )
    if reading.share_set_aside <= limit:
        return
    used = reading.rows_read - sum(reading.excluded.values())
    first = {reject.rule: reject for reject in reading.first_rejects}
    rules = "".join(
        f"\n  {rule}: {count:,} (first: {first[rule]})"
        for rule, count in list(reading.rejects.items())[:5]
    )
    raise DataError(
        f"{reading.table}: {reading.rows_set_aside:,} of {used:,} rows "
        f"({reading.share_set_aside:.1%}) break the table's rules; limits.bad_rows allows "
        f"{limit:.1%}.{rules}\nAll of them are listed in {rejects_file}. Correct the export or "
        "how study.toml reads it; raise limits.bad_rows only if the rest is sound without them."
    )
