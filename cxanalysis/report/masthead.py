"""What stands above and below a report's own cells: whose, when, from how much, made how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
from nbformat import NotebookNode

from cxanalysis.engine import collect
from cxanalysis.features.answers import answers, present_scores
from cxanalysis.metrics.rows import during, lacking, of_segment
from cxanalysis.periods import Period
from cxanalysis.report.export import Masthead
from cxanalysis.report.notebooks import heading
from cxanalysis.study import Study

# What a row of each table is called, and the time that puts it into a period.
COUNTED = (
    ("surveys", "responded_at", "answer", "answers"),
    ("journeys", "occurred_at", "touch", "touches"),
    ("tickets", "opened_at", "ticket", "tickets"),
)
ALL_DATES = "all dates"


def masthead_of(
    study: Study, notebook: NotebookNode, manifest: Mapping[str, Any], made_at: datetime
) -> Masthead:
    """Title, the line above it and the table of method for a study's report."""
    period = study.period.title if study.period else ALL_DATES
    segment = [_segment(study.segment)] if study.segment else []
    local = made_at.astimezone(ZoneInfo(study.config.time_zone))
    made = f"made {local.day} {local:%B %Y %H:%M}"
    question = next((text for cell in notebook.cells if (text := heading(cell))), "Report:")
    counted = ", ".join(_counts(study))
    return Masthead(
        title=f"{question} {study.config.name}, {', '.join([period, *segment])}",
        about=(study.config.name, period, *segment, *_moved(study), counted, made),
        method=_method(study, manifest, period),
        version=manifest["versions"]["cxanalysis"],
    )


def _counts(study: Study) -> list[str]:
    """Rows of each table within the period and segment: "1,842 answers"."""
    counted = []
    for table, time, one, many in COUNTED:
        if lacking(study, table) is None:
            n = _rows(study, table, time)
            counted.append(f"{n:,} {one if n == 1 else many}")
    return counted


def _rows(study: Study, table: str, time: str) -> int:
    if table == "surveys" and (study.has(table, time) or present_scores(study)):
        rows = answers(study)
    else:
        rows = of_segment(study, table, study.tables[table])
        rows = rows.filter(during(study, time)) if study.has(table, time) else rows
    return int(collect(rows.select(nw.len().alias("n")))["n"].iloc[0])


def _moved(study: Study) -> list[str]:
    """That a report counts otherwise than its study file does; the foot says how."""
    return ["not by the study file's own definitions"] if study.moved else []


def _segment(segment: tuple[str, str]) -> str:
    """("plan_name", "premium") → "plan name: premium"."""
    return f"{segment[0].replace('_', ' ')}: {segment[1]}"


def days_of(period: Period) -> str:
    """First and last day of a period: "1 July to 30 September 2026"."""
    start, last = period.start, period.end - timedelta(days=1)
    month = f" {start:%B}" if start.month != last.month else ""
    return f"{start.day}{month} to {last.day} {last:%B %Y}"


def _method(study: Study, manifest: Mapping[str, Any], period: str) -> tuple[tuple[str, str], ...]:
    days = f" ({days_of(study.period)})" if study.period else ""
    inputs = "; ".join(f"{file['path']} ({file['sha256'][:12]})" for file in manifest["inputs"])
    versions = ", ".join(f"{key} {version}" for key, version in manifest["versions"].items())
    settings = "; ".join(study.settings.splitlines())
    return (
        ("Study", f"{study.config.name}, {study.path.name}"),
        ("Period", f"{period}{days}, {study.config.time_zone} time"),
        ("Segment", _segment(study.segment) if study.segment else "everyone"),
        ("Smallest base", f"{study.config.metrics.min_base} answers or contacts behind a figure"),
        *([("In place of the study file's", settings)] if settings else []),
        ("Notebook", f"{manifest['notebook']['name']} ({manifest['notebook']['sha256'][:12]})"),
        ("Inputs", inputs),
        ("Versions", versions),
    )
