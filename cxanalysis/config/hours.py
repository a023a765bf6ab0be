"""Opening hours: when somebody is in."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from cxanalysis.config.base import Settings, as_texts


def _span(text: str) -> str:
    found = re.fullmatch(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", text)
    start, end = span_minutes(text) if found else (0, 0)
    if not 0 <= start < end <= 24 * 60:
        raise ValueError(f'{text!r} are no opening hours. Write them like "09:00-17:30".')
    return text


def span_minutes(text: str) -> tuple[int, int]:
    """Opening and closing in minutes since local midnight: "09:00-17:30" → (540, 1050)."""
    start, end = text[:5], text[6:]
    return 60 * int(start[:2]) + int(start[3:]), 60 * int(end[:2]) + int(end[3:])


def _known_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError(f"{text!r} is no day. Write it like 2026-12-25.") from error


Span = Annotated[str, AfterValidator(_span)]
Days = Annotated[tuple[Annotated[str, AfterValidator(_known_day)], ...], BeforeValidator(as_texts)]


class OpeningHours(Settings):
    """When somebody is in, by weekday in the study's time zone; a day left out is closed."""

    monday: Span | None = None
    tuesday: Span | None = None
    wednesday: Span | None = None
    thursday: Span | None = None
    friday: Span | None = None
    saturday: Span | None = None
    sunday: Span | None = None
    holidays: Days = ()

    @property
    def week(self) -> tuple[tuple[int, int] | None, ...]:
        """Minutes since midnight of opening and closing, Monday first; None where closed."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday)
        every = (*days, self.saturday, self.sunday)
        return tuple(None if day is None else span_minutes(day) for day in every)
