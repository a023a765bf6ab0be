"""Make what is due."""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import datetime
from pathlib import Path

from cxanalysis.batch.opened import read_source
from cxanalysis.batch.run import TRIES, BatchResult, Told, run_jobs
from cxanalysis.report.limits import NO_LIMITS, Limits
from cxanalysis.schedule.due import Agenda, due_reports


def run_due(
    study: str | Path,
    now: datetime | None = None,
    *,
    since: str | None = None,
    folder: str | Path | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    limits: Limits = NO_LIMITS,
    tries: int = TRIES,
    progress: Told | None = None,
) -> tuple[Agenda, BatchResult]:
    """Make the reports of a study that are due; one that is there is never made anew.

    Parameters
    ----------
    study
        The path of its study.toml.
    now, since
        As `due_reports`.
    folder, executor, jobs, limits, tries, progress
        As `run_batch`.
    """
    source, opened = read_source(study)
    agenda = due_reports(opened, now, since=since, folder=folder)
    result = run_jobs(
        source,
        opened,
        agenda.jobs,
        folder=folder,
        executor=executor,
        jobs=jobs,
        limits=limits,
        tries=tries,
        replace="never",
        progress=progress,
    )
    return agenda, result
