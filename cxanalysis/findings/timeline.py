"""Journeys as they went: touches and contacts of a few customers, or of one, in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.figures import share
from cxanalysis.metrics.journeys.timeline import (
    CONTACT,
    journey_lengths,
    journey_timeline,
    journeys_of,
    sees_contacts,
    timeline_gap,
)
from cxanalysis.study import Study

LINES = 10  # journeys shown unless one is asked for


@dataclass(frozen=True)
class Event:
    """A touch or a contact, so many days after the journey's first event in the period."""

    days: float
    is_contact: bool
    stage: str
    what: str = ""
    channel: str = ""
    when: str = ""
    rating: float = float("nan")


@dataclass(frozen=True)
class TimelineFinding(Finding):
    """How many events customers have, and the events of some of them, fewest first.

    Half of the ``customers`` have at most ``median`` events, nine in ten at most ``most``;
    ``with_contact`` is the share of them with a contact among these. ``customer`` is whose
    journey was asked for: reports name nobody, so it is empty there. ``needs`` says why there
    is nothing, and is empty otherwise.
    """

    kind: ClassVar[str] = "timeline"

    period: str
    min_base: int
    customer: str = ""
    customers: int = 0
    median: int = 0
    most: int = 0
    with_contact: Estimate = UNKNOWN
    journeys: tuple[tuple[Event, ...], ...] = ()
    stages: tuple[str, ...] = ()
    needs: str = ""


def find_timeline(study: Study, customer: str | None = None) -> TimelineFinding:
    """Journeys in the study's period: one in every detail, or some from short to long.

    Parameters
    ----------
    customer
        Whose journey to show, ratings and all. Without one, ten customers evenly from those with
        the fewest events to those with the most, and nobody is named.
    """
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = timeline_gap(study)
    if gap:
        return TimelineFinding(period, base, needs=gap)
    stages = tuple(study.config.stages)
    if customer is not None:
        own = _events(journey_timeline(study, customer), whole=True)
        return TimelineFinding(
            period, base, customer=customer, journeys=(own,) if own else (), stages=stages
        )
    lengths = journey_lengths(study)
    if len(lengths) < base:
        return TimelineFinding(period, base, customers=len(lengths), stages=stages)
    with_contact = share(int((lengths["contacts"] > 0).sum()), len(lengths))
    places = np.linspace(0, len(lengths) - 1, min(LINES, len(lengths))).round().astype(int)
    return TimelineFinding(
        period=period,
        min_base=base,
        customers=len(lengths),
        median=int(np.quantile(lengths["events"], 0.5, method="inverted_cdf")),
        most=int(np.quantile(lengths["events"], 0.9, method="inverted_cdf")),
        with_contact=Estimate(with_contact.value, with_contact.conf_low, with_contact.conf_high)
        if sees_contacts(study)
        else UNKNOWN,
        journeys=_some(study, lengths["customer_id"].iloc[places].tolist()),
        stages=stages,
    )


def _some(study: Study, customers: list[str]) -> tuple[tuple[Event, ...], ...]:
    """Journeys of these customers, in their order."""
    frame = journeys_of(study, customers)
    own = dict(list(frame.groupby("customer_id", sort=False)))
    return tuple(_events(own[customer]) for customer in customers)


def _events(frame: pd.DataFrame, *, whole: bool = False) -> tuple[Event, ...]:
    """Events of one customer; their words and ratings only where the whole is asked for."""
    if frame.empty:
        return ()
    days = (frame["occurred_at"] - frame["occurred_at"].iloc[0]) / pd.Timedelta("1D")
    found = []
    texts = frame[["stage", "what", "channel"]].fillna("")
    for day, kind, when, rating, text in zip(
        days, frame["kind"], frame["occurred_at"], frame["rating"], texts.itertuples(), strict=True
    ):
        event = Event(float(day), kind == CONTACT, str(text.stage))
        if whole:
            moment = f"{when:%Y-%m-%d %H:%M}"
            event = Event(
                event.days, event.is_contact, event.stage,
                str(text.what), str(text.channel), moment, float(rating),
            )  # fmt: skip
        found.append(event)
    return tuple(found)
