"""Which feature columns belong to which set (service, journey) and which group inside it.

The partition follows from the study file and from the columns that the tables have, never
from their values: it is fixed before anyone has looked at an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxanalysis.config import Item, StudyConfig
from cxanalysis.errors import StudyError

Blocks = dict[str, dict[str, list[str]]]

SERVICE = "service"
JOURNEY = "journey"
NEEDING_HELP = "needing help"
HOW_HELP_WENT = "how help went"
TOUCHPOINTS = "service touchpoints"
RESERVED = frozenset(
    ("response_id", "customer_id", "responded_at", "overall_satisfaction", "csat", "nps", "ces")
)


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
    if "customer_id" in columns.get("tickets", ()):
        service[NEEDING_HELP] = ["contacted", "contacts"]
        service[HOW_HELP_WENT] = _help_columns(columns["tickets"])
    if "journeys" in columns:
        for stage in journey_stages(config, columns["journeys"]):
            groups, group = (service, TOUCHPOINTS) if stage == SERVICE else (journey, stage)
            groups[group] = stage_columns(stage, columns["journeys"])
    for name, item in survey_items(config).items():
        groups = service if item.service else journey
        group = TOUCHPOINTS if item.service else item.stage or "other touchpoints"
        groups.setdefault(group, []).extend(item_columns(name, config.model.not_applicable))
    blocks = {SERVICE: service, JOURNEY: journey}
    _check_distinct(blocks)
    return blocks


def block_columns(blocks: Blocks) -> list[str]:
    """All feature columns of the blocks, in their order."""
    return [name for groups in blocks.values() for names in groups.values() for name in names]


def two_part_columns(config: StudyConfig, columns: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Columns that only some rows can have a value in, each with the column that says which."""
    pairs: dict[str, str] = {}
    if "customer_id" in columns.get("tickets", ()):
        pairs["contacts"] = "contacted"
        pairs |= {
            metric.name: f"{metric.name}_known" for metric in contact_metrics(columns["tickets"])
        }
    if "journeys" in columns:
        for stage in journey_stages(config, columns["journeys"]):
            pairs |= _stage_pairs(stage, columns["journeys"])
    if config.model.not_applicable == "two-part":
        pairs |= {name: f"{name}_rated" for name in survey_items(config)}
    return pairs


def journey_stages(config: StudyConfig, columns: frozenset[str]) -> tuple[str, ...]:
    """Stages that journeys are counted by; ``service`` gathers service touchpoints.

    A stage that the study file itself calls ``service`` is the same one, so it belongs to
    the service set.
    """
    told_apart = (config.service.channels and "channel" in columns) or (
        config.service.touchpoints and "touchpoint" in columns
    )
    first = (SERVICE,) if told_apart or SERVICE in config.stages else ()
    return first + tuple(stage for stage in config.stages if stage != SERVICE)


def stage_columns(stage: str, columns: frozenset[str]) -> list[str]:
    """Feature columns of one stage, given the columns of the journeys table."""
    names = [f"{stage}_touched"]
    for value, indicator in _stage_pairs(stage, columns).items():
        promised = [f"{stage}_promised"] if value.endswith("_late_days") else []
        names += [*promised, indicator, value]
    return names


def _stage_pairs(stage: str, columns: frozenset[str]) -> dict[str, str]:
    pairs = {}
    if "rating" in columns:
        pairs[f"{stage}_rating"] = f"{stage}_rated"
    if {"promised_at", "fulfilled_at"} <= columns:
        pairs[f"{stage}_late_days"] = f"{stage}_due"
    return pairs


def _help_columns(columns: frozenset[str]) -> list[str]:
    names = ["answered"]
    for metric in contact_metrics(columns):
        names += [f"{metric.name}_known", metric.name]
        if metric.name == "resolved_first":
            names += ["resolved_first_open_days"]
    return names


def survey_items(config: StudyConfig) -> dict[str, Item]:
    """Items of a wide survey that may be drivers: a global item is an outcome in disguise."""
    surveys = config.tables.surveys
    items = surveys.items if surveys is not None else {}
    return {
        name: item
        for name, item in items.items()
        if not item.global_item and name != config.model.outcome
    }


def item_columns(name: str, coding: str) -> list[str]:
    """Feature columns of one survey item under a coding."""
    if coding == "complete-cases":
        return [name]
    return [f"{name}_used", f"{name}_rated", name]


def _check_distinct(blocks: Blocks) -> None:
    names = block_columns(blocks)
    repeated = sorted(name for name in set(names) if names.count(name) > 1)
    reserved = sorted(RESERVED & set(names))
    if repeated or reserved:
        raise StudyError(
            f"{', '.join(repeated + reserved)}: more than one feature or column of the answers "
            "would have this name. Give the survey item or stage another name in the study file."
        )
