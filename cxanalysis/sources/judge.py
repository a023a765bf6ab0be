"""Texts become typed values, and every rule that a row breaks is named beside them."""

from __future__ import annotations

from collections.abc import Sequence

from cxanalysis.sources import conform, privacy
from cxanalysis.sources.job import Job
from cxanalysis.sources.mapping import Field
from cxanalysis.sources.rejects import Rule
from cxanalysis.sources.sql import literal, quoted
from cxanalysis.sources.texts import Branch, text_name
from cxanalysis.sources.times import is_day_only
from cxanalysis.tables import TableContract

DAY = 86_400_000_000  # microseconds


def judge(job: Job, branches: Sequence[Branch], files: Sequence[str]) -> list[Rule]:
    """Make the table ``judged`` of typed rows.

    Its columns are ``_row``, ``_file``, ``_record``, our columns, a flag for each rule that
    can be broken (the rule's name, or NULL) and ``_bad``: whether any rule is broken.
    """
    selects, rules = [], []
    for number, branch in enumerate(branches):
        made = f"{list(files)}[_file + 1] || ':' || _record"
        made += f" || ':{number + 1}'" if branch.step.event is not None else ""
        values = _values(job, branch, made)
        found = _field_rules(branch) + _order_rules(job.contract, branch)
        rules += [rule for rule, _ in found]
        selects.append(_typed(branch, values, found))
    typed = " UNION ALL BY NAME ".join(selects)
    flags = dict.fromkeys(rule.flag for rule in rules)
    broken = "".join(f"{quoted(flag)}, " for flag in flags)
    bad = f"coalesce({broken}NULL) IS NOT NULL"
    job.connection.execute(f"CREATE TABLE judged AS SELECT *, {bad} AS _bad FROM ({typed})")
    return rules


def _typed(branch: Branch, values: dict[str, str], found: list[tuple[Rule, str]]) -> str:
    """SQL: values in an inner query, rules over them in an outer one, so that each value is
    computed once.
    """
    made = "".join(f", {sql} AS {quoted(name)}" for name, sql in values.items())
    names = "".join(f", {quoted(name)}" for name in values)
    flags = "".join(f", {sql} AS {quoted(rule.flag)}" for rule, sql in found)
    return (
        f"SELECT _row, _file, _record{names}{flags} FROM "
        f"(SELECT *{made} FROM {branch.texts} WHERE _excluded IS NULL)"
    )


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


def _field_rules(branch: Branch) -> list[tuple[Rule, str]]:
    """Rules of single columns, each with the SQL that names the rule a row breaks."""
    rules = []
    for field in branch.step.fields:
        text = text_name(field.name)
        problem = conform.problem_of(field, text, quoted(field.name))
        if problem is not None:
            rule = Rule(f"_broken_{field.name}", field.source, _shown(field, text), branch.texts)
            rules.append((rule, problem))
    return rules


def _order_rules(contract: TableContract, branch: Branch) -> list[tuple[Rule, str]]:
    """Rules between two times of a row."""
    fields = {field.name: field for field in branch.step.fields}
    rules = []
    for number, order in enumerate(contract.rules):
        if order.earlier not in fields or order.later not in fields:
            continue
        earlier, later = quoted(order.earlier), quoted(order.later)
        day_only = is_day_only(text_name(order.later), branch.forms[order.later])
        same_day = f"{day_only} AND {later} + {DAY} > {earlier}"
        broken = f"{later} < {earlier} AND NOT ({same_day})"
        shown = f"{text_name(order.later)} || ' < ' || {text_name(order.earlier)}"
        rule = Rule(f"_order_{number}", fields[order.later].source, shown, branch.texts)
        rules.append((rule, f"CASE WHEN {broken} THEN {literal(order.name)} END"))
    return rules


def _shown(field: Field, text: str) -> str:
    """SQL: a bad value as it may be shown."""
    return privacy.hashed(text) if field.privacy == "hash" else privacy.showable(text)
