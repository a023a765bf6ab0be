"""First-contact resolution: which contacts begin an issue, and whether another followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from cxanalysis.engine import collect
from cxanalysis.metrics.figures import Figure, left_out, notes, share
from cxanalysis.metrics.rows import DAY_US, counted, whole
from cxanalysis.study import Study

RESOLUTION_SUMS = ("_issues", "_resolved", "_too_young", "_unnamed")


def can_see_repeats(study: Study) -> bool:
    """Whether attempts of one customer, or of one issue, can be told apart."""
    return study.has("tickets", "issue_id") or study.has("tickets", "customer_id")


def resolution_text(study: Study) -> str:
    """The definition in words, with its window."""
    days = study.config.metrics.fcr_window_days
    of = "customer and reason" if study.has("tickets", "reason") else "customer"
    issue = f"contacts of one {of} with gaps of at most {days} days"
    if study.has("tickets", "issue_id"):
        issue = f"contacts of one issue number (where there is none, {issue})"
    return (
        f"issues whose first handled contact has no later attempt, answered or abandoned, "
        f"within {days} days ÷ issues whose {days} days are over; issue = {issue}"
    )


def handled(study: Study) -> nw.Expr:
    """Whether somebody took the contact: it was not abandoned, as far as is known."""
    if not study.has("tickets", "abandoned"):
        return ~nw.col("opened_at").is_null()
    return ~nw.col("abandoned").fill_null(False)


def add_resolution(study: Study, tickets: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Mark the first handled contact of every issue, and whether another attempt followed.

    A run is a row of attempts with no gap longer than the window, so an attempt was followed
    in time by another exactly where it is not at the end of its run. Without issue numbers a
    run is an issue, and none is known to begin in the first days of the data, whose past is
    not there. Attempts at one instant do not follow each other.
    """
    window = study.config.metrics.fcr_window_days * DAY_US
    first_us, last_us = _extent(tickets)
    matter = ("_owner", "_matter", "_numbered")
    issue = (*matter, "_issue")
    order = [name for name in ("opened_at", "ticket_id") if study.has("tickets", name)]
    opened, numbered = nw.col("opened_at"), nw.col("_numbered")
    tickets = tickets.with_columns(**_matter(study)).with_columns(
        _gap=opened - opened.shift(1).over(*matter, order_by=order),
        _took=handled(study).cast(nw.Int64),
    )
    tickets = tickets.with_columns(_begins=counted(nw.col("_gap") > window))
    tickets = tickets.with_columns(_run=nw.col("_begins").cum_sum().over(*matter, order_by=order))
    tickets = tickets.with_columns(
        _issue=nw.when(numbered).then(nw.lit(0)).otherwise(nw.col("_run")),
        _run_end=opened.max().over(*matter, "_run"),
    )
    tickets = tickets.with_columns(
        _takes=nw.col("_took").cum_sum().over(*issue, order_by=order),
        _since=opened.min().over(*issue),
    )
    named = numbered | ~nw.col("_owner").is_null()
    past_known = numbered | (nw.col("_since") >= first_us + window)
    first = named & past_known & (nw.col("_took") == 1) & (nw.col("_takes") == 1)
    over = opened <= last_us - window
    return tickets.with_columns(
        _issues=counted(first & over),
        _resolved=counted(first & over & (nw.col("_run_end") == opened)),
        _too_young=counted(first & ~over),
        _unnamed=counted(~named),
    )


def _matter(study: Study) -> dict[str, nw.Expr]:
    """Whose attempt it was and what it was about: an issue number, else customer and reason."""
    has_reason = study.has("tickets", "reason")
    reason = nw.col("reason").cast(nw.String).fill_null("") if has_reason else nw.lit("")
    customer = (
        nw.col("customer_id") if study.has("tickets", "customer_id") else nw.lit(None, nw.String)
    )
    if not study.has("tickets", "issue_id"):
        return {"_owner": customer, "_matter": reason, "_numbered": nw.lit(False)}
    number = nw.col("issue_id").cast(nw.String)
    return {
        "_owner": nw.when(number.is_null()).then(customer),
        "_matter": nw.coalesce(number, reason),
        "_numbered": ~number.is_null(),
    }


def _extent(tickets: nw.LazyFrame[Any]) -> tuple[int, int]:
    """First and last opening in the data, microseconds; (0, 0) where there is no contact."""
    opened = nw.col("opened_at")
    ends = collect(tickets.select(first=opened.min(), last=opened.max())).iloc[0]
    return whole(ends["first"]), whole(ends["last"])


def resolution(study: Study, sums: Mapping[Any, Any]) -> Figure:
    """The share with its interval, from `RESOLUTION_SUMS`."""
    days = study.config.metrics.fcr_window_days
    young, unnamed = whole(sums["_too_young"]), whole(sums["_unnamed"])
    return share(
        whole(sums["_resolved"]),
        whole(sums["_issues"]),
        notes(
            left_out(young, "issue", "issues", f"less than {days} days old"),
            left_out(unnamed, "contact", "contacts", "without customer number"),
        ),
    )
