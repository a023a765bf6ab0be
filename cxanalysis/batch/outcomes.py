"""What became of a job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cxanalysis.batch.jobs import Job
from cxanalysis.report.run import Report


@dataclass(frozen=True)
class Made:
    """A report was made, in so many seconds and at the try of that number."""

    job: Job
    report: Report
    seconds: float
    tries: int = 1


@dataclass(frozen=True)
class There:
    """A report of the same inputs, parameters, version and notebook lay there already."""

    job: Job
    folder: Path


@dataclass(frozen=True)
class Empty:
    """There is no answer, ticket or touch of the segment in the period: nothing to report."""

    job: Job


@dataclass(frozen=True)
class Failed:
    """A report could not be made. ``folder`` holds what is known, where that could be written."""

    job: Job
    why: str
    folder: Path | None = None
    tries: int = 1


@dataclass(frozen=True)
class Busy:
    """Another run is making the report at this moment."""

    job: Job


Outcome = Made | There | Empty | Failed
