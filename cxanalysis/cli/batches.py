"""The commands that make many reports: batch, due, run-due."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cxanalysis.cli.app import app
from cxanalysis.cli.shared import StudyPath, clear_errors, skip_address_grammar, working
from cxanalysis.errors import CxError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from cxanalysis.batch import BatchResult, Limits, Outcome
    from cxanalysis.schedule import Agenda

LONGEST_LINE = 2000  # characters of a reason that are printed
SOME_FAILED = 3  # apart from 1, where nothing could be started, and 2, a wrong call

UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}

NotebooksOption = Annotated[
    list[str] | None,
    typer.Option("--notebook", help="A report's name or a notebook's path; may be repeated."),
]
SegmentsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--segment",
        help="COLUMN=VALUE, COLUMN for each of its values, or everyone; may be repeated.",
    ),
]
FolderOption = Annotated[Path | None, typer.Option("--folder", help="Where reports go.")]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, help="How many at once; one per processor.")
]
MinutesOption = Annotated[
    float | None, typer.Option("--minutes", min=0.01, help="Longest that one report may run.")
]
MemoryOption = Annotated[
    str | None, typer.Option("--memory", help="Most that one report may hold, such as 2GB.")
]
TriesOption = Annotated[
    int, typer.Option("--tries", min=1, help="Tries of a report whose failure may pass.")
]
SinceOption = Annotated[
    str | None,
    typer.Option(help="First period to look at, such as 2026-03; after the newest report."),
]
DaskOption = Annotated[
    str | None,
    typer.Option("--dask", help="Address of a Dask scheduler, such as tcp://host:8786."),
]


@app.command()
def batch(
    study: StudyPath,
    notebook: NotebooksOption = None,
    period: Annotated[
        list[str] | None,
        typer.Option(
            "--period",
            help="2026-10, 2026-Q3, 2026, all, last, or every (complete one with data); may be "
            "repeated.",
        ),
    ] = None,
    segment: SegmentsOption = None,
    folder: FolderOption = None,
    jobs: JobsOption = None,
    minutes: MinutesOption = 30,
    memory: MemoryOption = None,
    tries: TriesOption = 3,
    again: Annotated[bool, typer.Option("--again", help="Make anew what is there.")] = False,
    dask: DaskOption = None,
) -> None:
    """Make many reports: notebooks x periods x segments, as the study file says under report.

    What is there already, of the same inputs, parameters, notebook and version, is not made
    again, so a run that was stopped is simply called again. What deliver in the study file names
    gets each report once. Ends with 3 where one failed, or could not be delivered.
    """
    with clear_errors():
        skip_address_grammar()
        from cxanalysis.batch import run_batch

        with interrupt_is_told(), executor_of(dask) as executor, progress_of_many() as tell:
            result = run_batch(
                study,
                notebooks=notebook,
                periods=period,
                segments=segment,
                folder=folder,
                executor=executor,
                jobs=jobs,
                limits=limits_of(minutes, memory),
                tries=tries,
                again=again,
                progress=tell,
            )
    end_with(result)


@app.command()
def due(study: StudyPath, since: SinceOption = None, folder: FolderOption = None) -> None:
    """Say which reports are due: their period is over, their data complete, and they are missing.

    A period is over in the study's time zone. Its data are complete when every table reaches
    beyond its end, or wait_days of the study file have passed.
    """
    with clear_errors():
        from cxanalysis.schedule import due_reports
        from cxanalysis.study import open_study

        with working("Reading the tables"):
            agenda = due_reports(open_study(study), since=since, folder=folder)
    _print_agenda(agenda)


@app.command()
def run_due(
    study: StudyPath,
    since: SinceOption = None,
    folder: FolderOption = None,
    jobs: JobsOption = None,
    minutes: MinutesOption = 30,
    memory: MemoryOption = None,
    tries: TriesOption = 3,
    dask: DaskOption = None,
) -> None:
    """Make the reports that are due; call it every night, a missed one is caught up.

    A report that is there is never made anew, so calling it twice does no harm. With cron:

        15 6 * * *  cxanalysis run-due /srv/cx/study.toml >>/srv/cx/reports.log 2>&1

    What deliver in the study file names gets each report once. Ends with 3 where one failed, or
    could not be delivered. "cxanalysis due" says what is due, and why.
    """
    with clear_errors():
        skip_address_grammar()
        from cxanalysis.schedule import run_due as run

        with interrupt_is_told(), executor_of(dask) as executor, progress_of_many() as tell:
            agenda, result = run(
                study,
                since=since,
                folder=folder,
                executor=executor,
                jobs=jobs,
                limits=limits_of(minutes, memory),
                tries=tries,
                progress=tell,
            )
    _print_agenda(agenda)
    if result.reports or result.problems:
        print()
        end_with(result)


def _print_agenda(agenda: Agenda) -> None:
    for one in agenda.due:
        print(f"due: {_told(one.job)} ({one.because})")
    for late in agenda.waiting:
        print(f"waiting: {late.period.label} ({late.why})")
    for job in agenda.undelivered:
        print(f"to deliver: {_told(job)}")
    if not agenda.jobs:
        running = agenda.running
        print(
            f"Nothing is due. The next period, {running.label}, is over on {running.end} at "
            f"midnight, {running.time_zone} time."
        )


def limits_of(minutes: float | None, memory: str | None) -> Limits:
    """Limits from what the options say."""
    from cxanalysis.batch import Limits

    return Limits(minutes * 60 if minutes else None, _bytes(memory) if memory else None)


def _bytes(text: str) -> int:
    number = text.rstrip("KMGiIBkmgb ")
    unit = text[len(number) :].strip().upper()
    try:
        amount = int(float(number) * UNITS[unit if unit.endswith("B") else f"{unit}B"])
    except (KeyError, ValueError, OverflowError):
        amount = 0
    if amount <= 0:
        raise CxError(f"--memory {text!r} is no amount. Write 800MB, 2GB or 1.5GiB.")
    return amount


@contextmanager
def executor_of(dask: str | None) -> Iterator[Executor | None]:
    """A Dask cluster where one is named; otherwise this machine."""
    if dask is None:
        yield None
        return
    from cxanalysis.batch.cluster import dask_executor

    with dask_executor(dask) as executor:
        yield executor


@contextmanager
def interrupt_is_told() -> Iterator[None]:
    """At Ctrl-C say that reports in hand are made first; at the second one end at once."""

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        print(
            "Stopping when the reports in hand are made. Ctrl-C again ends them, too.",
            file=sys.stderr,
            flush=True,
        )
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress_of_many() -> Iterator[Callable[[Outcome, int, int], None]]:
    """A bar with the time left for people, a line per report for logs; both on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda outcome, done, total: print(
            f"{done}/{total} {_line(outcome)}", file=sys.stderr, flush=True
        )
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Reading the tables", total=None)

        def tell(outcome: Outcome, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=_told(outcome.job))
            if _is_failed(outcome):
                console.print(_line(outcome), markup=False, highlight=False)

        yield tell


