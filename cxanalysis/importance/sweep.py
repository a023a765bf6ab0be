"""R² of every union of groups of columns, without a regression.

Groups are taken one after another: each either stays out of a union, so that its columns are
dropped, or goes in, so that its columns are swept out of what is left of the later ones. That
is done for all unions so far at once, which take about four multiply-subtracts each. Where
unions are many, the first groups are taken for all unions and the rest union by union, so that
what is held at once fits a processor's cache, whatever the number of groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cxanalysis.errors import ModelError
from cxanalysis.importance.checks import checked
from cxanalysis.importance.cross import (
    PIVOT_TOLERANCE,
    Floats,
    Groups,
    Integers,
    correlations,
)

# Beyond this many groups their unions are not gone through one by one.
MOST_GROUPS = 25
# Groups whose unions are finished at once: with what is left of the columns, two megabytes.
GROUPS_AT_ONCE = 16
# Up to this many unions × replicates, numpy's calls cost more than the arithmetic.
FEW = 64

Left = list[Floats]


@dataclass(frozen=True)
class Block:
    """R² of the unions of some early groups with each union of the late ones."""

    taken: tuple[int, ...]  # the early groups that are in
    replicates: slice
    values: Floats  # (replicates, unions of the late groups), in the order of `union_masks`


def subset_r2(cross: Floats, groups: Groups) -> Floats:
    """R² of the outcome on every union of groups of columns.

    Parameters
    ----------
    cross : array (…, p + 1, p + 1)
        Centred cross-products, the outcome last; leading axes are replicates.
    groups : sequence of sequences of int
        Column numbers of each of the k groups, no column twice. Columns in no group are
        left out of every union.

    Returns
    -------
    array (…, 2**k)
        Entry ``mask`` is the union of the groups whose bits are set in ``mask``. A column
        that depends on columns already taken adds nothing. NaN where the outcome is constant.

    Raises
    ------
    ModelError
        With more than 25 groups; where ``cross`` is not square and finite, or a column is in two
        groups or not there.
    """
    cross, groups = checked(cross, groups)
    flat = cross.reshape(-1, *cross.shape[-2:])
    late = union_masks(taking_order(groups)[1])
    values = np.empty((2 ** len(groups), len(flat)))
    for block in union_blocks(flat, groups):
        taken = sum(1 << group for group in block.taken)
        values[taken | late, block.replicates] = block.values.T
    return values.T.reshape(*cross.shape[:-2], -1)


def subset_sizes(groups: Groups) -> Integers:
    """Number of columns in every union of groups, in the order of ``subset_r2``.

    Returns
    -------
    array (2 ** groups,)
        0 for the empty union, first.
    """
    sizes = np.zeros(1, dtype=np.int64)
    for group in groups:
        sizes = np.concatenate([sizes, sizes + len(group)])
    return sizes


def union_blocks(cross: Floats, groups: Groups) -> Iterator[Block]:
    """R² of all unions of groups, block by block, for replicates of cross (B, p + 1, p + 1)."""
    early, late = taking_order(groups)
    columns = [column for group in early + late for column in groups[group]] + [-1]
    early_sizes, late_sizes = ([len(groups[group]) for group in part] for part in (early, late))
    width = 2 ** (GROUPS_AT_ONCE - len(late))
    for first in range(0, len(cross), width):
        some = cross[first : first + width]
        replicates = slice(first, first + len(some))
        table = np.moveaxis(correlations(some[:, columns][:, :, columns]), 0, -1)
        left = _take_few(table, early_sizes)
        for place in range(2 ** len(early)):
            here = left[..., place * len(some) : (place + 1) * len(some)]
            outcome = _take(here, late_sizes)
            taken = tuple(group for bit, group in enumerate(early) if place >> bit & 1)
            yield Block(taken, replicates, 1.0 - outcome.reshape(-1, len(some)).T)


def taking_order(groups: Groups) -> tuple[list[int], list[int]]:
    """Which groups are taken first, for all unions, and which later, union by union."""
    if len(groups) > MOST_GROUPS:
        raise ModelError(
            f"importance: {len(groups)} groups have {2 ** len(groups):,} unions, and exact figures "
            f"stop at {MOST_GROUPS} groups. Join some of them, or use sample_shapley, which "
            "samples their orderings and states its error."
        )
    # Larger groups first, since what is taken first is swept least often.
    order = sorted(range(len(groups)), key=lambda group: -len(groups[group]))
    early = max(0, len(order) - GROUPS_AT_ONCE)
    return order[:early], order[early:]


def union_masks(groups: Sequence[int]) -> Integers:
    """Masks of the unions of some groups, in the order in which they come about."""
    masks = np.zeros(1, dtype=np.int64)
    for group in groups:
        masks = np.concatenate([masks, masks | 1 << group])
    return masks


def _take_few(table: Floats, sizes: list[int]) -> Floats:
    """What is left (q′, q′, unions · N) of matrices (q, q, N) after groups of their first columns.

    Unions in the order of `union_masks`, replicates side by side in each.
    """
    for size in sizes:
        swept = table
        for _ in range(size):
            swept = swept[1:, 1:] - _slopes(swept[0])[:, None] * swept[0, 1:]
        table = np.concatenate([table[size:, size:], swept], axis=-1)
    return table


def _take(table: Floats, sizes: list[int]) -> Floats:
    """What is left of the last variable, the outcome, as `_take_few`; for many unions.

    Only the upper triangle is kept, and each row of it has room for as many unions as there
    are when its turn comes, so that nothing is moved on the way.
    """
    few = min(len(sizes), max(0, (FEW // table.shape[-1]).bit_length() - 1))
    table, sizes = _take_few(table, sizes[:few]), sizes[few:]
    width = table.shape[-1]
    depths = [depth for depth, size in enumerate(sizes) for _ in range(size)] + [len(sizes)]
    rows = [np.empty((len(table) - row, width << depth)) for row, depth in enumerate(depths)]
    for row, room in enumerate(rows):
        room[:, :width] = table[row, row:]
    for depth, size in enumerate(sizes):
        so_far = width << depth
        swept = [row[:, :so_far] for row in rows]
        for _ in range(size - 1):
            swept = sweep(swept)
        rows = rows[size:]
        into = [row[:, so_far : 2 * so_far] for row in rows]
        if size:
            sweep(swept, into)
        else:
            for old, new in zip(swept, into, strict=True):
                new[:] = old
    outcome: Floats = rows[0][0]
    return outcome


def sweep(left: Left, into: Left | None = None) -> Left:
    """What is left of the variables after the first is taken out of the others.

    Parameters
    ----------
    left : rows of the upper triangle of N symmetric matrices, (q, N), (q − 1, N), …, (1, N)
    into : rows (q − 1, N), …, optional
        Where to write the result; new arrays when None.
    """
    slopes, first = _slopes(left[0]), left[0][1:]
    swept = [np.empty_like(row) for row in left[1:]] if into is None else into
    for row, (old, new) in enumerate(zip(left[1:], swept, strict=True)):
        np.multiply(slopes[row], first[row:], out=new)
        np.subtract(old, new, out=new)
    return swept


def _slopes(first: Floats) -> Floats:
    """Slopes (q − 1, N) of the others on the first variable; 0 where nothing is left of it."""
    slopes: Floats = first[1:] / np.where(first[0] > PIVOT_TOLERANCE, first[0], np.inf)
    return slopes
