"""What any fit knows of its rows and columns, and which columns it had to leave out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cxanalysis.drivers.floor import Scheme
from cxanalysis.errors import ModelError
from cxanalysis.importance import Floats

Blocks = Mapping[str, Mapping[str, Sequence[str]]]

Kind = Literal["constant", "duplicate", "dependent"]


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
class Outline(ABC):
    """What a fit knows of its rows and columns, whether the rows are in memory or not.

    ``columns`` (p,) are the drivers in the model, ``blocks`` the same by set and group.
    """

    outcome: str
    columns: tuple[str, ...]
    blocks: dict[str, dict[str, tuple[str, ...]]]
    left_out: tuple[LeftOut, ...]
    n_dropped: int

    @property
    @abstractmethod
    def n(self) -> int:
        """Rows used."""

    @property
    @abstractmethod
    def n_clusters(self) -> int:
        """Clusters among them."""

    @property
    @abstractmethod
    def kish_n(self) -> float:
        """How many rows of equal weight tell as much as these do (Kish)."""

    @property
    @abstractmethod
    def effective_clusters(self) -> float:
        """How many clusters of equal weight tell as much as these do, by their total weights."""

    @property
    @abstractmethod
    def alike(self) -> bool:
        """Whether rows are independent and count alike; equal weights are as good as none."""

    @property
    @abstractmethod
    def means(self) -> Floats:
        """Means (p + 1,) of the drivers and, last, the outcome, in their units."""

    @property
    @abstractmethod
    def spreads(self) -> Floats:
        """Standard deviations (p + 1,) of the drivers and, last, the outcome, in their units."""

    @property
    @abstractmethod
    def covariance(self) -> Floats:
        """Covariance (p + 1, p + 1) of the standardised drivers and, last, the outcome."""

    @property
    @abstractmethod
    def scheme(self) -> Scheme:
        """How outcomes that go with nothing are made."""

    @abstractmethod
    def clusters_with(self, columns: Sequence[int]) -> int:
        """Clusters in which any of these columns is not 0."""

    @abstractmethod
    def resampled(self, replicates: int, seed: int) -> Iterator[Floats]:
        """``covariance`` in samples of whole clusters: portions (b, p + 1, p + 1)."""

    @property
    def independent(self) -> bool:
        """Whether every cluster has one row."""
        return self.n_clusters == self.n

    @property
    def sets(self) -> list[list[list[int]]]:
        """Column numbers by set and group."""
        place = {column: number for number, column in enumerate(self.columns)}
        return [
            [[place[column] for column in columns] for columns in groups.values()]
            for groups in self.blocks.values()
        ]

    @property
    def outcome_spread(self) -> float:
        """Standard deviation of the outcome, in its own units."""
        return float(self.spreads[-1])


def usable_blocks(
    blocks: Blocks, left_out: tuple[LeftOut, ...]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """The blocks without the columns left out, and without groups that have no other.

    Raises
    ------
    ModelError
        Where nothing is left of a set.
    """
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
