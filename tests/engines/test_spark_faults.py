"""What a cluster does to a study: workers and masters go, and no figure is wrong for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cluster import Cluster, spark_cluster

pytestmark = pytest.mark.engines

SECONDS = 300
ROWS = 12_000
# Pairs of all rows, which take a while; says so as soon as a part of them is done, and whatever
# a worker holds of them when it goes has to be worked out again.
LONG_WORK = """
import sys
import threading
import time
import narwhals as nw
import pandas as pd
import cxanalysis.engine.spark as spark
from cxanalysis.config import Engine as Settings
from cxanalysis.engine import Engine, collect
from cxanalysis.errors import EngineError

master, rows, at_start, later = sys.argv[1], int(sys.argv[2]), *map(float, sys.argv[3:])
spark.WORKER_SECONDS = at_start
settings = {"spark.executor.memory": "600m", "spark.sql.shuffle.partitions": "4"}
engine = Engine(Settings(name="spark", master=master, settings=settings))
spark.WORKER_SECONDS = later
numbers = engine.register(pd.DataFrame({"n": range(rows), "one": 1}))
pairs = numbers.join(numbers.select("one", m="n"), on="one")
kept = engine.keep(pairs.group_by("n").agg(products=nw.col("m").sum()))
tracker = numbers.to_native().sparkSession.sparkContext.statusTracker()

def tell():
    while True:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        if any(stage and stage.numTasks > 2 and stage.numCompletedTasks for stage in stages):
            print("working", flush=True)
            return
        time.sleep(0.02)

threading.Thread(target=tell, daemon=True).start()
try:
    for _ in range(2):
        print("sum", collect(kept.select(nw.col("products").sum()))["products"][0], flush=True)
except EngineError as error:
    print("error", error, flush=True)
"""
WHOLE = ROWS * sum(range(ROWS))


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    with spark_cluster(tmp_path / "cluster") as started:
        yield started


@contextmanager
def begun(cluster: Cluster, patience: float) -> Iterator[subprocess.Popen[str]]:
    """A study's process in the middle of its work; ``patience`` is from there on, in seconds."""
    command = [*(sys.executable, "-c", LONG_WORK), cluster.master, str(ROWS), str(SECONDS)]
    with subprocess.Popen([*command, str(patience)], stdout=subprocess.PIPE, text=True) as work:
        try:
            assert work.stdout is not None
            assert work.stdout.readline() == "working\n"
            yield work
        finally:
            work.kill()


def test_worker_killed_in_the_middle_of_the_work_changes_no_figure(own_cluster: Cluster) -> None:
    with begun(own_cluster, patience=60) as work:
        own_cluster.kill(own_cluster.processes[-1])
        said, _ = work.communicate(timeout=SECONDS)
    assert said == f"sum {WHOLE}\n" * 2


def test_without_any_worker_the_work_ends_with_an_error(own_cluster: Cluster) -> None:
    with begun(own_cluster, patience=3) as work:
        for worker in own_cluster.processes[1:]:
            own_cluster.kill(worker)
        said, _ = work.communicate(timeout=SECONDS)
    assert said.startswith("error Spark had no worker for 3 s")


def test_master_without_workers_is_told_within_bounds(tmp_path: Path) -> None:
    with spark_cluster(tmp_path, workers=0) as alone:
        work = subprocess.run(
            [sys.executable, "-c", LONG_WORK, alone.master, str(ROWS), "3", "3"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert "has lent no worker within 3 s" in work.stderr
