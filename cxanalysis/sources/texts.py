"""One row of texts per row of ours: fields picked from the files, codes for missing taken out.

Rows that the study file leaves out, empty rows and steps that never happened are marked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cxanalysis.config import closest
from cxanalysis.errors import DataError
from cxanalysis.sources import conform, privacy, stored
from cxanalysis.sources.conform import kept_name
from cxanalysis.sources.job import Job
from cxanalysis.sources.mapping import ColumnMapping, Field, Step
from cxanalysis.sources.persons import find_persons
from cxanalysis.sources.raw import Raw, lines_of
from cxanalysis.sources.sql import as_code, code, literal, quoted
from cxanalysis.sources.times import TimeColumn, TimeForm, clock_changes, look_at_times


@dataclass(frozen=True)
class Branch:
    """The rows that one step makes of the raw table.

    ``texts`` is a view of ``_row``, ``_file``, ``_record``, ``_excluded`` (why a row is left
    out, or NULL) and a text per field; where the text of a time or number was kept as what it
    says, the text is NULL and that is there. ``forms`` says how times are written.
    """

    step: Step
    texts: str
    forms: Mapping[str, TimeForm]


def text_name(field: str) -> str:
    """The column of ``Branch.texts`` that holds a field's text, quoted."""
    return quoted(f"_text_{field}")


def whole_text(field: Field) -> str:
    """SQL: a field's text, whatever it was kept as."""
    text = text_name(field.name)
    return stored.whole_text(text, kept_name(field.name)) if field.kind in conform.KEPT else text


def make_branches(
    job: Job, mapping: ColumnMapping, raw: Raw, columns: Mapping[str, str]
) -> list[Branch]:
    """A branch for every step of a wide event file, or the only one, from the view ``base``."""
    steps = mapping.steps
    branches = []
    for number, step in enumerate(steps):
        target = f"texts{number}"
        rows = f"_row * {len(steps)} + {number} AS _row, _file, _record"
        query = _select(job, step, rows, raw, columns)
        job.connection.execute(f"CREATE VIEW {target} AS {query}")
        values = _count_values(job, step, target)
        known = find_persons(job, _hash_email_columns(job, step, values), values)
        known = _note_clean(job, known, target, values)
        for table in values.values():
            job.connection.execute(f"DROP TABLE {table}")
        branches.append(Branch(known, target, _time_forms(job, known, target, raw)))
    return branches


def _select(job: Job, step: Step, rows: str, raw: Raw, columns: Mapping[str, str]) -> str:
    gone = {name: how.gone for name, how in raw.stored.items()}
    texts = ""
    for field in step.fields:
        have, value = dict(columns), "NULL"
        if _is_kept(job, field, raw):
            how = raw.stored[field.columns[0]]
            have[field.columns[0]], value = how.rest, how.value
        texts += f", {conform.text_of(field, have, gone)} AS {text_name(field.name)}"
        if field.kind in conform.KEPT:
            texts += f", {value}::{conform.KEPT[field.kind]} AS {kept_name(field.name)}"
    excluded = _exclusion(job, columns)
    query = f"SELECT {rows}, {excluded} AS _excluded{texts} FROM base"
    if step.event is None:
        return query
    absent = literal(f"no time for {step.event.touchpoint}")
    return (
        f"SELECT * REPLACE (CASE WHEN _excluded IS NULL AND {text_name('occurred_at')} IS NULL "
        f"AND {kept_name('occurred_at')} IS NULL THEN {absent} ELSE _excluded END AS _excluded) "
        f"FROM ({query})"
    )


def _is_kept(job: Job, field: Field, raw: Raw) -> bool:
    """Whether a field's texts are stored as it reads them: another field may differ."""
    sql_type = conform.kept_as(field, job.table)
    how = raw.stored.get(field.columns[0]) if sql_type is not None else None
    return how is not None and how.sql_type == sql_type


def _exclusion(job: Job, columns: Mapping[str, str]) -> str:
    """SQL: why a row is left out by the study file, or NULL."""
    cases = ["WHEN _empty THEN 'empty row'"]
    for name, values in job.table.exclude.items():
        text = code(columns[_excluding_column(job, name, columns)])
        for value in values:
            reason = literal(privacy.mask(f"{name} = {value}"))
            cases.append(f"WHEN {text} = {literal(as_code(value))} THEN {reason}")
    return f"CASE {' '.join(cases)} END"


def _excluding_column(job: Job, name: str, columns: Mapping[str, str]) -> str:
    mapped = job.table.columns.get(name)
    for candidate in (name, *(mapped.sources if mapped else ())):
        if candidate in columns:
            return candidate
    raise DataError(
        f"{job.name}: exclude names {name!r}, which is no column.{closest(name, columns)}"
    )


