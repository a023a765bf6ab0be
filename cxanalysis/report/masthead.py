"""What stands above and below a report's own cells: whose, when, from how much, made how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
from nbformat import NotebookNode

from cxanalysis.engine import collect
from cxanalysis.metrics.rows import during, lacking, of_segment
from cxanalysis.report.export import Masthead
from cxanalysis.report.notebooks import heading
from cxanalysis.study import Study

# What a row of each table is called, and the time that puts it into a period.
COUNTED = (
    ("surveys", "responded_at", "answer", "answers"),
    ("journeys", "occurred_at", "touchpoint", "touchpoints"),
    ("tickets", "opened_at", "ticket", "tickets"),
)
ALL_DATES = "all dates"


def masthead_of(
    study: Study, notebook: NotebookNode, manifest: Mapping[str, Any], made_at: datetime
) -> Masthead:
    """Title, the line above it and the table of method for a study's report."""
    period = study.period.title if study.period else ALL_DATES
    segment = [f"{study.segment[0]}: {study.segment[1]}"] if study.segment else []
    local = made_at.astimezone(ZoneInfo(study.config.time_zone))
    made = f"made {local.day} {local:%B %Y %H:%M}"
    question = next((text for cell in notebook.cells if (text := heading(cell))), "Report:")
    return Masthead(
        title=f"{question} {study.config.name}, {', '.join([period, *segment])}",
        about=(study.config.name, period, *segment, ", ".join(_counts(study)), made),
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
    rows = of_segment(study, table, study.tables[table])
    if study.has(table, time):
        rows = rows.filter(during(study, time))
    return int(collect(rows.select(nw.len().alias("n")))["n"].iloc[0])


def _method(study: Study, manifest: Mapping[str, Any], period: str) -> tuple[tuple[str, str], ...]:
    days = f" ({study.period.start} up to but without {study.period.end})" if study.period else ""
    inputs = "; ".join(f"{file['path']} ({file['sha256'][:12]})" for file in manifest["inputs"])
    versions = ", ".join(f"{name} {version}" for name, version in manifest["versions"].items())
    return (
        ("Study", f"{study.config.name}, {study.path.name}"),
        ("Period", f"{period}{days}, {study.config.time_zone} time"),
        ("Segment", manifest["segment"] or "everyone"),
        ("Smallest base", f"{study.config.metrics.min_base} answers or contacts behind a figure"),
        ("Notebook", f"{manifest['notebook']['name']} ({manifest['notebook']['sha256'][:12]})"),
        ("Inputs", inputs),
        ("Versions", versions),
    )
