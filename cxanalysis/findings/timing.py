"""When customers make contact: before or after a purchase, how soon, in what mood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.figures import Figure
from cxanalysis.metrics.help_outcomes import ON_DAYS, help_gap, help_outcomes
from cxanalysis.metrics.moods import contact_moods, mood_gap
from cxanalysis.metrics.scales import boxes_text, scale_of, worst_boxes
from cxanalysis.metrics.since_purchase import (
    SOON_WEEKS,
    contact_timing,
    contacts_since_purchase,
    purchase_gap,
    soon_and_later,
)
from cxanalysis.study import Study


@dataclass(frozen=True)
class Week:
    """Contacts for every 1,000 customers in so many weeks since a purchase (1 is the first)."""

    week: int
    contacts: int
    customers: int
    rate: Estimate


@dataclass(frozen=True)
class TimingFinding(Finding):
    """Contacts of the period beside purchases and ratings; shares of contacts unless said.

    ``soon`` and ``later`` are contacts per 1,000 customers and week in the first ``soon_weeks``
    and after them, ``gap`` their difference. ``good`` and ``bad`` are ratings in words. The
    ``help`` figures follow customers from self-service, where the study file names it. Each
    ``…_need`` says what is lacking, and is empty where nothing is.
    """

    kind: ClassVar[str] = "timing"

    period: str
    min_base: int
    purchase: str
    n: int = 0
    after: Estimate = UNKNOWN
    before: Estimate = UNKNOWN
    n_after: int = 0
    within: tuple[tuple[int, Estimate], ...] = ()
    weeks: tuple[Week, ...] = ()
    soon_weeks: int = SOON_WEEKS
    soon: Estimate = UNKNOWN
    later: Estimate = UNKNOWN
    gap: Estimate = UNKNOWN
    lookback_days: int = 90
    good: str = ""
    bad: str = ""
    n_rated: int = 0
    rated: Estimate = UNKNOWN
    not_dissatisfied: Estimate = UNKNOWN
    after_good: Estimate = UNKNOWN
    after_bad: Estimate = UNKNOWN
    good_or_inquiry: Estimate = UNKNOWN
    help_places: tuple[str, ...] = ()
    help_hours: float = 24.0
    help_days: int = ON_DAYS
    n_help: int = 0
    help_contacted: Estimate = UNKNOWN
    help_went_on: Estimate = UNKNOWN
    help_neither: Estimate = UNKNOWN
    on_with: Estimate = UNKNOWN
    on_without: Estimate = UNKNOWN
    on_difference: Estimate = UNKNOWN
    purchase_need: str = ""
    mood_need: str = ""
    help_need: str = ""


def find_timing(study: Study) -> TimingFinding:
    """When customers made contact in the study's period."""
    config = study.config
    start: dict[str, Any] = {
        "period": period_title(study.period),
        "min_base": config.metrics.min_base,
        "purchase": config.journey.purchase,
        "purchase_need": purchase_gap(study),
        "mood_need": mood_gap(study),
        "help_need": help_gap(study),
        "lookback_days": config.model.lookback_days,
    }
    parts = {} if start["purchase_need"] else _purchase(study)
    if not start["mood_need"]:
        parts |= _moods(study)
    if not start["help_need"]:
        parts |= _help(study)
    return TimingFinding(**(start | parts))


def _purchase(study: Study) -> dict[str, Any]:
    rows = contact_timing(study).set_index("metric").to_dict("index")
    soon, later, gap = soon_and_later(study)
    within = [str(name) for name in rows if str(name).endswith("_days")]
    return {
        "n": int(rows["after_purchase"]["n"]),
        "after": _estimate(rows, "after_purchase"),
        "before": _estimate(rows, "before_purchase"),
        "n_after": int(rows[within[0]]["n"]),
        "within": tuple((int(name.split("_")[1]), _estimate(rows, name)) for name in within),
        "weeks": tuple(
            Week(
                row["week"],
                row["contacts"],
                row["customers"],
                Estimate(row["rate"], row["rate_low"], row["rate_high"]),
            )
            for row in contacts_since_purchase(study).to_dict("records")
        ),
        "soon": _of(soon),
        "later": _of(later),
        "gap": _of(gap),
    }


def _moods(study: Study) -> dict[str, Any]:
    rows = contact_moods(study).set_index("metric").to_dict("index")
    scale = scale_of(study, "journeys", "rating")
    low, high = worst_boxes(scale)
    return {
        "good": boxes_text(scale),
        "bad": f"{low:g}" if low == high else f"{low:g} or {high:g}",
        "n_rated": int(rows["not_dissatisfied"]["n"]),
        "rated": _estimate(rows, "rated_before"),
        "not_dissatisfied": _estimate(rows, "not_dissatisfied"),
        "after_good": _estimate(rows, "after_good_rating"),
        "after_bad": _estimate(rows, "after_bad_rating"),
        "good_or_inquiry": _estimate(rows, "good_or_inquiry"),
    }


def _help(study: Study) -> dict[str, Any]:
    rows = help_outcomes(study).set_index("metric").to_dict("index")
    return {
        "help_places": study.config.service.self_service,
        "help_hours": study.config.service.self_service_hours,
        "n_help": int(rows["help_contacted"]["n"]),
        "help_contacted": _estimate(rows, "help_contacted"),
        "help_went_on": _estimate(rows, "help_went_on"),
        "help_neither": _estimate(rows, "help_neither"),
        "on_with": _estimate(rows, "on_with_contact"),
        "on_without": _estimate(rows, "on_without_contact"),
        "on_difference": _estimate(rows, "on_difference"),
    }


def _estimate(rows: Mapping[Any, Mapping[Any, Any]], metric: str) -> Estimate:
    return Estimate(*(float(rows[metric][end]) for end in ("value", "conf_low", "conf_high")))


def _of(figure: Figure) -> Estimate:
    return Estimate(figure.value, figure.conf_low, figure.conf_high)
