"""The templates of this process: one per order, started when first asked for a kernel."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cxanalysis.kernels.groups import signal_group

TEMPLATE = "cxanalysis.kernels.template"
# Templates kept at once, since each holds its libraries in memory; the one unused for longest goes.
KEPT = 4
# Seconds a warm template may take to fork before it counts as stuck.
PATIENCE = 60
# What libraries or the interpreter read only once, when they are loaded: another value of one of
# these needs another template, whereas a kernel sees its own value of every other variable.
READ_AT_IMPORT = (
    *("PYTHON", "LD_", "LC_", "LANG", "TZ", "HOME", "PATH", "TMPDIR", "XDG_"),
    *("VIRTUAL_ENV", "CONDA_PREFIX", "IPYTHON", "PYDEVD_", "MPLCONFIG", "MALLOC_", "ARROW_"),
    *("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "KMP_", "NPY_", "NUMBA_", "NUMEXPR_"),
)


class TemplateError(RuntimeError):
    """A template did not warm up, or does not answer."""


class UnsafeForkError(Exception):
    """A template runs threads that a fork would lose."""


class _GoneError(Exception):
    """A template ended between two requests; another one may be started."""


@dataclass(frozen=True)
class Order:
    """What a template is to be; two equal orders share one.

    Attributes
    ----------
    modules
        Modules to import, the usual ones where None.
    preload, arguments
        "package.module:function", and its arguments as JSON.
    environment
        The variables that are read at import, sorted, each with its value.
    start_limit, idle_limit
        Seconds to warm up in, and to wait for a request without any kernel.
    """

    modules: tuple[str, ...] | None
    preload: str
    arguments: str
    environment: tuple[tuple[str, str], ...]
    start_limit: float
    idle_limit: float


@dataclass(frozen=True)
class Wish:
    """What a kernel is to be: its arguments, environment and folder."""

    argv: list[str]
    env: Mapping[str, str]
    cwd: str


def can_fork() -> bool:
    """Whether this system can fork a process safely and watch it; elsewhere kernels start cold."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:  # an old system, or one that forbids it
        return False
    return True


def read_at_import(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The variables of an environment that make a template of their own, sorted."""
    return tuple(sorted((k, v) for k, v in env.items() if k.startswith(READ_AT_IMPORT)))


def fork_kernel(
    order: Order, wish: Wish, out: int | None = None, err: int | None = None
) -> ForkedKernel:
    """A kernel forked from the template of an order, which is started where there is none.

    Safe to call from several threads at once.

    Parameters
    ----------
    order, wish
        What the template and the kernel are to be.
    out, err
        Descriptors for the kernel's standard output and error; this process's own where None.

    Raises
    ------
    TemplateError
        When the template does not warm up, with the reason, or does not answer.
    UnsafeForkError
        When the preloaded function left threads; start a cold kernel.
    """
    try:
        return _template_for(order).fork(wish, out, err)
    except _GoneError:  # it waited in vain for too long, or was killed
        try:
            return _template_for(order).fork(wish, out, err)
        except _GoneError:
            raise TemplateError(
                "The template of warm kernels ended twice before it forked one, maybe for lack "
                "of memory. Use the kernel python3, or free memory and try again."
            ) from None


class ForkedKernel:
    """A kernel seen from its client: what subprocess.Popen is for a cold one.

    The kernel ends when this object is let go of.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, channel: Connection) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._channel = channel
        self._lock = threading.Lock()
        _kernels.add(self)

    def poll(self) -> int | None:
        """None while it runs; then its exit status, negative for the signal that ended it."""
        with self._lock:
            if self.returncode is None and self._channel.poll(0):
                self._end()
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status; subprocess.TimeoutExpired after a timeout in seconds."""
        with suppress(OSError):  # somebody else saw the end meanwhile
            self._channel.poll(timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired("a warm kernel", timeout or 0)
        return status

    def _end(self) -> None:
        try:
            self.returncode = json.loads(self._channel.recv_bytes())["ended"]
        except (EOFError, OSError):  # the template was killed, and the system killed its kernels
            signal_group(self.pid, signal.SIGKILL)
            self.returncode = -signal.SIGKILL
        self._channel.close()

    def send_signal(self, signum: int) -> None:
        """Send a signal to it and to what it started, unless it has ended."""
        if self.poll() is None:
            signal_group(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def let_go(self) -> None:
        """Close the channel, at which the template ends the kernel."""
        with self._lock:
            if self.returncode is None:
                self.returncode = -signal.SIGKILL
                self._channel.close()


class _Template:
    """A template seen from its client; it starts with the first call of `fork`."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._starting = threading.Lock()
        self._sending = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._failure: Exception | None = None
        self._files: dict[str, int] = {}

    def fork(self, wish: Wish, out: int | None, err: int | None) -> ForkedKernel:
        with self._starting:
            if self._process is None:
                try:
                    self._start(wish.env)
                except (TemplateError, UnsafeForkError) as error:
                    self._failure = error
                    self.retire()
            if self._failure:
                raise self._failure
        return self._ask(wish, out, err)

    def outdated(self) -> bool:
        """Whether it is of no more use: it failed, ended, or a file it has loaded changed."""
        if self._process is None or self._starting.locked():
            return False
        if isinstance(self._failure, UnsafeForkError):  # no use either, until somebody mends it
            return self._changed()
        return bool(self._failure) or self._process.poll() is not None or self._changed()

    def retire(self) -> None:
        """Ask it for nothing more; it ends with its last kernel."""
        with self._sending:
            if self._control is not None and self._process is not None:
                self._control.close()
                self._control = None
                _retired.append(self._process)

    def disown(self) -> None:
        """In a fork of the client: let go of what is the client's."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.returncode = 0  # it is no child of this process

    def _changed(self) -> bool:
        return any(_changed_at(path) != then for path, then in self._files.items())

    def _start(self, env: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", TEMPLATE, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=_standard(2),
                stderr=_standard(2),
                cwd="/",
                env=_env_of_template(env),
                start_new_session=True,
            )
        self._control = ours
        channel = Connection(os.dup(ours.fileno()))
        order = {
            "client": os.getpid(),
            "folder": str(folder()),
            "modules": self._order.modules,
            "preload": self._order.preload,
            "arguments": json.loads(self._order.arguments),
            "idle_limit": self._order.idle_limit,
        }
        try:
            channel.send_bytes(json.dumps(order).encode())
            if not channel.poll(self._order.start_limit):
                signal_group(self._process.pid, signal.SIGKILL)
                raise TemplateError(
                    f"The template of warm kernels was not ready after "
                    f"{self._order.start_limit:g} s ({self._doing()}). Raise start_limit in the "
                    "kernel's settings, or do less in the preloaded function."
                )
            told = json.loads(channel.recv_bytes())
        except (EOFError, OSError):
            status = self._process.wait()
            raise TemplateError(
                f"The template of warm kernels ended with exit status {status} ({self._doing()}); "
                "the standard error of this process shows what it had to say."
            ) from None
        finally:
            channel.close()
        self._heed(told)

    def _heed(self, told: Mapping[str, Any]) -> None:
        if "failed" in told:
            error = TemplateError(
                f"The template of warm kernels failed ({self._doing()}): {told['failed']}"
            )
            error.add_note(told["traceback"])
            raise error
        self._files = told["files"]
        if told["threads"]:
            raise UnsafeForkError(
                f"The template of warm kernels runs threads after {self._doing()}: "
                f"{', '.join(told['threads'])}. Kernels start cold; end the threads to have warm "
                "ones."
            )

    def _doing(self) -> str:
        return self._order.preload or "importing libraries"

    def _ask(self, wish: Wish, out: int | None, err: int | None) -> ForkedKernel:
        ours, theirs = socket.socketpair()
        channel = Connection(ours.detach())
        message = {"argv": wish.argv, "env": dict(wish.env), "cwd": wish.cwd}
        nothing = os.open(os.devnull, os.O_WRONLY)
        try:
            streams = [_or_nothing(out, 1, nothing), _or_nothing(err, 2, nothing)]
            with theirs, self._sending:
                if self._control is None:
                    raise EOFError
                socket.send_fds(self._control, [b"k"], [theirs.fileno(), *streams])
            channel.send_bytes(json.dumps(message).encode())
            if not channel.poll(PATIENCE):
                raise TemplateError(
                    f"The template of warm kernels has not answered for {PATIENCE} s. Use the "
                    "kernel python3, or try again on a machine that has less to do."
                )
            return ForkedKernel(json.loads(channel.recv_bytes())["pid"], channel)
        except (EOFError, OSError) as error:
            channel.close()
            raise _GoneError from error
        finally:
            os.close(nothing)


def folder() -> Path:
    """The folder for the sockets of this process's kernels, made when first needed."""
    global _folder  # noqa: PLW0603 (a process has one)
    with _lock:
        if _folder is None or not _folder[0].exists():
            from cxanalysis.kernels.folder import make_folder  # its locks are not on Windows

            _folder = make_folder()
        return _folder[0]


