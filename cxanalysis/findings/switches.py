"""Changes of channel before an answer, over one matter, and against what customers prefer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.journeys.switches import (
    ELSEWHERE,
    EVERYONE,
    MOST_SWITCHES,
    SEVERAL,
    channel_gap,
    channel_switches,
    issue_channels,
    issue_gap,
    one_channel_only,
    preference_gap,
    switch_gap,
    switch_slope,
)
from cxanalysis.study import Study

SCORES: tuple[Literal["outcome"], Literal["rating"]] = ("outcome", "rating")


@dataclass(frozen=True)
class Switched:
    """Customers with so many switches, their share, and their mean outcome and rating."""

    switches: int
    customers: int
    share: float
    events: float
    outcome: Estimate = UNKNOWN
    rating: Estimate = UNKNOWN


@dataclass(frozen=True)
class Matters:
    """Of ``n`` matters of several contacts, the share over several channels.

    ``difference`` is that of the satisfaction with their contacts, several − one.
    """

    n: int
    several: Estimate = UNKNOWN
    csat: Estimate = UNKNOWN
    difference: Estimate = UNKNOWN


@dataclass(frozen=True)
class Wanted:
    """Contacts of customers who prefer a channel: share in another, and in each channel used."""

    preferred: str
    n: int
    elsewhere: Estimate = UNKNOWN
    used: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class SwitchesFinding(Finding):
    """Customers by number of switches before their answer, and what one more goes with.

    ``slope`` is of the outcome, ``rating_slope`` of the mean rating of touches on the way.
    ``needs`` holds why a part is missing: of the switches, the matters, the preferences; empty
    where it is there. ``most`` switches stand for as many or more.
    """

    kind: ClassVar[str] = "switches"

    period: str
    min_base: int
    outcome: str = "overall_satisfaction"
    lookback_days: int = 90
    most: int = MOST_SWITCHES
    rows: tuple[Switched, ...] = ()
    slope: Estimate = UNKNOWN
    n: int = 0
    rating_slope: Estimate = UNKNOWN
    matters: Matters | None = None
    wanted: tuple[Wanted, ...] = ()
    needs: tuple[str, str, str] = ("", "", "")


def find_switches(study: Study) -> SwitchesFinding:
    """Changes of channel in the study's period."""
    issues, wishes = issue_gap(study), preference_gap(study)
    if not issues and one_channel_only(study):
        issues, wishes = (
            each or "needs contacts by more than one channel" for each in (issues, wishes)
        )
    needs = (switch_gap(study), issues, wishes)
    slope, rating = (switch_slope(study, each).iloc[0].to_dict() for each in SCORES)
    return SwitchesFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        outcome=study.config.model.outcome,
        lookback_days=study.config.model.lookback_days,
        rows=tuple(
            Switched(
                int(row["switches"]),
                int(row["customers"]),
                float(row["share"]),
                float(row["events"]),
                _of(row, "outcome"),
                _of(row, "rating"),
            )
            for row in channel_switches(study).to_dict("records")
        ),
        slope=_slope(slope),
        rating_slope=_slope(rating),
        n=int(slope["n"]),
        matters=None if issues else _matters(study),
        wanted=() if wishes else _wanted(channel_gap(study)),
        needs=needs,
    )


def _matters(study: Study) -> Matters:
    table = issue_channels(study)
    several = table[table["kind"] == SEVERAL].iloc[0].to_dict()
    limits = (several["share"], several["conf_low"], several["conf_high"])
    return Matters(
        int(table["issues"].sum()),
        Estimate(*(float(each) for each in limits)),
        _of(several, "csat"),
        _of(several, "difference"),
    )


def _wanted(table: pd.DataFrame) -> tuple[Wanted, ...]:
    found = []
    for name, rows in table.groupby("preferred", sort=False):
        other = rows[rows["used"] == ELSEWHERE].iloc[0]
        limits = (other["share"], other["conf_low"], other["conf_high"])
        used = rows[rows["used"] != ELSEWHERE]
        found.append(
            Wanted(
                str(name),
                int(other["n"]),
                Estimate(*(float(each) for each in limits)),
                tuple(zip(used["used"], used["share"].to_numpy(float).tolist(), strict=True)),
            )
        )
    return tuple(sorted(found, key=lambda each: each.preferred != EVERYONE))


def _slope(row: dict[Any, Any]) -> Estimate:
    return Estimate(*(float(row[name]) for name in ("slope", "conf_low", "conf_high")))


def _of(row: dict[Any, Any], name: str) -> Estimate:
    return Estimate(float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"]))
