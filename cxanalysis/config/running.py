"""How and where a study is run: limits, privacy, engine, reports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cxanalysis.config.base import Settings, Texts


class Limits(Settings):
    """How much may be set aside before a run stops, as a share of a table's rows."""

    bad_rows: float = Field(0.05, ge=0, le=1)


class Privacy(Settings):
    """Direct identifiers: which columns besides the recognised ones to hash or leave out."""

    salt_env: str = "CXANALYSIS_SALT"
    hash: Texts = ()
    drop: Texts = ()


class Engine(Settings):
    """Where the work is done."""

    name: Literal["duckdb"] = "duckdb"
    threads: int | None = Field(None, ge=1)
    memory_limit: str | None = None


class Report(Settings):
    """For periods of which length reports are made, and where they go."""

    every: Literal["month", "quarter", "year", "all"] = "month"
    folder: str = "reports"
