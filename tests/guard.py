"""Servers that tests start end with the tests, even where these are killed and stop nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KILL_GROUP = 'kill -s KILL -- "-$1"'


@contextmanager
def when_killed(line: str, *arguments: str | int | Path, **settings: Any) -> Iterator[None]:
    """Have a shell's line run where this process ends without leaving the block.

    Parameters
    ----------
    arguments
        What the line calls $1, $2 and so on.
    settings
        Further ones of ``Popen``, such as the user that runs it.
    """
    # Its input is a pipe that nobody else holds: it ends when this process does, however it ends.
    waiting = subprocess.Popen(
        ["sh", "-c", f"cat > /dev/null; {line}", "sh", *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd="/", start_new_session=True, **settings,
    )  # fmt: skip
    try:
        yield
    finally:
        waiting.kill()
        waiting.communicate()
