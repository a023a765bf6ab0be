"""Whoever makes a report holds its place: nobody else makes it meanwhile, whoever is killed.

A place is held by a lock on a file that the system takes back with the process, so no run ever
has to guess whether another is still alive. What a killed run leaves is cleared by the next one
to hold the same place, and by `sweep`.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from cxanalysis.report.folders import PREVIOUS

PREFIX = ".report-"
LOCK = ".lock"
EVERY = 0.2  # seconds between two tries to get a place that another run holds
# A file system without locks: reports are still moved whole, two runs may then do the work twice.
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: TextIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: TextIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def held(root: Path, target: Path, *, wait: bool = True) -> Iterator[Path | None]:
    """Hold the place of a report and work in a new folder on its disk, gone at the end.

    Parameters
    ----------
    root
        The folder of all reports; made where it is not there.
    target
        Where the report will lie, inside ``root``.
    wait
        Wait for another run that holds the place; otherwise there is no folder then, but None.
    """
    key = _key(root, target)
    path = root / f"{PREFIX}{key}{LOCK}"
    is_new = not root.exists()
    lock = _take(path, wait)
    if lock is None:
        yield None
        return
    try:
        lock.write(target.relative_to(root).as_posix())
        lock.flush()
        _clear(root, key, target, lock)
        with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{key}-", dir=root) as folder:
            yield Path(folder)
    finally:
        _give_back(lock, path)
        if is_new:
            with contextlib.suppress(OSError):  # there are reports in it
                root.rmdir()


def sweep(root: Path) -> None:
    """Clear what killed runs left, where nobody holds the place any more."""
    for path in root.glob(f"{PREFIX}*{LOCK}"):
        with contextlib.suppress(OSError):
            relative = path.read_text(encoding="utf-8")
            target = root / relative
            key = path.name.removeprefix(PREFIX).removesuffix(LOCK)
            if relative and key != _key(root, target):
                continue  # not a file of ours
            lock = _take(path, wait=False)
            if lock is not None:
                _clear(root, key, target, lock)
                _give_back(lock, path)


def _key(root: Path, target: Path) -> str:
    return hashlib.sha256(target.relative_to(root).as_posix().encode()).hexdigest()[:16]


def _take(path: Path, wait: bool) -> TextIO | None:
    """The locked, empty file; None where another run has it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = path.open("r+" if path.exists() else "x+", encoding="utf-8")
        except (FileExistsError, FileNotFoundError):  # another run was faster
            continue
        try:
            _try_lock(file)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                file.close()
                if not wait:
                    return None
                time.sleep(EVERY)
                continue
        # The last holder takes the file away: a lock on that one would be worth nothing.
        if _is_at(path, file):
            file.truncate(0)
            return file
        file.close()


def _has_locks(held_file: TextIO) -> bool:
    """Whether the file system knows locks: taking one's own again says so."""
    try:
        _try_lock(held_file)
    except OSError as error:
        return error.errno not in NO_LOCKS
    return True


def _is_at(path: Path, file: TextIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _give_back(file: TextIO, path: Path) -> None:
    if sys.platform == "win32":  # which cannot take away a file that is open
        file.close()
    with contextlib.suppress(OSError):
        path.unlink()
    file.close()


def _clear(root: Path, key: str, target: Path, lock: TextIO) -> None:
    """Take away what a killed run left; a report it was about to replace goes back first.

    Nothing is taken away where there are no locks: it may be another run's work in hand.
    """
    if not _has_locks(lock):
        return
    for left in root.glob(f"{PREFIX}{key}-*"):
        previous = left / PREVIOUS
        if previous.is_dir() and not target.exists():
            previous.rename(target)
        shutil.rmtree(left, ignore_errors=True)
