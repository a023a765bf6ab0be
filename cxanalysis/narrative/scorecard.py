"""The scorecard in words: what moved beyond noise, and what is not shown and why."""

from __future__ import annotations

import pandas as pd

from cxanalysis.findings.scorecard import ScorecardFinding
from cxanalysis.metrics.service_change import OF_CONTACTS
from cxanalysis.narrative.core import caption, describe, footnotes, tabulate
from cxanalysis.narrative.moves import definitions, figures_table, gaps, moves, usual_range
from cxanalysis.narrative.words import (
    agreeing,
    counted,
    digits_of,
    gap_range,
    listed,
    percent,
    signed_gap,
    with_interval,
)


@describe.register
def _describe(finding: ScorecardFinding) -> tuple[str, ...]:
    nps = [_nps(finding)] if finding.figures and finding.nps_mix else []
    return (*moves(finding), *nps, *_paired(finding), *gaps(finding))


@caption.register
def _caption(finding: ScorecardFinding) -> str:
    if not finding.nps_mix:
        return ""
    nps = next(figure for figure in finding.figures if figure.metric == "nps")
    if nps.beyond_usual is None:
        return _nps(finding)
    beyond = "outside" if nps.beyond_usual else "within"
    return (
        f"{_nps(finding)} That is {beyond} the range it usually moves in from {finding.every} to "
        f"{finding.every} ({usual_range(nps)})."
    )


def _paired(finding: ScorecardFinding) -> list[str]:
    """What changed among the same customers, whose own answers are compared."""
    if not finding.paired:
        return []
    parts = [
        f"{each.label} by {signed_gap(each.difference.value, each.unit)} "
        f"({gap_range(each.difference.low, each.difference.high, each.unit)}; "
        f"{counted(each.n, 'customer')})"
        for each in finding.paired
    ]
    return [
        f"Among those who answered in both periods the change is {listed(parts)}. Each is compared "
        "with their own earlier answer; whoever answers twice is not like the rest."
    ]


def _nps(finding: ScorecardFinding) -> str:
    """What the NPS is made of, in the decimals at which it is their difference."""
    nps = next(figure for figure in finding.figures if figure.metric == "nps")
    detractors, passives, promoters = finding.nps_mix
    digits = nps_digits(finding)
    shares = [percent(share, digits) for share in (promoters, passives, detractors)]
    return (
        f"NPS is {with_interval(nps.now, 'points', digits)}: of {counted(nps.n, 'answer')}, "
        f"{shares[0]} are promoters, {shares[1]} passives and {shares[2]} detractors."
    )


@tabulate.register
def _tabulate(finding: ScorecardFinding) -> pd.DataFrame | None:
    return figures_table(finding)


@footnotes.register
def _footnotes(finding: ScorecardFinding) -> tuple[str, ...]:
    return (*definitions(finding), *_unit(finding))


def _unit(finding: ScorecardFinding) -> tuple[str, ...]:
    """Whose several cases the intervals allow for, and whose not."""
    contacts = [each for each in finding.figures if each.metric in OF_CONTACTS]
    others = [each for each in finding.figures if each.metric not in OF_CONTACTS]
    lines = []
    if contacts:
        lines.append(
            "figures of contacts take the customer as the unit, since one makes several contacts"
        )
    if others:
        lines.append(
            "the others take each answer or promise as a case of its own, so where one customer "
            "has several in a period they are somewhat too narrow"
            if contacts
            else "each answer or promise is taken as a case of its own; where one customer has "
            "several in a period, they are somewhat too narrow"
        )
    return (f"*Intervals* and tests: {'; '.join(lines)}.",) if lines else ()


def nps_digits(finding: ScorecardFinding) -> int:
    """Decimals at which promoters less detractors are the NPS, as written."""
    nps = next(figure.now for figure in finding.figures if figure.metric == "nps")
    detractors, _, promoters = finding.nps_mix
    agree = min(1, agreeing(promoters, (detractors, nps.value / 100)))
    return max(agree, digits_of(nps, "points"))
