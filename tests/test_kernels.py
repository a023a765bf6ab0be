"""Warm kernels: forks of a template that behave as started kernels do, and leave nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager, start_new_async_kernel
from warm_kernels import children_of, ends, is_there, kernel, named, parent_of, sockets_of

from cxanalysis.kernels import NAME, PROVISIONER, templates
from cxanalysis.kernels.folder import PREFIX, hold, make_folder
from cxanalysis.kernels.provisioner import WarmForkProvisioner

pytestmark = pytest.mark.skipif(not templates.can_fork(), reason="kernels start cold here")

SLIM = {"modules": ["json"]}


@pytest.fixture
def slim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A kernel whose template loads little, and which all tests share."""
    return named(tmp_path, monkeypatch, **SLIM)


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    """After all tests, closing leaves no process and no folder."""
    yield
    folder, processes = templates.folder(), children_of(os.getpid())
    templates.close_all()
    assert ends(*[pid for pid in processes if _is_template(pid)])
    assert not folder.exists()


def _is_template(pid: int) -> bool:
    try:
        return b"cxanalysis.kernels.template" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_kernels_are_forks_of_one_template(slim: str) -> None:
    with kernel(slim) as one, kernel(slim) as other:
        assert one.prints("import os; print(os.getpid(), 6 * 7)") == f"{one.pid} 42"
        assert one.template == other.template
        assert parent_of(one.template) == os.getpid()
        assert one.manager.transport == "ipc"


def test_kernel_holds_no_socket_of_its_template_or_its_siblings(slim: str) -> None:
    with kernel(slim) as one, kernel(slim) as other:
        held = [sockets_of(pid) for pid in (one.pid, other.pid, one.template)]
        assert all(held)
        assert not held[0] & held[1] | held[0] & held[2] | held[1] & held[2]


def test_interrupt_stops_a_cell_and_not_the_kernel(slim: str) -> None:
    with kernel(slim) as running:
        process = running.manager.provisioner.process
        timer = threading.Timer(0.5, process.send_signal, (signal.SIGINT,))
        timer.start()
        assert running.prints("import time; time.sleep(60)").endswith("KeyboardInterrupt")
        timer.join()
        assert running.prints("print('still here')") == "still here"


def test_a_killed_kernel_is_told_and_hurts_nobody(slim: str) -> None:
    with kernel(slim) as one, kernel(slim) as other:
        template = one.template
        os.kill(one.pid, signal.SIGKILL)
        assert one.manager.provisioner.process.wait(30) == -signal.SIGKILL
        assert not one.manager.is_alive()
        assert other.prints("print('well')") == "well"
        assert other.template == template


def test_a_kernel_that_ends_by_itself_tells_its_exit_status(slim: str) -> None:
    with kernel(slim) as running:
        running.client.execute("import os; os._exit(3)")
        assert running.manager.provisioner.process.wait(30) == 3


def test_what_a_kernel_started_ends_with_it(slim: str) -> None:
    start = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"
    with kernel(slim) as running:
        grandchild = int(running.prints(start))
        os.kill(running.pid, signal.SIGKILL)
        assert ends(grandchild)
    with kernel(slim) as running:
        grandchild = int(running.prints(start))
    assert ends(grandchild)


def test_polite_shutdown_ends_with_zero_and_runs_what_the_notebook_left_for_the_end(
    slim: str, tmp_path: Path
) -> None:
    with kernel(slim, cwd=str(tmp_path)) as running:
        running.prints("import atexit, tempfile, pathlib; kept = tempfile.TemporaryDirectory()")
        inside = Path(running.prints("print(kept.name)"))
        running.prints("atexit.register(pathlib.Path('ended').touch)")
        process = running.manager.provisioner.process
        running.manager.shutdown_kernel()
        assert process.returncode == 0
        assert (tmp_path / "ended").exists()
        assert not inside.exists()


def test_restarted_kernel_is_a_new_fork_at_the_same_address(slim: str) -> None:
    with kernel(slim) as running:
        before, template = running.pid, running.template
        running.prints("left = 1")
        running.manager.restart_kernel(now=True)
        running.client.wait_for_ready(timeout=30)
        assert running.pid != before
        assert running.template == template
        assert running.prints("left").endswith("NameError")


def test_letting_go_of_a_kernel_ends_it(slim: str) -> None:
    manager = KernelManager(kernel_name=slim)
    manager.start_kernel()
    assert manager.provisioner is not None
    pid = manager.provisioner.pid
    manager.provisioner.process = None
    assert ends(pid)
    manager.cleanup_resources()


def test_kernels_end_with_a_killed_template_and_the_next_gets_a_new_one(slim: str) -> None:
    with kernel(slim) as running:
        template = running.template
        grandchild = int(
            running.prints("import subprocess; print(subprocess.Popen(['sleep', '600']).pid)")
        )
        os.kill(template, signal.SIGKILL)
        assert running.manager.provisioner.process.wait(30) == -signal.SIGKILL
        assert ends(running.pid, grandchild)
    with kernel(slim) as running:
        assert running.template != template
        assert running.prints("print('well')") == "well"


CLIENT = """
import subprocess, sys
from warm_kernels import kernel
from cxanalysis.kernels import templates
with kernel(sys.argv[1]) as one, kernel(sys.argv[1]) as other:
    started = one.prints("import subprocess; print(subprocess.Popen(['sleep', '600']).pid)")
    other.client.execute("while True: pass")
    print(one.pid, other.pid, one.template, started, templates.folder(), flush=True)
    sys.stdin.read()
"""


