"""Which columns of the files become which of ours, of what kind, and within which limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cxanalysis.config import Column, Event, Item, Join, Scale, StudyConfig, Table
from cxanalysis.engine import is_time
from cxanalysis.errors import DataError
from cxanalysis.sources.privacy import Treatment, mask, treatment
from cxanalysis.sources.sql import as_code
from cxanalysis.tables import CONTRACTS, ColumnContract, Kind, TableContract

WITH_SEGMENTS = ("customers", "surveys")


@dataclass(frozen=True)
class Field:
    """One of our columns: where it comes from, how it is read and what it may hold.

    ``columns`` are names of file columns, in the order they are joined; a constant has none.
    ``missing`` and ``not_applicable`` are codes; an ``item`` keeps the latter in a flag of
    its own. ``plus`` names the field whose duration is added to this time,
    ``private`` are values that look like persons or their homes, to be masked; ``clean`` tells
    that none of its texts was found to hold anything to mask or hash.
    """

    name: str
    kind: Kind
    column: Column
    columns: tuple[str, ...]
    missing: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = False
    item: bool = False
    privacy: Treatment = "keep"
    plus: str | None = None
    private: tuple[str, ...] = ()
    clean: bool = False

    @property
    def source(self) -> str:
        """What rejects call it: the file's own name."""
        return (" or " if self.column.first_of else " + ").join(self.columns) or self.name


@dataclass(frozen=True)
class Step:
    """Fields of one row that a file row gives: one step of a wide event file, or the only one.

    Besides fields of ours there are the durations that are added to times; a field comes after
    those it is made from.
    """

    fields: tuple[Field, ...]
    event: Event | None = None


@dataclass(frozen=True)
class ColumnMapping:
    """Everything to be read: steps, columns needed of the main files, and columns left out."""

    steps: tuple[Step, ...]
    dropped: tuple[str, ...]

    @property
    def fields(self) -> dict[str, Field]:
        """Fields of ours in all steps by name."""
        fields = [field for step in self.steps for field in step.fields]
        added = {field.plus for field in fields}
        return {field.name: field for field in fields if field.name not in added}


def map_columns(
    name: str, table: Table, config: StudyConfig, header: Iterable[str]
) -> ColumnMapping:
    """The fields of a table.

    A column looked up in a joined file is one of the table's own, under the name it was given
    there, unless another column is made from it or a further join uses it as a key.

    Raises
    ------
    DataError
        When a required column is not mapped, an item is mapped twice, a duration is added to
        what is no time, or NPS is asked on another scale than 0 to 10.
    """
    contract = CONTRACTS[name]
    chosen = dict(table.columns) or _same_named(contract, table, header, config)
    header = list(header)
    found = {n: joined(join, c) for join in table.join for n, c in join.columns.items()}
    names = {n: c.sources[0] for n, c in found.items() if c.sources and n not in header}
    used = {name for column in chosen.values() for name in column.sources}
    used |= {join.on for join in table.join}
    chosen = {ours: _renamed(column, names) for ours, column in chosen.items()}
    chosen |= {ours: column for ours, column in found.items() if ours not in used}
    fields = [_field(contract, table, ours, column) for ours, column in chosen.items()]
    fields += [_item_field(table, ours, item) for ours, item in table.items.items()]
    _check_names(name, fields)
    kept, dropped = _apply_privacy(contract, fields, config)
    steps = _steps(contract, table, kept)
    for step in steps:
        _check_required(contract, step)
    return ColumnMapping(steps, dropped)


def joined(join: Join, column: Column) -> Column:
    """A column of a joined file, its names prefixed by the file's so that they are unique."""
    return _renamed(column, {name: f"{join.path}: {name}" for name in column.sources})


def _renamed(column: Column, names: Mapping[str, str]) -> Column:
    """The same column made from file columns of other names."""
    single = {"column": column.column, "plus": column.plus}
    several = {"columns": column.columns, "first_of": column.first_of}
    return column.model_copy(
        update={key: names.get(name, name) for key, name in single.items() if name is not None}
        | {key: tuple(names.get(n, n) for n in listed) for key, listed in several.items()}
    )


def _same_named(
    contract: TableContract, table: Table, header: Iterable[str], config: StudyConfig
) -> dict[str, Column]:
    """Without a column map: columns named like ours, and segments where a table has them."""
    taken = {(item.column or name).casefold() for name, item in table.items.items()}
    taken |= {join.on.casefold() for join in table.join}
    chosen: dict[str, Column] = {}
    header = list(header)
    folded = [column.casefold() for column in header]
    for column in header:
        ours = next((n for n in contract.names if n.casefold() == column.casefold()), None)
        if ours is None:
            is_segment = contract.name in WITH_SEGMENTS and not is_time(column)
            if not is_segment or column.casefold() in taken:
                continue
            if not column or column.startswith("_") or folded.count(column.casefold()) > 1:
                continue
            if treatment((column,), config.privacy) != "keep" or mask(column) != column:
                continue
        made = ours or column.replace(".", " ").strip()  # the engine takes "a.b" for a table's b
        if made not in table.items:
            chosen[made] = Column(column=column)
    return chosen


