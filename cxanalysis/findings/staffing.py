"""Was somebody in: attempts that went unanswered, by weekday and hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from cxanalysis.findings.core import (
    CONF_LEVEL,
    UNKNOWN,
    Estimate,
    Finding,
    estimate_of,
    period_title,
)
from cxanalysis.metrics.staffing import (
    above_the_rest,
    outside_hours,
    unanswered,
    unanswered_by_hour,
)
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

    @property
    def n_unanswered(self) -> int:
        """How many of the attempts; of a block that is shown."""
        return round(self.unanswered.value * self.n)


@dataclass(frozen=True)
class StaffingFinding(Finding):
    """Unanswered attempts by block of ``width`` hours, the narrowest that can be shown.

    ``worst`` is the block with the highest share of those above the rest of the week beyond
    chance, with every block shown compared, and ``n_above`` how many are; ``inside`` and
    ``outside`` are of opening hours.
    """

    kind: ClassVar[str] = "staffing"

    period: str
    min_base: int
    n: int = 0
    width: int = 1
    unanswered: Estimate = UNKNOWN
    blocks: tuple[Block, ...] = ()
    worst: Block | None = None
    n_above: int = 0
    n_inside: int = 0
    inside: Estimate = UNKNOWN
    n_outside: int = 0
    outside: Estimate = UNKNOWN

    @property
    def shown(self) -> tuple[Block, ...]:
        """Blocks with enough attempts."""
        return tuple(block for block in self.blocks if block.unanswered.known)

    @property
    def most(self) -> Block | None:
        """The block shown with the most unanswered attempts."""
        return max(self.shown, key=lambda block: block.n_unanswered, default=None)


def find_staffing(study: Study) -> StaffingFinding:
    """Which hours of the week left attempts unanswered in the study's period."""
    period, min_base = period_title(study.period), study.config.metrics.min_base
    width, table = _narrowest(study)
    if table.empty:
        return StaffingFinding(period, min_base)
    blocks = tuple(
        Block(row["weekday"], row["hour"], row["n"], estimate_of(row))
        for row in table.to_dict("records")
    )
    week = _whole_week(study)
    n = int(table["n"].sum())
    above = _above(blocks, week, n)
    parts = {bool(row["open"]): row for row in outside_hours(study).to_dict("records")}
    return StaffingFinding(
        period=period,
        min_base=min_base,
        n=n,
        width=width,
        unanswered=week,
        blocks=blocks,
        worst=above[0] if above else None,
        n_above=len(above),
        n_inside=parts[True]["n"] if True in parts else 0,
        inside=estimate_of(parts[True]) if True in parts else UNKNOWN,
        n_outside=parts[False]["n"] if False in parts else 0,
        outside=estimate_of(parts[False]) if False in parts else UNKNOWN,
    )


def _above(blocks: tuple[Block, ...], week: Estimate, n: int) -> list[Block]:
    """Blocks clearly above the rest of the week, the highest share first."""
    shown = [block for block in blocks if block.unanswered.known]
    if not shown:
        return []
    hits, sizes = [block.n_unanswered for block in shown], [block.n for block in shown]
    p_values = above_the_rest(hits, sizes, round(week.value * n), n)
    above = [block for block, p in zip(shown, p_values, strict=True) if p < (1 - CONF_LEVEL) / 2]
    return sorted(above, key=lambda block: -block.unanswered.value)


def _narrowest(study: Study) -> tuple[int, pd.DataFrame]:
    """The table in the narrowest blocks of which most attempts can be shown."""
    for width in WIDTHS:
        table = unanswered_by_hour(study, width)
        shown = table.loc[table["value"].notna(), "n"].sum()
        if table.empty or shown >= ENOUGH * table["n"].sum():
            break
    return width, table


def _whole_week(study: Study) -> Estimate:
    return estimate_of(unanswered(study).to_dict("records")[0])
