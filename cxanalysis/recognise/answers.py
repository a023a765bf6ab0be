"""Answers to one question brought to numbers: words for "not used" aside, stars, 3/5, 4,5."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cxanalysis.recognise.profile import ColumnProfile
from cxanalysis.recognise.vocabulary import NO_ANSWER, NOT_APPLICABLE
from cxanalysis.recognise.wording import words

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]*)?")
_STARS = re.compile(r"([★⭐*]\ufe0f?)+[☆✩]*")
_NUMBERED_STARS = re.compile(
    r"([0-9]) ?(?:stars?|sterne?|[ée]toiles?|estrellas?|★|⭐)", re.IGNORECASE
)
_OF = re.compile(r"([0-9]{1,2}) ?(?:/|of|out of|von|sur|de) ?([0-9]{1,2})", re.IGNORECASE)
_PERCENT = re.compile(r"([0-9]{1,3}) ?%")
_TOPS = (5, 7, 10)
_STEP = 0.5


@dataclass(frozen=True)
class Aside:
    """Answers in words that are no rating, by what they mean."""

    not_applicable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def set_aside(column: ColumnProfile) -> tuple[ColumnProfile, Aside]:
    """The column as it is without words for "not used" and "don't know", and those words."""
    not_applicable = tuple(t for t, _ in column.values if _said(t) in NOT_APPLICABLE)
    missing = tuple(t for t, _ in column.values if _said(t) in NO_ANSWER)
    values = tuple(v for v in column.values if v[0] not in {*not_applicable, *missing})
    if len(values) in (0, len(column.values)):
        return column, Aside()
    kind = column.kind
    if all(re.fullmatch("[+-]?[0-9]+", text) for text, _ in values):
        kind = "integer"
    elif all(re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) for text, _ in values):
        kind = "number"
    given = sum(rows for _, rows in values)
    rest = replace(column, kind=kind, values=values, given=given, distinct=len(values))
    return rest, Aside(not_applicable, missing)


def _said(text: str) -> str:
    return " ".join(words(text.replace("'", "").replace("’", "")))


def number_of(text: str) -> float | None:
    """The number that a text is, with a point or a comma."""
    text = text.strip()
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def in_halves(column: ColumnProfile) -> bool:
    """Whether every answer is a number, whole or a half."""
    numbers = [number_of(text) for text, _ in column.values]
    return bool(numbers) and all(n is not None and n % _STEP == 0 for n in numbers)


def marks_of(column: ColumnProfile) -> tuple[Mapping[str, int], int, str] | None:
    """Answers written as stars, "3/5" or 60%, as numbers with their top and how that was told."""
    if column.kind not in ("category", "text", "time", "clock") or len(column.values) < 2:
        return None
    texts = [text for text, _ in column.values]
    if all(_STARS.fullmatch(text) for text in texts):
        stars = {text: sum(sign in "★⭐*" for sign in text) for text in texts}
        return (stars, 5, "stars counted") if max(stars.values()) <= min(_TOPS) else None
    if all(_NUMBERED_STARS.fullmatch(text) for text in texts):
        stars = {text: int(text[0]) for text in texts}
        return (stars, 5, "numbers of stars") if max(stars.values()) <= min(_TOPS) else None
    parts = [_OF.fullmatch(text) for text in texts]
    tops = {int(part[2]) for part in parts if part is not None}
    if None not in parts and len(tops) == 1 and tops <= set(_TOPS):
        marks = {text: int(part[1]) for text, part in zip(texts, parts, strict=True) if part}
        (top,) = tops
        return (
            (marks, top, f"each says that it is of {top}") if max(marks.values()) <= top else None
        )
    shares = {text: int(share[1]) for text in texts if (share := _PERCENT.fullmatch(text))}
    if len(shares) == len(texts) and all(s % 10 == 0 and s <= 100 for s in shares.values()):
        return {text: share // 10 for text, share in shares.items()}, 10, "tens of a hundred"
    return None
