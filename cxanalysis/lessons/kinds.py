"""The sorts of answers that exercises take: numbers, shares, names, groups, letters, a report.

Each reads whatever a reasonable learner may write and refuses the rest by saying what it wants.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxanalysis.config import closest
from cxanalysis.errors import LessonError
from cxanalysis.report.run import FINDINGS, MANIFEST

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
PERCENT = 100
_NUMBER = re.compile(r"([-+−]?(?:\d+/\d+|\d+(?:[.,]\d+)?))\s*(%|percent|[a-z ]*)")
_THOUSANDS = re.compile(r"[-+−]?\d{1,3},\d{3}(?!\d)")  # or a decimal comma: nobody can tell


@dataclass(frozen=True)
class Number:
    """A number, in a unit.

    ``tolerance`` is how far an answer may lie from the right one, in that unit: as far as a
    reasonable rounding goes.
    """

    unit: str = ""
    tolerance: float = 1e-6

    def read(self, answer: object) -> float:
        """The number, also from text, a fraction, a time span or a frame with one cell."""
        value = _one(answer)
        if isinstance(value, str):
            value = _from_text(value)
        if isinstance(value, timedelta | np.timedelta64):
            value = pd.Timedelta(value).total_seconds() / SECONDS.get(self.unit, 1)
        if isinstance(value, bool | np.bool_) or not isinstance(
            value, int | float | Fraction | np.number
        ):
            raise LessonError(f"this takes {self._asked()}, not {_what(answer)}.")
        number = float(value)
        if math.isnan(number):
            raise LessonError("your answer is NaN: a missing value has got into the sum.")
        return number

    def wrong(self, read: float, expected: float) -> str:
        """Too high or too low, or of another unit."""
        if abs(read - expected) <= self.tolerance * (1 + 1e-9):
            return ""
        for unit, seconds in SECONDS.items():
            if self.unit in SECONDS and unit != self.unit:
                factor = SECONDS[self.unit] / seconds
                if abs(read / factor - expected) <= self.tolerance:
                    return f"that is the answer in {unit}; give it in {self.unit}."
        return f"your figure is too {'high' if read > expected else 'low'}."

    def _asked(self) -> str:
        return f"a number of {self.unit}" if self.unit else "a number"


@dataclass(frozen=True)
class Share(Number):
    """A share: 0.25, 25 and "25 %" are the same."""

    unit: str = "share"
    tolerance: float = 0.005

    def wrong(self, read: float, expected: float) -> str:
        """As for a number; a share above one is read as percent."""
        wrong = super().wrong(read, expected)
        if not wrong or abs(read) <= 1:
            return wrong
        if abs(read) > PERCENT:
            return "a share lies between 0 and 1, or 0 % and 100 %."
        return super().wrong(read / PERCENT, expected)

    def _asked(self) -> str:
        return 'a share such as 0.25 or "25 %"'


@dataclass(frozen=True)
class YesNo:
    """Yes or no: True, "yes", or one value of numpy or pandas that is either."""

    def read(self, answer: object) -> bool:
        """True or False."""
        value = _one(answer)
        said = {"true": True, "yes": True, "false": False, "no": False}.get(_plain(value))
        if said is None:
            raise LessonError(f"this takes True or False, not {_what(answer)}.")
        return said

    def wrong(self, read: bool, expected: bool) -> str:
        """Only that it is the other."""
        return "" if read == expected else "look at it once more."


@dataclass(frozen=True)
class Names:
    """Some of a list of names, in any order."""

    known: tuple[str, ...]

    def read(self, answer: object) -> frozenset[str]:
        """The names, from any collection of them or a text with commas."""
        names = [str(name) for name in _several(answer, "names")]
        return frozenset(_known(name, self.known) for name in names)

    def wrong(self, read: frozenset[str], expected: Iterable[str]) -> str:
        """How many do not belong, and how many are missing."""
        wanted = frozenset(expected)
        return _counted(len(read - wanted), len(wanted - read))


@dataclass(frozen=True)
class Order:
    """A list of names in the right order."""

    known: tuple[str, ...]

    def read(self, answer: object) -> tuple[str, ...]:
        """The names as they stand."""
        if isinstance(answer, set | frozenset):
            raise LessonError("a set has no order; write a list.")
        return tuple(_known(str(name), self.known) for name in _several(answer, "names"))

    def wrong(self, read: tuple[str, ...], expected: Sequence[str]) -> str:
        """What is missing, else the first place that does not fit."""
        counted = _counted(len(set(read) - set(expected)), len(set(expected) - set(read)))
        if counted or len(read) != len(expected):
            return counted or "a name stands there twice."
        for place, (ours, right) in enumerate(zip(read, expected, strict=True), 1):
            if ours != right:
                return (
                    f"place {place} is not right; those before it are."
                    if place > 1
                    else ("already the first place is not right.")
                )
        return ""


@dataclass(frozen=True)
class Groups:
    """Each of several things put into a group: a mapping, or a series by its index."""

    things: tuple[object, ...]
    groups: tuple[str, ...]

    def read(self, answer: object) -> dict[object, str]:
        """The group of each thing."""
        if isinstance(answer, pd.Series):
            answer = answer.to_dict()
        if not isinstance(answer, Mapping):
            raise LessonError(
                f"this takes a mapping such as {{{self.things[0]!r}: {self.groups[0]!r}, …}}, "
                f"not {_what(answer)}."
            )
        by_text = {_plain(thing): thing for thing in self.things}
        strange = [key for key in answer if _plain(key) not in by_text]
        if strange:
            raise LessonError(f"{strange[0]!r} is not among the things to be put into groups.")
        read = {
            by_text[_plain(key)]: _known(str(group), self.groups)
            for key, group in answer.items()
            if group is not ...
        }
        if missing := len(self.things) - len(read):
            raise LessonError(f"{missing} of {len(self.things)} have no group yet.")
        return read

    def wrong(self, read: Mapping[object, str], expected: Mapping[object, str]) -> str:
        """How many are in another group."""
        off = sum(read[thing] != expected[thing] for thing in self.things)
        if not off:
            return ""
        return f"{len(self.things) - off} of {len(self.things)} are in the right group."


@dataclass(frozen=True)
class Letters:
    """The answers to the questions of a quiz: one letter for each, in order."""

    choices: tuple[str, ...]  # what each question offers, such as "abc"

    def read(self, answer: object) -> str:
        """The letters, from a text with or without spaces, a list, or a mapping by question."""
        if isinstance(answer, Mapping):
            answer = [answer[key] for key in sorted(answer)]
        parts = [answer] if isinstance(answer, str) else _several(answer, "letters")
        letters = re.sub(r"[^a-z]", "", "".join(str(part) for part in parts).lower())
        if len(letters) != len(self.choices):
            raise LessonError(
                f"there are {len(self.choices)} questions, and you gave {len(letters)} letters: "
                'write them in order, such as "a b c".'
            )
        for question, (letter, offered) in enumerate(zip(letters, self.choices, strict=True), 1):
            if letter not in offered:
                raise LessonError(f"question {question} offers {', '.join(offered)}.")
        return letters

    def wrong(self, read: str, expected: str) -> str:
        """The questions that are not right yet."""
        off = [
            str(i)
            for i, (ours, right) in enumerate(zip(read, expected, strict=True), 1)
            if ours != right
        ]
        if not off:
            return ""
        several = len(off) > 1
        listed = f"{', '.join(off[:-1])} and {off[-1]}" if several else off[0]
        return f"question{'s' if several else ''} {listed} {'are' if several else 'is'} not right."


@dataclass(frozen=True)
class MadeReport:
    """A report that the learner has made: what `run_report` gives, or the folder it lies in.

    What is expected is the name of its ``study`` and the label of its ``period``; the segment
    is the learner's choice, and there has to be one.
    """

    def read(self, answer: object) -> dict[str, Any]:
        """What the report's own record says, where its page and its findings are there, too."""
        folder = getattr(answer, "folder", answer)
        if not isinstance(folder, str | Path):
            raise LessonError(f"this takes what `run_report` gives, not {_what(answer)}.")
        folder = Path(folder)
        if not folder.is_dir():
            raise LessonError("there is no folder of a report; give what `run_report` gives.")
        pages = [page for page in folder.glob("*.html") if page.stat().st_size]
        try:
            manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            findings = json.loads((folder / FINDINGS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            manifest, findings = {}, None
        if not (pages and manifest and findings):
            raise LessonError(
                f"that folder has no whole report: a page (.html), {FINDINGS} and {MANIFEST} "
                "belong to it. Make it anew, and give what `run_report` gives."
            )
        return manifest

    def wrong(self, read: Mapping[str, Any], expected: Mapping[str, str]) -> str:
        """Of which study, period or customers it ought to be."""
        if read.get("study") != expected["study"]:
            return f"it is a report of {read.get('study')}, and another study was asked for."
        if (read.get("period") or {}).get("label") != expected["period"]:
            return "it is of another period than the one asked for."
        if not read.get("segment"):
            return "it is of all customers; choose some of them."
        return ""


def _one(answer: object) -> object:
    """The one value in whatever holds it."""
    if isinstance(answer, pd.DataFrame):
        answer = answer.to_numpy()
    if isinstance(answer, pd.Series | pd.Index | np.ndarray | list | tuple):
        values = np.asarray(answer, dtype=object).ravel()
        if len(values) != 1:
            raise LessonError(f"this takes one value; you gave {len(values)}.")
        return values[0]
    return answer


def _several(answer: object, what: str) -> list[object]:
    if isinstance(answer, str):
        return [part.strip() for part in answer.split(",") if part.strip()]
    if isinstance(answer, Mapping) or not isinstance(answer, Iterable):
        raise LessonError(f"this takes a list of {what}, not {_what(answer)}.")
    return list(answer)


def _from_text(text: str) -> float:
    found = _NUMBER.fullmatch(text.strip().lower())
    if not found or _THOUSANDS.match(text.strip()):
        raise LessonError(f"{text!r} cannot be read as a number; write it without commas.")
    number = float(Fraction(found[1].replace(",", ".").replace("−", "-")))
    return number / PERCENT if found[2] in ("%", "percent") else number


def _plain(name: object) -> str:
    return " ".join(str(name).replace("’", "'").lower().split())


def _known(name: str, known: Sequence[str]) -> str:
    by_text = {_plain(one): one for one in known}
    if _plain(name) in by_text:
        return by_text[_plain(name)]
    raise LessonError(f"{name!r} is none of the names here.{closest(name, known)}")


def _counted(strange: int, missing: int) -> str:
    parts = []
    if strange:
        parts.append(f"{strange} of yours {'does' if strange == 1 else 'do'} not belong")
    if missing:
        parts.append(f"{missing} {'is' if missing == 1 else 'are'} missing")
    return " and ".join(parts) + "." if parts else ""


def _what(answer: object) -> str:
    return {
        "bool": "yes or no",
        "NoneType": "nothing",
        "str": f"the text {answer!r}",
        "function": "a function (call it, with brackets)",
        "method": "a function (call it, with brackets)",
    }.get(type(answer).__name__, f"a {type(answer).__name__}")
