"""What a report was made from, so that it can be made again and checked: manifest.json."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import cxanalysis
from cxanalysis.config import SCHEMA_VERSION
from cxanalysis.report.parameters import Value
from cxanalysis.report.sections import LeftOutSection
from cxanalysis.report.settings import settings_of
from cxanalysis.sources.reading import TableReading
from cxanalysis.study import Study

LIBRARIES = ("duckdb", "matplotlib", "narwhals", "numpy", "pandas", "scipy", "statsmodels")


def manifest_of(
    study: Study,
    notebook: Path,
    parameters: Mapping[str, Value],
    left_out: tuple[LeftOutSection, ...],
    made_at: datetime,
    seconds: float,
) -> dict[str, Any]:
    """Everything that shaped a report, as JSON values; files are named from the study's folder.

    Parameters
    ----------
    made_at
        UTC, when the run began.
    seconds
        How long the run took.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "study": study.config.name,
        "notebook": {"name": notebook.name, "sha256": sha256(notebook)},
        "parameters": {
            key: study.path.name if key == "study" else value for key, value in parameters.items()
        },
        "period": _period(study),
        "segment": "=".join(study.segment) if study.segment else None,
        "settings": settings_of(study.config),
        "tables": {reading.table: _table(study, reading) for reading in study.reading},
        "inputs": _inputs(study),
        "left_out": [asdict(section) for section in left_out],
        "versions": versions(),
        "made_at": made_at.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
    }


def versions() -> dict[str, str]:
    """Versions of this package, of Python and of the libraries that compute."""
    found = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"cxanalysis": cxanalysis.__version__, "python": platform.python_version(), **found}


def sha256(path: Path) -> str:
    """Hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _period(study: Study) -> dict[str, str] | None:
    if study.period is None:
        return None
    return {
        "label": study.period.label,
        "start": study.period.start.isoformat(),
        "end": study.period.end.isoformat(),
    }


def _table(study: Study, reading: TableReading) -> dict[str, Any]:
    return {
        "columns": sorted(study.columns[reading.table]),
        "rows_read": reading.rows_read,
        "rows_kept": reading.rows_kept,
        "left_out_as_told": dict(reading.excluded),
        "set_aside": dict(reading.rejects),
    }


def _inputs(study: Study) -> list[dict[str, Any]]:
    """The study file and each file read, with the hash taken when it was read.

    A file outside the study's folder goes by its bare name.
    """
    hashes = {study.path.name: sha256(study.path)}
    for reading in study.reading:
        hashes |= reading.hashes
    return [{"path": _name(path), "sha256": value} for path, value in sorted(hashes.items())]


def _name(path: str) -> str:
    is_outside = path.startswith("..") or Path(path).is_absolute()
    return Path(path).name if is_outside else path
