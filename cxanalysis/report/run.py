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
from cxanalysis.report.failure import Failure, StoppedReportError
from cxanalysis.report.harvest import findings_of, headline_of, said_of
from cxanalysis.report.hold import held
from cxanalysis.report.kernel import OwnKernelManager
from cxanalysis.report.limits import NO_LIMITS, Limits
from cxanalysis.report.manifest import manifest_of
from cxanalysis.report.masthead import masthead_of
from cxanalysis.report.notebooks import find_notebook, read_notebook, tags
from cxanalysis.report.parameters import (
    Parameter,
    Value,
    check_parameters,
    default_of,
    read_parameters,
)
from cxanalysis.report.pdf import check_maker, write_pdf
from cxanalysis.report.sections import LeftOutSection, keep_sections, leave_out_bare
from cxanalysis.report.tables import write_csv, write_tables
from cxanalysis.shown import Shown
from cxanalysis.study import LAST, Study, open_study

FINDINGS = "findings.json"
MANIFEST = "manifest.json"
REJECTS = "rejects.csv"
PACKAGE = Path(__file__).resolve().parents[2]
NAMING = ("period", "segment")
SETTINGS = "settings"
USUAL = (*NAMING, "min_base")  # of a notebook, which hold where a run gives none


@dataclass(frozen=True)
class Report(Shown):
    """A finished report: its folder, its files, and its first sentence.

    ``pdf`` is None where none was asked for; CSV files of its tables lie in ``tables`` inside.
    """

    folder: Path
    html: Path
    notebook: Path
    findings: Path
    manifest: Path
    headline: str
    pdf: Path | None = None


def run_report(
    study: Study | str | Path,
    notebook: str | Path = "cx_report",
    *,
    period: str | None = None,
    segment: str | None = None,
    min_base: int | None = None,
    folder: str | Path | None = None,
    pdf: str | None = None,
    progress: Progress | None = None,
    **parameters: object,
) -> Report:
    """Run a report notebook on a study and keep its page, tables, notebook, findings and manifest.

    Parameters
    ----------
    study
        A study, or the path of its study.toml. A study's own period, segment and settings hold
        where none are given here.
    notebook
        A report of this package by name, or the path of your own .ipynb.
    period
        "2026-10", "2026-Q3", "2026", "all" or "last", the last complete one, which is also
        meant where left out; all dates are meant where the notebook takes no period.
    segment
        "column=value"; everyone where left out.
    min_base
        Fewest answers behind a published figure; the study file's where left out. Where these
        three are left out, a default that the notebook's own parameters cell gives them holds.
    folder
        Where reports go; ``reports`` beside the study where left out. A report lies in
        ``NOTEBOOK/PERIOD/SEGMENT`` inside. One under other settings than its notebook's own
        needs another folder than the study's reports.
    pdf
        "weasyprint" or "chromium" to print the page to a PDF as well; as the study file says
        where left out.
    progress
        Called before each cell with cells done, cells in all, and the heading above.
    **parameters
        Values of further parameters that a notebook of your own takes.

    Raises
    ------
    ReportError
        Before running, when a parameter is unknown or of another type, the PDF cannot be made
        here, or the report would take the place of one by other definitions; after, when a cell
        failed or the kernel ended. The partial notebook is then kept beside the target, in
        ``SEGMENT.failed``, with what is known in failure.json, and an earlier report stays as
        it was.
    """
    source = find_notebook(notebook)
    takes = read_parameters(read_notebook(source), source.name)
    asked = {"period": period, "segment": segment, "min_base": min_base, **parameters}
    given = {key: value for key, value in asked.items() if value is not None}
    check_parameters(takes, given, source.name)
    if not isinstance(study, Study):
        usual: Any = {key: default_of(takes, key) or None for key in USUAL}
        period, segment, min_base = ({**usual, **given}.get(key) for key in USUAL)
        period = period or (LAST if "period" in takes else folders.ALL)
    plan = plan_report(_open(study, period, segment, min_base), source, given, folder, pdf)
    with held(plan.root, plan.target) as work:
        assert work is not None  # it waits
        return make_report(plan, work, progress=progress)


