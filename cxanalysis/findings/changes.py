"""What changed since the period before, in service or along the journey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from cxanalysis.findings.core import Finding, period_title
from cxanalysis.findings.scorecard import NEEDS, Figure, Missing, Mix, figure_of
from cxanalysis.metrics.changes import (
    WATCHED,
    earlier_journey,
    earlier_service,
    journey_changes,
    service_changes,
)
from cxanalysis.metrics.control import LEAST_RANGES
from cxanalysis.metrics.history import earlier_periods, values_of
from cxanalysis.study import Study

Side = Literal["service", "journey"]
Titles = tuple[str, ...]
History = tuple[tuple[str, tuple[float, ...]], ...]
LEAST_POINTS = 3  # fewer earlier periods make no line worth drawing


@dataclass(frozen=True)
class ChangesFinding(Finding):
    """The figures of a side of the business beside those of the period before.

    The fields are those of `ScorecardFinding`; ``mixes`` is always empty. ``before`` holds the
    titles of the earlier periods, oldest first, and ``history`` by metric the values in them,
    NaN for none; both are empty with fewer than ``LEAST_POINTS`` of them.
    """

    kind: ClassVar[str] = "changes"

    side: Side
    period: str
    period_before: str
    min_base: int
    figures: tuple[Figure, ...] = ()
    withheld: tuple[Figure, ...] = ()
    missing: tuple[Missing, ...] = ()
    every: str = ""
    periods_needed: int = LEAST_RANGES + 1
    mixes: tuple[Mix, ...] = ()
    before: Titles = ()
    history: History = ()


def find_changes(study: Study, side: Side) -> ChangesFinding:
    """What changed since the period before.

    Parameters
    ----------
    side
        "service" for figures of contacts, "journey" for ratings by stage and promises.
    """
    table = service_changes(study) if side == "service" else journey_changes(study)
    before, history = _history(study, side)
    place = {metric: number for number, metric in enumerate(WATCHED)}
    rows = sorted(table.to_dict("records"), key=lambda row: place.get(row["metric"], 0))
    absent = [row for row in rows if row["note"].startswith(NEEDS)]
    figures = [figure_of(row, True) for row in rows if row not in absent and row["n"]]
    return ChangesFinding(
        side=side,
        period=period_title(study.period),
        period_before=period_title(study.period.previous()) if study.period else "",
        min_base=study.config.metrics.min_base,
        figures=tuple(figure for figure in figures if figure.now.known),
        withheld=tuple(figure for figure in figures if not figure.now.known),
        missing=tuple(Missing(row["label"], row["note"].removeprefix(NEEDS)) for row in absent),
        every=study.period.kind if study.period else "",
        before=before,
        history=history,
    )


def _history(study: Study, side: Side) -> tuple[Titles, History]:
    """What the figures were in earlier periods, from the first that has any of them."""
    earlier = earlier_service(study) if side == "service" else earlier_journey(study)
    if earlier.empty:
        return (), ()
    metrics = list(dict.fromkeys(earlier["metric"]))
    values = np.array([values_of(earlier, metric) for metric in metrics])
    first = int((~np.isnan(values)).any(axis=0).argmax())
    titles = [period_title(period) for period in earlier_periods(study)][first:]
    if len(titles) < LEAST_POINTS:
        return (), ()
    rows = zip(metrics, values[:, first:].tolist(), strict=True)
    return tuple(titles), tuple((metric, tuple(row)) for metric, row in rows)
