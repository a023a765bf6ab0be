"""Which column plays which role: headers scored against the vocabulary, checked by values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxanalysis.recognise.headers import ROLE_WORDS
from cxanalysis.recognise.profile import ColumnProfile
from cxanalysis.recognise.ratings import Rating, speaks_of_recommending
from cxanalysis.recognise.vocabulary import (
    BREACHED,
    DURATION_UNITS,
    FALSE_WORDS,
    GAVE_UP,
    PERSONAL_PHRASES,
    PERSONAL_WORDS,
    STAFF_WORDS,
    TRUE_WORDS,
)
from cxanalysis.recognise.wording import ENOUGH, Words, has_phrase, header_score, words
from cxanalysis.tables import CONTRACTS, ColumnContract


@dataclass(frozen=True)
class Match:
    """A column in a role: how well the header fits, and the wording it matched."""

    role: str
    column: ColumnProfile
    score: float
    wording: str


def assign_roles(
    table: str,
    columns: tuple[ColumnProfile, ...],
    ratings: Mapping[str, Rating],
    *,
    skip: frozenset[str] = frozenset(),
) -> dict[str, Match]:
    """Each role its best column, each column one role; customer_id is matched between files."""
    contract = CONTRACTS[table]
    matches = []
    for role, phrases in ROLE_WORDS[table].items():
        rule = contract.column(role)
        if rule is None or role == "customer_id" or role in skip:
            continue
        for column in columns:
            header = _without_unit(column.words) if rule.kind == "duration" else column.words
            score, wording = header_score(header, phrases)
            if score >= ENOUGH and fits(rule, column, ratings.get(column.name), contract.key):
                bonus = _tie_break(role, column, ratings.get(column.name))
                matches.append((score + bonus, Match(role, column, score, wording)))
    matches.sort(key=lambda pair: -pair[0])
    chosen: dict[str, Match] = {}
    taken: set[str] = set()
    for _, match in matches:
        if match.role not in chosen and match.column.name not in taken:
            chosen[match.role] = match
            taken.add(match.column.name)
    return chosen


def _without_unit(header: Words) -> Words:
    """A header without the unit it names: "Handling (secs)" → handling."""
    units = frozenset().union(*DURATION_UNITS.values())
    return tuple(word for word in header if word not in units) or header


def _tie_break(role: str, column: ColumnProfile, rating: Rating | None) -> float:
    """Fuller columns first; among overall ratings the one that goes best with the others."""
    bonus = 0.02 * column.filled
    if role == "overall_satisfaction" and rating is not None and rating.together == rating.together:
        bonus += 0.1 * rating.together
    return bonus


def fits(
    rule: ColumnContract, column: ColumnProfile, rating: Rating | None, key: str | None
) -> bool:
    """Whether the values can be what the role needs."""
    is_number = column.kind in ("integer", "number") and (column.low or 0) >= 0
    match rule.kind:
        case _ if column.kind in ("empty", "twice"):
            return False
        case "id":
            result = _fits_id(column, is_key=rule.name == key)
        case "time":
            result = column.kind == "time"
        case "number":
            result = is_number
        case "duration":
            is_clock = column.kind == "clock" and column.length >= len("0:00:00")
            result = is_number or is_clock
        case "score":
            result = rating is not None and _fits_score(rule.name, column, rating)
        case "flag":
            result = flag_words(rule.name, column) is not None
        case "category":
            result = is_category(column)
        case "text":
            result = column.kind in ("text", "category") and not is_personal(column)
    return result


def _fits_id(column: ColumnProfile, *, is_key: bool) -> bool:
    if column.kind in ("time", "clock", "number") or column.distinct < 2:
        return False
    return column.nearly_unique and column.kind != "email" if is_key else column.length <= 100


def _fits_score(role: str, column: ColumnProfile, rating: Rating) -> bool:
    """A 0-to-10 is an NPS, a 1-to-10 is not; the others take any scale but that one."""
    asked = speaks_of_recommending(column)
    if role == "nps":
        return rating.span == (0, 10) and (asked or column.zeros > 0)
    return role == "overall_satisfaction" or (not asked and rating.span != (0, 10))


def is_category(column: ColumnProfile) -> bool:
    """Whether values are labels that repeat: few enough, and not about a person."""
    if column.kind not in ("category", "text", "integer") or is_personal(column):
        return False
    return 0 < column.distinct <= 300 and column.distinct <= max(20, column.given * 0.5)


def is_personal(column: ColumnProfile) -> bool:
    """Whether header or values say that this is about a person: not read unless as an id."""
    header = set(column.words)
    return (
        column.kind in ("email", "phone")
        or bool(header & PERSONAL_WORDS)
        or has_phrase(column.words, PERSONAL_PHRASES)
        or (bool(header & STAFF_WORDS) and column.kind in ("category", "text"))
        or column.words in (("name",), ("names",))
    )


def flag_words(role: str, column: ColumnProfile) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The texts that mean yes and no in a column; None where it is not a yes/no column."""
    texts = [text for text, _ in column.values]
    if not 1 <= len(texts) <= 20 or column.kind in ("time", "clock", "email", "phone"):
        return None
    yes = tuple(text for text in texts if text.lower() in TRUE_WORDS)
    no = tuple(text for text in texts if text.lower() in FALSE_WORDS)
    if len(yes) + len(no) == len(texts):
        if role == "sla_met" and set(column.words) & BREACHED:
            yes, no = no, yes
        return yes, no
    if role == "abandoned":
        gave_up = tuple(text for text in texts if GAVE_UP.search(text))
        rest = tuple(text for text in texts if text not in gave_up)
        return (gave_up, rest) if gave_up and rest else None
    if role == "sla_met":
        late = tuple(t for t in texts if set(words(t)) & (BREACHED | {"violated", "outside"}))
        kept = tuple(text for text in texts if text not in late)
        return (kept, late) if late and kept and len(texts) == 2 else None
    return None


def duration_unit(header: Words) -> tuple[str, bool]:
    """The unit a duration is written in, and whether the header says so."""
    for unit, names in DURATION_UNITS.items():
        if set(header) & names:
            return unit, True
    return "seconds", False
