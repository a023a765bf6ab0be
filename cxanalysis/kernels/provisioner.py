"""The provisioner that Jupyter finds by name: kernels forked from a warm template."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.localinterfaces import localhost
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Dict, Float, List, Unicode

from cxanalysis.kernels import templates

LAUNCHER = "ipykernel_launcher"
# What holds unless the environment says otherwise, in warm kernels and cold ones, so that a figure
# is the same to the last digit: one thread, since a template must not have more when it forks.
USUAL = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # The debugger, which ipykernel loads, prints advice about an option of the interpreter.
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
UNDERSTOOD = {"env", "cwd", "stdin", "stdout", "stderr", "independent", "kernel_id"}


class WarmForkProvisioner(LocalProvisioner):
    """Forks kernels from a template that has imported and prepared what they need.

    Where that is not possible, the same command starts a kernel as usual.
    """

    modules: List[str] | None = List(
        Unicode(),
        default_value=None,
        allow_none=True,
        config=True,
        help="Modules to import in the template; numpy, pandas and matplotlib where left out.",
    )
    preload = Unicode(
        "", config=True, help='"package.module:function", called once in the template.'
    )
    arguments = Dict(config=True, help="What the preloaded function is called with.")
    start_limit = Float(600.0, config=True, help="Seconds that warming up may take.")
    idle_limit = Float(
        600.0, config=True, help="Seconds after which a template without kernels ends."
    )

    process: Any

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """The command and environment of a kernel; its sockets in a folder only we can enter."""
        if templates.can_fork():
            self._talk_through_files()
        prepared: dict[str, Any] = await super().pre_launch(**kwargs)
        prepared["env"] = USUAL | prepared["env"]
        return prepared

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, or start a cold one where it cannot be a fork."""
        if templates.can_fork() and _can_be_forked(cmd, kwargs):
            try:
                kernel = await asyncio.to_thread(self._fork, cmd, kwargs)
            except templates.UnsafeForkError as error:
                self.log.warning("%s", error)
            else:
                self.process = kernel
                self.pid = self.pgid = kernel.pid
                self.cwd = kwargs.get("cwd") or Path.cwd()
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def send_signal(self, signum: int) -> None:
        """Send a signal to a kernel and what it started, unless it has ended."""
        if isinstance(self.process, templates.ForkedKernel):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    def _fork(self, cmd: list[str], kwargs: dict[str, Any]) -> templates.ForkedKernel:
        cwd = Path(kwargs.get("cwd") or Path.cwd()).absolute()
        if not cwd.is_dir():
            raise FileNotFoundError(f"{cwd}: the folder for a kernel to run in is not there.")
        order = templates.Order(
            None if self.modules is None else tuple(self.modules),
            self.preload,
            json.dumps(self.arguments, sort_keys=True),
            templates.read_at_import(kwargs["env"]),
            self.start_limit,
            self.idle_limit,
        )
        found = find_spec(LAUNCHER)
        argv = [found.origin if found and found.origin else LAUNCHER, *cmd[3:]]
        wish = templates.Wish(argv, kwargs["env"], str(cwd))
        out, err = (_descriptor(kwargs.get(name)) for name in ("stdout", "stderr"))
        return templates.fork_kernel(order, wish, out, out if _is_out(kwargs) else err)

    def _talk_through_files(self) -> None:
        """Sockets in the file system, unless somebody chose a transport, an address or ports."""
        manager = self.parent
        if manager is None or manager.transport != "tcp" or any(manager.ports):
            return
        if manager.ip != localhost():
            return
        place = templates.folder() / str(templates.next_number())
        manager.transport, manager.ip = "ipc", str(place)
        if not manager.connection_file:
            manager.connection_file = f"{place}.json"


def _can_be_forked(cmd: list[str], kwargs: dict[str, Any]) -> bool:
    """Whether a command is this Python's own ipykernel, asked for nothing only a start can give."""
    ours = cmd[:3] == [sys.executable, "-m", LAUNCHER]
    known = set(kwargs) <= UNDERSTOOD and not kwargs.get("independent")
    return ours and known and subprocess.PIPE not in (kwargs.get("stdout"), kwargs.get("stderr"))


def _is_out(kwargs: dict[str, Any]) -> bool:
    return kwargs.get("stderr") == subprocess.STDOUT


def _descriptor(given: Any) -> int | None:
    """The descriptor of what Popen takes for a stream: None, a number or an open file."""
    return given if given is None or isinstance(given, int) else given.fileno()
