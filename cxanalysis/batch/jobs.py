"""Which reports a study asks for: notebooks × periods × segments, spelt out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw

from cxanalysis.batch.contents import first_and_last
from cxanalysis.config import closest
from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.periods import Period, last_complete, period_at, periods_from
from cxanalysis.report.folders import ALL, EVERYONE
from cxanalysis.report.notebooks import find_notebook, read_notebook
from cxanalysis.report.parameters import default_of, read_parameters
from cxanalysis.study import LAST, Study, segment_columns

EVERY = "every"
MOST = 5000  # values of a column beyond which it is no segment but an id or a text


@dataclass(frozen=True)
class Job:
    """One report to make. ``segment`` is "column=value", or empty for everyone."""

    study: Path
    notebook: str
    period: str
    segment: str = ""

    def __str__(self) -> str:
        return f"{Path(self.notebook).stem} {self.period} {self.segment or EVERYONE}"


def plan_jobs(
    study: Study,
    notebooks: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    segments: Sequence[str] | None = None,
) -> tuple[Job, ...]:
    """The reports that the study file asks for, or those named here in its place.

    Parameters
    ----------
    study
        Neither narrowed to a period nor to a segment.
    notebooks
        Reports by name, or paths of notebooks. Those in the study file are beside it, wherever
        the command is called from.
    periods
        "2026-10", "2026-Q3", "2026", "all", "last" or "every": each complete one that has data.
    segments
        "column=value", "column" for each of its values, or "everyone". Where left out, those of
        the study file; for a notebook whose own parameters cell gives a segment, such as a saved
        view, that segment only. Periods are those of the run, whatever a notebook gives itself.

    Raises
    ------
    ReportError
        When there is no such notebook, period or column, or two notebooks have one name, so that
        their reports would lie in one folder.
    """
    asked = study.config.report
    beside = study.path.absolute().parent
    names = [_named(name) for name in notebooks or ()]
    names = _unique(names or [_named(name, beside) for name in asked.notebooks])
    _check_apart(names)
    labels = _unique(label for text in periods or (LAST,) for label in _labels(study, text))
    groups = _unique(
        group for text in segments or asked.segments for group in spell_out(study, text)
    )
    own = {} if segments else {name: group for name in names if (group := _own_segment(name))}
    path = study.path.absolute()
    return tuple(
        Job(path, name, label, group)
        for name in names
        for label in labels
        for group in ([own[name]] if name in own else groups)
    )


def complete_periods(study: Study) -> list[Period]:
    """Periods of the study's length that are over when the data end, from the first with data."""
    span = first_and_last(study)
    every, zone = study.config.report.every, study.config.time_zone
    if span is None or every == ALL:
        return []
    last = last_complete(span[1], every, zone)
    return periods_from(period_at(span[0], every, zone), last) if last else []


def spell_out(study: Study, segment: str) -> list[str]:
    """A segment as the study names it, or one for each value of a column.

    Raises
    ------
    ReportError
        When no table has the column, or it has too many values to be a segment.
    """
    if segment == EVERYONE:
        return [""]
    if "=" in segment:
        column, _, value = segment.partition("=")
        return [f"{column.strip()}={value.strip()}"]
    owners = ["customers"] if study.has("customers", segment) else list(study.tables)
    owners = [name for name in owners if study.has(name, segment)]
    if not owners:
        known = sorted({c for name in study.tables for c in segment_columns(study, name)})
        raise ReportError(
            f"No table has a column {segment!r}, so it makes no segments."
            f"{closest(segment, [*known, EVERYONE])}"
        )
    values: set[str] = set()
    for name in owners:
        text = nw.col(segment).cast(nw.String)
        frame = collect(study.tables[name].select(text.alias("value")).unique().head(MOST + 1))
        values |= {str(value) for value in frame["value"].dropna() if str(value).strip()}
    if len(values) > MOST:
        raise ReportError(
            f"Column {segment!r} has more than {MOST:,} values, too many for a report each. Name "
            f'the wanted ones: "{segment}=VALUE".'
        )
    return [f"{segment}={value}" for value in sorted(values)]


def _labels(study: Study, text: str) -> list[str]:
    if text == EVERY:
        found = [period.label for period in complete_periods(study)]
        if not found and study.config.report.every != ALL:
            raise ReportError("No period of the data is complete yet. For all dates: all.")
        return found or [ALL]
    period = study.during(text).period
    return [period.label if period else ALL]


def _named(notebook: str, beside: Path = Path()) -> str:
    """A report's name, or the absolute path of a notebook, once it is known to be there."""
    if notebook.endswith(".ipynb"):
        return str(find_notebook(beside / notebook))
    find_notebook(notebook)
    return notebook


def _own_segment(notebook: str) -> str:
    """The segment that a notebook gives itself, as a saved view does; empty for none."""
    source = find_notebook(notebook)
    try:
        return str(default_of(read_parameters(read_notebook(source), source.name), "segment"))
    except ReportError:  # its reports will fail and say so; those of other notebooks are made
        return ""


def _check_apart(notebooks: Sequence[str]) -> None:
    known: dict[str, str] = {}
    for notebook in notebooks:
        other = known.setdefault(Path(notebook).stem, notebook)
        if other != notebook:
            raise ReportError(
                f"{other} and {notebook} have one name, so their reports would lie in one folder. "
                "Rename one of them."
            )


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
