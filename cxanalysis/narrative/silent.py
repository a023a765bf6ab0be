"""The silent customers in words: how many, what the heard say, what the unheard leave open."""

from __future__ import annotations

import math

import pandas as pd

from cxanalysis.findings.silent import SilentFinding
from cxanalysis.narrative.core import describe, tabulate
from cxanalysis.narrative.words import (
    agreeing,
    counted,
    digits_of,
    integer,
    percent,
    points,
    roughly,
    with_interval,
)

PARTS = {
    "neither": "did neither",
    "answer only": "answered a survey, opened no ticket",
    "both": "did both",
    "ticket only": "opened a ticket, answered no survey",
}
"""The four groups of active customers in words."""


@describe.register
def _describe(finding: SilentFinding) -> tuple[str, ...]:
    paragraphs = (_silent(finding), _unmatched(finding), _detractors(finding), _nps(finding))
    return tuple(paragraph for paragraph in paragraphs if paragraph)


@tabulate.register
def _tabulate(finding: SilentFinding) -> pd.DataFrame | None:
    if not finding.silent.known:
        return None
    digits = agreeing(1.0, [share for _, _, share in finding.parts])
    rows = [(PARTS[part], integer(n), percent(share, digits)) for part, n, share in finding.parts]
    return pd.DataFrame(
        rows,
        columns=["active customers who", "customers", "share"],
    )


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
    return (
        f"Of {counted(finding.n_detractors, 'detractor')} who answered, {part} had no ticket in "
        f"the {counted(finding.lookback_days, 'day')} before. "
        "Whoever reads tickets alone does not meet them."
    )


def _nps(finding: SilentFinding) -> str:
    if not finding.nps.known:
        return ""
    sentence = (
        f"NPS is {with_interval(finding.nps, 'points')} as collected, on "
        f"{counted(finding.n_nps, 'answer')}."
    )
    if math.isnan(finding.nps_low):
        return sentence
    sentence += (
        " If silence depends on satisfaction itself, no weighting can mend it: assuming nothing "
        "about those who were asked and did not answer, NPS over all who were asked lies between "
        f"{points(finding.nps_low)} and {points(finding.nps_high)}"
    )
    if math.isnan(finding.silent_nps_at_zero):
        return f"{sentence}."
    side = "above" if finding.nps.value > 0 else "below"
    turn = "below" if side == "above" else "above"
    return (
        f"{sentence}, and stays {side} zero unless the silent among them average {turn} "
        f"{points(finding.silent_nps_at_zero)}."
    )
