"""Service inside the journey: its share of what customers go through, and of their time."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import COMPANY, customer_contacts, given_up, wait_seconds
from cxanalysis.metrics.figures import (
    Definition,
    Figure,
    left_out,
    notes,
    ratio,
    share,
    some,
    tidy,
    tidy_row,
)
from cxanalysis.metrics.intervals import median_interval
from cxanalysis.metrics.journeys.clusters import CUSTOMER, Ratio, ratios, share_limits
from cxanalysis.metrics.parts import handle_seconds
from cxanalysis.metrics.rows import (
    GROUP,
    HOUR_US,
    counted,
    during,
    grouped,
    lacking,
    of_segment,
    whole,
)
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
STAGE = "stage"
TOUCHES = Definition(
    "service_touches",
    "Touches",
    "share",
    "contacts, given up or not, and touches that the study file names as service ÷ those and all "
    "other touches; intervals take the customer as the unit",
)
CUSTOMERS = Definition(
    "service_customers",
    "Customers",
    "share",
    "customers with any touch of service ÷ customers with any touch",
)
EACH = Definition(
    "service_touches_each",
    "Touches of a customer whom service met",
    "share",
    "median over customers with any touch of service, of its share of their touches",
)
HOURS = Definition(
    "service_hours",
    "Hours being helped",
    "share",
    "talk, hold and wrap-up of contacts ÷ hours from a customer's first touch to the end of the "
    "last one; customers with two touches or more, the period's touches only",
)
WAITING = Definition(
    "waiting_hours",
    "Hours waiting in a queue",
    "share",
    "time in the queue ÷ the same hours",
)
HELPED_EACH = Definition(
    "helped_each",
    "Help for a customer with a contact",
    "hours",
    "median over customers with a contact and another touch, of talk, hold and wrap-up; those "
    "with a contact handled for an unknown time left out",
)
JOURNEY_EACH = Definition(
    "journey_each",
    "Journey of a customer with a contact",
    "hours",
    "median over customers with a contact and another touch, of the time from the first touch to "
    "the end of the last",
)
JOURNEY_ALL = Definition(
    "journey_hours",
    "Journey",
    "hours",
    "median over customers with two touches or more, of the time from the first touch to the end "
    "of the last; the period's touches only",
)
BEGAN = Definition(
    "company_began",
    "Touches begun by the company",
    "share",
    "touches of the journeys that the company began ÷ those whose beginner is known",
)
COUNTS = (TOUCHES, CUSTOMERS, EACH)
TIMES = (HOURS, WAITING, HELPED_EACH, JOURNEY_EACH, JOURNEY_ALL)
UNKNOWN_CUSTOMER = "of customers not known"


def service_share(study: Study, by: str | None = None) -> pd.DataFrame:
    """Service's share of the touches, customers and hours of the study's period.

    A touch is an event of the journeys or a contact of the tickets, given up or not; what the
    company began is no contact. A contact that the journeys hold as well counts twice.

    Parameters
    ----------
    by
        A column that the customers have, to give every figure for each of its values; or
        "stage": contacts then stand at the stage to which the study file assigns their reason,
        others are left out, and the figures of time are not given.

    Returns
    -------
    DataFrame
        As `service_metrics`: service_touches, service_customers and service_touches_each (the
        median customer whom service met); service_hours and waiting_hours (shares of elapsed
        time), helped_each and journey_each (medians of customers with a contact) and
        journey_hours (of everyone with two touches), in hours; company_began.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    wanted = COUNTS if by == STAGE else (*COUNTS, *TIMES, BEGAN)
    base, gap = study.config.metrics.min_base, sides_gap(study, by)
    if gap:
        return tidy(tidy_row(each, Figure(note=gap), base) for each in wanted)
    rows = events(study, by)
    known = rows.filter(~nw.col(CUSTOMER).is_null())
    measures = {
        "service": Ratio(nw.lit(1), nw.col("service")),
        "began": Ratio(nw.col("beginner"), nw.col("company")),
    }
    table = ratios(known, [GROUP], measures)
    lost = collect(rows.group_by(GROUP).agg(lost=counted(nw.col(CUSTOMER).is_null()).sum()))
    unknown = lost.set_index(GROUP)["lost"]
    people = _people(known)
    found = []
    for group, row in table.to_dict("index").items():
        note = left_out(whole(unknown.get(group)), "touch", "touches", UNKNOWN_CUSTOMER)
        own = people[people[GROUP] == group]
        figures = {TOUCHES: _share(row, "service", note), **_counts(own)}
        if by != STAGE:
            lack = "" if study.has("journeys", "initiator") else "needs journeys.initiator"
            figures |= _times(study, own)
            figures[BEGAN] = Figure(note=lack) if lack else _share(row, "began", "")
        found += [
            ({by: group} if by else {}) | tidy_row(each, figures[each], base) for each in wanted
        ]
    if not found:
        found = [tidy_row(each, Figure(note="nothing to count"), base) for each in wanted]
        return tidy(found)
    return tidy(found, by)


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


