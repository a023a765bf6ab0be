"""What splits of every model have in common: their rows, and what is read off them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cxanalysis.config import closest
from cxanalysis.drivers.blocktest import BlockTest
from cxanalysis.drivers.outline import Outline
from cxanalysis.errors import ModelError
from cxanalysis.importance import QUANTITIES, Floats, Integers, partition, partition_sets
from cxanalysis.importance.partition import Game

WHOLE_SET = "all"
# With fewer, percentiles of a cluster bootstrap are no interval. Effective ones: a customer with
# half of the answers is not outweighed by however many others.
FEWEST_CLUSTERS = 20
# With fewer, groups inside the sets are not told apart.
ROWS_PER_COLUMN = 20
# Numbers in the covariances of bootstrap samples that are kept: 64 MB.
KEPT_AT_MOST = 8_000_000


@dataclass(frozen=True, eq=False)
class Split(ABC):
    """A fitted model and how what it accounts for splits, each figure made when first asked for.

    A split has a row for each set, followed by one for each group in it where these are told
    apart, and the columns `QUANTITIES`. Each model has a class of its own with what this one
    leaves open.
    """

    design: Outline
    design_effect: float
    replicates: int
    seed: int

    measure: ClassVar[str]
    """What is split."""
    exact_groups: ClassVar[bool]
    """Whether groups inside the sets have intervals, as sets have."""

    @property
    @abstractmethod
    def statsmodels(self) -> Any:
        """The fit as statsmodels has it."""

    @property
    @abstractmethod
    def slopes(self) -> Floats:
        """Coefficients (p,) of the drivers in their own units."""

    @property
    @abstractmethod
    def errors(self) -> Floats:
        """Their standard errors (p,), robust to rows of a cluster going together."""

    @property
    def classical(self) -> Floats:
        """Standard errors (p,) of independent rows, with equal variance where it is linear."""
        return np.asarray(self.statsmodels.bse[list(self.design.columns)], dtype=np.float64)

    @property
    @abstractmethod
    def raw(self) -> Floats:
        """Split (rows, 5) of the plain measure."""

    @property
    @abstractmethod
    def estimates(self) -> Floats:
        """Split (rows, 5) of the measure adjusted for optimism."""

    @property
    @abstractmethod
    def split_replicates(self) -> Floats:
        """Splits (replicates, rows, 5) adjusted twice; none below 20 clusters."""

    @property
    @abstractmethod
    def composites(self) -> Floats:
        """What goes with one standard deviation of each row's composite (rows,)."""

    @property
    @abstractmethod
    def composite_replicates(self) -> Floats:
        """Composites (replicates, rows); none below 20 clusters."""

    @property
    @abstractmethod
    def share_gap_to_ols(self) -> float:
        """Largest difference in share from least squares; NaN where that is the model."""

    @abstractmethod
    def once(self, measure: Floats, sizes: Integers) -> Floats:
        """The measure, of ``sizes`` columns each, less its optimism in the data."""

    @abstractmethod
    def block_tests(self) -> list[BlockTest]:
        """Test of each row's columns that they add nothing to the rest."""

    @abstractmethod
    def chance(self, draws: int) -> tuple[Floats, Floats]:
        """Totals (rows,), and totals (draws, rows) of outcomes that go with nothing."""

    @property
    def groups_shown(self) -> bool:
        """Whether groups inside the sets are told apart: rows are at least 20 per driver."""
        return self.design.n >= ROWS_PER_COLUMN * len(self.design.columns)

    @cached_property
    def rows(self) -> pd.MultiIndex:
        """Set and group of each row; a set's own row has the group "all"."""
        names = [
            (name, group)
            for name, groups in self.design.blocks.items()
            for group in (WHOLE_SET, *(groups if self.groups_shown else ()))
        ]
        return pd.MultiIndex.from_tuples(names, names=["set", "group"])

    def place(self, row: str | tuple[str, str]) -> int:
        """Place of a row by its set and group; a set's name alone means the set as a whole.

        Raises
        ------
        ModelError
            Where there is no such row, with the closest name.
        """
        name, group = (row, WHOLE_SET) if isinstance(row, str) else row
        places = {key: place for place, key in enumerate(self.rows)}
        if (name, group) in places:
            return places[name, group]
        groups = [other for own, other in places if own == name]
        hint = closest(group, groups) if groups else closest(name, list(self.design.blocks))
        raise ModelError(f"no row {(name, group)!r} in importance().{hint}")

    @property
    def wholes(self) -> list[int]:
        """Places of the sets' own rows."""
        return np.flatnonzero(self.rows.get_level_values("group") == WHOLE_SET).tolist()

    @cached_property
    def columns(self) -> list[list[int]]:
        """Column numbers behind each row."""
        rows: list[list[int]] = []
        for whole, groups in zip(self.whole_sets, self.design.sets, strict=True):
            rows += [whole, *(groups if self.groups_shown else [])]
        return rows

    @cached_property
    def whole_sets(self) -> list[list[int]]:
        """Column numbers of each set."""
        return [[column for group in groups for column in group] for groups in self.design.sets]

    @property
    def covariances(self) -> Floats:
        """Covariance of the standardised drivers and outcome, as one replicate."""
        return self.design.covariance[None]

    @property
    def enough_clusters(self) -> bool:
        """Whether samples of clusters give intervals: 20 of them, unequal ones counting less."""
        return round(self.design.effective_clusters) >= FEWEST_CLUSTERS

    def resampled(self) -> Iterator[Floats]:
        """Covariances (b, p + 1, p + 1) in the bootstrap samples, the same ones every time.

        They come in portions, so that no caller holds all of them, and are kept for the next
        caller where they are small; none below 20 effective clusters.
        """
        if not self.enough_clusters:
            return
        if self.replicates * self.covariances.size <= KEPT_AT_MOST:
            yield from self._kept_samples
        else:
            yield from self.design.resampled(self.replicates, self.seed)

    @cached_property
    def _kept_samples(self) -> tuple[Floats, ...]:
        samples = tuple(self.design.resampled(self.replicates, self.seed))
        for some in samples:
            some.flags.writeable = False
        return samples

    @property
    def plain(self) -> float:
        """The plain measure for everything."""
        return float(self.measure_of(self.raw))

    def measure_of(self, split: Floats) -> Floats:
        """The measure for everything: the sum of the sets' Shapley values."""
        return np.asarray(split[..., self.wholes, QUANTITIES.index("shapley")].sum(axis=-1))

    def parts_of(self, split: Floats) -> Floats:
        """Quantities of a split as parts of its measure; the share is one already."""
        whole = np.ones_like(split)
        whole[..., :-1] = self.measure_of(split)[..., None, None]
        return split / whole

    def split_rows(self, game: Game) -> Floats:
        """Split (…, rows, 5) of a game between sets, and inside them where groups are shown."""
        return partition(game, self.design.sets) if self.groups_shown else self.split_sets(game)

    def split_sets(self, game: Game) -> Floats:
        """Split (…, sets, 5) of a game between the sets alone."""
        return partition_sets(game, self.design.sets)
