"""Promises against the first moment promised: kept or late, how late, moved, asked after."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics.chases import (
    add_chases,
    chase_definitions,
    chased_figures,
    chasing_contacts,
    contact_gap,
)
from cxanalysis.metrics.delays import CANCELLED, FULFILLED, OPEN, late_quantile
from cxanalysis.metrics.figures import Definition, Figure, left_out, notes, share, tidy, tidy_row
from cxanalysis.metrics.journey import journey_metrics
from cxanalysis.metrics.kept import OUTCOME, add_outcome, last_seen, promise_gap
from cxanalysis.metrics.plans import plan_metrics
from cxanalysis.metrics.rows import EVERYONE, GROUP, HOUR_US, during, grouped, of_segment
from cxanalysis.study import Study

_SHOWN = (
    "event_id",
    "customer_id",
    "stage",
    "touchpoint",
    "promised_at",
    "repromised_at",
    "deadline_at",
    "fulfilled_at",
    "cancelled_at",
)
_LATE = Definition(
    "late_hours",
    "Time late",
    "hours",
    "median time from the first promised moment to fulfilment, of promises not kept; open ones "
    "count as waiting until the end of the data (Kaplan–Meier; Aalen–Johansen where some were "
    "called off)",
)
_DEFINITIONS = (
    Definition(
        "promises_kept_latest",
        "Kept, by the latest date",
        "share",
        "fulfilled by the latest promised moment ÷ the same promises: what the share kept would "
        "be if every new date counted instead of the first",
        ("repromised_at",),
    ),
    Definition(
        "promises_open",
        "Open and late",
        "share",
        "promises still open at the end of the data ÷ promises due in the period",
    ),
    Definition(
        "repromised",
        "Promised anew",
        "share",
        "promises given a later moment than the first ÷ promises due in the period",
        ("repromised_at",),
    ),
    _LATE,
    Definition(
        "late_hours_p90",
        "Time late, worst tenth",
        "hours",
        "time by which nine in ten promises not kept were fulfilled, as the median",
    ),
)


def promise_metrics(study: Study, by: str | None = None) -> pd.DataFrame:
    """What became of the promises that fell due in the study's period, by ``promised_at``.

    Every promise is held against the first moment promised. One that is still open counts as
    late from then on and is censored where times are given: it is known to have taken at least
    until the end of the journeys.

    Parameters
    ----------
    by
        A column of the journeys, or of the customers, to give the figures for each of its
        values. Contacts made while a promise was late are given only by a column of the
        tickets or customers.

    Returns
    -------
    DataFrame
        As `service_metrics`: promises_kept, promises_kept_latest, promises_open, repromised,
        late_hours and late_hours_p90 (of those not kept), contact_after_late,
        contact_after_kept, chased_in_time, chase_contacts, and rework_ratio, which goes by
        ``occurred_at`` (see `plan_metrics`).

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    kept = journey_metrics(study, by)
    definitions = (*_DEFINITIONS, *chase_definitions(study))
    min_base, gap = study.config.metrics.min_base, promise_gap(study)
    if gap:
        rows = [tidy_row(each, Figure(note=gap), min_base) for each in definitions]
    else:
        rows = list(_rows(study, by, definitions))
    rows += chasing_contacts(study, by)
    parts = [kept, tidy(rows, by if rows and by in rows[0] else None)]
    parts.append(plan_metrics(study, by, ("rework_ratio",)))
    found = pd.concat(parts, ignore_index=True)
    return found if by is None or by not in found else _by_group(found, by)


def promise_rows(study: Study) -> pd.DataFrame:
    """The promises behind `promise_metrics`, one row each, those not yet due among them.

    Returns
    -------
    DataFrame
        What the journeys hold of event_id, customer_id, stage, touchpoint and the promise's
        moments; status ("kept", "late", "late and called off", "open", "not yet due" or
        "called off"); hours_late from the first promised moment (0 when kept, up to the end of
        the data while open, NaN where it was never due); censored (True while open and late);
        moved_hours, by how much the latest promised moment lies after the first; and, where
        contacts are known, chased and answered_in_time (see ``chase_definitions``).

    Raises
    ------
    ReportError
        When the journeys cannot tell promises.
    """
    gap = promise_gap(study)
    if gap:
        raise ReportError(f"There are no promises to list: that {gap}. Map it in the study file.")
    found = late_promises(study)
    names = [name for name in _SHOWN if name in found]
    shown = [*names, "status", "hours_late", "censored", "moved_hours"]
    if "_chased" in found:
        marks = {"chased": found["_chased"] == 1, "answered_in_time": found["_in_time"] == 1}
        found, shown = found.assign(**marks), [*shown, *marks]
    order = [name for name in ("promised_at", "customer_id", "event_id") if name in found]
    return found.sort_values(order, kind="stable")[shown].reset_index(drop=True)


