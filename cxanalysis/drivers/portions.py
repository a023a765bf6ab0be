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
# Rows of which columns are written side by side at once: they fit into a processor's cache.
ROWS_IN_CACHE = 1 << 12
CLUSTER, ROW, SIZE, OUTCOME = "cluster", "row", "size", "outcome"

Keys = NDArray[np.uint64]
# Multiplier and shift that mix the bits of a number (Steele, Lea and Flood 2014).
MIX = np.uint64(0xBF58476D1CE4E5B9)
SHIFT = np.uint64(31)
# The lowest bit of a key says that the row is a cluster by itself.
ALONE = np.uint64(1)
# So many kinds of rows without a name are counted, to tell apart those that say the same.
KINDS = 1 << 20


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
    """Some rows, sorted by key.

    ``cells`` (n, p + 2) are drivers, outcome and, last, the weight, NaN where missing. ``keys``
    (n,) are as good as random and the same for all rows of a cluster, on any machine: two of ten
    million clusters share one with a chance of one in 100,000. Their lowest bit is 1 in rows
    that are clusters by themselves, whatever their keys.
    """

    cells: Floats
    keys: Keys

    @property
    def values(self) -> Floats:
        """Drivers and, last, the outcome: (n, p + 1)."""
        return self.cells[:, :-1]

    @property
    def size(self) -> Floats:
        """Weights (n,)."""
        return self.cells[:, -1]

    @property
    def starts(self) -> Integers:
        """First row of each cluster."""
        later = self.keys[1:]
        return np.flatnonzero(np.r_[True, (later != self.keys[:-1]) | ((later & ALONE) > 0)])

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Rows that can be used: nothing missing or infinite, and a weight above 0."""
        return np.asarray(np.isfinite(self.cells).all(axis=1) & (self.size > 0))

    def where(self, rows: NDArray[np.bool_]) -> Portion:
        """Only these rows."""
        return self if rows.all() else Portion(self.cells[rows], self.keys[rows])


def groups_of(keys: Keys, groups: int) -> Integers:
    """Numbers of the groups that clusters are thrown into, in the order of their keys."""
    upper = keys >> np.uint64(32)
    return np.asarray((upper * np.uint64(groups)) >> np.uint64(32), dtype=np.int64)


def in_order(cells: Floats, keys: Keys) -> Portion:
    """Rows sorted by key."""
    order = np.argsort(keys, kind="stable")
    return Portion(np.take(cells, order, axis=0), keys[order])


class Earlier:
    """Tells rows apart that have no name and say the same, in one portion or in several.

    Which of them has which number is chance where rows come in no order.
    """

    def __init__(self, part: int) -> None:
        self._part = _mixed(np.array([part], dtype=np.uint64))
        self._rows = np.zeros(KINDS, dtype=np.uint64)  # so far, by some digits of what they say

    def tell_apart(self, said: Keys) -> Keys:
        """Keys of rows, given numbers (n,) that are the same where rows say the same."""
        again = pd.Series(said).groupby(said).cumcount()
        kinds = (said % np.uint64(KINDS)).astype(np.int64)
        keys = _mixed(said + self._part + self._rows[kinds] + np.asarray(again).view(np.uint64))
        self._rows += np.bincount(kinds, minlength=KINDS).astype(np.uint64)
        return keys


def portions(batches: Iterator[Any], layout: Layout, part: int) -> Iterator[Portion]:
    """Arrow record batches of `Layout.of`, one part of all, as arrays."""
    import pyarrow as pa

    earlier = Earlier(part)
    held: list[Any] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= ROWS_AT_ONCE:
            yield _portion(pa.Table.from_batches(held), layout, earlier)
            held, rows = [], 0
    if rows:
        yield _portion(pa.Table.from_batches(held), layout, earlier)


def _portion(table: Any, layout: Layout, earlier: Earlier) -> Portion:
    names = [*(f"x{place}" for place in range(len(layout.drivers))), OUTCOME]
    columns = [_floats(table[name]) for name in names]
    columns.append(np.ones(len(table)) if layout.weights is None else _floats(table[SIZE]))
    cells = np.empty((len(table), len(columns)))
    for first in range(0, len(table), ROWS_IN_CACHE):
        rows = slice(first, first + ROWS_IN_CACHE)
        for place, column in enumerate(columns):
            cells[rows, place] = column[rows]
    return in_order(cells, _keys(table, layout, cells, earlier))


def _floats(column: Any) -> Floats:
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _keys(table: Any, layout: Layout, cells: Floats, earlier: Earlier) -> Keys:
    if layout.cluster is None:
        return _row_keys(table, layout, cells, earlier)
    named = table[CLUSTER].combine_chunks()
    keys = _hashed(named) & ~ALONE
    if named.null_count:
        alone = named.is_null().to_numpy(zero_copy_only=False)
        lone = table.filter(named.is_null())
        keys[alone] = _row_keys(lone, layout, cells[alone], earlier)
    return keys


def _row_keys(table: Any, layout: Layout, cells: Floats, earlier: Earlier) -> Keys:
    """Keys of rows that are clusters by themselves."""
    if layout.row is not None:
        named = table[ROW].combine_chunks()
        if named.null_count == 0:
            return _hashed(named) | ALONE
    # Without a name there is only what a row says; rows that say the same are told apart.
    found = np.zeros(len(cells), dtype=np.uint64)
    for column in cells.T:
        found = _mixed(found ^ (column + 0.0).view(np.uint64))
    return earlier.tell_apart(found) | ALONE


def _mixed(numbers: Keys) -> Keys:
    """Integers, and always the same for the same, as if drawn by chance."""
    for _ in range(2):
        numbers = (numbers + ~ALONE) * MIX
        numbers ^= numbers >> SHIFT
    return numbers * MIX


def _hashed(names: Any) -> Keys:
    """As good as random numbers of names, the same everywhere; anything where there is none."""
    import pyarrow as pa

    if pa.types.is_integer(names.type):
        return _mixed(names.fill_null(0).to_numpy().astype(np.uint64))
    names = names.cast(pa.large_string())
    ends = np.frombuffer(names.buffers()[1], dtype=np.int64)[names.offset :][: len(names) + 1]
    left, begins = np.diff(ends), ends[:-1]
    text = np.zeros(int(ends[-1]) + 8, dtype=np.uint8)
    if ends[-1]:
        text[:-8] = np.frombuffer(names.buffers()[2], dtype=np.uint8)[: ends[-1]]
    # Eight bytes from any place on, of which a text may have fewer left.
    words = np.ndarray(len(text) - 7, dtype="<u8", buffer=text, strides=(1,))
    bits = np.array([(1 << (8 * kept)) - 1 for kept in range(9)], dtype=np.uint64)
    keys: Keys = _mixed(left.view(np.uint64))
    rows = np.flatnonzero(left > 0)
    at = 0
    while len(rows):
        word = words[begins[rows] + at] & bits[np.minimum(left[rows] - at, 8)]
        keys[rows] = _mixed(keys[rows] ^ word)
        at += 8
        rows = rows[left[rows] > at]
    return keys
