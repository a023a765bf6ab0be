"""Service and experience side by side, in words and in a table of what they differ in."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.core import period_title
from cxanalysis.findings.sides import CONTACTS_RATED, Fact, SidesFinding
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    amount,
    cited,
    counted,
    digits_of,
    duration,
    gap,
    gap_range,
    hours,
    in_sentence,
    in_words,
    integer,
    interval,
    listed,
    name,
    percent,
    score,
    sentence_case,
    small,
    wider,
    with_interval,
)

PER_HOURS = 1000  # hours of a journey, of which a sentence tells how many minutes are service
MOST_NAMED = 3
ALL_DATES = period_title(None)
HANDLED = "touches, contacts given up left out"
_EXPLAINED = ("service_touches", "service_hours", "helped_each", "journey_each")


@describe.register
def _describe(finding: SidesFinding) -> tuple[str, ...]:
    if finding.needs:
        return (
            "**Service cannot be held against the whole journey:** that "
            f"{in_words(finding.needs)}.",
        )
    share = finding.fact("service_touches")
    if share is None:
        return (
            f"**Too few touches for a share of service for {finding.period}.** "
            f"{wider(finding.period)}",
        )
    paragraphs = (_headline(finding, share), _time(finding), _arises(finding), _listening(finding))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: SidesFinding) -> pd.DataFrame | None:
    if finding.needs or finding.fact("service_touches") is None:
        return None
    rows = [
        _scope(finding),
        _trigger(finding),
        _horizon(finding),
        _unit(finding),
        _view(finding),
        _measures(finding),
        _asked(finding),
        _owners(finding),
    ]
    known = [row for row in rows if row[1] and row[2]]
    return pd.DataFrame(known, columns=["they differ in", "service", "experience"])


@footnotes.register
def _footnotes(finding: SidesFinding) -> tuple[str, ...]:
    found = [finding.fact(metric) for metric in _EXPLAINED]
    lines = [
        f"*{fact.label}*: {fact.definition}.{_note(fact)}" for fact in found if fact is not None
    ]
    if not lines:
        return ()
    if finding.doubled:
        lines.append(
            "A contact that the journeys hold as a touch of service, and the tickets too, counts "
            "twice."
        )
    if finding.service is not None and finding.service.feedback_share.known:
        lines.append(
            "*Feedback that names its place*: ratings of touches and of contacts, and answers to "
            "transactional surveys. A contact that was given up cannot be rated, so it is left out "
            "of the touches held against them. Those who rate are not everyone who was there."
        )
    return tuple(lines)


def _note(fact: Fact) -> str:
    return f" {sentence_case(fact.note)}." if fact.note else ""


def _headline(finding: SidesFinding, share: Fact) -> str:
    service, people = finding.service, finding.fact("service_customers")
    among = f"{integer(_met(share))} of " if service is not None else ""
    met = ""
    if people is not None:
        met = (
            f" {sentence_case(with_interval(people.value))} of {counted(people.n, 'customer')} "
            "had any."
        )
    return (
        f"**Service is {percent(share.value.value, digits_of(share.value))} "
        f"({interval(share.value)}) of the touches that customers had, experience is all of "
        "them:** "
        f"{among}{counted(share.n, 'touch', 'touches')} for {finding.period}.{met}"
    )


def _met(share: Fact) -> int:
    """How many touches of service there are, contacts given up among them."""
    return round(share.value.value * share.n)


def _time(finding: SidesFinding) -> str:
    helped, waited = finding.fact("service_hours"), finding.fact("waiting_hours")
    sentences = []
    if helped is not None:
        text = (
            f"Of {integer(PER_HOURS)} hours between a customer's first and last touch "
            f"{_within(finding)}, "
        )
        least = "at least " if helped.note else ""  # contacts of unknown length count as none
        text += f"{least}{_of_hours(helped)} are spent being helped"
        if waited is not None:
            text += f" and {_of_hours(waited)} waiting in the queue"
        sentences.append(f"{text}.")
    each, journey = finding.fact("helped_each"), finding.fact("journey_each")
    if each is not None and journey is not None:
        sentences.append(
            f"Half of the customers with a contact were helped for "
            f"{hours(each.value.value)} or less, and half had {hours(journey.value.value)} or more "
            f"between their first and last touch {_within(finding)}; journeys that began before or "
            "went on after are longer than that."
        )
    return " ".join(sentences)


def _within(finding: SidesFinding) -> str:
    """What cuts the journeys: the period, or where the data begin and end."""
    return "in these data" if finding.period == ALL_DATES else f"within {finding.period}"


def _of_hours(fact: Fact) -> str:
    """A share of elapsed time as time in so many hours, with its interval."""
    ends = (PER_HOURS * 3600 * end for end in (fact.value.low, fact.value.high))
    text = duration(PER_HOURS * 3600 * fact.value.value)
    return f"{text} ({' to '.join(duration(end) for end in ends)})"


def _arises(finding: SidesFinding) -> str:
    if not finding.stages:
        return ""
    parts = [
        f"{with_interval(share)} of touches at {cited(stage)}"
        for stage, share in finding.stages[:MOST_NAMED]
    ]
    return f"By the stage at which their reasons arise, contacts are {listed(parts)}."


def _listening(finding: SidesFinding) -> str:
    service = finding.service
    if service is None or not finding.difference.has_interval:
        return ""
    said = sum(place.feedback for place in finding.places)
    size, digits = finding.difference, digits_of(finding.difference)
    start = (
        f"Of {counted(said, 'rating or answer', 'ratings and answers')} that name their place, "
        f"{with_interval(service.feedback_share)} are about service. "
    )
    if not size.excludes_zero:
        ends = gap_range(size.low, size.high, "share", digits)
        text = f"That is not clearly another share than that of {HANDLED} ({ends} points)."
    else:
        more, side = ("more", "above") if size.value > 0 else ("less", "below")
        nearest, farthest = sorted((abs(size.low), abs(size.high)))
        ends = " to ".join(
            gap(end, "share", digits).removesuffix(" points").removesuffix(" point")
            for end in (nearest, farthest)
        )
        text = (
            f"Service is listened to {more} than it is met: its share is "
            f"{gap(size.value, 'share', digits)} {side} that of {HANDLED} ({ends})."
        )
    whole = ""
    if finding.whole:
        whole = f" A further {counted(finding.whole, 'answer')} "
        whole += f"{'is' if finding.whole == 1 else 'are'} about everything at once."
    return start + text + whole


# --- the table -----------------------------------------------------------------------------

Row = tuple[str, str, str]


def _text(fact: Fact | None) -> str:
    """A figure in its unit; empty where it is not known."""
    if fact is None:
        return ""
    if fact.unit == "per 100":
        return f"{fact.value.value:.0f}"
    return amount(fact.value.value, fact.unit, digits_of(fact.value, fact.unit))


def _scope(finding: SidesFinding) -> Row:
    share = finding.fact("service_touches")
    all_of_it = f"all {counted(share.n if share else 0, 'touch', 'touches')}"
    parts = [counted(finding.n_stages, "stage")]
    if finding.n_touchpoints:
        parts.append(counted(finding.n_touchpoints, "touchpoint"))
    return "scope", f"{_text(share)} of touches", f"{all_of_it}: {listed(parts)}"


def _trigger(finding: SidesFinding) -> Row:
    reactive, rate = finding.fact("reactive"), finding.fact("contact_rate")
    asked = "reacts: somebody asked"
    if reactive is not None:
        asked = f"reacts: customers began {_text(reactive)} of contacts"
    elif rate is not None:
        asked = f"reacts: {_text(rate)} contacts for every 100 customers"
    began = finding.fact("company_began")
    other = "either side begins"
    if began is not None:
        other = f"either side: the company began {_text(began)} of touches"
    return "trigger", asked, other


def _horizon(finding: SidesFinding) -> Row:
    handle, solved = finding.fact("handle_time"), finding.fact("resolution_time")
    parts = []
    if handle is not None:
        parts.append(f"{_text(handle)} of handling")
    if solved is not None:
        parts.append(f"{_text(solved)} to a solution")
    journey = finding.fact("journey_hours")
    long = f"{_text(journey)} from first to last touch of the period" if journey is not None else ""
    return "horizon", listed(parts), long


def _unit(finding: SidesFinding) -> Row:
    share, people = finding.fact("service_touches"), finding.fact("service_customers")
    one = f"a contact ({integer(_met(share))})" if share is not None else ""
    return "unit", one, f"a customer ({integer(people.n)})" if people is not None else ""


def _view(finding: SidesFinding) -> Row:
    """What was done, as records tell, against what was felt, as answers tell."""
    done = finding.fact("first_contact_resolution")
    felt = finding.fact("overall_satisfaction")
    was_done = f"what was done: {_text(done)} settled at first contact" if done is not None else ""
    was_felt = ""
    if felt is not None:
        low, high = finding.scale
        was_felt = (
            f"what was felt: {name(felt.metric)} {score(felt.value.value)} of {low:g} to {high:g}"
        )
    return "view", was_done, was_felt


def _measures(finding: SidesFinding) -> Row:
    own = [finding.fact(metric) for metric in ("first_reply", "abandonment")]
    theirs = [finding.fact(metric) for metric in ("nps", "ces")]
    return "also measured by", _figures(own), _figures(theirs)


def _figures(facts: list[Fact | None]) -> str:
    return ", ".join(
        f"{in_sentence(fact.label)} {_text(fact)}" for fact in facts if fact is not None
    )


def _asked(finding: SidesFinding) -> Row:
    contacts, touches = finding.fact(CONTACTS_RATED), finding.fact("touches_rated")
    return (
        "heard on",
        f"{_text(contacts)} of contacts not given up" if contacts is not None else "",
        f"{_text(touches)} of touches" if touches is not None else "",
    )


def _owners(finding: SidesFinding) -> Row:
    service = finding.service
    stages = [place for place in finding.places if not place.is_service]
    named = dict.fromkeys(place.owner for place in stages if place.owner)
    without = sum(not place.owner for place in stages)
    gaps = f"; none named for {small(without)} of {small(len(stages))} stages" if without else ""
    own = service.owner if service is not None else ""
    if not (own or named):
        return "owner", "", ""
    return "owner", own or "none named", f"{listed(list(named)) or 'none'}{gaps}"
