"""Exports of known vendors, each described by a file: vendors/NAME.toml.

A vendor file is data; a new vendor is one such file and one fixture in tests/vendors/. It holds::

    name = "Zendesk"                      # who wrote the export
    export = "CSV export of tickets"      # which export of theirs
    table = "tickets"                     # what it becomes: tickets, surveys, journeys, customers
    documented = ["…"]                    # where its headers were looked up

    [signature]
    headers = ["Id", "Requester id"]      # headers that tell it from any other file
    share = 0.6                           # how many of them must be there (this is the default)

    [aliases]                             # headers in other languages or versions → the ones below;
    "Angelegt am" = "Created at"          # here and in [never], * stands for anything

    [reading]                             # any key of [tables.…] in a study file, such as
    header_lines = 1                      # header_lines, format, records, time_format, exclude

    [columns]                             # ours = the file's, as [tables.….columns] has them
    ticket_id = "Id"
    csat = { column = "Satisfaction Score", values = { Good = "5", Bad = "1" }, why = "…" }
    customer_id = ["Requester id", "Requester email"]

    [adds]                                # only of an export that adds columns to the rows of
    on = "id"                             # another of this vendor: its key there, and here; the
    right_on = "ticket_id"                # columns below are looked up where the other lacks them

    [never]                               # headers that are not read, and why
    "* within business hours" = "counts opening hours only"

    notes = ["…"]                         # on top of the file: what to know before using the export
    hash = ["Reporter"]                   # there too: columns that hold names where an id should be

Headers are compared without regard to case, white space and underscores. Of several ways to read a
column the first counts whose columns are all there and not all empty; the customer is the one of
them that matches the other files best. ``why`` is printed beside a column in the study file. A
vendor of JSON says ``format = "json"`` in ``[reading]``; its headers are dotted paths
("via.channel") and its columns JMESPath expressions. Columns of the file that the vendor file does
not name are guessed as those of any file are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from cxanalysis.config import Column, Table, closest
from cxanalysis.config.base import Settings, Texts
from cxanalysis.errors import StudyError
from cxanalysis.recognise.files import TWICE
from cxanalysis.tables import CONTRACTS

FOLDER = Path(__file__).parents[1] / "vendors"
SEGMENTED = ("customers", "surveys")  # tables that take columns of the company's own


class Choice(Column):
    """One way to read a column of ours; ``why`` is printed beside it in the study file."""

    why: str = ""

    @property
    def needed(self) -> tuple[str, ...]:
        """The file's columns that it is made from."""
        return self.sources


def _choices(value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    return tuple({"column": one} if isinstance(one, str) else one for one in values)


class Signature(Settings):
    """Headers that tell an export, and the share of them that must be there."""

    headers: Texts = Field(min_length=2)
    share: float = Field(0.6, gt=0, le=1)


class Adds(Settings):
    """How an export's rows find those of another export that they add columns to."""

    on: str
    right_on: str


class Vendor(Settings):
    """One export of one vendor, as its file describes it."""

    name: str
    export: str
    table: Literal["journeys", "tickets", "surveys", "customers"]
    documented: Texts
    signature: Signature
    aliases: dict[str, str] = Field(default_factory=dict)
    reading: dict[str, Any] = Field(default_factory=dict)
    columns: dict[str, Annotated[tuple[Choice, ...], BeforeValidator(_choices)]]
    never: dict[str, str] = Field(default_factory=dict)
    notes: Texts = ()
    hash: Texts = ()
    adds: Adds | None = None

    @model_validator(mode="after")
    def _fits_its_table(self) -> Vendor:
        contract = CONTRACTS[self.table]
        for ours in self.columns:
            if contract.column(ours) is None and self.table not in SEGMENTED:
                hint = closest(ours, contract.names)
                raise ValueError(f"columns.{ours}: {self.table} has no such column.{hint}")
        Table.model_validate({"path": "any", **self.reading})
        return self

    @property
    def nested(self) -> bool:
        """Whether its columns are expressions over JSON rather than headers."""
        return self.reading.get("format") == "json"

    @property
    def title(self) -> str:
        """What it is called in comments."""
        return f"{self.name}, {self.export}"


@dataclass(frozen=True)
class Known:
    """A vendor's export as one file has it, in the file's own spelling.

    ``found`` counts the signature's headers that are there. ``choices`` are the ways to read each
    column of ours whose columns the file has; ``never`` tells of headers why they are not read;
    ``named`` are all headers that the vendor file knows, with which nothing is left to guess;
    ``hashed`` are those that hold names, to be hashed where they are read.
    """

    vendor: Vendor
    found: int
    choices: Mapping[str, tuple[Choice, ...]]
    never: Mapping[str, str]
    named: frozenset[str]
    reading: Mapping[str, Any]
    hashed: frozenset[str]

    @property
    def why(self) -> str:
        """Why the file is taken for this export."""
        telling = len(self.vendor.signature.headers)
        return (
            f"an export of {self.vendor.name} ({self.vendor.export}), by {self.found} of the "
            f"{telling} headers that tell it"
        )

    def headers_of(self, way: Choice) -> set[str]:
        """Headers of the file that a column is made from."""
        if not self.vendor.nested:
            return set(way.needed)
        paths = {path for name in way.needed for path in _paths(name)}
        return {n for n in self.named if any(_related(_folded(n), path) for path in paths)}


@cache
def vendors() -> tuple[Vendor, ...]:
    """All vendors there is a file for."""
    return tuple(read_vendor(path) for path in sorted(FOLDER.glob("*.toml")))


def read_vendor(path: Path) -> Vendor:
    """One vendor's file.

    Raises
    ------
    StudyError
        When it is not TOML, or not a vendor file; the message says where and why.
    """
    try:
        return Vendor.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path.name}: not readable as TOML: {error}") from error
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc']) or 'the file'}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise StudyError(f"{path.name} is no vendor file: {'; '.join(faults)}") from error