def named_as_service(study: Study) -> bool:
    """Whether the study file names touches of the journeys as service, and they can be told."""
    service = study.config.service
    return bool(
        (service.channels and study.has("journeys", "channel"))
        or (service.touchpoints and study.has("journeys", "touchpoint"))
    )


def at_service(study: Study) -> nw.Expr:
    """Whether a touch of the journeys is one that the study file names as service, 1 or 0."""
    found = nw.col("occurred_at").is_null()  # never, of touches with a time
    for column, names in (
        ("channel", study.config.service.channels),
        ("touchpoint", study.config.service.touchpoints),
    ):
        if names and study.has("journeys", column):
            found = found | nw.col(column).is_in(names).fill_null(False)
    return counted(found)


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
    return rows.with_columns(service=at_service(study)).select(
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
        (nw.col("opened_at") + (seconds * 1_000_000).round().cast(nw.Int64)).alias("ended"),
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


def _people(rows: Lazy) -> pd.DataFrame:
    """One row per group and customer: touches, those of service, hours."""
    per = rows.group_by(GROUP, CUSTOMER).agg(
        touches=nw.len(),
        service=nw.col("service").sum(),
        contacts=nw.col("contact").sum(),
        began=nw.col("began").min(),
        ended=nw.col("ended").max(),
        helped=nw.col("helped").sum(),
        waited=nw.col("waited").sum(),
        unmeasured=nw.col("unmeasured").sum(),
    )
    elapsed = (nw.col("ended") - nw.col("began")).cast(nw.Float64) / HOUR_US
    return collect(per.with_columns(elapsed=elapsed).drop("began", "ended"))


def _share(row: dict[Any, Any], name: str, note: str) -> Figure:
    n = whole(row[f"{name}_n"])
    if n == 0:
        return Figure(note=notes("nothing to count", note))
    value, variance, customers = (
        row[f"{name}_{part}"] for part in ("mean", "variance", "customers")
    )
    low, high = share_limits(value, variance, n, customers)
    return Figure(float(value), max(float(low), 0.0), float(high), n, note)


def _counts(people: pd.DataFrame) -> dict[Definition, Figure]:
    met = people[people["service"] > 0]
    return {
        CUSTOMERS: share(len(met), len(people)),
        EACH: _median((met["service"] / met["touches"]).to_numpy(float)),
    }


def _times(study: Study, people: pd.DataFrame) -> dict[Definition, Figure]:
    several = people[(people["touches"] > 1) & (people["elapsed"] > 0)]
    helped = several[several["contacts"] > 0]
    lack = _lack_of_time(study, "talk_seconds")
    unmeasured = some(whole(several["unmeasured"].sum()), "contact", "contacts")
    note = f"{unmeasured} handled for an unknown time count as none" if unmeasured else ""
    elapsed = several["elapsed"].to_numpy(float)
    talk = Figure(note=lack) if lack else _of_time(several["helped"], elapsed, note)
    no_queue = _lack_of_time(study, "queue_wait_seconds")
    queue = Figure(note=no_queue) if no_queue else _of_time(several["waited"], elapsed, "")
    each = _median(helped.loc[helped["unmeasured"] == 0, "helped"].to_numpy(float) / 3600)
    return {
        HOURS: talk,
        WAITING: queue,
        HELPED_EACH: Figure(note=lack) if lack else each,
        JOURNEY_EACH: _median(helped["elapsed"].to_numpy(float)),
        JOURNEY_ALL: _median(elapsed),
    }


def _lack_of_time(study: Study, column: str) -> str:
    return "" if study.has("tickets", column) else f"needs tickets.{column}"


def _of_time(seconds: pd.Series[Any], elapsed: Any, note: str) -> Figure:
    hours = seconds.to_numpy(float) / 3600
    figure = ratio(
        hours.sum(),
        elapsed.sum(),
        (hours**2).sum(),
        (elapsed**2).sum(),
        (hours * elapsed).sum(),
        n=len(elapsed),
        note=note,
    )
    low = max(figure.conf_low, 0.0) if figure.n else np.nan
    return Figure(figure.value, low, figure.conf_high, figure.n, figure.note)


def _median(values: Any) -> Figure:
    if not len(values):
        return Figure(note="nothing to count")
    middle, (low, high) = median_interval(values, np.ones(len(values), bool))
    return Figure(middle, low, high, len(values))
