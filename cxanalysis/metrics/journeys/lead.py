"""How long a customer is on the way before the first contact, and what lies before it.

Customers are followed from their first touch on record to their first contact or to the end of
the study's period, so the figures are those known by then. Whoever made no contact counts as not
having made one yet (Kaplan–Meier), not as somebody who never will.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.metrics.delays import FULFILLED, OPEN, delay_curve, late_quantile
from cxanalysis.metrics.figures import Definition, Figure, left_out, share, tidy, tidy_row
from cxanalysis.metrics.journeys.clusters import Ratio, ratios, share_limits
from cxanalysis.metrics.journeys.timeline import (
    CONTACT,
    TOUCH,
    extent,
    journey_timeline,
    sees_contacts,
    timeline_gap,
)
from cxanalysis.metrics.rows import DAY_US, counted, lacking, whole
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
Floats = NDArray[np.float64]
HORIZONS = (30, 90, 180)  # days
CURVE = ("days", "share", "conf_low", "conf_high", "at_risk")


def lead_definitions() -> tuple[Definition, ...]:
    """What each figure of the time before the first contact counts."""
    reached = tuple(
        Definition(
            f"contact_in_{days}_days",
            f"In contact within {days} days",
            "share",
            f"customers in contact within {days} days of their first touch; those whose "
            f"{days} days are not over count for as long as they are known (Kaplan–Meier)",
        )
        for days in HORIZONS
    )
    return (
        Definition(
            "touch_first",
            "A touch comes first",
            "share",
            "customers whose first touch lies before their first contact ÷ customers with both",
        ),
        Definition(
            "lead_hours",
            "From first touch to first contact",
            "hours",
            "median of the customers who made contact after a touch; it grows with the time that "
            "they are followed",
        ),
        Definition(
            "lead_hours_everyone",
            "From first touch to first contact, everyone",
            "hours",
            "median of all customers, those without a contact so far included (Kaplan–Meier)",
        ),
        *reached,
        Definition(
            "touches_before",
            "Touches before the first contact",
            "share",
            "touches before the first contact ÷ touches, of customers who made contact",
        ),
        Definition(
            "touches_before_everyone",
            "Touches before any contact",
            "share",
            "touches before the first contact, and all those of customers without one ÷ touches",
        ),
        Definition(
            "variance_before",
            "Differences in ratings before the first contact",
            "share",
            "sum of squared distances of ratings from their mean, those before the first contact "
            "÷ all, of customers who made contact",
            ("rating",),
        ),
        Definition(
            "variance_before_everyone",
            "Differences in ratings before any contact",
            "share",
            "the same of all customers; of those without a contact every rating lies before",
            ("rating",),
        ),
    )


def lead_time(study: Study) -> pd.DataFrame:
    """How long before the first contact the journey began, and how much of it lies before.

    Customers count whose first touch lies where both touches and contacts are known, and not
    after the end of the period.

    Returns
    -------
    DataFrame
        As `service_metrics`, a row per figure: touch_first, lead_hours (a median; those who made
        contact), lead_hours_everyone (Kaplan–Meier; missing where fewer than half ever did),
        contact_in_30_days, _90_ and _180_, touches_before and variance_before of customers who
        made contact, the same of everyone. Intervals of shares of touches and ratings take the
        customer as the unit. Simulated with two to eight touches a customer, they hold the truth
        in 94 to 96 % of 3,000 runs at 30 to 300 customers.
    """
    definitions, base = lead_definitions(), study.config.metrics.min_base
    gap = lead_gap(study)
    if gap:
        return tidy(tidy_row(each, Figure(note=gap), base) for each in definitions)
    people = followed_customers(study)
    figures = _times(people) | _before(study)
    return tidy(tidy_row(each, figures[each.metric], base) for each in definitions)


def lead_curve(study: Study) -> pd.DataFrame:
    """Share of customers in contact by so many days after their first touch.

    Returns
    -------
    DataFrame
        days (whole, from 0 to the last one that ``min_base`` customers were followed for),
        share, conf_low, conf_high (pointwise; missing where the share is 0), at_risk
        (customers followed for so long without a contact). Empty with fewer than ``min_base``
        customers.
    """
    if lead_gap(study):
        return pd.DataFrame(columns=list(CURVE))
    people = followed_customers(study)
    waited = people["days"].to_numpy(float)
    base = study.config.metrics.min_base
    if len(waited) < base:
        return pd.DataFrame(columns=list(CURVE))
    days = np.arange(0.0, np.floor(np.sort(waited)[-base]) + 1)
    parts = delay_curve(waited, _states(people)).at(days)
    at_risk = len(waited) - np.searchsorted(np.sort(waited), days)
    return pd.DataFrame(dict(zip(CURVE, (days, *parts, at_risk), strict=True)))


def lead_gap(study: Study) -> str:
    """What is missing to see a first contact after a first touch; empty where nothing is."""
    gap = lacking(study, "journeys") or timeline_gap(study)
    if gap:
        return gap
    return "" if sees_contacts(study) else "needs tickets"


def followed_customers(study: Study) -> pd.DataFrame:
    """Customers with a touch, when it was, and how long until a contact or the last look.

    Returns
    -------
    DataFrame
        customer_id, days (float, from the first touch to the first contact or to the end), ended
        (whether a contact was made), contact_first (whether it came before any touch or at the
        same instant; days is then 0).
    """
    frame = collect(_firsts(study))
    return frame.assign(
        ended=frame["ended"].astype(bool), contact_first=frame["contact_first"].astype(bool)
    )


def known_before(study: Study) -> tuple[int, int] | None:
    """How many of the customers followed were customers before the records begin, and of how many.

    Their first touch on record need not be their first. None where that cannot be known.
    """
    if lead_gap(study) or not study.has("customers", "active_from"):
        return None
    start, _ = extent(study)
    people = study.tables["customers"].select("customer_id", "active_from")
    joined = _firsts(study).join(people, on="customer_id", how="inner")
    joined = joined.filter(~nw.col("active_from").is_null())
    early = counted(nw.col("active_from") < start)
    counts = collect(joined.select(before=early.sum(), n=nw.len())).iloc[0]
    return whole(counts["before"]), whole(counts["n"])


def _firsts(study: Study) -> Lazy:
    """One row per customer who is followed: first touch, first contact, days between."""
    start, end = extent(study)
    until = end if study.period is None else min(end, study.period.end_us - 1)
    moment = nw.col("occurred_at")
    kinds = {
        name: nw.when(nw.col("kind") == kind).then(moment)
        for name, kind in (("touch", TOUCH), ("contact", CONTACT))
    }
    events = journey_timeline(study).filter(moment <= until).with_columns(**kinds)
    firsts = events.group_by("customer_id").agg(
        touch=nw.col("touch").min(), contact=nw.col("contact").min()
    )
    touch, contact = nw.col("touch"), nw.col("contact")
    came_first = (contact <= touch).fill_null(False)
    last = nw.when(contact.is_null()).then(nw.lit(until)).otherwise(contact)
    waited = (last - touch).cast(nw.Float64) / DAY_US
    return firsts.filter(touch >= start).with_columns(
        contact_first=counted(came_first),
        ended=counted(~contact.is_null()),
        days=nw.when(came_first).then(nw.lit(0.0)).otherwise(waited),
    )


def _states(people: pd.DataFrame) -> NDArray[np.int64]:
    return np.where(people["ended"].to_numpy(), FULFILLED, OPEN).astype(np.int64)


def _times(people: pd.DataFrame) -> dict[str, Figure]:
    """Figures of whole customers."""
    days, n = people["days"].to_numpy(float), len(people)
    first = int(people["contact_first"].sum())
    both = int(people["ended"].sum())
    after = people["ended"].to_numpy() & ~people["contact_first"].to_numpy()
    note = left_out(first, "customer", "customers", "with a contact before any touch")
    found = {
        "touch_first": share(both - first, both),
        "lead_hours": _median(days[after], note),
        "lead_hours_everyone": Figure(note="nothing to count"),
    } | {f"contact_in_{each}_days": Figure(note="nothing to count") for each in HORIZONS}
    if n == 0:
        return found
    states = _states(people)
    middle, limits = late_quantile(days, states)
    unreached = "fewer than half made contact while followed" if np.isnan(middle) else ""
    found["lead_hours_everyone"] = Figure(
        24 * middle, 24 * limits.low, 24 * limits.high, n, unreached
    )
    curve = delay_curve(days, states)
    for each in HORIZONS:
        value, low, high = (float(part[0]) for part in curve.at(np.array([float(each)])))
        seen = days.max() >= each
        figure = Figure(value, low, high, n) if seen else Figure(n=n, note="followed less long")
        found[f"contact_in_{each}_days"] = figure
    return found


def _median(days: Floats, note: str) -> Figure:
    if not len(days):
        return Figure(note="nothing to count")
    middle, limits = late_quantile(days, np.full(len(days), FULFILLED))
    return Figure(24 * middle, 24 * limits.low, 24 * limits.high, len(days), note)


def _before(study: Study) -> dict[str, Figure]:
    """Shares of touches, and of the squared distances of ratings, before the first contact."""
    firsts = _firsts(study).select("customer_id", "contact", "ended")
    _, end = extent(study)
    until = end if study.period is None else min(end, study.period.end_us - 1)
    moment = nw.col("occurred_at")
    touches = journey_timeline(study).filter(nw.col("kind") == TOUCH, moment <= until)
    touches = touches.join(firsts, on="customer_id", how="inner").with_columns(
        before=counted(nw.col("contact").is_null() | (moment < nw.col("contact")))
    )
    found = {}
    for ending, rows in (
        ("", touches.filter(nw.col("ended") == 1)),
        ("_everyone", touches),
    ):
        sums = _squares(rows)
        found[f"touches_before{ending}"] = _part(sums, "t")
        rated = study.has("journeys", "rating")
        found[f"variance_before{ending}"] = (
            _part(sums, "v") if rated else Figure(note="needs journeys.rating")
        )
    return found


def _squares(rows: Lazy) -> pd.DataFrame:
    """Sums for both shares; the squares are of the distance from the mean of these ratings."""
    mean = collect(rows.select(mean=nw.col("rating").mean()))["mean"].iloc[0]
    centre = 0.0 if pd.isna(mean) else float(mean)
    off = nw.col("rating") - centre
    square = (off * off).fill_null(0.0)
    before = nw.col("before")
    measures = {
        "t": Ratio(nw.lit(1), before),
        "v": Ratio(square, square * before),
        "r": Ratio(counted(~nw.col("rating").is_null()), before * 0),
    }
    return ratios(rows.with_columns(all=nw.lit("all")), ["all"], measures)


def _part(sums: pd.DataFrame, name: str) -> Figure:
    """A share with customers as the unit; its base is the touches, or those rated."""
    if sums.empty:
        return Figure(note="nothing to count")
    row = sums.iloc[0]
    n = int(row["t_n"] if name == "t" else row["r_n"])
    value = float(row[f"{name}_mean"])
    if n == 0 or np.isnan(value):
        return Figure(note="nothing to count" if n == 0 else "all rated alike")
    low, high = share_limits(value, row[f"{name}_variance"], n, row[f"{name}_customers"])
    return Figure(value, float(low), float(high), n)
