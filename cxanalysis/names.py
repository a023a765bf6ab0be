"""Names in a study file that no row of the data has: most often a slip of the pen."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import narwhals as nw

from cxanalysis.config import StudyConfig, closest
from cxanalysis.engine import collect

Tables = Mapping[str, nw.LazyFrame[Any]]
MOST_KNOWN = 12  # names listed in a sentence


def absent_names(config: StudyConfig, tables: Tables, groups: Collection[str]) -> tuple[str, ...]:
    """A sentence for every name that a study file gives and its data do not have.

    A figure of such a name would be a confident nought: a failure nobody reports, a channel
    nobody uses.

    Parameters
    ----------
    tables
        The study's tables by name.
    groups
        Names of the groups of drivers, for what is said of them under ``actions``.
    """
    found, values = [], {}
    for setting, names, columns in _settings(config):
        known: set[str] = set()
        for table, column in columns:
            if (table, column) not in values:
                values[table, column] = _values(tables, table, column)
            known |= values[table, column]
        if known:
            where = " or ".join(f"{table}.{column}" for table, column in columns)
            found += [_sentence(setting, name, where, known) for name in names if name not in known]
    found += [
        _sentence("actions", name, "the model", set(groups))
        for name in config.actions
        if groups and name not in groups
    ]
    return tuple(found)


def _settings(
    config: StudyConfig,
) -> Iterator[tuple[str, Collection[str], tuple[tuple[str, str], ...]]]:
    """Where names stand in the study file, the names, and the columns that should have them."""
    reason, channel = (("tickets", "reason"),), (("tickets", "channel"),)
    touchpoint, place = (("journeys", "touchpoint"),), (("journeys", "channel"),)
    yield "reasons", tuple(config.reasons), reason
    yield "metrics.failure_reasons", config.metrics.failure_reasons, reason
    yield "metrics.not_first_level", config.metrics.not_first_level, reason
    yield "feedback.reasons", config.feedback.reasons, reason
    yield "metrics.reply_hours", tuple(config.metrics.reply_hours), channel
    yield "service.channels", config.service.channels, place
    yield "service.touchpoints", config.service.touchpoints, touchpoint
    yield "service.self_service", config.service.self_service, touchpoint + place
    yield "feedback.touchpoints", config.feedback.touchpoints, touchpoint
    yield "journey.gestures", config.journey.gestures, touchpoint
    if "online" in config.journey.model_fields_set:  # the default names more than anybody has
        yield "journey.online", config.journey.online, place


def _values(tables: Tables, table: str, column: str) -> set[str]:
    if table not in tables or column not in tables[table].collect_schema().names():
        return set()
    chosen = tables[table].select(nw.col(column).cast(nw.String)).unique()
    return set(collect(chosen)[column].dropna())


def _sentence(setting: str, name: str, where: str, known: set[str]) -> str:
    listed = sorted(known)
    if len(listed) > MOST_KNOWN:
        listed = difflib.get_close_matches(name, listed, n=MOST_KNOWN, cutoff=0.3)
    hint = closest(name, listed)
    return f"The study file names {name!r} under {setting}, and {where} has no such value.{hint}"
