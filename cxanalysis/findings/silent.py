"""The customers nobody hears: who was active, wrote no ticket and answered no survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, isnan, nan
from typing import Any, ClassVar

from cxanalysis.drivers import DriverFit, share_sensitivity
from cxanalysis.errors import DataError, ModelError
from cxanalysis.findings.core import (
    CONF_LEVEL,
    UNKNOWN,
    Estimate,
    Finding,
    estimate_of,
    period_title,
)
from cxanalysis.findings.silent_who import NOBODY, Who, find_who
from cxanalysis.metrics.silent import silent_customers
from cxanalysis.nonresponse import (
    ResponseModel,
    answer_model,
    invitation_model,
    nps_by_weighting,
)
from cxanalysis.study import Study


@dataclass(frozen=True)
class Leaning:
    """With what being asked, or answering, goes most clearly.

    ``question`` is "invited", "answered" (of those asked) or "answered of active"; ``trait``
    is empty where nothing on record goes with it beyond chance. ``odds`` compares ``level``
    with ``reference``, other traits held equal; ``rate`` and ``reference_rate`` are the plain
    shares at both.
    """

    question: str
    trait: str = ""
    level: str = ""
    reference: str = ""
    odds: Estimate = UNKNOWN
    rate: float = nan
    reference_rate: float = nan
    n: int = 0


@dataclass(frozen=True)
class Weighted:
    """A figure under weights: how these are made, and how many plain answers tell as much."""

    metric: str
    weighting: str
    figure: Estimate
    kish_n: float


@dataclass(frozen=True)
class ShareCurve:
    """Service's share of what the model accounts for, under the tilts tried.

    ``reach`` is by how many times, at most, an answer one standard deviation more (or less)
    satisfied was let count; ``low`` and ``high`` are the share's ends over all tilts, ``less``
    and ``more`` the shares where the less, or the more, satisfied count by so many times more.
    """

    share: float
    low: float
    high: float
    less: float
    more: float
    reach: float


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
        ``lookback_days`` before they answered; ``n_others``, ``others_without_ticket`` of the
        others who answered that question.
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
    csat, n_csat, csat_low, csat_high
        The same of CSAT, as a share.
    leanings
        With what being asked and answering goes.
    weighted
        NPS and CSAT under weights that let the answers stand for ``weighted_for``.
    share_curve
        How far service's share could move if silence depends on satisfaction itself.
    who
        What the silent are worth, how their journey went and how many of them leave.
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
    n_others: int = 0
    others_without_ticket: Estimate = UNKNOWN
    lookback_days: int = 0
    n_nps: int = 0
    nps: Estimate = UNKNOWN
    nps_low: float = nan
    nps_high: float = nan
    silent_nps_at_zero: float = nan
    n_tickets: int = 0
    tickets_unmatched: Estimate = UNKNOWN
    n_csat: int = 0
    csat: Estimate = UNKNOWN
    csat_low: float = nan
    csat_high: float = nan
    leanings: tuple[Leaning, ...] = ()
    weighted: tuple[Weighted, ...] = ()
    weighted_for: str = ""
    share_curve: ShareCurve | None = None
    who: Who = NOBODY

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


def find_silent(study: Study, fit: DriverFit | None = None) -> SilentFinding:
    """Who was heard in the study's period, and what the unheard leave open.

    Parameters
    ----------
    fit
        The study's model, to say how far service's share could move; left out without.
    """
    rows = study.once(silent_customers).set_index("metric").to_dict("index")
    silent, detractors, nps = rows["silent"], rows["detractors_without_ticket"], rows["nps"]
    csat = rows["csat"]
    return SilentFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        n_active=silent["n"],
        gap=silent["note"].removeprefix("needs ") if silent["note"].startswith("needs ") else "",
        **_parts(rows),
        silent=estimate_of(silent),
        n_detractors=detractors["n"],
        detractors_without_ticket=estimate_of(detractors),
        n_others=rows["others_without_ticket"]["n"],
        others_without_ticket=estimate_of(rows["others_without_ticket"]),
        lookback_days=study.config.model.lookback_days,
        n_nps=nps["n"],
        nps=estimate_of(nps),
        nps_low=rows["nps_lowest"]["value"],
        nps_high=rows["nps_highest"]["value"],
        silent_nps_at_zero=rows["nps_break_even"]["value"],
        n_tickets=rows["tickets_unmatched"]["n"],
        tickets_unmatched=estimate_of(rows["tickets_unmatched"]),
        n_csat=csat["n"],
        csat=estimate_of(csat),
        csat_low=rows["csat_lowest"]["value"],
        csat_high=rows["csat_highest"]["value"],
        **_who_answers(study),
        share_curve=None if fit is None else _curve(fit),
        who=find_who(study),
    )


def _who_answers(study: Study) -> dict[str, Any]:
    """Leanings and weighted figures, as far as the surveys can be read for them."""
    try:
        models = (invitation_model(study), answer_model(study))
        figures = nps_by_weighting(study)
    except DataError:
        return {}
    known = figures[(figures["weighting"] != "raw") & figures["value"].notna()]
    return {
        "leanings": tuple(_leaning(model) for model in models if not model.note),
        "weighted": tuple(
            Weighted(str(row["metric"]), str(row["weighting"]), estimate_of(row), row["kish_n"])
            for row in known.to_dict("records")
        ),
        "weighted_for": "active customers" if "customers" in study.tables else "those asked",
    }


def _leaning(model: ResponseModel) -> Leaning:
    """The level that differs most clearly from its reference, if any does beyond chance."""
    clear = model.terms[model.terms["p_holm"] < 1 - CONF_LEVEL]
    if clear.empty:
        return Leaning(model.question)
    row = clear.sort_values("statistic", key=abs).iloc[-1]
    return Leaning(
        question=model.question,
        trait=row["trait"],
        level=row["level"],
        reference=row["reference"],
        odds=Estimate(row["estimate"], row["conf_low"], row["conf_high"]),
        rate=row["rate"],
        reference_rate=row["reference_rate"],
        n=int(row["n"]),
    )


def _curve(fit: DriverFit) -> ShareCurve | None:
    """None where shares of the fit are not of R², or too few of its rows could be drawn."""
    if fit.measure != "R²":
        return None
    try:
        curve = share_sensitivity(fit)
    except ModelError:
        return None
    share, gamma = curve["share"].to_numpy(), curve["gamma"].abs().to_numpy()
    return ShareCurve(
        share=float(share[gamma.argmin()]),
        low=float(share.min()),
        high=float(share.max()),
        less=float(share[curve["gamma"].argmin()]),
        more=float(share[curve["gamma"].argmax()]),
        reach=exp(gamma.max()),
    )


def _parts(rows: Mapping[Any, Mapping[Any, Any]]) -> dict[str, Any]:
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
