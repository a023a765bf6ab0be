"""The tables of a study: where they are, and how their columns are read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from cxanalysis.config.base import Quote, Settings, Sign, Texts, TimeZone


class Scale(Settings):
    """Range of a rating, and the codes that are not ratings."""

    low: float | None = None
    high: float | None = None
    higher_is_better: bool = True
    missing: Texts = ()
    not_applicable: Texts = ()

    @model_validator(mode="after")
    def _low_below_high(self) -> Scale:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self


class Column(Scale):
    """Where a column of ours comes from in the file, and how its values are read.

    ``columns`` are joined with ``join`` before reading (a date and a time, say), of
    ``first_of`` the first that is not empty is taken; ``value`` is a constant for every row. In
    a JSON file a column is a JMESPath expression. ``true``/``false`` are the texts of a yes/no
    column, ``values`` recodes texts, ``characters`` keeps only so many of each, ``unit`` is the
    unit of a duration in the file. A time is that of its column and, with ``plus``, the duration
    in that column later.
    """

    column: str | None = None
    columns: Texts = ()
    first_of: Texts = ()
    join: str = " "
    value: str | None = None
    plus: str | None = None
    characters: int | None = Field(None, ge=1)
    time_format: str | None = None
    time_zone: TimeZone | None = None
    true: Texts = ()
    false: Texts = ()
    values: dict[str, str] = Field(default_factory=dict)
    unit: Literal["milliseconds", "seconds", "minutes", "hours", "days"] = "seconds"

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        given = (self.column is not None, bool(self.columns), bool(self.first_of))
        if sum((*given, self.value is not None)) != 1:
            raise ValueError("give exactly one of column, columns, first_of or value")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the file's columns that the text is made from."""
        if self.column is not None:
            return (self.column,)
        return self.columns or self.first_of

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of all the file's columns that this one is made from."""
        return self.parts if self.plus is None else (*self.parts, self.plus)


def _as_column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


ColumnMap = dict[str, Annotated[Column, BeforeValidator(_as_column)]]


class Item(Scale):
    """One rating question of a wide survey: it becomes a driver of that name.

    ``values`` recodes answers in words to numbers.
    """

    column: str | None = None
    label: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    stage: str | None = None
    service: bool = False
    global_item: bool = False


class Join(Settings):
    """Columns looked up in another file; its key must be unique there.

    ``records`` says where the records of a JSON document are, as for a table.
    """

    path: str
    on: str
    right_on: str | None = None
    records: str | None = None
    encoding: str = "utf-8"
    delimiter: Sign | None = None
    columns: ColumnMap


class Event(Settings):
    """One step of a file that has one row per order (or visit) and a time column per step."""

    stage: str
    touchpoint: str
    occurred_at: Annotated[Column, BeforeValidator(_as_column)]
    columns: ColumnMap = Field(default_factory=dict)


class Table(Settings):
    """Where one of the four tables is and how it is read.

    ``header_lines`` are the lines of a text file before its first record; the first names the
    columns. Above them may stand ``title_lines``, which are no part of the table; lines that hold
    nothing do not count. ``footer`` are texts of which one begins a line below the last record:
    what stands there is no part of the table either. ``records`` is the JMESPath expression of
    the list of records in a JSON document.
    """

    path: Texts
    format: Literal["csv", "json", "parquet", "excel", "sqlite", "postgresql"] | None = None
    records: str | None = None
    header_lines: int = Field(1, ge=1, le=9)
    title_lines: int = Field(0, ge=0, le=99)
    footer: Texts = ()
    sheet: str | None = None
    query: str | None = None
    delimiter: Sign | None = None
    quote: Quote | None = None
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    time_zone: TimeZone | None = None
    time_format: str | None = None
    missing: Texts = ("", "NA", "N/A", "NaN", "NULL", "null", "None")
    duplicates: Literal["set-aside", "keep-last"] = "set-aside"
    columns: ColumnMap = Field(default_factory=dict)
    exclude: dict[str, Texts] = Field(default_factory=dict)
    join: tuple[Join, ...] = ()
    events: tuple[Event, ...] = ()
    scale: Scale = Scale()
    items: dict[str, Item] = Field(default_factory=dict)


class Tables(Settings):
    """The tables a study has; each may be absent."""

    journeys: Table | None = None
    tickets: Table | None = None
    surveys: Table | None = None
    customers: Table | None = None
