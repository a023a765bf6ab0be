"""Apache Spark, in this process or on a cluster; the only module that knows pyspark.

A session is made once per process. Whatever can go wrong while it starts is said within a
bounded time: without care Spark waits for a master, or for workers, without end.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxanalysis.config import Engine as EngineSettings
from cxanalysis.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa

ANSWER_SECONDS = 5.0  # within which a master has to accept a connection
WORKER_SECONDS = 60.0  # within which a worker has to be there, at the start and ever after
LOOK_SECONDS = 2.0
LOCAL = "local"
QUIET = Path(__file__).with_name("log4j2.properties")
LONGEST = 300  # characters of Spark's own message that are passed on
JAVA_OPTIONS = "spark.driver.extraJavaOptions"
EXECUTOR_JAVA_OPTIONS = "spark.executor.extraJavaOptions"
# Made for clusters of hundreds of cores, Spark's own defaults cost small studies their time:
# 200 parts per join, and a page of its own that nobody opens.
DEFAULTS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
    "spark.default.parallelism": "8",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.pyspark.selfDestruct.enabled": "false",
    "spark.sql.maxPlanStringLength": "2000",
}


class Spark:
    """A session within the settings of a study; what is kept is held by its workers."""

    holds = False

    def __init__(self, settings: EngineSettings) -> None:
        self._session = _session(settings)

    def scan(self, path: Path) -> Any:
        """A Parquet file, which every worker must reach under this path."""
        return self._session.read.parquet(path.resolve().as_uri())

    def are_few(self, _: Callable[[], int]) -> bool:
        """Whether rows are few enough to be held: they stay where the others are."""
        return False

    def register(self, table: pa.Table) -> Any:
        """An Arrow table as a frame of Spark."""
        with _not_for_users():
            return self._session.createDataFrame(table)

    def keep(self, frame: nw.LazyFrame[Any]) -> Any:
        """The frame held by the workers, in memory or on their disks.

        What a lost worker held is worked out again from the tables.
        """
        return frame.to_native().persist()


def run(frame: Any) -> pa.Table:
    """The rows of a Spark frame as Arrow.

    Raises
    ------
    EngineError
        When Spark fails, or when no worker has been there for `WORKER_SECONDS`.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    with _watched(frame.sparkSession.sparkContext) as alone, _not_for_users():
        try:
            return frame.toArrow()
        except (Py4JError, PySparkException, OSError, EOFError) as error:
            if alone.is_set():
                raise EngineError(
                    f"Spark had no worker for {WORKER_SECONDS:.0f} s and the work was given up. "
                    "Look whether the workers run, and try again."
                ) from error
            raise EngineError(f"Spark stopped: {_said(error)} {_advice(error)}") from error


def _session(settings: EngineSettings) -> Any:
    try:
        with _not_for_users():
            from pyspark.sql import SparkSession

            import_module("pyspark.testing.utils")  # PySpark does when first given a number
    except ImportError as error:
        raise EngineError(
            '[engine] name = "spark" needs PySpark, which is not installed. Install it: '
            'pip install "cxanalysis[spark]", or set name = "duckdb".'
        ) from error
    _find_java()
    _find_master(settings.master)
    # Workers on this machine take the Python that runs here, not whichever comes first.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    wanted = SparkSession.builder.master(settings.master).appName("cxanalysis")
    given = {**DEFAULTS, **_on_this_machine(settings.master), **settings.settings}
    quiet = f"-Dlog4j2.configurationFile={QUIET.as_uri()}"
    given[JAVA_OPTIONS] = " ".join([quiet, *given.get(JAVA_OPTIONS, "").split()])
    for name, value in given.items():
        wanted = wanted.config(name, value)
    try:
        session = wanted.getOrCreate()
    except Exception as error:  # whatever class Java threw
        raise EngineError(
            f"Spark does not start on {settings.master}: {_said(error)} "
            'Look at master and settings under [engine], or set name = "duckdb".'
        ) from error
    _check_same(session, settings)
    try:
        _await_worker(session, settings.master)
    except EngineError:
        session.stop()
        raise
    return _own(session, settings)


def _find_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        where = f"JAVA_HOME ({home}) has none" if home else "none was found"
        raise EngineError(
            f"Spark needs Java 17 or newer, and {where}. Install it (on Debian and Ubuntu: apt "
            'install openjdk-17-jre-headless), or set name = "duckdb" under [engine].'
        )


