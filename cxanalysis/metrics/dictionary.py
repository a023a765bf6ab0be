"""What each column of a study holds: who, what was done, or what the customer felt."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.study import Study
from cxanalysis.tables import CONTRACTS, ColumnContract

COLUMNS = ("table", "column", "view", "kind", "meaning", "n", "filled", "share")
# Besides every score: what only the customer could say.
_FELT = frozenset(("comment", "expected_value", "preferred_channel"))


def data_dictionary(study: Study) -> pd.DataFrame:
    """Every column of the study with what it holds and how often it is filled.

    What the company did (operations) and what the customer felt (perceptions) are different
    things; a figure made of one cannot stand for the other.

    Returns
    -------
    DataFrame
        A row per column of the study's tables, in the order of the contracts: table, column,
        view ("who", "done" or "felt"; "own" for a column without a contract), kind, meaning,
        n (rows), filled (rows with a value), share (filled ÷ n; NaN in a table without rows).
    """
    rows = [row for table in CONTRACTS for row in _of_table(study, table)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_table(study: Study, table: str) -> list[tuple[object, ...]]:
    if table not in study.tables:
        return []
    contract = CONTRACTS[table]
    known = [name for name in contract.names if name in study.columns[table]]
    names = known + sorted(study.columns[table].difference(known))
    items = _items(study, table)
    counts = collect(
        study.tables[table].select(
            nw.len().cast(nw.Int64).alias("_rows"),
            *((~nw.col(name).is_null()).cast(nw.Int64).sum().alias(f"{name}_n") for name in names),
        )
    )
    n = int(counts["_rows"].iloc[0])
    rows: list[tuple[object, ...]] = []
    for name in names:
        filled = int(counts[f"{name}_n"].iloc[0]) if n else 0
        about = _about(contract.column(name), items.get(name))
        rows.append((table, name, *about, n, filled, filled / n if n else float("nan")))
    return rows


def _items(study: Study, table: str) -> dict[str, str]:
    """Rating questions of a wide survey, by the column that holds them."""
    surveys = study.config.tables.surveys
    if table != "surveys" or surveys is None:
        return {}
    return {name: item.label or name for name, item in surveys.items.items()}


def _about(column: ColumnContract | None, label: str | None) -> tuple[str, str, str]:
    if label is not None:
        return "felt", "score", label
    if column is None:
        return "own", "", ""
    if column.kind == "id":
        return "who", column.kind, column.meaning
    felt = column.kind == "score" or column.name in _FELT
    return "felt" if felt else "done", column.kind, column.meaning