def _field(contract: TableContract, table: Table, ours: str, column: Column) -> Field:
    rule = contract.column(ours) or _extra(ours)
    low, high = rule.low, rule.high
    if rule.kind == "score" and (column.low is not None or column.high is not None):
        low, high = column.low, column.high
    if ours == "nps" and (low, high) != (0, 10):
        raise DataError(
            f"{contract.name}.nps: a recommend question from {low:g} to {high:g} is not an NPS, "
            "which is asked from 0 to 10. Map it under another name and make it an item."
            if low is not None and high is not None
            else f"{contract.name}.nps is asked from 0 to 10; give both low and high or neither."
        )
    if column.plus is not None and rule.kind != "time":
        raise DataError(
            f"{contract.name}.{ours}: plus adds a duration to a time, and {ours} is none. Leave "
            "plus out."
        )
    return Field(
        name=ours,
        kind=rule.kind,
        column=column,
        columns=column.parts,
        missing=_codes(table.missing, column.missing, column.not_applicable),
        low=low,
        high=high,
        required=rule.required,
        plus=None if column.plus is None else f"_plus_{ours}",
    )


def _extra(name: str) -> ColumnContract:
    """A column outside the contract passes as text; one named like a time is read as a time."""
    return ColumnContract(name, "time" if is_time(name) else "category", "")


def _item_field(table: Table, ours: str, item: Item) -> Field:
    scale = table.scale
    low, high = (item.low, item.high) if _gives(item, "low", "high") else (scale.low, scale.high)
    own = _gives(item, "not_applicable")
    not_applicable = _codes((item if own else scale).not_applicable)
    missing = _codes(table.missing, item.missing if _gives(item, "missing") else scale.missing)
    column = Column(column=item.column or ours, values=item.values)
    return Field(
        name=ours,
        kind="score",
        column=column,
        columns=column.parts,
        # What the item itself says of a code outranks what its whole table says.
        missing=tuple(code for code in missing if not (own and code in not_applicable)),
        not_applicable=not_applicable,
        low=low,
        high=high,
        item=True,
    )


def _gives(scale: Scale, *names: str) -> bool:
    return any(name in scale.model_fields_set for name in names)


def _codes(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(as_code(text) for group in groups for text in group))


def _check_names(table: str, fields: list[Field]) -> None:
    """Names must differ by more than case, and may not begin like those of our own columns."""
    names = [field.name.casefold() for field in fields]
    names += [f"{field.name}_na".casefold() for field in fields if field.item]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise DataError(
            f"{table}: {', '.join(sorted(twice))} is mapped twice, under columns and under items "
            "or in capitals and without. Keep one of the two."
        )
    unfit = [name for name in names if not name.strip() or name.startswith("_")]
    if unfit:
        raise DataError(f"{table}: {unfit[0]!r} cannot name a column. Begin it with a letter.")


def _apply_privacy(
    contract: TableContract, fields: list[Field], config: StudyConfig
) -> tuple[list[Field], tuple[str, ...]]:
    """Mark columns to hash; leave out names and IP addresses.

    An id that is a person's name is hashed instead, since rows cannot be matched without it.
    """
    kept, dropped = [], []
    for field in fields:
        # a touchpoint may well be called "name" in an event log; a person's column is not mapped so
        known = field.kind == "category" and field.name in contract.names
        bare = [c.rsplit(": ", 1)[-1] for c in field.columns]
        columns = [c for c in bare if not (known and c.casefold() == "name")]
        fate = treatment((field.name, *columns), config.privacy)
        if field.item or field.kind in ("time", "number", "duration", "score", "flag"):
            is_dropped = {field.name, *columns} & set(config.privacy.drop)
            fate = "drop" if is_dropped else "keep"
        if fate == "drop" and field.kind != "id":
            dropped.append(field.source)
        else:
            kept.append(replace(field, privacy="keep" if fate == "keep" else "hash"))
    return kept, tuple(dropped)


def _steps(contract: TableContract, table: Table, fields: list[Field]) -> tuple[Step, ...]:
    if not table.events:
        return (Step(_with_added(fields)),)
    steps = []
    for event in table.events:
        own: Mapping[str, Column] = {
            "occurred_at": event.occurred_at,
            "stage": Column(value=event.stage),
            "touchpoint": Column(value=event.touchpoint),
            **event.columns,
        }
        mine = [_field(contract, table, ours, column) for ours, column in own.items()]
        shared = [field for field in fields if field.name not in own]
        steps.append(Step(_with_added([*shared, *mine]), event))
    return tuple(steps)


def _with_added(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields and, before each time that a duration is added to, that duration as a field."""
    every = []
    for field in fields:
        if field.plus is not None:
            column = Column(column=field.column.plus, unit=field.column.unit)
            added = Field(field.plus, "duration", column, column.parts, field.missing)
            every.append(replace(added, required=field.required))
        every.append(field)
    return tuple(every)


def _check_required(contract: TableContract, step: Step) -> None:
    have = {field.name for field in step.fields}
    absent = [c.name for c in contract.columns if c.required and c.name not in have]
    if absent:
        raise DataError(
            f"{contract.name}: {', '.join(absent)} is needed and not mapped. Say which column it "
            f'is: {absent[0]} = "…" under [tables.{contract.name}.columns], which must list every '
            "column to be read, those that already have our name included."
        )
