"""Texts become typed values, and every rule that a row breaks is named beside them."""

from __future__ import annotations

from collections.abc import Sequence

from cxanalysis.sources import conform, privacy
from cxanalysis.sources.job import Job
from cxanalysis.sources.mapping import Field
from cxanalysis.sources.rejects import Rule
from cxanalysis.sources.sql import literal, quoted
from cxanalysis.sources.texts import Branch, text_name, whole_text
from cxanalysis.sources.times import is_day_only
from cxanalysis.tables import TableContract

Cases = list[tuple[str, str]]  # SQL that is true where a rule is broken, and the rule's name

LONGEST_DAY = 90_000_000_000  # microseconds: when clocks are set back, a day has 25 hours


def judge(job: Job, branches: Sequence[Branch], files: Sequence[str]) -> list[Rule]:
    """Find the rows that break a rule; the others are the view ``sound`` of typed rows.

    ``sound`` has ``_row``, ``_file``, ``_record`` and our columns. It is a view so that the
    values are written once, to the table's file, and only the rows that break a rule besides.
    """
    rules, rows = [], []
    for number, branch in enumerate(branches):
        made = f"{list(files)}[_file + 1] || ':' || _record"
        made += f" || ':{number + 1}'" if branch.step.event is not None else ""
        values = _values(job, branch, made)
        bad = f"bad{number}"
        found = _field_rules(branch, bad) + _order_rules(job.contract, branch, bad)
        typed = _typed(branch, values)
        job.connection.execute(f"CREATE TABLE {bad} AS {_breaking(branch, found, typed)}")
        names = "".join(f", {quoted(name)}" for name in values)
        sound = f"SELECT _row, _file, _record{names} FROM {typed}"
        if job.number(f"SELECT count(*) FROM {bad}"):
            sound += f" WHERE _row NOT IN (SELECT _row FROM {bad})"
        rules += [rule for rule, _ in found]
        rows.append(sound)
    job.connection.execute(f"CREATE VIEW sound AS {' UNION ALL BY NAME '.join(rows)}")
    return rules


def _typed(branch: Branch, values: dict[str, str]) -> str:
    """SQL: texts and values of the rows that are not left out."""
    made = "".join(f", {sql} AS {quoted(name)}" for name, sql in values.items())
    return f"(SELECT *{made} FROM {branch.texts} WHERE _excluded IS NULL)"


def _breaking(branch: Branch, found: list[tuple[Rule, Cases]], typed: str) -> str:
    """SQL: rows that break a rule, with their texts and a flag for each rule.

    Rules are in a query around that of the values, so that each value is computed once, and
    their names are looked up for the rows that break one only.
    """
    texts = "".join(
        f", {whole_text(field)} AS {text_name(field.name)}" for field in branch.step.fields
    )
    flags = "".join(f", {_flag(cases)} AS {quoted(rule.flag)}" for rule, cases in found)
    broken = [f"({condition})" for _, cases in found for condition, _ in cases]
    return (
        f"SELECT _row, _file, _record{texts}{flags} FROM {typed} "
        f"WHERE {' OR '.join(broken) or 'false'}"
    )


def _flag(cases: Cases) -> str:
    """SQL: the name of the first rule that is broken, or NULL."""
    whens = " ".join(f"WHEN {condition} THEN {literal(rule)}" for condition, rule in cases)
    return f"CASE {whens} END"


def _values(job: Job, branch: Branch, made_key: str) -> dict[str, str]:
    """SQL of each column of ours; a key that a row lacks is made from file and record."""
    values: dict[str, str] = {}
    key = job.contract.key
    for field in branch.step.fields:
        text = text_name(field.name)
        form = branch.forms.get(field.name)
        value = conform.value_of(field, text, job.table.decimal, form, job.config)
        if field.name == key and not field.required:
            value = f"coalesce({value}, {made_key})"
        values[field.name] = f"({value})::{conform.SQL_TYPES[field.kind]}"
        if field.item:
            values[f"{field.name}_na"] = conform.not_applicable(field, text)
    values.setdefault(key, made_key)
    return values


def _field_rules(branch: Branch, bad: str) -> list[tuple[Rule, Cases]]:
    """Rules of single columns, each with what can be wrong."""
    rules = []
    for field in branch.step.fields:
        text = text_name(field.name)
        problems = conform.problems_of(field, text, quoted(field.name))
        if problems:
            rule = Rule(f"_broken_{field.name}", field.source, _shown(field, text), bad)
            rules.append((rule, problems))
    return rules


def _order_rules(contract: TableContract, branch: Branch, bad: str) -> list[tuple[Rule, Cases]]:
    """Rules between two times of a row."""
    fields = {field.name: field for field in branch.step.fields}
    rules = []
    for number, order in enumerate(contract.rules):
        if order.earlier not in fields or order.later not in fields:
            continue
        earlier, later = quoted(order.earlier), quoted(order.later)
        form = branch.forms[order.later]
        day_only = is_day_only(text_name(order.later), form)
        days = [f"(make_timestamptz({t}) AT TIME ZONE {literal(form.zone)})::DATE"
                for t in (earlier, later)]  # fmt: skip
        # Days are told by the calendar, as not all have 24 hours; only for times near each other,
        # as the calendar ends before the numbers do.
        near = f"{later} + {LONGEST_DAY} > {earlier}"
        same_day = f"{day_only} AND CASE WHEN {near} THEN {' = '.join(days)} ELSE false END"
        broken = f"{later} < {earlier} AND NOT ({same_day})"
        shown = f"{text_name(order.later)} || ' < ' || {text_name(order.earlier)}"
        rule = Rule(f"_order_{number}", fields[order.later].source, shown, bad)
        rules.append((rule, [(broken, order.name)]))
    return rules


def _shown(field: Field, text: str) -> str:
    """SQL: a bad value as it may be shown."""
    return privacy.hashed(text) if field.privacy == "hash" else privacy.showable(text)
