"""What contact with service looked like before each response, from the tickets table.

What a contact is and when it was handled is said in `cxanalysis.metrics.contacts`. Only what had
happened before the response counts: a ticket still waiting for its first reply then is a contact
that was not answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxanalysis.features.answers import Lazy, before_each
from cxanalysis.metrics.contacts import after, customer_contacts, handled_at, wait_seconds
from cxanalysis.metrics.rows import HOUR_US
from cxanalysis.partition import contact_metrics

if TYPE_CHECKING:
    from cxanalysis.study import Study


def contact_features(study: Study, moments: Lazy) -> Lazy:
    """Contacts in the lookback window of each response that has any.

    Returns
    -------
    LazyFrame
        ``response_id``, ``contacts`` (number), ``answered`` (1 or 0) and one column per contact
        metric except first contact resolution: its mean over the contacts of which it was
        known before the response, null where there is none.
    """
    columns = study.columns["tickets"]
    pairs = before_each(moments, contacts(study), "opened_at", study.config.model.lookback_days)
    before = nw.col("responded_at")
    handled = nw.col("handled_at") < before
    ended = handled & (nw.col("ended_at") < before)
    known = {
        "first_reply_hours": handled & (nw.col("first_replied_at") < before),
        "queue_wait_minutes": nw.col("queue_ended_at") < before,
        "handle_minutes": ended & (nw.col("handle_minutes") > 0),
        "transfers": ended,
        "contact_csat": ended,
    }
    names = [metric.name for metric in contact_metrics(columns) if metric.name in known]
    return (
        pairs.with_columns(
            nw.when(handled).then(nw.lit(1.0)).otherwise(nw.lit(0.0)).alias("answered"),
            *(nw.when(known[name]).then(nw.col(name)).alias(name) for name in names),
        )
        .group_by("response_id")
        .agg(
            nw.len().cast(nw.Float64).alias("contacts"),
            nw.col("answered").max(),
            *(nw.col(name).mean() for name in names),
        )
    )


def contacts(study: Study) -> Lazy:
    """Contacts with the moments at which their figures become known, and the figures."""
    columns = study.columns["tickets"]
    tickets = customer_contacts(study).filter(~nw.col("customer_id").is_null())
    figures: dict[str, nw.Expr] = {
        "queue_ended_at": after(nw.col("opened_at"), wait_seconds(columns))
    }
    if "first_replied_at" in columns:
        waited = nw.col("first_replied_at") - nw.col("opened_at")
        figures["first_reply_hours"] = waited.cast(nw.Float64) / HOUR_US
    if "queue_wait_seconds" in columns:
        figures["queue_wait_minutes"] = wait_seconds(columns) / 60
    if "talk_seconds" in columns:
        figures["handle_minutes"] = _handle_seconds(columns) / 60
    if "transfers" in columns:
        figures["transfers"] = nw.col("transfers").cast(nw.Float64)
    if "csat" in columns:
        figures["contact_csat"] = nw.col("csat").cast(nw.Float64)
    kept = ["customer_id", "opened_at"] + [n for n in ("first_replied_at",) if n in columns]
    return tickets.select(
        *kept,
        handled_at(columns).alias("handled_at"),
        _ended_at(columns).alias("ended_at"),
        *(figure.alias(name) for name, figure in figures.items()),
    )


def _ended_at(columns: frozenset[str]) -> nw.Expr:
    """When a contact was over: solved, or else its wait and handling over."""
    ended = after(nw.col("opened_at"), wait_seconds(columns).fill_null(0.0))
    if "talk_seconds" in columns:
        ended = after(ended, _handle_seconds(columns).fill_null(0.0))
    return nw.coalesce(nw.col("solved_at"), ended) if "solved_at" in columns else ended


def _handle_seconds(columns: frozenset[str]) -> nw.Expr:
    """Talk, hold and wrap together; null where a part that the tickets have is missing."""
    parts = [f"{part}_seconds" for part in ("talk", "hold", "wrap")]
    present = [nw.col(part).cast(nw.Float64) for part in parts if part in columns]
    return sum(present[1:], start=present[0])
