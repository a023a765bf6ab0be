"""Where the records of a JSON file are: its lines, a list, or a list inside a document."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import duckdb

from cxanalysis.config import closest
from cxanalysis.errors import DataError
from cxanalysis.sources.expressions import compiled, keys_of, whole_signs
from cxanalysis.sources.sql import literal

Form = Literal["lines", "list", "objects"]

BLANK = "coalesce(trim(record, ' \t\r\n'), '') = ''"
SOUND = "coalesce(json_valid(record) AND starts_with(ltrim(record, ' \t\r\n'), '{'), false)"

_HEAD = 1 << 20  # bytes that the form of a file is told from
_NO_LIST = "no list of records in it"
_HALF = "half a sign, such as \\ud83d alone, or an escape that JSON does not know"
_LONGEST = 1 << 24  # bytes of a line, or of an object of a list
_LOCATED = 1 << 28  # bytes up to which a damaged document is parsed again to say where
_BATCH = 5000
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}:]', re.DOTALL)
_INSIDE = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+[\[\]{}]', re.DOTALL)
_OPEN, _LIST, _OBJECT, _COLON, _QUOTE = b"[{", b"[", b"{", ord(":"), ord('"')

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Records:
    """SQL in parentheses that gives records as JSON text in the column ``record``.

    ``numbered`` gives their ``line`` as well: the line of JSON lines, else the record's number.
    """

    sql: str
    numbered: str


@dataclass
class Outline:
    """What a document consists of: how many values stand side by side, and its lists.

    ``lists`` has the first and last byte of each list that lies in no other, by its keys, and
    whether it starts with an object.
    """

    values: int = 0
    lists: dict[Keys, tuple[int, int, bool]] = field(default_factory=dict)

    @property
    def of_records(self) -> list[str]:
        """Names of the lists that hold objects."""
        return [".".join(keys) for keys, (_, _, objects) in self.lists.items() if objects]


def open_records(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    wanted: str | None,
    scratch: Path,
) -> Records:
    """The records of a file that is UTF-8.

    Parameters
    ----------
    wanted
        Where the list of records is: keys such as "data.items", or any JMESPath expression.
    scratch
        Folder for records taken out of a document.

    Raises
    ------
    DataError
        When the document has no such list, or several and none is named.
    """
    form = form_of(path, name)
    keys = keys_of(wanted) if wanted is not None else None
    if form == "objects":
        outline = outline_of(path, name)
        if outline.values == 1 and (wanted is None or keys is not None):
            return _from_document(path, name, outline, wanted, keys, scratch)
        if outline.values == 1 and wanted is not None:
            return _by_expression([(1, path.read_text("utf-8-sig"))], name, wanted, scratch)
    records = _lines(path, scratch) if form == "lines" else _objects(path, form)
    if wanted is None:
        return records
    if keys is None:
        pages = connection.execute(f"SELECT line, record FROM {records.numbered}")
        return _by_expression(_fetched(pages), name, wanted, scratch)
    return _unnested(connection, records, keys, scratch)


def form_of(path: Path, name: str) -> Form:
    """Whether a file is JSON lines, one list, or one object (or more, side by side)."""
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
        more = bool(handle.read(1))
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise DataError(f"{name}: the file is empty. Export it again, or leave the table out.")
    lines = head.split(b"\n")
    if more and len(lines) == 1 and head.startswith(b"{"):
        return "lines" if _has_second_line(path) else "objects"
    lines = [line for line in (lines[:-1] if more else lines) if line.strip()]
    complete = [_is_object(line) for line in lines]
    if len(lines) > 1 and (complete[0] or 2 * sum(complete) >= len(lines)):
        return "lines"
    if head.startswith((b"{", b"[")):
        return "list" if head.startswith(b"[") else "objects"
    raise DataError(
        f"{name}: this is no JSON, which starts with a brace or a bracket. Set format if the "
        "file is of another kind, or export it again."
    )


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _has_second_line(path: Path) -> bool:
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end = data.find(b"\n")
        return end >= 0 and re.compile(rb"\S").search(data, end) is not None


def outline_of(path: Path, name: str) -> Outline:
    """Find the lists of a document without reading it into memory.

    Raises
    ------
    DataError
        When the document breaks off.
    """
    found = Outline()
    keys: list[str] = []  # of the objects that are open, the outermost has none
    key, text, start, depth, objects = "", b"", 0, 0, False
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        place = 0
        while token := _INSIDE.match(data, place) if depth else _TOKEN.search(data, place):
            place = token.end()
            sign = data[place - 1] if depth else data[token.start()]
            if depth:  # inside a list only its end matters
                if sign in _OPEN:
                    objects = objects or (depth == 1 and sign in _OBJECT)
                    depth += 1
                else:
                    depth -= 1
                    if not depth:
                        found.lists.setdefault((*keys[1:], key), (start, place, objects))
            elif sign == _QUOTE:
                text = token.group()
            elif sign == _COLON:
                key = str(json.loads(text, strict=False))
            elif sign in _LIST:
                start, depth, objects = token.start(), 1, False
            elif sign in _OBJECT:
                keys.append(key)
            elif keys:
                keys.pop()
                found.values += not keys
    if keys or depth:
        raise DataError(_unsound(path, name))
    return found


def _from_document(
    path: Path, name: str, outline: Outline, wanted: str | None, keys: Keys | None, scratch: Path
) -> Records:
    """The one list that is named; without a name the document is one record, if it has no lists."""
    if keys is None:
        if outline.of_records:
            which = " or ".join(f'records = "{one}"' for one in outline.of_records)
            raise DataError(
                f"{name}: the file is one object. Say which of its lists has the records: {which}."
            )
        return _objects(path, "objects")
    if keys not in outline.lists:
        hint = closest(str(wanted), outline.of_records)
        raise DataError(f"{name}: the document has no list {wanted!r}.{hint}")
    start, end, _ = outline.lists[keys]
    target = scratch / f"{path.stem}-{len(list(scratch.glob('*.list')))}.list"
    with path.open("rb") as source, target.open("wb") as copy:
        source.seek(start)
        while start < end and (chunk := source.read(min(_HEAD, end - start))):
            start += len(chunk)
            copy.write(chunk)
    return _objects(target, "list")


def _lines(path: Path, scratch: Path) -> Records:
    """Every line as text; DuckDB sees one line in what may be two where line ends are mixed."""
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        odd = data.find(b"\r") >= 0 or data.find(b"\0") >= 0
    if odd:
        copy = scratch / f"{path.stem}-{len(list(scratch.glob('*.lines')))}.lines"
        with path.open("rb") as source, copy.open("wb") as target:
            for line in source:
                # a NUL byte stays an error for JSON, and does not end the line for DuckDB
                target.write(line.replace(b"\r", b" ").replace(b"\0", b"\1"))
        path = copy
    lines = (
        f"read_csv({literal(str(path))}, columns = {{'record': 'VARCHAR'}}, header = false, "
        "auto_detect = false, delim = '', quote = '', escape = '', comment = '', "
        f"max_line_size = {_LONGEST})"
    )
    return Records(
        f"(SELECT record FROM {lines})",
        f"(SELECT record, row_number() OVER () AS line FROM {lines})",
    )


def _objects(path: Path, form: Form) -> Records:
    how = "array" if form == "list" else "unstructured"
    objects = (
        f"read_json_objects({literal(str(path))}, format = '{how}', "
        f"maximum_object_size = {_LONGEST})"
    )
    return Records(
        f"(SELECT json::VARCHAR AS record FROM {objects})",
        f"(SELECT json::VARCHAR AS record, row_number() OVER () AS line FROM {objects})",
    )


def _unnested(
    connection: duckdb.DuckDBPyConnection, pages: Records, keys: Keys, scratch: Path
) -> Records:
    """Records of a list that every page has; a page without it stays, to be named as unsound."""
    target = _target(scratch)
    inside = f"json_extract(record, {literal(pointer(keys))})"
    listed = (
        f"CASE WHEN NOT {SOUND} THEN [record] WHEN json_type({inside}) = 'ARRAY' "
        f"THEN json_extract({inside}, '$[*]')::VARCHAR[] ELSE [{literal(json.dumps(_NO_LIST))}] END"
    )
    connection.execute(
        f"COPY (SELECT unnest({listed}) AS record, line FROM {pages.numbered}) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )
    return _staged(target)


def _by_expression(
    pages: Iterable[tuple[int, str]], name: str, wanted: str, scratch: Path
) -> Records:
    """Records that an expression finds in every page, written to a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    expression = compiled(wanted, f"{name}: records = ")
    target = _target(scratch)
    schema = pa.schema([("record", pa.string()), ("line", pa.int64())])
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        some: list[tuple[str, int]] = []
        for line, page in pages:
            some += [(record, line) for record in _found(expression, page)]
            if len(some) >= _BATCH:
                writer.write_table(_table(some, schema))
                some = []
        writer.write_table(_table(some, schema))
    return _staged(target)


