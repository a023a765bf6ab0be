"""The template: a process that warms up once, then forks a kernel per request.

Started as ``python -m cxanalysis.kernels.template DESCRIPTOR`` with one end of a socket pair. It
reads what to warm up with, answers that it is ready or why not, and then receives per kernel one
byte with three descriptors: a channel, where the kernel's request stands and where its process
number and later its exit status go, and what becomes its standard output and error. A channel
that is closed at the other end ends its kernel; the death of the client ends all and the template.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import sys
import threading
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cxanalysis.kernels.folder import hold
from cxanalysis.kernels.forked import become_kernel
from cxanalysis.kernels.groups import signal_group
from cxanalysis.kernels.warming import loaded_files, running_threads, settle, warm_up

# How long a library may take to end with the process, before the process ends regardless.
DYING_SECONDS = 1.0
LAST_SECONDS = 10
GONE = select.POLLIN | select.POLLHUP | select.POLLERR


@dataclass(frozen=True)
class Request:
    """What one kernel is to be: its arguments, environment, folder, and where it writes."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    out: int
    err: int


@dataclass(frozen=True)
class _Kernel:
    pid: int
    ended: int  # a descriptor that is readable once the process has ended
    channel: Connection
    connection_file: str


class _Server:
    """The kernels of a template, and the descriptors it waits on."""

    def __init__(self, control: socket.socket, client: int, idle_limit: float) -> None:
        self._control: socket.socket | None = control
        self._client = client
        self._idle_limit = idle_limit
        self._kernels: dict[int, _Kernel] = {}
        # poll() holds no descriptor of its own that a kernel would have to close.
        self._poll = select.poll()
        self._poll.register(client, select.POLLIN)
        self._poll.register(control, select.POLLIN)

    def serve(self) -> Request | None:
        """Fork and bury until there is nothing left to do.

        Returns
        -------
        Request or None
            In each kernel what it is to be; None in the template when it shall end.
        """
        while self._control or self._kernels:
            events = self._poll.poll(self._idle_limit * 1000)
            if not events and not self._kernels:
                break
            for descriptor, _ in events:
                if descriptor == self._client:
                    self.end_all()
                    return None
                if self._control and descriptor == self._control.fileno():
                    request = self._answer(self._control)
                    if request:
                        return request
                else:
                    self._look_after(descriptor)
        return None

    def end_all(self) -> None:
        """Kill what still runs, and remove the connection files nobody else will remove."""
        for kernel in set(self._kernels.values()):
            self._bury(kernel)
            Path(kernel.connection_file).unlink(missing_ok=True)

    def _answer(self, control: socket.socket) -> Request | None:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 3)
        if not message:  # no more requests; what runs may end by itself
            self._poll.unregister(control)
            control.close()
            self._control = None
            return None
        if len(descriptors) < 3:  # no descriptors left here; the client sees its channel closed
            for descriptor in descriptors:
                os.close(descriptor)
            return None
        channel = Connection(descriptors[0])
        try:
            request = Request(
                **json.loads(channel.recv_bytes()), out=descriptors[1], err=descriptors[2]
            )
            if self._fork(request, channel):
                return request
        except (EOFError, OSError):  # the asker is gone, or there is no room for a process
            channel.close()
        os.close(descriptors[1])
        os.close(descriptors[2])
        return None

    def _fork(self, request: Request, channel: Connection) -> bool:
        """Whether this is the kernel."""
        template = os.getpid()
        with warnings.catch_warnings():
            # Python warns of the threads of libraries, which know how to live through a fork.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            self._forget()
            channel.close()
            die_with(template)
            return True
        ended = os.pidfd_open(pid)
        kernel = _Kernel(pid, ended, channel, _connection_file(request.argv))
        self._kernels[ended] = self._kernels[channel.fileno()] = kernel
        self._poll.register(ended, select.POLLIN)
        self._poll.register(channel.fileno(), select.POLLIN)
        with suppress(OSError):  # where the asker is gone, its closed channel is seen next
            channel.send_bytes(json.dumps({"pid": pid}).encode())
        return False

    def _look_after(self, descriptor: int) -> None:
        kernel = self._kernels.get(descriptor)
        if kernel is None:  # both of its descriptors had something to tell
            return
        if descriptor == kernel.ended:
            self._bury(kernel)
        else:  # its client let it go; that it ended is seen at its other descriptor
            signal_group(kernel.pid, signal.SIGKILL)
            self._poll.unregister(descriptor)

    def _bury(self, kernel: _Kernel) -> None:
        # Its number is its own until it is waited for, so the group is still the right one.
        signal_group(kernel.pid, signal.SIGKILL)
        _, status = os.waitpid(kernel.pid, 0)
        with suppress(OSError):
            message = {"ended": os.waitstatus_to_exitcode(status)}
            kernel.channel.send_bytes(json.dumps(message).encode())
        for descriptor in (kernel.ended, kernel.channel.fileno()):
            del self._kernels[descriptor]
            with suppress(KeyError):
                self._poll.unregister(descriptor)
        kernel.channel.close()
        os.close(kernel.ended)

    def _forget(self) -> None:
        """In a kernel: close what belongs to the template and to its other kernels."""
        for kernel in set(self._kernels.values()):
            kernel.channel.close()
            os.close(kernel.ended)
        os.close(self._client)
        if self._control:
            self._control.close()


