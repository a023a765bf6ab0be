"""Which columns hold the same customers: ids compared between files."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from cxanalysis.recognise.headers import ROLE_WORDS
from cxanalysis.recognise.profile import ColumnProfile, FileProfile
from cxanalysis.recognise.wording import ENOUGH, OUTRIGHT, header_score
from cxanalysis.sources.privacy import plain_contact

_CANDIDATES = 8
_KINDS = ("integer", "category", "text", "email", "phone")
_MATCHED = 0.5  # share of common ids from which two columns count as the same customers


@dataclass(frozen=True)
class Candidate:
    """A column that may hold the customer, and how well its header says so.

    ``characters`` is how many signs of it a vendor's file keeps; 0 is all of them.
    """

    column: ColumnProfile
    score: float
    characters: int = 0


@dataclass(frozen=True)
class Lookup:
    """The customer of one table found through a key of another: which columns meet."""

    other: str
    on: str
    right_on: str
    share: float


@dataclass(frozen=True)
class Links:
    """The customer column of each table, or the lookup that leads to it, and the overlaps.

    ``characters`` are tables of which only so many signs of the customer are to be kept, as
    another table's vendor keeps them.
    """

    customer: Mapping[str, ColumnProfile]
    lookups: Mapping[str, Lookup]
    shares: Mapping[tuple[str, str], float]
    characters: Mapping[str, int]


def find_links(
    connection: duckdb.DuckDBPyConnection,
    files: Mapping[str, FileProfile],
    taken: Mapping[str, frozenset[str]],
    fixed: Mapping[str, Mapping[str, int]],
) -> Links:
    """Choose each table's customer column so that the files match best.

    Parameters
    ----------
    files
        One profile per table kind.
    taken
        Columns per table whose header names another role beyond doubt.
    fixed
        Columns that hold the customer in a vendor's export, the likeliest first, and how many
        signs of each are kept (0: all): no other can.
    """
    candidates = {
        name: _fixed(file, fixed[name]) if name in fixed else _candidates(name, file, taken[name])
        for name, file in files.items()
    }
    overlap = _overlaps(connection, candidates)
    chosen = _best_combination(candidates, overlap)
    if not any(chosen.values()):
        chosen = _same_header(connection, candidates)
    lookups = {
        name: found
        for name in files
        if (name not in fixed or candidates[name])
        and (found := _lookup(connection, name, files, chosen, overlap)) is not None
    }
    own = {n: c for n, c in chosen.items() if c is not None and n not in lookups}
    shares = {
        (a, b): _meeting(connection, own[a], own[b]) for a, b in itertools.permutations(own, 2)
    }
    shortened = {
        name: kept
        for name, candidate in own.items()
        if not candidate.characters
        and (kept := max(_kept(connection, candidate, other) for other in own.values()))
    }
    return Links({name: c.column for name, c in own.items()}, lookups, shares, shortened)


def _meeting(connection: duckdb.DuckDBPyConnection, one: Candidate, two: Candidate) -> float:
    """Share of one's values that the other has too, shortened where a vendor shortens either."""
    kept = _kept(connection, one, two) or _kept(connection, two, one)
    return matched(connection, one.column, two.column, kept or None)


def _kept(connection: duckdb.DuckDBPyConnection, long: Candidate, short: Candidate) -> int:
    """How many signs of one are to be kept as the other's vendor does; 0 where that is no help."""
    kept = short.characters
    if not kept or long.column.length <= kept:
        return 0
    columns = short.column, long.column
    cut, whole = matched(connection, *columns, kept), matched(connection, *columns)
    return kept if cut >= _MATCHED and cut > whole else 0


def matched(
    connection: duckdb.DuckDBPyConnection,
    left: ColumnProfile,
    right: ColumnProfile,
    characters: int | None = None,
) -> float:
    """Share of the left column's distinct values that the right column has too, as a run sees it.

    Capitals count, but for those of addresses and of names, which are hashed without them.
    With ``characters`` only so many signs of each value are compared.
    """
    key = f"if(contains(v, ' '), lower({plain_contact('v')}), {plain_contact('v')})"
    if characters is not None:
        key = f"left({key}, {characters})"
    row = connection.execute(
        f"""WITH a AS (SELECT DISTINCT {key} AS v FROM {left.relation}),
                 b AS (SELECT DISTINCT {key} AS v FROM {right.relation})
            SELECT count(a.v), count(b.v) FROM a LEFT JOIN b ON a.v = b.v"""
    ).fetchone()
    assert row is not None
    return row[1] / row[0] if row[0] else 0.0


def _fixed(file: FileProfile, names: Mapping[str, int]) -> list[Candidate]:
    by_name = {column.name: column for column in file.columns}
    there = [(by_name[name], kept) for name, kept in names.items() if name in by_name]
    return [
        Candidate(column, 1.0 - 0.05 * place, kept) for place, (column, kept) in enumerate(there)
    ]


