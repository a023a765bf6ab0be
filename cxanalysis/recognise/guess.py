"""What was recognised, as frozen results, and its summary in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CHOICES = (
    ("Outcome", "model.outcome"),
    ("Reports by", "report.every"),
    ("Time zone", "time_zone"),
)
NO_STAGE = "NO WORD OF A STAGE"


@dataclass(frozen=True)
class ColumnGuess:
    """One of our columns: the file's column it comes from, how it is read, and why."""

    role: str
    source: str
    why: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemGuess:
    """One rating question of a wide survey."""

    name: str
    source: str
    why: str
    settings: Mapping[str, Any]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A column of the file that is left unread, and why.

    ``short`` is set where it holds few short answers, as a rating does.
    """

    source: str
    why: str
    short: bool = False


@dataclass(frozen=True)
class JoinGuess:
    """Columns looked up in another file: the customer, or what a vendor's second export adds."""

    path: Path
    on: str
    right_on: str
    columns: Mapping[str, Any]
    why: str
    records: str | None = None


@dataclass(frozen=True)
class EventGuess:
    """One step of a file with one row per order and a time column per step."""

    stage: str
    touchpoint: str
    source: str
    why: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TableGuess:
    """One table: its files, how they are read, and what each column is.

    ``written`` is what the study file has as path, where that is not the files' own: patterns,
    addresses, workbooks and databases.
    """

    table: str
    files: tuple[Path, ...]
    rows: int
    headers: int
    why: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    setting_notes: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ColumnGuess, ...] = ()
    scale: Mapping[str, Any] = field(default_factory=dict)
    scale_why: str = ""
    items: tuple[ItemGuess, ...] = ()
    joins: tuple[JoinGuess, ...] = ()
    events: tuple[EventGuess, ...] = ()
    unread: tuple[Unread, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    written: tuple[Path | str, ...] = ()

    def column(self, role: str) -> ColumnGuess | None:
        """The guess for one of our columns; None where the file has nothing for it."""
        return next((column for column in self.columns if column.role == role), None)

    @property
    def provided(self) -> frozenset[str]:
        """Names of our columns that the table will have."""
        names = {column.role for column in self.columns}
        names |= {name for join in self.joins for name in join.columns}
        names |= {name for event in self.events for name in event.columns}
        return frozenset(names | ({"stage", "touchpoint", "occurred_at"} if self.events else set()))

    @property
    def all_doubts(self) -> tuple[str, ...]:
        """Doubts about the table, its columns and its questions, each once."""
        of_columns = (doubt for column in self.columns for doubt in column.doubts)
        of_items = (doubt for item in self.items for doubt in item.doubts)
        return tuple(dict.fromkeys((*self.doubts, *of_columns, *of_items)))

    @property
    def recognised(self) -> int:
        """How many of the file's columns are read."""
        return self.headers - len(self.unread)


@dataclass(frozen=True)
class Guess:
    """Everything a study file needs, with reasons and doubts.

    ``settings`` holds the choices that concern the whole study (time zone, stages, outcome,
    periods) by dotted key, each with its reason in ``reasons``.
    """

    name: str
    tables: tuple[TableGuess, ...]
    settings: Mapping[str, Any]
    reasons: Mapping[str, str]
    matches: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    unused: tuple[tuple[Path, str], ...] = ()

    def table(self, name: str) -> TableGuess | None:
        """The guess for one of the four tables; None where no file holds it."""
        return next((table for table in self.tables if table.table == name), None)

    def __str__(self) -> str:
        return describe_guess(self)


def describe_guess(guess: Guess) -> str:
    """A plain summary for the terminal: per file what it is, what was read, what is doubtful."""
    lines: list[str] = []
    for table in guess.tables:
        names = ", ".join(path.name for path in table.files)
        lines.append(
            f"{names} → {table.table} ({table.recognised} of {table.headers} columns recognised, "
            f"{table.rows:,} rows{_not_read(table)}): {table.why}"
        )
        lines += [f"  {_mapping(column)}" for column in table.columns]
        lines += [f"  {join.why}" for join in table.joins]
        if table.events:
            lines.append(f"  {len(table.events)} steps of the journey, one time column each")
        if table.items:
            lines.append(f"  {_questions(table.items)}")
        lines += [f"  {note}" for note in table.notes]
        lines += [f"  CHECK: {doubt}" for doubt in table.all_doubts]
    lines += [f"CHECK: {path.name} → not used: {why}" for path, why in guess.unused]
    lines += [f"Customers: {match}" for match in guess.matches]
    lines += [f"{said}: {_choice(guess, key)}" for said, key in _CHOICES if key in guess.settings]
    lines += [f"CHECK: {doubt}" for doubt in guess.doubts]
    return "\n".join(lines)


def _not_read(table: TableGuess) -> str:
    short = sum(unread.short for unread in table.unread)
    return f", {short} of few short answers not read" if short else ""


def _questions(items: Sequence[ItemGuess]) -> str:
    service = sum(bool(item.settings.get("service")) for item in items)
    unplaced = sum(NO_STAGE in item.why for item in items)
    more = f"; {unplaced} with no word of a stage, taken for 'use'" if unplaced else ""
    if len(items) == 1:
        return f"1 rating question, {'' if service else 'not '}about service{more}"
    return f"{len(items)} rating questions, {service or 'none'} of them about service{more}"


def _choice(guess: Guess, key: str) -> str:
    reason = guess.reasons.get(key)
    return f"{guess.settings[key]} ({reason})" if reason else str(guess.settings[key])


def _mapping(column: ColumnGuess) -> str:
    if "first_of" in column.settings:
        return f"{column.role} ← the first there is of {', '.join(column.settings['first_of'])}"
    if "columns" in column.settings:
        return f"{column.role} ← {' + '.join(column.settings['columns'])}"
    return f"{column.role} ← {column.source.strip()}" if column.source else column.role
