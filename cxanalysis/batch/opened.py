"""One study, read and checked once per process and given to each thread with its own engine."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from cxanalysis.report.warm import changed, inputs_of
from cxanalysis.study import Study, open_study

KEPT = 2  # studies that a process which lives long, such as a worker of a cluster, remembers


@dataclass(frozen=True)
class Source:
    """A study by its file, and a name for everything read for it: the same in every process."""

    path: Path
    name: str
    inputs: str


_read: OrderedDict[Source, Study] = OrderedDict()
_reading = threading.Lock()
_own = threading.local()


def read_source(path: str | Path) -> tuple[Source, Study]:
    """Read and check a study; other threads of this process then find it read.

    Raises
    ------
    StudyError, DataError
        As `open_study`.
    """
    study = open_study(path)
    source = Source(study.path.absolute(), study.config.name, inputs_of(study))
    with _reading:
        _keep(source, study)
    return source, study


def study_of(source: Source) -> Study:
    """The study behind an engine that only this thread uses, over all dates.

    Raises
    ------
    ReportError
        When the files are not those that the source was read from.
    """
    if getattr(_own, "source", None) != source:
        _own.study, _own.source = _shared(source).apart(), source
    study: Study = _own.study
    return study


def _shared(source: Source) -> Study:
    with _reading:
        if source not in _read:
            study = open_study(source.path)
            if inputs_of(study) != source.inputs:
                raise changed(study)
            _keep(source, study)
        return _read[source]


def _keep(source: Source, study: Study) -> None:
    _read[source] = study
    _read.move_to_end(source)
    while len(_read) > KEPT:
        _read.popitem(last=False)
