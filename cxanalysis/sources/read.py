"""Read one table of a study: from its files to checked rows in the cache."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pandas as pd

from cxanalysis.config import Join, StudyConfig, Table, closest
from cxanalysis.errors import DataError
from cxanalysis.sources import cache, check, conform, privacy
from cxanalysis.sources.check import Rule
from cxanalysis.sources.mapping import ColumnMapping, Field, Step, joined, map_columns
from cxanalysis.sources.raw import (
    LinesDisagreeError,
    Raw,
    Source,
    find_sources,
    has_column,
    header_of,
    lines_of,
    load,
)
from cxanalysis.sources.reading import TableReading
from cxanalysis.sources.sql import as_code, code, literal, quoted
from cxanalysis.sources.times import (
    TimeColumn,
    TimeForm,
    clock_changes,
    is_day_only,
    look_at_times,
)
from cxanalysis.tables import CONTRACTS

LAST_BY = ("responded_at", "occurred_at", "opened_at")


def read_table(name: str, config: StudyConfig, folder: Path) -> cache.Stored:
    """One of the four tables, from the cache where nothing has changed.

    Parameters
    ----------
    folder
        The study's folder: paths are relative to it, and the cache is kept in it.

    Raises
    ------
    DataError
        When the table as a whole cannot be used, or too many of its rows break the contract;
        the rows are then listed in the cache folder.
    """
    table: Table = getattr(config.tables, name)
    store = cache.open_cache(folder)
    salt = privacy.read_salt(store, config.privacy)
    with tempfile.TemporaryDirectory(prefix="cxanalysis-") as temporary:
        scratch = Path(temporary)
        sources = find_sources(folder, table.path, table, name, scratch)
        joins = [
            (join, find_sources(folder, [join.path], _join_table(table, join), name, scratch))
            for join in table.join
        ]
        inputs = [*sources, *(source for _, found in joins for source in found)]
        key = cache.key_of(name, config, [(s.name, s.hash) for s in inputs], salt)
        stored = cache.find(store, name, key)
        if stored is not None:
            return stored
        try:
            rows, rejects, reading = _Reader(name, config, scratch, salt).read(sources, joins)
        except LinesDisagreeError:
            again = scratch / "again"
            again.mkdir()
            reader = _Reader(name, config, again, salt, careful=True)
            rows, rejects, reading = reader.read(sources, joins)
        reading = replace(reading, hashes={source.name: source.hash for source in inputs})
        listed = cache.write_rejects(store, name, rejects)
        check.check_share(reading, config.limits.bad_rows, f"{cache.FOLDER}/{listed.name}")
        return cache.store(store, key, rows, rejects, reading)


def _join_table(table: Table, join: Join) -> Table:
    """How a joined file is read: as a file of its own."""
    return Table(
        path=(join.path,), encoding=join.encoding, delimiter=join.delimiter, missing=table.missing
    )


@dataclass(frozen=True)
class _Branch:
    """The rows that one step makes of the raw table.

    ``texts`` is a relation of row number, file, record, ``_excluded`` and a text per field.
    """

    step: Step
    texts: str
    forms: Mapping[str, TimeForm]


class _Reader:
    """One reading of one table in a private database that vanishes with ``scratch``."""

    def __init__(
        self, name: str, config: StudyConfig, scratch: Path, salt: str, *, careful: bool = False
    ) -> None:
        self.name = name
        self.config = config
        self.table: Table = getattr(config.tables, name)
        self.contract = CONTRACTS[name]
        self.scratch = scratch
        self.careful = careful
        self.notes: list[str] = []
        self.connection = duckdb.connect()
        self.connection.execute("SET temp_directory = ?", [str(scratch)])
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET enable_progress_bar = false")
        self.connection.execute("SET VARIABLE salt = ?", [salt])
        if config.engine.threads is not None:
            self.connection.execute(f"SET threads = {config.engine.threads}")
        if config.engine.memory_limit is not None:
            self.connection.execute("SET memory_limit = ?", [config.engine.memory_limit])

    def read(
        self, sources: Sequence[Source], joins: Sequence[tuple[Join, Sequence[Source]]]
    ) -> tuple[Path, pd.DataFrame, TableReading]:
        """Rows as a Parquet file, rejects, and the account of both."""
        try:
            return self._read(sources, joins)
        finally:
            self.connection.close()

    def _read(
        self, sources: Sequence[Source], joins: Sequence[tuple[Join, Sequence[Source]]]
    ) -> tuple[Path, pd.DataFrame, TableReading]:
        names = _names(self.table)
        header = header_of(self.connection, sources[0], self.table, names, self.scratch)
        mapping = map_columns(self.name, self.table, self.config, header)
        raw, columns = self._load(sources, joins, header, mapping)
        self._note_identifiers(mapping)
        branches = self._branches(mapping, raw, columns)
        rules = self._type(branches, raw)
        moved, rejects = self._set_aside(rules, raw)
        rows = self.scratch / "rows.parquet"
        kept = self._write(mapping, rows)
        excluded = self._excluded(branches) | moved
        counts = check.count_rules(rejects)
        rejects_table = rejects.drop(columns="_row").assign(table=self.name)
        reading = TableReading(
            table=self.name,
            files=tuple(raw.files),
            rows_read=sum(raw.counts) * len(branches) + len(raw.ragged),
            rows_kept=kept,
            rows_set_aside=int(rejects["_row"].nunique()),
            excluded=excluded,
            rejects=counts,
            first_rejects=check.first_of_each(rejects, list(counts)),
            unmapped=tuple(raw.unread),
            notes=tuple(self.notes),
        )
        return rows, rejects_table[list(cache.REJECT_COLUMNS)], reading

    # -- raw texts ------------------------------------------------------------------------

    def _load(
        self,
        sources: Sequence[Source],
        joins: Sequence[tuple[Join, Sequence[Source]]],
        header: list[str],
        mapping: ColumnMapping,
    ) -> tuple[Raw, dict[str, str]]:
        """The table ``base`` and its columns by the files' names."""
        prefixes = tuple(f"{join.path}: " for join, _ in joins)
        wanted = [
            name
            for step in mapping.steps
            for field in step.fields
            for name in field.columns
            if not name.startswith(prefixes)
        ]
        wanted += [name for name in self.table.exclude if has_column(header, name)]
        wanted += [join.on for join, _ in joins if has_column(header, join.on)]
        wanted = list(dict.fromkeys(wanted))
        raw = load(
            self.connection, "main", sources, self.table, wanted, self.scratch,
            owner=self.name, careful=self.careful,
        )  # fmt: skip
        starts = [sum(raw.counts[:number]) for number in range(len(raw.counts))]
        self.connection.execute(
            f"CREATE VIEW base0 AS SELECT rowid AS _row, rowid + 1 - {starts}[_file + 1] "
            "AS _record, * FROM main"
        )
        columns = dict(raw.columns)
        for number, (join, found) in enumerate(joins):
            columns |= self._join(number, join, found, columns)
        self.connection.execute(f"CREATE VIEW base AS FROM base{len(joins)}")
        return raw, columns

    def _join(
        self,
        number: int,
        join: Join,
        sources: Sequence[Source],
        columns: Mapping[str, str],
    ) -> dict[str, str]:
        """Make ``base<number + 1>`` with the columns looked up in another file."""
        left = columns.get(join.on) or self._joined_before(join, columns)
        right = join.right_on or join.on
        wanted = list(
            dict.fromkeys([right, *(s for c in join.columns.values() for s in c.sources)])
        )
        other = load(
            self.connection, f"other{number}", sources, _join_table(self.table, join), wanted,
            self.scratch, owner=self.name, careful=self.careful,
        )  # fmt: skip
        key = code(other.columns[right])
        many = self._number(
            f"SELECT count(*) FROM (SELECT {key} FROM other{number} WHERE {key} IS NOT NULL "
            "GROUP BY 1 HAVING count(*) > 1)"
        )
        if many:
            raise DataError(
                f"{join.path}: {many:,} values of {right!r} occur more than once, so it is "
                f"unclear which row belongs to a row of {self.name}. Join on a column that is "
                "unique there."
            )
        names = {source: f"j{number}{column}" for source, column in other.columns.items()}
        extra = ", ".join(f"o.{other.columns[s]} AS {name}" for s, name in names.items())
        same = f"{code('b.' + left)} = {code('o.' + other.columns[right])}"
        self.connection.execute(
            f"CREATE TABLE base{number + 1} AS SELECT b.*, {extra} FROM base{number} b "
            f"LEFT JOIN other{number} o ON {same}"
        )
        lost = self._number(
            f"SELECT count(*) FROM base{number + 1} WHERE {left} IS NOT NULL "
            f"AND {names[right]} IS NULL"
        )
        if lost:
            self.notes.append(f"{lost:,} rows find no {right} in {join.path}")
        return {f"{join.path}: {source}": name for source, name in names.items()}

    def _joined_before(self, join: Join, columns: Mapping[str, str]) -> str:
        """The key of a join may itself have been looked up by an earlier one."""
        for earlier in self.table.join:
            if join.on in earlier.columns and earlier is not join:
                return columns[joined(earlier, earlier.columns[join.on]).sources[0]]
        raise DataError(
            f"{self.name}: join with {join.path} on {join.on!r}, which is no column."
            f"{closest(join.on, list(columns))}"
        )

    # -- typed columns --------------------------------------------------------------------

    def _branches(
        self, mapping: ColumnMapping, raw: Raw, columns: Mapping[str, str]
    ) -> list[_Branch]:
        branches = []
        for number, step in enumerate(mapping.steps):
            texts = self._texts(step, number, len(mapping.steps), raw, columns)
            step = self._with_email_columns(step, texts)  # noqa: PLW2901
            forms = self._forms(step, texts, raw)
            branches.append(_Branch(step, texts, forms))
        return branches

    def _texts(
        self, step: Step, number: int, steps: int, raw: Raw, columns: Mapping[str, str]
    ) -> str:
        texts = "".join(
            f", {conform.text_of(field, columns)} AS {_text(field.name)}" for field in step.fields
        )
        inner = (
            f"SELECT _row * {steps} + {number} AS _row, _file, _record, "
            f"{self._exclusion(raw, columns)} AS _excluded{texts} FROM base"
        )
        if step.event is None:
            return f"({inner})"
        absent = literal(f"no time for {step.event.touchpoint}")
        return (
            f"(SELECT * REPLACE (CASE WHEN _excluded IS NULL AND {_text('occurred_at')} IS NULL "
            f"THEN {absent} ELSE _excluded END AS _excluded) FROM ({inner}))"
        )

    def _exclusion(self, raw: Raw, columns: Mapping[str, str]) -> str:
        """SQL: why a row is left out by the study file, or NULL."""
        empty = " AND ".join(f"{column} IS NULL" for column in raw.columns.values())
        cases = [f"WHEN {empty} THEN 'empty row'"] if empty else []
        for name, values in self.table.exclude.items():
            column = self._excluding_column(name, columns)
            for value in values:
                reason = literal(f"{name} = {value}")
                cases.append(f"WHEN {code(column)} = {literal(as_code(value))} THEN {reason}")
        return f"CASE {' '.join(cases)} END" if cases else "NULL::VARCHAR"

    def _excluding_column(self, name: str, columns: Mapping[str, str]) -> str:
        mapped = self.table.columns.get(name)
        for candidate in (name, *(mapped.sources if mapped else ())):
            if candidate in columns:
                return columns[candidate]
        raise DataError(
            f"{self.name}: exclude names {name!r}, which is no column.{closest(name, columns)}"
        )

    def _with_email_columns(self, step: Step, texts: str) -> Step:
        """Hash text columns that hold mostly e-mail addresses, whatever they are called."""
        open_fields = [
            field
            for field in step.fields
            if field.kind == "category" and field.privacy == "keep" and field.columns
        ]
        if not open_fields:
            return step
        pattern = literal(f"^({privacy.EMAIL})$")
        shares = ", ".join(
            f"count_if(contains({t}, '@') AND regexp_matches({t}, {pattern})) / count({t})"
            for t in (_text(field.name) for field in open_fields)
        )
        row = self.connection.execute(f"SELECT {shares} FROM {texts}").fetchall()[0]
        emails = {
            field.name
            for field, share in zip(open_fields, row, strict=True)
            if share is not None and share > privacy.MOSTLY
        }
        for name in sorted(emails):
            self.notes.append(f"{name} holds e-mail addresses: hashed")
        fields = tuple(
            replace(field, privacy="hash") if field.name in emails else field
            for field in step.fields
        )
        return replace(step, fields=fields)

    def _forms(self, step: Step, texts: str, raw: Raw) -> Mapping[str, TimeForm]:
        columns = [
            TimeColumn(field.name, field.source, _text(field.name), self._form(field))
            for field in step.fields
            if field.kind == "time"
        ]
        read = f"(SELECT * FROM {texts} WHERE _excluded IS NULL)"

        def locate(file: int, record: int) -> str:
            return f"{raw.files[file]} line {lines_of(raw, file, [record])[record]}"

        limit = self.config.limits.bad_rows
        forms = look_at_times(self.connection, self.name, read, columns, limit, locate)
        for column in columns:
            form = forms[column.name]
            skipped, repeated = clock_changes(self.connection, read, column, form)
            if skipped:
                self.notes.append(
                    f"{column.name}: {skipped:,} times fall into the hour that clocks skip in "
                    f"{form.zone}; read as an hour later"
                )
            if repeated:
                self.notes.append(
                    f"{column.name}: {repeated:,} times fall into the hour that clocks repeat in "
                    f"{form.zone}; which of the two is unknown"
                )
        return forms

    def _form(self, field: Field) -> TimeForm:
        column = field.column
        zone = column.time_zone or self.table.time_zone or self.config.time_zone
        return TimeForm(zone, column.time_format or self.table.time_format)

    def _type(self, branches: Sequence[_Branch], raw: Raw) -> list[Rule]:
        """Make the table ``judged`` of typed rows, with the rules that each one breaks."""
        selects, rules = [], []
        for number, branch in enumerate(branches):
            made = f"{raw.files}[_file + 1] || ':' || _record"
            made += f" || ':{number + 1}'" if branch.step.event is not None else ""
            columns, flags = self._columns(branch, made)
            rules += flags
            listed = "".join(f", {sql} AS {quoted(name)}" for name, sql in columns.items())
            selects.append(
                f"SELECT _row, _file, _record{listed} FROM {branch.texts} WHERE _excluded IS NULL"
            )
        flags_by_name = dict.fromkeys(rule.flag for rule in rules)
        typed = " UNION ALL BY NAME ".join(selects)
        check.judge(self.connection, typed, list(flags_by_name))
        return rules

    def _columns(self, branch: _Branch, made_key: str) -> tuple[dict[str, str], list[Rule]]:
        """SQL of values and of broken rules, by column; a rule may use the values."""
        columns: dict[str, str] = {}
        problems: dict[str, str] = {}
        rules = []
        for field in branch.step.fields:
            text = _text(field.name)
            form = branch.forms.get(field.name)
            value = conform.value_of(field, text, self.table.decimal, form, self.config)
            if field.name == self.contract.key and not field.required:
                value = f"coalesce({value}, {made_key})"
            columns[field.name] = f"({value})::{conform.SQL_TYPES[field.kind]}"
            if field.item:
                columns[f"{field.name}_na"] = conform.not_applicable(field, text)
            problem = conform.problem_of(field, text, quoted(field.name))
            if problem is not None:
                flag = f"_broken_{field.name}"
                problems[flag] = problem
                rules.append(Rule(flag, field.source, _shown(field, text), branch.texts))
        if self.contract.key is not None and self.contract.key not in columns:
            columns[self.contract.key] = made_key
        ordered, order_rules = self._order_rules(branch)
        return columns | problems | ordered, rules + order_rules

    def _order_rules(self, branch: _Branch) -> tuple[dict[str, str], list[Rule]]:
        fields = {field.name: field for field in branch.step.fields}
        problems, rules = {}, []
        for number, rule in enumerate(self.contract.rules):
            if rule.earlier not in fields or rule.later not in fields:
                continue
            earlier, later = quoted(rule.earlier), quoted(rule.later)
            form = branch.forms[rule.later]
            day_only = is_day_only(_text(rule.later), form)
            same_day = f"{day_only} AND {later} + 86400000000 > {earlier}"
            flag = f"_order_{number}"
            problems[flag] = (
                f"CASE WHEN {later} < {earlier} AND NOT ({same_day}) THEN {literal(rule.name)} END"
            )
            shown = f"{_text(rule.later)} || ' < ' || {_text(rule.earlier)}"
            rules.append(Rule(flag, fields[rule.later].source, shown, branch.texts))
        return problems, rules

    # -- what stays -----------------------------------------------------------------------

    def _set_aside(self, rules: Sequence[Rule], raw: Raw) -> tuple[dict[str, int], pd.DataFrame]:
        """Rows moved out as earlier versions of others, and all that break a rule."""
        key = self.contract.key
        assert key is not None  # every table of ours has one
        last = self.table.duplicates == "keep-last"
        order = None
        if last:
            names = self.connection.execute("SELECT * FROM judged LIMIT 0").description or []
            have = {column[0] for column in names}
            by = next((name for name in LAST_BY if name in have), None)
            order = "true" if by is None else f"{quoted(by)} DESC NULLS LAST"
        repeated, _ = check.find_duplicates(self.connection, key, order)
        mapped = self.table.columns.get(key)
        source = " + ".join(mapped.sources) if mapped is not None else key
        rejects = check.list_rejects(
            self.connection,
            rules,
            None if last or not repeated else source,
            lambda number, records: lines_of(raw, number, records),
            raw.files,
        )
        moved = {f"earlier row of the same {key}": repeated} if last and repeated else {}
        return moved, check.with_ragged(rejects, raw.ragged)

    def _excluded(self, branches: Sequence[_Branch]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for branch in branches:
            found = self.connection.execute(
                f"SELECT _excluded, count(*) FROM {branch.texts} WHERE _excluded IS NOT NULL "
                "GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
            for reason, count in found:
                counts[reason] = counts.get(reason, 0) + int(count)
        return counts

    def _write(self, mapping: ColumnMapping, target: Path) -> int:
        """Write the rows kept, contract columns first, and return how many they are."""
        fields = mapping.fields
        names = [name for name in self.contract.names if name in fields]
        if self.contract.key is not None and self.contract.key not in names:
            names.insert(0, self.contract.key)
        for field in fields.values():
            if field.name not in names:
                names.append(field.name)
            if field.item:
                names.append(f"{field.name}_na")
        listed = ", ".join(quoted(name) for name in names)
        kept = f"SELECT {listed} FROM judged WHERE NOT _bad"
        if self._number("SELECT count(*) FROM repeated"):
            kept += " AND _row NOT IN (SELECT _row FROM repeated)"
        if self.table.events or self.table.join:  # these leave the order of the file
            kept += " ORDER BY _row"
        self.connection.execute(
            f"COPY ({kept}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )
        return self._number(f"SELECT count(*) FROM read_parquet({literal(str(target))})")

    def _note_identifiers(self, mapping: ColumnMapping) -> None:
        self.notes += [f"{name} identifies a person: left out" for name in mapping.dropped]
        hashed = dict.fromkeys(f.source for f in mapping.fields.values() if f.privacy == "hash")
        self.notes += [f"{name} identifies a person: hashed" for name in hashed]

    def _number(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])


def _names(table: Table) -> list[str]:
    """File columns that a study file names, to tell delimiters apart."""
    names = [source for column in table.columns.values() for source in column.sources]
    names += [item.column or name for name, item in table.items.items()]
    for event in table.events:
        names += [*event.occurred_at.sources]
    return names


def _text(name: str) -> str:
    return quoted(f"_text_{name}")


def _shown(field: Field, text: str) -> str:
    """SQL: a bad value as it may be shown."""
    return privacy.hashed(text) if field.privacy == "hash" else privacy.masked(text, prose=True)
