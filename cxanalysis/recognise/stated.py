"""What a header says of its own scale: "(0-10)", "1 = very satisfied, 5 = very dissatisfied"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cxanalysis.recognise.vocabulary import GOOD_END, NOT_WORDS, POOR_END
from cxanalysis.recognise.wording import words

_MOST = 10
_LEAST_SPAN = 3
_NUMBER = r"(?<![\w.,/])[0-9]{1,2}(?![0-9.,/%]*[0-9%])"
_RANGE = re.compile(
    rf"({_NUMBER})\s*(?:-|–|—|to|bis|a|à|through|\.\.+|…)\s*({_NUMBER})", re.IGNORECASE
)
_BEFORE = re.compile(rf"({_NUMBER})\s*[=:(-–]?\s*([^\W\d][^\d]*)")  # 1 = very easy
_AFTER = re.compile(rf"([^\W\d][^\d]*?)\s*[=:(]\s*({_NUMBER})")  # very easy (1)


@dataclass(frozen=True)
class Stated:
    """The ends of a scale as a header gives them, and which of them is good.

    ``good`` is "" where the ends have no words, "not told" where their words are not known.
    """

    low: int
    high: int
    good: Literal["", "low", "high", "not told"] = ""

    @property
    def why(self) -> str:
        """The same in words of a comment."""
        best = {"low": self.low, "high": self.high}.get(self.good)
        return "its header says so" + ("" if best is None else f", and that {best} is the best")


def stated_scale(header: str) -> Stated | None:
    """The scale that a header or question states; None where it states none."""
    ends = _worded_ends(header)
    if ends is not None:
        (low, low_words), (high, high_words) = sorted(ends.items())
        return Stated(low, high, _good(low_words, high_words))
    for match in _RANGE.finditer(header):
        low, high = int(match[1]), int(match[2])
        if _is_scale(low, high):
            return Stated(low, high)
    return None


def _is_scale(low: int, high: int) -> bool:
    return 0 <= low <= 1 and low + _LEAST_SPAN <= high <= _MOST


def _worded_ends(header: str) -> dict[int, str] | None:
    """The two ends and their words, where just two numbers have words beside them."""
    for pattern, number, text in ((_AFTER, 2, 1), (_BEFORE, 1, 2)):
        found = {int(match[number]): match[text] for match in pattern.finditer(header)}
        if len(found) >= 2 and _is_scale(min(found), max(found)):
            return {end: found[end] for end in (min(found), max(found))}
    return None


def _good(low: str, high: str) -> Literal["low", "high", "not told"]:
    sides = _side(low), _side(high)
    if sides[0] == sides[1]:
        return "not told"
    return "high" if sides[0] < sides[1] else "low"


def _side(text: str) -> int:
    """1 for words of the good end, -1 for those of the poor one, 0 for neither or both."""
    said = set(words(text))
    side = bool(said & GOOD_END) - bool(said & POOR_END)
    return -side if said & NOT_WORDS else side
