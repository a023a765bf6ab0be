"""What lies before the first contact with service, and how long it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.journeys.lead import (
    HORIZONS,
    known_before,
    lead_curve,
    lead_gap,
    lead_time,
)
from cxanalysis.study import Study


@dataclass(frozen=True)
class Reached:
    """Share of customers in contact within so many days of their first touch."""

    days: int
    share: Estimate


@dataclass(frozen=True)
class LeadCurve:
    """The same for every whole day from 0, with limits and customers still followed."""

    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]


@dataclass(frozen=True)
class LeadFinding(Finding):
    """Time from first touch to first contact, and what part of the journey lies before.

    ``contacted`` customers have both, ``touch_first`` is the share of them whose first touch
    came first, ``lead_days`` the median of those. ``touches`` and ``ratings`` are shares that
    lie before the first contact, of customers who made contact and, ``_everyone``, of all.
    ``known_before`` of ``known`` were customers before the records begin. ``needs`` says why
    there is nothing, and is empty otherwise.
    """

    kind: ClassVar[str] = "lead"

    period: str
    min_base: int
    customers: int = 0
    contacted: int = 0
    contact_first: int = 0
    touch_first: Estimate = UNKNOWN
    lead_days: Estimate = UNKNOWN
    everyone_days: Estimate = UNKNOWN
    reached: tuple[Reached, ...] = ()
    touches: Estimate = UNKNOWN
    n_touches: int = 0
    touches_everyone: Estimate = UNKNOWN
    ratings: Estimate = UNKNOWN
    n_ratings: int = 0
    ratings_everyone: Estimate = UNKNOWN
    curve: LeadCurve | None = None
    known_before: int = 0
    known: int = 0
    needs: str = ""


def find_lead(study: Study) -> LeadFinding:
    """How long customers are on the way before they make contact, as known at the period's end."""
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = lead_gap(study)
    if gap:
        return LeadFinding(period, base, needs=gap)
    table = lead_time(study).set_index("metric")
    n = table["n"].astype(int).to_dict()

    def figure(metric: str, scale: float = 1.0) -> Estimate:
        at = list(table.index).index(metric)
        parts = table[["value", "conf_low", "conf_high"]].to_numpy(float)[at] / scale
        return Estimate(*parts.tolist())

    before = known_before(study) or (0, 0)
    return LeadFinding(
        period=period,
        min_base=base,
        customers=n["lead_hours_everyone"],
        contacted=n["touch_first"],
        contact_first=n["touch_first"] - n["lead_hours"],
        touch_first=figure("touch_first"),
        lead_days=figure("lead_hours", 24),
        everyone_days=figure("lead_hours_everyone", 24),
        reached=tuple(
            Reached(days, share)
            for days in HORIZONS
            if (share := figure(f"contact_in_{days}_days")).known
        ),
        touches=figure("touches_before"),
        n_touches=n["touches_before"],
        touches_everyone=figure("touches_before_everyone"),
        ratings=figure("variance_before"),
        n_ratings=n["variance_before"],
        ratings_everyone=figure("variance_before_everyone"),
        curve=_curve(study),
        known_before=before[0],
        known=before[1],
    )


def _curve(study: Study) -> LeadCurve | None:
    table = lead_curve(study)
    if len(table) < 2 or table["share"].max() == 0:
        return None
    share, low, high = (
        tuple(table[name].to_numpy(float).tolist()) for name in ("share", "conf_low", "conf_high")
    )
    return LeadCurve(share, low, high, tuple(map(int, table["at_risk"])))
