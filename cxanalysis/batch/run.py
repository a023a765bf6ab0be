"""Run jobs on an executor: one failure never stops the rest, what is there is not made again."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cxanalysis.archive import write_index
from cxanalysis.batch.contents import rows_by_period
from cxanalysis.batch.jobs import Job, plan_jobs
from cxanalysis.batch.opened import Source, read_source
from cxanalysis.batch.outcomes import Busy, Empty, Failed, Made, Outcome, There
from cxanalysis.batch.turns import in_turn
from cxanalysis.batch.work import Order, Replace, lost, make, told, waiting
from cxanalysis.deliver import Way, deliver
from cxanalysis.periods import parse_period
from cxanalysis.report.folders import ALL, root_folder
from cxanalysis.report.hold import sweep
from cxanalysis.report.limits import NO_LIMITS, Limits
from cxanalysis.study import Study

TRIES = 3
Told = Callable[[Outcome, int, int], None]


@dataclass(frozen=True)
class BatchResult:
    """What became of every job, in the order in which they were planned.

    ``problems`` says what went wrong besides: a report that could not be delivered, or an index
    that could not be written.
    """

    reports: tuple[Outcome, ...]
    problems: tuple[str, ...] = ()

    @property
    def made(self) -> tuple[Made, ...]:
        """Reports made by this run."""
        return tuple(one for one in self.reports if isinstance(one, Made))

    @property
    def there(self) -> tuple[There, ...]:
        """Reports that lay there already."""
        return tuple(one for one in self.reports if isinstance(one, There))

    @property
    def empty(self) -> tuple[Empty, ...]:
        """Jobs without a row of data."""
        return tuple(one for one in self.reports if isinstance(one, Empty))

    @property
    def failed(self) -> tuple[Failed, ...]:
        """Reports that could not be made."""
        return tuple(one for one in self.reports if isinstance(one, Failed))

    def __repr__(self) -> str:
        return (
            f"BatchResult({len(self.made)} made, {len(self.there)} there, "
            f"{len(self.empty)} without data, {len(self.failed)} failed)"
        )


def run_batch(
    study: str | Path,
    *,
    notebooks: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    segments: Sequence[str] | None = None,
    folder: str | Path | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    limits: Limits = NO_LIMITS,
    tries: int = TRIES,
    again: bool = False,
    progress: Told | None = None,
) -> BatchResult:
    """Make the reports of a study: notebooks × periods × segments, as its file asks.

    Call it again after it was stopped, however it was: only what is missing is made. Two at once
    share the work.

    Parameters
    ----------
    study
        The path of its study.toml.
    notebooks, periods, segments
        In place of the study file's: names of reports or paths of notebooks; periods as in
        `run_report`, or "every" for each complete one with data; "column=value", "column" for
        each of its values, or "everyone".
    folder
        Where reports go; the study file's where left out.
    executor
        Any of ``concurrent.futures`` or alike, such as ``distributed.Client.get_executor()``.
        Its workers must reach study, data and folder under the same paths. Where left out, the
        reports are made on this machine.
    jobs
        How many at once on this machine; as many as it has processors where left out.
    limits
        Time and memory of one report.
    tries
        How often a report is tried whose failure may pass: its process was lost, or memory or
        a disk was short. A failing cell is not tried again.
    again
        Make reports anew that are there.
    progress
        Called after each report with its outcome, the number of outcomes so far, and of all.

    Returns
    -------
    BatchResult
        An outcome for every job: made, there, empty or failed.

    Raises
    ------
    StudyError, DataError
        As `open_study`, before anything is made.
    ReportError
        When a notebook, period or column does not exist.
    """
    source, opened = read_source(study)
    planned = plan_jobs(opened, notebooks, periods, segments)
    return run_jobs(
        source,
        opened,
        planned,
        folder=folder,
        executor=executor,
        jobs=jobs,
        limits=limits,
        tries=tries,
        replace="always" if again else "changed",
        progress=progress,
    )


def run_jobs(
    source: Source,
    study: Study,
    planned: Sequence[Job],
    *,
    folder: str | Path | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    limits: Limits = NO_LIMITS,
    tries: int = TRIES,
    replace: Replace = "changed",
    progress: Told | None = None,
) -> BatchResult:
    """Run jobs of a study that was read; the rest is as `run_batch`."""
    root = root_folder(folder, study.path.parent / study.config.report.folder)
    sweep(root)
    orders = [Order(job, source, root, limits, tries, replace) for job in planned]
    without = _without_rows(study, planned)
    outcomes: dict[Job, Outcome] = {}
    problems: list[str] = []

    def tell(outcome: Outcome) -> None:
        outcomes[outcome.job] = outcome
        if progress is not None:
            progress(outcome, len(outcomes), len(orders))

    for job in planned:
        if job in without:
            tell(Empty(job))
    wanted = [order for order in orders if order.job not in without]
    if wanted:
        with (
            _on(executor, min(jobs or _processors(), len(wanted))) as ready,
            closing(_run(wanted, ready)) as running,  # an interrupt leaves nothing waiting
        ):
            down: set[Way] = set()
            for outcome in running:
                problems += _delivered(outcome, study, down)
                tell(outcome)
    problems += _listed(root)
    if study.config.deliver.folder is not None:
        problems += _listed(study.config.deliver.folder)
    return BatchResult(tuple(outcomes[order.job] for order in orders), tuple(problems))


def _delivered(outcome: Outcome, study: Study, down: set[Way]) -> list[str]:
    """Deliver a report or word of its failure, as the study file says; what went wrong.

    One that was there may wait for its delivery, if the run that made it was stopped. Ways on
    which nobody answers are added to ``down`` and left for the next run: the reports of a night
    must not wait for a dead server one after another.
    """
    match outcome:
        case Made(report=report):
            folder: Path | None = report.folder
        case There(folder=folder) | Failed(folder=folder):
            pass
        case _:
            folder = None
    if folder is None:
        return []
    try:
        delivery = deliver(folder, study.config.deliver, without=down)
        down.update(each.way for each in delivery.sent if each.is_down)
        problems = delivery.problems
    except Exception as error:  # its text may hold a secret
        problems = (f"Not delivered: {type(error).__name__}.",)
    return [f"{outcome.job}: {text}" for text in problems]


def _listed(folder: Path | str) -> list[str]:
    """Write the page that lists all reports of a folder or an address; what went wrong."""
    try:
        if isinstance(folder, str) or folder.is_dir():
            write_index(folder)
    except Exception as error:  # whatever lies in the folder, the reports are made
        return [f"The page that lists all reports could not be written: {told(error)}"]
    return []


def _run(orders: Sequence[Order], executor: Executor) -> Generator[Outcome]:
    """Outcomes as they come; what another run is making is looked at again in the end."""
    at_once, after = in_turn(orders)
    running: dict[Future[Outcome | Busy], tuple[Order, int]] = {}
    busy: list[Order] = []

    def begin(order: Order, tries: int = 1) -> Iterator[Outcome]:
        try:
            running[executor.submit(make, order)] = (order, tries)
        except (BrokenExecutor, RuntimeError) as error:  # it takes no more work
            yield from settled(lost(order, _lost(error), tries))

    def settled(outcome: Outcome) -> Iterator[Outcome]:
        """The outcome; whoever waited for it begins."""
        yield outcome
        if outcome.job in after:
            yield from begin(after[outcome.job])

    try:
        for order in at_once:
            yield from begin(order)
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                order, tries = running.pop(future)
                error = _error_of(future)
                if error is None and isinstance(future.result(), Busy):
                    busy.append(order)
                elif error is None:
                    yield from settled(future.result())  # type: ignore[arg-type]  # not Busy
                elif tries >= order.tries:
                    yield from settled(lost(order, _lost(error), tries))
                else:
                    yield from begin(order, tries + 1)
            if not running:
                late, busy = busy, []
                for order in late:
                    yield from begin(waiting(order))
    finally:
        for future in running:
            future.cancel()


def _error_of(future: Future[Outcome | Busy]) -> BaseException | None:
    """What kept a job from its outcome; a cluster that loses its worker may cancel it."""
    return CancelledError() if future.cancelled() else future.exception()


def _lost(error: BaseException) -> str:
    return f"its worker was lost ({type(error).__name__}). Call it again to make what is missing."


@contextmanager
def _on(executor: Executor | None, jobs: int) -> Iterator[Executor]:
    """The executor given, which stays its owner's, or threads of our own.

    A thread does little but wait for its report's kernel, which is a process.
    """
    if executor is not None:
        yield executor
        return
    with ThreadPoolExecutor(jobs, thread_name_prefix="report") as own:
        yield own


def _processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _without_rows(study: Study, planned: Sequence[Job]) -> set[Job]:
    """Jobs without a row of data in their period; a segment without any is left to fail."""
    labels = dict.fromkeys(job.period for job in planned)
    zone = study.config.time_zone
    periods = [period for label in labels if (period := parse_period(label, zone))]
    columns = dict.fromkeys(job.segment.partition("=")[0] for job in planned)
    counted: dict[tuple[str, str], int] = {}
    for column in columns:
        counted |= rows_by_period(study, periods, column or None)
    known = {""} | {segment for segment, label in counted if label == ALL}
    return {
        job
        for job in planned
        if job.period != ALL and job.segment in known and (job.segment, job.period) not in counted
    }
