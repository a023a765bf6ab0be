"""What lies before the first contact, in words."""

from __future__ import annotations

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.lead import LeadFinding
from cxanalysis.narrative.core import caption, describe, footnotes
from cxanalysis.narrative.words import (
    counted,
    in_words,
    integer,
    listed,
    percent,
    small,
    wider,
    with_interval,
)


@describe.register
def _describe(finding: LeadFinding) -> tuple[str, ...]:
    if finding.needs:
        return (
            f"**What lies before the first contact cannot be told:** it {in_words(finding.needs)}.",
        )
    if finding.customers < finding.min_base:
        return (
            f"**What lies before the first contact is withheld for {finding.period}:** "
            f"{_few(finding.customers)} of the {finding.min_base} customers needed could be "
            f"followed from a first touch. {wider(finding.period)}",
        )
    paragraphs = (_headline(finding), _followed(finding), _before(finding))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@caption.register
def _caption(finding: LeadFinding) -> str:
    paragraphs = describe(finding)
    return _followed(finding) if finding.curve is not None else paragraphs[0]


@footnotes.register
def _footnotes(finding: LeadFinding) -> tuple[str, ...]:
    if finding.customers < finding.min_base or finding.needs:
        return ()
    first = "*First touch*, *first contact*: the first ones on record."
    if finding.known_before:
        first += (
            f" {integer(finding.known_before)} of {integer(finding.known)} were customers before "
            "the records begin; touches and contacts that they had earlier are not in them."
        )
    if finding.lead_days.known:
        first += (
            " The days by which half had a touch before are the median of those who made contact "
            "while they were followed; contacts still to come would lengthen it."
        )
    spread = "*Differences between ratings*: squared distances from their mean. "
    return (
        f"{first} All figures are as known at the end of the period.",
        "*In contact within*: customers without a contact count for as long as they could be "
        "followed (Kaplan–Meier).",
        f"{spread if finding.ratings.known else ''}Intervals take customers as what was sampled.",
    )


def _headline(finding: LeadFinding) -> str:
    if not finding.touch_first.known:
        return (
            f"**Hardly anyone made contact:** {_few(finding.contacted)} of "
            f"{counted(finding.customers, 'customer')} did, too few to tell how long before it "
            "the journey began."
        )
    who = f"{counted(finding.contacted, 'customer')} who made contact"
    text = (
        f"{with_interval(finding.touch_first)} of {who} had a touch before"
        if finding.contact_first
        else f"each of {who} had a touch before"
    )
    if finding.lead_days.known:
        text += f", half of these at least {_days(finding.lead_days)} before"
    if finding.touch_first.low > 1 / 2:
        return f"**The experience begins before customer service does:** {text}."
    return f"**What comes first, a touch or a contact, differs:** {text}."


def _followed(finding: LeadFinding) -> str:
    """How many are in contact by when, the ones without a contact counted too."""
    if not finding.reached:
        return ""
    first, *later = finding.reached
    parts = [f"{with_interval(first.share)} had made contact within {first.days} days of the first"]
    parts += [f"{with_interval(each.share)} within {each.days}" for each in later]
    half = (
        f"half of them by day {finding.everyone_days.value:.0f}"
        if finding.everyone_days.known
        else "fewer than half ever did, as far as they could be followed"
    )
    return (
        f"Of all {counted(finding.customers, 'customer')} with a touch, those without a contact "
        f"included, {listed(parts)}; {half}."
    )


def _before(finding: LeadFinding) -> str:
    if not finding.touches.known:
        return ""
    text = (
        f"Before the first contact lie {with_interval(finding.touches)} of the "
        f"{integer(finding.n_touches)} touches of customers who made contact"
    )
    everyone = percent(finding.touches_everyone.value)
    if not finding.ratings.known:
        return f"{text}, and {everyone} of everyone's: records of contacts hold none of them."
    return (
        f"{text}, and {with_interval(finding.ratings)} of the differences between their "
        f"{counted(finding.n_ratings, 'rating')}. Counting customers who made none as well, it is "
        f"{everyone} of the touches and {percent(finding.ratings_everyone.value)} of the "
        "differences: records of contacts hold none of them."
    )


def _few(count: int) -> str:
    return small(count) if count else "none"


def _days(days: Estimate) -> str:
    """A number of days with its interval: "45 days (40 to 52)"."""
    digits = 0 if days.value >= 10 else 1
    text = f"{days.value:.{digits}f} days"
    if not days.has_interval:
        return text
    return f"{text} ({days.low:.{digits}f} to {days.high:.{digits}f})"
