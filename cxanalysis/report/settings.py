"""What a study file says of counting, flat and without secrets, to be compared with later."""

from __future__ import annotations

import hashlib
from typing import Any

from cxanalysis.config import StudyConfig

TABLES = "tables"  # every column has a dozen settings, hardly any of them given
# How a study is run, not what is counted. Files are told by the inputs of the manifest.
NOT_OF_COUNTING = {"schema_version", "name", "engine", "report", "deliver", "limits"}
# Addresses of files and databases, which may hold a password, and where one is kept.
UNSAID = {"path", "map", "salt_env"}
HASHED = {"query"}  # may name customers


def settings_of(config: StudyConfig) -> dict[str, Any]:
    """Settings by dotted key: "metrics.fcr_window_days": 14; of tables those that are given."""
    content = config.model_dump(mode="json", exclude={*NOT_OF_COUNTING, TABLES})
    given = config.tables.model_dump(mode="json", exclude_defaults=True)
    return dict(sorted(_flat(content | {TABLES: given}, "").items()))


def _flat(content: Any, place: str) -> dict[str, Any]:
    if isinstance(content, list) and any(isinstance(part, dict) for part in content):
        content = {str(number): part for number, part in enumerate(content, 1)}
    if not isinstance(content, dict) or not content:
        return {place: content}
    found: dict[str, Any] = {}
    for name, part in content.items():
        if name not in UNSAID:
            found |= _flat(_shown(name, part), f"{place}.{name}" if place else name)
    return found


def _shown(name: str, value: Any) -> Any:
    """A text that must not be repeated, as the beginning of its hash."""
    if name in HASHED and isinstance(value, str):
        return hashlib.sha256(value.encode()).hexdigest()[:12]
    return value