def _find_master(master: str) -> None:
    """See whether one of the masters accepts a connection: Spark itself would try for minutes."""
    if not master.startswith("spark://"):
        return
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS).close()
        except ValueError as error:
            raise EngineError(
                f"[engine] master = {master!r} is no address. Write spark://HOST:PORT."
            ) from error
        except OSError:
            continue
        return
    raise EngineError(
        f"No Spark master answers at {master}. Start it, or mend master under [engine]; "
        f'"{LOCAL}[*]" runs Spark on this machine alone.'
    )


def _on_this_machine(master: str) -> dict[str, str]:
    """Alone on a machine, Spark need not know by which name others would find it."""
    if not master.startswith(LOCAL):
        return {}
    return {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def _check_same(session: Any, settings: EngineSettings) -> None:
    """Refuse a session that runs with other settings already: it can no longer change."""
    context = session.sparkContext
    wanted = {"master": settings.master, **settings.settings}
    running = {"master": context.master, **dict(context.getConf().getAll())}
    other = [
        name
        for name, value in wanted.items()
        if not session.conf.isModifiable(name) and not _is_asked(name, running.get(name, ""), value)
    ]
    if other:
        raise EngineError(
            f"Spark runs in this process already, with {other[0]} = {running.get(other[0])!r}; "
            f"the study asks for {wanted[other[0]]!r}. Restart Python, or end that session first."
        )


def _is_asked(name: str, running: str, asked: str) -> bool:
    """Whether a setting runs as asked for; options of Spark's own stand before those for Java."""
    if name not in (JAVA_OPTIONS, EXECUTOR_JAVA_OPTIONS):
        return running == asked
    there, words = running.split(), asked.split()
    return there[max(len(there) - len(words), 0) :] == words


def _await_worker(session: Any, master: str) -> None:
    """Wait until a worker lends its cores; one that has none to spare counts as none."""
    if session.conf.get("spark.dynamicAllocation.enabled", "false") == "true":
        return
    patience = time.monotonic() + WORKER_SECONDS
    while not _workers(session.sparkContext):
        if time.monotonic() > patience:
            raise EngineError(
                f"The Spark master at {master} has lent no worker within {WORKER_SECONDS:.0f} s. "
                "Start workers, end what holds their cores, or ask for less memory: "
                '[engine.settings] "spark.executor.memory" = "1g".'
            )
        time.sleep(0.2)


def _own(session: Any, settings: EngineSettings) -> Any:
    """A session of the study's own, so that no other study's settings reach it."""
    own = session.newSession()
    for name, value in {**DEFAULTS, **settings.settings}.items():
        if own.conf.isModifiable(name):
            own.conf.set(name, value)
    return own


def _workers(context: Any) -> int:
    """How many processes of workers are there; Spark alone on a machine is its own."""
    if context.master.startswith(LOCAL):
        return 1
    # The driver itself is one of those listed.
    return int(context._jsc.sc().getExecutorMemoryStatus().size()) - 1


@contextmanager
def _watched(context: Any) -> Iterator[threading.Event]:
    """Cancel the work when there has been no worker for a while; the event says that it was.

    Spark would wait for workers without end.
    """
    done, alone = threading.Event(), threading.Event()

    def watch() -> None:
        seen = time.monotonic()
        while not done.wait(LOOK_SECONDS):
            if _workers(context):
                seen = time.monotonic()
            elif time.monotonic() - seen > WORKER_SECONDS:
                alone.set()
                context.cancelAllJobs()

    if context.master.startswith(LOCAL):
        yield alone
        return
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield alone
    finally:
        done.set()
        watcher.join()


@contextmanager
def _not_for_users() -> Iterator[None]:
    """Without PySpark's word on pandas: only Arrow passes between the two."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        yield


def _said(error: BaseException) -> str:
    """The cause in Spark's own words, without the values it may quote from the data."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    text = (causes[-1] if causes else lines[0] if lines else type(error).__name__)[:LONGEST]
    return re.sub(r"(['\"`]).*?\1", "…", text).rstrip(".") + "."


def _advice(error: BaseException) -> str:
    text = str(error)
    if "FileNotFoundException" in text or "FAILED_READ_FILE" in text:
        return "Every worker must reach the study's folder under the same path."
    if "OutOfMemory" in text or "SparkOutOfMemory" in text:
        return 'Give it more memory: [engine.settings] "spark.executor.memory" = "4g".'
    return "Look at the log of the master and its workers, and try again."
