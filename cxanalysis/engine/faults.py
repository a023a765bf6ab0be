"""What may stop DuckDB in the middle of its work, told as what to do about it."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from cxanalysis.errors import CxError, DataError, EngineError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL = re.compile(
    r"no space left|disk (is )?full|file too large|quota|max_temp_directory_size", re.IGNORECASE
)
_MEMORY = re.compile(r"^Out of Memory Error")
# Ends, pages and heads of Parquet files that are cut short or overwritten, and files that went.
_DAMAGED = re.compile(
    r"No files found|No magic bytes|too small to be a Parquet|Failed to read file|"
    r"TProtocolException|Cannot open file|Could not read",
)


def is_full(error: BaseException) -> bool:
    """Whether a disk, or the share of it that may be used, has no room left."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in NO_ROOM
    return bool(_FULL.search(str(error)))


@contextmanager
def clear_errors() -> Iterator[None]:
    """Say what to do where memory or disk are used up, or a table of the cache is damaged.

    Arrow passes on what DuckDB says between two batches as an OSError.

    Raises
    ------
    EngineError
        When memory or disk are used up.
    DataError
        When a file that a table is kept in is damaged, or gone.
    """
    try:
        yield
    except (duckdb.Error, OSError) as error:
        clear = _clear(error)
        if clear is None:
            raise
        raise clear from error


def _clear(error: duckdb.Error | OSError) -> CxError | None:
    text = str(error)
    if is_full(error):
        return EngineError(
            "The disk is full, so the work was given up. Make room for what does not fit in "
            "memory, or set spill_folder under [engine] to a folder on a larger disk."
        )
    if isinstance(error, duckdb.OutOfMemoryException) or _MEMORY.search(text):
        return EngineError(
            "The memory that may be used is too small for this work. Raise memory_limit under "
            "[engine], or set threads = 1 there."
        )
    if _DAMAGED.search(text):
        return DataError(
            "A table that is kept in .cxanalysis is damaged or gone. Delete that folder beside the "
            "study file and run again: the table is then read anew."
        )
    if isinstance(error, duckdb.IOException):
        return EngineError(
            "A file cannot be read or written to its end. Look whether the disk is in order, then "
            "run again."
        )
    return None
