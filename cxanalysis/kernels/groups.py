"""End a kernel together with everything it started."""

from __future__ import annotations

import os
from contextlib import suppress


def signal_group(pid: int, signum: int) -> None:
    """Send a signal to a kernel's process group, or to a kernel that has not made one yet.

    Parameters
    ----------
    pid
        The kernel's process, which leads a group of the same number.
    signum
        The signal. That nothing is left to send it to is no error.
    """
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:
        with suppress(ProcessLookupError):
            os.kill(pid, signum)
