"""A Spark master with its workers, really started on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from guard import KILL_GROUP, when_killed

SECONDS = 90  # within which every server has to be there
# Short runs: the compiler's second stage and a garbage collector of many threads cost more than
# they bring. The last two are asked for by Spark on Java 17.
JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"not started within {SECONDS} s:\n{log.read_text()[-2000:]}")


@dataclass
class Cluster:
    """A standalone master on loopback; workers can be added and killed."""

    folder: Path
    port: int
    guards: ExitStack
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def master(self) -> str:
        return f"spark://127.0.0.1:{self.port}"

    def start(self, role: str, port: int, *arguments: str) -> subprocess.Popen[bytes]:
        import pyspark

        home = Path(pyspark.__file__).parent
        log = self.folder / f"{role}-{port}.log"
        environment = os.environ | {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            "SPARK_WORKER_DIR": str(self.folder / "work"),
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": " ".join(JAVA),
            "PYSPARK_PYTHON": sys.executable,
        }
        command = [
            *(str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}"),
            *("--host", "127.0.0.1", "--port", str(port), "--webui-port", "0", *arguments),
        ]
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=out, env=environment, start_new_session=True
            )
        self.processes.append(process)
        self.guards.enter_context(when_killed(KILL_GROUP, process.pid))
        wait_for(port, process, log)
        return process

    def add_worker(self, memory: str = "1g") -> subprocess.Popen[bytes]:
        """A worker of one core; it lends what it has as soon as it has reached the master."""
        arguments = ("--cores", "1", "--memory", memory, self.master)
        return self.start("worker.Worker", free_port(), *arguments)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Take a worker away without a word, and with it what it has started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def spark_cluster(folder: Path, workers: int = 2, memory: str = "1g") -> Iterator[Cluster]:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as guards:
        cluster = Cluster(folder, free_port(), guards)
        try:
            cluster.start("master.Master", cluster.port)
            for _ in range(workers):
                cluster.add_worker(memory)
            yield cluster
        finally:
            for process in cluster.processes:
                if process.poll() is None:
                    cluster.kill(process)


@contextmanager
def handed_over() -> Iterator[list[int]]:
    """How many rows Spark brings into this process, each time that it brings any."""
    from cxanalysis.engine import spark

    rows: list[int] = []

    def counted(frame: Any, run: Callable[[Any], Any] = spark.run) -> Any:
        table = run(frame)
        rows.append(table.num_rows)
        return table

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark, "run", counted)
        yield rows
