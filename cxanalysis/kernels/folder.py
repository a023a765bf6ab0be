"""The private folder for the sockets of a client's kernels, and how none is left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PREFIX = "warm-kernels-"
# A socket's path holds at most 107 bytes; our folder and files need about 30 of them.
LONGEST = 72
# A folder this young may belong to a client that has not locked it yet. Seconds.
YOUNG = 60


def make_folder() -> Path:
    """A new folder that only this user can enter, locked for as long as this process lives.

    Folders whose owners were all killed at once, so that nobody could remove them, go first.
    """
    base = Path(tempfile.gettempdir())
    if len(os.fsencode(base)) > LONGEST:
        base = Path("/tmp")
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    hold(folder)
    return folder


def hold(folder: Path) -> int:
    """Lock a folder against being swept; the lock ends with the file descriptor returned."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _sweep(base: Path) -> None:
    for folder in base.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another user's, in use, or gone already
            status = folder.lstat()
            if status.st_uid == os.getuid() and time.time() - status.st_mtime > YOUNG:
                _remove_unless_held(folder)


def _remove_unless_held(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)
