"""Run a report: checked parameters in; page, notebook, findings and manifest out, or nothing."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from cxanalysis.config import SCHEMA_VERSION
from cxanalysis.errors import ReportError
from cxanalysis.report import folders
from cxanalysis.report.execute import Progress, StoppedError, execute
from cxanalysis.report.export import to_html
from cxanalysis.report.harvest import findings_of, headline_of
from cxanalysis.report.manifest import manifest_of
from cxanalysis.report.masthead import masthead_of
from cxanalysis.report.notebooks import find_notebook, read_notebook, tags
from cxanalysis.report.parameters import Value, check_parameters, read_parameters
from cxanalysis.report.sections import LeftOutSection, keep_sections, leave_out_bare
from cxanalysis.study import LAST, Study, open_study

FINDINGS = "findings.json"
MANIFEST = "manifest.json"
REJECTS = "rejects.csv"
PACKAGE = Path(__file__).resolve().parents[2]
NAMING = ("period", "segment")


@dataclass(frozen=True)
class Report:
    """A finished report: its folder, its four files, and its first sentence."""

    folder: Path
    html: Path
    notebook: Path
    findings: Path
    manifest: Path
    headline: str


def run_report(
    study: Study | str | Path,
    notebook: str | Path = "cx_report",
    *,
    period: str | None = None,
    segment: str | None = None,
    min_base: int | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    **parameters: object,
) -> Report:
    """Run a report notebook on a study and keep its page, notebook, findings and manifest.

    Parameters
    ----------
    study
        A study, or the path of its study.toml. A study's own period and segment hold where
        none are given here.
    notebook
        A report of this package by name, or the path of your own .ipynb.
    period
        "2026-10", "2026-Q3", "2026", "all" or "last", the last complete one, which is also
        meant where left out.
    segment
        "column=value"; everyone where left out.
    min_base
        Fewest answers behind a published figure; the study file's where left out.
    folder
        Where reports go; ``reports`` beside the study where left out. A report lies in
        ``NOTEBOOK/PERIOD/SEGMENT`` inside.
    progress
        Called before each cell with cells done, cells in all, and the heading above.
    **parameters
        Values of further parameters that a notebook of your own takes.

    Raises
    ------
    ReportError
        Before running, when a parameter is unknown or of another type; after, when a cell
        failed. The partial notebook is then kept beside the target, in ``SEGMENT.failed``,
        and an earlier report stays as it was.
    """
    source = find_notebook(notebook)
    template = read_notebook(source)
    takes = read_parameters(template, source.name)
    asked = {"period": period, "segment": segment, "min_base": min_base, **parameters}
    given = {key: value for key, value in asked.items() if value is not None}
    check_parameters(takes, given, source.name)
    opened = _open(study, period, segment, min_base)
    said = _said(opened)
    usual = {key: value for key, value in said.items() if key in takes}
    values = check_parameters(takes, given | usual, source.name)
    root = Path(folder) if folder else opened.path.parent / opened.config.report.folder
    target = folders.target_folder(
        root.absolute(), source.stem, str(said["period"]), str(said["segment"])
    )
    kept, left_out = keep_sections(template, opened.provides(), source.name)
    job = _Job(opened, source, values, target, left_out)
    with folders.workplace(target) as work:
        headline = _make(job, kept, work, progress)
    return Report(
        folder=target,
        html=target / job.page,
        notebook=target / job.notebook,
        findings=target / FINDINGS,
        manifest=target / MANIFEST,
        headline=headline,
    )


@dataclass(frozen=True)
class _Job:
    """One report to make: of what, by which notebook, with which values, where to."""

    study: Study
    source: Path
    values: Mapping[str, Value]
    target: Path
    left_out: tuple[LeftOutSection, ...]

    @property
    def notebook(self) -> str:
        return self.source.name

    @property
    def page(self) -> str:
        return f"{self.source.stem}.html"


def _open(
    study: Study | str | Path, period: str | None, segment: str | None, min_base: int | None
) -> Study:
    """The study as its notebook will open it: from its file, narrowed as asked."""
    if not isinstance(study, Study):
        return open_study(study, period=period or LAST, segment=segment, min_base=min_base)
    if not study.path.is_file():
        raise ReportError(
            "This study was made of frames, and a report's notebook opens its study from a "
            "file. Give run_report the path of a study.toml."
        )
    own_period = study.period.label if study.period else folders.ALL
    own_segment = "=".join(study.segment) if study.segment else None
    return open_study(
        study.path,
        period=period or own_period,
        segment=segment or own_segment,
        min_base=min_base or study.config.metrics.min_base,
    )


def _said(study: Study) -> dict[str, Value]:
    """What the opened study says for the usual parameters of a report."""
    return {
        "study": str(study.path.absolute()),
        "period": study.period.label if study.period else folders.ALL,
        "segment": "=".join(study.segment) if study.segment else "",
        "min_base": study.config.metrics.min_base,
    }


def _make(job: _Job, notebook: NotebookNode, work: Path, progress: Progress | None) -> str:
    """Run, write and move into place; the headline."""
    made_at, began = datetime.now(UTC), time.monotonic()
    made = work / "report"
    made.mkdir()
    try:
        executed = execute(
            notebook,
            job.values,
            made / job.notebook,
            source=job.source,
            scratch=work / "ipython",
            progress=progress,
        )
    except StoppedError as stopped:
        raise _stopped(job, made, stopped) from stopped
    _write_portable(executed, job, made / job.notebook)
    page, left_out = leave_out_bare(executed, job.left_out)
    manifest = manifest_of(
        job.study,
        job.source,
        job.values,
        left_out,
        made_at,
        time.monotonic() - began,
    )
    _write_json(made / MANIFEST, manifest)
    _write_rejects(job.study, made)
    _write_json(made / FINDINGS, _findings(job, executed))
    masthead = masthead_of(job.study, executed, manifest, made_at)
    hidden = (job.study.path.absolute().parent, work, Path.home(), Path(sys.prefix), PACKAGE)
    (made / job.page).write_text(to_html(page, masthead, hidden), encoding="utf-8")
    folders.put_in_place(made, job.target)
    folders.remove(folders.failed_folder(job.target))
    return headline_of(executed)


def _write_portable(executed: NotebookNode, job: _Job, path: Path) -> None:
    """Name the study by its way from the report's folder, so that both may move together."""
    absolute = str(job.study.path.absolute())
    relative = Path(os.path.relpath(absolute, job.target)).as_posix()
    for cell in executed.cells:
        if "injected-parameters" in tags(cell):
            cell.source = cell.source.replace(absolute, relative)
    given = executed.metadata.get("papermill", {}).get("parameters", {})
    given.update({name: relative for name, value in given.items() if value == absolute})
    nbformat.write(executed, path)


def _stopped(job: _Job, made: Path, stopped: StoppedError) -> ReportError:
    """Keep the partial notebook beside the target, and say so in one line."""
    failed = folders.failed_folder(job.target)
    folders.put_in_place(made, failed)
    said = _said(job.study)
    what = " ".join([job.source.stem, *(str(said[key]) for key in NAMING if said[key])])
    partial = failed / job.notebook
    if partial.is_relative_to(Path.cwd()):
        partial = partial.relative_to(Path.cwd())
    return ReportError(f"{what} {stopped.one_line()} Partial notebook: {partial}")


def _findings(job: _Job, executed: NotebookNode) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "study": job.study.config.name,
        "period": _said(job.study)["period"],
        "segment": _said(job.study)["segment"] or None,
        "notebook": job.source.stem,
        "findings": findings_of(executed),
    }


def _write_rejects(study: Study, folder: Path) -> None:
    rejects = study.rejects()
    if len(rejects):
        rejects.to_csv(folder / REJECTS, index=False)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
