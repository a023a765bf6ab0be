"""Rating questions of a wide survey: name, label, stage, and whether they are about service."""

from __future__ import annotations

import re
from collections.abc import Collection

from cxanalysis.recognise.guess import NO_STAGE, ItemGuess
from cxanalysis.recognise.headers import SURVEY_WORDS
from cxanalysis.recognise.profile import ColumnProfile
from cxanalysis.recognise.ratings import Rating
from cxanalysis.recognise.vocabulary import (
    BARE_SERVICE,
    GLOBAL_WORDS,
    NOT_SERVICE_PHRASES,
    RATING_WORDS,
    SERVICE_PHRASES,
    SERVICE_WORDS,
    STAGE_WORDS,
    STOP_WORDS,
)
from cxanalysis.recognise.wording import ENOUGH, Words, has_phrase, header_score, words

_LABEL = 80
_NAME = 40


def guess_item(
    column: ColumnProfile, rating: Rating, usual: Rating, taken: Collection[str], outcome: Words
) -> ItemGuess:
    """One item; its scale is written only where it differs from the table's usual one.

    Parameters
    ----------
    taken
        Names that are already given away.
    outcome
        Words of the outcome's header: an item of the same family ("sat 1", "sat 2") asks the
        same thing again.
    """
    header = column.words
    settings: dict[str, object] = {}
    is_name = re.fullmatch(r"[A-Za-z_]\w{0,39}", column.name, re.ASCII) is not None
    is_free = column.name.casefold() not in {name.casefold() for name in taken}
    name = column.name if is_name and is_free else unique_name(header, taken)
    if name != column.name:
        settings["column"] = column.name
    label = column.question or column.name.replace("_", " ")
    settings["label"] = " ".join(label.split())[:_LABEL]
    reasons: list[str] = []
    doubts: list[str] = []
    if is_global(header) or _same_family(header, outcome):
        settings["global_item"] = True
        reasons.append("asks about everything, so it is an outcome in disguise, no driver")
    elif is_service(header):
        settings["service"] = True
        reasons.append("speaks of service")
    elif asks_about_nothing_but_service(header):
        settings["service"] = True
        reasons.append("SERVICE: the work of people, or all that the company does?")
        doubts.append(
            f"{column.name!r} is taken for what people in service do; where it means all that the "
            'company does, remove service = true and add its stage, such as stage = "use"'
        )
    else:
        settings["stage"], said = guess_stage(header)
        reasons.append("stage by its words" if said else f"{NO_STAGE}, so use")
        if "service" in header:
            reasons.append("SERVICE: service = true if people gave it")
            doubts.append(
                f"{column.name!r} speaks of service, but is read as stage "
                f"{settings['stage']!r}: if people gave it, add service = true"
            )
    settings |= _scale_settings(column, rating, usual)
    if rating.good == "low" and not rating.values:
        reasons.append("turned round by values, so that high is good")
    elif rating.good == "not told":
        doubts.append(
            f"{column.name!r}: a high number is taken to be good; where it is not, turn it round: "
            f'values = {{ "{rating.low}" = "{rating.high}", … }}'
        )
    if settings.keys() & {"low", "missing", "not_applicable", "values"}:
        reasons.append(f"rating {rating.why}")
    elif rating.codes:
        reasons.append(f"code {rating.codes}")
    why = f"{'; '.join(reasons)}; {column.statistic}"
    return ItemGuess(name, column.name, why, settings, tuple(doubts))


def _scale_settings(column: ColumnProfile, rating: Rating, usual: Rating) -> dict[str, object]:
    """What differs from the usual scale; one whose low end is good is turned round."""
    settings: dict[str, object] = {}
    if rating.span != usual.span:
        settings |= {"low": rating.low, "high": rating.high}
    if rating.values:
        settings["values"] = dict(rating.values)
    elif rating.good == "low":
        step = 1 if column.kind == "integer" else 2  # halves are turned round as well
        ends = rating.low * step, rating.high * step
        marks = [_written(mark / step, column) for mark in range(ends[0], ends[1] + 1)]
        settings["values"] = dict(zip(marks, reversed(marks), strict=True))
    for key in ("missing", "not_applicable"):
        if getattr(rating, key) != getattr(usual, key):
            settings[key] = list(getattr(rating, key))
    return settings


def _written(mark: float, column: ColumnProfile) -> str:
    return f"{mark:g}".replace(".", "," if column.comma else ".")


def is_service(header: Words) -> bool:
    """Whether a header speaks of people who help."""
    if has_phrase(header, NOT_SERVICE_PHRASES):
        return False
    joined = {word for word in header if word.startswith(("info", "helpdesk", "kundenservice"))}
    return bool(set(header) & SERVICE_WORDS or joined) or has_phrase(header, SERVICE_PHRASES)


def asks_about_nothing_but_service(header: Words) -> bool:
    """Whether "service" is all that a header asks about: "Satisfaction with service", "Service"."""
    about = set(header) - STOP_WORDS - RATING_WORDS
    return bool(about) and about <= BARE_SERVICE


def is_global(header: Words) -> bool:
    """Whether a header asks about the whole experience rather than a part of it."""
    overall = header_score(header, SURVEY_WORDS["overall_satisfaction"])[0]
    return bool(set(header) & GLOBAL_WORDS) or overall >= ENOUGH


def guess_stage(header: Words) -> tuple[str, bool]:
    """The stage that a header's words suggest, "use" where none does, and whether one did."""
    for stage, names in STAGE_WORDS.items():
        if set(header) & names:
            return stage, True
    return "use", False


def _same_family(header: Words, outcome: Words) -> bool:
    numbered = len(header) == 2 and header[-1].isdigit()
    return numbered and len(outcome) == 2 and header[0] == outcome[0] and outcome[-1].isdigit()


def unique_name(header: Words, taken: Collection[str]) -> str:
    """A short identifier of the words that carry meaning, made unique with a number."""
    telling = [word for word in header if word not in STOP_WORDS] or list(header) or ["item"]
    if len(header) <= 4:
        telling = list(header)
    name = "_".join(telling)[:_NAME].strip("_")
    name = f"q_{name}" if name[:1].isdigit() else name
    number, result = 2, name
    while result in taken:
        result = f"{name}_{number}"
        number += 1
    return result


def identifier(text: str) -> str:
    """A text as a name of a column of ours."""
    return unique_name(words(text), ())
