"""Feedback: where customers are asked, what becomes of what they say, how hard complaining is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.feedback import STEPS, complaint_metrics, feedback_loop
from cxanalysis.metrics.listening import feedback_coverage
from cxanalysis.study import Study

NEEDS = "needs "


@dataclass(frozen=True)
class Cell:
    """One touchpoint of the coverage map; ``coverage`` is unknown where withheld."""

    stage: str
    touchpoint: str
    touches: int
    rated: int
    coverage: Estimate
    is_deaf: bool = False


@dataclass(frozen=True)
class Step:
    """One figure of the loop or of complaining; ``needs`` says what would give it."""

    metric: str
    label: str
    unit: str
    n: int = 0
    figure: Estimate = UNKNOWN
    needs: str = ""
    definition: str = ""


@dataclass(frozen=True)
class FeedbackFinding(Finding):
    """Where customers are heard and what becomes of it.

    Parameters
    ----------
    touches, rated
        All touches of the period, contacts with service among them, and those rated.
    service_touches, service_rated
        Of these, at service.
    cells
        Every touchpoint, stages in the study's order, contacts last.
    loop, complaints
        What follows feedback, and what complaining takes.
    """

    kind: ClassVar[str] = "feedback"

    period: str
    min_base: int
    touches: int = 0
    rated: int = 0
    service_touches: int = 0
    service_rated: int = 0
    cells: tuple[Cell, ...] = ()
    loop: tuple[Step, ...] = ()
    complaints: tuple[Step, ...] = ()

    @property
    def deaf(self) -> tuple[Cell, ...]:
        """Touchpoints with touches enough, none of them rated; most touches first."""
        return tuple(sorted((c for c in self.cells if c.is_deaf), key=lambda c: -c.touches))

    @property
    def coverage(self) -> float:
        """Rated ÷ touches, all together; 0 without a touch."""
        return self.rated / self.touches if self.touches else 0.0

    @property
    def service_share(self) -> tuple[float, float]:
        """Service's share of the touches and of the ratings; 0 where there are none."""
        return (
            self.service_touches / self.touches if self.touches else 0.0,
            self.service_rated / self.rated if self.rated else 0.0,
        )


def find_feedback(study: Study) -> FeedbackFinding:
    """Where customers were heard in the study's period, and what became of it."""
    table = study.once(feedback_coverage)
    service = table[table["is_service"].astype(bool)]
    return FeedbackFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        touches=int(table["touches"].sum()),
        rated=int(table["rated"].sum()),
        service_touches=int(service["touches"].sum()),
        service_rated=int(service["rated"].sum()),
        cells=tuple(_cell(row) for row in table.to_dict("records")),
        loop=_steps(study.once(feedback_loop)),
        complaints=_steps(study.once(complaint_metrics)),
    )


def _cell(row: Mapping[Any, Any]) -> Cell:
    return Cell(
        str(row["stage"]),
        str(row["touchpoint"]),
        int(row["touches"]),
        int(row["rated"]),
        Estimate(row["coverage"], row["conf_low"], row["conf_high"]),
        bool(row["is_deaf"]),
    )


def _steps(table: pd.DataFrame) -> tuple[Step, ...]:
    return tuple(
        Step(
            str(row["metric"]),
            str(row["label"]),
            str(row["unit"]),
            int(row["n"]),
            Estimate(row["value"], row["conf_low"], row["conf_high"]),
            row["note"].removeprefix(NEEDS) if row["note"].startswith(NEEDS) else "",
            str(row["definition"]),
        )
        for row in table.to_dict("records")
    )


LOOP = tuple(STEPS)