def next_number() -> int:
    """A number that no other kernel of this process has had."""
    return next(_numbers)


_lock = threading.Lock()
_templates: dict[Order, _Template] = {}
_retired: list[subprocess.Popen[bytes]] = []
_kernels: weakref.WeakSet[ForkedKernel] = weakref.WeakSet()
_numbers = itertools.count(1)
_folder: tuple[Path, int] | None = None  # with the descriptor of its lock


def _template_for(order: Order) -> _Template:
    with _lock:
        _retired[:] = [process for process in _retired if process.poll() is None]
        template = _templates.pop(order, None)
        if template is not None and template.outdated():
            template.retire()
            template = None
        _templates[order] = template or _Template(order)
        for unused in list(_templates)[:-KEPT]:
            _templates.pop(unused).retire()
        return _templates[order]


def _env_of_template(env: Mapping[str, str]) -> dict[str, str]:
    """The first kernel's environment, without what only that kernel is told."""
    kept = {name: value for name, value in env.items() if not name.startswith(("JPY_", "IPY_"))}
    return kept | {"MPLBACKEND": "agg"}


def _changed_at(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _standard(descriptor: int) -> int:
    """A standard stream of this process, or nothing where it has none."""
    try:
        os.fstat(descriptor)
    except OSError:
        return subprocess.DEVNULL
    return descriptor


def _or_nothing(given: int | None, descriptor: int, nothing: int) -> int:
    found = _standard(descriptor) if given is None else given
    return nothing if found == subprocess.DEVNULL else found


def close_all() -> None:
    """At the end of this process: end its kernels and templates, and remove their folder."""
    global _folder  # noqa: PLW0603
    for kernel in list(_kernels):
        kernel.let_go()
    for template in _templates.values():
        template.retire()
    _templates.clear()
    for process in _retired:
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _retired.clear()
    if _folder is not None:
        shutil.rmtree(_folder[0], ignore_errors=True)
        os.close(_folder[1])
        _folder = None


def _start_over() -> None:
    """In a fork of this process: its parent's templates and kernels are not its own."""
    global _folder, _lock  # noqa: PLW0603
    _lock = threading.Lock()  # another thread may have held it
    _folder = None
    for kernel in list(_kernels):
        kernel.let_go()
    _kernels.clear()
    for template in _templates.values():
        template.disown()
    _templates.clear()
    for process in _retired:
        process.returncode = 0
    _retired.clear()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_over)
