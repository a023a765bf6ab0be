"""Frames on their way in and out: times as integers inside, plain dtypes outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

TIME_NAMES = ("active_from", "active_to")


def is_time(name: str) -> bool:
    """Whether a column of this name holds an instant."""
    return name.endswith("_at") or name in TIME_NAMES


def to_arrow(frame: pd.DataFrame) -> pa.Table:
    """A pandas frame as Arrow; its timestamps become microseconds."""
    import pyarrow as pa

    table = frame.copy()
    for name in table.columns:
        if isinstance(table[name].dtype, pd.DatetimeTZDtype):
            instants = table[name].dt.tz_convert("UTC").dt.tz_localize(None)
            micros = instants.astype("datetime64[us]").astype("int64")
            table[name] = micros.astype("Int64").mask(instants.isna())
    return pa.Table.from_pandas(table, preserve_index=False)


def plain(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The frame with integers of 64 bits and floats of 64 bits, whatever was added up in."""
    casts = []
    for name, dtype in frame.collect_schema().items():
        if dtype.is_integer() and dtype != nw.Int64:
            casts.append(nw.col(name).cast(nw.Int64))
        elif dtype.is_decimal() or dtype == nw.Float32:
            casts.append(nw.col(name).cast(nw.Float64))
    return frame.with_columns(*casts) if casts else frame


def plain_arrow(arrow: pa.Table, schema: nw.Schema) -> pa.Table:
    """An answer with the numbers that `plain` gives: every step of a query adds to its time.

    ``schema`` is that of the frame which was asked.
    """
    import pyarrow as pa

    for place, (name, dtype) in enumerate(schema.items()):
        if dtype.is_integer() and dtype != nw.Int64:
            arrow = arrow.set_column(place, name, arrow.column(place).cast(pa.int64()))
        elif dtype.is_decimal() or dtype == nw.Float32:
            arrow = arrow.set_column(place, name, arrow.column(place).cast(pa.float64()))
    return arrow


def to_pandas(arrow: pa.Table) -> pd.DataFrame:
    """The engine's answer as pandas, its times as UTC timestamps."""
    table: pd.DataFrame = arrow.to_pandas()
    for name in table.columns:
        if is_time(name) and not isinstance(table[name].dtype, pd.DatetimeTZDtype):
            table[name] = pd.to_datetime(table[name].astype("Int64"), unit="us", utc=True)
    return table
