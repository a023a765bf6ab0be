"""The rows behind a figure, in one call: for a notebook, never for a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import narwhals as nw
import pandas as pd

from cxanalysis.config import closest
from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics import service_handling, service_issues
from cxanalysis.metrics.contacts import given_up
from cxanalysis.metrics.feedback import feedback_rows
from cxanalysis.metrics.help_outcomes import Lazy, help_gap, help_visits
from cxanalysis.metrics.journeys.touches import touches
from cxanalysis.metrics.pain import pain_rows
from cxanalysis.metrics.parts import contacts_of
from cxanalysis.metrics.promises import promise_rows
from cxanalysis.metrics.reasons import reasons_gap
from cxanalysis.metrics.recurrence import matured_issues, recurrence_gap
from cxanalysis.metrics.rows import DAY_US, UNKNOWN, counted, lacking
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.service_waiting import queue_columns
from cxanalysis.metrics.since_purchase import after_purchases, purchase_gap
from cxanalysis.study import Study

COUNTS = "counts"
MOST_VALUES = 30  # that an error lists
_MARKS = service_handling.SHARES | {"first_contact_resolution": ("_resolved", "_issues")}


@dataclass(frozen=True)
class Source:
    """Where the rows behind a figure come from, and which columns its values are of."""

    what: str
    rows: Callable[[Study], pd.DataFrame]
    values: tuple[str, ...] = ()


def rows_behind(
    study: Study, figure: str = "", value: str | None = None, column: str = ""
) -> pd.DataFrame:
    """The rows that a figure counts, ids among them: one call from a figure to its cases.

    Rows are those of the study's period and segment, as the figure counts them.

    Parameters
    ----------
    figure
        What to look behind; without it, the list of all there is.
    value
        One value of the figure, such as a reason or a touchpoint; all where left out.
    column
        The column that the value is of, such as "channel", where "unknown" stands for rows
        without one. Where left out, any that the value may be of.

    Returns
    -------
    DataFrame
        One row per contact, touch, issue, promise or answer. For a share of service its
        ``counts`` is 1 where the row is of those that the share counts, so that its mean is the
        share; for handle time ``handle_seconds`` has the figure as its mean. Without a figure:
        figure, rows and value (the columns that a value is of).

    Raises
    ------
    ReportError
        When there is no such figure, value or column, or the study lacks what it needs.

    Examples
    --------
    >>> cx.rows_behind(study)  # doctest: +SKIP
    >>> cx.rows_behind(study, "reason", "fault")  # doctest: +SKIP
    >>> cx.rows_behind(study, "pain", "installation")  # doctest: +SKIP
    """
    if not figure:
        listed = [(name, each.what, " or ".join(each.values)) for name, each in SOURCES.items()]
        return pd.DataFrame(listed, columns=["figure", "rows", "value"])
    source = SOURCES.get(figure)
    if source is None:
        raise ReportError(f"There are no rows for {figure!r}.{closest(figure, SOURCES)}")
    rows = source.rows(study)
    if value is None:
        return rows
    if column and column not in rows:
        known = closest(column, [str(name) for name in rows])
        raise ReportError(f"The rows of {figure!r} have no column {column!r}.{known}")
    if column:
        rows = rows.assign(**{column: rows[column].astype("string").fillna(UNKNOWN)})
    return _chosen(rows, figure, [column] if column else source.values, value)


def _chosen(rows: pd.DataFrame, figure: str, may_hold: Sequence[str], value: str) -> pd.DataFrame:
    """The rows with a value in one of the columns that may hold it."""
    texts = {name: rows[name].astype("string") for name in may_hold if name in rows}
    if not texts:
        raise ReportError(f"The rows of {figure!r} are not told apart by a value: leave it out.")
    matches = pd.DataFrame({name: text == value for name, text in texts.items()})
    hit = matches.fillna(False).any(axis=1).astype(bool)
    if not hit.any():
        found = {str(each) for text in texts.values() for each in text.dropna().unique()}
        known = sorted(found - {""})[:MOST_VALUES]
        raise ReportError(f"{figure!r} has no rows for {value!r}.{closest(value, known)}")
    return rows[hit].reset_index(drop=True)


def _share_of_contacts(study: Study, metric: str) -> pd.DataFrame:
    """Contacts that a share of service is of, with `COUNTS`."""
    (note,) = service_metrics(study, only=[metric])["note"]
    if note.startswith("needs"):
        raise ReportError(f"There are no rows for {metric!r}: that {note}.")
    if metric in _MARKS:
        rows, (hit, base) = service_handling.counted_rows(study), _MARKS[metric]
    elif metric == "repeat_contacts":
        rows = contacts_of(study, None, service_issues.issue_rows(study))
        hit, base = "_repeat", "_seen"
    else:
        failed = nw.col("reason").is_in(list(study.config.metrics.failure_reasons))
        rows = contacts_of(study, None)
        rows = rows.with_columns(_hit=counted(failed), _base=counted(~nw.col("reason").is_null()))
        hit, base = "_hit", "_base"
    return _contacts(study, rows.filter(nw.col(base) == 1).with_columns(counts=nw.col(hit)), COUNTS)


def _timed_contacts(study: Study, metric: str) -> pd.DataFrame:
    """Contacts that a time of service is of."""
    (note,) = service_metrics(study, only=[metric])["note"]
    if note.startswith("needs"):
        raise ReportError(f"There are no rows for {metric!r}: that {note}.")
    if metric == "handle_time":
        rows = service_handling.counted_rows(study).filter(~nw.col("_handle").is_null())
        return _contacts(study, rows.with_columns(handle_seconds="_handle"), "handle_seconds")
    rows = contacts_of(study, None)
    if metric == "speed_of_answer":
        rows = rows.with_columns(**queue_columns(study)).filter(nw.col("_answered") == 1)
    else:
        rows = rows.filter(~given_up(study.columns["tickets"]))
    return _contacts(study, rows)


def _contacts(study: Study, rows: Lazy, *more: str) -> pd.DataFrame:
    """The tickets' own columns of contacts, and a few more, oldest first."""
    own = [name for name in study.tables["tickets"].collect_schema().names() if name not in more]
    return collect(rows.select(*more, *own)).sort_values(
        "opened_at", kind="stable", ignore_index=True
    )


