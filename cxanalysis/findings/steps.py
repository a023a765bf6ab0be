"""Where a company stands on the way from knowing its customers to acting on it: five steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxanalysis.findings.core import Finding, period_title
from cxanalysis.metrics.steps import STEPS, five_steps, levels
from cxanalysis.study import Study


@dataclass(frozen=True)
class Check:
    """Something a step rests on, whether it is there, and the figure that shows it."""

    name: str
    met: bool
    value: float
    of: float
    unit: str


@dataclass(frozen=True)
class Step:
    """A step: its level by the data (1 to 5), by the company itself (None: not said), checks."""

    name: str
    level: int
    own: int | None
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class StepsFinding(Finding):
    """The five steps in their order; ``reviewed`` is how often, empty where that is not said."""

    kind: ClassVar[str] = "steps"

    period: str
    steps: tuple[Step, ...]
    reviewed: str = ""
    currency: str = ""


def find_steps(study: Study) -> StepsFinding:
    """What the study's data and settings show of each of five steps."""
    table = five_steps(study)
    level, own = levels(table), study.config.assessment
    return StepsFinding(
        period=period_title(study.period),
        steps=tuple(
            Step(
                step,
                level[step],
                getattr(own, step),
                tuple(
                    Check(row["check"], bool(row["met"]), row["value"], row["of"], row["unit"])
                    for row in table[table["step"] == step].to_dict("records")
                ),
            )
            for step in STEPS
        ),
        reviewed=own.reviewed or "",
        currency=study.config.metrics.currency,
    )
