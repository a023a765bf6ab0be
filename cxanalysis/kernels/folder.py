"""The private folder for the sockets of a client's kernels, and how none is left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "warm-kernels-"
# A socket's path holds at most 107 bytes; our folder and files need about 30 of them.
LONGEST = 72


def make_folder() -> tuple[Path, int]:
    """A new folder that only this user can enter, and the descriptor of its lock.

    Folders whose owners were all killed at once, so that nobody could remove them, go first.
    """
    base = Path(tempfile.gettempdir())
    if len(os.fsencode(base)) > LONGEST:
        base = Path("/tmp")
    _sweep(base)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        with suppress(FileNotFoundError):  # swept away before it was locked
            lock = hold(folder)
            if folder.exists():
                return folder, lock
            os.close(lock)


def hold(folder: Path) -> int:
    """Lock a folder against being swept; the lock ends with the file descriptor returned."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _sweep(base: Path) -> None:
    for folder in base.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another user's, in use, or gone already
            if folder.lstat().st_uid == os.getuid():
                _remove_unless_held(folder)


def _remove_unless_held(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)
