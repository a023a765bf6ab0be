"""The silent customers in words: how many, what the heard say, what the unheard leave open."""

from __future__ import annotations

import math
import re

import pandas as pd

from cxanalysis.findings.silent import Leaning, ShareCurve, SilentFinding
from cxanalysis.narrative.core import describe, footnotes, tabulate
from cxanalysis.narrative.silent_who import who_cells, who_leaves, who_notes, who_they_are
from cxanalysis.narrative.words import (
    agreeing,
    cited,
    counted,
    digits_of,
    integer,
    interval,
    listed,
    name,
    percent,
    points,
    roughly,
    score,
    with_interval,
)

PARTS = {
    "neither": "did neither",
    "answer only": "answered a survey, opened no ticket",
    "both": "did both",
    "ticket only": "opened a ticket, answered no survey",
}
"""The four groups of active customers in words."""
WEIGHTINGS = {"raked": "raked", "propensity": "by the chance to answer"}
ANSWERED_OF_ACTIVE = "answered of active"
_QUESTIONS = {
    "invited": ("customers active throughout", "were asked"),
    "answered": ("those asked", "answered"),
    ANSWERED_OF_ACTIVE: ("customers active throughout", "answered"),
}


@describe.register
def _describe(finding: SilentFinding) -> tuple[str, ...]:
    paragraphs = (
        _silent(finding),
        _unmatched(finding),
        _detractors(finding),
        who_they_are(finding.who),
        who_leaves(finding.who, finding.lookback_days, finding.period),
        _leanings(finding),
        _nps(finding),
        _open(finding),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@footnotes.register
def _footnotes(finding: SilentFinding) -> tuple[str, ...]:
    notes = who_notes(finding.who)
    if finding.silent.known:
        notes = (
            "The share goes by the length of the period: the longer it is, the fewer stay silent. "
            "Shares of periods of other lengths do not compare.",
            *notes,
        )
    if not finding.weighted:
        return notes
    whom = f"the make-up of {finding.weighted_for}" if finding.weighted_for else "everyone's"
    return (
        *notes,
        f"Raked: answers are weighted until they have {whom}; by the chance to answer: each counts "
        "by one over the chance of being asked and of answering. One voice per customer, no weight "
        "above five times the average, intervals from samples of customers, the silent among them.",
    )


@tabulate.register
def _tabulate(finding: SilentFinding) -> pd.DataFrame | None:
    if not finding.silent.known:
        return None
    digits = agreeing(1.0, [share for _, _, share in finding.parts])
    rows = [
        {
            "active customers who": PARTS[part],
            "customers": integer(n),
            "share": percent(share, digits),
            **who_cells(finding.who, part),
        }
        for part, n, share in finding.parts
    ]
    return pd.DataFrame(rows)


def _silent(finding: SilentFinding) -> str:
    if finding.gap:
        return f"**How many customers are never heard cannot be told.** It needs {finding.gap}."
    if finding.n_active == 0:
        return f"**No customer was active** ({finding.period})."
    if not finding.silent.known:
        return (
            f"**Withheld: only {counted(finding.n_active, 'active customer')}**, and below "
            f"{finding.min_base} no figure is given."
        )
    share = percent(finding.silent.value, digits_of(finding.silent))
    return (
        f"**{share} of active customers opened no ticket and answered no survey** "
        f"({integer(finding.neither)} of {integer(finding.n_active)}, {finding.period})."
    )


def _unmatched(finding: SilentFinding) -> str:
    if not finding.silent.known or not finding.tickets_unmatched.known:
        return ""
    if finding.tickets_unmatched.value == 0:
        return ""
    return (
        f"That is the most it can be: {percent(finding.tickets_unmatched.value)} of "
        f"{counted(finding.n_tickets, 'ticket')} match no known customer, and some of the silent "
        "may stand behind those."
    )


def _detractors(finding: SilentFinding) -> str:
    share = finding.detractors_without_ticket
    if not share.known:
        return ""
    words = roughly(share.value)
    exact = with_interval(share)
    part = exact if words == percent(share.value) else f"{words}, {exact},"
    text = (
        f"Of {counted(finding.n_detractors, 'detractor')} who answered, {part} had no ticket in "
        f"the {counted(finding.lookback_days, 'day')} before"
    )
    others = finding.others_without_ticket
    if not others.known:
        return f"{text}. Whoever reads tickets alone does not meet them."
    return (
        f"{text}; of {integer(finding.n_others)} others who answered, {with_interval(others)}. "
        "Whoever reads tickets alone meets none of these, content or not."
    )


def _leanings(finding: SilentFinding) -> str:
    """Who is asked and who answers: only what differs beyond chance."""
    if not finding.leanings:
        return ""
    sentences = [_leaning(each, finding.lookback_days) for each in finding.leanings if each.trait]
    if any(each.question == ANSWERED_OF_ACTIVE for each in finding.leanings):
        sentences.insert(
            0, "Without a record of invitations, being asked and answering cannot be told apart."
        )
    if not any(each.trait for each in finding.leanings):
        sentences.append("Nothing on record goes clearly with who is asked or who answers.")
    return " ".join(sentences)


def _leaning(leaning: Leaning, days: int) -> str:
    whole, verb = _QUESTIONS[leaning.question]
    odds = leaning.odds
    more = odds.value > 1
    first, last = _customers(leaning, days)
    shares = f"{percent(leaning.rate)} against {percent(leaning.reference_rate)}"
    if more != (leaning.rate > leaning.reference_rate):
        shares = f"plain shares are {shares}"
    return (
        f"Of {whole}, {first} {verb} {'more' if more else 'less'} often than {last}: {shares}, and "
        f"{score(odds.value)} times the odds ({score(odds.low)} to {score(odds.high)}) with all "
        "else on record held equal."
    )


def _customers(leaning: Leaning, days: int) -> tuple[str, str]:
    """The two kinds of customers that are compared, in words."""
    level, reference = leaning.level, leaning.reference
    if leaning.trait == "contacted":
        kinds = {
            "yes": f"those who had made contact in the {counted(days, 'day')} before",
            "no": "those who had not",
        }
        return kinds[level], kinds[reference]
    trait = name(leaning.trait)
    if re.search(r" (fifth|third|half)$|^band \d", reference):
        place = f"those of unknown {trait}" if level == "unknown" else f"the {level} by {trait}"
        return place, f"the {reference}"
    return f"those with {trait} {cited(level)}", f"those with {cited(reference)}"


def _nps(finding: SilentFinding) -> str:
    if not finding.nps.known:
        return ""
    sentence = (
        f"NPS is {with_interval(finding.nps, 'points')} as collected, on "
        f"{counted(finding.n_nps, 'answer')}."
    )
    shown = [each for each in finding.weighted if each.metric == "nps"]
    if not shown:
        return sentence
    figures = [
        f"{points(each.figure.value)} ({interval(each.figure, 'points')}; "
        f"{WEIGHTINGS[each.weighting]}, worth {integer(each.kish_n)} plain answers)"
        for each in shown
    ]
    return f"{sentence} Weighted to stand for {finding.weighted_for}, it is {listed(figures)}."


def _open(finding: SilentFinding) -> str:
    """What no weighting can mend, and how far it could go."""
    found = [_nps_bounds(finding), _csat_bounds(finding), _share(finding)]
    sentences = [sentence for sentence in found if sentence]
    if not sentences:
        return ""
    first = "If silence depends on satisfaction itself, no weighting can mend it."
    return " ".join([first, *sentences])


def _nps_bounds(finding: SilentFinding) -> str:
    if not finding.nps.known or math.isnan(finding.nps_low):
        return ""
    sentence = (
        "Assuming nothing about those who were asked and did not answer, NPS over all who were "
        f"asked lies between {points(finding.nps_low)} and {points(finding.nps_high)}"
    )
    if math.isnan(finding.silent_nps_at_zero):
        return f"{sentence}."
    side = "above" if finding.nps.value > 0 else "below"
    turn = "below" if side == "above" else "above"
    return (
        f"{sentence}, and stays {side} zero unless the silent among them average {turn} "
        f"{points(finding.silent_nps_at_zero)}."
    )


def _csat_bounds(finding: SilentFinding) -> str:
    if not finding.csat.known or math.isnan(finding.csat_low):
        return ""
    return (
        f"CSAT, {percent(finding.csat.value)} as collected, lies between "
        f"{percent(finding.csat_low)} and {percent(finding.csat_high)}."
    )


def _share(finding: SilentFinding) -> str:
    curve = finding.share_curve
    if curve is None or math.isnan(curve.low):
        return ""
    return (
        f"Service's share of what our model accounts for, {percent(curve.share)}, would be "
        f"{percent(curve.less)} if customers one standard deviation less satisfied than average "
        f"were underrepresented {score(curve.reach)} times, and {percent(curve.more)} if those one "
        f"more satisfied were{_between(curve)}."
    )


def _between(curve: ShareCurve) -> str:
    """How far the share goes under weaker tilts, where that is further."""
    ends = [percent(end) for end in (curve.low, curve.high)]
    if set(ends) <= {percent(curve.less), percent(curve.more)}:
        return ""
    return f"; under weaker leanings it lies between {ends[0]} and {ends[1]}"
