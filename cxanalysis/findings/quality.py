"""The data's quality: what was read, excluded, set aside, and how the tables match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cxanalysis.findings.core import Finding
from cxanalysis.study import Study


@dataclass(frozen=True)
class Count:
    """How many rows a reason or a rule took."""

    reason: str
    n: int


@dataclass(frozen=True)
class TableRead:
    """One table: rows read, kept, left out though sound, and set aside by a rule."""

    table: str
    files: tuple[str, ...]
    rows_read: int
    rows_kept: int
    excluded: tuple[Count, ...] = ()
    set_aside: tuple[Count, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n_set_aside(self) -> int:
        """Rows set aside by any rule."""
        return self.rows_read - self.rows_kept - self.n_excluded

    @property
    def n_excluded(self) -> int:
        """Rows left out without being faulty, by the study file or as empty or outdated."""
        return sum(item.n for item in self.excluded)


@dataclass(frozen=True)
class Match:
    """How many of the customers in one table are also in another."""

    left: str
    right: str
    n: int
    matched: int
    share: float


@dataclass(frozen=True)
class QualityFinding(Finding):
    """What was read for a study; ``rejects_file`` is a name, not a path.

    ``absent_names`` are sentences on names in the study file that no row has.
    """

    kind: ClassVar[str] = "quality"

    tables: tuple[TableRead, ...]
    matches: tuple[Match, ...] = ()
    rejects_file: str = "rejects.csv"
    absent_names: tuple[str, ...] = ()

    @property
    def rows_read(self) -> int:
        """Rows read from all tables."""
        return sum(table.rows_read for table in self.tables)

    @property
    def n_set_aside(self) -> int:
        """Rows set aside by any rule in any table."""
        return sum(table.n_set_aside for table in self.tables)

    @property
    def share_set_aside(self) -> float:
        """Rows set aside as a share of the rows read; 0 where nothing was read."""
        return self.n_set_aside / self.rows_read if self.rows_read else 0.0


def find_quality(study: Study) -> QualityFinding:
    """What was read for a study, what was set aside, and how its tables match."""
    return QualityFinding(
        tables=tuple(
            TableRead(
                table=reading.table,
                files=tuple(Path(file).name for file in reading.files),
                rows_read=reading.rows_read,
                rows_kept=reading.rows_kept,
                excluded=_counts(reading.excluded),
                set_aside=_counts(reading.rejects),
                unread=tuple(reading.unmapped),
                notes=tuple(reading.notes),
            )
            for reading in study.reading
        ),
        matches=tuple(
            Match(row["left"], row["right"], int(row["n"]), int(row["matched"]), row["share"])
            for row in study.matches().to_dict("records")
            if row["n"] > 0
        ),
        absent_names=study.absent_names(),
    )


def _counts(numbers: Mapping[str, int]) -> tuple[Count, ...]:
    """Reasons with their counts, the most frequent first."""
    return tuple(Count(reason, n) for reason, n in sorted(numbers.items(), key=lambda i: -i[1]))
