"""Promises: how many were kept, how late the others were, and who asked in the meantime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, nan
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.chases import CHASE_DAYS
from cxanalysis.metrics.delays import delay_curve
from cxanalysis.metrics.intervals import Interval, difference_interval
from cxanalysis.metrics.promises import late_promises, promise_metrics
from cxanalysis.study import Study

NEEDS = "needs "
MOST_KINDS = 8  # touchpoints in the table, those with most promises
SETTLED = 0.99  # the curve ends where hardly a promise is left
SHORTEST, LONGEST = 7, 90  # days that the curve covers
DAY_HOURS = 24.0
EXPLAINED = (
    "promises_kept",
    "late_hours",
    "contact_after_late",
    "chased_in_time",
    "chase_contacts",
    "rework_ratio",
)
"""Figures whose definition stands under the section; the others say themselves what they are."""


@dataclass(frozen=True)
class Kind:
    """Promises of one touchpoint: how many fell due, the share kept and the median time late."""

    touchpoint: str
    n: int
    kept: Estimate
    n_late: int = 0
    late_hours: Estimate = UNKNOWN


@dataclass(frozen=True)
class Curve:
    """Share fulfilled by so many whole days after the promised moment.

    ``fulfilled``, ``low`` and ``high`` hold from day 0 on; ``still_open`` are the days after
    which promises were still open when the data ended, each once.
    """

    fulfilled: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    still_open: tuple[float, ...] = ()


@dataclass(frozen=True)
class PromisesFinding(Finding):
    """What became of the promises that fell due in the period.

    Parameters
    ----------
    gap
        What the study would need to tell; empty where it can be told.
    n_due, kept
        Promises that fell due, and the share fulfilled by the first moment promised.
    kept_latest
        The share by the latest moment promised; unknown where new dates are not recorded.
    repromised, moved
        The share given a later moment, and a remark by how much.
    n_late, late_hours, late_hours_p90
        Promises not kept, and the time late by which half and nine in ten were fulfilled.
    n_open
        Of these, still open when the data end.
    after_late, after_kept, n_after_late, n_after_kept, difference
        Shares whose customer made contact within ``chase_days`` after the promised moment, after
        promises not kept and kept, and the difference of both.
    n_chased, in_time, has_deadline
        Late promises with a contact while they were late, and the share answered before the
        customer's deadline, or else before the promise was fulfilled.
    n_contacts, chasing
        Contacts of known customers, and the share made while something of theirs was late.
    rework, rework_text
        What it took ÷ what was planned, and both sums: "7 for 4".
    kinds
        By touchpoint, most promises first; those below ``min_base`` left out.
    """

    kind: ClassVar[str] = "promises"

    period: str
    min_base: int
    gap: str = ""
    n_due: int = 0
    kept: Estimate = UNKNOWN
    kept_latest: Estimate = UNKNOWN
    repromised: Estimate = UNKNOWN
    moved: str = ""
    n_late: int = 0
    late_hours: Estimate = UNKNOWN
    late_hours_p90: Estimate = UNKNOWN
    n_open: int = 0
    chase_days: int = CHASE_DAYS
    n_after_late: int = 0
    after_late: Estimate = UNKNOWN
    n_after_kept: int = 0
    after_kept: Estimate = UNKNOWN
    difference: Estimate = UNKNOWN
    n_chased: int = 0
    in_time: Estimate = UNKNOWN
    has_deadline: bool = False
    n_contacts: int = 0
    chasing: Estimate = UNKNOWN
    n_rework: int = 0
    rework: Estimate = UNKNOWN
    rework_text: str = ""
    kinds: tuple[Kind, ...] = ()
    curve: Curve | None = None
    definitions: tuple[tuple[str, str], ...] = ()


def find_promises(study: Study) -> PromisesFinding:
    """What became of the promises that fell due in the study's period."""
    table = promise_metrics(study)
    rows = table.set_index("metric").to_dict("index")
    kept = rows["promises_kept"]
    start: dict[str, Any] = {
        "period": period_title(study.period),
        "min_base": study.config.metrics.min_base,
    }
    rework: dict[str, Any] = {
        "n_rework": rows["rework_ratio"]["n"],
        "rework": _estimate(rows["rework_ratio"]),
        "rework_text": rows["rework_ratio"]["note"],
    }
    if kept["note"].startswith(NEEDS):
        return PromisesFinding(**start, gap=kept["note"].removeprefix(NEEDS), **rework)
    promises = late_promises(study)
    return PromisesFinding(
        **start,
        n_due=kept["n"],
        kept=_estimate(kept),
        kept_latest=_estimate(rows["promises_kept_latest"]),
        repromised=_estimate(rows["repromised"]),
        moved=rows["repromised"]["note"] if rows["repromised"]["value"] > 0 else "",
        n_late=rows["late_hours"]["n"],
        late_hours=_estimate(rows["late_hours"]),
        late_hours_p90=_estimate(rows["late_hours_p90"]),
        n_open=int(promises["censored"].sum()),
        **_contacts(rows),
        has_deadline=study.has("journeys", "deadline_at"),
        **rework,
        kinds=_kinds(study),
        curve=_curve(promises) if _estimate(kept).known else None,
        definitions=tuple(
            (str(row["label"]), str(row["definition"]))
            for row in table.to_dict("records")
            if row["metric"] in EXPLAINED and _estimate(row).known
        ),
    )