def late_promises(study: Study, by: str | None = None) -> pd.DataFrame:
    """Promises of the period as pandas rows: marks, ``status``, ``hours_late`` and ``state``.

    ``state`` is that of `delay_curve`.
    """
    promises = of_segment(study, "journeys", study.tables["journeys"])
    promises = add_outcome(study, promises.filter(during(study, "promised_at")))
    promises = grouped(study, "journeys", promises, by)
    names = [name for name in _SHOWN if study.has("journeys", name)]
    end = nw.lit(last_seen(study))
    promises = promises.select(
        *names, *OUTCOME, GROUP, "_until", _late_us=_until_or(end) - nw.col("promised_at")
    ).with_row_index("_promise", order_by=["customer_id", *names[:1], "promised_at"])
    if not contact_gap(study):
        promises = add_chases(study, promises)
    return _judged(collect(promises))


def _until_or(end: nw.Expr) -> nw.Expr:
    return nw.when(nw.col("_until").is_null()).then(end).otherwise(nw.col("_until"))


def _judged(found: pd.DataFrame) -> pd.DataFrame:
    due, kept = found["_due"] == 1, found["_kept"] == 1
    fulfilled, waiting = found["fulfilled_at"].notna(), found["_until"].isna()
    choices = [kept, due & fulfilled, due & waiting, due, found["_called_off"] == 1]
    names = ["kept", "late", "open", "late and called off", "called off"]
    late = np.where(due, np.where(kept, 0.0, found["_late_us"] / HOUR_US), np.nan)
    state = np.select([waiting, fulfilled], [OPEN, FULFILLED], CANCELLED)
    moved = pd.Series(np.nan, found.index)
    if "repromised_at" in found:
        moved = (found["repromised_at"] - found["promised_at"]).dt.total_seconds() / 3600
    return found.assign(
        status=np.select(choices, names, "not yet due"),
        hours_late=late,
        state=state,
        censored=due & waiting,
        moved_hours=moved,
    )


def _rows(
    study: Study, by: str | None, definitions: tuple[Definition, ...]
) -> Iterator[dict[str, object]]:
    found = late_promises(study, by)
    groups = found.groupby(GROUP) if len(found) else [(EVERYONE, found)]
    for group, promises in groups:
        figures = _figures(study, promises)
        for each in definitions:
            absent = [name for name in each.needs if not study.has("journeys", name)]
            figure = figures.get(each.metric, Figure(note=contact_gap(study)))
            if absent:
                figure = Figure(note=f"needs journeys.{absent[0]}")
            row = tidy_row(each, figure, study.config.metrics.min_base)
            yield ({by: group} if by else {}) | row


def _figures(study: Study, promises: pd.DataFrame) -> dict[str, Figure]:
    due = promises[promises["_due"] == 1]
    late = due[due["_kept"] == 0]
    n, moved = len(due), due["moved_hours"]
    figures = {
        "promises_open": share(int(late["censored"].sum()), n),
        "repromised": share(int((moved > 0).sum()), n, _moved_text(moved)),
        "late_hours": late_figure(late, 0.5),
        "late_hours_p90": late_figure(late, 0.9),
    }
    if "repromised_at" in due:
        figures["promises_kept_latest"] = _kept_latest(due)
    return figures if contact_gap(study) else figures | chased_figures(study, promises)


def _moved_text(moved: pd.Series) -> str:
    """By how much the new moment lay after the first; empty where none did."""
    later = moved[moved > 0]
    return f"median {later.median() / 24:.3g} days later" if len(later) else ""


def _kept_latest(due: pd.DataFrame) -> Figure:
    latest = due[["promised_at", "repromised_at"]].max(axis=1)
    kept = due["fulfilled_at"] <= latest
    pending = latest > due["promised_at"] + pd.to_timedelta(due["hours_late"], "h")
    pending &= due["censored"]
    text = left_out(int(pending.sum()), "promise", "promises", "whose latest date is still to come")
    return share(int(kept[~pending].sum()), int((~pending).sum()), text)


def late_figure(late: pd.DataFrame, quantile: float) -> Figure:
    """A quantile of the time late, of promises that were not kept."""
    hours: NDArray[np.float64] = late["hours_late"].to_numpy(float)
    states: NDArray[np.int64] = late["state"].to_numpy("int64")
    if len(late) == 0:
        return Figure(note="nothing to count")
    value, (low, high) = late_quantile(hours, states, quantile)
    still = int((states == OPEN).sum())
    reached = "" if not np.isnan(value) else "not reached"
    return Figure(
        value, low, high, len(late), notes(reached, f"{still:,} still open" * (still > 0))
    )


def _by_group(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """The figures of one group together, groups in order of their names."""
    places = {metric: place for place, metric in enumerate(dict.fromkeys(found["metric"]))}
    key = found["metric"].map(places)
    ordered = found.assign(_place=key).sort_values(
        [by, "_place"], kind="stable", na_position="last"
    )
    return ordered.drop(columns="_place").reset_index(drop=True)