def client(name: str, code: str = CLIENT) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_nothing_outlives_a_client(slim: str, how: signal.Signals | None) -> None:
    with client(slim) as process:
        assert process.stdout is not None and process.stdin is not None
        *pids, folder = process.stdout.readline().split()
        assert all(is_there(int(pid)) for pid in pids)
        assert Path(folder).stat().st_mode & 0o777 == 0o700
        if how is None:
            process.stdin.close()
        else:
            process.send_signal(how)
        assert ends(*map(int, pids))
        process.wait(30)
    last = time.monotonic() + 30
    while Path(folder).exists() and time.monotonic() < last:
        time.sleep(0.02)
    assert not Path(folder).exists()


def test_folder_that_nobody_could_remove_goes_with_the_next_client(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path_factory.mktemp("f")
    monkeypatch.setattr("tempfile.tempdir", str(base))
    left, held = (base / f"{PREFIX}{name}" for name in ("left", "held"))
    left.mkdir()
    held.mkdir()
    earlier = hold(held)
    made, lock = make_folder()
    assert set(base.iterdir()) == {held, made}
    for descriptor in (earlier, lock):
        os.close(descriptor)


def test_environment_and_folder_are_those_of_the_request(slim: str, tmp_path: Path) -> None:
    ask = "import os, sys, tempfile; print(os.environ.get('ASKED'), os.getcwd(), os.getsid(0))"
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    environments = [os.environ | {"ASKED": "one"}, dict(os.environ)]
    with (
        kernel(slim, env=environments[0], cwd=str(folders[0])) as one,
        kernel(slim, env=environments[1], cwd=str(folders[1])) as other,
    ):
        assert one.prints(ask) == f"one {folders[0]} {one.pid}"
        assert other.prints(ask) == f"None {folders[1]} {other.pid}"
        assert one.template == other.template
        assert "JPY_PARENT_PID" not in one.prints("print(dict(os.environ))")


def test_folder_that_is_not_there_is_refused(slim: str, tmp_path: Path) -> None:
    manager = KernelManager(kernel_name=slim)
    with pytest.raises(FileNotFoundError, match="not there"):
        manager.start_kernel(cwd=str(tmp_path / "absent"))
    manager.cleanup_resources()


def test_variable_that_is_read_at_import_needs_another_template(slim: str) -> None:
    with (
        kernel(slim) as one,
        kernel(slim, env=os.environ | {"PYTHONUTF8": "1"}) as other,
    ):
        assert one.template != other.template
        assert other.prints("import sys; print(sys.flags.utf8_mode)") == "1"


def test_streams_are_those_of_the_request(slim: str, tmp_path: Path) -> None:
    with (
        (tmp_path / "heard").open("w") as stream,
        kernel(slim, stdout=stream, stderr=subprocess.STDOUT) as running,
    ):
        running.prints("import os; os.write(1, b'out '); os.write(2, b'err')")
        assert running.prints("print('shown')") == "shown"
    assert (tmp_path / "heard").read_text() == "out err"


def test_many_threads_that_ask_at_once_share_one_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = named(tmp_path, monkeypatch, modules=["csv"])

    async def ask() -> int:
        manager, client = await start_new_async_kernel(kernel_name=name)
        template = parent_of(manager.provisioner.pid)
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        return template

    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(asyncio.run, ask()) for _ in range(6)]
    assert len({answer.result() for answer in asked}) == 1


def test_a_fork_of_the_client_leaves_its_kernels_alone(slim: str) -> None:
    with kernel(slim) as running:
        pid = os.fork()
        if pid == 0:
            templates.close_all()
            os._exit(0)
        os.waitpid(pid, 0)
        assert running.prints("print('well')") == "well"


def test_template_without_kernels_ends_and_the_next_request_starts_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = named(tmp_path, monkeypatch, **SLIM, idle_limit=0.2)
    with kernel(name) as running:
        template = running.template
    assert ends(template)
    with kernel(name) as running:
        assert running.template != template


def test_kernelspec_is_installed_and_names_the_provisioner() -> None:
    spec = KernelSpecManager().get_kernel_spec(NAME)
    assert spec.metadata["kernel_provisioner"]["provisioner_name"] == PROVISIONER
    shipped = Path(templates.__file__).parent / "kernelspec" / "kernel.json"
    assert json.loads(shipped.read_text(encoding="utf-8"))["argv"] == spec.argv
    assert "--HistoryManager.enabled=False" in spec.argv


def test_kernel_starts_cold_where_there_is_no_fork(
    slim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "can_fork", lambda: False)
    with kernel(slim) as running:
        assert isinstance(running.manager.provisioner, WarmForkProvisioner)
        assert isinstance(running.manager.provisioner.process, subprocess.Popen)
        assert running.prints("print(6 * 7)") == "42"
        assert running.prints("import os; print(os.environ['OPENBLAS_NUM_THREADS'])") == "1"


def test_kernel_starts_cold_where_only_a_start_can_give_what_is_asked(slim: str) -> None:
    with kernel(slim, stdout=subprocess.PIPE) as running:
        assert isinstance(running.manager.provisioner.process, subprocess.Popen)
