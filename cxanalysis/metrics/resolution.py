"""First-contact resolution: which contacts begin an issue, and whether another followed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import narwhals as nw

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import handled
from cxanalysis.metrics.figures import Figure, left_out, notes, share
from cxanalysis.metrics.rows import DAY_US, counted, whole
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]

COUNTS = ("_issues", "_resolved", "_too_young", "_unnamed")
ANY = "_any_reason"
LONG_AGO = -(2**62)  # microseconds, before any moment


def can_see_repeats(study: Study) -> bool:
    """Whether attempts of one customer, or of one issue, can be told apart."""
    return study.has("tickets", "issue_id") or study.has("tickets", "customer_id")


def resolution_kinds(study: Study) -> tuple[str, ...]:
    """Endings of the columns of `add_resolution`: by issue and, where that differs, any reason."""
    return ("", ANY) if any_reason_differs(study) else ("",)


def resolution_sums(kinds: Collection[str]) -> list[str]:
    """Columns of `add_resolution` to add up."""
    return [f"{name}{kind}" for kind in kinds for name in COUNTS]


def resolution_text(study: Study) -> str:
    """The definition in words, with its window."""
    days = study.config.metrics.fcr_window_days
    of = "customer and reason" if study.has("tickets", "reason") else "customer"
    issue = f"contacts of one {of} with gaps of at most {days} days"
    if study.has("tickets", "issue_id"):
        issue = f"contacts of one issue number (where there is none, {issue})"
    reopened = ", nor was opened again," if study.has("tickets", "reopens") else ""
    return (
        f"issues whose first handled contact has no later attempt, answered or abandoned, "
        f"within {days} days{reopened} ÷ issues whose {days} days are over; issue = {issue}"
    )


def add_resolution(study: Study, tickets: Lazy, kinds: Collection[str] | None = None) -> Lazy:
    """Mark the first handled contact of every issue, and whether another attempt followed.

    The columns of `resolution_sums` are added: by issue and, where that differs, as if all
    contacts of a customer were about one matter, since reasons are often recoded. Those of
    `matter_of` and `add_runs`, by issue, are added with them.

    Parameters
    ----------
    kinds
        Some of `resolution_kinds`; all when None. Each kind sorts the contacts, which carry
        the columns of the one before: who only adds up takes them one by one.
    """
    kinds, ends = resolution_kinds(study) if kinds is None else kinds, extent(tickets)
    if ANY in kinds:
        customer = {
            "_owner": nw.col("customer_id"),
            "_matter": nw.lit(""),
            "_numbered": nw.lit(False),
        }
        tickets = _add_counts(study, tickets, ends, customer, ANY)
    if "" in kinds:
        tickets = _add_counts(study, tickets, ends, matter_of(study), "")
    return tickets


def any_reason_differs(study: Study) -> bool:
    """Whether counting attempts for any reason can give another figure."""
    told_apart = study.has("tickets", "reason") or study.has("tickets", "issue_id")
    return told_apart and study.has("tickets", "customer_id")


def _add_counts(
    study: Study,
    tickets: Lazy,
    ends: tuple[int, int],
    matter: Mapping[str, nw.Expr],
    suffix: str,
) -> Lazy:
    """Add whether a contact begins an issue, and what became of it.

    A run is a row of attempts with no gap longer than the window. Without issue numbers a run is
    an issue, and none is known to begin in the first days of the data, whose past is not there.
    """
    window = study.config.metrics.fcr_window_days * DAY_US
    first_us, last_us = ends
    keys = ("_owner",) if suffix == ANY else None
    tickets = add_runs(study, tickets.with_columns(**matter), window, keys)
    numbered = nw.col("_numbered")
    named = numbered | ~nw.col("_owner").is_null()
    past_known = numbered | (nw.col("_since") >= first_us + window)
    first = named & past_known & nw.col("_first_handled")
    over = nw.col("opened_at") <= last_us - window
    alone = ~nw.col("_followed")
    if study.has("tickets", "reopens"):
        alone = alone & ~(nw.col("reopens") >= 1).fill_null(False)
    figures = (first & over, first & over & alone, first & ~over, ~named)
    return tickets.with_columns(
        **{f"{name}{suffix}": counted(figure) for name, figure in zip(COUNTS, figures, strict=True)}
    )


def add_runs(
    study: Study, tickets: Lazy, window: int, matter: tuple[str, ...] | None = None
) -> Lazy:
    """Add to every attempt where it stands in its run and its issue.

    Attempts at one instant do not follow each other; of those, the handled come last.

    Parameters
    ----------
    matter
        Columns that tell matters apart: those of `matter_of` when None.

    Returns
    -------
    LazyFrame
        With ``_took`` (handled, 1 or 0), ``_begins`` (the first row of its issue), ``_since`` and
        ``_run_start`` (when its issue and its run began, microseconds: with the matter, they tell
        issues and runs apart), ``_first_handled`` (in no earlier instant of the issue was one
        handled; one row per issue) and ``_followed`` (by an attempt at a later instant within the
        window).
    """
    if matter is None:  # sorting by a column that is constant takes time
        has_numbers = study.has("tickets", "issue_id")
        matter = ("_owner", "_matter", *(("_numbered",) if has_numbers else ()))
    order = ["opened_at", "_took", *(["ticket_id"] if study.has("tickets", "ticket_id") else [])]
    opened, took, numbered = nw.col("opened_at"), nw.col("_took"), nw.col("_numbered")
    # By itself, so that the engine sorts this mark and not the columns that it is made of.
    tickets = tickets.with_columns(_took=counted(handled(study.columns["tickets"])))
    # Two sorts, each alike for all its columns: what follows is known from the rows beside.
    tickets = tickets.with_columns(
        _gap=opened - opened.shift(1).over(*matter, order_by=order),
        _next=opened.shift(-1).over(*matter, order_by=order) - opened,
        _handled=took.cum_sum().over(*matter, order_by=order).cast(nw.Int64),
    )
    gap, following = nw.col("_gap"), nw.col("_next")
    alone, earlier = gap.is_null(), nw.col("_handled") - took
    run_begins = alone | (gap > window).fill_null(False)
    begins = alone | (~numbered & (gap > window)).fill_null(False)
    marks = {
        "_since": nw.when(begins).then(opened).otherwise(nw.lit(LONG_AGO)),
        "_run_start": nw.when(run_begins).then(opened).otherwise(nw.lit(LONG_AGO)),
        "_before_issue": nw.when(begins).then(earlier).otherwise(nw.lit(0)),
        "_before_instant": nw.when(alone | (gap > 0).fill_null(False))
        .then(earlier)
        .otherwise(nw.lit(0)),
    }
    tickets = tickets.with_columns(
        _begins=begins,
        **{name: mark.cum_max().over(*matter, order_by=order) for name, mark in marks.items()},
    )
    last_of_instant = following.is_null() | (following > 0).fill_null(False)
    none_before = nw.col("_before_instant") == nw.col("_before_issue")
    return tickets.with_columns(
        _first_handled=(took == 1) & last_of_instant & none_before,
        _followed=(following <= window).fill_null(False),
    )


def matter_of(study: Study) -> dict[str, nw.Expr]:
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


def extent(tickets: Lazy) -> tuple[int, int]:
    """First and last opening in the data, microseconds; (0, 0) where there is no contact."""
    opened = nw.col("opened_at")
    ends = collect(tickets.select(first=opened.min(), last=opened.max())).iloc[0]
    return whole(ends["first"]), whole(ends["last"])


def resolution(study: Study, sums: Mapping[Any, Any]) -> Figure:
    """The share with its interval, from `resolution_sums`."""
    days = study.config.metrics.fcr_window_days
    young, unnamed = whole(sums["_too_young"]), whole(sums["_unnamed"])
    return share(
        whole(sums["_resolved"]),
        whole(sums["_issues"]),
        notes(
            _any_reason_text(study, sums),
            left_out(young, "issue", "issues", f"less than {days} days old"),
            left_out(unnamed, "contact", "contacts", "without customer number"),
        ),
    )


def _any_reason_text(study: Study, sums: Mapping[Any, Any]) -> str:
    """The share for any reason beside the one for the same; empty where it is no other."""
    issues = whole(sums[f"_issues{ANY}"]) if any_reason_differs(study) else 0
    if issues < study.config.metrics.min_base:
        return ""
    figure = share(whole(sums[f"_resolved{ANY}"]), issues)
    return (
        f"for any reason {figure.value:.1%} ({figure.conf_low:.1%} to {figure.conf_high:.1%}) "
        f"of {issues:,}"
    )
