"""The customers nobody hears: who was active, wrote no ticket and answered no survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.silent import silent_customers
from cxanalysis.study import Study


@dataclass(frozen=True)
class SilentFinding(Finding):
    """Who was heard, and what the unheard leave open.

    Parameters
    ----------
    n_active
        Customers active in the period.
    gap
        What the study would need to tell who is silent; empty where it can be told.
    ticket_only, answer_only, both, neither
        How many of them opened a ticket, answered a survey, both or neither.
    silent
        The share of ``neither``.
    n_detractors, detractors_without_ticket
        Detractors (0 to 6 on the NPS question) and the share of them without a ticket in the
        ``lookback_days`` before they answered.
    nps, n_nps
        The NPS as collected, in points.
    nps_low, nps_high
        Where the NPS of all who were asked lies if nothing is assumed about those who did not
        answer; unknown without a record of invitations.
    silent_nps_at_zero
        The average NPS of those who did not answer at which that of all asked would be 0.
    n_tickets, tickets_unmatched
        Tickets in the period, and the share whose customer is not in the customers table:
        some of the silent may be behind those.
    """

    kind: ClassVar[str] = "silent"

    period: str
    min_base: int
    n_active: int = 0
    gap: str = ""
    ticket_only: int = 0
    answer_only: int = 0
    both: int = 0
    neither: int = 0
    silent: Estimate = UNKNOWN
    n_detractors: int = 0
    detractors_without_ticket: Estimate = UNKNOWN
    lookback_days: int = 0
    n_nps: int = 0
    nps: Estimate = UNKNOWN
    nps_low: float = nan
    nps_high: float = nan
    silent_nps_at_zero: float = nan
    n_tickets: int = 0
    tickets_unmatched: Estimate = UNKNOWN

    @property
    def parts(self) -> tuple[tuple[str, int, float], ...]:
        """The four groups of active customers: name, how many, which share."""
        sizes = (
            ("neither", self.neither),
            ("answer only", self.answer_only),
            ("both", self.both),
            ("ticket only", self.ticket_only),
        )
        return tuple((name, n, n / self.n_active if self.n_active else 0.0) for name, n in sizes)


def find_silent(study: Study) -> SilentFinding:
    """Who was heard in the study's period, and what the unheard leave open."""
    rows = silent_customers(study).set_index("metric").to_dict("index")
    silent, detractors, nps = rows["silent"], rows["detractors_without_ticket"], rows["nps"]
    return SilentFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        n_active=silent["n"],
        gap=silent["note"].removeprefix("needs ") if silent["note"].startswith("needs ") else "",
        **_parts(rows),
        silent=_estimate(silent),
        n_detractors=detractors["n"],
        detractors_without_ticket=_estimate(detractors),
        lookback_days=study.config.model.lookback_days,
        n_nps=nps["n"],
        nps=_estimate(nps),
        nps_low=rows["nps_lowest"]["value"],
        nps_high=rows["nps_highest"]["value"],
        silent_nps_at_zero=rows["nps_break_even"]["value"],
        n_tickets=rows["tickets_unmatched"]["n"],
        tickets_unmatched=_estimate(rows["tickets_unmatched"]),
    )


def _parts(rows: Mapping[Any, Mapping[Any, Any]]) -> dict[str, int]:
    """Customers in the four groups, from the shares of those without one, the other or both."""
    shares = [rows[name]["value"] for name in ("silent", "no_ticket", "no_answer")]
    if any(isnan(share) for share in shares):
        return {}
    n = rows["silent"]["n"]
    neither, no_ticket, no_answer = (round(share * n) for share in shares)
    return {
        "neither": neither,
        "answer_only": no_ticket - neither,
        "ticket_only": no_answer - neither,
        "both": n - no_ticket - no_answer + neither,
    }


def _estimate(row: Mapping[Any, Any]) -> Estimate:
    return Estimate(row["value"], row["conf_low"], row["conf_high"])
