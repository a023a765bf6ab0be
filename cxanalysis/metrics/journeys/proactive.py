"""Whether the company acted before customers were first dissatisfied."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.figures import Definition, Figure, share, tidy, tidy_row
from cxanalysis.metrics.intervals import median_interval
from cxanalysis.metrics.journeys.followed import DAYS, by_company, not_service
from cxanalysis.metrics.journeys.until_contact import low_rating
from cxanalysis.metrics.rows import DAY_US, during, lacking, of_segment, refuse_days, whole
from cxanalysis.study import Study

NEEDS = ("rating", "initiator")


def proactive_lead(study: Study, days: int = DAYS) -> pd.DataFrame:
    """Touches that the company began before a customer's first low rating of the data.

    Parameters
    ----------
    days
        How long before the low rating a touch is looked for.

    Returns
    -------
    DataFrame
        The tidy columns of `service_metrics`: acted_before (customers whose first low rating is
        in the period, of which the company began a touch in the ``days`` before) and
        acted_lead_days (median days from the last such touch to the rating). What the touch was
        for is not known, and a delivery or a newsletter is one too.
    """
    refuse_days(days)
    definitions, base = _definitions(days), study.config.metrics.min_base
    absent = [name for name in NEEDS if not study.has("journeys", name)]
    gap = lacking(study, "journeys") or (f"needs journeys.{absent[0]}" if absent else "")
    if gap:
        return tidy(tidy_row(each, Figure(note=gap), base) for each in definitions)
    own = of_segment(study, "journeys", study.tables["journeys"])
    starts = whole(collect(own.select(first=nw.col("occurred_at").min())).iloc[0]["first"])
    first = (
        not_service(study, own.filter(low_rating(study)))
        .group_by("customer_id")
        .agg(occurred_at=nw.col("occurred_at").min())
        .filter(during(study, "occurred_at"))
        .filter(nw.col("occurred_at") >= starts + days * DAY_US)
    )
    acted = own.filter(by_company()).select("customer_id", _acted=nw.col("occurred_at"))
    wait = nw.col("occurred_at") - nw.col("_acted")
    inside = (wait > 0) & (wait <= days * DAY_US)
    found = collect(
        first.join(acted, on="customer_id", how="left")
        .with_columns(_lead=nw.when(inside).then(wait))
        .group_by("customer_id")
        .agg(nw.col("_lead").min())
    )
    leads = found["_lead"].dropna().to_numpy(float) / DAY_US
    median, (low, high) = median_interval(leads, leads >= 0)
    figures = {
        "acted_before": share(len(leads), len(found)),
        "acted_lead_days": Figure(median, low, high, len(leads)),
    }
    return tidy(tidy_row(each, figures[each.metric], base) for each in definitions)


def _definitions(days: int) -> tuple[Definition, ...]:
    return (
        Definition(
            "acted_before",
            "Company acted before the first low rating",
            "share",
            f"customers to whom the company began a touch in the {days} days before their first "
            f"low rating ÷ customers with a first low rating in the period, from day {days} of "
            "the journeys on",
            NEEDS,
        ),
        Definition(
            "acted_lead_days",
            "Days from touch to low rating",
            "number",
            "median days from the last such touch to the rating",
            NEEDS,
        ),
    )