@dataclass(frozen=True)
class Plan:
    """One report to make: of what, by which notebook, with which values, where to.

    ``study`` is narrowed to what is asked for, ``cells`` are the notebook's without the sections
    that it has no data for, ``root`` is the folder of all reports.
    """

    study: Study
    source: Path
    cells: NotebookNode
    values: Mapping[str, Value]
    left_out: tuple[LeftOutSection, ...]
    root: Path
    target: Path
    pdf_maker: str | None = None

    @property
    def notebook(self) -> str:
        """File name of the notebook."""
        return self.source.name

    @property
    def page(self) -> str:
        """File name of the page."""
        return f"{self.source.stem}.html"

    @property
    def pdf(self) -> str | None:
        """File name of the PDF, where there is to be one."""
        return f"{self.source.stem}.pdf" if self.pdf_maker else None

    def report(self, headline: str) -> Report:
        """The report that lies at the target."""
        return Report(
            folder=self.target,
            html=self.target / self.page,
            notebook=self.target / self.notebook,
            findings=self.target / FINDINGS,
            manifest=self.target / MANIFEST,
            headline=headline,
            pdf=self.target / self.pdf if self.pdf else None,
        )


def plan_report(
    study: Study,
    source: Path,
    given: Mapping[str, object] | None = None,
    folder: str | Path | None = None,
    pdf: str | None = None,
) -> Plan:
    """Everything a run needs, checked.

    Parameters
    ----------
    study
        Narrowed to the period and the segment of the report.
    source
        The notebook's file.
    given
        Values of further parameters.
    folder, pdf
        As `run_report`.

    Raises
    ------
    ReportError
        When the notebook cannot be used, does not take a parameter, or not the period or segment
        that the study is narrowed to; the PDF cannot be made here; or the report, under settings
        that are not the notebook's own, would lie where the study's own reports lie.
    """
    maker = pdf or study.config.report.pdf
    if maker:
        check_maker(maker)
    notebook = read_notebook(source)
    takes = read_parameters(notebook, source.name)
    values = check_parameters(takes, given or {}, source.name)
    own_settings = str(default_of(takes, SETTINGS))
    settings = str(values.get(SETTINGS) or study.settings or own_settings)
    if settings and settings != study.settings:
        study = study.under(settings)
    said = _said(study)
    usual = {key: value for key, value in said.items() if key in takes}
    _check_narrowed(study, takes, source.name)
    usual |= {SETTINGS: settings} if settings else {}
    values = check_parameters(takes, {**values, **usual}, source.name)
    own_root = study.path.parent / study.config.report.folder
    root = folders.root_folder(folder, own_root)
    if settings.strip() != own_settings.strip() and root.resolve() == own_root.resolve():
        raise _not_its_own(source, root)
    target = folders.target_folder(root, source.stem, str(said["period"]), str(said["segment"]))
    cells, left_out = keep_sections(notebook, study.provides(), source.name)
    return Plan(study, source, cells, values, left_out, root, target, maker)


def _check_narrowed(study: Study, takes: Mapping[str, Parameter], name: str) -> None:
    """Refuse a notebook that would show all dates or everyone under the name of a part."""
    period = study.period.label if study.period else ""
    asked = {"period": period, "segment": "=".join(study.segment or ())}
    for parameter, value in asked.items():
        if value and parameter not in takes:
            raise ReportError(
                f"{name} takes no {parameter}, so it cannot be made for {value}. Add a line to its "
                f'parameters cell: {parameter}: str = ""  # given by each run'
            )


def _not_its_own(source: Path, root: Path) -> ReportError:
    """What a batch made or a schedule delivers is by the definitions of its notebook alone."""
    return ReportError(
        f"{source.name} under other settings would take the place of its own report in "
        f"{root / source.stem}, where a schedule delivers it and the next report is compared with "
        "it. Give another folder (folder=), or write the settings into the parameters cell of a "
        "notebook of your own (cxanalysis new-report), whose reports lie under its name."
    )


