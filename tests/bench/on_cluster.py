"""A study on a standalone Spark cluster, from its tables to its drivers: seconds of each stage.

``make bench-cluster`` starts a master and two workers of one core each,
makes the tables, and prints what each stage took, and how many rows reached this process at most.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cluster import Cluster, handed_over, spark_cluster

MILLION = 1_000_000
STAGES = ("features", "experience", "service", "drivers")
# A worker's memory is lent whole to its executor, which keeps some for itself.
WORKER, EXECUTOR, DRIVER = "3500m", "3g", "2g"


def main() -> None:
    """Read the options, start the cluster, run the stages one after another."""
    parser = argparse.ArgumentParser(prog="bench-cluster", description=__doc__)
    parser.add_argument("--events", type=float, default=1, help="in millions")
    parser.add_argument("--stages", nargs="+", default=STAGES, choices=STAGES)
    parser.add_argument("--folder", type=Path, help="keep the tables here, and take those there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-cluster-") as scratch:
        tables = make_tables(options.folder or Path(scratch), round(options.events * MILLION))
        with (
            spark_cluster(Path(scratch) / "cluster", memory=WORKER) as cluster,
            handed_over() as handed,
        ):
            run(cluster, tables, options.stages)
    print(f"at most {max(handed)} rows reached this process at once, {sum(handed)} in all")


def make_tables(folder: Path, events: int) -> Path:
    """The folder of the tables, which are made where they are not there yet."""
    from tests.bench.scale_data import write_tables

    tables = folder / str(events)
    if not tables.exists():
        write_tables(tables, events)
    return tables


def run(cluster: Cluster, tables: Path, wanted: Sequence[str]) -> None:
    """Print the seconds of each stage, and what processors did meanwhile."""
    begun = time.monotonic()
    study = open_on(cluster.master, tables)
    _tell("session", begun, 0.0)
    ways = stages()
    for name in wanted:
        begun, used = time.monotonic(), _used(cluster)
        said = ways[name](study)
        _tell(name, begun, _used(cluster) - used, said)


def open_on(master: str, tables: Path, **settings: str) -> Any:
    """A study on a cluster, of tables that are in the cache's form already."""
    from cxanalysis.config import StudyConfig
    from cxanalysis.engine import Engine
    from cxanalysis.study import Study
    from tests.bench.scale_data import STAGES as JOURNEY

    memory = {"spark.executor.memory": EXECUTOR, "spark.driver.memory": DRIVER}
    config = StudyConfig(
        name="bench",
        stages=JOURNEY,
        tables={"surveys": {"path": "surveys.parquet"}},
        service={"channels": "phone"},
        engine={"name": "spark", "master": master, "settings": memory | settings},
    )
    engine = Engine(config.engine)
    paths = {name: tables / f"{name}.parquet" for name in ("journeys", "tickets", "surveys")}
    return Study(Path(), config, engine, {name: engine.scan(at) for name, at in paths.items()})


def stages() -> Mapping[str, Callable[[Any], str]]:
    """What a study is asked for, one after another, each with a word on what came of it."""
    import cxanalysis as cx
    from cxanalysis.features.build import centres

    def drivers(study: Any) -> str:
        fit = cx.fit_study(study)
        return f"{fit.glance()['n'].iloc[0]:,} answers, {len(fit.tidy())} terms"

    return {
        # Asking for the centres is what has the features worked out and kept by the workers.
        "features": lambda study: f"{len(centres(study))} figures in two parts",
        "experience": lambda study: f"{len(cx.experience_metrics(study))} figures",
        "service": lambda study: f"{len(cx.service_metrics(study))} figures",
        "drivers": drivers,
    }


def _tell(name: str, begun: float, used: float, said: str = "") -> None:
    seconds = time.monotonic() - begun
    print(f"{name:<12}{seconds:8.1f} s{used:8.0f} s of processors   {said}", flush=True)


def _used(cluster: Cluster) -> float:
    """Seconds of processors that this process, Spark's here, master and workers have used."""
    servers = ",".join(str(process.pid) for process in cluster.processes)
    ours = str(os.getpid())
    chosen = ["-p", ours, "--ppid", ours, "-s", servers]
    said = subprocess.run(
        ["ps", "-o", "times=", *chosen], capture_output=True, text=True, check=True
    ).stdout
    return float(sum(map(int, said.split())))


if __name__ == "__main__":
    main()
