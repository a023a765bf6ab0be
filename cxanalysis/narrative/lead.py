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
            f"{small(finding.customers)} of the {finding.min_base} customers needed could be "
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
    first = "*First touch*: the first one on record."
    if finding.known_before:
        first += (
            f" {integer(finding.known_before)} of {counted(finding.known, 'customer')} were so "
            "before the records begin; what they met earlier is not in them."
        )
    return (
        f"{first} All figures are as known at the end of the period.",
        "*In contact within*: customers without a contact count for as long as they could be "
        "followed (Kaplan–Meier).",
        "*Differences between ratings*: squared distances from their mean. Intervals take "
        "customers as what was sampled.",
    )


def _headline(finding: LeadFinding) -> str:
    if not finding.touch_first.known:
        return (
            f"**Hardly anyone made contact:** {small(finding.contacted)} of "
            f"{counted(finding.customers, 'customer')} did, too few to tell how long before it "
            "the journey began."
        )
    met = with_interval(finding.touch_first)
    text = f"of {counted(finding.contacted, 'customer')} who made contact, {met} had a touch before"
    if finding.lead_days.known:
        text += f", half of these at least {_days(finding.lead_days)} before"
    if finding.touch_first.low > 1 / 2:
        return f"**The experience begins before customer service does:** {text}."
    return f"**What comes first, a touch or a contact, differs:** {text}."


def _followed(finding: LeadFinding) -> str:
    """How many are in contact by when, the ones without a contact counted too."""
    if not finding.reached:
        return ""
    parts = [f"{with_interval(each.share)} within {each.days} days" for each in finding.reached]
    half = (
        f"half of them by day {finding.everyone_days.value:.0f}"
        if finding.everyone_days.known
        else "fewer than half as far as they could be followed"
    )
    return (
        f"Of all {counted(finding.customers, 'customer')} with a touch, those without a contact "
        f"included, {listed(parts)} of the first touch had made one, {half}."
    )


def _before(finding: LeadFinding) -> str:
    if not finding.touches.known:
        return ""
    text = (
        f"{with_interval(finding.touches)} of {counted(finding.n_touches, 'touch', 'touches')} of "
        "customers who made contact lie before it"
    )
    everyone = percent(finding.touches_everyone.value)
    if not finding.ratings.known:
        return f"{text}, and {everyone} of everyone's: records of contacts hold none of them."
    return (
        f"{text}, and {with_interval(finding.ratings)} of the differences between their "
        f"{counted(finding.n_ratings, 'rating')}. With customers who made none it is {everyone} "
        f"of the touches and {percent(finding.ratings_everyone.value)} of the differences: "
        "records of contacts hold none of them."
    )


def _days(days: Estimate) -> str:
    """A number of days with its interval: "45 days (40 to 52)"."""
    digits = 0 if days.value >= 10 else 1
    text = f"{days.value:.{digits}f} days"
    if not days.has_interval:
        return text
    return f"{text} ({days.low:.{digits}f} to {days.high:.{digits}f})"
