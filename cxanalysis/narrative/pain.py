"""Where the journey hurts, in words."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.pain import PainFinding, Place
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    in_words,
    integer,
    listed,
    name,
    percent,
    sentence_case,
    small,
    with_interval,
)

NAMED = 4  # places that a sentence lists
PER = "contacts per 1,000 touches"


@describe.register
def _describe(finding: PainFinding) -> tuple[str, ...]:
    if finding.needs:
        return (f"**Where the journey hurts cannot be told:** it {in_words(finding.needs)}.",)
    if not finding.places:
        return (
            f"**Where the journey hurts cannot be told for {finding.period}:** no touchpoint has "
            f"{finding.min_base} ratings.",
        )
    paragraphs = [_headline(finding), _contacts(finding), _unscored(finding)]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: PainFinding) -> pd.DataFrame | None:
    if not finding.places:
        return None
    rows = pd.DataFrame([_row(each) for each in finding.places])
    if finding.contacts_need:
        rows = rows.drop(columns=PER)
    return rows


@footnotes.register
def _footnotes(finding: PainFinding) -> tuple[str, ...]:
    if not finding.places:
        return ()
    low, high = finding.worst
    answers = f"{low:g}" if low == high else f"{low:g} or {high:g}"
    what = "touches" if finding.contacts_need else "touches and contacts"
    lines = [
        f"*Score*: volume × severity × reach. Volume: {what} there for every 1,000 touches of the "
        f"journey. Severity: ratings of {answers} ÷ ratings there; who rates is not everyone. "
        "Reach: customers who pass there ÷ customers with any touch. The score has no unit "
        "and serves to put places in order."
    ]
    if not finding.contacts_need:
        lines.append(
            "*Contacts*: those whose reason belongs to the stage, counted at the touchpoint that "
            "the customer touched last before. What came before need not be what they were about."
        )
    lines.append(
        "*Next* tells whether the score is told apart from that of the next place: from 1,000 "
        "samples of whole customers, at the usual level, although the order was seen first."
    )
    return tuple(lines)


def _headline(finding: PainFinding) -> str:
    first = finding.places[0]
    what = "touches" if finding.contacts_need else "touches and contacts"
    facts = (
        f"{integer(first.volume)} {what} for every 1,000 touches of the journey, "
        f"{with_interval(first.severity)} of {counted(first.n, 'rating')} low, and "
        f"{percent(first.reach)} of customers pass there"
    )
    if len(finding.places) == 1:
        return f"**Only {_where(first)} has enough ratings to be scored:** {facts}."
    if finding.rivals:
        others = [cited(each) for each in finding.rivals[:NAMED]]
        more = len(finding.rivals) - NAMED
        if more > 0:
            others.append(f"{small(more)} more")
        return (
            f"**Among the places that hurt most is {_where(first)}:** {facts}. Its score, "
            f"{score(first.score)}, is the highest but not told apart from that of "
            f"{listed(others)}."
        )
    second = finding.places[1]
    return (
        f"**The journey hurts most at {_where(first)}:** {facts}. Its score, {score(first.score)}, "
        f"lies {score(first.lead)} above that of {_where(second)}, the next."
    )


def score(estimate: Estimate) -> str:
    """A score with its interval, two figures of it: "7.4 (6.0 to 8.8)"."""
    digits = 0 if abs(estimate.value) >= 100 else 1 if abs(estimate.value) >= 1 else 2
    text = f"{estimate.value:,.{digits}f}"
    if not estimate.has_interval:
        return text
    return f"{text} ({estimate.low:,.{digits}f} to {estimate.high:,.{digits}f})".replace("-", "−")


def _where(place: Place) -> str:
    if place.name == place.stage:
        return cited(place.stage)
    return f"{cited(place.name)} ({name(place.stage)})"


def _contacts(finding: PainFinding) -> str:
    """After which place customers ask most often, as far as contacts count."""
    if finding.contacts_need:
        return f"Contacts are left out: that {in_words(finding.contacts_need)}."
    asked = max(finding.places, key=lambda each: each.contact_rate)
    if len(finding.places) == 1 or not asked.contact_rate > 0:
        return ""
    return (
        f"Of the {small(len(finding.places))} places listed, contacts are most frequent after "
        f"{_where(asked)}: {integer(asked.contact_rate)} for every 1,000 touches there "
        f"({counted(asked.contacts, 'contact')})."
    )


def _unscored(finding: PainFinding) -> str:
    lines = []
    asked = [(place, contacts) for place, contacts in finding.unrated if contacts]
    if asked:
        (place, contacts), *more = asked[:NAMED]
        names = [f"{cited(place)} ({counted(contacts, 'contact')} followed a touch there)"]
        names += [f"{cited(place)} ({integer(contacts)})" for place, contacts in more]
        lines.append(f"Nobody rates {listed(names)}; what is not rated has no score.")
    if finding.withheld:
        places = "place" if finding.withheld == 1 else "places"
        lines.append(
            f"{sentence_case(small(finding.withheld))} {places} with fewer than "
            f"{finding.min_base} ratings or customers {'is' if finding.withheld == 1 else 'are'} "
            "left out."
        )
    if finding.others:
        places = "place" if finding.others == 1 else "places"
        verb = "is" if finding.others == 1 else "are"
        lines.append(
            f"{sentence_case(small(finding.others))} {places} with a lower score {verb} not listed."
        )
    return " ".join(lines)


def _row(place: Place) -> dict[str, str]:
    rate = place.contact_rate
    apart = "–" if math.isnan(place.lead.value) else "apart" if place.is_apart else "not apart"
    stage = "" if place.name == place.stage else f" ({name(place.stage)})"
    return {
        "place": f"{sentence_case(name(place.name))}{stage}",
        "volume": integer(place.volume),
        "low ratings": with_interval(place.severity),
        "reach": percent(place.reach),
        "score": score(place.score),
        "next": apart,
        PER: "–" if math.isnan(rate) else integer(rate),
    }