def _candidates(table: str, file: FileProfile, taken: frozenset[str]) -> list[Candidate]:
    phrases = ROLE_WORDS[table]["customer_id"]
    found = []
    for column in file.columns:
        if column.distinct < 2 or column.kind not in _KINDS:
            continue
        if column.length > 100 or column.time is not None:
            continue
        score, _ = header_score(column.words, phrases)
        if score < ENOUGH and column.kind in ("email", "phone"):
            score = ENOUGH
        if score < OUTRIGHT and not _id_like(column):
            continue
        if table == "customers" and not column.unique:
            continue
        if score >= ENOUGH or column.name not in taken:
            found.append(Candidate(column, score if score >= ENOUGH else 0.0))
    return sorted(found, key=lambda candidate: -candidate.score)[:_CANDIDATES]


def _id_like(column: ColumnProfile) -> bool:
    """Many different values of a short, even length: no rating, label or sentence."""
    return column.distinct >= max(20, 0.02 * column.given) and 0 < column.length <= 64


def _overlaps(
    connection: duckdb.DuckDBPyConnection,
    candidates: Mapping[str, Sequence[Candidate]],
) -> dict[tuple[str, str, str, str], float]:
    overlap = {}
    for a, b in itertools.combinations(candidates, 2):
        for one, two in itertools.product(candidates[a], candidates[b]):
            if not one.score and not two.score:
                continue  # two columns that nobody calls a customer
            share = max(_meeting(connection, one, two), _meeting(connection, two, one))
            overlap[a, one.column.name, b, two.column.name] = share * _trust(one) * _trust(two)
    return overlap


def _trust(candidate: Candidate) -> float:
    """Running numbers overlap with anything: they need a header to be believed."""
    column = candidate.column
    low, high = column.low or 0, column.high or 0
    running = column.kind == "integer" and high - low < 3 * column.distinct
    return 0.3 if running and not candidate.score else 1.0


def _best_combination(
    candidates: Mapping[str, Sequence[Candidate]],
    overlap: Mapping[tuple[str, str, str, str], float],
) -> dict[str, Candidate | None]:
    tables = list(candidates)
    options = [[*candidates[name], None] for name in tables]
    best: tuple[float, tuple[Candidate | None, ...]] = (-1.0, ())
    for choice in itertools.product(*options):
        named = [(t, c) for t, c in zip(tables, choice, strict=True) if c is not None]
        total = sum(candidate.score for _, candidate in named)
        for (a, one), (b, two) in itertools.combinations(named, 2):
            total += 1.5 * overlap.get((a, one.column.name, b, two.column.name), 0.0)
        # A column that neither its header nor any match calls a customer is none.
        unsupported = any(not c.score and not _supported(t, c, named, overlap) for t, c in named)
        if total > best[0] + 1e-9 and not unsupported:
            best = (total, choice)
    return dict(zip(tables, best[1], strict=True)) if best[1] else dict.fromkeys(tables)


def _same_header(
    connection: duckdb.DuckDBPyConnection, candidates: Mapping[str, Sequence[Candidate]]
) -> dict[str, Candidate | None]:
    """Where no header says "customer": columns of one name whose values meet across files."""
    for a, b in itertools.combinations(candidates, 2):
        for one, two in itertools.product(candidates[a], candidates[b]):
            if (
                one.column.words == two.column.words
                and max(
                    matched(connection, one.column, two.column),
                    matched(connection, two.column, one.column),
                )
                >= _MATCHED
            ):
                return {**dict.fromkeys(candidates), a: one, b: two}
    return dict.fromkeys(candidates)


def _supported(
    table: str,
    candidate: Candidate,
    named: Sequence[tuple[str, Candidate]],
    overlap: Mapping[tuple[str, str, str, str], float],
) -> bool:
    for other, partner in named:
        ours, theirs = (table, candidate.column.name), (other, partner.column.name)
        share = max(overlap.get((*ours, *theirs), 0.0), overlap.get((*theirs, *ours), 0.0))
        if other != table and share >= _MATCHED:
            return True
    return False


def _lookup(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    files: Mapping[str, FileProfile],
    chosen: Mapping[str, Candidate | None],
    overlap: Mapping[tuple[str, str, str, str], float],
) -> Lookup | None:
    """A key of another table that this one refers to, where its own customers do not match.

    A survey leads to nobody: who did not answer would lose the customer.
    """
    own = chosen[table]
    named = [(name, candidate) for name, candidate in chosen.items() if candidate is not None]
    if table == "customers" or (own is not None and _supported(table, own, named, overlap)):
        return None
    best: Lookup | None = None
    for other, partner in named:
        if other in (table, "surveys"):
            continue
        for key in files[other].columns:
            if not key.unique or key.kind in ("time", "number") or key.distinct < 5:
                continue
            for column in files[table].columns:
                if not _refers(column, key):
                    continue
                share = matched(connection, column, key)
                if share >= _MATCHED and (best is None or share > best.share):
                    best = Lookup(other, column.name, key.name, share)
        if partner is not None and best is not None and best.right_on == partner.column.name:
            best = None  # that is the customer itself
    return best


def _refers(column: ColumnProfile, key: ColumnProfile) -> bool:
    """Whether a column may name rows by this key: same kind, and a word in common."""
    common = (set(column.words) & set(key.words)) - {"id", "number", "no", "nr", "date", "time"}
    return column.kind == key.kind and bool(common) and column.distinct >= 5
