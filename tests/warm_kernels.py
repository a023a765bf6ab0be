"""Kernels of a name made for one test, what they print, and whether a process is still there."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

LIMIT = 30


class Running:
    """A kernel and its client."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    @property
    def pid(self) -> int:
        assert self.manager.provisioner is not None
        pid: int = self.manager.provisioner.pid
        return pid

    @property
    def template(self) -> int:
        return parent_of(self.pid)

    def prints(self, code: str) -> str:
        """What a cell prints; the error's name where it raises."""
        said: list[str] = []

        def hear(message: dict) -> None:
            content = message["content"]
            said.append(content.get("text") or content.get("ename") or "")

        self.client.execute_interactive(code, timeout=LIMIT, output_hook=hear, store_history=False)
        return "".join(said).strip()


def named(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: object) -> str:
    """The name of a new kernelspec with settings of its provisioner."""
    name = f"warm-{len(list(folder.glob('jupyter/kernels/*')))}"
    place = folder / "jupyter" / "kernels" / name
    place.mkdir(parents=True)
    spec = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": "warm-fork", "config": settings}},
    }
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(folder / "jupyter"))
    return name


@contextmanager
def kernel(name: str, **launch: object) -> Iterator[Running]:
    """A kernel that is ready, and ended afterwards."""
    manager = KernelManager(kernel_name=name)
    manager.start_kernel(**launch)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=LIMIT)
        yield Running(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def parent_of(pid: int) -> int:
    """The parent of a process."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_there(pid: int) -> bool:
    """Whether a process runs; one that only waits to be counted does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends(*pids: int, within: float = LIMIT) -> bool:
    """Whether all processes end before a limit in seconds."""
    last = time.monotonic() + within
    while any(is_there(pid) for pid in pids):
        if time.monotonic() > last:
            return False
        time.sleep(0.02)
    return True


def children_of(pid: int) -> list[int]:
    """Processes that another one started."""
    found = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]
    return [child for child in found if is_there(child) and _parent_or_none(child) == pid]


def _parent_or_none(pid: int) -> int | None:
    try:
        return parent_of(pid)
    except (FileNotFoundError, ProcessLookupError):
        return None


def sockets_of(pid: int) -> set[str]:
    """The sockets a process holds."""
    folder = Path(f"/proc/{pid}/fd")
    targets = []
    for link in folder.iterdir():
        try:
            targets.append(str(link.readlink()))
        except FileNotFoundError:
            continue
    return {target for target in targets if target.startswith("socket:")}
