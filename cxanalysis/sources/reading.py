"""What was read of a table, set aside and left out: numbers that every report carries along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

UNMAPPED_SHOWN = 20  # columns that the account in words names


@dataclass(frozen=True)
class Reject:
    """One broken rule of one row. ``line`` counts physical lines of the file from 1."""

    file: str
    line: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        place = f"{self.file} line {self.line}"
        value = f"{self.column}: {self.value or 'empty'}" if self.column else self.value
        return f"{place}, {value}" if value else place


@dataclass(frozen=True)
class TableReading:
    """How one table was read.

    ``rows_read`` = ``rows_kept`` + ``rows_set_aside`` + all ``excluded``. A row that breaks two
    rules counts once in ``rows_set_aside`` and under each rule in ``rejects``.
    ``first_rejects`` holds the first example of each rule, ``unmapped`` the files' columns that
    were not read, ``hashes`` the SHA-256 of each file.
    """

    table: str
    files: tuple[str, ...]
    rows_read: int
    rows_kept: int
    rows_set_aside: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    rejects: Mapping[str, int] = field(default_factory=dict)
    first_rejects: tuple[Reject, ...] = ()
    unmapped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def share_set_aside(self) -> float:
        """Share of the rows that were to be used, 0 to 1."""
        used = self.rows_read - sum(self.excluded.values())
        return self.rows_set_aside / used if used else 0.0

    def describe(self) -> str:
        """The account in plain text, one line per thing worth knowing."""
        files = ", ".join(self.files[:3]) + (", …" if len(self.files) > 3 else "")
        lines = [
            f"{self.table}: {self.rows_kept:,} of {self.rows_read:,} rows kept, from {files}",
            *(f"  left out: {count:,}, {reason}" for reason, count in self.excluded.items()),
        ]
        if self.rows_set_aside:
            share = f"{self.share_set_aside:.1%}"
            lines.append(f"  set aside: {self.rows_set_aside:,} rows ({share}) that break a rule")
            first = {reject.rule: reject for reject in self.first_rejects}
            lines += [
                f"    {rule}: {count:,} (first: {first[rule]})"
                for rule, count in self.rejects.items()
            ]
        lines += [f"  note: {note}" for note in self.notes]
        if self.unmapped:
            more = len(self.unmapped) - UNMAPPED_SHOWN
            shown = ", ".join(self.unmapped[:UNMAPPED_SHOWN])
            lines.append(f"  not read: {shown}" + (f" and {more:,} more" if more > 0 else ""))
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The reading as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> TableReading:
        """The reading that `to_json` wrote."""
        first = tuple(Reject(**reject) for reject in content["first_rejects"])
        lists = {name: tuple(content[name]) for name in ("files", "unmapped", "notes")}
        return cls(**{**content, **lists, "first_rejects": first})
