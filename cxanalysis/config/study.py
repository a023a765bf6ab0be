"""The whole study file, and reading it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import Field, ValidationError, model_validator

from cxanalysis.config.base import Settings, Texts, TimeZone, closest
from cxanalysis.config.definitions import Feedback, Journey, Metrics, Reason, Service
from cxanalysis.config.delivering import Deliver
from cxanalysis.config.hours import OpeningHours
from cxanalysis.config.model import Model
from cxanalysis.config.plans import Action, Assessment, Benchmark, Quoted
from cxanalysis.config.running import Engine, Identity, Limits, Privacy, Report
from cxanalysis.config.tables import Tables
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
# What shapes figures of tables that are read already; all else would mean reading them anew.
CHANGEABLE = ("service", "metrics", "model")
DRAWS = ("model", "replicates")
# What is fixed before looking, or has a way of its own, and where to change it.
FIXED = {
    ("metrics", "min_base"): "Give it apart: min_base=, --min-base, or a notebook's min_base.",
    ("model", "margin"): "It is fixed before looking: change the study file itself.",
    ("model", "robustness"): "They are named before looking: change the study file itself.",
    ("model", "seed"): "It is fixed before looking: change the study file itself.",
}


class StudyConfig(Settings):
    """The whole study file."""

    schema_version: Literal[1] = SCHEMA_VERSION
    name: str
    time_zone: TimeZone = "UTC"
    tables: Tables
    stages: Texts = DEFAULT_STAGES
    stage_aliases: dict[str, str] = Field(default_factory=dict)
    journey: Journey = Journey()
    service: Service = Service()
    reasons: dict[str, Reason] = Field(default_factory=dict)
    metrics: Metrics = Metrics()
    opening_hours: OpeningHours | None = None
    feedback: Feedback = Feedback()
    model: Model = Model()
    actions: dict[str, Action] = Field(default_factory=dict)
    assessment: Assessment = Assessment()
    benchmarks: tuple[Benchmark, ...] = ()
    quoted: Quoted = Quoted()
    limits: Limits = Limits()
    privacy: Privacy = Privacy()
    identity: Identity | None = None
    engine: Engine = Engine()
    report: Report = Report()
    deliver: Deliver = Deliver()

    @model_validator(mode="after")
    def _stages_known(self) -> StudyConfig:
        for stage in self.stages:
            _bearable(stage)
        for origin, stage in self.stage_aliases.items():
            _known_stage(stage, self.stages, f"stage_aliases.{origin}")
        for reason, meaning in self.reasons.items():
            if meaning.stage is not None:
                _known_stage(meaning.stage, self.stages, f"reasons.{reason}.stage")
        for stage in self.journey.own_scores:
            _known_stage(stage, self.stages, "journey.own_scores")
        if self.tables.surveys is not None:
            for name, item in self.tables.surveys.items.items():
                if item.stage is not None:
                    _known_stage(item.stage, self.stages, f"tables.surveys.items.{name}.stage")
        if self.tables.journeys is not None:
            for event in self.tables.journeys.events:
                _known_stage(event.stage, self.stages, f"tables.journeys.events.{event.touchpoint}")
        return self


def bearable_stage(stage: str) -> str:
    """A stage as it can be called: without full stops and quotation marks.

    Stages become columns, and the engine takes what stands before a full stop for a table.
    """
    return " ".join(stage.replace(".", " ").replace('"', " ").split())


def _bearable(stage: str) -> None:
    plain = bearable_stage(stage)
    if plain != " ".join(stage.split()):
        raise ValueError(
            f"stages: {stage!r} has a full stop or a quotation mark, which a stage cannot have. "
            f"Call it {plain!r}, and under stage_aliases say what the data call it: "
            f"'{stage}' = {plain!r}."
        )


def _known_stage(stage: str, stages: tuple[str, ...], where: str) -> None:
    if stage not in stages:
        raise ValueError(f"{where}: no stage {stage!r}.{closest(stage, stages)}")


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
    return _validated(content, str(path))


def change_config(config: StudyConfig, settings: str) -> StudyConfig:
    """The settings of a study with some in place of its own, for one view or report.

    Parameters
    ----------
    settings
        TOML as in the study file: ``service.channels = ["phone"]``. Sections service, metrics
        and model can be changed, and which survey items are service:
        ``tables.surveys.items.staff.service = true``. Lists are replaced, not added to. The
        smallest base and what is fixed before looking (margin, seed, robustness of the model)
        stay as they are.

    Raises
    ------
    StudyError
        When the text is not TOML, names another section or what stays as it is, or a key or
        value does not fit.
    """
    try:
        changes = tomllib.loads(settings)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"settings: not valid TOML: {error}") from error
    for section, keys in changes.items():
        if section not in (*CHANGEABLE, "tables"):
            raise StudyError(
                f"settings: {section!r} cannot be changed for one view or report."
                f"{closest(section, CHANGEABLE)} Change the study file itself."
            )
        if section == "tables":
            _check_items(config, keys)
    for place, _ in _flat(changes):
        if place in FIXED:
            raise StudyError(
                f"settings: {'.'.join(place)!r} cannot be changed for one view or report. "
                f"{FIXED[place]}"
            )
    return _validated(_merged(config.model_dump(exclude_unset=True), changes), "settings")


def moved_settings(before: StudyConfig, after: StudyConfig) -> tuple[str, ...]:
    """Definitions that `change_config` gave another value, by dotted key: "model.outcome".

    Draws behind an interval are none: more of them ask the same question.
    """
    parts = dict.fromkeys(CHANGEABLE, True) | {"tables": {"surveys": {"items"}}}
    had, has = (dict(_flat(config.model_dump(include=parts))) for config in (before, after))
    places = sorted((had.keys() | has.keys()) - {DRAWS})
    return tuple(".".join(place) for place in places if had.get(place) != has.get(place))


def _check_items(config: StudyConfig, tables: Any) -> None:
    """Refuse all of the tables but which known survey items are service."""
    surveys = config.tables.surveys
    known = surveys.items if surveys is not None else {}
    for place, _ in _flat(tables):
        match place:
            case ("surveys", "items", name, "service") if name in known:
                pass
            case ("surveys", "items", name, "service"):
                raise StudyError(f"settings: no survey item {name!r}.{closest(name, known)}")
            case _:
                raise StudyError(
                    f"settings: {'.'.join(('tables', *place))!r} cannot be changed for one view or "
                    "report; of tables only tables.surveys.items.NAME.service can. Change the "
                    "study file itself."
                )


def _flat(content: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(content, dict):
        yield place, content
        return
    for name, part in content.items():
        yield from _flat(part, (*place, name))


def _merged(content: Any, changes: Any) -> Any:
    if not (isinstance(content, dict) and isinstance(changes, dict)):
        return changes
    changed = {name: _merged(content.get(name), part) for name, part in changes.items()}
    return {**content, **changed}


def _validated(content: Any, where: str) -> StudyConfig:
    try:
        return StudyConfig.model_validate(content)
    except ValidationError as error:
        problems = "\n".join(f"  {_describe(problem)}" for problem in error.errors())
        raise StudyError(f"{where}: {error.error_count()} problem(s)\n{problems}") from error


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
