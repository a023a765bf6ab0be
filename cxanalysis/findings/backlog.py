"""What was still open at the ends of periods, and how old it was."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import ClassVar

from cxanalysis.findings.core import Finding, period_title
from cxanalysis.metrics.backlog import backlog
from cxanalysis.study import Study


@dataclass(frozen=True)
class Point:
    """Contacts open at the end of a period, with the median and 90th percentile of their age."""

    period: str
    open: int
    age_p50: float = nan
    age_p90: float = nan


@dataclass(frozen=True)
class BacklogFinding(Finding):
    """Contacts open at the ends of periods, oldest first; ages are in days."""

    kind: ClassVar[str] = "backlog"

    period: str
    min_base: int
    points: tuple[Point, ...] = ()


def find_backlog(study: Study) -> BacklogFinding:
    """The contacts still open at the end of the study's period and of those before."""
    rows = backlog(study).to_dict("records")
    points = [Point(row["period"], row["open"], row["age_p50"], row["age_p90"]) for row in rows]
    return BacklogFinding(period_title(study.period), study.config.metrics.min_base, tuple(points))
