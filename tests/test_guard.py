"""What tests have started does not outlive them, however they end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest
from guard import KILL_GROUP, when_killed

PATIENCE = 60  # seconds after which something counts as left behind
IN_A_GUARD = """
import subprocess, sys, time
import pytest
from guard import KILL_GROUP, when_killed

server = subprocess.Popen(["sleep", "600"], start_new_session=True)
with when_killed(KILL_GROUP, server.pid):
    print(server.pid, flush=True)
    time.sleep(600)
"""
WITH_POSTGRES = """
import time
from postgres_server import started

with started() as server:
    process = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    print(f"{process} {server.folder}", flush=True)
    time.sleep(600)
"""
WITH_CLUSTER = """
import sys, time
from pathlib import Path
from cluster import spark_cluster

with spark_cluster(Path(sys.argv[1]), workers=1) as cluster:
    print(" ".join(str(server.pid) for server in cluster.processes), flush=True)
    time.sleep(600)
"""


def test_process_of_a_killed_test_is_killed_too() -> None:
    with killed(IN_A_GUARD) as tests:
        # What they began has the same output, which ends only when all of them have.
        server = tests.communicate(timeout=PATIENCE)[0].strip()
    assert server.isdigit()
    assert in_time(lambda: not runs(server))


def test_database_of_a_killed_test_stops_and_leaves_nothing(postgres: object) -> None:
    with killed(WITH_POSTGRES) as tests:
        server, folder = tests.communicate(timeout=PATIENCE)[0].split()
    assert in_time(lambda: not runs(server) and not Path(folder).exists())


@pytest.mark.engines
def test_spark_of_a_killed_test_is_killed_too(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    with killed(WITH_CLUSTER, str(tmp_path)) as tests:
        servers = tests.communicate(timeout=PATIENCE)[0].split()
    assert len(servers) == 2
    assert in_time(lambda: not any(map(runs, servers)))


def test_nothing_is_done_once_the_block_is_left(tmp_path: Path) -> None:
    with when_killed('touch "$1"', tmp_path / "done"):
        pass
    server = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with when_killed(KILL_GROUP, server.pid):
        pass
    try:
        assert server.poll() is None
        assert not (tmp_path / "done").exists()
    finally:
        server.kill()
        server.wait()


@contextmanager
def killed(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A program of Python that is killed as soon as it has said a line, which is still to read."""
    tests = Path(__file__).parent
    where = os.environ | {"PYTHONPATH": f"{tests}{os.pathsep}{tests / 'engines'}"}
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True, env=where
    ) as begun:
        assert begun.stdout is not None
        select([begun.stdout], [], [])
        begun.kill()
        yield begun


def in_time(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def runs(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    return True
