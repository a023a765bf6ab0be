"""Touches and contacts of customers in one order: the whole of what is known of each journey.

A contact is a ticket that its customer began, or a touch at a place that the study file names as
service. Where both tables tell of the same conversation it counts once, as the ticket: a touch at
a service place within a day of a ticket of the same customer is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.journeys.touches import at_service, named_as_service
from cxanalysis.metrics.rows import DAY_US, counted, during, lacking, of_segment, whole
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
TOUCH, CONTACT = "touch", "contact"
SAME_CONVERSATION = DAY_US
SLACK = 30 * DAY_US
"""Tables whose ends lie no further apart are taken to cover the same time."""
TIMELINE = (
    "customer_id",
    "occurred_at",
    "kind",
    "stage",
    "what",
    "channel",
    "rating",
    "source",
    "event",
)
ORDER = ("occurred_at", "place", "source", "event", "what")


@overload
def journey_timeline(study: Study, customer: None = None) -> Lazy: ...
@overload
def journey_timeline(study: Study, customer: str) -> pd.DataFrame: ...
def journey_timeline(study: Study, customer: str | None = None) -> Lazy | pd.DataFrame:
    """Every touch and contact of known customers, one row each.

    Parameters
    ----------
    customer
        Whose journey to give, as a frame in order of time and narrowed to the study's period.
        Without one, the rows of everyone stay in the engine, unordered and of all dates: what
        looks back or ahead needs those outside the period too.

    Returns
    -------
    LazyFrame or DataFrame
        customer_id, occurred_at, kind ("touch" or "contact"), stage (of a contact, the one that
        the study file gives its reason; missing where none), what (touchpoint, or reason of the
        contact), channel, rating (a touch's own, or the satisfaction with the contact: their
        scales may differ), source ("journeys" or "tickets"), event (its number there).

    Raises
    ------
    ReportError
        When the study has neither journeys nor tickets of known customers, or cannot narrow
        one of them to its segment.
    """
    gap = timeline_gap(study)
    if gap:
        raise ReportError(f"A timeline {gap}. Name it in the study file.")
    parts = [part for part in (_touches(study), _contacts(study)) if part is not None]
    whole_of_it = parts[0] if len(parts) == 1 else nw.concat(parts, how="vertical")
    if customer is None:
        return whole_of_it
    return journeys_of(study, [customer])


def journeys_of(study: Study, customers: Sequence[str]) -> pd.DataFrame:
    """The timelines of these customers in the study's period, each in order of time."""
    own = journey_timeline(study).filter(nw.col("customer_id").is_in(list(customers)))
    frame = collect(placed(study, own.filter(during(study, "occurred_at"))))
    frame = frame.sort_values(["customer_id", *ORDER], kind="stable", ignore_index=True)
    return frame[list(TIMELINE)]


def timeline_gap(study: Study) -> str:
    """Why there is no timeline, "needs …"; empty where there is one.

    A segment has to be one of customers: narrowed row by row, by channel say, what is left of a
    journey is no whole to follow.
    """
    if not any(study.has(name, "customer_id") for name in ("journeys", "tickets")):
        return "needs journeys" if "tickets" not in study.tables else "needs tickets.customer_id"
    if study.segment is None or study.has("customers", study.segment[0]):
        return ""
    column, value = study.segment
    return f"needs customers.{column}, to follow customers of {column}={value}"


def sees_contacts(study: Study) -> bool:
    """Whether contacts can be among the events: by tickets, or by places named as service."""
    return study.has("tickets", "customer_id") or named_as_service(study)


def journey_lengths(study: Study) -> pd.DataFrame:
    """How many events each customer has in the study's period, and how many are contacts.

    Returns
    -------
    DataFrame
        customer_id, events, contacts; from the fewest events to the most.
    """
    own = journey_timeline(study).filter(during(study, "occurred_at"))
    found = collect(
        own.with_columns(contact=counted(nw.col("kind") == CONTACT))
        .group_by("customer_id")
        .agg(events=nw.len(), contacts=nw.col("contact").sum())
    )
    return found.sort_values(["events", "customer_id"], ignore_index=True)


