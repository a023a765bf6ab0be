"""How R² splits between the sets and groups of a design: in the data and in resamples of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cxanalysis.drivers.design import Design
from cxanalysis.drivers.resample import replicate_covariances
from cxanalysis.importance import (
    PIVOT_TOLERANCE,
    QUANTITIES,
    Adjust,
    Floats,
    Integers,
    adjust_optimism,
    partition_r2,
)

WHOLE_SET = "all"
# With fewer, percentiles of a cluster bootstrap are no interval.
FEWEST_CLUSTERS = 20
# With fewer, groups inside the sets are not told apart.
ROWS_PER_COLUMN = 20


@dataclass(frozen=True, eq=False)
class Split:
    """Splits of R² and composites, each drawn when first asked for.

    A split has a row for each set, followed by one for each group in it where these are told
    apart, and the columns `QUANTITIES`.
    """

    design: Design
    design_effect: float
    replicates: int
    seed: int

    @property
    def groups_shown(self) -> bool:
        """Whether groups inside the sets are told apart: rows are at least 20 per driver."""
        return len(self.design.y) >= ROWS_PER_COLUMN * len(self.design.columns)

    @cached_property
    def rows(self) -> pd.MultiIndex:
        """Set and group of each row; a set's own row has the group "all"."""
        names = [
            (name, group)
            for name, groups in self.design.blocks.items()
            for group in (WHOLE_SET, *(groups if self.groups_shown else ()))
        ]
        return pd.MultiIndex.from_tuples(names, names=["set", "group"])

    @cached_property
    def columns(self) -> list[list[int]]:
        """Column numbers behind each row."""
        rows = []
        for groups in self.design.sets:
            rows += [[column for group in groups for column in group]]
            rows += groups if self.groups_shown else []
        return rows

    @cached_property
    def raw(self) -> Floats:
        """Split (rows, 5) of plain R²."""
        return np.asarray(self._split(self.covariances, None)[0])

    @cached_property
    def estimates(self) -> Floats:
        """Split (rows, 5) of R² adjusted for optimism."""
        return np.asarray(self._split(self.covariances, self.once)[0])

    @cached_property
    def composites(self) -> Floats:
        """Outcome units (rows,) that go with one standard deviation of each row's composite."""
        return np.asarray(self._composites_of(self.covariances)[0])

    @property
    def split_replicates(self) -> Floats:
        """Splits (replicates, rows, 5) adjusted twice; none below 20 clusters."""
        return self._replicates[0]

    @property
    def composite_replicates(self) -> Floats:
        """Composites (replicates, rows); none below 20 clusters."""
        return self._replicates[1]

    def once(self, r2: Floats, sizes: Integers) -> Floats:
        """R² less its optimism in the data."""
        return adjust_optimism(r2, len(self.design.y), sizes, self.design_effect)

    def r_squared_of(self, split: Floats) -> Floats:
        """R² of everything: the sum of the sets' Shapley values."""
        wholes = self.rows.get_level_values("group") == WHOLE_SET
        return np.asarray(split[..., wholes, QUANTITIES.index("shapley")].sum(axis=-1))

    def parts_of(self, split: Floats) -> Floats:
        """Quantities of a split as parts of its R²; the share is one already."""
        whole = np.ones_like(split)
        whole[..., :-1] = self.r_squared_of(split)[..., None, None]
        return split / whole

    def _twice(self, r2: Floats, sizes: Integers) -> Floats:
        return self.once(self.once(r2, sizes), sizes)

    @cached_property
    def covariances(self) -> Floats:
        """Covariance of the standardised drivers and outcome, as one replicate."""
        table, weights = self.design.table, self.design.weights
        mean: Floats = table.T @ (table * weights[:, None]) / weights.sum()
        return mean[None]

    def resampled(self) -> Iterator[Floats]:
        """Covariances (b, p + 1, p + 1) in the bootstrap samples, the same ones every time.

        They come in portions, so that no caller holds all of them; none below 20 clusters.
        """
        design = self.design
        if len(design.starts) >= FEWEST_CLUSTERS:
            yield from replicate_covariances(
                design.table, design.weights, design.starts, self.replicates, self.seed
            )

    @cached_property
    def _replicates(self) -> tuple[Floats, Floats]:
        """Splits and composites in one pass over the bootstrap samples."""
        rows = len(self.rows)
        splits, composites = [np.empty((0, rows, len(QUANTITIES)))], [np.empty((0, rows))]
        for covariances in self.resampled():
            splits.append(self._split(covariances, self._twice))
            composites.append(self._composites_of(covariances))
        return np.concatenate(splits), np.concatenate(composites)

    def _split(self, covariances: Floats, adjust: Adjust | None) -> Floats:
        if self.groups_shown:
            return partition_r2(covariances, self.design.sets, adjust)
        wholes = [[[column for group in groups for column in group]] for groups in self.design.sets]
        # The one group of a merged set repeats it.
        return partition_r2(covariances, wholes, adjust)[..., ::2, :]

    def _composites_of(self, covariances: Floats) -> Floats:
        return composite_effects(covariances, self.columns) * self.design.outcome_spread


def composite_effects(covariances: Floats, blocks: Sequence[Sequence[int]]) -> Floats:
    """What one standard deviation of each block's fitted part goes with, others held equal.

    Parameters
    ----------
    covariances : array (b, p + 1, p + 1)
        Of standardised drivers and, last, the outcome.
    blocks : sequence of sequences of int
        Column numbers of each block.

    Returns
    -------
    array (b, blocks)
        √(β′Σβ), in standard deviations of the outcome; with the coefficient's sign where a
        block has one column.
    """
    drivers, outcome = covariances[:, :-1, :-1], covariances[:, :-1, -1]
    # Standardised drivers have variances near 1: what is added is nothing to them, and gives a
    # rare column that does not vary in a replicate the slope 0.
    solvable = drivers + PIVOT_TOLERANCE * np.eye(drivers.shape[-1])
    slopes = np.linalg.solve(solvable, outcome[..., None])[..., 0]
    effects = []
    for block in blocks:
        columns = list(block)
        own, spread = slopes[:, columns], drivers[:, columns][:, :, columns]
        squared = np.einsum("bi,bij,bj->b", own, spread, own)
        sign = np.sign(own[:, 0]) if len(columns) == 1 else 1.0
        effects.append(sign * np.sqrt(np.maximum(squared, 0.0)))
    return np.stack(effects, axis=-1)
