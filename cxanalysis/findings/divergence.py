"""Served well and still not content: contacts' ratings against the overall score after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.divergence import (
    ALL,
    content_difference,
    divergence,
    divergence_gap,
    divergence_touchpoints,
)
from cxanalysis.metrics.scales import boxes_text, scale_of
from cxanalysis.study import Study

LEVELS = ("touchpoint", "stage", "journey")
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Cell:
    """Answers whose contact and overall score were rated so; shares are unknown where withheld.

    ``share`` is of all such answers, ``within`` of those whose contact was rated alike.
    """

    served_well: bool
    content: bool
    n: int
    share: Estimate = UNKNOWN
    within: Estimate = UNKNOWN


@dataclass(frozen=True)
class Place:
    """A place on the way of those served well: its mean rating by those who are not content.

    ``others`` is that by those who are; ``is_clear`` allows for all places compared (Holm).
    """

    stage: str
    touchpoint: str
    n: int
    rating: float
    n_others: int
    others: float
    difference: Estimate
    is_clear: bool


@dataclass(frozen=True)
class DivergenceFinding(Finding):
    """The four cells, the difference that being served well goes with, and what was on the way.

    ``difference`` is the share not content after a contact rated low, less that after one
    rated high. ``places`` come worst rating first, ``level`` says what they are: "touchpoint",
    "stage" or "journey"; there are none where no place has enough ratings. ``needs`` says why
    there is nothing to show, and is empty otherwise.
    """

    kind: ClassVar[str] = "divergence"

    period: str
    min_base: int
    lookback_days: int = 90
    cells: tuple[Cell, ...] = ()
    difference: Estimate = UNKNOWN
    level: str = ""
    places: tuple[Place, ...] = ()
    contact_best: str = ""
    overall_best: str = ""
    needs: str = ""

    @property
    def n(self) -> int:
        """Answers in all four."""
        return sum(cell.n for cell in self.cells)

    def cell(self, *, served_well: bool, content: bool) -> Cell:
        """One of the four."""
        return next(
            each
            for each in self.cells
            if each.served_well == served_well and each.content == content
        )


def find_divergence(study: Study) -> DivergenceFinding:
    """How ratings of contacts and overall scores part, in the study's period."""
    period, base = period_title(study.period), study.config.metrics.min_base
    days, gap = study.config.model.lookback_days, divergence_gap(study)
    if gap:
        return DivergenceFinding(period, base, days, needs=gap)
    level, places = _places(study)
    difference = content_difference(study)
    return DivergenceFinding(
        period=period,
        min_base=base,
        lookback_days=days,
        cells=tuple(_cell(row) for row in divergence(study).to_dict("records")),
        difference=Estimate(*map(float, difference)),
        level=level,
        places=places,
        contact_best=boxes_text(scale_of(study, "tickets", "csat")),
        overall_best=boxes_text(scale_of(study, "surveys", "overall_satisfaction")),
    )


def _cell(row: Mapping[Any, Any]) -> Cell:
    share, within = (
        Estimate(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in ("share", "within")
    )
    return Cell(row["service"] == "high", row["overall"] == "high", row["n"], share, within)


def _places(study: Study) -> tuple[str, tuple[Place, ...]]:
    """The finest level at which two places have enough ratings, or one at the coarsest."""
    for level in LEVELS:
        rows = divergence_touchpoints(study, level).to_dict("records")
        if len(rows) > 1 or (rows and level == "journey"):
            return level, tuple(_place(row) for row in rows)
    return "", ()


def _place(row: Mapping[Any, Any]) -> Place:
    return Place(
        stage="" if row["stage"] == ALL else row["stage"],
        touchpoint="" if row["touchpoint"] == ALL else row["touchpoint"],
        n=row["n"],
        rating=float(row["rating"]),
        n_others=row["n_others"],
        others=float(row["others"]),
        difference=Estimate(row["difference"], row["conf_low"], row["conf_high"]),
        is_clear=bool(row["p_adjusted"] < SIGNIFICANCE),
    )
