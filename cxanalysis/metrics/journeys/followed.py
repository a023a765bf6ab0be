"""What came after a moment of the journey: the customer's next contact, if any is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw

from cxanalysis.metrics.chases import contact_gap
from cxanalysis.metrics.contacts import COMPANY, customer_contacts
from cxanalysis.metrics.journeys.touches import touches
from cxanalysis.metrics.resolution import extent
from cxanalysis.metrics.rows import DAY_US, counted, lacking
from cxanalysis.study import Study

Lazy = nw.LazyFrame[Any]
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

    def at_all(self, at: str) -> nw.Expr:
        """Whether contacts are known from an instant on."""
        return (nw.col(at) >= self.first_us) & (nw.col(at) < self.last_us)


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


def not_service(study: Study, rows: Lazy) -> Lazy:
    """Touches that are not at the channels and touchpoints that the study calls service."""
    places = {
        "channel": study.config.service.channels,
        "touchpoint": study.config.service.touchpoints,
    }
    for column, names in places.items():
        if names and study.has("journeys", column):
            rows = rows.filter(~nw.col(column).cast(nw.String).is_in(list(names)).fill_null(False))
    return rows


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
