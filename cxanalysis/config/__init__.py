"""study.toml as typed, frozen settings; unknown keys are refused with the closest known one."""

from cxanalysis.config.base import closest
from cxanalysis.config.definitions import Reason
from cxanalysis.config.delivering import Deliver
from cxanalysis.config.hours import OpeningHours
from cxanalysis.config.plans import Action, Benchmark, OwnItem, Quoted
from cxanalysis.config.running import Engine, Identity, Privacy
from cxanalysis.config.study import (
    DEFAULT_STAGES,
    SCHEMA_VERSION,
    StudyConfig,
    bearable_stage,
    change_config,
    moved_settings,
    read_config,
)
from cxanalysis.config.tables import Column, Event, Item, Join, Scale, Table

__all__ = [
    "DEFAULT_STAGES",
    "SCHEMA_VERSION",
    "Action",
    "Benchmark",
    "Column",
    "Deliver",
    "Engine",
    "Event",
    "Identity",
    "Item",
    "Join",
    "OpeningHours",
    "OwnItem",
    "Privacy",
    "Quoted",
    "Reason",
    "Scale",
    "StudyConfig",
    "Table",
    "bearable_stage",
    "change_config",
    "closest",
    "moved_settings",
    "read_config",
]
