"""Was somebody in: attempts that went unanswered, by weekday and hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.staffing import outside_hours, unanswered, unanswered_by_hour
from cxanalysis.study import Study

WIDTHS = (1, 2, 3, 4, 6, 12)  # hours
ENOUGH = 0.75  # of the attempts in blocks that may be shown


@dataclass(frozen=True)
class Block:
    """Attempts of some hours of a weekday (0 is Monday); unknown where too few to show."""

    weekday: int
    hour: int
    n: int
    unanswered: Estimate


@dataclass(frozen=True)
class StaffingFinding(Finding):
    """Unanswered attempts by block of ``width`` hours, the narrowest that can be shown.

    ``worst`` is the block with the highest share, where its interval lies above the share of
    all attempts; ``inside`` and ``outside`` are of opening hours.
    """

    kind: ClassVar[str] = "staffing"

    period: str
    min_base: int
    n: int = 0
    width: int = 1
    unanswered: Estimate = UNKNOWN
    blocks: tuple[Block, ...] = ()
    worst: Block | None = None
    n_inside: int = 0
    inside: Estimate = UNKNOWN
    n_outside: int = 0
    outside: Estimate = UNKNOWN

    @property
    def shown(self) -> tuple[Block, ...]:
        """Blocks with enough attempts."""
        return tuple(block for block in self.blocks if block.unanswered.known)


def find_staffing(study: Study) -> StaffingFinding:
    """Which hours of the week left attempts unanswered in the study's period."""
    period, min_base = period_title(study.period), study.config.metrics.min_base
    width, table = _narrowest(study)
    if table.empty:
        return StaffingFinding(period, min_base)
    blocks = tuple(
        Block(row["weekday"], row["hour"], row["n"], _estimate(row))
        for row in table.to_dict("records")
    )
    week = _whole_week(study)
    shown = [block for block in blocks if block.unanswered.known]
    top = max(shown, key=lambda block: block.unanswered.value, default=None)
    clear = top is not None and top.unanswered.low > week.value
    parts = {bool(row["open"]): row for row in outside_hours(study).to_dict("records")}
    return StaffingFinding(
        period=period,
        min_base=min_base,
        n=int(table["n"].sum()),
        width=width,
        unanswered=week,
        blocks=blocks,
        worst=top if clear else None,
        n_inside=parts[True]["n"] if True in parts else 0,
        inside=_estimate(parts[True]) if True in parts else UNKNOWN,
        n_outside=parts[False]["n"] if False in parts else 0,
        outside=_estimate(parts[False]) if False in parts else UNKNOWN,
    )


def _narrowest(study: Study) -> tuple[int, pd.DataFrame]:
    """The table in the narrowest blocks of which most attempts can be shown."""
    for width in WIDTHS:
        table = unanswered_by_hour(study, width)
        shown = table.loc[table["value"].notna(), "n"].sum()
        if table.empty or shown >= ENOUGH * table["n"].sum():
            break
    return width, table


def _whole_week(study: Study) -> Estimate:
    return _estimate(unanswered(study).to_dict("records")[0])


def _estimate(row: Mapping[Any, Any]) -> Estimate:
    return Estimate(row["value"], row["conf_low"], row["conf_high"])
