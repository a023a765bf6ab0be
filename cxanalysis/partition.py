"""Which feature columns belong to which set (service, journey) and which group inside it.

The partition follows from the study file and from the columns that the tables have, never
from their values: it is fixed before anyone has looked at an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxanalysis.config import Item, StudyConfig

Blocks = dict[str, dict[str, list[str]]]

SERVICE = "service"
JOURNEY = "journey"
NEEDING_HELP = "needing help"
HOW_HELP_WENT = "how help went"


@dataclass(frozen=True)
class ContactMetric:
    """A figure of a contact that becomes a driver: its name, unit and the columns it needs.

    ``applies_to`` is the column that says for whom it can exist at all: everyone who made
    contact, or everyone whose contact was answered.
    """

    name: str
    unit: str
    needs: tuple[str, ...]
    applies_to: str = "answered"


CONTACT_METRICS = (
    ContactMetric("first_reply_hours", "hours", ("opened_at", "first_replied_at")),
    ContactMetric("queue_wait_minutes", "minutes", ("queue_wait_seconds",), "contacted"),
    ContactMetric("handle_minutes", "minutes", ("talk_seconds",)),
    ContactMetric("resolved_first", "share", ("customer_id", "opened_at")),
    ContactMetric("transfers", "count", ("transfers",)),
    ContactMetric("contact_csat", "points", ("csat",)),
)


def contact_metrics(columns: frozenset[str]) -> tuple[ContactMetric, ...]:
    """The contact metrics that a ticket table with these columns can give."""
    return tuple(metric for metric in CONTACT_METRICS if columns.issuperset(metric.needs))


def blocks_of(config: StudyConfig, columns: Mapping[str, frozenset[str]]) -> Blocks:
    """Feature columns by set and group.

    Parameters
    ----------
    columns
        The columns that each table of the study has, by table name.

    Notes
    -----
    A service metric is coded by ``<metric>_known`` and ``<metric>`` (centred among the known,
    0 elsewhere) beside ``contacted`` and ``answered``; a stage by ``<stage>_touched``,
    ``<stage>_rated`` and ``<stage>_rating``; a promise by ``<stage>_promised``,
    ``<stage>_due`` and ``<stage>_late_days``; a survey item by ``<item>_used``,
    ``<item>_rated`` and ``<item>``, or by ``<item>`` alone for complete cases.
    """
    service: dict[str, list[str]] = {}
    journey: dict[str, list[str]] = {}
    if "tickets" in columns and {"customer_id"} <= columns["tickets"]:
        service[NEEDING_HELP] = ["contacted", "contacts"]
        service[HOW_HELP_WENT] = ["answered"]
        for metric in contact_metrics(columns["tickets"]):
            service[HOW_HELP_WENT] += [f"{metric.name}_known", metric.name]
            if metric.name == "resolved_first":
                service[HOW_HELP_WENT] += ["resolved_first_open_days"]
    if "journeys" in columns:
        if config.service.channels or config.service.touchpoints:
            service["service touchpoints"] = stage_columns("service", columns["journeys"])
        for stage in config.stages:
            journey[stage] = stage_columns(stage, columns["journeys"])
    for name, item in survey_items(config).items():
        groups = service if item.service else journey
        group = HOW_HELP_WENT if item.service else item.stage or "other touchpoints"
        groups.setdefault(group, []).extend(item_columns(name, config.model.not_applicable))
    return {SERVICE: service, JOURNEY: journey}


def stage_columns(stage: str, columns: frozenset[str]) -> list[str]:
    """Feature columns of one stage, given the columns of the journeys table."""
    names = [f"{stage}_touched"]
    if "rating" in columns:
        names += [f"{stage}_rated", f"{stage}_rating"]
    if {"promised_at", "fulfilled_at"} <= columns:
        names += [f"{stage}_promised", f"{stage}_due", f"{stage}_late_days"]
    return names


def survey_items(config: StudyConfig) -> dict[str, Item]:
    """Items of a wide survey that may be drivers: a global item is an outcome in disguise."""
    surveys = config.tables.surveys
    items = surveys.items if surveys is not None else {}
    return {name: item for name, item in items.items() if not item.global_item}


def item_columns(name: str, coding: str) -> list[str]:
    """Feature columns of one survey item under a coding."""
    if coding == "complete-cases":
        return [name]
    return [f"{name}_used", f"{name}_rated", name]
