"""study.toml as typed, frozen settings; unknown keys are refused with the closest known one."""

from __future__ import annotations

import difflib
import re
import tomllib
import zoneinfo
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from cxanalysis.errors import StudyError

SCHEMA_VERSION: Literal[1] = 1
DEFAULT_STAGES = (
    "awareness",
    "discovery",
    "attraction",
    "interaction",
    "purchase",
    "use",
    "cultivation",
    "advocacy",
)


class Settings(BaseModel):
    """Base of every section: immutable, and closed to keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_tuple(value: Any) -> Any:
    if value is None or isinstance(value, (list, tuple)):
        return value
    return (value,)


def _as_texts(value: Any) -> Any:
    """Codes may be written as numbers in TOML; files hold text."""
    values = _as_tuple(value)
    return tuple(str(item) for item in values) if isinstance(values, (list, tuple)) else values


def _known_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        near = difflib.get_close_matches(name, sorted(zoneinfo.available_timezones()), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " Write it like 'Europe/Berlin'."
        raise ValueError(f"no time zone {name!r}.{hint}")
    return name


def _one_sign(text: str) -> str:
    if len(text) != 1 or text in "\r\n\0":
        raise ValueError(f"{text!r} is not one sign, such as ',' or a tab ('\\t').")
    return text


def _one_sign_or_none(text: str) -> str:
    return _one_sign(text) if text else text


Sign = Annotated[str, AfterValidator(_one_sign)]
Quote = Annotated[str, AfterValidator(_one_sign_or_none)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]


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

    ``columns`` are joined with ``join`` before reading (a date and a time, say); ``value`` is
    a constant for every row. ``true``/``false`` are the texts of a yes/no column, ``values``
    recodes texts, ``unit`` is the unit of a duration in the file.
    """

    column: str | None = None
    columns: Texts = ()
    join: str = " "
    value: str | None = None
    time_format: str | None = None
    time_zone: TimeZone | None = None
    true: Texts = ()
    false: Texts = ()
    values: dict[str, str] = Field(default_factory=dict)
    unit: Literal["milliseconds", "seconds", "minutes", "hours", "days"] = "seconds"

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        given = [self.column is not None, bool(self.columns), self.value is not None]
        if sum(given) != 1:
            raise ValueError("give exactly one of column, columns or value")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the file's columns that this one is made from."""
        if self.column is not None:
            return (self.column,)
        return self.columns


def _as_column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


ColumnMap = dict[str, Annotated[Column, BeforeValidator(_as_column)]]


class Item(Scale):
    """One rating question of a wide survey: it becomes a driver of that name."""

    column: str | None = None
    label: str | None = None
    stage: str | None = None
    service: bool = False
    global_item: bool = False


class Join(Settings):
    """Columns looked up in another file; its key must be unique there."""

    path: str
    on: str
    right_on: str | None = None
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
    """Where one of the four tables is and how it is read."""

    path: Texts
    format: Literal["csv", "parquet", "excel", "sqlite", "postgresql"] | None = None
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


class Service(Settings):
    """What counts as service besides the tickets themselves.

    ``self_service`` names touchpoints or channels where customers help themselves; a contact
    within ``self_service_hours`` after it counts as one that it did not spare.
    """

    channels: Texts = ()
    touchpoints: Texts = ()
    self_service: Texts = ()
    self_service_hours: float = Field(24, gt=0)


class Metrics(Settings):
    """Thresholds of the definitions; each is printed beside the figure it shapes.

    ``not_first_level`` names the reasons that a first contact cannot settle,
    ``failure_reasons`` those for which nobody would have to make contact had all gone well.
    ``cost_per_hour`` is what an hour of handling costs, in ``currency``. ``reply_hours`` holds
    by channel how many hours a first reply may take, in opening hours where these are given.
    """

    fcr_window_days: int = Field(7, ge=1, le=90)
    short_abandon_seconds: float = Field(5, ge=0)
    service_level_seconds: float = Field(20, gt=0)
    not_first_level: Texts = ()
    failure_reasons: Texts = ()
    cost_per_hour: float | None = Field(None, gt=0)
    currency: str = ""
    reply_hours: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    min_base: int = Field(30, ge=2)


