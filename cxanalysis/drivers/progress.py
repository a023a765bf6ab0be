"""A bar for what takes long: it shows after five seconds, and only where someone looks on."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
DELAY = 5  # seconds


def progress(items: Iterable[Item], total: int, what: str) -> Iterable[Item]:
    """The items, with a bar on a terminal once they take long; none where TQDM_DISABLE is set."""
    off = True if os.environ.get("TQDM_DISABLE") else None  # None: off unless on a terminal
    bar: Iterable[Item] = tqdm(items, total=total, desc=what, delay=DELAY, disable=off, leave=False)
    return bar
