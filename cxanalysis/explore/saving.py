"""A view as a report: a copy of a report notebook whose defaults are those of the view."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from cxanalysis.config import read_config
from cxanalysis.errors import ReportError
from cxanalysis.explore.state import EVERYONE, State
from cxanalysis.report import copy_report
from cxanalysis.shipped import shipped
from cxanalysis.study import Study


def save_report(study: Study, state: State, settings: str, report: str, folder: Path) -> Path:
    """Write the report notebook of a view; an earlier one stays, and the new one is numbered.

    Parameters
    ----------
    study
        As it was opened.
    settings
        What the view counts otherwise than the study file, as TOML.
    report
        Name of the report that shows what the view shows.
    folder
        Where the notebook is written.

    Raises
    ------
    ReportError
        Where the study has no file that the notebook could open.
    """
    if not study.path.is_file():
        raise ReportError(
            "This study was made of frames, and a report's notebook opens its study from a file. "
            "Write the tables to files, name them in a study.toml, and open that."
        )
    values: dict[str, str | int] = {
        "study": _way(study.path, folder),
        "period": state.period,
        "segment": state.segment,
        "settings": settings,
    }
    least = study.config.metrics.min_base
    if least != read_config(study.path).metrics.min_base:
        values["min_base"] = least
    stem = "_".join([report, _plain(state.period), _plain(state.segment or EVERYONE)])
    number = 1
    while (folder / f"{_numbered(stem, number)}.ipynb").exists():
        number += 1
    return copy_report(report, folder, as_name=_numbered(stem, number), parameters=values)


def command_of(study: Study, notebook: Path) -> str:
    """What a shell runs to make the report."""
    paths = [_short(path) for path in (study.path, notebook)]
    return f"cxanalysis report {shlex.quote(paths[0])} --notebook {shlex.quote(paths[1])}"


def home_of(study: Study) -> Path:
    """Where views are saved: beside the study file, and those of the sample where one works."""
    folder = study.path.parent
    return Path() if folder.resolve() == shipped("data/sample").resolve() else folder


def _short(path: Path) -> str:
    """The way from here, or the whole address where that is shorter."""
    return min((_way(path, Path()), path.absolute().as_posix()), key=len)


def _way(path: Path, start: Path) -> str:
    """The way from a folder to a file, or its whole address where it is on another drive."""
    try:
        return Path(os.path.relpath(path, start)).as_posix()
    except ValueError:
        return path.absolute().as_posix()


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}_{number}"


def _plain(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-")
