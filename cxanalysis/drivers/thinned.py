"""Rows of some customers, drawn by chance from more than fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.drivers.portions import Layout, portions
from cxanalysis.engine.batches import fold
from cxanalysis.importance import Floats

# About so many rows are drawn: enough for a look at rows, and little beside what they stand for.
SAMPLE_ROWS = 20_000


def thin(frame: nw.LazyFrame[Any], layout: Layout, rows: int) -> pd.DataFrame:
    """All complete rows of some clusters, about ``SAMPLE_ROWS`` of the ``rows`` there are.

    Whether a cluster is drawn hangs on its name alone, so it is the same ones every time.
    """
    share = min(1.0, SAMPLE_ROWS / rows)
    parts = fold(frame, partial(_drawn, layout=layout, share=share))
    found = np.concatenate([values for values, _ in parts])
    keys = np.concatenate([keys for _, keys in parts])
    order = np.lexsort([*found.T, keys])
    weights = [] if layout.weights is None else [layout.weights]
    names = [*layout.drivers, layout.outcome, *weights]
    table = pd.DataFrame(found[order][:, : len(names)], columns=names)
    if layout.cluster is not None:
        table[layout.cluster] = keys[order]
    return table


def _drawn(batches: Iterator[Any], part: int, layout: Layout, share: float) -> tuple[Floats, Any]:
    columns = len(layout.drivers) + 2
    rows, keys = [np.empty((0, columns))], [np.empty(0, dtype=np.uint64)]
    # The lower digits of a key: groups of clusters are told by the upper ones.
    digits = (1 << 31) - 1
    most = round(share * (digits + 1))
    for portion in portions(batches, layout, part):
        chosen = (portion.keys >> np.uint64(1)) & np.uint64(digits) < most
        used = portion.where(portion.complete & chosen)
        rows.append(np.column_stack([used.values, used.size]))
        keys.append(used.keys)
    return np.concatenate(rows), np.concatenate(keys)
