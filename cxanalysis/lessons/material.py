"""What lessons work on besides the sample company: the six stories and twenty events."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

import cxanalysis
from cxanalysis.config import closest
from cxanalysis.errors import LessonError
from cxanalysis.study import Study, open_study


def story(name: str) -> Study:
    """One of the six stories as a study.

    Parameters
    ----------
    name
        Its folder in data/stories: "restaurant", "home_office", "kitchen_gift", "renamed_bread",
        "broken_television" or "late_delivery".

    Raises
    ------
    LessonError
        When there is no such story.
    """
    folder = data_folder("stories")
    known = sorted(path.name for path in folder.iterdir() if path.is_dir())
    if name not in known:
        raise LessonError(f"There is no story {name!r}.{closest(name, known)}")
    return open_study(folder / name)


def twenty_events() -> pd.DataFrame:
    """Twenty things that happened to customers of a furniture shop, invented for lesson 0.

    Returns
    -------
    DataFrame
        By ``event``, 1 to 20: ``what_happened`` and who ``began`` it, "customer", "company" or
        "others".
    """
    return _events()[["what_happened", "began"]].copy()


def events_of_service() -> tuple[int, ...]:
    """Which of the twenty are customer service: a customer turns to the company for help."""
    events = _events()
    return tuple(events.index[events["service"]])


def data_folder(name: str) -> Path:
    """A folder of data inside an installed package, or beside the package in a working copy."""
    package = Path(cxanalysis.__file__).resolve().parent
    installed = package / "data" / name
    return installed if installed.is_dir() else package.parent / "data" / name


@cache
def _events() -> pd.DataFrame:
    return pd.read_csv(data_folder("course") / "twenty_events.csv", index_col="event")
