"""Rows that are numbered, as pandas in that order: without sorting, and held once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect, len_of
from cxanalysis.engine.batches import in_process
from cxanalysis.engine.faults import clear_errors
from cxanalysis.engine.frames import plain, to_pandas

if TYPE_CHECKING:
    import pyarrow as pa

# Of all columns at once, beside the result: a few megabytes.
ROWS_AT_ONCE = 1 << 14


def collect_placed(frame: nw.LazyFrame[Any], number: str) -> pd.DataFrame:
    """As `collect`, each row where its number says.

    Parameters
    ----------
    frame : LazyFrame
    number : str
        Column that numbers the rows from 0; it is left out of the result.

    Raises
    ------
    EngineError, DataError
        As `collect`.
    """
    wanted = plain(frame)
    if not in_process(wanted):
        return collect(wanted.sort(number)).drop(columns=number)
    rows = len_of(wanted)
    floats = [name for name, dtype in wanted.collect_schema().items() if dtype == nw.Float64]
    with clear_errors():
        reader = wanted.to_native().to_arrow_reader(ROWS_AT_ONCE)
        return _placed(reader, rows, floats, number)


def _placed(
    reader: pa.RecordBatchReader, rows: int, floats: list[str], number: str
) -> pd.DataFrame:
    """Numbers go straight to their place in one array, whatever else there is (few) at the end."""
    import pyarrow as pa

    names = [name for name in reader.schema.names if name != number]
    rest = [name for name in names if name not in floats]
    block, places = np.empty((len(floats), rows)), [np.empty(0, np.int64)]
    others = []
    for batch in reader:
        places.append(np.array(batch[number]))  # a copy: a view would hold the whole batch
        for row, name in zip(block, floats, strict=True):
            row[places[-1]] = batch[name].to_numpy(zero_copy_only=False)
        # A copy too.
        others.append(batch.select(rest).take(pa.array(np.arange(len(batch)))))
    made = pd.DataFrame(block.T, columns=floats, copy=False)
    fields = pa.schema([reader.schema.field(name) for name in rest])
    order = pa.array(np.argsort(np.concatenate(places)))
    table = to_pandas(pa.Table.from_batches(others, fields).take(order))
    for name in table.columns:
        made.insert(names.index(name), name, table[name])
    return made
