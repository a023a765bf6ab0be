"""Hundreds of warm kernels under random kills on every side leave nothing behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cxanalysis.kernels import NAME, templates
from cxanalysis.kernels.folder import make_folder

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not templates.can_fork(), reason="kernels start cold here"),
]

KERNELS = int(os.environ.get("KERNELS", "200"))
AT_ONCE = 8
ROUNDS = 5
MARK = "WARM_KERNELS_STRESS"

# Kernels by the dozen, each with a process of its own; those that nobody kills must be right.
CLIENT = f"""
import asyncio, sys
from jupyter_client.manager import start_new_async_kernel

async def one(number):
    try:
        manager, client = await start_new_async_kernel(kernel_name="{NAME}")
    except RuntimeError:
        return "killed"
    said = []
    code = "import subprocess; subprocess.Popen(['sleep', '600']); import time; time.sleep(0.3);"
    try:
        running = asyncio.create_task(client.execute_interactive(
            code + f"print({{number}} * 2)", timeout=60,
            output_hook=lambda m: said.append(m["content"].get("text", ""))))
        while not running.done() and await manager.is_alive():
            await asyncio.wait([running], timeout=0.1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    return "".join(said).strip() or "killed"

async def worker(numbers):
    for number in numbers:
        answer = await one(number)
        assert answer in ("killed", str(number * 2)), answer
        print("one", answer == "killed", flush=True)

async def main():
    numbers = iter(range(int(sys.argv[1])))
    await asyncio.gather(*[worker(numbers) for _ in range({AT_ONCE})])

asyncio.run(main())
"""


def marked(mark: str) -> dict[int, str]:
    """Processes whose environment carries a mark, with their command lines."""
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                if mark.encode() in (place / "environ").read_bytes():
                    found[int(place.name)] = (place / "cmdline").read_text()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
    return found


@pytest.mark.parametrize("client_too", [False, True])
def test_kernels_under_random_kills_leave_no_process_no_socket_and_no_file(
    client_too: bool,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path_factory.mktemp("s")
    rng = random.Random(20260101)
    done = killed = 0
    for number in range(ROUNDS):
        mark = f"{MARK}={os.getpid()}-{client_too}-{number}"
        told = temporary.with_suffix(f".{number}")
        name, _, value = mark.partition("=")
        with told.open("w") as out:
            client = subprocess.Popen(
                [sys.executable, "-c", CLIENT, str(KERNELS // ROUNDS)],
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=os.environ | {name: value, "TMPDIR": str(temporary)},
            )
        kills = rng.randint(3, 6)
        while client.poll() is None:
            time.sleep(rng.uniform(0.3, 1.5))
            others = {pid: line for pid, line in marked(mark).items() if pid != client.pid}
            # A template killed while it warms up takes with it all that wait for it: every other
            # run lets the first kernel through.
            if kills and others and (client_too or told.stat().st_size):
                kill_one(rng, others)
                kills -= 1
            elif client_too and not kills:
                client.kill()
                client.wait()
        if not client_too:
            assert client.returncode == 0
        answers = told.read_text().splitlines()
        done += len(answers)
        killed += answers.count("one True")
        last = time.monotonic() + 30
        while (marked(mark) or list(temporary.iterdir())) and time.monotonic() < last:
            time.sleep(0.05)
        assert marked(mark) == {}
        if client_too:  # where its template had been killed just before, the next client tidies up
            sweep(temporary, monkeypatch)
        assert list(temporary.iterdir()) == []
    if not client_too:
        assert done == KERNELS // ROUNDS * ROUNDS
        assert done > killed


def sweep(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a client does when it starts."""
    with monkeypatch.context() as patched:
        patched.setattr("tempfile.tempdir", str(folder))
        made, lock = make_folder()
    made.rmdir()
    os.close(lock)


def kill_one(rng: random.Random, processes: dict[int, str]) -> None:
    """Kill a kernel or a template; both carry the template's command line."""
    warm = [pid for pid, line in processes.items() if "cxanalysis.kernels.template" in line]
    if warm:
        try:
            os.kill(rng.choice(warm), signal.SIGKILL)
        except ProcessLookupError:
            return
