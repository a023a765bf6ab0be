"""Figures of the periods before the one reported, all from one pass over each table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.metrics.experience import experience_metrics
from cxanalysis.metrics.figures import tidy
from cxanalysis.metrics.journey import journey_metrics
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.service_handling import counted_contacts
from cxanalysis.periods import Period
from cxanalysis.study import Study

# What was usual longer ago is not usual now; with so many ranges limits hardly move any more.
EARLIER = 24
PLACE = "earlier_period"
# Those of the service figures that stand on a scorecard; a service report shows all.
SERVICE = (
    "first_contact_resolution",
    "handle_time",
    "first_reply",
    "abandonment",
    "contact_csat",
    "sla_met",
    "reopened",
)
RETURNED = "response_rate"  # of invitations sent in the period, the one figure by that clock


def earlier_periods(study: Study) -> tuple[Period, ...]:
    """The periods of the same kind before the study's, oldest first; none for all dates."""
    periods: list[Period] = []
    period = study.period
    while period is not None and len(periods) < EARLIER:
        period = period.previous()
        periods.append(period)
    return tuple(reversed(periods))


def earlier_figures(
    study: Study, tables: tuple[str, ...] = ("surveys", "tickets", "journeys")
) -> pd.DataFrame:
    """Every figure of the earlier periods, with their places from 1 (oldest) on.

    Parameters
    ----------
    tables
        Which tables' figures are wanted.

    Returns
    -------
    DataFrame
        earlier_period (1 to 24, where 24 is the period just before), then the tidy columns of
        `service_metrics`. Periods without a row have none here.
    """
    frames = [
        study.once(earlier_of, table, clock, figures)
        for table, clock, figures in _SOURCES
        if table in tables
    ]
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else _NOTHING


def earlier_of(
    study: Study, table: str, clock: str, figures: Callable[[Study], pd.DataFrame]
) -> pd.DataFrame:
    """Figures of one table in the earlier periods, as `earlier_figures` gives them.

    Parameters
    ----------
    table, clock
        The table, and its column of times that says which period a row belongs to.
    figures
        Makes the tidy figures of a study by its column ``earlier_period``.
    """
    periods = earlier_periods(study)
    if not periods or study.period is None or not study.has(table, clock):
        return _NOTHING
    span = replace(study.period, start=periods[0].start, end=study.period.start)
    # The figures that are wanted of contacts come from what each of them counts for.
    held = table == "tickets" and study.holds
    rows = counted_contacts(study) if held else study.tables[table]
    numbered = rows.with_columns(**{PLACE: _place(clock, periods)})
    found = figures(replace(study, tables={**study.tables, table: numbered}, period=span))
    if PLACE not in found:  # a figure that lacks columns
        return _NOTHING
    places = pd.to_numeric(found[PLACE], errors="coerce").fillna(0).astype(int)
    return found.assign(**{PLACE: places})[places > 0].reset_index(drop=True)


def values_of(figures: pd.DataFrame, metric: str) -> NDArray[np.float64]:
    """Values of one figure in the earlier periods, shape (24,), oldest first; NaN for none."""
    chosen = figures[figures["metric"] == metric].set_index(PLACE)["value"]
    return chosen.reindex(range(1, EARLIER + 1)).to_numpy(float)


def _place(clock: str, periods: tuple[Period, ...]) -> nw.Expr:
    """In which of the periods an instant lies: how many of them have begun by then."""
    begun = [(nw.col(clock) >= period.start_us).cast(nw.Int64) for period in periods]
    return nw.sum_horizontal(*begun)  # 0 where the instant is not known


def _answers(study: Study) -> pd.DataFrame:
    figures = experience_metrics(study, PLACE, weighted=False)
    return figures[figures["metric"] != RETURNED]


def _invitations(study: Study) -> pd.DataFrame:
    figures = experience_metrics(study, PLACE, weighted=False)
    return figures[figures["metric"] == RETURNED]


_NOTHING = tidy([], PLACE).astype({PLACE: int})
_SOURCES: tuple[tuple[str, str, Callable[[Study], pd.DataFrame]], ...] = (
    ("surveys", "responded_at", _answers),
    ("surveys", "invited_at", _invitations),
    ("tickets", "opened_at", lambda study: service_metrics(study, PLACE, SERVICE)),
    ("journeys", "promised_at", lambda study: journey_metrics(study, PLACE)),
)
