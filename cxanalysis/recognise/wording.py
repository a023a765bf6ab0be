"""Headers as words, and how well a header fits the wordings of a role."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

Words = tuple[str, ...]

ENOUGH = 0.45  # a header scoring less says nothing
OUTRIGHT = 0.9  # the wording itself and nothing else
_LATER = 0.001  # wordings are listed with the best first: "solved" before "closed"
_NUMBERED = frozenset({"q", "frage", "question", "pregunta", "f"})


@dataclass(frozen=True)
class Phrases:
    """Wordings of one role, and words that rule it out."""

    strong: tuple[str, ...]
    weak: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@cache
def words(header: str) -> Words:
    """A header as lower-case words: "Created At (UTC)", "createdAt" → created, at, …"""
    plain = unicodedata.normalize("NFKD", header.replace("ß", "ss"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return tuple(re.findall(r"[a-z]+|[0-9]+", plain.lower()))


def bag(text: str) -> frozenset[str]:
    """Words of a text as a set."""
    return frozenset(text.split())


def header_score(header: Words, phrases: Phrases) -> tuple[float, str]:
    """How well a header fits a role, 0 to 1, and the wording that fits best.

    1 is the wording itself; a wording inside a longer header scores less, and a weak wording
    less still.
    """
    header = _without_number(header)
    best = (0.0, "")
    for strength, wordings in ((1.0, phrases.strong), (0.6, phrases.weak)):
        for place, wording in enumerate(wordings):
            score = strength * _phrase_score(header, words(wording)) - place * _LATER
            if score > best[0]:
                best = (score, wording)
    if best[0] < OUTRIGHT and any(_contains(header, words(word)) for word in phrases.never):
        return 0.0, ""
    return best


def _without_number(header: Words) -> Words:
    """A header without its question number: "Q7 overall" → overall."""
    named = len(header) > 2 and header[0] in _NUMBERED and header[1].isdigit()
    rest = header[1:] if named else header
    while len(rest) > 1 and rest[0].isdigit():
        rest = rest[1:]
    return rest


def _phrase_score(header: Words, phrase: Words) -> float:
    if header == phrase or "".join(header) == "".join(phrase):
        return 1.0
    if _contains(header, phrase):
        return 0.55 + 0.35 * len(phrase) / len(header)
    return 0.0


def _contains(header: Words, phrase: Words) -> bool:
    span = len(phrase)
    return any(header[at : at + span] == phrase for at in range(len(header) - span + 1))


def has_phrase(header: Words, phrases: tuple[str, ...]) -> bool:
    """Whether any of the phrases stands in a header, word by word."""
    return any(_contains(header, words(phrase)) for phrase in phrases)
