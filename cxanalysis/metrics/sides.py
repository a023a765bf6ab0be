"""Service inside the journey: its share of what customers go through, and of their time."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
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
from cxanalysis.metrics.rows import (
    GROUP,
    HOUR_US,
    counted,
    whole,
)
from cxanalysis.metrics.side_events import STAGE, events, sides_gap
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
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
    "the end of the last; the period's touches only, so no longer than the period",
)
JOURNEY_ALL = Definition(
    "journey_hours",
    "Journey",
    "hours",
    "median over customers with two touches or more, of the time from the first touch to the end "
    "of the last; the period's touches only, so no longer than the period",
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
        journey_hours (of everyone with two touches), in hours; company_began. Journeys are cut
        at both ends of the period: a longer period has longer ones.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    wanted = COUNTS if by == STAGE else (*COUNTS, *TIMES, BEGAN)
    base, gap = study.config.metrics.min_base, sides_gap(study, by)
    if gap:
        return tidy(tidy_row(each, Figure(note=gap), base) for each in wanted)
    rows = events(study, by)  # asked three times
    rows = study.engine.keep(rows) if study.holds else rows
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
    if not found and not by:
        found = [tidy_row(each, Figure(note="nothing to count"), base) for each in wanted]
    return tidy(found, by)


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