def _span(text: str) -> str:
    found = re.fullmatch(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", text)
    start, end = span_minutes(text) if found else (0, 0)
    if not 0 <= start < end <= 24 * 60:
        raise ValueError(f'{text!r} are no opening hours. Write them like "09:00-17:30".')
    return text


def span_minutes(text: str) -> tuple[int, int]:
    """Opening and closing in minutes since local midnight: "09:00-17:30" → (540, 1050)."""
    start, end = text[:5], text[6:]
    return 60 * int(start[:2]) + int(start[3:]), 60 * int(end[:2]) + int(end[3:])


def _known_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError(f"{text!r} is no day. Write it like 2026-12-25.") from error


Span = Annotated[str, AfterValidator(_span)]
Days = Annotated[tuple[Annotated[str, AfterValidator(_known_day)], ...], BeforeValidator(_as_texts)]


class OpeningHours(Settings):
    """When somebody is in, by weekday in the study's time zone; a day left out is closed."""

    monday: Span | None = None
    tuesday: Span | None = None
    wednesday: Span | None = None
    thursday: Span | None = None
    friday: Span | None = None
    saturday: Span | None = None
    sunday: Span | None = None
    holidays: Days = ()

    @property
    def week(self) -> tuple[tuple[int, int] | None, ...]:
        """Minutes since midnight of opening and closing, Monday first; None where closed."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday)
        every = (*days, self.saturday, self.sunday)
        return tuple(None if day is None else span_minutes(day) for day in every)


class Feedback(Settings):
    """Where customers complain: touchpoints of the journeys, reasons of the tickets."""

    touchpoints: Texts = ()
    reasons: Texts = ()


class Model(Settings):
    """What is explained, by which model, from how far back, and how the answer is decided.

    ``top_box`` is the score from which an outcome counts as reached, for ``kind`` "logit".
    ``weights`` is "none", a column of the surveys, or how weights against silence are made:
    "raked" or "propensity", from the columns in ``respond_by`` (all usable ones when empty).
    ``robustness`` names, beforehand, the drivers of which robustness values are reported.
    """

    outcome: str = "overall_satisfaction"
    kind: Literal["ols", "ordered", "logit"] = "ols"
    top_box: float | None = None
    lookback_days: int = Field(90, ge=1)
    not_applicable: Literal["two-part", "complete-cases"] = "two-part"
    weights: str = "none"
    respond_by: Texts = ()
    robustness: Texts = ()
    margin: float = Field(0.20, gt=0, lt=1)
    replicates: int = Field(2000, ge=200)
    seed: int = 20260101

    @model_validator(mode="after")
    def _settings_go_together(self) -> Model:
        if self.kind == "ordered" and self.weights != "none":
            raise ValueError(
                f"an ordered logit takes no weights, and weights is {self.weights!r}: use "
                'kind = "ols" or "logit", or weights = "none"'
            )
        if self.top_box is not None and self.kind != "logit":
            raise ValueError(f'top_box goes with kind = "logit" only; kind is {self.kind!r}')
        if self.robustness and self.kind != "ols":
            raise ValueError(f'robustness goes with kind = "ols" only; kind is {self.kind!r}')
        return self


class Limits(Settings):
    """How much may be set aside before a run stops, as a share of a table's rows."""

    bad_rows: float = Field(0.05, ge=0, le=1)


class Privacy(Settings):
    """Direct identifiers: which columns besides the recognised ones to hash or leave out."""

    salt_env: str = "CXANALYSIS_SALT"
    hash: Texts = ()
    drop: Texts = ()


class Engine(Settings):
    """Where the work is done."""

    name: Literal["duckdb"] = "duckdb"
    threads: int | None = Field(None, ge=1)
    memory_limit: str | None = None


class Report(Settings):
    """For periods of which length reports are made, and where they go."""

    every: Literal["month", "quarter", "year", "all"] = "month"
    folder: str = "reports"


class StudyConfig(Settings):
    """The whole study file."""

    schema_version: Literal[1] = SCHEMA_VERSION
    name: str
    time_zone: TimeZone = "UTC"
    tables: Tables
    stages: Texts = DEFAULT_STAGES
    stage_aliases: dict[str, str] = Field(default_factory=dict)
    service: Service = Service()
    metrics: Metrics = Metrics()
    opening_hours: OpeningHours | None = None
    feedback: Feedback = Feedback()
    model: Model = Model()
    limits: Limits = Limits()
    privacy: Privacy = Privacy()
    engine: Engine = Engine()
    report: Report = Report()

    @model_validator(mode="after")
    def _stages_known(self) -> StudyConfig:
        for origin, stage in self.stage_aliases.items():
            _known_stage(stage, self.stages, f"stage_aliases.{origin}")
        if self.tables.surveys is not None:
            for name, item in self.tables.surveys.items.items():
                if item.stage is not None:
                    _known_stage(item.stage, self.stages, f"tables.surveys.items.{name}.stage")
        if self.tables.journeys is not None:
            for event in self.tables.journeys.events:
                _known_stage(event.stage, self.stages, f"tables.journeys.events.{event.touchpoint}")
        return self


def _known_stage(stage: str, stages: tuple[str, ...], where: str) -> None:
    if stage not in stages:
        raise ValueError(f"{where}: no stage {stage!r}.{closest(stage, stages)}")


def closest(name: str, known: Any) -> str:
    """' Did you mean …? Known: …' for an error message; empty where nothing is known."""
    known = [str(item) for item in known]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{hint} Known: {', '.join(known)}." if known else hint


def read_config(path: Path) -> StudyConfig:
    """Read and check a study file.

    Raises
    ------
    StudyError
        When the file is absent, is not TOML, or holds an unknown or unfit key; each problem
        is named with its place and the closest known key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise StudyError(
            f"{path}: no such study file. Write one with: cxanalysis init FILES…"
        ) from error
    except OSError as error:
        raise StudyError(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StudyError(f"{path}: not UTF-8. Save the study file as UTF-8.") from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: not valid TOML: {error}") from error
    try:
        return StudyConfig.model_validate(content)
    except ValidationError as error:
        problems = "\n".join(f"  {_describe(problem)}" for problem in error.errors())
        raise StudyError(f"{path}: {error.error_count()} problem(s)\n{problems}") from error


def _describe(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = _known_keys(problem["loc"][:-1])
        return f"unknown key {place!r}.{closest(str(problem['loc'][-1]), known)}"
    return f"{place}: {problem['msg'].removeprefix('Value error, ')}"


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    """Keys allowed at a place of the study file, found by walking the settings' types."""
    kind: Any = StudyConfig
    for part in location:
        model = _settings_in(kind, into_collections=False)
        if model is None:  # a dict's key or a tuple's index: step into its values
            kind = _settings_in(kind, into_collections=True)
        elif part in model.model_fields:
            kind = model.model_fields[str(part)].annotation
        else:
            return []
    model = _settings_in(kind, into_collections=False)
    return list(model.model_fields) if model is not None else []


def _settings_in(kind: Any, *, into_collections: bool) -> type[Settings] | None:
    """The settings class in ``X``, ``X | None`` or, where asked for, ``dict[str, X]``."""
    if isinstance(kind, type) and issubclass(kind, Settings):
        return kind
    if get_origin(kind) in (dict, tuple) and not into_collections:
        return None
    for argument in get_args(kind):
        found = _settings_in(argument, into_collections=into_collections)
        if found is not None:
            return found
    return None
