"""What there is to tell of a report or a failure, read from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from cxanalysis.deliver.errors import DeliveryError
from cxanalysis.errors import ReportError
from cxanalysis.findings.core import Estimate, period_title
from cxanalysis.findings.published import count_in, items_in, number_in, text_in
from cxanalysis.narrative.words import amount, digits_of, interval
from cxanalysis.periods import parse_period
from cxanalysis.report.failure import FAILURE
from cxanalysis.report.folders import ALL, EVERYONE

FINDINGS, MANIFEST = "findings.json", "manifest.json"
MOST_FIGURES = 8


@dataclass(frozen=True)
class Figure:
    """A headline figure as it is written."""

    label: str
    value: str
    interval: str
    n: int


@dataclass(frozen=True)
class Content:
    """A report or, where ``why`` is not empty, one that failed.

    ``changed`` are the paragraphs on what changed since the report before. ``cell``, ``doing``
    and ``tries`` are those of a failure. ``known`` is the file that all of this is read from.
    """

    folder: Path
    known: Path
    study: str
    notebook: str
    period: str
    segment: str
    made_at: str
    headline: str = ""
    figures: tuple[Figure, ...] = ()
    published: tuple[Mapping[str, Any], ...] = ()
    changed: tuple[str, ...] = ()
    cell: int = 0
    doing: str = ""
    why: str = ""
    tries: int = 1

    @property
    def is_failure(self) -> bool:
        """Whether there is no report, but a reason why."""
        return bool(self.why)

    @property
    def about(self) -> str:
        """Which report, in words: "cx report, October 2026, plan: premium"."""
        named = [self.notebook.replace("_", " "), _period(self.period), _segment(self.segment)]
        return ", ".join(part for part in named if part)

    @property
    def made(self) -> str:
        """When it was made, "2 November 2026 06:02 UTC"; empty where that is not known."""
        try:
            moment = datetime.fromisoformat(self.made_at).astimezone(UTC)
        except (ValueError, OverflowError):
            return ""
        return f"{moment.day} {moment:%B %Y %H:%M} UTC"

    @property
    def place(self) -> str:
        """The folder's path from the folder of all reports."""
        return "/".join(self.folder.parts[-3:])

    def file(self, ending: str) -> Path | None:
        """The file of the folder with an ending, the first by name."""
        return next(iter(sorted(self.folder.glob(f"*{ending}"))), None)

    @property
    def page(self) -> Path | None:
        """What there is to open: the page, or the partial notebook of a failure."""
        return self.file(".ipynb" if self.is_failure else ".html")


def content_of(folder: Path) -> Content:
    """Read what there is to tell.

    Raises
    ------
    DeliveryError
        When the folder holds neither a report nor the record of a failure.
    """
    if (folder / FAILURE).is_file():
        return _failure(folder, _read(folder / FAILURE))
    manifest = _read(folder / MANIFEST)
    findings = _read(folder / FINDINGS)
    notebook, period = manifest.get("notebook"), manifest.get("period")
    since = (each for each in items_in(findings, "said") if each.get("kind") == "since")
    return Content(
        folder,
        folder / MANIFEST,
        study=text_in(manifest, "study"),
        notebook=text_in(notebook, "name").removesuffix(".ipynb")
        if isinstance(notebook, dict)
        else folder.parts[-3],
        period=text_in(period, "label") if isinstance(period, dict) else ALL,
        segment=text_in(manifest, "segment") or EVERYONE,
        made_at=text_in(manifest, "made_at"),
        headline=text_in(manifest, "headline"),
        figures=tuple(map(_figure, items_in(manifest, "figures")[:MOST_FIGURES])),
        published=tuple(map(_published, items_in(manifest, "figures"))),
        changed=tuple(map(str, next(since, {}).get("texts", ()))),
    )


def _failure(folder: Path, failure: Mapping[str, Any]) -> Content:
    return Content(
        folder,
        folder / FAILURE,
        study=text_in(failure, "study"),
        notebook=text_in(failure, "notebook"),
        period=text_in(failure, "period"),
        segment=text_in(failure, "segment") or EVERYONE,
        made_at=text_in(failure, "made_at"),
        cell=count_in(failure, "cell"),
        doing=text_in(failure, "doing"),
        why=text_in(failure, "why") or "no reason is known",
        tries=count_in(failure, "tries"),
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        known = None
    if not isinstance(known, dict):
        raise DeliveryError(f"{path}: cannot be read, so there is nothing to tell of this report")
    return known


def _published(figure: Mapping[str, Any]) -> dict[str, Any]:
    """A figure with the keys of the manifest and no others; null where there is no number."""
    ends = {end: number_in(figure, end) for end in ("value", "low", "high")}
    return {
        **{key: text_in(figure, key) for key in ("key", "label", "unit")},
        "n": count_in(figure, "n"),
        **{end: value if isfinite(value) else None for end, value in ends.items()},
    }


def _figure(figure: Mapping[str, Any]) -> Figure:
    estimate = Estimate(*(number_in(figure, end) for end in ("value", "low", "high")))
    unit = text_in(figure, "unit")
    return Figure(
        text_in(figure, "label"),
        amount(estimate.value, unit, digits_of(estimate, unit)),
        interval(estimate, unit) if estimate.has_interval else "",
        count_in(figure, "n"),
    )


def _period(label: str) -> str:
    try:
        return period_title(parse_period(label)).removeprefix("the ")
    except ReportError:
        return label


def _segment(segment: str) -> str:
    """plan_name=premium → "plan name: premium"; nothing for everyone."""
    if segment == EVERYONE:
        return ""
    column, sign, value = segment.partition("=")
    return f"{column.replace('_', ' ')}: {value}" if sign else segment
