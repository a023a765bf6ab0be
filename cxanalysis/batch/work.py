"""One job, made by a worker: a thread, a process, or a machine of a cluster."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from jupyter_client.utils import run_sync  # type: ignore[attr-defined]

from cxanalysis.batch.jobs import Job
from cxanalysis.batch.opened import Source, study_of
from cxanalysis.batch.outcomes import Busy, Failed, Made, Outcome, There
from cxanalysis.errors import CxError
from cxanalysis.report import folders
from cxanalysis.report.failure import Failure, StoppedReportError
from cxanalysis.report.hold import held
from cxanalysis.report.limits import NO_LIMITS, Limits
from cxanalysis.report.notebooks import find_notebook, read_notebook
from cxanalysis.report.parameters import default_of, read_parameters
from cxanalysis.report.present import has_report, is_made
from cxanalysis.report.run import Plan, make_report, plan_report
from cxanalysis.report.warm import kernels_for
from cxanalysis.study import with_base

PAUSE = 1.0  # seconds before the second try; twice as long before each further one

Replace = Literal["never", "changed", "always"]


@dataclass(frozen=True)
class Order:
    """A job with all a worker needs to know; it can be sent to another machine.

    ``root`` is the folder of all reports. ``replace`` tells which report there is made anew:
    none, one made of other inputs, or any. ``tries`` is the most of them, ``wait`` whether to
    wait where another run is making the same report.
    """

    job: Job
    source: Source
    root: Path
    limits: Limits = NO_LIMITS
    tries: int = 3
    replace: Replace = "changed"
    wait: bool = False


def make(order: Order) -> Outcome | Busy:
    """Make one report, or say why not; nothing is raised, so that the rest goes on."""
    try:
        return _make(order)
    finally:
        _close_loop()


def _make(order: Order) -> Outcome | Busy:
    began, when = time.monotonic(), datetime.now(UTC)
    tries = 0
    while True:
        tries += 1
        try:
            return _attempt(order, began, tries)
        except StoppedReportError as error:
            if not error.may_pass or tries >= order.tries:
                return Failed(order.job, str(error), error.folder, tries)
        except OSError as error:  # a disk or a network that may be back in a moment
            if tries >= order.tries:
                return _failed(order, told(error), when, began, tries)
        except Exception as error:  # whatever it is, the other reports go on
            return _failed(order, told(error), when, began, tries)
        time.sleep(PAUSE * 2 ** (tries - 1))


def _close_loop() -> None:
    """Close the event loop that Jupyter's libraries keep for each thread that runs a notebook."""
    if threading.current_thread() is threading.main_thread():
        return  # whose loop others may count on

    async def own() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    loop = run_sync(own)()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def _attempt(order: Order, began: float, tries: int) -> Outcome | Busy:
    plan = _plan(order)
    failed = folders.failed_folder(plan.target)
    if _is_there(plan, order.replace) and not failed.exists():
        return There(order.job, plan.target)
    kernels = kernels_for(order.source.path, order.source.inputs)
    with held(order.root, plan.target, wait=order.wait) as work:
        if work is None:
            return Busy(order.job)
        if _is_there(plan, order.replace):  # made by another run meanwhile, or by one that was
            folders.remove(failed)  # killed before it took an earlier failure away
            return There(order.job, plan.target)
        report = make_report(plan, work, limits=order.limits, tries=tries, kernels=kernels)
    return Made(order.job, report, time.monotonic() - began, tries)


def _plan(order: Order) -> Plan:
    job = order.job
    study = study_of(order.source).during(job.period)
    if job.segment:
        study = study.among(job.segment)
    source = find_notebook(job.notebook)
    base = default_of(read_parameters(read_notebook(source), source.name), "min_base")
    if base:  # its own, as a saved view has one
        study = with_base(study, int(base))
    return plan_report(study, source, folder=order.root)


def _is_there(plan: Plan, replaced: Replace) -> bool:
    if replaced == "always":
        return False
    return has_report(plan.target, plan.study.period) if replaced == "never" else is_made(plan)


def told(error: Exception) -> str:
    """What went wrong, in a line: our own words, or those of others with their kind."""
    if isinstance(error, CxError):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def _failed(order: Order, why: str, when: datetime, began: float, tries: int) -> Failed:
    """What stopped before or after the cells, recorded beside the target as far as possible."""
    job = order.job
    notebook = Path(job.notebook).stem
    target = folders.target_folder(order.root, notebook, job.period, job.segment)
    folder = folders.failed_folder(target)
    failure = Failure(
        study=order.source.name,
        notebook=notebook,
        period=job.period,
        segment=job.segment or None,
        cell=None,
        doing="",
        why=why,
        made_at=when.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 1),
        tries=tries,
    )
    with contextlib.suppress(OSError), held(order.root, target, wait=False) as work:
        if work is not None:
            made = work / "report"
            made.mkdir()
            failure.write(made)
            folders.remove(folder)
            folders.put_in_place(made, folder)
            return Failed(job, why, folder, tries)
    return Failed(job, why, None, tries)


def lost(order: Order, why: str, tries: int) -> Failed:
    """The outcome of a job whose worker was lost with it."""
    return _failed(order, why, datetime.now(UTC), time.monotonic(), tries)


def waiting(order: Order) -> Order:
    """The same order, which waits where another run is making the report."""
    return replace(order, wait=True)
