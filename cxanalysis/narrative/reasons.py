"""Why customers made contact, in words."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.core import Estimate
from cxanalysis.findings.reasons import Part, Reason, ReasonsFinding
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    coded,
    counted,
    digits_of,
    gap,
    gap_range,
    in_words,
    integer,
    interval,
    listed,
    name,
    percent,
    sentence_case,
    small,
    wider,
    with_interval,
)

IN_RATES = 3  # reasons whose rate the text gives


@describe.register
def _describe(finding: ReasonsFinding) -> tuple[str, ...]:
    if finding.needs:
        return (f"**Why customers made contact cannot be told:** it {in_words(finding.needs)}.",)
    if not finding.n:
        return (f"**No contact with a reason is known for {finding.period}.**",)
    if not finding.reasons:
        return (
            f"**Why customers made contact cannot be told for {finding.period}:** "
            f"{counted(finding.n, 'contact')} had a reason, fewer than {finding.min_base}. "
            f"{wider(finding.period)}",
        )
    paragraphs = [
        _headline(finding),
        _kinds(finding),
        _again(finding),
        _nameless(finding),
        _unmapped(finding),
    ]
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: ReasonsFinding) -> pd.DataFrame | None:
    if not finding.reasons:
        return None
    rows = pd.DataFrame([_row(each, finding) for each in finding.reasons])
    empty = [column for column in rows if (rows[column].isin(["–", ""])).all()]
    return rows.drop(columns=empty)


@footnotes.register
def _footnotes(finding: ReasonsFinding) -> tuple[str, ...]:
    if not finding.reasons:
        return ()
    lines = [
        "*Share*: contacts with the reason ÷ contacts with a known reason. A reason is what was "
        "written down, and two people may write down two. Intervals take the customer as the "
        "unit, since one customer makes several contacts."
    ]
    if any(each.rate.known for each in finding.reasons):
        lines.append(
            "*Per 1,000*: contacts with the reason for every 1,000 touches of the stage where it "
            "arises, or for every 1,000 active customers where the study file gives no stage."
        )
    if finding.failure.known:
        lines.append(
            "*Failure*: a reason for which nobody would have to make contact had all gone well, "
            "as the study file lists them."
        )
    if finding.again.known:
        lines.append(
            f"*Came back*: issues after which the same customer began another one within "
            f"{finding.recur_days} days ÷ issues whose {finding.recur_days} days ended in the "
            "period. Another customer with the same trouble is not seen here, and a customer "
            "who gave up asking is not either."
        )
    return tuple(lines)


def _headline(finding: ReasonsFinding) -> str:
    first, *rest = finding.reasons
    share = f"{with_interval(first.share)} of {counted(finding.n, 'contact')} with a reason"
    if not rest:
        return f"**Every contact with a known reason was about {_cited(first.reason)}:** {share}."
    second = rest[0]
    if finding.lead.low > 0:
        ahead = gap(finding.lead.value, "share")
        reach = gap_range(finding.lead.low, finding.lead.high, "share")
        text = (
            f"**Most often customers made contact about {_cited(first.reason)}:** {share}, "
            f"{ahead} ({reach}) ahead of {_cited(second.reason)}."
        )
    else:
        text = (
            f"**No reason stands clearly first:** {_cited(first.reason)} with {share} and "
            f"{_cited(second.reason)} with {with_interval(second.share)} differ by no more than "
            "chance would."
        )
    return text + _rates(finding)


def _cited(reason: str) -> str:
    return cited(coded(reason, "reason"))


def _rates(finding: ReasonsFinding) -> str:
    known = sorted(
        (each for each in finding.reasons if each.rate.known), key=lambda each: -each.rate.value
    )
    if not known:
        return ""
    said = [f"{rate(known[0].rate)} contacts about {_cited(known[0].reason)}"]
    said += [f"{rate(each.rate)} about {_cited(each.reason)}" for each in known[1:IN_RATES]]
    per = {each.per for each in known[:IN_RATES]}
    if len(per) == 1:
        of = "active customers" if per == {"customers"} else name(next(iter(per)))
    else:
        of = "touches of the stage where a reason arises"
    return f" For every 1,000 {of} there were {listed(said)}."


def rate(estimate: Estimate) -> str:
    """Contacts per 1,000: "212 (183 to 246)", with a decimal below ten."""
    digits = 0 if estimate.value >= 10 else 1
    text = f"{estimate.value:,.{digits}f}"
    if not estimate.has_interval:
        return text
    return f"{text} ({estimate.low:,.{digits}f} to {estimate.high:,.{digits}f})"


def _kinds(finding: ReasonsFinding) -> str:
    sentences = []
    if finding.failure.known:
        sentences.append(
            f"The {percent(finding.failure.value)} of contacts that came for a reason that is a "
            f"failure{_work(finding)}."
        )
    parts = {(part.about, part.label): part for part in finding.mix}
    advice, buying = parts.get(("help", "advice")), parts.get(("phase", "buying"))
    said = []
    if advice is not None and advice.share.known:
        said.append(f"{with_interval(advice.share)} asked for advice, the others for assistance")
    if buying is not None and buying.share.known:
        said.append(f"{with_interval(buying.share)} were about buying, the others about using")
    if said:
        sentences.append(f"{sentence_case('; '.join(said))}.")
    kinds = [part for part in finding.mix if part.about == "kind" and part.share.known]
    if len(kinds) > 1:
        sentences.append(f"By kind: {_kinds_listed(kinds)}.")
    return " ".join(sentences)


def _kinds_listed(kinds: list[Part]) -> str:
    ordered = sorted(kinds, key=lambda part: -part.share.value)
    return listed([f"{part.label} {with_interval(part.share)}" for part in ordered])


def _work(finding: ReasonsFinding) -> str:
    if not finding.failure_hours > 0 or not finding.all_hours > 0:
        return " need not have been made had all gone well"
    cost = finding.failure_cost
    money = "" if math.isnan(cost) else f", {integer(cost)} {finding.currency}".rstrip()
    return (
        f" took {integer(finding.failure_hours)} of the {integer(finding.all_hours)} hours "
        f"of handling that are known{money}"
    )


def _again(finding: ReasonsFinding) -> str:
    if not finding.again.known:
        return ""
    text = (
        f"Of {counted(finding.n_again, 'issue')} whose {finding.recur_days} days were over, "
        f"{with_interval(finding.again)} were followed by another one of that customer with the "
        f"same reason, and {with_interval(finding.any_again)} by one with any."
    )
    known = [each for each in finding.reasons if each.same_again.known]
    if len(known) < 2:
        return text
    return f"{text} The table has the first share for each reason; they are not ranked here."


def _nameless(finding: ReasonsFinding) -> str:
    """What cannot be told of contacts whose customer is unknown."""
    if not finding.nameless:
        return ""
    if finding.nameless == finding.n:
        return "No contact has a customer number, so neither issues nor repeats can be told."
    counts = "shares and hours" if finding.all_hours > 0 else "shares"
    text = (
        f"{integer(finding.nameless)} of {counted(finding.n, 'contact')} have no customer number: "
        f"{counts} here count them, figures of issues and of repeats do not."
    )
    if any(math.isnan(each.issues) for each in finding.reasons):
        text += " No issues are given for a reason where they are the most."
    return text


def _unmapped(finding: ReasonsFinding) -> str:
    lines = []
    if finding.others:
        lines.append(
            f"{sentence_case(small(finding.others))} rarer "
            f"{'reason' if finding.others == 1 else 'reasons'} with "
            f"{percent(finding.others_share)} of contacts are not listed."
        )
    if not finding.has_stages:
        lines.append(
            "Kinds of contact, and rates by stage, would need the study file to say where each "
            "reason belongs."
        )
    return " ".join(lines)


def _row(each: Reason, finding: ReasonsFinding) -> dict[str, str]:
    again, hours = "–", "–"
    if each.same_again.known:
        digits = digits_of(each.same_again)
        again = f"{percent(each.same_again.value, digits)} ({interval(each.same_again)})"
    if not math.isnan(each.hours):
        hours = f"{each.hours:,.0f}" if each.hours >= 10 else f"{each.hours:.1f}"
    return {
        "reason": sentence_case(coded(name(each.reason), "reason")),
        "contacts": integer(each.contacts),
        "issues": "–" if math.isnan(each.issues) else integer(each.issues),
        "share": with_interval(each.share),
        "hours": hours,
        f"came back in {finding.recur_days} days": again,
        "owner": each.owner or "–",
    }
