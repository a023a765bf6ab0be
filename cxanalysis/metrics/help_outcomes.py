"""What became of customers who looked for help themselves: asked, went on, or neither."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.figures import Definition, Figure, share, tidy, tidy_row
from cxanalysis.metrics.intervals import Interval, difference_interval
from cxanalysis.metrics.journeys.clusters import CUSTOMER
from cxanalysis.metrics.rows import DAY_US, HOUR_US, counted, of_segment, whole
from cxanalysis.metrics.since_purchase import touches_gap
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
ON_DAYS = 90


def help_gap(study: Study) -> str:
    """What is needed to follow visits to self-service, "needs …"; empty where nothing is."""
    if not study.config.service.self_service:
        return "needs the study file's list of self_service touchpoints or channels"
    return touches_gap(study)


def help_outcomes(study: Study) -> pd.DataFrame:
    """Of the customers who touched self-service, how many asked somebody, and how many went on.

    Each customer counts once, from the first visit to a touchpoint or channel that
    ``[service] self_service`` names, in the period in which the 90 days after it end. Visits at
    the last stage of the journey, after which nobody can go on, are left out.

    Returns
    -------
    DataFrame
        As `service_metrics`: help_contacted (made contact within ``self_service_hours``),
        help_went_on (did not, and touched a later stage within 90 days) and help_neither, which
        add up to 1; on_with_contact and on_without_contact (went on, of either) and
        on_difference (with − without). Who makes contact differs in more than the contact.
    """
    definitions, base = _definitions(study), study.config.metrics.min_base
    gap = help_gap(study)
    if gap:
        return tidy(tidy_row(each, Figure(note=gap), base) for each in definitions)
    rows = collect(help_visits(study))
    n, asked, on = len(rows), rows["contacted"] == 1, rows["went_on"] == 1
    with_contact = share(int((asked & on).sum()), int(asked.sum()))
    without = share(int((~asked & on).sum()), int((~asked).sum()))
    figures = {
        "help_contacted": share(int(asked.sum()), n),
        "help_went_on": share(int((~asked & on).sum()), n),
        "help_neither": share(int((~asked & ~on).sum()), n),
        "on_with_contact": with_contact,
        "on_without_contact": without,
        "on_difference": _difference(with_contact, without, base),
    }
    return tidy(tidy_row(each, figures[each.metric], base) for each in definitions)


def help_visits(study: Study) -> Lazy:
    """First visits to self-service, one per customer: when, where, ``contacted``, ``went_on``."""
    config = study.config
    names = list(config.service.self_service)
    columns = [name for name in ("touchpoint", "channel") if study.has("journeys", name)]
    touches = of_segment(study, "journeys", study.tables["journeys"])
    touches = touches.filter(~nw.col("occurred_at").is_null())
    ends = collect(touches.select(last=nw.col("occurred_at").max()))
    window, last_us = ON_DAYS * DAY_US, whole(ends["last"].iloc[0])
    stages = pd.DataFrame({"stage": list(config.stages), "_place": range(len(config.stages))})
    placed = touches.join(study.engine.register(stages), on="stage", how="inner")
    moment, end = nw.col("occurred_at"), nw.col("occurred_at") + window
    marks = [nw.col(name).cast(nw.String).is_in(names) for name in columns]
    visits = placed.filter(nw.any_horizontal(*marks, ignore_nulls=True), end <= last_us)
    visits = visits.filter(nw.col("_place") < len(config.stages) - 1)
    if study.period is not None:
        visits = visits.filter(end >= study.period.start_us, end < study.period.end_us)
    visits = visits.with_columns(_first=moment.min().over(CUSTOMER)).filter(
        moment == nw.col("_first")
    )
    visits = visits.group_by(CUSTOMER, "occurred_at").agg(_place=nw.col("_place").min())
    hours = round(config.service.self_service_hours * HOUR_US)
    asked = customer_contacts(study).select(CUSTOMER, _at=nw.col("opened_at"))
    later = placed.select(CUSTOMER, _later=nw.col("_place"), _at=moment)
    visits = _followed(visits, asked, hours, "contacted")
    return _followed(visits, later, window, "went_on", nw.col("_later") > nw.col("_place"))


def _followed(
    visits: Lazy, events: Lazy, within: int, name: str, also: nw.Expr | None = None
) -> Lazy:
    """Whether an event of the customer followed a visit in time, as 1 or 0."""
    moment, start = nw.col("_at"), nw.col("occurred_at")
    met = visits.join(events, on=CUSTOMER, how="inner")
    met = met.filter(moment >= start, moment <= start + within)
    met = met if also is None else met.filter(also)
    seen = met.select(CUSTOMER).unique().with_columns(_seen=nw.lit(1))
    joined = visits.join(seen, on=CUSTOMER, how="left")
    return joined.with_columns(**{name: counted(nw.col("_seen") == 1)}).drop("_seen")


def _difference(first: Figure, second: Figure, base: int) -> Figure:
    n = min(first.n, second.n)
    if n < base or n == 0:
        return Figure(n=n, note=f"withheld: fewer than {base}" if n else "nothing to count")
    low, high = difference_interval(
        first.value,
        Interval(first.conf_low, first.conf_high),
        second.value,
        Interval(second.conf_low, second.conf_high),
    )
    return Figure(first.value - second.value, low, high, first.n + second.n)


def _definitions(study: Study) -> tuple[Definition, ...]:
    places = ", ".join(study.config.service.self_service)
    hours = study.config.service.self_service_hours
    every = f"customers at self-service ({places})"
    asked = f"made contact within {hours:g} hours of the first visit"
    on = f"touched a later stage within {ON_DAYS} days"
    return (
        Definition("help_contacted", "Made contact", "share", f"{every} who {asked} ÷ all of them"),
        Definition(
            "help_went_on",
            "Went on alone",
            "share",
            f"{every} who made no contact in time and {on} ÷ all of them",
        ),
        Definition("help_neither", "Neither", "share", f"{every} who did neither ÷ all of them"),
        Definition(
            "on_with_contact",
            "Went on, with a contact",
            "share",
            f"those who {on} ÷ {every} who {asked}",
        ),
        Definition(
            "on_without_contact",
            "Went on, without a contact",
            "share",
            f"those who {on} ÷ {every} who made none",
        ),
        Definition("on_difference", "Difference of both", "share", "the first − the second"),
    )
