"""Texts of a file → our typed columns, as SQL: one expression for the value, one for the rule
that the text breaks. Nothing is judged row by row in Python.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from cxanalysis.config import Column, StudyConfig, Table
from cxanalysis.sources import identity, numbers, privacy
from cxanalysis.sources.mapping import Field
from cxanalysis.sources.sql import as_code, code, literal, literals, quoted, without_codes
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
# What texts are kept as where it tells them: as DuckDB writes it.
KEPT: dict[Kind, str] = {
    "time": "TIMESTAMP",
    "number": "INTEGER",
    "duration": "INTEGER",
    "score": "INTEGER",
}
EARLIEST, LATEST = (
    int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    for year in (FIRST_YEAR, LAST_YEAR + 1)
)
LONGEST = 100_000_000_000  # seconds, three thousand years: more is out of range whatever it is
TIME_LIMITS = f"time outside {FIRST_YEAR}–{LAST_YEAR}"
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")


def kept_as(field: Field, table: Table) -> str | None:
    """The SQL type that a field's texts may be kept as, since they are only read as such.

    None where anything else is done with them; codes without digits never are such a text.
    """
    column = field.column
    changed = (column.values, column.characters, column.plus, column.time_format)
    if len(field.columns) > 1 or any(changed) or field.not_applicable:
        return None
    if field.kind == "time" and table.time_format:
        return None
    if any(re.search("[0-9]", text) for text in field.missing):
        return None
    return KEPT.get(field.kind) if field.columns else None


def text_of(field: Field, raw: Mapping[str, str], gone: Mapping[str, Collection[str]]) -> str:
    """SQL: a field's text before typing; missing codes are NULL, recodes are done.

    A time that a missing duration would have to be added to is missing.

    Parameters
    ----------
    raw
        Columns of the raw table by the file's names.
    gone
        Missing codes that these columns no longer hold, by the file's names.
    """

    def part(name: str) -> str:
        codes = [text for text in field.missing if text not in gone.get(name, ())]
        return without_codes(raw[name], codes)

    if field.column.value is not None:
        return literal(field.column.value)
    parts = [part(name) for name in field.columns]
    if field.column.first_of:
        text = f"coalesce({', '.join(parts)})"
    elif len(parts) > 1:
        joined = f" || {literal(field.column.join)} || ".join(parts)
        text = without_codes(f"({joined})", field.missing)
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
        text = f"CASE WHEN {part(field.column.plus)} IS NOT NULL THEN {text} END"
    return text


def kept_name(field: str) -> str:
    """The column that holds what was kept of a field's texts as times or numbers, quoted."""
    return quoted(f"_kept_{field}")


def value_of(
    field: Field, text: str, decimal: str, form: TimeForm | None, config: StudyConfig
) -> str:
    """SQL: a field's typed value; NULL where the text cannot be read.

    What is added to a time must stand before it in the same SELECT, under its field's name. What
    was kept as times or numbers must be there under ``kept_name``.
    """
    kept = kept_name(field.name)
    if field.kind == "time":
        assert form is not None  # every time column has been looked at before
        moment = time_value(text, kept, form)
        return moment if field.plus is None else _later(moment, quoted(field.plus))
    if field.kind in ("id", "category", "text"):
        return _text_value(field, text, config)
    if field.kind == "flag":
        return _flag(text, field.column)
    if field.kind == "duration":
        return numbers.duration(text, kept, decimal, field.column.unit)
    value = f"coalesce({kept}::DOUBLE, {numbers.number(text, decimal)})"
    if not field.not_applicable:
        return value
    return f"CASE WHEN {code(text)} NOT IN {literals(field.not_applicable)} THEN {value} END"


def _later(moment: str, seconds: str) -> str:
    """SQL: microseconds so many seconds later; NULL where the duration cannot be read."""
    added = f"round(least({seconds}, {LONGEST}) * 1000000)::BIGINT"
    return f"CASE WHEN {seconds} >= 0 THEN {moment} + {added} END"


def _text_value(field: Field, text: str, config: StudyConfig) -> str:
    if field.kind == "id":
        return _id(field, text if field.clean else code(text), config)
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
        absent = f"{value} IS NULL AND {text} IS NULL"
        if field.plus is not None:  # which is required, too
            absent += f" AND {quoted(field.plus)} IS NOT NULL"
        cases.append((absent, "missing required value"))
    unreadable = f"{value} IS NULL AND {text} IS NOT NULL"
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
