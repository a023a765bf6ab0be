"""Why customers made contact: reasons, kinds, failures, and which of them come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, ClassVar

import pandas as pd

from cxanalysis.config import StudyConfig
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.reasons import (
    FAILURE,
    contact_mix,
    contact_reasons,
    reason_counts,
    reasons_gap,
    share_gap,
)
from cxanalysis.metrics.recurrence import ALL, RECUR_DAYS, recurrence, recurrence_gap
from cxanalysis.study import Study

MOST = 10  # reasons shown one by one


@dataclass(frozen=True)
class Reason:
    """A reason: contacts, their share, the rate per 1,000 of ``per``, and how often it recurs.

    ``owner`` is whom the study file names for mending the reason or its stage.
    """

    reason: str
    contacts: int
    issues: float
    customers: int
    share: Estimate
    rate: Estimate = UNKNOWN
    per: str = ""
    stage: str = ""
    is_failure: bool = False
    hours: float = nan
    cost: float = nan
    owner: str = ""
    n_recurring: int = 0
    same_again: Estimate = UNKNOWN
    any_again: Estimate = UNKNOWN


@dataclass(frozen=True)
class Part:
    """Contacts of one kind: their share of the ``n`` of which the kind is known."""

    about: str
    label: str
    contacts: int
    n: int
    share: Estimate


@dataclass(frozen=True)
class ReasonsFinding(Finding):
    """Reasons of the period, most frequent first; ``needs`` says why there are none.

    ``lead`` is how far the share of the first lies above that of the second; ``others`` counts
    the reasons beyond those shown, ``others_share`` their contacts; ``failure``,
    ``failure_hours`` and ``failure_cost`` are of contacts for a reason that is a failure, the
    handled ones of known time for the latter two; ``nameless`` counts contacts without a
    customer number, of which no issue can be told.
    """

    kind: ClassVar[str] = "reasons"

    period: str
    min_base: int
    n: int = 0
    reasons: tuple[Reason, ...] = ()
    nameless: int = 0
    lead: Estimate = UNKNOWN
    others: int = 0
    others_share: float = 0.0
    mix: tuple[Part, ...] = ()
    failure: Estimate = UNKNOWN
    has_failures: bool = False
    failure_hours: float = nan
    failure_cost: float = nan
    all_hours: float = nan
    currency: str = ""
    has_stages: bool = False
    recur_days: int = RECUR_DAYS
    again: Estimate = UNKNOWN
    any_again: Estimate = UNKNOWN
    n_again: int = 0
    needs: str = ""


def find_reasons(study: Study) -> ReasonsFinding:
    """Why customers made contact in the study's period."""
    period, base = period_title(study.period), study.config.metrics.min_base
    gap = reasons_gap(study)
    if gap:
        return ReasonsFinding(period, base, needs=gap)
    table = contact_reasons(study)
    if table.empty or int(table["n"].iloc[0]) < base:
        return ReasonsFinding(period, base, int(table["n"].max()) if len(table) else 0)
    n, shown, rest = int(table["n"].iloc[0]), table.head(MOST), table.iloc[MOST:]
    again = _again(study)
    mix = _mix(study)
    failed = next((part.share for part in mix if part.label == FAILURE), UNKNOWN)
    hours = table["handle_hours"]
    return ReasonsFinding(
        period=period,
        min_base=base,
        n=n,
        reasons=tuple(
            _reason(row, study.config, again.get(row["reason"], {}))
            for row in shown.to_dict("records")
        ),
        nameless=int(table["nameless"].sum()),
        lead=_lead(study, table),
        others=len(rest),
        others_share=float(rest["contacts"].sum()) / n,
        mix=tuple(part for part in mix if part.about != "failure"),
        failure=failed,
        has_failures=bool(study.config.metrics.failure_reasons),
        failure_hours=float(hours[table["is_failure"]].sum()),
        failure_cost=float(table.loc[table["is_failure"], "cost"].sum(min_count=1)),
        all_hours=float(hours.sum(min_count=1)),
        currency=study.config.metrics.currency,
        has_stages=any(each.stage for each in study.config.reasons.values()),
        again=_estimate(again.get(ALL, {}), "same_reason", "same"),
        any_again=_estimate(again.get(ALL, {}), "any_reason", "any"),
        n_again=int(again.get(ALL, {}).get("n", 0)),
    )


def _again(study: Study) -> Mapping[Any, Mapping[Any, Any]]:
    if recurrence_gap(study):
        return {}
    return recurrence(study).set_index("reason").to_dict("index")


def _mix(study: Study) -> tuple[Part, ...]:
    return tuple(
        Part(
            row["about"],
            row["label"],
            row["contacts"],
            row["n"],
            Estimate(row["share"], row["conf_low"], row["conf_high"]),
        )
        for row in contact_mix(study).to_dict("records")
    )


def _reason(row: Mapping[Any, Any], config: StudyConfig, again: Mapping[Any, Any]) -> Reason:
    action = config.actions.get(row["reason"]) or config.actions.get(row["stage"])
    # hours of few contacts would tell their mean, since the contacts are counted beside them
    is_small = row["contacts"] < config.metrics.min_base
    return Reason(
        reason=row["reason"],
        contacts=row["contacts"],
        issues=float(row["issues"]),
        customers=row["customers"],
        share=Estimate(row["share"], row["share_low"], row["share_high"]),
        rate=Estimate(row["rate"], row["rate_low"], row["rate_high"]),
        per=row["per"],
        stage=row["stage"],
        is_failure=bool(row["is_failure"]),
        hours=nan if is_small else float(row["handle_hours"]),
        cost=nan if is_small else float(row["cost"]),
        owner=action.owner if action else "",
        n_recurring=int(again.get("n", 0)),
        same_again=_estimate(again, "same_reason", "same"),
        any_again=_estimate(again, "any_reason", "any"),
    )


def _lead(study: Study, table: pd.DataFrame) -> Estimate:
    if len(table) < 2:
        return UNKNOWN
    first, second = table["reason"].iloc[0], table["reason"].iloc[1]
    return Estimate(*share_gap(study.once(reason_counts), first, second))


def _estimate(row: Mapping[Any, Any], name: str, short: str) -> Estimate:
    if name not in row:
        return UNKNOWN
    return Estimate(float(row[name]), float(row[f"{short}_low"]), float(row[f"{short}_high"]))
