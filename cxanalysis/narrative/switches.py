"""Changes of channel, in words."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.switches import SwitchesFinding, Wanted
from cxanalysis.metrics.journeys.switches import EVERYONE
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.words import (
    cited,
    counted,
    gap_range,
    in_words,
    integer,
    name,
    percent,
    score,
    sentence_case,
    signed_gap,
    small,
    with_interval,
)


@describe.register
def _describe(finding: SwitchesFinding) -> tuple[str, ...]:
    paragraphs = [_answers(finding), _matters(finding), _wanted(finding)]
    told = [paragraph for paragraph in paragraphs if paragraph]
    if not told:
        return (_nothing(finding),)
    if not told[0].startswith("**"):  # the headline is the first that can be told
        first, stop, rest = told[0].partition(". ")
        told[0] = f"**{first}.**{' ' + rest if stop else ''}".replace("..**", ".**")
    return tuple(told)


@caption.register
def _caption(finding: SwitchesFinding) -> str:
    return describe(finding)[0]


@tabulate.register
def _tabulate(finding: SwitchesFinding) -> pd.DataFrame | None:
    rows = [_row(each) for each in finding.wanted if each.elsewhere.known]
    return pd.DataFrame(rows).fillna("–") if rows else None


@footnotes.register
def _footnotes(finding: SwitchesFinding) -> tuple[str, ...]:
    notes = []
    if finding.rows:
        notes.append(
            "*Change of channel*: a touch or contact in another channel than the customer's one "
            f"before it, within {finding.lookback_days} days before the last answer in the "
            "period. Only customers who answered count; they are not everyone."
        )
    if finding.matters is not None and finding.matters.several.known:
        notes.append(
            "*Matter*: the contacts of one customer about one thing, as for first-contact "
            "resolution; it belongs to the period of its last contact."
        )
    if any(each.elsewhere.known for each in finding.wanted):
        notes.append(
            "*In another channel*: contacts of customers whose preference is known. Whether they "
            "had no choice is not recorded."
        )
    if not all(finding.needs):
        what = ("changes before answers", "matters over several channels", "what is preferred")
        notes += [
            f"Not shown, {thing}: it {in_words(need)}."
            for thing, need in zip(what, finding.needs, strict=True)
            if need
        ]
    return tuple(notes)


def _nothing(finding: SwitchesFinding) -> str:
    need = next((need for need in finding.needs if need), "")
    if need:
        return f"**Changes of channel cannot be told:** it {in_words(need)}."
    return (
        f"**Changes of channel are withheld for {finding.period}:** everything they could be told "
        f"from has fewer than {finding.min_base} cases."
    )


def _answers(finding: SwitchesFinding) -> str:
    """The headline: what one change more goes with."""
    if not finding.slope.known:
        return ""
    slope, outcome = finding.slope, name(finding.outcome)
    ends = gap_range(slope.low, slope.high, "score")
    who = counted(finding.n, "customer")
    if slope.excludes_zero:
        word = "higher" if slope.value > 0 else "lower"
        lead = (
            f"**Each change of channel goes with {outcome} {score(abs(slope.value))} {word}** "
            f"({ends}) among customers with as many events ({who})."
        )
    else:
        lead = (
            f"**How often customers changed channels tells nothing clear about their {outcome}:** "
            f"each change goes with a difference of {signed_gap(slope.value, 'score')} ({ends}) "
            f"among customers with as many events ({who})."
        )
    return f"{lead}{_rated(finding)}{_spread(finding)}"


def _rated(finding: SwitchesFinding) -> str:
    """The same of the ratings on the way."""
    slope = finding.rating_slope
    if not slope.known:
        return ""
    ends = gap_range(slope.low, slope.high, "score")
    noise = "" if slope.excludes_zero else ", within noise"
    return (
        f" In the mean rating of their touches the difference is "
        f"{signed_gap(slope.value, 'score')} ({ends}){noise}."
    )


def _spread(finding: SwitchesFinding) -> str:
    """How many changed never, and how many often."""
    if len(finding.rows) < 2:
        return ""
    never, last = finding.rows[0], finding.rows[-1]
    more = " or more" if last.switches == finding.most else ""
    return (
        f" {percent(never.share)} of those who answered made {small(never.switches)} "
        f"{'change' if never.switches < 2 else 'changes'}, {percent(last.share)} made "
        f"{small(last.switches)}{more}; the former had {never.events:.1f} events each, the latter "
        f"{last.events:.1f}, which the picture does not take out."
    )


def _matters(finding: SwitchesFinding) -> str:
    matters = finding.matters
    if matters is None or not matters.several.known:
        return ""
    text = (
        f"Of {counted(matters.n, 'matter')} that took several contacts, "
        f"{with_interval(matters.several)} went over more than one channel"
    )
    gap = matters.difference
    if not gap.known:
        return f"{text}."
    ends = gap_range(gap.low, gap.high, "score")
    if gap.excludes_zero:
        word = "higher" if gap.value > 0 else "lower"
        return f"{text}; contacts there are rated {score(abs(gap.value))} {word} ({ends})."
    return f"{text}; how contacts are rated there differs by no more than noise ({ends})."


def _wanted(finding: SwitchesFinding) -> str:
    known = [each for each in finding.wanted if each.elsewhere.known]
    if not known or known[0].preferred != EVERYONE:
        return ""
    every, parts = known[0], known[1:]
    text = (
        f"{with_interval(every.elsewhere)} of {counted(every.n, 'contact')} came in another "
        "channel than the one their customer would rather use"
    )
    if len(parts) < 2:
        return f"{text}."
    low, high = (f(parts, key=lambda each: each.elsewhere.value) for f in (min, max))
    return (
        f"{text}: {percent(high.elsewhere.value)} where that is {cited(high.preferred)}, "
        f"{percent(low.elsewhere.value)} where it is {cited(low.preferred)}."
    )


def _row(wanted: Wanted) -> dict[str, str]:
    return {
        "would rather use": sentence_case(name(wanted.preferred)),
        "contacts": integer(wanted.n),
        **{f"by {name(channel)}": percent(share) for channel, share in wanted.used},
        "in another channel": with_interval(wanted.elsewhere),
    }
