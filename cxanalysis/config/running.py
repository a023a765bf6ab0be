"""How and where a study is run: limits, privacy, engine, reports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cxanalysis.config.base import Settings, Texts


class Limits(Settings):
    """When a run stops: shares of a table's rows set aside, and of its customers matched.

    ``matched`` is the least share of a table's customers found in another table, or of the
    other's found in it.
    """

    bad_rows: float = Field(0.05, ge=0, le=1)
    matched: float = Field(0.02, ge=0, le=1)


class Identity(Settings):
    """One number per customer: a file that lists what else a customer is called.

    ``customer_id`` is the map's column of the number to use, ``others`` are its columns of
    numbers or addresses that a table may hold in its place.
    """

    map: str
    customer_id: str
    others: Texts


class Privacy(Settings):
    """Direct identifiers: which columns besides the recognised ones to hash or leave out.

    ``keep`` lists columns that look like names of persons and are none.
    """

    salt_env: str = "CXANALYSIS_SALT"
    hash: Texts = ()
    drop: Texts = ()
    keep: Texts = ()


class Engine(Settings):
    """Where the work is done: DuckDB in this process, or PySpark on a machine or a cluster.

    ``threads``, ``memory_limit`` and ``spill_folder`` are DuckDB's and bound the reading of files
    whatever the engine; ``master`` and ``settings`` are Spark's.
    """

    name: Literal["duckdb", "spark"] = "duckdb"
    threads: int | None = Field(None, ge=1)
    memory_limit: str | None = None
    spill_folder: str | None = None
    master: str = "local[*]"
    settings: dict[str, str] = Field(default_factory=dict)


class Report(Settings):
    """Which reports are made, for periods of which length, and where they go.

    ``notebooks`` and ``segments`` are what ``batch`` and ``run-due`` make; a segment is
    "column=value", a bare "column" for a report on each of its values, or "everyone"; a notebook
    is the name of a report of this package, or a path from the study file's folder.
    ``wait_days`` is how long after a period's end a report waits for data that reach beyond it.
    ``pdf`` names what prints each report to a PDF; none is made where it is left out.
    """

    every: Literal["month", "quarter", "year", "all"] = "month"
    folder: str = "reports"
    notebooks: Texts = Field(("cx_report",), min_length=1)
    segments: Texts = Field(("everyone",), min_length=1)
    wait_days: float = Field(3.0, ge=0)
    pdf: Literal["weasyprint", "chromium"] | None = None
