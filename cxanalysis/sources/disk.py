"""Where a reading keeps what it works on, and what the disk may do to it."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cxanalysis.engine.faults import is_full
from cxanalysis.errors import DataError
from cxanalysis.sources.cache import OLD, changed_at, remove


@contextmanager
def open_scratch(spill_folder: str | None) -> Iterator[Path]:
    """A folder for raw data, taken away afterwards; what killed runs left is taken away, too."""
    place = Path(spill_folder or tempfile.gettempdir())
    place.mkdir(parents=True, exist_ok=True)
    for path in place.glob("cxanalysis-*"):
        number = re.fullmatch(r"cxanalysis-([0-9]+)-\w+", path.name)
        if number and time.time() - changed_at(path) > OLD and not _runs(int(number[1])):
            remove(path)
    prefix = f"cxanalysis-{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place) as folder:
        yield Path(folder)


def _runs(process: int) -> bool:
    """Whether a process may still be there; always where asking would end it."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def clear_errors(table: str) -> Iterator[None]:
    """Say what to do where a file is locked or gone, or disk or memory are used up.

    Raises
    ------
    DataError
        In place of the system's own error, or DuckDB's.
    """
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DataError(_no_room(table)) from error
        what = f"{Path(error.filename).name}: " if isinstance(error.filename, str) else ""
        raise DataError(
            f"{table}: {what}{error.strerror or 'cannot be read'}. Look whether the file is still "
            "there, may be read, and the study's folder may be written to."
        ) from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if is_full(error):
            raise DataError(_no_room(table)) from error
        if isinstance(error, duckdb.OutOfMemoryException):
            raise DataError(
                f"{table}: the memory that may be used is too small to read it. Raise memory_limit "
                "under [engine], or set threads = 1 there."
            ) from error
        raise DataError(
            f"{table}: a file cannot be read or written to its end. Look whether it is still "
            "there and the disk is in order, then run again."
        ) from error


def _no_room(table: str) -> str:
    return (
        f"{table}: the disk is full, so nothing was kept of this reading. Make room in the study's "
        "folder and in the folder for temporary files, or set spill_folder under [engine]."
    )