def find_vendor(headers: Sequence[str], *, nested: bool) -> Known | None:
    """The export that a file is by its headers; None where it is none of those known.

    A file that lacks what its table cannot do without is none, however many headers it has.

    Parameters
    ----------
    headers
        As the file has them; of JSON the dotted paths of its keys.
    nested
        Whether the file is JSON.
    """
    likely = []
    for vendor in vendors():
        there = _spelled(vendor, headers)
        found = _found(vendor, there)
        share = found / len(vendor.signature.headers)
        if share >= vendor.signature.share and (nested or not vendor.nested):
            required = [
                column.name for column in CONTRACTS[vendor.table].columns if column.required
            ]
            ways = [vendor.columns[ours] for ours in required if ours in vendor.columns]
            if all(any(_is_there(way, there, vendor) for way in several) for several in ways):
                likely.append(((share, found), vendor))
    best = max(likely, key=lambda pair: pair[0], default=None)
    return None if best is None else known(best[1], headers)


def known(vendor: Vendor, headers: Sequence[str]) -> Known:
    """A vendor's columns in the spelling of one file."""
    there = _spelled(vendor, headers)
    readable = {key: name for key, name in there.items() if TWICE not in name}
    choices = {}
    for ours, ways in vendor.columns.items():
        found = [_respelled(way, readable) for way in ways if _is_there(way, readable, vendor)]
        if found:
            choices[ours] = tuple(found)
    never = {
        name: why
        for name in headers
        for pattern, why in vendor.never.items()
        if re.fullmatch(_pattern(pattern), _plain(vendor, name))
    }
    needed = [name for ways in vendor.columns.values() for way in ways for name in way.needed]
    told = {_folded(name) for name in (*vendor.signature.headers, *needed)}
    named = {name for name in headers if name in never or _plain(vendor, name) in told}
    if vendor.nested:
        paths = {path for name in needed for path in _paths(name)}
        named |= {name for name in headers if any(_related(_folded(name), path) for path in paths)}
    return Known(
        vendor=vendor,
        found=_found(vendor, there),
        choices=choices,
        never=never,
        named=frozenset(named),
        reading=_reading(vendor, readable),
        hashed=frozenset(name for n in vendor.hash if (name := readable.get(_folded(n)))),
    )


def _found(vendor: Vendor, there: Mapping[str, str]) -> int:
    """How many of the headers that tell an export are there."""
    return sum(_header_of(name, there, nested=vendor.nested) for name in vendor.signature.headers)


def _reading(vendor: Vendor, there: Mapping[str, str]) -> dict[str, Any]:
    """Settings of the table; rows are left out by those columns only that the file has."""
    reading = dict(vendor.reading)
    if "exclude" in reading:
        left_out = {
            there[_folded(name)]: codes
            for name, codes in reading.pop("exclude").items()
            if _folded(name) in there
        }
        reading |= {"exclude": left_out} if left_out else {}
    return reading


def _folded(header: str) -> str:
    return " ".join(header.replace("_", " ").split()).casefold()


def _plain(vendor: Vendor, header: str) -> str:
    """A file's header as the vendor file calls it."""
    name = _folded(header.split(TWICE, maxsplit=1)[0])
    aliases = vendor.aliases.items()
    known = (ours for alias, ours in aliases if re.fullmatch(_pattern(alias), name))
    return _folded(next(known, name))


def _spelled(vendor: Vendor, headers: Sequence[str]) -> dict[str, str]:
    """The file's spelling by the name that the vendor file uses."""
    spelled: dict[str, str] = {}
    for header in headers:
        spelled.setdefault(_plain(vendor, header), header)
    return spelled


def _pattern(text: str) -> str:
    return ".*".join(re.escape(part) for part in _folded(text).split("*"))


def _paths(expression: str) -> set[str]:
    """The dotted paths that an expression or parts of it begin with: "a.b[0] || c.d" → a.b, c.d"""
    plain = re.sub(r"'[^']*'|`[^`]*`", "", expression)
    paths = re.finditer(
        r"(?:^|\|\||&&|\()[\s(!]*([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)(?!\w*\()", plain
    )
    return {_folded(found[1]) for found in paths} or {_folded(expression)}


def _related(one: str, other: str) -> bool:
    """Whether one path is the other or leads to it."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _header_of(name: str, there: Mapping[str, str], *, nested: bool) -> bool:
    """Whether a header, or for JSON a path of an expression, is among those of the file."""
    if _folded(name) in there:
        return True
    return nested and any(_related(path, header) for path in _paths(name) for header in there)


def _is_there(way: Choice, there: Mapping[str, str], vendor: Vendor) -> bool:
    return all(_header_of(name, there, nested=vendor.nested) for name in way.needed)


def _respelled(way: Choice, there: Mapping[str, str]) -> Choice:
    """The same choice with the columns' names as the file writes them."""
    names = {name: there.get(_folded(name), name) for name in way.needed}
    update: dict[str, Any] = {
        "columns": tuple(names[name] for name in way.columns),
        "first_of": tuple(names[name] for name in way.first_of),
    }
    update |= {"column": names[way.column]} if way.column is not None else {}
    update |= {"plus": names[way.plus]} if way.plus is not None else {}
    given = {key: value for key, value in update.items() if key in way.model_fields_set}
    return way.model_copy(update=given)
