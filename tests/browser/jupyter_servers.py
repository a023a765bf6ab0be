"""JupyterLab and Voilà really started, apart from the user's own settings, files and kernels."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guard import KILL_GROUP, when_killed

import cxanalysis

PATIENCE = 120  # seconds that a server has to come up or to go
LAB = (
    "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True",
    "--LabApp.extension_manager=readonly",
)  # fmt: skip
VOILA = ("voila", "--no-browser", "--Voila.ip=127.0.0.1", "--template=offline")
TEMPLATES = Path(cxanalysis.__file__).parent / "explore" / "jupyter"
# News and the list of extensions would ask for pages elsewhere.
PAGE = {
    "disabledExtensions": {
        "@jupyterlab/apputils-extension:announcements": True,
        "@jupyterlab/extensionmanager-extension": True,
    }
}
# Kernels find what the user's do, and begin with one thread as the tests' own fits do.
KEPT = {"OPENBLAS_NUM_THREADS": "1", "XDG_CACHE_HOME": str(Path.home() / ".cache")}


@dataclass(frozen=True)
class Server:
    """A server of this test run; ``folder`` is what it serves."""

    address: str
    token: str
    folder: Path

    def ask(self, path: str, method: str = "GET") -> Any:
        """What its API answers."""
        request = urllib.request.Request(
            f"{self.address}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or "null")

    def end_kernels(self) -> None:
        """End what pages have left running: a kernel outlives its page."""
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")


@contextmanager
def lab(home: Path, folder: Path) -> Iterator[Server]:
    """JupyterLab that shows a folder and keeps everything of its own in ``home``."""
    config = home / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "page_config.json").write_text(json.dumps(PAGE), encoding="utf-8")
    manager = home / "settings" / "@jupyterlab" / "docmanager-extension"
    manager.mkdir(parents=True)
    (manager / "plugin.jupyterlab-settings").write_text('{"autosave": false}', encoding="utf-8")
    port, token = _free_port(), secrets.token_hex(16)
    command = [*LAB, f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}"]
    server = Server(f"http://127.0.0.1:{port}", token, folder)
    with _running(command, home, {"JUPYTER_TOKEN": token}):
        _wait(server)
        yield server


@contextmanager
def voila(home: Path, notebook: Path) -> Iterator[Server]:
    """A notebook as an app, as `make app` starts it."""
    port = _free_port()
    command = [*VOILA, f"--port={port}", str(notebook)]
    server = Server(f"http://127.0.0.1:{port}", "", notebook.parent)
    with _running(command, home, {"JUPYTER_PATH": str(TEMPLATES)}):
        _wait(server)
        yield server


@contextmanager
def _running(command: list[str], home: Path, more: dict[str, str]) -> Iterator[None]:
    """A module of Python run as a server, with Jupyter's folders inside ``home``."""
    with (home / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            cwd=home, env=_environment(home) | more, start_new_session=True,
        )  # fmt: skip
    # Its kernels have groups of their own; they end by themselves once it has.
    with when_killed(KILL_GROUP, process.pid):
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()


def _environment(home: Path) -> dict[str, str]:
    """Variables under which nothing of the user's Jupyter is read or written."""
    # With a backend for files no picture would appear in a notebook.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "MPLBACKEND"))}
    folders = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    folders |= {f"JUPYTER_{kind}_DIR": kind.lower() for kind in ("CONFIG", "DATA", "RUNTIME")}
    own = {name: str(home / part) for name, part in folders.items()}
    return KEPT | kept | own | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")}


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def _wait(server: Server) -> None:
    """Return once a server answers."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            server.ask("status")
        except urllib.error.HTTPError:
            return  # it is there, and has no such page
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
