"""Files with one row per order and a time column per step: steps, their stages, the promise."""

from __future__ import annotations

from collections.abc import Sequence

from cxanalysis.recognise.guess import EventGuess
from cxanalysis.recognise.headers import JOURNEY_WORDS
from cxanalysis.recognise.profile import ColumnProfile
from cxanalysis.recognise.vocabulary import EVENT_STAGE_WORDS
from cxanalysis.recognise.wording import ENOUGH, Words, header_score

_MOMENT = {"date", "time", "timestamp", "at", "on", "datum", "fecha", "id"}
_NO_NAME = _MOMENT | {"order"}


def guess_steps(times: Sequence[ColumnProfile]) -> tuple[EventGuess, ...]:
    """One event per time column, in the order of the file; a promised time is no event.

    The promise goes to the first step, since it is made then; the step that fulfils it is dated
    by its own time, so that an order which never got there has none.
    """
    promised = _best(times, "promised_at")
    rest = [column for column in times if column is not promised]
    fulfilled = _best(rest, "fulfilled_at") if promised is not None else None
    events = []
    for column in rest:
        name = _named(column.words, _NO_NAME) or _named(column.words, _MOMENT) or column.name
        why, columns = column.statistic, dict[str, str]()
        if column is rest[0] and promised is not None and fulfilled is not None:
            why = f"{why}; carries the promise, fulfilled at {fulfilled.name!r}"
            columns = {"promised_at": promised.name, "fulfilled_at": fulfilled.name}
        events.append(EventGuess(stage_of_event(column.words), name, column.name, why, columns))
    return tuple(events)


def _named(header: Words, without: set[str]) -> str:
    return " ".join(word for word in header if word not in without)


def _best(times: Sequence[ColumnProfile], role: str) -> ColumnProfile | None:
    scored = [(header_score(column.words, JOURNEY_WORDS[role])[0], column) for column in times]
    score, column = max(scored, key=lambda pair: pair[0])
    return column if score >= ENOUGH else None


def stage_of_event(header: Words) -> str:
    """The stage that the words of an event's name suggest, "use" where none does."""
    found = [
        stage for word in header for stage, names in EVENT_STAGE_WORDS.items() if word in names
    ]
    return found[-1] if found else "use"
