"""A report is due when its period is over, its data are complete and it is not there.

Nothing is remembered between two calls: the periods follow from the clock and the study's time
zone, the data from the tables, and what was made from the folders of reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from cxanalysis.batch.contents import reach, rows_by_period
from cxanalysis.batch.jobs import Job, plan_jobs
from cxanalysis.config import Deliver
from cxanalysis.deliver import awaits_delivery
from cxanalysis.errors import ReportError
from cxanalysis.periods import Period, parse_period, period_at, periods_from
from cxanalysis.report import folders
from cxanalysis.report.failure import FAILURE
from cxanalysis.report.present import has_report
from cxanalysis.study import Study


@dataclass(frozen=True)
class Due:
    """A report to make, and why its data are taken to be complete."""

    job: Job
    because: str


@dataclass(frozen=True)
class Waiting:
    """A period that is over and whose reports are not due yet, and why."""

    period: Period
    why: str


@dataclass(frozen=True)
class Agenda:
    """What is due, what waits, and the period that runs now, whose reports come next.

    ``undelivered`` are reports that are there and have not gone every way that ``[deliver]``
    names: of each notebook and segment those after the last that has, or else the newest only,
    since older ones are no news any more.
    """

    due: tuple[Due, ...]
    waiting: tuple[Waiting, ...]
    running: Period
    undelivered: tuple[Job, ...] = ()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The reports that are due, the earliest period first, then those to deliver."""
        return (*(one.job for one in self.due), *self.undelivered)


def due_reports(
    study: Study,
    now: datetime | None = None,
    *,
    since: str | None = None,
    folder: str | Path | None = None,
) -> Agenda:
    """Which reports of a study are due.

    A period is over when it has ended in the study's time zone. Its data are complete when the
    newest row of every table that tells time lies beyond its end; or, for tables that stay
    behind, when ``report.wait_days`` (of 24 hours) have passed since. A period without any row of
    the segment is not reported on; a report made before its period was over is no report on it. A
    segment that no row has at any time, a slip most likely, is due for the newest complete period
    with data, so that its report fails and somebody hears of it.

    Parameters
    ----------
    study
        Neither narrowed to a period nor to a segment.
    now
        The moment asked about, with its time zone; the present where left out.
    since
        The first period to look at, such as "2026-03". Where left out, each notebook and segment
        goes on after its newest report, or begins with the first period that has data; a report
        that failed since stays due.
    folder
        Where reports go; the study file's where left out.

    Raises
    ------
    ReportError
        When the study's reports are of all dates, so that there is no period to be over,
        ``since`` names none, or ``now`` has no time zone.
    """
    config = study.config
    every, zone = config.report.every, config.time_zone
    if every == folders.ALL:
        raise ReportError(
            'Reports of this study are of all dates ([report] every = "all"), which are never '
            "over. Set every to month, quarter or year, or make them with: cxanalysis batch"
        )
    now = now or datetime.now(UTC)
    if now.tzinfo is None:
        raise ReportError(f"{now} has no time zone: write datetime.now(UTC), or give it a tzinfo.")
    running = period_at(now, every, zone)
    spans = reach(study, now)
    first = _first(since, zone) if since else None
    if not spans:
        return Agenda((), (), running)
    begin = period_at(min(span[0] for span in spans.values()), every, zone)
    periods = periods_from(begin, running.previous())
    if first is not None:
        periods = [period for period in periods if period.end_us > first.start_us]
    newest = {table: span[1] for table, span in spans.items()}
    complete = {p.label: _complete(p, newest, now, config.report.wait_days) for p in periods}
    lines = [(job.notebook, job.segment) for job in plan_jobs(study, periods=[folders.ALL])]
    rows = _rows(study, periods, {segment.partition("=")[0] for _, segment in lines if segment})
    root = folders.root_folder(folder, study.path.parent / config.report.folder)
    missing = []
    undelivered = []
    for notebook, segment in lines:
        targets = [
            folders.target_folder(root, Path(notebook).stem, period.label, segment)
            for period in periods
        ]
        made = [has_report(*each) for each in zip(targets, periods, strict=True)]
        for period in _missing(targets, made, periods, since is not None):
            missing.append((period, notebook, segment))
        there = [number for number, is_there in enumerate(made) if is_there]
        for number in _waiting_for_delivery([targets[number] for number in there], config.deliver):
            label = periods[there[number]].label
            undelivered.append(Job(study.path.absolute(), notebook, label, segment))
    missing.sort(key=lambda one: one[0].start)
    with_rows = [p for p in periods if complete[p.label][0] and ("", p.label) in rows]
    due = [
        Due(Job(study.path.absolute(), notebook, period.label, segment), because)
        for period, notebook, segment in missing
        for is_complete, because in [complete[period.label]]
        if is_complete
        and (
            (segment, period.label) in rows
            or (period in with_rows[-1:] and (segment, folders.ALL) not in rows)
        )
    ]
    waiting = [
        Waiting(period, why)
        for period in dict.fromkeys(period for period, _, _ in missing)
        for is_complete, why in [complete[period.label]]
        if not is_complete
    ]
    return Agenda(tuple(due), tuple(waiting), running, tuple(undelivered))


def _waiting_for_delivery(made: Sequence[Path], config: Deliver) -> list[int]:
    """Which reports of a line wait for their delivery, oldest first, as `Agenda` says."""
    late: list[int] = []
    for number in reversed(range(len(made))):
        if not awaits_delivery(made[number], config):
            return late[::-1]
        late.append(number)
    return late[:1]  # none has gone every way: the way is new


def _first(since: str, zone: str) -> Period:
    period = parse_period(since, zone)
    if period is None:
        raise ReportError('--since takes the first period to look at, such as 2026-03, not "all".')
    return period


def _complete(
    period: Period, newest: dict[str, datetime], now: datetime, wait_days: float
) -> tuple[bool, str]:
    """Whether the data of a period that is over are complete, and why or why not."""
    end = period.over_at
    behind = {table: last for table, last in newest.items() if last < end}
    if not behind:
        return True, "the data reach beyond its end"
    zone = ZoneInfo(period.time_zone)
    said = ", ".join(
        f"{table} end on {last.astimezone(zone):%Y-%m-%d}" for table, last in behind.items()
    )
    until = end + timedelta(days=wait_days)
    if now >= until:
        return True, f"{wait_days:g} days have passed since its end; {said}"
    return False, f"{said}; taken as they are from {until.astimezone(zone):%Y-%m-%d %H:%M} on"


def _rows(
    study: Study, periods: Sequence[Period], columns: Iterable[str]
) -> dict[tuple[str, str], int]:
    counted = rows_by_period(study, periods)
    for column in columns:
        counted |= rows_by_period(study, periods, column)
    return counted


def _missing(
    targets: Sequence[Path], made: Sequence[bool], periods: Sequence[Period], from_the_first: bool
) -> Iterator[Period]:
    """Periods of a line that have no report and should: those after its newest, and failures."""
    newest = max((number for number, there in enumerate(made) if there), default=0)
    after = 0 if from_the_first else newest
    for number, (target, period) in enumerate(zip(targets, periods, strict=True)):
        failed = (folders.failed_folder(target) / FAILURE).is_file()
        if not made[number] and (number >= after or failed):
            yield period