def placed(study: Study, events: Lazy) -> Lazy:
    """Events with ``place``, which orders those of one instant.

    Touches come in the order of the study's stages, those of other stages after them, contacts
    last.
    """
    place = nw.lit(len(study.config.stages))
    for number, stage in enumerate(study.config.stages):
        place = nw.when(nw.col("stage") == stage).then(nw.lit(number)).otherwise(place)
    last = nw.lit(len(study.config.stages) + 1)
    return events.with_columns(
        place=nw.when(nw.col("kind") == CONTACT).then(last).otherwise(place).cast(nw.Int64)
    )


def extent(study: Study) -> tuple[int, int]:
    """From when to when both touches and contacts are known, microseconds.

    The tables' own ends, and where these lie more than 30 days apart, the narrower. A table of
    fewer than ``min_base`` events does not tell where what is known ends.
    """
    found = collect(
        journey_timeline(study)
        .group_by("source")
        .agg(first=nw.col("occurred_at").min(), last=nw.col("occurred_at").max(), n=nw.len())
    )
    if found.empty:
        return 0, 0
    start, end = whole(found["first"].min()), whole(found["last"].max())
    telling = found[found["n"] >= study.config.metrics.min_base]
    latest, earliest = whole(telling["first"].max()), whole(telling["last"].min())
    return (
        latest if len(telling) and latest - start > SLACK else start,
        earliest if len(telling) and end - earliest > SLACK else end,
    )


def _touches(study: Study) -> Lazy | None:
    """Events of the journeys, without those that a ticket tells of."""
    if lacking(study, "journeys") is not None:
        return None
    rows = of_segment(study, "journeys", study.tables["journeys"])
    rows = rows.filter(~nw.col("occurred_at").is_null(), ~nw.col("customer_id").is_null())
    kind = nw.when(at_service(study)).then(nw.lit(CONTACT)).otherwise(nw.lit(TOUCH))
    columns = study.columns["journeys"]
    rows = rows.select(
        "customer_id",
        "occurred_at",
        kind=kind,
        stage=nw.col("stage").cast(nw.String),
        what=_text("touchpoint", columns),
        channel=_text("channel", columns),
        rating=_number("rating", columns),
        source=nw.lit("journeys"),
        event=_text("event_id", columns),
    )
    tickets = _contacts(study)
    if tickets is None or not named_as_service(study):
        return rows
    return _without_twins(rows, tickets)


def _without_twins(touches: Lazy, tickets: Lazy) -> Lazy:
    """Touches but those at service places of which a ticket tells too."""
    held = touches.filter(nw.col("kind") == CONTACT).select("customer_id", "occurred_at")
    times = tickets.select("customer_id", opened="occurred_at")
    away = (nw.col("occurred_at") - nw.col("opened")).abs()
    twins = held.join(times, on="customer_id", how="inner").filter(away <= SAME_CONVERSATION)
    keys = twins.select("customer_id", "occurred_at", kind=nw.lit(CONTACT)).unique()
    return touches.join(keys, on=["customer_id", "occurred_at", "kind"], how="anti")


def _contacts(study: Study) -> Lazy | None:
    """Tickets that known customers began."""
    if lacking(study, "tickets") is not None or not study.has("tickets", "customer_id"):
        return None
    columns = study.columns["tickets"]
    rows = of_segment(study, "tickets", customer_contacts(study))
    rows = rows.filter(~nw.col("opened_at").is_null(), ~nw.col("customer_id").is_null())
    reason = _text("reason", columns)
    stage = nw.lit(None, nw.String)
    for name, meaning in study.config.reasons.items():
        if meaning.stage is not None:
            stage = nw.when(reason == name).then(nw.lit(meaning.stage)).otherwise(stage)
    return rows.select(
        "customer_id",
        occurred_at=nw.col("opened_at"),
        kind=nw.lit(CONTACT),
        stage=stage,
        what=reason,
        channel=_text("channel", columns),
        rating=_number("csat", columns),
        source=nw.lit("tickets"),
        event=_text("ticket_id", columns),
    )


def _text(name: str, columns: frozenset[str]) -> nw.Expr:
    return nw.col(name).cast(nw.String) if name in columns else nw.lit(None, nw.String)


def _number(name: str, columns: frozenset[str]) -> nw.Expr:
    return nw.col(name).cast(nw.Float64) if name in columns else nw.lit(None, nw.Float64)
