"""Touches and contacts as one table: what service and the whole journey are counted from."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.metrics.contacts import COMPANY, customer_contacts, given_up, wait_seconds
from cxanalysis.metrics.journeys.clusters import CUSTOMER
from cxanalysis.metrics.journeys.touches import at_service, named_as_service
from cxanalysis.metrics.parts import handle_seconds
from cxanalysis.metrics.rows import (
    GROUP,
    SECOND_US,
    counted,
    during,
    grouped,
    lacking,
    of_segment,
)
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
STAGE = "stage"


def sides_gap(study: Study, by: str | None = None) -> str:
    """Why service cannot be held against the journey, "needs …"; empty where it can."""
    gap = lacking(study, "journeys")
    if gap is not None:
        return gap
    if not named_as_service(study):
        gap = lacking(study, "tickets")
        if gap is not None:
            return gap
    if "tickets" in study.tables and not study.has("tickets", CUSTOMER):
        return f"needs tickets.{CUSTOMER}"
    if by == STAGE and not (study.has("tickets", "reason") and _stages_of_reasons(study)):
        return "needs the study file's list of reasons with the stage where each arises"
    return ""


def events(study: Study, by: str | None = None) -> Lazy:
    """Touches and contacts of the period and segment, one row each.

    Columns are the customer, the group, service and contact (1 or 0), began_at and ended_at,
    helped and waited (seconds), unmeasured (1 for a contact handled for unknown time), beginner
    (1 for an event of the journeys whose beginner is known) and company (1 where it began it).
    """
    parts = [_of_journeys(study, by)]
    if lacking(study, "tickets") is None:
        parts.append(_of_tickets(study, by))
    return nw.concat(parts) if len(parts) > 1 else parts[0]


def _of_journeys(study: Study, by: str | None) -> Lazy:
    rows = of_segment(study, "journeys", study.tables["journeys"])
    rows = grouped(study, "journeys", rows.filter(during(study, "occurred_at")), by)
    zero = nw.lit(0).cast(nw.Float64)
    who = nw.lit(None).cast(nw.String)
    if study.has("journeys", "initiator"):
        who = nw.col("initiator").cast(nw.String).str.to_lowercase()
    rows = rows.with_columns(_who=who)
    return rows.with_columns(service=counted(at_service(study))).select(
        CUSTOMER,
        GROUP,
        nw.col("service").cast(nw.Int64),
        nw.lit(0).cast(nw.Int64).alias("contact"),
        nw.col("occurred_at").alias("began"),
        nw.col("occurred_at").alias("ended"),
        zero.alias("helped"),
        zero.alias("waited"),
        nw.lit(0).cast(nw.Int64).alias("unmeasured"),
        counted(~nw.col("_who").is_null()).alias("beginner"),
        counted(nw.col("_who") == COMPANY).alias("company"),
    )


def _of_tickets(study: Study, by: str | None) -> Lazy:
    columns = study.columns["tickets"]
    rows = of_segment(study, "tickets", customer_contacts(study))
    rows = rows.filter(during(study, "opened_at"))
    rows = _at_stages(study, rows) if by == STAGE else grouped(study, "tickets", rows, by)
    timed = "talk_seconds" in columns
    helped = handle_seconds(study) if timed else nw.lit(None).cast(nw.Float64)
    rows = rows.with_columns(_helped=helped, _waited=wait_seconds(columns).fill_null(0.0))
    unmeasured = nw.col("_helped").is_null() & ~given_up(columns)
    rows = rows.with_columns(
        _unmeasured=counted(unmeasured), _helped=nw.col("_helped").fill_null(0.0)
    )
    seconds = nw.col("_helped") + nw.col("_waited")
    return rows.select(
        CUSTOMER,
        GROUP,
        nw.lit(1).cast(nw.Int64).alias("service"),
        nw.lit(1).cast(nw.Int64).alias("contact"),
        nw.col("opened_at").alias("began"),
        (nw.col("opened_at") + (seconds * SECOND_US).round().cast(nw.Int64)).alias("ended"),
        nw.col("_helped").alias("helped"),
        nw.col("_waited").alias("waited"),
        nw.col("_unmeasured").cast(nw.Int64).alias("unmeasured"),
        nw.lit(0).cast(nw.Int64).alias("beginner"),
        nw.lit(0).cast(nw.Int64).alias("company"),
    )


def _stages_of_reasons(study: Study) -> dict[str, str]:
    named = study.config.reasons.items()
    return {reason: meaning.stage for reason, meaning in named if meaning.stage is not None}


def _at_stages(study: Study, rows: Lazy) -> Lazy:
    """Contacts with the stage at which their reason arises; others are left out."""
    places = _stages_of_reasons(study)
    table = pd.DataFrame({"reason": list(places), GROUP: list(places.values())})
    return rows.join(study.engine.register(table), on="reason", how="inner")