def _count_values(job: Job, step: Step, texts: str) -> dict[str, str]:
    """Tables of ``value`` and its number ``n``, for each field of categories that is shown."""
    fields = [f for f in step.fields if f.kind == "category" and f.privacy == "keep" and f.columns]
    tables = {}
    for number, field in enumerate(fields):
        name = text_name(field.name)
        tables[field.name] = f"{texts}_values{number}"
        job.connection.execute(
            f"CREATE TABLE {texts}_values{number} AS SELECT {name} AS value, count(*) AS n "
            f"FROM {texts} WHERE {name} IS NOT NULL GROUP BY 1"
        )
    return tables


def _note_clean(job: Job, step: Step, texts: str, values: Mapping[str, str]) -> Step:
    """Mark fields that have nothing to mask or to hash: these looks need not be repeated.

    Nor are there codes such as "4.0" among ids that are not suspect.
    """
    clean = {
        name
        for name, table in values.items()
        if not job.number(f"SELECT count(*) FROM {table} WHERE {privacy.is_suspect('value')}")
    }
    ids = [f for f in step.fields if f.kind == "id" and f.privacy == "keep" and f.columns]
    if ids:
        counts = ", ".join(
            f"count(*) FILTER ({privacy.is_suspect_id(text_name(field.name))})" for field in ids
        )
        found = job.connection.execute(f"SELECT {counts} FROM {texts}").fetchall()[0]
        clean |= {field.name for field, count in zip(ids, found, strict=True) if not count}
    return replace(step, fields=tuple(replace(f, clean=f.name in clean) for f in step.fields))


def _hash_email_columns(job: Job, step: Step, values: Mapping[str, str]) -> Step:
    """Hash text columns that hold mostly e-mail addresses, whatever they are called."""
    pattern = literal(f"^({privacy.EMAIL})$")
    emails = set()
    for name, table in values.items():
        found = job.connection.execute(
            "SELECT sum(n) FILTER (contains(value, '@') AND "
            f"regexp_matches(value, {pattern})) / sum(n) FROM {table}"
        ).fetchall()[0][0]
        if (found or 0) > privacy.MOSTLY:
            emails.add(name)
    job.notes.extend(f"{name} holds e-mail addresses: hashed" for name in sorted(emails))
    return replace(step, fields=tuple(_hashed_if(field, emails) for field in step.fields))


def _hashed_if(field: Field, names: set[str]) -> Field:
    return replace(field, privacy="hash") if field.name in names else field


def _time_forms(job: Job, step: Step, texts: str, raw: Raw) -> Mapping[str, TimeForm]:
    columns = [
        TimeColumn(
            field.name,
            field.source,
            text_name(field.name),
            kept_name(field.name),
            _declared_form(job, field),
        )
        for field in step.fields
        if field.kind == "time"
    ]
    read = f"(SELECT * FROM {texts} WHERE _excluded IS NULL)"

    def locate(file: int, record: int) -> str:
        return f"{raw.files[file]} line {lines_of(raw, file, [record])[record]}"

    tolerance = job.config.limits.bad_rows
    forms = look_at_times(job.connection, job.name, read, columns, tolerance, locate)
    for column in columns:
        _note_clock_changes(job, read, column, forms[column.name])
    return forms


def _declared_form(job: Job, field: Field) -> TimeForm:
    zone = field.column.time_zone or job.table.time_zone or job.config.time_zone
    return TimeForm(zone, field.column.time_format or job.table.time_format)


def _note_clock_changes(job: Job, read: str, column: TimeColumn, form: TimeForm) -> None:
    skipped, repeated = clock_changes(job.connection, read, column, form)
    if skipped:
        job.notes.append(
            f"{column.name}: {skipped:,} times fall into the hour that clocks skip in "
            f"{form.zone}; read as an hour later"
        )
    if repeated:
        job.notes.append(
            f"{column.name}: {repeated:,} times fall into the hour that clocks repeat in "
            f"{form.zone}; which of the two is unknown"
        )


def count_excluded(job: Job, branches: Sequence[Branch]) -> dict[str, int]:
    """Rows left out, by reason."""
    counts: dict[str, int] = {}
    for branch in branches:
        found = job.connection.execute(
            f"SELECT _excluded, count(*) FROM {branch.texts} WHERE _excluded IS NOT NULL "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
        for reason, count in found:
            counts[reason] = counts.get(reason, 0) + int(count)
    return counts