def _contacts(rows: Mapping[Any, Mapping[Any, Any]]) -> dict[str, Any]:
    late, kept = rows["contact_after_late"], rows["contact_after_kept"]
    difference = UNKNOWN
    if _estimate(late).known and _estimate(kept).known:
        low, high = difference_interval(
            late["value"],
            Interval(late["conf_low"], late["conf_high"]),
            kept["value"],
            Interval(kept["conf_low"], kept["conf_high"]),
        )
        difference = Estimate(late["value"] - kept["value"], low, high)
    return {
        "n_after_late": late["n"],
        "after_late": _estimate(late),
        "n_after_kept": kept["n"],
        "after_kept": _estimate(kept),
        "difference": difference,
        "n_chased": rows["chased_in_time"]["n"],
        "in_time": _estimate(rows["chased_in_time"]),
        "n_contacts": rows["chase_contacts"]["n"],
        "chasing": _estimate(rows["chase_contacts"]),
    }


def _kinds(study: Study) -> tuple[Kind, ...]:
    if not study.has("journeys", "touchpoint"):
        return ()
    table = promise_metrics(study, "touchpoint")
    kinds = []
    for touchpoint, rows in table.groupby("touchpoint"):
        figures = rows.set_index("metric").to_dict("index")
        kept, late = figures.get("promises_kept"), figures.get("late_hours")
        if kept is None or late is None or not _estimate(kept).known:
            continue
        kinds.append(Kind(str(touchpoint), kept["n"], _estimate(kept), late["n"], _estimate(late)))
    return tuple(sorted(kinds, key=lambda kind: -kind.n)[:MOST_KINDS])


def _curve(promises: pd.DataFrame) -> Curve:
    """The curve by whole days, until hardly a promise is left or the days run out."""
    due = promises[promises["_due"] == 1]
    days = due["hours_late"].to_numpy(float) / DAY_HOURS
    estimate = delay_curve(days, due["state"].to_numpy("int64"))
    reached = estimate.times[estimate.fulfilled >= SETTLED]
    end = reached[0] if len(reached) else days.max()
    last = min(max(ceil(end), SHORTEST), LONGEST)
    grid = np.arange(last + 1, dtype=float)
    fulfilled, low, high = (tuple(part.tolist()) for part in estimate.at(grid))
    still_open = days[due["censored"].to_numpy(bool)]
    shown = np.unique(np.round(still_open[still_open <= last], 1))
    return Curve(fulfilled, low, high, tuple(shown.tolist()))


def _estimate(row: Mapping[Any, Any] | None) -> Estimate:
    if row is None:
        return Estimate(nan)
    return Estimate(row["value"], row["conf_low"], row["conf_high"])
