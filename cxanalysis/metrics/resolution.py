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
    contacts of a customer were about one matter, since reasons are often recoded.

    Parameters
    ----------
    kinds
        Some of `resolution_kinds`; all when None. Each kind sorts the contacts, which carry
        the columns of the one before: who only adds up takes them one by one.
    """
    kinds, ends = resolution_kinds(study) if kinds is None else kinds, extent(tickets)
    if "" in kinds:
        tickets = _add_counts(study, tickets, ends, matter_of(study), "")
    if ANY in kinds:
        customer = {
            "_owner": nw.col("customer_id"),
            "_matter": nw.lit(""),
            "_numbered": nw.lit(False),
        }
        tickets = _add_counts(study, tickets, ends, customer, ANY)
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

    A run is a row of attempts with no gap longer than the window, so an attempt was followed
    in time by another exactly where it is not at the end of its run. Without issue numbers a
    run is an issue, and none is known to begin in the first days of the data, whose past is
    not there. Attempts at one instant do not follow each other.
    """
    window = study.config.metrics.fcr_window_days * DAY_US
    first_us, last_us = ends
    keys = ("_owner",) if suffix == ANY else None
    tickets = add_runs(study, tickets.with_columns(**matter), window, keys)
    opened, numbered = nw.col("opened_at"), nw.col("_numbered")
    named = numbered | ~nw.col("_owner").is_null()
    past_known = numbered | (nw.col("_since") >= first_us + window)
    first = named & past_known & (nw.col("_took") == 1) & (nw.col("_takes") == 1)
    over = opened <= last_us - window
    alone = nw.col("_run_end") == opened
    if study.has("tickets", "reopens"):
        alone = alone & ~(nw.col("reopens") >= 1).fill_null(False)
    figures = (first & over, first & over & alone, first & ~over, ~named)
    return tickets.with_columns(
        **{f"{name}{suffix}": counted(figure) for name, figure in zip(COUNTS, figures, strict=True)}
    )


def add_runs(
    study: Study, tickets: Lazy, window: int, matter: tuple[str, ...] | None = None
) -> Lazy:
    """Add to every attempt the end of its run, and where it stands in its issue.

    Parameters
    ----------
    matter
        Columns that tell matters apart: those of `matter_of` when None.
    """
    if matter is None:  # sorting by a column that is constant takes time
        numbered = ("_numbered",) if study.has("tickets", "issue_id") else ()
        matter = ("_owner", "_matter", *numbered)
    run = (*matter, "_run")
    # Without issue numbers a run is an issue: named alike, the engine sorts once for both.
    issue = (*matter, "_issue") if study.has("tickets", "issue_id") else run
    order = [name for name in ("opened_at", "ticket_id") if study.has("tickets", name)]
    opened = nw.col("opened_at")
    # Few steps, since the engine binds all of them anew at each.
    tickets = tickets.with_columns(
        _took=counted(handled(study.columns["tickets"])),
        _gap=opened - opened.shift(1).over(*matter, order_by=order),
    )
    begins = counted(nw.col("_gap") > window)
    tickets = tickets.with_columns(_run=begins.cum_sum().over(*matter, order_by=order))
    tickets = tickets.with_columns(
        _issue=nw.when(nw.col("_numbered")).then(nw.lit(0)).otherwise(nw.col("_run"))
    )
    return tickets.with_columns(
        _run_end=opened.max().over(*run),
        _takes=nw.col("_took").cum_sum().over(*issue, order_by=order),
        _since=opened.min().over(*issue),
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
