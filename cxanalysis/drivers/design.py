"""Which rows and columns a model can use, and why the others are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from cxanalysis.config import closest
from cxanalysis.drivers.resample import Reweighting, Sampling
from cxanalysis.errors import ModelError
from cxanalysis.importance import PIVOT_TOLERANCE, Floats, Integers
from cxanalysis.metrics.figures import kish
from cxanalysis.partition import SERVICE

Blocks = Mapping[str, Mapping[str, Sequence[str]]]

Kind = Literal["constant", "duplicate", "dependent"]

# Standardised coefficient above which a column is named as part of a dependence.
NAMED = 1e-6


@dataclass(frozen=True)
class LeftOut:
    """A driver that cannot be estimated, and why.

    ``kind`` is "constant", "duplicate" or "dependent"; ``origin`` names the columns that a
    duplicate repeats or a dependent one follows from.
    """

    column: str
    reason: str
    kind: Kind
    origin: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Design:
    """Complete rows sorted by cluster, and the columns that can be estimated.

    ``x`` (n, p) and ``y`` (n,) keep their own units; ``weights`` (n,) have mean 1;
    ``starts`` (clusters,) is the first row of each cluster; ``reweighting`` is what makes the
    weights anew in each resample, None where they stay as they are.
    """

    outcome: str
    columns: tuple[str, ...]
    blocks: dict[str, dict[str, tuple[str, ...]]]
    left_out: tuple[LeftOut, ...]
    x: Floats
    y: Floats
    weights: Floats
    starts: Integers
    index: pd.Index
    n_dropped: int
    reweighting: Reweighting | None = None

    @property
    def sampling(self) -> Sampling:
        """The rows as the bootstrap sees them."""
        return Sampling(self.weights, self.starts, self.index, self.reweighting)

    @property
    def kish_n(self) -> float:
        """How many rows of equal weight tell as much as these do (Kish)."""
        return kish(float(self.weights.sum()), float((self.weights**2).sum()))

    @cached_property
    def effective_clusters(self) -> float:
        """How many clusters of equal weight tell as much as these do, by their total weights."""
        sizes = np.add.reduceat(self.weights, self.starts)
        return kish(float(sizes.sum()), float((sizes**2).sum()))

    @property
    def independent(self) -> bool:
        """Whether every cluster has one row."""
        return len(self.starts) == len(self.y)

    @property
    def alike(self) -> bool:
        """Whether rows are independent and count alike; equal weights are as good as none."""
        return self.independent and not np.ptp(self.weights)

    @property
    def sets(self) -> list[list[list[int]]]:
        """Column numbers by set and group."""
        place = {column: number for number, column in enumerate(self.columns)}
        return [
            [[place[column] for column in columns] for columns in groups.values()]
            for groups in self.blocks.values()
        ]

    @cached_property
    def table(self) -> Floats:
        """Standardised drivers and, last, the outcome: (n, p + 1), sorted by cluster."""
        table = np.column_stack([self.x, self.y])
        table = table - np.average(table, axis=0, weights=self.weights)
        return np.asarray(table / self.spreads)

    @cached_property
    def spreads(self) -> Floats:
        """Standard deviations (p + 1,) of the drivers and, last, the outcome, in their units."""
        table = np.column_stack([self.x, self.y])
        table = table - np.average(table, axis=0, weights=self.weights)
        return np.asarray(np.sqrt(np.average(table**2, axis=0, weights=self.weights)))

    @property
    def weighted(self) -> tuple[Floats, Floats]:
        """Intercept and standardised drivers (n, p + 1), and outcome (n,), × root of the weights.

        Least squares of the one on the other is the weighted fit.
        """
        root = np.sqrt(self.weights)
        x = np.column_stack([np.ones(len(self.y)), self.table[:, :-1]])
        return x * root[:, None], self.table[:, -1] * root

    @property
    def outcome_spread(self) -> float:
        """Standard deviation of the outcome, in its own units."""
        return float(self.spreads[-1])

    def clusters_with(self, columns: Sequence[int]) -> int:
        """Clusters in which any of these columns is not 0."""
        rows = (self.x[:, list(columns)] != 0).any(axis=1)
        return int(np.logical_or.reduceat(rows, self.starts).sum())


def make_design(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Blocks,
    cluster: str | None,
    weights: str | Reweighting | None,
) -> Design:
    """Rows and columns for a model of ``outcome`` on the drivers in ``blocks``.

    Raises
    ------
    ModelError
        Columns that are absent, named twice, not numeric or infinite; unfit weights; no rows,
        too few complete ones, or rows of one cluster only; an outcome that does not vary; a set
        of which no column can be used.
    """
    _check_shape(blocks)
    drivers = _named_once(blocks, outcome)
    if frame.empty:
        raise ModelError(
            f"the frame has no rows, so {outcome!r} cannot be explained. Take a longer period or "
            "a wider segment."
        )
    extra = [name for name in (cluster, weights) if isinstance(name, str)]
    _check_present(frame, [outcome, *drivers, *extra])
    values = _numbers(frame, [outcome, *drivers])
    size = _weights(frame, weights)
    kept = ~np.isnan(values).any(axis=1) & (size > 0)
    _check_rows(frame, [outcome, *drivers], kept)
    codes = _cluster_codes(frame, cluster)[kept]
    order = np.argsort(codes, kind="stable")
    values, size = values[kept][order], size[kept][order]
    size = size / size.mean()
    y, x = values[:, 0], values[:, 1:]
    if np.ptp(y) == 0:
        raise ModelError(
            f"outcome {outcome!r} is {y[0]:g} in all {len(y):,} complete rows, so there is "
            "nothing to explain. Choose another outcome or a longer period."
        )
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1)).astype(np.int64)
    if len(starts) == 1:
        raise ModelError(
            f"all {len(y):,} complete rows have the same {cluster!r}, so what varies between "
            "clusters cannot be seen. Take more rows, or pass cluster=None if each stands by "
            "itself."
        )
    left_out = _unusable(x, drivers, size)
    gone = {item.column for item in left_out}
    used = tuple(name for name in drivers if name not in gone)
    if len(y) <= len(used) + 1:
        raise ModelError(
            f"{len(y):,} complete rows do not suffice for {len(used)} drivers of {outcome!r}. "
            "Take a longer period, or fewer drivers in blocks=."
        )
    return Design(
        outcome=outcome,
        columns=used,
        blocks=_usable_blocks(blocks, left_out),
        left_out=left_out,
        x=x[:, [name not in gone for name in drivers]],
        y=y,
        weights=size,
        starts=starts,
        index=frame.index[kept][order],
        n_dropped=int(len(frame) - kept.sum()),
        reweighting=None if isinstance(weights, str) else weights,
    )


def _check_shape(blocks: Any) -> None:
    """Refuse what is no sets of groups of columns."""
    sets = blocks.values() if isinstance(blocks, Mapping) else [None]
    groups = [
        names
        for each in (sets or [None])
        for names in (each.values() if isinstance(each, Mapping) else [None])
    ]
    if any(names is None or isinstance(names, str) for names in groups):
        raise ModelError(
            "blocks= needs sets, in them groups, and in these lists of columns: "
            "{'service': {'waiting': ['first_reply_hours']}, 'journey': {'delivery': "
            f"['days_late']}}}}. It is {blocks!r}."
        )


def _named_once(blocks: Blocks, outcome: str) -> list[str]:
    drivers = [
        column for groups in blocks.values() for names in groups.values() for column in names
    ]
    twice = sorted({name for name in drivers if drivers.count(name) > 1})
    if twice:
        raise ModelError(
            f"blocks= names {', '.join(twice)} more than once; keep each in one group."
        )
    if outcome in drivers:
        raise ModelError(f"{outcome!r} is the outcome and cannot be its own driver in blocks=.")
    return drivers


def _check_present(frame: pd.DataFrame, names: list[str]) -> None:
    for name in names:
        if name not in frame.columns:
            raise ModelError(f"no column {name!r} in the frame.{closest(name, frame.columns)}")


def _numbers(frame: pd.DataFrame, names: list[str]) -> Floats:
    text = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]
    if text:
        raise ModelError(
            f"not numeric: {', '.join(text)}. Turn categories into one column of 0 and 1 per level."
        )
    values = np.column_stack([frame[n].to_numpy(dtype=float, na_value=np.nan) for n in names])
    for name, column in zip(names, values.T, strict=True):
        infinite = int(np.isinf(column).sum())
        if infinite:
            raise ModelError(
                f"{name!r} is infinite in {infinite:,} of {len(column):,} rows. Correct them, or "
                "set them to missing to leave these rows out."
            )
    return values


def check_compared(blocks: Blocks) -> None:
    """Refuse sets of which nothing can be said about service and the rest.

    Raises
    ------
    ModelError
        Where no set is called "service", or there is no other.
    """
    if SERVICE not in blocks:
        raise ModelError(
            f"no set is called {SERVICE!r}, and service against the rest is what is decided."
            f"{closest(SERVICE, blocks)} Give the set of service that name in blocks=."
        )
    if len(blocks) < 2:
        raise ModelError(
            f"{SERVICE!r} is the only set, so there is no rest to compare it with. Name the other "
            "drivers in a set of their own in blocks=, 'journey' say."
        )


def weights_name(weights: str | Reweighting | None) -> str | None:
    """What weights are called."""
    return weights.name if isinstance(weights, Reweighting) else weights


def _weights(frame: pd.DataFrame, weights: str | Reweighting | None) -> Floats:
    if weights is None:
        return np.ones(len(frame))
    name = weights_name(weights)
    if isinstance(weights, str):
        size = _numbers(frame, [weights])[:, 0]
    else:
        size = np.asarray(weights.of(frame.index), dtype=np.float64)
    checks = (("missing", np.isnan(size)), ("infinite", np.isinf(size)), ("negative", size < 0))
    for what, wrong in checks:
        if wrong.any():
            raise ModelError(
                f"weights {name!r} are {what} in {int(wrong.sum()):,} of {len(size):,} rows "
                f"(first: row {frame.index[wrong][0]}). Correct them, or fit without weights=."
            )
    return size


def _check_rows(frame: pd.DataFrame, names: list[str], kept: np.ndarray) -> None:
    if kept.any():
        return
    missing = frame[names].isna().sum().sort_values(ascending=False)
    most = ", ".join(f"{name} ({count:,})" for name, count in missing.head(3).items())
    raise ModelError(
        f"none of {len(frame):,} rows has the outcome and every driver. Missing most often: "
        f"{most}. Leave these out of blocks=, or code them with not_applicable = 'two-part'."
    )


def _cluster_codes(frame: pd.DataFrame, cluster: str | None) -> Integers:
    """A number per cluster; a row without one is a cluster by itself."""
    if cluster is None:
        return np.arange(len(frame), dtype=np.int64)
    codes = np.asarray(pd.factorize(frame[cluster])[0], dtype=np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    return codes


def _unusable(x: Floats, names: list[str], weights: Floats) -> tuple[LeftOut, ...]:
    """Columns that are constant, repeat an earlier one, or follow from earlier ones."""
    root = np.sqrt(weights)[:, None]
    centred = (x - np.average(x, axis=0, weights=weights)) * root
    basis = np.empty((len(x), 0))
    kept: list[int] = []
    left_out = []
    for number, name in enumerate(names):
        found = _constant_or_copy(x, number, kept, names)
        if found is None:
            unit = centred[:, [number]] / np.linalg.norm(centred[:, number])
            rest = unit - basis @ (basis.T @ unit)
            rest -= basis @ (basis.T @ rest)  # once more: one pass leaves rounding behind
            if np.sum(rest**2) > PIVOT_TOLERANCE:
                basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
                kept.append(number)
                continue
            origin = _origin(centred, number, kept, names)
            found = LeftOut(name, f"follows from {', '.join(origin)}", "dependent", origin)
        left_out.append(found)
    return tuple(left_out)


def _constant_or_copy(x: Floats, number: int, kept: list[int], names: list[str]) -> LeftOut | None:
    column, name = x[:, number], names[number]
    if np.ptp(column) == 0:
        return LeftOut(name, f"{column[0]:g} in all {len(column):,} rows", "constant")
    for other in kept:
        if np.array_equal(column, x[:, other]):
            return LeftOut(name, f"same as {names[other]}", "duplicate", (names[other],))
    return None


def _origin(centred: Floats, number: int, kept: list[int], names: list[str]) -> tuple[str, ...]:
    """Names of the columns that a dependent one is a sum of."""
    scaled = centred / np.where((norm := np.linalg.norm(centred, axis=0)) > 0, norm, 1.0)
    slopes = np.linalg.lstsq(scaled[:, kept], scaled[:, number], rcond=None)[0]
    return tuple(
        names[other] for other, slope in zip(kept, slopes, strict=True) if abs(slope) > NAMED
    )


def _usable_blocks(
    blocks: Blocks, left_out: tuple[LeftOut, ...]
) -> dict[str, dict[str, tuple[str, ...]]]:
    reasons = {item.column: item.reason for item in left_out}
    used = {}
    for name, groups in blocks.items():
        left = {
            group: tuple(column for column in columns if column not in reasons)
            for group, columns in groups.items()
        }
        used[name] = {group: columns for group, columns in left.items() if columns}
        if not used[name]:
            named = [column for columns in groups.values() for column in columns]
            why = "; ".join(f"{column} ({reasons[column]})" for column in named)
            raise ModelError(
                f"no driver of the set {name!r} can be estimated: {why or 'it names no column'}. "
                "Without it nothing can be said about its share."
            )
    return used