def _contacted(study: Study) -> pd.DataFrame:
    _refuse("contact", lacking(study, "tickets") or "")
    return _contacts(study, contacts_of(study, None))


def _touched(study: Study) -> pd.DataFrame:
    _refuse("touch", lacking(study, "journeys") or "")
    own = study.tables["journeys"].collect_schema().names()
    rows = collect(touches(study).select(*own))
    return rows.sort_values("occurred_at", kind="stable", ignore_index=True)


def _of_reasons(study: Study) -> pd.DataFrame:
    _refuse("reason", reasons_gap(study))
    return _contacts(study, contacts_of(study, None).filter(~nw.col("reason").is_null()))


def _recurring(study: Study) -> pd.DataFrame:
    _refuse("recurrence", recurrence_gap(study))
    rows = collect(matured_issues(study)).rename(
        columns={"same": "same_reason_again", "any": "any_reason_again"}
    )
    return rows.sort_values("began_at", kind="stable", ignore_index=True)


def _since_purchase(study: Study) -> pd.DataFrame:
    _refuse("since_purchase", purchase_gap(study))
    rows = after_purchases(study).with_columns(
        purchased_at=nw.col("_bought"),
        days_since=(nw.col("opened_at") - nw.col("_bought")).cast(nw.Float64) / DAY_US,
    )
    return _contacts(study, rows, "purchased_at", "days_since")


def _helped(study: Study) -> pd.DataFrame:
    _refuse("help", help_gap(study))
    rows = collect(help_visits(study)).drop(columns="_place")
    return rows.sort_values("occurred_at", kind="stable", ignore_index=True)


def _refuse(figure: str, gap: str) -> None:
    if gap:
        raise ReportError(f"There are no rows for {figure!r}: that {gap}.")


_SERVICE = {
    "abandonment": "contacts offered",
    "contact_csat": "contacts rated",
    "failure_demand": "contacts with a reason",
    "first_contact_resolution": "first handled contacts of issues that are over",
    "reopened": "contacts that could be opened again",
    "repeat_contacts": "contacts whose past is known",
    "sla_met": "contacts with an agreed time",
}
_TIMES = {
    "first_reply": "contacts not given up, those without a reply among them",
    "handle_time": "contacts handled for more than 0 s",
    "speed_of_answer": "contacts answered whose time in the queue is known",
}
SOURCES = (
    {
        "contact": Source("contacts by customers", _contacted, ("channel", "reason", "team")),
        "touch": Source("touches of the journeys", _touched, ("stage", "touchpoint", "channel")),
        "pain": Source("touches and contacts of a place", pain_rows, ("touchpoint", "stage")),
        "reason": Source("contacts with a reason", _of_reasons, ("reason",)),
        "recurrence": Source("issues, and whether another followed", _recurring, ("reason",)),
        "since_purchase": Source("contacts, and the purchase before", _since_purchase, ("reason",)),
        "help": Source("first visits to self-service, and what followed", _helped),
        "promises": Source(
            "promises and what became of them", promise_rows, ("touchpoint", "status")
        ),
        "feedback": Source("feedback and when it was answered", feedback_rows, ("touchpoint",)),
    }
    | {
        metric: Source(
            what, partial(_share_of_contacts, metric=metric), ("channel", "reason", "team")
        )
        for metric, what in _SERVICE.items()
    }
    | {
        metric: Source(what, partial(_timed_contacts, metric=metric), ("channel", "reason", "team"))
        for metric, what in _TIMES.items()
    }
)
