"""Reduce the rows of a lazy frame where they are: no engine hands over more than the results."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.engine.faults import clear_errors
from cxanalysis.errors import EngineError

# Rows that DuckDB hands on at once: a few dozen megabytes of numbers.
ROWS_AT_ONCE = 1 << 17

# DuckDB's own for a database in memory, in the folder that the process runs in.
DEFAULT_FOLDER = ".tmp"

Result = TypeVar("Result")


def fold(
    frame: nw.LazyFrame[Any],
    reduce: Callable[[Iterator[Any], int], Result],
    by: str | None = None,
) -> list[Result]:
    """What a function makes of each part of the rows.

    Parameters
    ----------
    frame : LazyFrame
    reduce : callable (iterator of Arrow record batches, number of the part) -> result
        A part may have no batches, and batches no rows. On Spark it runs on the workers, which
        need the same environment as this process, and both it and its result are pickled.
    by : str, optional
        Column whose equal values are all in one part.

    Returns
    -------
    list
        One result on DuckDB; on Spark at most as many as it works on at a time.

    Raises
    ------
    EngineError
        As `collect`, or for a frame of another engine.
    """
    native, engine = frame.to_native(), frame.implementation
    if engine.is_duckdb():
        with clear_errors():
            return [reduce(iter(native.to_arrow_reader(ROWS_AT_ONCE)), 0)]
    if not engine.is_pyspark():
        raise EngineError(
            f"a frame of {engine} cannot be reduced in portions; take one of a study's engine, or "
            "pass a pandas frame."
        )
    return _on_workers(native, reduce, by)


def in_process(frame: nw.LazyFrame[Any]) -> bool:
    """Whether `fold` reduces the rows here, all in one part, and not on workers."""
    return bool(frame.implementation.is_duckdb())


def spill_folder(frame: nw.LazyFrame[Any]) -> str | None:
    """Where the study file wants what does not fit in memory; None where it names no folder."""
    if not in_process(frame):
        return None
    asked = "SELECT current_setting('temp_directory')"
    folder = frame.to_native().query("rows", asked).fetchone()[0]
    return None if folder == DEFAULT_FOLDER else str(folder)


def _on_workers(
    native: Any, reduce: Callable[[Iterator[Any], int], Result], by: str | None
) -> list[Result]:
    from cxanalysis.engine.spark import _not_for_users

    parts = native.sparkSession.sparkContext.defaultParallelism
    native = native.coalesce(parts) if by is None else native.repartition(parts, by)

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa
        from pyspark import TaskContext

        task = TaskContext.get()
        assert task is not None
        made = pa.array([pickle.dumps(reduce(batches, task.partitionId()))])
        yield pa.RecordBatch.from_arrays([made], names=["made"])

    with _not_for_users():
        mapped = nw.from_native(native.mapInArrow(run, "made binary"))
    answers: pd.DataFrame = collect(mapped)
    found: list[Result] = [pickle.loads(made) for made in answers["made"]]
    return found
