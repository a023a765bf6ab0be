"""How long a report's kernel may run and how much memory it may hold: it is killed beyond that."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import psutil

EVERY = 0.1  # seconds between two looks at the kernel
MEBI = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds of one run; None where there is none.

    ``seconds`` counts from the first cell, as starting has a limit of its own. ``memory`` is in
    bytes, of the kernel and what it started, libraries that it shares with others included.
    """

    seconds: float | None = None
    memory: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Excess:
    """A limit that a kernel went beyond: its name, "time" or "memory", and what to do."""

    limit: str
    why: str


class Watch:
    """Looks at a kernel from a thread of its own, and kills it beyond its limits.

    The kernel is another process that may be deep in a library, so nothing inside it can be
    relied on to stop in time; killing it is what a run recovers from.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.excess: Excess | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._first_cell: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def begin(self, pid: int | None) -> None:
        """Watch a process that has just been started."""
        if pid is None or self.limits == NO_LIMITS:
            return
        self._thread = threading.Thread(target=self._look, args=(pid,), daemon=True)
        self._thread.start()

    def at_cell(self) -> None:
        """Let the time count from here, if it does not already."""
        if self._first_cell is None:
            self._first_cell = time.monotonic()

    def _look(self, pid: int) -> None:
        try:
            kernel = psutil.Process(pid)
        except psutil.Error:  # it ended at once; the run says so itself
            return
        while not self._over.wait(EVERY):
            try:
                self.excess = self._judge(kernel)
            except psutil.Error:  # ended meanwhile
                return
            if self.excess is not None:
                _kill(kernel)
                return

    def _judge(self, kernel: psutil.Process) -> Excess | None:
        limits, first_cell = self.limits, self._first_cell
        seconds = 0.0 if first_cell is None else time.monotonic() - first_cell
        if limits.seconds is not None and seconds > limits.seconds:
            return Excess(
                "time",
                f"it ran longer than the limit of {limits.seconds:g} s and was ended; "
                "give it more time, or a shorter period",
            )
        if limits.memory is not None:
            held = sum(_held(process) for process in (kernel, *kernel.children(recursive=True)))
            if held > limits.memory:
                return Excess(
                    "memory",
                    f"it held {held / MEBI:,.0f} MiB, more than the limit of "
                    f"{limits.memory / MEBI:,.0f} MiB, and was ended; give it more memory, or a "
                    "shorter period",
                )
        return None


def _held(process: psutil.Process) -> int:
    """Resident bytes; none of a child that has just ended."""
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _kill(kernel: psutil.Process) -> None:
    for process in (*kernel.children(recursive=True), kernel):
        with contextlib.suppress(psutil.Error):
            process.kill()


def watched(manager: type[Any], watch: Watch) -> type[Any]:
    """A kernel manager of that class whose kernel is looked at from its start."""

    class Watched(manager):  # type: ignore[misc]  # the class is only known here
        async def start_kernel(self, **options: Any) -> None:
            await super().start_kernel(**options)
            watch.begin(getattr(self.provisioner, "pid", None))

    return Watched
