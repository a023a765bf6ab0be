"""Texts of a file → our typed columns, as SQL: one expression for the value, one for the rule
that the text breaks. Nothing is judged row by row in Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from cxanalysis.config import Column, StudyConfig
from cxanalysis.sources import identity, numbers, privacy
from cxanalysis.sources.mapping import Field
from cxanalysis.sources.sql import as_code, code, literal, literals, quoted
from cxanalysis.sources.times import FIRST_YEAR, LAST_YEAR, TimeForm, time_value
from cxanalysis.tables import Kind

SQL_TYPES: dict[Kind, str] = {
    "id": "VARCHAR",
    "time": "BIGINT",
    "number": "DOUBLE",
    "duration": "DOUBLE",
    "score": "DOUBLE",
    "flag": "BOOLEAN",
    "category": "VARCHAR",
    "text": "VARCHAR",
}
EARLIEST, LATEST = (
    int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    for year in (FIRST_YEAR, LAST_YEAR + 1)
)
LONGEST = 100_000_000_000  # seconds, three thousand years: more is out of range whatever it is
TIME_LIMITS = f"time outside {FIRST_YEAR}–{LAST_YEAR}"
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")


def text_of(field: Field, raw: Mapping[str, str]) -> str:
    """SQL: a field's text before typing; missing codes are NULL, recodes are done.

    A time that a missing duration would have to be added to is missing.

    Parameters
    ----------
    raw
        Columns of the raw table by the file's names.
    """
    if field.column.value is not None:
        return literal(field.column.value)
    parts = [_without_codes(raw[name], field.missing) for name in field.columns]
    if field.column.first_of:
        text = f"coalesce({', '.join(parts)})"
    elif len(parts) > 1:
        joined = f" || {literal(field.column.join)} || ".join(parts)
        text = _without_codes(f"({joined})", field.missing)
    else:
        text = parts[0]
    if field.column.characters is not None:
        text = f"left({text}, {field.column.characters})"
    if field.column.values:
        cases = " ".join(
            f"WHEN {literal(as_code(old))} THEN {literal(new)}"
            for old, new in field.column.values.items()
        )
        text = f"CASE {code(text)} {cases} ELSE {text} END"
    if field.column.plus is not None:
        added = _without_codes(raw[field.column.plus], field.missing)
        text = f"CASE WHEN {added} IS NOT NULL THEN {text} END"
    return text


def _without_codes(expression: str, codes: tuple[str, ...]) -> str:
    """SQL: NULL where the text is one of the codes; the empty text always is."""
    whole = [text for text in codes if re.fullmatch("-?[0-9]+", text)]
    words = [text for text in codes if text and text not in whole]
    others = []
    if words:  # most texts are told from them by their length alone
        longest = max(len(text.encode()) for text in words)
        others.append(
            f"(strlen({expression}) > {longest} OR {expression} NOT IN {literals(words)})"
        )
    if whole:
        others.append(f"{code(expression)} NOT IN {literals(whole)}")
    return f"CASE WHEN {' AND '.join(others)} THEN {expression} END" if others else expression


def value_of(
    field: Field, text: str, decimal: str, form: TimeForm | None, config: StudyConfig
) -> str:
    """SQL: a field's typed value; NULL where the text cannot be read.

    What is added to a time must stand before it in the same SELECT, under its field's name.
    """
    if field.kind == "time":
        assert form is not None  # every time column has been looked at before
        moment = time_value(text, form)
        return moment if field.plus is None else _later(moment, quoted(field.plus))
    if field.kind in ("id", "category", "text"):
        return _text_value(field, text, config)
    if field.kind == "flag":
        return _flag(text, field.column)
    if field.kind == "duration":
        return numbers.duration(text, decimal, field.column.unit)
    value = numbers.number(text, decimal)
    if not field.not_applicable:
        return value
    return f"CASE WHEN {code(text)} NOT IN {literals(field.not_applicable)} THEN {value} END"


def _later(moment: str, seconds: str) -> str:
    """SQL: microseconds so many seconds later; NULL where the duration cannot be read."""
    added = f"round(least({seconds}, {LONGEST}) * 1000000)::BIGINT"
    return f"CASE WHEN {seconds} >= 0 THEN {moment} + {added} END"


def _text_value(field: Field, text: str, config: StudyConfig) -> str:
    if field.kind == "id":
        return _id(field, code(text), config)
    if field.privacy == "hash":
        return privacy.hashed(text)
    if field.name == "stage":
        return _stage(text, config)
    shown = text if field.clean else privacy.masked(text, prose=field.kind == "text")
    if not field.private:
        return shown
    return f"CASE WHEN {text} IN {literals(field.private)} THEN '[private]' ELSE {shown} END"


def _id(field: Field, text: str, config: StudyConfig) -> str:
    """SQL: an id, a customer's by the study's id map, hashed where it names a person."""
    if field.privacy == "hash":
        made = privacy.hashed(text)
    else:
        made = text if field.clean else privacy.hashed_if_identifier(text)
    if config.identity is None or field.name not in identity.CUSTOMERS:
        return made
    return f"coalesce({privacy.hashed_if_identifier(identity.customer(text))}, {made})"


def not_applicable(field: Field, text: str) -> str:
    """SQL: true where an item was answered by "does not apply"."""
    if not field.not_applicable:
        return "false"
    return f"coalesce({code(text)} IN {literals(field.not_applicable)}, false)"


def problems_of(field: Field, text: str, value: str) -> list[tuple[str, str]]:
    """SQL of each thing that can be wrong with a text, and the rule it breaks, in order."""
    cases = []
    if field.required:
        absent = f"{text} IS NULL"
        if field.plus is not None:  # which is required, too
            absent += f" AND {quoted(field.plus)} IS NOT NULL"
        cases.append((absent, "missing required value"))
    unreadable = f"{text} IS NOT NULL AND {value} IS NULL"
    if field.not_applicable:
        unreadable += f" AND NOT {not_applicable(field, text)}"
    if field.plus is not None:  # else the duration is at fault
        unreadable += f" AND {quoted(field.plus)} >= 0"
    match field.kind:
        case "time":
            cases.append((unreadable, "unreadable time"))
            cases.append((f"{value} < {EARLIEST} OR {value} >= {LATEST}", TIME_LIMITS))
        case "number" | "score" | "duration":
            cases.append((unreadable, "unreadable number"))
            cases += _limits(field, value)
        case "flag":
            cases.append((unreadable, "unknown yes/no value"))
        case _ if field.name == "stage":
            cases.append((unreadable, "unknown stage"))
    return cases


def _limits(field: Field, value: str) -> list[tuple[str, str]]:
    if field.kind == "duration":
        return [(f"{value} < 0", "negative duration")]
    if field.kind == "score":
        bounds = [f"{value} < {field.low!r}"] if field.low is not None else []
        bounds += [f"{value} > {field.high!r}"] if field.high is not None else []
        return [(" OR ".join(bounds), f"off the scale {_scale(field)}")] if bounds else []
    return [(f"{value} < {field.low!r}", f"below {field.low:g}")] if field.low is not None else []


def _scale(field: Field) -> str:
    low = "…" if field.low is None else f"{field.low:g}"
    high = "…" if field.high is None else f"{field.high:g}"
    return f"{low}–{high}"


def _flag(text: str, column: Column) -> str:
    """Yes or no; where only one side is listed, every other value is the opposite."""
    plain = f"lower({code(text)})"
    true = [as_code(value).lower() for value in column.true]
    false = [as_code(value).lower() for value in column.false]
    if true and not false:
        return f"{plain} IN {literals(true)}"
    if false and not true:
        return f"{plain} NOT IN {literals(false)}"
    return (
        f"CASE WHEN {plain} IN {literals(true or TRUE)} THEN true "
        f"WHEN {plain} IN {literals(false or FALSE)} THEN false END"
    )


def _stage(text: str, config: StudyConfig) -> str:
    known = {stage.lower(): stage for stage in config.stages}
    known |= {alias.lower(): stage for alias, stage in config.stage_aliases.items()}
    cases = " ".join(f"WHEN {literal(a)} THEN {literal(stage)}" for a, stage in known.items())
    return f"CASE lower({text}) {cases} END"
