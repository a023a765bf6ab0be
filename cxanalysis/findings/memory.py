"""Which rule turns ratings on the way into the overall score, and what is recalled later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from cxanalysis.findings.core import (
    CONF_LEVEL,
    UNKNOWN,
    Estimate,
    Finding,
    estimate_of,
    period_title,
)
from cxanalysis.memory import (
    journey_against_touchpoints,
    rated_answers,
    rating_rules,
    recollection_gap,
    recollection_slope,
)
from cxanalysis.study import Study


@dataclass(frozen=True)
class Rule:
    """A rule, the share of differences it accounts for on unseen customers, its distance.

    ``behind`` is the best rule's share less this one's; ``clear`` says whether it is more than
    noise.
    """

    rule: str
    r2: Estimate
    behind: Estimate = UNKNOWN
    clear: bool = False


@dataclass(frozen=True)
class Levels:
    """How many touchpoints were held against the whole journey, and how they fared."""

    touchpoints: int
    journey_better: int = 0
    touchpoint_better: int = 0


@dataclass(frozen=True)
class Lag:
    """The gap of answers whose last rated touch was so many days ago; ``to_days`` may be inf."""

    from_days: float
    to_days: float
    n: int
    gap: Estimate = UNKNOWN


@dataclass(frozen=True)
class MemoryFinding(Finding):
    """Rules, best first, and the later score less the rating in the moment.

    ``n`` answers of ``customers`` with two ratings or more stand behind the rules; ``typical``
    are the quarters of their number of ratings. ``gap`` and ``slope`` (per 30 days) are on the
    scale from ``low`` to ``high``, over ``n_gap`` answers: of what was asked about one touchpoint
    where ``same_touchpoint``, else of the overall score. ``needs`` says why there are no
    rules, and is empty otherwise.
    """

    kind: ClassVar[str] = "memory"

    period: str
    min_base: int
    outcome: str
    days: int
    rules: tuple[Rule, ...] = ()
    n: int = 0
    customers: int = 0
    n_single: int = 0
    n_unrated: int = 0
    typical: tuple[float, float, float] = (float("nan"), float("nan"), float("nan"))
    levels: Levels | None = None
    gap: Estimate = UNKNOWN
    slope: Estimate = UNKNOWN
    low: float = 1.0
    high: float = 5.0
    median_days: float = float("nan")
    n_gap: int = 0
    same_touchpoint: bool = False
    lags: tuple[Lag, ...] = ()
    needs: str = ""

    @property
    def clear(self) -> bool:
        """Whether the first rule is ahead of every other one by more than noise."""
        return len(self.rules) > 1 and all(rule.clear for rule in self.rules[1:])


def find_memory(study: Study) -> MemoryFinding:
    """Which rule predicts the overall score of the study's period, and the gap of recollection."""
    base = study.config.metrics.min_base
    rules, given = rating_rules(study), rated_answers(study).iloc[0]
    there = recollection_slope(study, same_touchpoint=True).iloc[0]
    same = not pd.isna(there["gap"])
    slope = there if same else recollection_slope(study).iloc[0]
    known = not rules["r2"].isna().all()
    return MemoryFinding(
        period=period_title(study.period),
        min_base=base,
        outcome=study.config.model.outcome,
        days=study.config.model.lookback_days,
        rules=tuple(_rule(row) for row in rules.to_dict("records")) if known else (),
        n=int(rules["n"].iloc[0]),
        customers=int(rules["customers"].iloc[0]),
        n_single=int(given["single"]),
        n_unrated=int(given["unrated"]),
        typical=(float(given["quarter_1"]), float(given["median"]), float(given["quarter_3"])),
        levels=_levels(journey_against_touchpoints(study)) if known else None,
        gap=estimate_of(slope, "gap", "conf_low", "conf_high"),
        slope=estimate_of(slope, "slope", "slope_low", "slope_high"),
        low=float(slope["low"]),
        high=float(slope["high"]),
        median_days=float(slope["median_days"]),
        n_gap=int(slope["n"]),
        same_touchpoint=same,
        lags=_lags(recollection_gap(study, same)) if not pd.isna(slope["gap"]) else (),
        needs="" if known else str(rules["note"].iloc[0]),
    )


def _rule(row: dict[object, float]) -> Rule:
    return Rule(
        str(row["rule"]),
        estimate_of(row, "r2", "conf_low", "conf_high"),
        estimate_of(row, "behind", "behind_low", "behind_high"),
        bool(row["p_adjusted"] < 1 - CONF_LEVEL),
    )


def _levels(table: pd.DataFrame) -> Levels | None:
    known = table[table["difference"].notna()]
    if not len(known):
        return None
    clear = known["p_adjusted"] < 1 - CONF_LEVEL
    ahead = known["difference"] > 0
    return Levels(len(known), int((clear & ahead).sum()), int((clear & ~ahead).sum()))


def _lags(table: pd.DataFrame) -> tuple[Lag, ...]:
    return tuple(
        Lag(
            row["from_days"],
            row["to_days"],
            row["n"],
            estimate_of(row, "gap", "conf_low", "conf_high"),
        )
        for row in table.to_dict("records")
    )