def make_report(
    plan: Plan,
    work: Path,
    *,
    progress: Progress | None = None,
    limits: Limits = NO_LIMITS,
    tries: int = 1,
    kernels: type[OwnKernelManager] = OwnKernelManager,
) -> Report:
    """Run, write and move into place.

    Parameters
    ----------
    work
        An empty folder on the target's disk, from `hold.held`.
    tries
        Which try this is, for the record of a failure.
    kernels
        Where the kernel comes from; `warm.kernels_for` shares what many reports need.

    Raises
    ------
    StoppedReportError
        As `run_report`.
    """
    made_at, began = datetime.now(UTC), time.monotonic()
    made = work / "report"
    made.mkdir()
    try:
        executed = execute(
            plan.cells,
            plan.values,
            made / plan.notebook,
            source=plan.source,
            scratch=work / "ipython",
            progress=progress,
            limits=limits,
            kernels=kernels,
        )
    except StoppedError as stopped:
        seconds = time.monotonic() - began
        raise _stopped(plan, made, stopped, made_at, seconds, tries) from stopped
    _write_portable(executed, plan, made / plan.notebook)
    page, left_out = leave_out_bare(executed, plan.left_out)
    manifest = manifest_of(
        plan.study, plan.source, plan.values, left_out, made_at, time.monotonic() - began
    )
    from cxanalysis.report import compare  # with libraries that a run's start can do without

    page, findings, manifest = compare.beside_earlier(
        plan.study.period, plan.target, page, _findings(plan, executed), manifest
    )
    files = {"csv": write_tables(executed, made), "pdf": plan.pdf}
    _write_json(made / MANIFEST, manifest | files)
    _write_rejects(plan.study, made)
    _write_json(made / FINDINGS, findings)
    masthead = masthead_of(plan.study, executed, manifest, made_at)
    hidden = (plan.study.path.absolute().parent, work, Path.home(), Path(sys.prefix), PACKAGE)
    (made / plan.page).write_text(to_html(page, masthead, hidden), encoding="utf-8")
    if plan.pdf and plan.pdf_maker:
        write_pdf(made / plan.page, made / plan.pdf, plan.pdf_maker)
    folders.put_in_place(made, plan.target)
    folders.remove(folders.failed_folder(plan.target))
    return plan.report(headline_of(executed))


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
        settings=study.settings,
    )


def _said(study: Study) -> dict[str, Value]:
    """What the opened study says for the usual parameters of a report."""
    return {
        "study": str(study.path.absolute()),
        "period": study.period.label if study.period else folders.ALL,
        "segment": "=".join(study.segment) if study.segment else "",
        "min_base": study.config.metrics.min_base,
    }


def _write_portable(executed: NotebookNode, plan: Plan, path: Path) -> None:
    """Name the study by its way from the report's folder, so that both may move together."""
    absolute = str(plan.study.path.absolute())
    relative = Path(os.path.relpath(absolute, plan.target)).as_posix()
    for cell in executed.cells:
        if "injected-parameters" in tags(cell):
            cell.source = cell.source.replace(absolute, relative)
    given = executed.metadata.get("papermill", {}).get("parameters", {})
    given.update({name: relative for name, value in given.items() if value == absolute})
    nbformat.write(executed, path)


def _stopped(
    plan: Plan, made: Path, stopped: StoppedError, made_at: datetime, seconds: float, tries: int
) -> StoppedReportError:
    """Keep the partial notebook beside the target with what is known, and say it in one line."""
    said = _said(plan.study)
    failure = Failure(
        study=plan.study.config.name,
        notebook=plan.source.stem,
        period=str(said["period"]),
        segment=str(said["segment"]) or None,
        cell=stopped.number,
        doing=stopped.doing,
        why=stopped.why,
        made_at=made_at.isoformat(timespec="seconds"),
        seconds=round(seconds, 1),
        tries=tries,
    )
    failure.write(made)
    failed = folders.failed_folder(plan.target)
    folders.remove(failed)
    folders.put_in_place(made, failed)
    what = " ".join([plan.source.stem, *(str(said[key]) for key in NAMING if said[key])])
    partial = failed / plan.notebook
    if partial.is_relative_to(Path.cwd()):
        partial = partial.relative_to(Path.cwd())
    message = f"{what} {stopped.one_line()} Partial notebook: {partial}"
    return StoppedReportError(message, failure, failed, may_pass=stopped.may_pass)


def _findings(plan: Plan, executed: NotebookNode) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "study": plan.study.config.name,
        "period": _said(plan.study)["period"],
        "segment": _said(plan.study)["segment"] or None,
        "notebook": plan.source.stem,
        "findings": findings_of(executed),
        "said": said_of(executed),
    }


def _write_rejects(study: Study, folder: Path) -> None:
    rejects = study.rejects()
    if len(rejects):
        write_csv(
            folder / REJECTS, rejects.astype(object).where(rejects.notna(), None).to_dict("records")
        )


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