def _found(expression: Any, page: str) -> Iterator[str]:
    try:
        found = expression.search(json.loads(page))
    except ValueError:  # also what expressions raise
        yield page
        return
    for record in found if isinstance(found, list) else [_NO_LIST]:
        yield whole_signs(json.dumps(record, ensure_ascii=False))


def _table(some: list[tuple[str, int]], schema: Any) -> Any:
    import pyarrow as pa

    columns = list(zip(*some, strict=True)) or [(), ()]
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)],
                                schema=schema)  # fmt: skip


def _fetched(result: Any) -> Iterator[tuple[int, str]]:
    while some := result.fetchmany(_BATCH):
        yield from some


def _target(scratch: Path) -> Path:
    return scratch / f"records-{len(list(scratch.glob('records-*.parquet')))}.parquet"


def _staged(path: Path) -> Records:
    read = f"read_parquet({literal(str(path))})"
    return Records(f"(SELECT record FROM {read})", f"(SELECT record, line FROM {read})")


def pointer(keys: Keys) -> str:
    """Keys as a JSON pointer, which DuckDB follows."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def what_is_wrong(text: str) -> str:
    """Why a text is no record, without a word of what it holds."""
    try:
        content = json.loads(text.rstrip())
    except ValueError as error:
        said = getattr(error, "msg", "cannot be read")
        return f"{said} at character {getattr(error, 'colno', 1)}"
    if content == _NO_LIST:
        return _NO_LIST
    if isinstance(content, dict):
        return _HALF
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return f"{kinds.get(type(content), 'a number')}, not an object"


def _unsound(path: Path, name: str) -> str:
    """Where a document is damaged, as far as that can be told."""
    where = "it breaks off or is damaged"
    if path.stat().st_size <= _LOCATED:
        try:
            json.loads(path.read_text("utf-8-sig"))
            where = f"it holds {_HALF}"
        except ValueError as error:
            line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
            where = f"{getattr(error, 'msg', where)} in line {line}, character {column}"
    return f"{name}: this is no sound JSON: {where}. Export it again."


def refuse(path: Path, name: str, error: duckdb.Error) -> DataError:
    """What to say where DuckDB cannot read a JSON file."""
    if "maximum_object_size" in str(error) or "aximum line size" in str(error):
        return DataError(
            f"{name}: one record is longer than {_LONGEST >> 20} MiB. Export a file with one "
            "object per record."
        )
    return DataError(_unsound(path, name))
