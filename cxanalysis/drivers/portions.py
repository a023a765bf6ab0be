"""Rows of a lazy frame as arrays, a portion at a time, for sums over more than fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.importance import Floats, Integers

# Rows turned into arrays at once: with what is made of them, some hundred megabytes.
ROWS_AT_ONCE = 1 << 17
CLUSTER, ROW, SIZE, OUTCOME = "cluster", "row", "size", "outcome"

Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Layout:
    """Which columns of a frame a model is of.

    ``row`` names each row: it tells apart rows that have no cluster, where there is such a name.
    """

    outcome: str
    drivers: tuple[str, ...]
    cluster: str | None
    weights: str | None
    row: str | None

    def of(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The columns as `portions` reads them, numbers as floats."""
        schema = frame.collect_schema()
        numbers = {f"x{place}": name for place, name in enumerate(self.drivers)}
        numbers[OUTCOME] = self.outcome
        if self.weights is not None:
            numbers[SIZE] = self.weights
        chosen = [nw.col(name).cast(nw.Float64).alias(new) for new, name in numbers.items()]
        for new, name in ((CLUSTER, self.cluster), (ROW, self.row)):
            if name is not None:
                wanted = nw.Int64 if schema[name].is_integer() else nw.String
                chosen.append(nw.col(name).cast(wanted).alias(new))
        return frame.select(*chosen)


@dataclass(frozen=True, eq=False)
class Portion:
    """Some rows: drivers and, last, the outcome (n, p + 1), NaN where missing; their weights.

    ``keys`` (n,) are as good as random and the same for all rows of a cluster, on any machine;
    ``codes`` (n,) number clusters in the order of the rows, if these are sorted by them.
    """

    values: Floats
    size: Floats
    keys: Keys
    codes: Integers

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Rows that can be used: nothing missing or infinite, and a weight above 0."""
        known = np.isfinite(self.values).all(axis=1)
        return np.asarray(known & np.isfinite(self.size) & (self.size > 0))

    def where(self, rows: NDArray[np.bool_]) -> Portion:
        """Only these rows."""
        if rows.all():
            return self
        return Portion(self.values[rows], self.size[rows], self.keys[rows], self.codes[rows])


def portions(batches: Iterator[Any], layout: Layout, whole: bool = False) -> Iterator[Portion]:
    """Arrow record batches of `Layout.of` as arrays.

    Parameters
    ----------
    batches : iterator of RecordBatch
    whole : bool
        Rows stand sorted by cluster, and none is divided between two portions.
    """
    import pyarrow as pa

    held: list[Any] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows < ROWS_AT_ONCE:
            continue
        table = pa.Table.from_batches(held)
        end = _last_begins(table) if whole and layout.cluster is not None else rows
        if end:
            yield _portion(table.slice(0, end), layout)
            held, rows = table.slice(end).to_batches(), rows - end
    if rows:
        yield _portion(pa.Table.from_batches(held), layout)


def _last_begins(table: Any) -> int:
    """First row of the last cluster; a row without one is a cluster by itself."""
    import pyarrow.compute as pc

    clusters = table[CLUSTER]
    last = clusters[-1]
    if not last.is_valid:
        return int(table.num_rows)
    return int(pc.index(clusters, last).as_py())


def _portion(table: Any, layout: Layout) -> Portion:
    names = [*(f"x{place}" for place in range(len(layout.drivers))), OUTCOME]
    values = np.column_stack([_floats(table[name]) for name in names])
    size = np.ones(len(values)) if layout.weights is None else _floats(table[SIZE])
    if layout.cluster is None:
        alone = np.arange(len(values), dtype=np.int64)
        return Portion(values, size, _row_keys(table, layout, values), alone)
    coded = table[CLUSTER].combine_chunks().dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy().astype(np.int64)
    keys = np.zeros(len(values), dtype=np.uint64)
    known = codes >= 0
    keys[known] = _hashed(coded.dictionary)[codes[known]]
    if not known.all():
        some = table.filter(table[CLUSTER].is_null())
        keys[~known] = _row_keys(some, layout, values[~known])
        codes[~known] = len(coded.dictionary) + np.arange(np.sum(~known))
    return Portion(values, size, keys, codes)


def _floats(column: Any) -> Floats:
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _hashed(names: Any) -> Keys:
    """As good as random numbers of names, the same everywhere."""
    import pyarrow as pa

    values = names.to_numpy(zero_copy_only=False)
    if not pa.types.is_integer(names.type):
        values = values.astype(object)
    return np.asarray(pd.util.hash_array(values, categorize=False))


def _row_keys(table: Any, layout: Layout, values: Floats) -> Keys:
    """Keys of rows that are clusters by themselves."""
    if layout.row is not None:
        named = table[ROW].combine_chunks()
        if named.null_count == 0:
            return _hashed(named)
    # Without a name there is only what a row says; rows that say the same are told apart.
    found = np.zeros(len(values), dtype=np.uint64)
    for column in values.T:
        found = found * np.uint64(1_000_003) + pd.util.hash_array(column + 0.0)
    again = pd.Series(found).groupby(found).cumcount().to_numpy(dtype=np.uint64)
    return np.asarray(pd.util.hash_array(found + again))
