"""What is known of a report that could not be made, in a file and as an error."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cxanalysis.config import SCHEMA_VERSION
from cxanalysis.errors import ReportError

FAILURE = "failure.json"


@dataclass(frozen=True)
class Failure:
    """One report that was not made: which, where it stopped, why, and after how many tries.

    ``cell`` counts code cells from 1, ``doing`` is the heading above it; both are empty where
    the run did not get as far. ``made_at`` is UTC, when the last try began, ``seconds`` how long
    that try took.
    """

    study: str
    notebook: str
    period: str
    segment: str | None
    cell: int | None
    doing: str
    why: str
    made_at: str
    seconds: float
    tries: int = 1

    def write(self, folder: Path) -> None:
        """Write it into a folder as failure.json."""
        content = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        (folder / FAILURE).write_text(text + "\n", encoding="utf-8")


class StoppedReportError(ReportError):
    """A report whose run stopped; ``folder`` holds its partial notebook and failure.json.

    ``may_pass`` tells whether another try may end well.
    """

    def __init__(self, message: str, failure: Failure, folder: Path, *, may_pass: bool) -> None:
        super().__init__(message, failure, folder)
        self.message, self.failure, self.folder = message, failure, folder
        self.may_pass = may_pass

    def __str__(self) -> str:
        return self.message
