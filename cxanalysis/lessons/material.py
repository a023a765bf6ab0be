"""What lessons work on besides the sample company: the six stories and twenty events."""

from __future__ import annotations

from functools import cache

import pandas as pd

from cxanalysis.config import closest
from cxanalysis.errors import LessonError
from cxanalysis.shipped import shipped
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
    folder = shipped("data/stories")
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


@cache
def _events() -> pd.DataFrame:
    return pd.read_csv(shipped("data/course") / "twenty_events.csv", index_col="event")
