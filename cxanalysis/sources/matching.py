"""How many customers of one table are found in another, and which tables are kept apart."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.tables import CONTRACTS

LOOKUPS = (
    ("tickets", "surveys"),
    ("journeys", "surveys"),
    ("tickets", "customers"),
    ("journeys", "customers"),
    ("surveys", "customers"),
    ("surveys", "tickets"),
)
COUNTS_FILE = "matches.json"
ENOUGH = 0.5  # from this share matched on, what is left is not looked into
LEAST = 30  # a table of fewer customers may miss all others by chance, and stops no run

Tables = Mapping[str, nw.LazyFrame[Any]]
Counts = Mapping[frozenset[str], int]


def count_together(tables: Tables, *, loosely: bool = False) -> dict[frozenset[str], int]:
    """Customers by the tables that they are in: one pass tells every match.

    Parameters
    ----------
    tables
        Those with a customer_id; of one engine.
    loosely
        Take ids as the same that differ in capitals, leading zeros, or in the three signs that
        make an id of 15 signs one of 18.
    """
    names = list(tables)
    if not names:
        return {}
    key = _loosened() if loosely else nw.col("customer_id")
    parts = [
        table.filter(~nw.col("customer_id").is_null()).select(
            key.alias("customer_id"), *(nw.lit(int(name == own)).alias(name) for name in names)
        )
        for own, table in tables.items()
    ]
    places = nw.concat(parts).group_by("customer_id").agg(nw.col(*names).max())
    found = collect(places.group_by(names).agg(nw.len().alias("n")))
    return {
        frozenset(name for name in names if row[name]): int(row["n"])
        for row in found.to_dict("records")
    }


def _loosened() -> nw.Expr:
    customer = nw.col("customer_id")
    long = customer.str.contains("^[A-Za-z0-9]{15}[A-Z0-5]{3}$")
    short = nw.when(long).then(customer.str.slice(0, 15)).otherwise(customer)
    return short.str.to_lowercase().str.replace_all("^0+", "")


def together(counts: Counts, *names: str) -> int:
    """Customers who are in all of these tables."""
    return sum(n for places, n in counts.items() if places.issuperset(names))


def share(counts: Counts, left: str, right: str) -> float:
    """Share of the customers of the smaller table who are in the other too, 0 to 1."""
    fewest = min(together(counts, left), together(counts, right))
    return together(counts, left, right) / fewest if fewest else 0.0


def linked_groups(counts: Counts, limit: float) -> list[tuple[str, ...]]:
    """Tables that share customers, directly or through others: one group where all is well.

    Two tables are linked where at least ``limit`` of the customers of one are in the other. A
    group whose every table has fewer than ``LEAST`` customers is not given.
    """
    groups: list[tuple[str, ...]] = []
    for name in (name for name in CONTRACTS if together(counts, name)):
        linked = [g for g in groups if any(share(counts, name, other) >= limit for other in g)]
        apart = [g for g in groups if g not in linked]
        groups = [*apart, (*(other for group in linked for other in group), name)]
    return [g for g in groups if any(together(counts, name) >= LEAST for name in g)]


def count_stored(tables: Tables, stored: Sequence[Path]) -> dict[frozenset[str], int]:
    """`count_together`, from the cache where it holds the counts of these very tables.

    Parameters
    ----------
    stored
        The folder of each table in the cache; its name is the key of what the table holds.
    """
    names = json.dumps([*sorted(folder.name for folder in stored), *tables])
    key = hashlib.sha256(names.encode()).hexdigest()
    path = stored[0].parent / COUNTS_FILE
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["key"] == key:
            return {frozenset(places): int(n) for places, n in known["customers"]}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none there, or not one of ours: they are counted anew
    counts = count_together(tables)
    listed = sorted([sorted(places), n] for places, n in counts.items())
    handle, name = tempfile.mkstemp(prefix="matches-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"key": key, "customers": listed}, file)
    Path(name).replace(path)
    return counts


def matches_of(counts: Counts, tables: Iterable[str]) -> pd.DataFrame:
    """The matches that the arithmetic builds on: left, right, n, matched, share."""
    have = set(tables)
    pairs = [pair for pair in LOOKUPS if have.issuperset(pair)]
    n = [together(counts, left) for left, _ in pairs]
    matched = [together(counts, *pair) for pair in pairs]
    return pd.DataFrame(
        {
            "left": [left for left, _ in pairs],
            "right": [right for _, right in pairs],
            "n": n,
            "matched": matched,
            "share": [
                m / every if every else float("nan") for m, every in zip(matched, n, strict=True)
            ],
        }
    )


def match_lines(matches: pd.DataFrame) -> list[str]:
    """The matches in words, one line per pair of tables."""
    return [
        f"{row.matched:,} of {row.n:,} customers in {row.left} are also in {row.right}"
        + (f" ({row.share:.0%})" if row.n else "")
        for row in matches.itertuples()
    ]


def match_hints(tables: Tables, counts: Counts) -> tuple[str, ...]:
    """Why tables may hardly match: ids that are written in two ways, or of two kinds."""
    hints = [
        f"no row of {name} has a customer_id, so it matches no other table."
        for name in tables
        if not together(counts, name)
    ]
    loosely: Counts = {}
    seen: set[frozenset[str]] = set()
    for left, right in LOOKUPS:
        pair = frozenset((left, right))
        if pair in seen or not all(together(counts, name) for name in pair):
            continue
        seen.add(pair)
        if share(counts, left, right) >= ENOUGH:
            continue
        loosely = loosely or count_together(tables, loosely=True)
        both = together(counts, left, right)
        more = together(loosely, left, right) - both
        if more > 0:
            hints.append(
                f"{more:,} more customers in {left} would be in {right} but for capitals, leading "
                "zeros, or 18 signs in place of 15 in customer_id. Write ids alike in both files."
            )
        elif not both:
            hints.append(
                f"no customer_id of {left} is in {right}. Look whether both columns hold the "
                "same number of the customer."
            )
    return tuple(hints)
