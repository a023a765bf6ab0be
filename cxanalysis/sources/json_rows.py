"""JSON documents and JSON lines as rows of texts, nested keys by dotted paths.

DuckDB finds plain paths itself; other JMESPath expressions are worked out in Python, record by
record, see `cxanalysis.sources.expressions`. Neither holds a file in Python's memory.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.sources.encodings import as_utf8
from cxanalysis.sources.expressions import Expressions, keys_of, names_of
from cxanalysis.sources.json_documents import (
    BLANK,
    SOUND,
    Keys,
    Records,
    open_records,
    pointer,
    refuse,
    what_is_wrong,
)
from cxanalysis.sources.records import Ragged
from cxanalysis.sources.sql import literal

NOT_JSON = "unreadable JSON"
SAMPLE = 5000  # records that nested keys are looked for in, besides those the study file names
MANY_KEYS = 2000  # a record with more keys than this is keyed by values, customer numbers perhaps
MANY_NESTED = 200  # the same of an object inside a record
MOSTLY = 0.5  # with more lines than this that are no JSON, the file is something else


@dataclass(frozen=True)
class Way:
    """How a column's value is found in a record.

    By ``keys``, or as the expression of that ``number``. ``listed`` tells whether lists of plain
    values were met there.
    """

    keys: Keys | None
    number: int = 0
    listed: bool = False


@dataclass(frozen=True)
class JsonFile:
    """Records of a JSON file and the ``ways`` to the columns of its ``header``.

    ``expressions`` are a function of DuckDB's called ``function``; ``bad`` are the lines that
    are no records.
    """

    name: str
    header: tuple[str, ...]
    ways: tuple[Way, ...]
    records: Records
    expressions: Expressions
    function: str
    bad: tuple[Ragged, ...] = ()

    def sql(self, places: Collection[int]) -> str:
        """SQL in parentheses: the columns at these places as texts, called c0, c1, …"""
        paths = list(dict.fromkeys(keys for p in places if (keys := self.ways[p].keys) is not None))
        inner = [f"json_extract_string(record, [{_pointers(paths)}]) AS _plain"] if paths else []
        if any(self.ways[place].keys is None for place in places):
            inner.append(f"{self.function}(record) AS _worked_out")
        texts = []
        for place in sorted(set(places)):
            way = self.ways[place]
            if way.keys is None:
                text = f"_worked_out[{way.number + 1}]"
            else:
                text = _text(f"_plain[{paths.index(way.keys) + 1}]", listed=way.listed)
            texts.append(f"{text} AS c{place}")
        return (
            f"(SELECT {', '.join(texts) or 'true AS there'} FROM (SELECT "
            f"{', '.join(inner) or 'true AS there'} FROM {self.records.sql} WHERE {SOUND}))"
        )

    def lines(self, records: Collection[int]) -> tuple[dict[int, int], int]:
        """Lines of sound records (numbered from 1), and how many there are in all."""
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE wanted AS SELECT unnest(?) AS record", [[*records]])
            connection.execute(
                "CREATE TABLE counted AS SELECT row_number() OVER () AS record, line "
                f"FROM {self.records.numbered} WHERE {SOUND}"
            )
            found = connection.execute("FROM counted SEMI JOIN wanted USING (record)").fetchall()
            total = connection.execute("SELECT count(*) FROM counted").fetchall()[0][0]
        return dict(found), int(total)


def _pointers(paths: Sequence[Keys]) -> str:
    return ", ".join(literal(pointer(keys)) for keys in paths)


def _text(text: str, *, listed: bool) -> str:
    """SQL: a value as text; lists of plain values are joined by commas, empty ones are NULL."""
    cases = f"WHEN {text} IN ('{{}}', '[]') THEN NULL"
    if listed:
        plain = f"starts_with({text}, '[') AND json_valid({text}) AND NOT contains({text}, '{{')"
        joined = f"array_to_string(json_extract_string({text}, '$[*]'), ', ')"
        cases += f" WHEN {plain} THEN {joined}"
    return f"CASE {cases} ELSE {text} END"


def open_json(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, table: Table, scratch: Path
) -> JsonFile:
    """Find a JSON file's records and the keys they have; a file without records has none.

    Parameters
    ----------
    connection
        Where the records will be read; expressions become functions of it.
    scratch
        Folder for records taken out of a document; it is deleted after reading.

    Raises
    ------
    DataError
        When it is no sound JSON, has no list of records where there should be one, or an
        expression is none.
    """
    utf8 = as_utf8(path, name, table.encoding, scratch).path
    try:
        records = open_records(connection, utf8, name, table.records, scratch)
        bad = _bad_records(connection, records, name)
        ways = _ways(connection, records, name)
        named = names_of(table)
        computed = [text for text in named if _bare(text) not in ways and keys_of(text) is None]
        ways = _with_named(connection, records, ways, named, computed)
    except duckdb.InvalidInputException as error:
        raise refuse(utf8, name, error) from error
    expressions = Expressions(computed, name)
    function = expressions.register(connection) if computed else ""
    return JsonFile(name, tuple(ways), tuple(ways.values()), records, expressions, function, bad)


def agree(files: Sequence[JsonFile]) -> list[JsonFile]:
    """The same files with the same columns: a key that one of them never has is empty there."""
    every: dict[str, Way] = {}
    for file in files:
        for name, way in zip(file.header, file.ways, strict=True):
            known = every.setdefault(name, way)
            every[name] = replace(known, listed=known.listed or way.listed)
    return [replace(file, header=tuple(every), ways=tuple(every.values())) for file in files]


def _bare(name: str) -> str:
    return " ".join(name.split())


def _bad_records(
    connection: duckdb.DuckDBPyConnection, records: Records, name: str
) -> tuple[Ragged, ...]:
    """What is no record, with its line."""
    kinds = (BLANK, f"NOT {SOUND} AND NOT {BLANK}")
    counts = ", ".join(["count(*)", *(f"count(CASE WHEN {kind} THEN 1 END)" for kind in kinds)])
    total, blank, unsound = connection.execute(f"SELECT {counts} FROM {records.sql}").fetchall()[0]
    if unsound > MOSTLY * (total - blank):
        raise DataError(
            f"{name}: {unsound:,} of {total - blank:,} records are no JSON objects. Each line "
            "must be one, or the file a document with a list of them; records says where that "
            "list is, and format if the file is of another kind."
        )
    if not unsound:
        return ()
    rows = connection.execute(
        f"SELECT line, record FROM {records.numbered} WHERE NOT {SOUND} AND NOT {BLANK}"
    )
    bad: list[Ragged] = []
    while some := rows.fetchmany(1000):
        bad += [Ragged(name, line, NOT_JSON, what_is_wrong(text)) for line, text in some]
    return tuple(bad)


def _ways(connection: duckdb.DuckDBPyConnection, records: Records, name: str) -> dict[str, Way]:
    """The columns of the records: their keys, and dotted paths of nested ones.

    Top-level keys are looked for in all records.
    """
    found = connection.execute(
        "SELECT json_group_structure(record::JSON) FROM "
        f"(SELECT record FROM {records.sql} WHERE {SOUND} LIMIT {SAMPLE})"
    ).fetchall()[0][0]
    structure = json.loads(found) if found else {}
    rows = connection.execute(
        f"SELECT DISTINCT unnest(json_keys(record)) AS key FROM {records.sql} "
        f"WHERE {SOUND} ORDER BY key LIMIT {MANY_KEYS + 1}"
    ).fetchall()
    if len(rows) > MANY_KEYS:
        raise DataError(
            f"{name}: the records have more than {MANY_KEYS:,} different keys, so values seem to "
            "stand in their place. Export records that all have the same keys."
        )
    structure |= {key: "VARCHAR" for (key,) in rows if key not in structure}
    ways: dict[str, Way] = {}
    for way in _leaves(structure, ()):
        assert way.keys is not None  # only expressions have none
        written = _bare(".".join(way.keys))
        known = ways.get(written)
        # a key with a point in its name goes before the path that is written alike
        if known is None or len(known.keys or ()) > len(way.keys):
            ways[written] = way
    return ways


def _leaves(structure: Mapping[str, Any], above: Keys) -> Iterator[Way]:
    for key, inside in structure.items():
        keys = (*above, key)
        if isinstance(inside, dict) and 0 < len(inside) <= MANY_NESTED:
            yield from _leaves(inside, keys)
        else:
            plain = isinstance(inside, list) and not isinstance(inside[0], (dict, list))
            yield Way(keys, listed=plain)


def _with_named(
    connection: duckdb.DuckDBPyConnection,
    records: Records,
    ways: Mapping[str, Way],
    named: Sequence[str],
    computed: Sequence[str],
) -> dict[str, Way]:
    """What the study file names besides: rare paths, whole objects and expressions."""
    more = dict(ways)
    folded = {name.casefold() for name in ways}
    for name in named:
        if name in computed:
            more[_bare(name)] = Way(None, computed.index(name))
        elif _bare(name).casefold() not in folded:
            keys = keys_of(name) or ()
            if connection.execute(
                f"SELECT 1 FROM {records.sql} WHERE {SOUND} "
                f"AND json_exists(record, {literal(pointer(keys))}) LIMIT 1"
            ).fetchall():
                more[_bare(name)] = Way(keys)
    return more
