"""How service worked in a period: its figures by theme, and answers within target by channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, ClassVar

from cxanalysis.findings.core import Estimate, Finding, period_title
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.service_hours import sla_by_channel
from cxanalysis.study import Study

NEEDS = "needs "
AREAS: dict[str, tuple[str, ...]] = {
    "answering": (
        "speed_of_answer",
        "service_level",
        "abandonment",
        "first_reply",
        "first_reply_business",
        "reply_on_time",
        "sla_met",
    ),
    "solving": (
        "first_contact_resolution",
        "fcr_any_reason",
        "fcr_net",
        "repeat_contacts",
        "contacts_per_issue",
        "resolution_time",
        "resolution_business",
        "transferred",
        "escalated",
        "policy_kept",
        "reopened",
        "contact_csat",
    ),
    "work and cost": (
        "handle_time",
        "issue_handle_time",
        "issue_customer_time",
        "avoidable_handling",
        "cost_per_contact",
        "cost_per_issue",
        "occupancy",
    ),
    "demand": ("contact_rate", "failure_demand", "self_service", "reactive"),
}


@dataclass(frozen=True)
class Figure:
    """One figure of service; ``area`` is what it is about, ``unit`` as in `service_metrics`."""

    metric: str
    label: str
    area: str
    unit: str
    n: int
    now: Estimate
    definition: str = ""
    note: str = ""


@dataclass(frozen=True)
class Channel:
    """Answers of one channel: its target in hours, the share within it, median and p90."""

    name: str
    target_hours: float
    n: int
    on_time: Estimate
    median_hours: float = nan
    p90_hours: float = nan
    pending: int = 0


@dataclass(frozen=True)
class Missing:
    """A figure that the study cannot give, and what it would need."""

    label: str
    needs: str


@dataclass(frozen=True)
class ServiceFinding(Finding):
    """The figures of a period by area, those withheld and those that lack something.

    ``opening_hours`` tells whether targets count opening hours, or hours by the clock.
    """

    kind: ClassVar[str] = "service"

    period: str
    min_base: int
    level_seconds: float = 20.0
    opening_hours: bool = False
    figures: tuple[Figure, ...] = ()
    channels: tuple[Channel, ...] = ()
    withheld: tuple[Figure, ...] = ()
    missing: tuple[Missing, ...] = ()


def find_service(study: Study) -> ServiceFinding:
    """The figures of customer service in the study's period."""
    frame = service_metrics(study)
    rows = {row["metric"]: row for row in frame.to_dict("records")}
    figures, missing = [], []
    for area, metrics in AREAS.items():
        for metric in metrics:
            row = rows[metric]
            if row["note"].startswith(NEEDS):
                missing.append(Missing(row["label"], row["note"].removeprefix(NEEDS)))
            else:
                figures.append(_figure(row, area))
    return ServiceFinding(
        period=period_title(study.period),
        min_base=study.config.metrics.min_base,
        level_seconds=study.config.metrics.service_level_seconds,
        opening_hours=study.config.opening_hours is not None,
        figures=tuple(figure for figure in figures if figure.now.known),
        channels=tuple(_channel(row) for row in sla_by_channel(study).to_dict("records")),
        withheld=tuple(figure for figure in figures if not figure.now.known and figure.n),
        missing=tuple(missing),
    )


def _figure(row: Mapping[Any, Any], area: str) -> Figure:
    now = Estimate(row["value"], row["conf_low"], row["conf_high"])
    return Figure(
        row["metric"],
        row["label"],
        area,
        row["unit"],
        row["n"],
        now,
        row["definition"],
        row["note"],
    )


def _channel(row: Mapping[Any, Any]) -> Channel:
    return Channel(
        name=row["channel"],
        target_hours=row["target_hours"],
        n=row["n"],
        on_time=Estimate(row["value"], row["conf_low"], row["conf_high"]),
        median_hours=row["median_hours"],
        p90_hours=row["p90_hours"],
        pending=row["pending"],
    )