def _is_failed(outcome: Outcome) -> bool:
    from cxanalysis.batch import Failed

    return isinstance(outcome, Failed)


def _line(outcome: Outcome) -> str:
    from cxanalysis.batch import Empty, Failed, Made, There

    job = _told(outcome.job)
    match outcome:
        case Made(seconds=seconds, tries=tries):
            return f"made {job} ({seconds:.1f} s{f', try {tries}' if tries > 1 else ''})"
        case Failed(why=why):
            return f"failed {job}: {_told(why)}"
        case Empty():
            return f"no data {job}"
        case There():
            return f"there already {job}"


def _told(text: object) -> str:
    """A line for a log or a terminal: names and reasons may hold whatever a customer wrote."""
    from cxanalysis.deliver.message import one_line

    return one_line(str(text), LONGEST_LINE)


def end_with(result: BatchResult) -> None:
    """Print the table of what was made, what was not and why; then the exit code."""
    from cxanalysis.batch import Empty, Failed, Made, There

    counts: dict[tuple[str, str], list[int]] = {}
    for place, kind in enumerate((Made, There, Empty, Failed)):
        for outcome in result.reports:
            if isinstance(outcome, kind):
                key = (Path(outcome.job.notebook).stem, outcome.job.period)
                counts.setdefault(key, [0] * 4)[place] += 1
    rows = [(*key, *map(str, numbers)) for key, numbers in sorted(counts.items())]
    total = [str(sum(numbers)) for numbers in zip(*counts.values(), strict=True)]
    head = ("notebook", "period", "made", "there already", "no data", "failed")
    if rows:
        _print_table([head, *rows, *([("in all", "", *total)] if len(rows) > 1 else [])])
    else:
        print("There is no report to make: the columns named as segments are empty.")
    for failed in result.failed:
        print(f"\nfailed: {_told(failed.job)}, at try {failed.tries}\n  {_told(failed.why)}")
    for problem in result.problems:
        print(f"\n{_told(problem)}")
    if result.failed or result.problems:
        raise typer.Exit(SOME_FAILED)


def _print_table(rows: list[tuple[str, ...]]) -> None:
    """Columns side by side, numbers to the right; plain, so that a log can keep it."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        texts = [text.ljust(width) for text, width in zip(row[:2], widths[:2], strict=True)]
        numbers = [text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True)]
        print("  ".join([*texts, *numbers]).rstrip())
