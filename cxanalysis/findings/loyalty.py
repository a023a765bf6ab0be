"""Who stays: customers kept by what they told, who brings others, and what lasts of a contact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.findings.loyalty_parts import (
    MAIN,
    Adjusted,
    Compared,
    Fine,
    Followed,
    Lasting,
    Referred,
    adjust,
    amplified_in,
    bands_of,
    find_fine,
    find_lasting,
    find_referred,
    follow_all,
    gaps_between,
    judged,
)
from cxanalysis.metrics.cohorts import cohort_gap, outcome_of, purchases_told
from cxanalysis.metrics.loyalty import DAYS, table_of
from cxanalysis.study import Study


@dataclass(frozen=True)
class LoyaltyFinding(Finding):
    """Who is kept, by what they told before.

    Parameters
    ----------
    days, outcome
        How long after the answer; "stays" (still a customer) or "returns" (bought again, of
        those who had bought before).
    needs
        Why nothing can be followed; empty where it can.
    n, events, share
        All customers followed by ``main``, how many of them left (or returned), the share kept.
    main
        What the picture tells them apart by: "nps", "overall" or "csat".
    followed
        Every band of every way to tell them apart, and its curve for ``main``.
    gaps
        Best against worst band, of each way that has two; ``amplified`` the difference that good
        service goes with where the journey was good, less the one where it was not, of
        ``amplified_outcome``: of buying again where too few left.
    purchases_told
        Whether a purchase can be told from what follows it, such as its delivery.
    adjusted
        The main gap as a ratio of speeds, with what else is on record held equal.
    fine, referred, lasting
        Passives; recommendations; what a good contact goes with later.
    """

    kind: ClassVar[str] = "loyalty"

    period: str
    min_base: int
    days: int = DAYS
    outcome: str = "stays"
    needs: str = ""
    n: int = 0
    events: int = 0
    share: Estimate = UNKNOWN
    main: str = ""
    followed: tuple[Followed, ...] = ()
    gaps: tuple[Compared, ...] = ()
    amplified: Compared | None = None
    amplified_outcome: str = "stays"
    adjusted: Adjusted | None = None
    fine: Fine | None = None
    referred: Referred | None = None
    lasting: Lasting | None = None
    lookback_days: int = 0
    purchases_told: bool = True

    def band(self, by: str, name: str) -> Followed | None:
        """A band of one way to tell customers apart; None where it is not known."""
        return next((each for each in self.followed if (each.by, each.band) == (by, name)), None)


def find_loyalty(study: Study, days: int = DAYS) -> LoyaltyFinding:
    """Who was kept after they told how they feel, in the study's period.

    Parameters
    ----------
    days
        How long after an answer or a rated contact to look.
    """
    outcome, base = outcome_of(study), study.config.metrics.min_base
    cohorts = follow_all(study, days, outcome)
    main = next((by for by in MAIN if by in cohorts), None)
    found = LoyaltyFinding(
        period=period_title(study.period),
        min_base=base,
        days=days,
        outcome=outcome,
        lookback_days=study.config.model.lookback_days,
        purchases_told=purchases_told(study),
        needs="" if main else cohort_gap(study, MAIN[0], outcome),
        main=main or "",
        fine=find_fine(study, days),
        referred=find_referred(study, days),
        lasting=find_lasting(study),
    )
    if main is None:
        return _verdicts(found)
    everyone = table_of(cohorts[main], main, days, outcome, base).to_dict("records")[0]
    amplified, by_outcome = amplified_in(cohorts, days, outcome, base)
    return _verdicts(
        replace(
            found,
            n=everyone["n"],
            events=everyone["events"],
            share=Estimate(everyone["value"], everyone["conf_low"], everyone["conf_high"]),
            followed=tuple(bands_of(cohorts, main, days, outcome, base)),
            gaps=tuple(gaps_between(cohorts, days, outcome, base)),
            amplified=amplified,
            amplified_outcome=by_outcome,
            adjusted=adjust(cohorts[main], main, days, base),
        )
    )


def _verdicts(finding: LoyaltyFinding) -> LoyaltyFinding:
    """The finding with every comparison judged, all of them as one family."""
    referred, lasting = finding.referred, finding.lasting
    later, week = (lasting.gap, lasting.week) if lasting else (None, None)
    *gaps, amplified, brought, later, week = judged(
        (*finding.gaps, finding.amplified, referred.gap if referred else None, later, week)
    )
    return replace(
        finding,
        gaps=tuple(each for each in gaps if each is not None),
        amplified=amplified,
        referred=replace(referred, gap=brought) if referred else None,
        lasting=replace(lasting, gap=later, week=week) if lasting else None,
    )
