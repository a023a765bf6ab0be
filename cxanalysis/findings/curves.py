"""How long is too long: satisfaction and giving up by the wait, and what longer handling brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, nan
from typing import Any, ClassVar

import pandas as pd

from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, period_title
from cxanalysis.metrics.rows import lacking
from cxanalysis.metrics.scales import scale_of
from cxanalysis.metrics.service_bins import first_clear
from cxanalysis.metrics.service_curves import (
    csat_ends,
    handling_curve,
    rating_spread,
    wait_curve,
    wait_slopes,
)
from cxanalysis.metrics.service_patience import abandonment_curve, self_service_first
from cxanalysis.study import Study

SIGNIFICANCE = 0.05
NEEDS = "needs "


@dataclass(frozen=True)
class Bin:
    """Contacts whose time lay from ``low`` up to ``high`` seconds, infinity for the last bin.

    ``value`` is a share or a mean, ``gap`` that of this bin minus the first one's; ``ratings``
    holds how often each rating was given, where ratings are what is looked at.
    """

    low: float
    high: float
    n: int
    value: Estimate = UNKNOWN
    mean: Estimate = UNKNOWN
    satisfied: float = nan
    spread: float = nan
    gap: Estimate = UNKNOWN
    p_adjusted: float = nan
    ratings: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True)
class Curve:
    """One channel's curve; ``turn`` is the bin first told apart from the first one, 0 for none.

    ``clock`` says which wait it is; ``doubling`` is how far the mean rating differs where the
    wait is twice as long, with its p-value after Holm over the channels.
    """

    channel: str
    clock: str
    bins: tuple[Bin, ...]
    turn: int = 0
    doubling: Estimate = UNKNOWN
    p_doubling: float = nan

    @property
    def n(self) -> int:
        """Contacts behind the curve."""
        return sum(each.n for each in self.bins)

    @property
    def compared(self) -> bool:
        """Whether two bins or more are shown."""
        return sum(each.value.known for each in self.bins) > 1


@dataclass(frozen=True)
class Stretch:
    """Of ``waiting`` customers in the queue after ``low`` seconds, how fast they gave up.

    ``per_minute`` is of the time waited from ``low`` to ``high``; ``gone`` is the share of all
    that had given up by ``high``, ``would`` the share that would have, had nobody been answered.
    """

    low: float
    high: float
    waiting: int
    gave_up: int
    per_minute: Estimate = UNKNOWN
    p_adjusted: float = nan
    gone: Estimate = UNKNOWN
    would: Estimate = UNKNOWN


@dataclass(frozen=True)
class SelfService:
    """Those who had tried to help themselves against the others, at one moment of the wait."""

    seconds: float
    n_tried: int
    tried: float
    n_others: int
    others: float
    gap: Estimate


@dataclass(frozen=True)
class CurvesFinding(Finding):
    """The curves of waiting, giving up and handling in a period.

    ``n_queue`` counts all contacts in the queue; ``n_compared`` the bins held against the first
    of their channel, over all waits. ``low`` and ``high`` bound ratings of contacts; ``hours``
    is how long before a contact a visit to self-service counts. The ``needs`` say what is
    missing, and are empty otherwise.
    """

    kind: ClassVar[str] = "curves"

    period: str
    min_base: int
    waits: tuple[Curve, ...] = ()
    n_compared: int = 0
    n_queue: int = 0
    giving_up: tuple[Stretch, ...] = ()
    self_service: SelfService | None = None
    resolved: tuple[Curve, ...] = ()
    rated: tuple[Curve, ...] = ()
    low: float = 1.0
    high: float = 5.0
    higher_is_better: bool = True
    hours: float = 24.0
    short_seconds: float = 5.0
    needs_waits: str = ""
    needs_giving_up: str = ""
    needs_self_service: str = ""
    needs_handling: str = ""


def find_curves(study: Study) -> CurvesFinding:
    """Where satisfaction turns along the wait, how customers give up, what handling brings."""
    period, metrics = period_title(study.period), study.config.metrics
    gap = lacking(study, "tickets")
    if gap is not None:
        return CurvesFinding(period, metrics.min_base, needs_waits=gap, needs_giving_up=gap)
    waits, handling = _waits(study), handling_curve(study)
    low, high = csat_ends(study)
    stretches = abandonment_curve(study).to_dict("records")
    compared = self_service_first(study).to_dict("records")[0]
    return CurvesFinding(
        period=period,
        min_base=metrics.min_base,
        waits=waits,
        n_compared=sum(each.gap.known for curve in waits for each in curve.bins),
        n_queue=stretches[0]["n"] if stretches else 0,
        giving_up=tuple(_stretch(row) for row in stretches),
        self_service=_self_service(compared),
        resolved=_curves(handling[handling["measure"] == "resolved_first"]),
        rated=_curves(handling[handling["measure"] == "csat"]),
        low=low,
        high=high,
        higher_is_better=scale_of(study, "tickets", "csat").higher_is_better,
        hours=study.config.service.self_service_hours,
        short_seconds=metrics.short_abandon_seconds,
        needs_waits=_first_lack(study, ("csat",), ("queue_wait_seconds", "first_replied_at")),
        needs_giving_up=_first_lack(study, ("queue_wait_seconds", "abandoned"), ()),
        needs_self_service=compared["note"].removeprefix(NEEDS)
        if compared["note"].startswith(NEEDS)
        else "",
        needs_handling=_first_lack(study, ("talk_seconds",), ("csat", "customer_id", "issue_id")),
    )


def _first_lack(study: Study, every: tuple[str, ...], some: tuple[str, ...]) -> str:
    """The first of ``every`` column that is absent, else the first of ``some`` if all are."""
    absent = [name for name in every if not study.has("tickets", name)]
    if not absent and some and not any(study.has("tickets", name) for name in some):
        absent = [some[0]]
    return f"needs tickets.{absent[0]}" if absent else ""


def _waits(study: Study) -> tuple[Curve, ...]:
    table = wait_curve(study)
    slopes = {row["channel"]: row for row in wait_slopes(study).to_dict("records")}
    found: dict[tuple[str, float], list[tuple[float, int]]] = {}
    for row in rating_spread(study).to_dict("records"):
        given = found.setdefault((row["channel"], row["time_from"]), [])
        given.append((float(row["rating"]), int(row["count"])))
    ratings = {key: tuple(given) for key, given in found.items()}
    return _curves(table, slopes, ratings, sign=1)


def _curves(
    table: pd.DataFrame,
    slopes: Mapping[str, Mapping[Any, Any]] | None = None,
    ratings: Mapping[tuple[str, float], tuple[tuple[float, int], ...]] | None = None,
    sign: int = 0,
) -> tuple[Curve, ...]:
    """One curve per channel, the one with most contacts first."""
    curves = []
    for channel, part in table.groupby("channel", sort=False):
        rows = part.to_dict("records")
        given = ratings or {}
        bins = tuple(_bin(row, given.get((row["channel"], row["time_from"]), ())) for row in rows)
        gaps = [each.gap.value for each in bins]
        turn = first_clear([each.p_adjusted for each in bins], gaps, sign)
        doubling, p_doubling = UNKNOWN, nan
        if slopes is not None and channel in slopes:
            slope = slopes[str(channel)]
            doubling = Estimate(slope["estimate"], slope["conf_low"], slope["conf_high"])
            p_doubling = slope["p_adjusted"]
        clock = rows[0].get("clock", "")
        curves.append(Curve(str(channel), clock, bins, turn, doubling, p_doubling))
    return tuple(sorted(curves, key=lambda curve: -curve.n))


def _bin(row: Mapping[Any, Any], ratings: tuple[tuple[float, int], ...]) -> Bin:
    return Bin(
        low=row["time_from"],
        high=row["time_to"],
        n=row["n"],
        value=Estimate(row["value"], row["conf_low"], row["conf_high"]),
        mean=Estimate(row["csat"], row["csat_low"], row["csat_high"]) if "csat" in row else UNKNOWN,
        satisfied=row.get("satisfied", nan),
        spread=row.get("spread", nan),
        gap=Estimate(row["difference"], row["difference_low"], row["difference_high"]),
        p_adjusted=row["p_adjusted"],
        ratings=ratings,
    )


def _stretch(row: Mapping[Any, Any]) -> Stretch:
    def estimate(value: str, name: str) -> Estimate:
        return Estimate(row[value], row[f"{name}_low"], row[f"{name}_high"])

    return Stretch(
        low=row["time_from"],
        high=row["time_to"],
        waiting=row["waiting"],
        gave_up=row["gave_up"],
        per_minute=estimate("per_minute", "conf"),
        p_adjusted=row["p_adjusted"],
        gone=estimate("given_up_by", "by"),
        would=estimate("would_have", "would") if row["time_to"] < inf else UNKNOWN,
    )


def _self_service(row: Mapping[Any, Any]) -> SelfService | None:
    if pd.isna(row["difference"]):
        return None
    return SelfService(
        row["seconds"],
        row["n_tried"],
        row["tried"],
        row["n_others"],
        row["others"],
        Estimate(row["difference"], row["conf_low"], row["conf_high"]),
    )
