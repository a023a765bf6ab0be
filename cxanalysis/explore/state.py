"""What the controls say, and the study that they ask for: frozen values and pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cxanalysis.config import StudyConfig
from cxanalysis.study import Study

EVERYONE = "everyone"
TICKETS = "tickets"
"""What is service whatever else is named: attempts to contact the company."""


@dataclass(frozen=True, order=True)
class Mark:
    """One thing that may count as service: a channel, a touchpoint or a survey item."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


@dataclass(frozen=True)
class Definition:
    """One way of counting: what it says, and the settings that it takes, as TOML."""

    text: str
    settings: str = ""


@dataclass(frozen=True)
class State:
    """One view of a study, as its controls say.

    ``segment`` is "column=value", empty for everyone; ``service`` is what counts as service
    besides the tickets; ``outcome`` is what the view is about.
    """

    segment: str
    period: str
    outcome: str
    service: tuple[Mark, ...] = ()
    definition: Definition = Definition("")

    def __str__(self) -> str:
        service = ", ".join([TICKETS, *map(str, self.service)])
        parts = {
            "segment": self.segment or EVERYONE,
            "period": self.period,
            "outcome": self.outcome,
            "service": service,
            "definition": self.definition.text,
        }
        return " ".join(f"{name}={value}" for name, value in parts.items() if value)


def narrowed(study: Study, state: State, settings: str = "") -> Study:
    """The study as a state asks for it.

    Parameters
    ----------
    study
        As it was opened: of everyone, by the definitions of its file.
    settings
        As `changes_of` gives them, and further ones.

    Raises
    ------
    CxError
        Where the study cannot be narrowed so.
    """
    asked = study.under(settings).during(state.period)
    return asked.among(state.segment) if state.segment else asked


def changes_of(config: StudyConfig, state: State, *, outcome: bool = True) -> str:
    """What a state counts otherwise than the study file does, as `Study.under` takes it.

    ``outcome`` is whether the state's is that of the model.
    """
    lines = [*_service(config, state.service), *filter(None, [state.definition.settings])]
    if outcome and state.outcome != config.model.outcome:
        lines.insert(0, f"model.outcome = {json.dumps(state.outcome, ensure_ascii=False)}")
    return "\n".join(lines)


def service_marks(config: StudyConfig) -> tuple[Mark, ...]:
    """What the study file counts as service besides the tickets."""
    items = config.tables.surveys.items if config.tables.surveys is not None else {}
    return (
        *(Mark("channel", name) for name in config.service.channels),
        *(Mark("touchpoint", name) for name in config.service.touchpoints),
        *(Mark("survey item", name) for name, item in items.items() if item.service),
    )


def _service(config: StudyConfig, marks: Sequence[Mark]) -> Iterator[str]:
    for kind, now in (
        ("channel", config.service.channels),
        ("touchpoint", config.service.touchpoints),
    ):
        names = [mark.name for mark in marks if mark.kind == kind]
        if set(names) != set(now):
            yield f"service.{kind}s = {json.dumps(names, ensure_ascii=False)}"
    items = config.tables.surveys.items if config.tables.surveys is not None else {}
    for name, item in items.items():
        if item.service != (Mark("survey item", name) in marks):
            key = json.dumps(name, ensure_ascii=False)
            yield f"tables.surveys.items.{key}.service = {str(not item.service).lower()}"
