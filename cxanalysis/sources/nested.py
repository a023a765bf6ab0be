"""Columns of a Parquet file, nested ones by dotted paths, as those of JSON are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cxanalysis.errors import DataError
from cxanalysis.sources.expressions import Expressions, keys_of, roots_of
from cxanalysis.sources.sql import literal, quoted

# Units of a duration in a second: Parquet stores its number, and Arrow's schema what it counts.
_IN_A_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DEEP = ("struct", "list", "array", "map", "union")


@dataclass(frozen=True)
class Columns:
    """Names of a Parquet file's columns, and SQL in parentheses that calls them c0, c1, …

    ``types`` are DuckDB's; ``expressions`` are those that the study file names.
    """

    header: tuple[str, ...]
    sql: str
    types: tuple[str, ...]
    expressions: Expressions


def parquet_columns(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, named: Sequence[str] = ()
) -> Columns:
    """The columns of a Parquet file: parts of a structure one by one, lists as texts.

    Durations are in seconds.

    Parameters
    ----------
    named
        What the study file names, among it whole structures and JMESPath expressions.

    Raises
    ------
    DataError
        When it is no sound Parquet file, or an expression is none.
    """
    read = f"read_parquet({literal(str(path))})"
    try:
        whole = connection.sql(f"SELECT * FROM {read}")
        top = dict(zip(whole.columns, whole.types, strict=True))
    except duckdb.Error as error:
        raise DataError(
            f"{name}: cannot be read as Parquet; it may be cut off. Export it again, or set "
            "format if it is another kind of file."
        ) from error
    found: dict[str, tuple[str, str]] = {}
    for depth, written, text, kind in sorted(
        (leaf for key, type_ in top.items() for leaf in _leaves(type_, (key,), quoted(key))),
        key=lambda leaf: leaf[0],
    ):
        if depth == 1 or written not in found:
            # a name that comes twice stays so, for the one who asks for it to be told
            found[written if written not in found else f"{written} "] = (text, kind)
    for written, in_a_second in _durations(path).items():
        found[written] = (f"({found[written][0]} / {in_a_second}.0)", "DOUBLE")
    folded = {name.casefold() for name in found}
    others = [name for name in named if _bare(name).casefold() not in folded]
    for other in others:
        keys = keys_of(other)
        inside = None if keys is None else _inside(top, keys)
        if inside is not None:
            found[_bare(other)] = (f"to_json({inside})::VARCHAR", "VARCHAR")
    computed = [other for other in others if keys_of(other) is None]
    expressions = Expressions(computed, name)
    if computed:
        roots = {root for text in computed for root in roots_of(text)} & top.keys() or top.keys()
        record = ", ".join(f"{literal(root)}: {quoted(root)}" for root in top if root in roots)
        function = expressions.register(connection)
        read = f"(SELECT *, {function}(to_json({{{record}}})::VARCHAR) AS _worked_out FROM {read})"
    for number, text in enumerate(computed):
        found[_bare(text)] = (f"_worked_out[{number + 1}]", "VARCHAR")
    listed = ", ".join(f"{text} AS c{place}" for place, (text, _) in enumerate(found.values()))
    header = tuple(_bare(written) for written in found)
    kinds = tuple(kind for _, kind in found.values())
    return Columns(header, f"(SELECT {listed} FROM {read})", kinds, expressions)


def _durations(path: Path) -> dict[str, int]:
    """Columns of durations, and how many of their units a second has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = pq.read_schema(path)
    return {
        _bare(field.name): _IN_A_SECOND[field.type.unit]
        for field in fields
        if pa.types.is_duration(field.type)
    }


def _bare(name: str) -> str:
    return " ".join(name.split())


def _leaves(type_: Any, keys: Sequence[str], text: str) -> Iterator[tuple[int, str, str, str]]:
    """Depth, dotted name, SQL and type of all that a column holds."""
    if type_.id == "struct":
        for key, inside in type_.children:
            yield from _leaves(inside, (*keys, key), f"struct_extract({text}, {literal(key)})")
        return
    written = _bare(".".join(keys))
    if type_.id in ("list", "array") and type_.children[0][1].id not in _DEEP:
        yield len(keys), written, f"array_to_string({text}::VARCHAR[], ', ')", "VARCHAR"
    elif type_.id in _DEEP:
        plain = f"to_json({text})::VARCHAR"
        yield (
            len(keys),
            written,
            f"CASE WHEN {plain} NOT IN ('[]', '{{}}') THEN {plain} END",
            "VARCHAR",
        )
    else:
        yield len(keys), written, text, str(type_)


def _inside(types: Any, keys: Sequence[str]) -> str | None:
    """SQL of a whole structure; None where the keys lead nowhere."""
    if keys[0] not in types:
        return None
    text, type_ = quoted(keys[0]), types[keys[0]]
    for key in keys[1:]:
        inside = dict(type_.children) if type_.id == "struct" else {}
        if key not in inside:
            return None
        text, type_ = f"struct_extract({text}, {literal(key)})", inside[key]
    return text
