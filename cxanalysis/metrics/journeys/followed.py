"""What came after a moment of the journey: the customer's next contact, if any is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.chases import contact_gap
from cxanalysis.metrics.contacts import COMPANY, customer_contacts
from cxanalysis.metrics.journeys.touches import at_service, touches
from cxanalysis.metrics.resolution import extent
from cxanalysis.metrics.rows import DAY_US, GROUP, counted, lacking
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
OWN = ("stage", "touchpoint")
DAYS = 30
"""How long after a moment a contact is looked for, unless told otherwise."""


@dataclass(frozen=True)
class Watched:
    """First and last contact in the data, microseconds: between them contacts are known."""

    first_us: int
    last_us: int

    def for_days(self, at: str, days: int) -> nw.Expr:
        """Whether contacts are known for so many days after an instant."""
        moment = nw.col(at)
        return (moment >= self.first_us) & (moment <= self.last_us - days * DAY_US)


def watched(study: Study) -> Watched:
    """Between which moments the study's contacts are known."""
    return Watched(*extent(customer_contacts(study)))


def follow_gap(study: Study) -> str:
    """What is needed to see contacts after ratings, "needs …"; empty where nothing is."""
    gap = lacking(study, "journeys") or ""
    if not gap and not study.has("journeys", "rating"):
        gap = "needs journeys.rating"
    return gap or contact_gap(study)


def rated_touches(study: Study, by: str | None = None) -> Lazy:
    """Rated touches of the study's period and segment, with the contacts around each.

    Touches at the channels and touchpoints of service are left out: these are contacts
    themselves. Added are ``touchpoint``, the group, and the columns of `add_contacts`.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    rows = not_service(study, touches(study, by).filter(~nw.col("rating").is_null()))
    return add_contacts(study, rows, "occurred_at")


def rated_frame(study: Study, by: str | None = None) -> pd.DataFrame:
    """`rated_touches` from the first contact on, collected, with times in microseconds.

    Returns
    -------
    DataFrame
        The group, customer_id, stage, touchpoint, rating, wait_us (until the next contact; NaN
        without one), since_us (since the last one before; NaN without one) and left_us (until
        contacts are no longer known; below 0 after that).

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    if by is not None and not (by in OWN and study.has("journeys", by)):
        return _collected(study, by)
    frame = study.once(_everyones)
    return frame if by is None else frame.assign(**{GROUP: frame[by]})


def _everyones(study: Study) -> pd.DataFrame:
    return _collected(study, None)


def _collected(study: Study, by: str | None) -> pd.DataFrame:
    seen, moment = watched(study), nw.col("occurred_at")
    rows = rated_touches(study, by).filter(moment >= seen.first_us)
    return collect(
        rows.select(
            *(GROUP, "customer_id", "stage", "touchpoint", "rating"),
            wait_us=nw.col("_next") - moment,
            since_us=moment - nw.col("_last"),
            left_us=nw.lit(seen.last_us) - moment,
        )
    )


def not_service(study: Study, rows: Lazy) -> Lazy:
    """Touches that are not at the channels and touchpoints that the study calls service."""
    return rows.filter(~at_service(study))


def add_contacts(study: Study, rows: Lazy, at: str) -> Lazy:
    """Rows with ``_next`` and ``_last``: the customer's contacts just after and before an instant.

    Microseconds, null where there is none. A contact at the very instant is neither: it may be
    what the row is about.
    """
    contacts = customer_contacts(study).filter(~nw.col("customer_id").is_null())
    contacts = contacts.select("customer_id", _contact=nw.col("opened_at"))
    moment, contact = nw.col(at), nw.col("_contact")
    around = (
        rows.select("customer_id", at)
        .unique()
        .join(contacts, on="customer_id", how="inner")
        .with_columns(
            _after=nw.when(contact > moment).then(contact),
            _before=nw.when(contact < moment).then(contact),
        )
        .group_by("customer_id", at)
        .agg(_next=nw.col("_after").min(), _last=nw.col("_before").max())
    )
    return rows.join(around, on=["customer_id", at], how="left")


def within(days: int, at: str) -> nw.Expr:
    """1 where the next contact came within so many days of an instant, else 0."""
    return counted(nw.col("_next") <= nw.col(at) + days * DAY_US)


def by_company() -> nw.Expr:
    """Whether the company began a touch, of journeys that say who did."""
    return (nw.col("initiator").cast(nw.String).str.to_lowercase() == COMPANY).fill_null(False)