def die_with(parent: int) -> None:
    """Let the system kill this process when its parent dies."""
    import ctypes

    set_death_signal = 1
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class _Watch:
    """Ends this process if its client dies while it warms up; no thread of it stays."""

    def __init__(self, client: int, folder: str) -> None:
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._run, args=(client, folder))
        self._thread.start()

    def _run(self, client: int, folder: str) -> None:
        poll = select.poll()
        poll.register(client, select.POLLIN)
        poll.register(self._stop, GONE)
        if any(descriptor == client for descriptor, _ in poll.poll()):
            shutil.rmtree(folder, ignore_errors=True)
            os.killpg(0, signal.SIGKILL)

    def stop(self) -> None:
        os.close(self._stopped)
        self._thread.join()
        os.close(self._stop)


def _connection_file(argv: list[str]) -> str:
    return argv[argv.index("-f") + 1] if "-f" in argv[:-1] else ""


def _warmed(order: dict[str, Any], client: int) -> dict[str, Any]:
    """What the client is told: the files that matter and what threads run, or why it failed."""
    watch = _Watch(client, order["folder"])
    try:
        warm_up(order["modules"], order["preload"], order["arguments"])
    except BaseException as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())
        return {"failed": why, "traceback": traceback.format_exc()}
    finally:
        watch.stop()
    settle()
    return {"files": loaded_files(), "threads": running_threads()}


def main(descriptor: int) -> None:
    """Warm up, tell, and serve; a kernel never returns from here."""
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder it was started in, which is no kernel's
    control = socket.socket(fileno=descriptor)
    channel = Connection(os.dup(descriptor))
    order = json.loads(channel.recv_bytes())
    client = os.pidfd_open(order["client"])
    if os.getppid() != order["client"]:
        return
    lock = hold(Path(order["folder"]))
    told = _warmed(order, client)
    with suppress(OSError):
        channel.send_bytes(json.dumps(told).encode())
    channel.close()
    if told.get("failed") or told["threads"]:
        return
    server = _Server(control, client, order["idle_limit"])
    request = server.serve()
    if request:
        os.close(lock)
        become_kernel(request.argv, request.env, request.cwd, request.out, request.err)
    # A client that dies closes its end first, and is seen to be gone a moment later.
    if select.select([client], [], [], DYING_SECONDS)[0]:
        shutil.rmtree(order["folder"], ignore_errors=True)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    finally:
        signal.alarm(LAST_SECONDS)
