"""JMESPath expressions as columns of nested records: what DuckDB cannot find by a path of keys."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
from duckdb.func import PythonUDFType

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.sources.privacy import mask

_NUMBERS = itertools.count()
_PLAIN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def names_of(table: Table) -> list[str]:
    """Every file column that a table's settings name, with those that rows are chosen by."""
    columns = [*table.columns.values(), *(event.occurred_at for event in table.events)]
    columns += [column for event in table.events for column in event.columns.values()]
    names = [name for column in columns for name in (*column.sources, column.plus) if name]
    names += [item.column or name for name, item in table.items.items()]
    return list(dict.fromkeys([*names, *table.exclude, *(join.on for join in table.join)]))


def keys_of(expression: str) -> tuple[str, ...] | None:
    """The keys that lead to a value: "via.channel" → ("via", "channel"); None where it is more.

    Text that is no JMESPath expression, such as "Ticket ID", is one key.
    """
    if _PLAIN.fullmatch(expression):
        return tuple(expression.split("."))
    if not re.search(r'[\[\]()@*&|?`"{}]', expression):
        return (expression,)
    return _keys(compiled(expression, "").parsed)


def _keys(tree: Any) -> tuple[str, ...] | None:
    if tree["type"] == "field":
        return (tree["value"],)
    if tree["type"] == "subexpression":
        parts = [_keys(child) for child in tree["children"]]
        if None not in parts:
            return tuple(key for part in parts for key in part or ())
    return None


def roots_of(expression: str) -> set[str]:
    """All keys that an expression names: those it starts from, and more."""

    def walk(tree: Any) -> Iterator[str]:
        if tree["type"] == "field":
            yield tree["value"]
        for child in tree["children"]:
            yield from walk(child)

    return set(walk(compiled(expression, "").parsed))


def compiled(expression: str, where: str) -> Any:
    """Parse an expression.

    Raises
    ------
    DataError
        When it is none, or the package that knows them is absent.
    """
    try:
        import jmespath
    except ImportError as error:
        raise DataError(
            f"{where}{expression!r} needs one more package: pip install jmespath, or "
            'pip install "cxanalysis[sources]".'
        ) from error
    try:
        return jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        said = mask(" ".join(str(error).splitlines()[0].split()))
        raise DataError(
            f"{where}{expression!r} is no JMESPath expression: {said}. Correct it."
        ) from error


class Expressions:
    """Some expressions as a function of DuckDB's: JSON text in, a list of texts out.

    ``failed`` counts by expression the records that it cannot be worked out for, such as
    ``length(tags)`` where there are no tags.
    """

    def __init__(self, expressions: Sequence[str], where: str) -> None:
        self.texts = tuple(expressions)
        self.failed: Counter[str] = Counter()
        self._compiled = [compiled(text, f"{where}: ") for text in expressions]

    def register(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Make them a function, which works a batch of records at a time, and return its name."""
        import pyarrow as pa

        name = f"expressions_{next(_NUMBERS)}"

        def evaluate(records: Any) -> Any:
            texts = [None if text is None else self.of(text) for text in records.to_pylist()]
            return pa.array(texts, pa.list_(pa.string()))

        connection.create_function(
            name, evaluate, ["VARCHAR"], "VARCHAR[]", type=PythonUDFType.ARROW
        )
        return name

    def of(self, record: str) -> list[str | None]:
        """The expressions' values in one record, as texts."""
        import jmespath

        try:
            content = json.loads(record)
        except ValueError:  # DuckDB takes a comma too many
            self.failed.update(self.texts)
            return [None] * len(self.texts)
        found: list[str | None] = []
        for text, compiled in zip(self.texts, self._compiled, strict=True):
            try:
                found.append(as_text(compiled.search(content)))
            except jmespath.exceptions.JMESPathError:
                self.failed[text] += 1
                found.append(None)
        return found

    def notes(self, where: str) -> list[str]:
        """What the account of a reading should say of those that could not be worked out."""
        return [
            f"{where}: {mask(text)} cannot be worked out for {count:,} records: empty there"
            for text, count in self.failed.items()
        ]


def as_text(value: Any) -> str | None:
    """A value as text; lists of plain values are joined by commas, empty ones are missing."""
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, str):
        return whole_signs(value)
    if isinstance(value, list) and not any(isinstance(item, (list, dict)) for item in value):
        return ", ".join(text for text in map(as_text, value) if text is not None)
    return whole_signs(json.dumps(value, ensure_ascii=False, default=str))


def whole_signs(text: str) -> str:
    """A text with "?" for half a sign, as programs leave one that cut an emoji in two."""
    return text.encode("utf-8", "replace").decode()
