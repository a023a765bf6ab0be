"""When customers make contact: before a purchase or after it, and how soon."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics.contacts import customer_contacts
from cxanalysis.metrics.figures import Definition, Figure, left_out, tidy, tidy_row
from cxanalysis.metrics.intervals import mean_interval
from cxanalysis.metrics.journeys.clusters import (
    CUSTOMER,
    Ratio,
    rate_limits,
    ratios,
    share_limits,
)
from cxanalysis.metrics.journeys.touches import Lazy
from cxanalysis.metrics.parts import contacts_of
from cxanalysis.metrics.resolution import extent
from cxanalysis.metrics.rows import DAY_US, EVERYONE, GROUP, counted, lacking, of_segment, whole
from cxanalysis.study import Study

WEEK_US = 7 * DAY_US
WEEKS = 13
SOON_WEEKS = 4
WITHIN = (7, 30, 90)  # days
THOUSAND = 1000
CURVE = ("week", "from_day", "contacts", "customers", "rate", "rate_low", "rate_high", "note")


def touches_gap(study: Study) -> str:
    """What is needed to see contacts beside all touches of their customers; empty for nothing."""
    for table in ("tickets", "journeys"):
        gap = lacking(study, table)
        if gap is not None:
            return gap
    if not study.has("tickets", CUSTOMER):
        return "needs tickets.customer_id"
    return narrowed_gap(study)


def narrowed_gap(study: Study) -> str:
    """A segment that is one of touches, not of customers, hides what else they touched."""
    column = study.segment[0] if study.segment else ""
    if not column or study.has("customers", column) or not study.has("journeys", column):
        return ""
    return f"needs customers.{column}, or no segment, to see all touches of a customer"


def purchase_gap(study: Study) -> str:
    """What is needed to see contacts beside purchases, "needs …"; empty where nothing is."""
    gap = touches_gap(study)
    if gap:
        return gap
    stage = study.config.journey.purchase
    known = stage in study.config.stages
    return "" if known else f"needs the stage of purchase: there is no {stage!r} among the stages"


def contact_timing(study: Study) -> pd.DataFrame:
    """How many contacts of the period came before any purchase on record, and how soon after one.

    A purchase is a touch at the stage that ``[journey] purchase`` names; a contact counts from
    its customer's last one. Purchases before the data begin are not on record.

    Returns
    -------
    DataFrame
        As `service_metrics`, customers being the unit of the intervals: before_purchase,
        after_purchase (shares of contacts of known customers), after_7_days, after_30_days and
        after_90_days (shares of the contacts after a purchase that came so soon).
    """
    definitions, base = _definitions(study), study.config.metrics.min_base
    gap = purchase_gap(study)
    if gap:
        return tidy(tidy_row(each, Figure(note=gap), base) for each in definitions)
    rows = after_purchases(study)
    after = ~nw.col("_bought").is_null()
    since, bought = nw.col("opened_at") - nw.col("_bought"), counted(after)
    measures = {
        "before_purchase": Ratio(nw.lit(1), counted(~after)),
        "after_purchase": Ratio(nw.lit(1), bought),
    }
    for days in WITHIN:
        measures[f"after_{days}_days"] = Ratio(bought, counted(since <= days * DAY_US))
    nobody = counted(nw.col(CUSTOMER).is_null()).sum()
    unknown = whole(collect(contacts_of(study, None).select(n=nobody))["n"].iloc[0])
    note = left_out(unknown, "contact", "contacts", "of unknown customers")
    return clustered_shares(study, rows, measures, definitions, note)


def clustered_shares(
    study: Study,
    rows: Lazy,
    measures: dict[str, Ratio],
    definitions: tuple[Definition, ...],
    note: str = "",
) -> pd.DataFrame:
    """Shares of contacts as a tidy table, with the customer as the unit of the intervals."""
    base = study.config.metrics.min_base
    found = ratios(rows.with_columns(nw.lit(EVERYONE).alias(GROUP)), [GROUP], measures)
    figures = {each.metric: Figure(note="nothing to count") for each in definitions}
    if len(found):
        row = found.iloc[0]
        for name in measures:
            value, variance, n, customers = (
                float(row[f"{name}_{part}"]) for part in ("mean", "variance", "n", "customers")
            )
            if n:
                low, high = share_limits(value, variance, n, customers)
                figures[name] = Figure(value, float(low), float(high), int(n), note)
    return tidy(tidy_row(each, figures[each.metric], base) for each in definitions)


def contacts_since_purchase(study: Study) -> pd.DataFrame:
    """Contacts by week since the customer's last purchase, for customers at risk of one.

    A customer is at risk from each touch at the stage of purchase up to the next one, within the
    study's period and while contacts are recorded.

    Returns
    -------
    DataFrame
        week (1 to 13), from_day, contacts, customers (at risk for at least a part of the
        week), rate (contacts per 1,000 customers and week) with its 95 % interval (customer as
        the unit), note. Weeks with fewer than ``min_base`` weeks at risk are withheld.

    Raises
    ------
    ReportError
        When contacts or purchases are not there.
    """
    each = study.once(weeks_at_risk)
    base = study.config.metrics.min_base
    rows = []
    for week in range(WEEKS):
        mine = each[each["week"] == week]
        value, variance, exposure = _rate(mine["contacts"], mine["weeks"])
        low, high = rate_limits(value, variance, exposure)
        few = exposure < base
        limits = (np.nan,) * 3 if few else (value, float(low), float(high))
        note = f"withheld: fewer than {base}" if few else ""
        figures = (THOUSAND * part for part in limits)
        rows.append((week + 1, 7 * week, int(mine["contacts"].sum()), len(mine), *figures, note))
    return pd.DataFrame(rows, columns=list(CURVE))


def soon_and_later(study: Study) -> tuple[Figure, Figure, Figure]:
    """Contacts per 1,000 customers and week in the first weeks, in the later ones, and the gap."""
    each = study.once(weeks_at_risk)
    soon = each["week"] < SOON_WEEKS
    parts = [each[soon], each[~soon]]
    sums = [part.groupby(CUSTOMER)[["contacts", "weeks"]].sum() for part in parts]
    base = study.config.metrics.min_base
    if min(float(part["weeks"].sum()) for part in sums) < base:
        few = Figure(n=min(len(part) for part in sums), note=f"withheld: fewer than {base}")
        return few, few, few
    figures, offs = [], []
    for part in sums:
        value, variance, exposure = _rate(part["contacts"], part["weeks"])
        low, high = rate_limits(value, variance, exposure)
        ends = (THOUSAND * float(low), THOUSAND * float(high))
        figures.append(Figure(THOUSAND * value, *ends, len(part)))
        offs.append((part["contacts"] - value * part["weeks"]) / exposure)
    off = offs[0].sub(offs[1], fill_value=0.0).to_numpy(float)
    gap = figures[0].value - figures[1].value
    std = THOUSAND * float(np.sqrt((off**2).sum() / (len(off) - 1))) * len(off)
    low, high = mean_interval(gap, std, len(off))
    return figures[0], figures[1], Figure(gap, float(low), float(high), len(off))


def after_purchases(study: Study) -> Lazy:
    """Contacts of known customers in the period, with ``_bought``, the last purchase before."""
    contacts = contacts_of(study, None).filter(~nw.col(CUSTOMER).is_null())
    order = [name for name in ("opened_at", CUSTOMER, "ticket_id") if study.has("tickets", name)]
    contacts = contacts.with_row_index("_row", order_by=order)
    last = (
        contacts.select("_row", CUSTOMER, "opened_at")
        .join(_purchases(study), on=CUSTOMER, how="inner")
        .filter(nw.col("_at") <= nw.col("opened_at"))
        .group_by("_row")
        .agg(_bought=nw.col("_at").max())
    )
    return contacts.join(last, on="_row", how="left")


def weeks_at_risk(study: Study) -> pd.DataFrame:
    """By customer and week since a purchase (from 0): weeks at risk, and contacts.

    Raises
    ------
    ReportError
        When contacts or purchases are not there.
    """
    gap = purchase_gap(study)
    if gap:
        raise ReportError(f"Contacts since a purchase cannot be told: that {gap}.")
    first_us, last_us = extent(customer_contacts(study))
    start, end = first_us, last_us + 1
    if study.period is not None:
        start, end = max(start, study.period.start_us), min(end, study.period.end_us)
    bought = _purchases(study)
    following = nw.col("_at").shift(-1).over(CUSTOMER, order_by="_at")
    spells = bought.with_columns(_until=following.fill_null(last_us + 1))
    weeks = study.engine.register(pd.DataFrame({"week": np.arange(WEEKS)}))
    opens = nw.col("_at") + nw.col("week") * WEEK_US
    begin = nw.max_horizontal(opens, nw.lit(start))
    stop = nw.min_horizontal(opens + WEEK_US, nw.col("_until"), nw.lit(end))
    risk = (
        spells.join(weeks, how="cross")
        .with_columns(_time=stop - begin)
        .filter(nw.col("_time") > 0)
        .with_columns(weeks=nw.col("_time").cast(nw.Float64) / WEEK_US)
        .group_by(CUSTOMER, "week")
        .agg(weeks=nw.col("weeks").sum())
    )
    contacts = after_purchases(study).filter(~nw.col("_bought").is_null())
    since = (nw.col("opened_at") - nw.col("_bought")) // WEEK_US
    asked = (
        contacts.with_columns(week=since.cast(nw.Int64))
        .group_by(CUSTOMER, "week")
        .agg(contacts=nw.len())
    )
    joined = risk.join(asked, on=[CUSTOMER, "week"], how="left")
    found = collect(joined.with_columns(nw.col("contacts").fill_null(0)))
    return found.sort_values(["week", CUSTOMER], ignore_index=True)


def _purchases(study: Study) -> Lazy:
    """Instants of purchases by customer, of all the data."""
    rows = of_segment(study, "journeys", study.tables["journeys"])
    rows = rows.filter(nw.col("stage") == study.config.journey.purchase)
    rows = rows.filter(~nw.col("occurred_at").is_null())
    return rows.select(CUSTOMER, _at=nw.col("occurred_at")).unique()


def _rate(contacts: pd.Series[Any], weeks: pd.Series[Any]) -> tuple[float, float, float]:
    """Contacts per week, its variance with the customer as the unit, and the weeks."""
    units, exposure = len(weeks), float(weeks.sum())
    if not exposure:
        return np.nan, np.nan, 0.0
    value = float(contacts.sum()) / exposure
    spread = float(((contacts - value * weeks) ** 2).sum())
    return value, spread * units / max(units - 1, 1) / exposure**2, exposure


def _definitions(study: Study) -> tuple[Definition, ...]:
    stage = study.config.journey.purchase
    known = "contacts of known customers"
    return (
        Definition(
            "before_purchase",
            "Before any purchase",
            "share",
            f"contacts without an earlier touch of {stage} on record ÷ {known}",
        ),
        Definition(
            "after_purchase",
            "After a purchase",
            "share",
            f"contacts after a touch of {stage} ÷ {known}",
        ),
        *(
            Definition(
                f"after_{days}_days",
                f"Within {days} days of it",
                "share",
                f"contacts at most {days} days after the customer's last touch of {stage} ÷ "
                "contacts after one",
            )
            for days in WITHIN
        ),
    )
