"""Checked tables as Parquet beside the study, under a key of everything that shaped them."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from cxanalysis import __version__
from cxanalysis.config import StudyConfig
from cxanalysis.sources.reading import TableReading

FOLDER = ".cxanalysis"
KEEP = 5  # versions of a table kept, so that a run in progress never loses its files
OLD = 3600.0  # seconds after which what a run was writing is what a killed run left behind
REJECT_COLUMNS = ("table", "file", "line", "column", "value", "rule")


@dataclass(frozen=True)
class Stored:
    """A table in the cache: its rows, what was set aside, and how it was read."""

    folder: Path
    reading: TableReading

    @property
    def rows(self) -> Path:
        """Parquet file of the rows kept."""
        return self.folder / "rows.parquet"

    @property
    def rejects_file(self) -> Path:
        """Parquet file of what was set aside."""
        return self.folder / "rejects.parquet"

    def rejects(self) -> pd.DataFrame:
        """One row per broken rule: table, file, line, column, value, rule."""
        return pd.read_parquet(self.rejects_file)


def open_cache(study_folder: Path) -> Path:
    """The cache folder beside a study, kept out of version control.

    What runs that were killed left half-written there is taken away.
    """
    folder = study_folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists() or not ignore.stat().st_size:  # a full disk leaves it empty
        ignore.write_text("*\n", encoding="ascii")
    for pattern in ("building-*", "rejects_*-*.csv", "salt-*"):
        for path in folder.glob(pattern):
            if time.time() - changed_at(path) > OLD:
                remove(path)
    return folder


def changed_at(path: Path) -> float:
    """When a file or folder was last changed, in seconds since 1970; never where it is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another run was faster
        return float("inf")


def remove(path: Path) -> None:
    """Take a file or a whole folder away, as far as that is possible."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def key_of(table: str, config: StudyConfig, hashes: Sequence[tuple[str, str]], salt: str) -> str:
    """A name for everything that decides what a table's rows look like."""
    settings = config.model_dump(
        mode="json",
        include={
            "time_zone": True,
            "stages": True,
            "stage_aliases": True,
            "limits": True,
            "privacy": True,
            "identity": True,
            "tables": {table},
        },
    )
    parts = [__version__, _code_version(), table, settings, list(hashes), salt]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]


def _code_version() -> str:
    """Hash of the reading code, so that a changed rule is never served from an old cache."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in (*sorted(here.glob("*.py")), here.parent / "tables.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def find(folder: Path, table: str, key: str) -> Stored | None:
    """The stored table of that key, if there is one and it is whole.

    One whose files are gone or end too early, as a full disk or a half-done copy of the folder
    leave them, is taken away.
    """
    place = folder / f"{table}-{key}"
    if not place.exists():
        return None
    try:
        text = (place / "reading.json").read_text(encoding="utf-8")
        stored = Stored(place, TableReading.from_json(json.loads(text)))
        for path in (stored.rows, stored.rejects_file):
            pq.read_metadata(path)
    except (ValueError, KeyError, TypeError, AttributeError):
        remove(place)
        return None
    except OSError as error:
        # Arrow gives no number for what it cannot make sense of; what the system refuses has one.
        if error.errno not in (None, errno.ENOENT):
            raise
        remove(place)
        return None
    return stored


def store(
    folder: Path, key: str, rows: Path, rejects: pd.DataFrame, reading: TableReading
) -> Stored:
    """Move a table into the cache whole: a reader sees all of it or nothing."""
    place = folder / f"{reading.table}-{key}"
    building = Path(tempfile.mkdtemp(prefix=f"building-{reading.table}-", dir=folder))
    try:
        shutil.move(rows, building / "rows.parquet")
        rejects.to_parquet(building / "rejects.parquet", index=False)
        text = json.dumps(reading.to_json(), indent=1, ensure_ascii=False)
        (building / "reading.json").write_text(text, encoding="utf-8")
        building.chmod(0o755)
        building.rename(place)
    except OSError:
        shutil.rmtree(building, ignore_errors=True)
        if not place.exists():  # else another run stored the same table first
            raise
    _forget_old(folder, reading.table)
    return Stored(place, reading)


def write_rejects(folder: Path, table: str, rejects: pd.DataFrame) -> Path:
    """List what was set aside as CSV; an earlier list is replaced, or removed if all is well."""
    path = folder / f"rejects_{table}.csv"
    if rejects.empty:
        path.unlink(missing_ok=True)
        return path
    handle, name = tempfile.mkstemp(prefix=f"rejects_{table}-", suffix=".csv", dir=folder)
    os.close(handle)
    try:
        rejects.to_csv(name, index=False)
        return Path(name).replace(path)
    except OSError:
        remove(Path(name))
        raise


def _forget_old(folder: Path, table: str) -> None:
    for old in sorted(folder.glob(f"{table}-*"), key=changed_at, reverse=True)[KEEP:]:
        remove(old)
