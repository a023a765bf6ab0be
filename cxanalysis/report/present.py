"""Whether a report lies at its place already, made of the very same things."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import cxanalysis
from cxanalysis.periods import Period
from cxanalysis.report.manifest import sha256
from cxanalysis.report.run import MANIFEST, Plan
from cxanalysis.report.settings import settings_of


def has_report(target: Path, period: Period | None) -> bool:
    """Whether any report lies there that was made when its period was over.

    A folder is moved into place whole, its manifest with it.
    """
    manifest = _manifest(target)
    if manifest is None or period is None:
        return manifest is not None
    try:
        made = datetime.fromisoformat(manifest["made_at"])
        return made >= period.over_at
    except (KeyError, TypeError, ValueError):
        return False


def is_made(plan: Plan) -> bool:
    """Whether the report lies there, of the same data, settings, notebook and version, and printed
    where that is wanted.

    What the study file says of running, as against counting, may have changed since: another
    segment listed in it makes no report anew.
    """
    manifest = _manifest(plan.target)
    if manifest is None or (plan.pdf is not None and not (plan.target / plan.pdf).is_file()):
        return False
    # As JSON, since a value read back from a file is a list where it was a tuple.
    expected = json.loads(json.dumps(_shaping(plan)))
    try:
        return bool(expected == _shaped(manifest, plan.study.path.name))
    except (AttributeError, KeyError, TypeError):  # damaged
        return False


def _manifest(target: Path) -> dict[str, Any] | None:
    """What was written of a report; None where there is none, or it is damaged."""
    try:
        found = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _shaping(plan: Plan) -> dict[str, Any]:
    hashes = {name: value for table in plan.study.reading for name, value in table.hashes.items()}
    return {
        "study": plan.study.config.name,
        "notebook": sha256(plan.source),
        "parameters": {key: value for key, value in plan.values.items() if key != "study"},
        "segment": "=".join(plan.study.segment) if plan.study.segment else None,
        "settings": settings_of(plan.study.config),
        "inputs": sorted(hashes.values()),
        "version": cxanalysis.__version__,
    }


def _shaped(manifest: dict[str, Any], study: str) -> dict[str, Any]:
    parameters = manifest.get("parameters", {})
    files = manifest.get("inputs", [])
    return {
        "study": manifest.get("study"),
        "notebook": manifest.get("notebook", {}).get("sha256"),
        "parameters": {key: value for key, value in parameters.items() if key != "study"},
        "segment": manifest.get("segment"),
        "settings": manifest.get("settings"),
        "inputs": sorted(file["sha256"] for file in files if file["path"] != study),
        "version": manifest.get("versions", {}).get("cxanalysis"),
    }
