"""The sample company, read from files and from PostgreSQL, on DuckDB and on a Spark cluster."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
from cluster import JAVA, Cluster, spark_cluster
from postgres_server import Postgres, programs

import cxanalysis as cx
from cxanalysis.study import Study

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
TABLES = ("journeys", "tickets", "surveys", "customers")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    _need("PySpark", find_spec("pyspark"))
    _need("Java", shutil.which("java"))
    _need("PostgreSQL", programs())
    with spark_cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def _need(name: str, found: object) -> None:
    """Without it nothing is compared: that may pass on somebody's machine, not as CI's result."""
    if not found and os.environ.get("CI"):
        pytest.fail(f"{name} is not installed")
    if not found:
        pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="session")
def studies(
    cluster: Cluster, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Study]:
    """By source and engine. Both sources hold the same raw rows; PostgreSQL's have types."""
    folder = tmp_path_factory.mktemp("company")
    for table in TABLES:
        path = SAMPLE / f"{table}.csv"
        (folder / path.name).write_bytes(path.read_bytes())
        rows = duckdb.sql("SELECT * FROM read_csv(?)", params=[str(path)]).to_arrow_table()
        postgres.load(f"company_{table}", rows)
    files = (SAMPLE / "study.toml").read_text(encoding="utf-8")
    database = re.sub(
        r'^path = "(\w+)\.csv"',
        rf'path = "{postgres.address}"\nquery = "SELECT * FROM company_\1"',
        files,
        flags=re.MULTILINE,
    )
    found = {}
    for source, text in (("files", files), ("PostgreSQL", database)):
        for engine, settings in (("DuckDB", ""), ("Spark", on_spark(cluster))):
            path = folder / f"{source}-{engine}.toml"
            path.write_text(text + settings, encoding="utf-8")
            found[f"{source} on {engine}"] = cx.open_study(path)
    return found


def on_spark(cluster: Cluster) -> str:
    java = " ".join(JAVA)
    return (
        f'\n[engine]\nname = "spark"\nmaster = "{cluster.master}"\n[engine.settings]\n'
        '"spark.executor.memory" = "700m"\n"spark.sql.shuffle.partitions" = "2"\n'
        f'"spark.default.parallelism" = "2"\n"spark.executor.extraJavaOptions" = "{java}"\n'
        f'"spark.driver.extraJavaOptions" = "{java}"\n'
    )
