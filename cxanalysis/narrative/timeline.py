"""Journeys as they went, in words."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.timeline import Event, TimelineFinding
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    counted,
    in_words,
    integer,
    name,
    sentence_case,
    small,
    wider,
    with_interval,
)


@describe.register
def _describe(finding: TimelineFinding) -> tuple[str, ...]:
    if finding.needs:
        return (f"**There is no journey to follow:** it {in_words(finding.needs)}.",)
    if finding.customer:
        return (_one(finding),)
    if not finding.journeys:
        few = small(finding.customers) if finding.customers else "none"
        return (
            f"**Journeys are withheld for {finding.period}:** {few} of the {finding.min_base} "
            f"customers needed had a touch or a contact. {wider(finding.period)}",
        )
    return (_many(finding),)


@tabulate.register
def _tabulate(finding: TimelineFinding) -> pd.DataFrame | None:
    if not finding.customer or not finding.journeys:
        return None
    return pd.DataFrame([_row(event) for event in finding.journeys[0]])


@footnotes.register
def _footnotes(finding: TimelineFinding) -> tuple[str, ...]:
    if not finding.journeys:
        return ()
    return (
        "*Event*: a touch, or a contact with service; a contact that both tables tell of counts "
        "once.",
    )


def _row(event: Event) -> dict[str, str]:
    return {
        "time (UTC)": event.when,
        "event": "contact" if event.is_contact else "touch",
        "stage": name(event.stage) or "–",
        "what": sentence_case(name(event.what)) or "–",
        "channel": event.channel or "–",
        "rating": "–" if math.isnan(event.rating) else f"{event.rating:g}",
    }


def _one(finding: TimelineFinding) -> str:
    if not finding.journeys:
        return (
            f"**Nothing is known of {_who(finding)} in {finding.period}.**"
            if finding.period != "all dates"
            else f"**Nothing is known of {_who(finding)}.**"
        )
    events = finding.journeys[0]
    contacts = [place for place, event in enumerate(events) if event.is_contact]
    text = f"**{_who(finding)} has {counted(len(events), 'event')} on record"
    if not contacts:
        return f"{text}, {_none(len(events))} a contact with service.**"
    of_them = "it is" if len(events) == 1 else f"{small(len(contacts))} of them"
    text += f", {of_them} {'a contact' if len(contacts) == 1 else 'contacts'} with service.**"
    before = contacts[0]
    if before == 0:
        return f"{text} The first event is one of them."
    lie = f"{sentence_case(small(before))} {'event lies' if before == 1 else 'events lie'}"
    return f"{text} {lie} before the first contact, which came {_after(events[before].days)}."


def _who(finding: TimelineFinding) -> str:
    """The customer's number as it is, set apart from the sentence."""
    return f"*{finding.customer.replace('*', '∗')}*"


def _none(events: int) -> str:
    return "which is not" if events == 1 else "none of them"


def _after(days: float) -> str:
    return f"{days:.1f} days after the first event"


def _many(finding: TimelineFinding) -> str:
    text = (
        f"**Half of {counted(finding.customers, 'customer')} had {_at_most(finding.median)} in "
        f"{_during(finding)}, nine in ten at most {integer(finding.most)}"
    )
    if not finding.with_contact.known:
        text += ".**"
    else:
        text += f"; {with_interval(finding.with_contact)} had contact with service.**"
    return (
        f"{text} The picture shows {small(len(finding.journeys))} of them, evenly from the "
        "customer with the fewest events to the one with the most."
    )


def _at_most(count: int) -> str:
    return "one event" if count == 1 else f"at most {integer(count)} events"


def _during(finding: TimelineFinding) -> str:
    return "these data" if finding.period == "all dates" else finding.period
