"""What lies in a folder of reports, from their manifests; a damaged one is a row that says so."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from cxanalysis.config import SCHEMA_VERSION
from cxanalysis.errors import ReportError
from cxanalysis.findings.core import Estimate
from cxanalysis.findings.published import count_in, items_in, number_in, text_in
from cxanalysis.periods import Period, parse_period
from cxanalysis.places import Place
from cxanalysis.report.failure import FAILURE
from cxanalysis.report.folders import EVERYONE, FAILED

MANIFEST = "manifest.json"
LEVELS = 3  # NOTEBOOK/PERIOD/SEGMENT
HASH = re.compile(r"-[0-9a-f]{8}$")
FIRST = date(1, 1, 1)


@dataclass(frozen=True)
class Figure:
    """A headline figure of one report."""

    key: str
    label: str
    unit: str
    n: int
    estimate: Estimate


@dataclass(frozen=True)
class Entry:
    """One report, or one that could not be made or read.

    ``folder`` is the path from the archive; ``page``, ``pdf`` and ``notebook_file`` are names of
    files that lie in it, empty where there is none. ``problem`` says why there is no report to
    open; ``made_at`` is UTC.
    """

    folder: str
    notebook: str
    period: str
    segment: str
    study: str = ""
    headline: str = ""
    figures: tuple[Figure, ...] = ()
    made_at: str = ""
    page: str = ""
    pdf: str = ""
    notebook_file: str = ""
    is_failed: bool = False
    problem: str = ""

    @cached_property
    def dates(self) -> Period | None:
        """The period; None for all dates and for what is no period."""
        with contextlib.suppress(ReportError):
            return parse_period(self.period)
        return None

    @cached_property
    def place_in_time(self) -> tuple[bool, date, date, str]:
        """What the entry is ordered by: its period's end, then its beginning."""
        dates = self.dates
        if dates is None:
            return False, FIRST, FIRST, self.period
        return True, dates.end, dates.start, self.period


def entries_of(place: Place) -> list[Entry]:
    """All reports and failures of a folder, the newest period first."""
    folders = _folders(place.files())
    wanted = {
        folder: next((name for name in (FAILURE, MANIFEST) if name in files), "")
        for folder, files in folders.items()
    }
    read = place.read([f"{folder}/{name}" for folder, name in wanted.items() if name])
    found = [
        _entry(folder, files, read.get(f"{folder}/{wanted[folder]}"))
        for folder, files in folders.items()
        if wanted[folder] or any(name.endswith(".html") for name in files)
    ]
    found.sort(key=lambda entry: (entry.notebook, entry.segment != EVERYONE, entry.segment))
    return sorted(found, key=lambda entry: entry.place_in_time, reverse=True)


def _folders(files: Sequence[str]) -> dict[str, list[str]]:
    """Names of files by the folder they are in, of folders where a report can lie."""
    found: dict[str, list[str]] = {}
    for path in map(PurePosixPath, files):
        if len(path.parts) == LEVELS + 1:
            found.setdefault(str(path.parent), []).append(path.name)
    return found


def _entry(folder: str, files: Sequence[str], content: bytes | None) -> Entry:
    notebook, period, segment = folder.split("/")
    failed = segment.endswith(FAILED)
    named = Entry(
        folder,
        HASH.sub("", notebook),
        HASH.sub("", period),
        segment.removesuffix(FAILED),
        page=_ending(files, ".html"),
        pdf=_ending(files, ".pdf"),
        notebook_file=_ending(files, ".ipynb"),
        is_failed=failed,
    )
    known = _known(content)
    if known is None:
        file = FAILURE if failed else MANIFEST
        return replace(named, problem=f"its {file} cannot be read; make the report again")
    return _failure(named, known) if failed else _report(named, known)


def _ending(files: Sequence[str], ending: str) -> str:
    return next((name for name in files if name.endswith(ending)), "")


def _known(content: bytes | None) -> Mapping[str, Any] | None:
    if content is None:
        return None
    try:
        known = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(known, dict) and known.get("schema_version") == SCHEMA_VERSION
    return known if is_ours else None


def _report(named: Entry, manifest: Mapping[str, Any]) -> Entry:
    period = manifest.get("period")
    notebook = manifest.get("notebook")
    return replace(
        named,
        notebook=_stem(text_in(notebook, "name")) if isinstance(notebook, dict) else named.notebook,
        period=text_in(period, "label") if isinstance(period, dict) else named.period,
        segment=text_in(manifest, "segment") or EVERYONE,
        study=text_in(manifest, "study"),
        headline=text_in(manifest, "headline"),
        figures=tuple(_figures(manifest)),
        made_at=text_in(manifest, "made_at"),
        problem="" if named.page else "its page is missing",
    )


def _stem(name: str) -> str:
    return name.removesuffix(".ipynb")


def _figures(manifest: Mapping[str, Any]) -> list[Figure]:
    return [
        Figure(
            text_in(each, "key"),
            text_in(each, "label"),
            text_in(each, "unit"),
            count_in(each, "n"),
            Estimate(*(number_in(each, end) for end in ("value", "low", "high"))),
        )
        for each in items_in(manifest, "figures")
    ]


def _failure(named: Entry, failure: Mapping[str, Any]) -> Entry:
    cell, doing = count_in(failure, "cell"), text_in(failure, "doing")
    tries = count_in(failure, "tries")
    where = f"stopped in cell {cell}" if cell else "stopped"
    parts = [
        f'{where}, "{doing}"' if doing else where,
        text_in(failure, "why") or "no reason given",
    ]
    after = f" After {tries} tries." if tries > 1 else ""
    return replace(
        named,
        notebook=text_in(failure, "notebook") or named.notebook,
        period=text_in(failure, "period") or named.period,
        segment=text_in(failure, "segment") or EVERYONE,
        study=text_in(failure, "study"),
        made_at=text_in(failure, "made_at"),
        problem=f"{': '.join(parts).rstrip('.')}.{after}",
    )
