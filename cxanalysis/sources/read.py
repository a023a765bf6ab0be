"""Read one table of a study: from its files to checked rows in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd

from cxanalysis.config import StudyConfig, Table
from cxanalysis.errors import DataError
from cxanalysis.sources import cache, identity, privacy
from cxanalysis.sources.agreement import note_disagreements
from cxanalysis.sources.conform import kept_as
from cxanalysis.sources.disk import clear_errors, open_scratch
from cxanalysis.sources.doubts import note_commas
from cxanalysis.sources.duplicates import find_duplicates, keeps_last
from cxanalysis.sources.headers import has_column, shared_header
from cxanalysis.sources.inputs import Source, content_hash, find_sources
from cxanalysis.sources.job import Job, start
from cxanalysis.sources.joins import Lookup, file_of, join_all
from cxanalysis.sources.judge import judge
from cxanalysis.sources.limits import check_limits
from cxanalysis.sources.mapping import ColumnMapping, map_columns
from cxanalysis.sources.raw import LinesDisagreeError, Opened, Raw, load, open_inputs
from cxanalysis.sources.reading import TableReading
from cxanalysis.sources.rejects import Rule, count_rules, first_of_each, list_rejects
from cxanalysis.sources.sql import literal, quoted, words_of
from cxanalysis.sources.texts import count_excluded, make_branches, text_name

DICTIONARY = 10_000  # different values in a part of a file that are worth a list of them

Rows = tuple[Path, pd.DataFrame, TableReading]


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
    with clear_errors(name), open_scratch(config.engine.spill_folder) as scratch:
        store = cache.open_cache(folder)
        salt = privacy.read_salt(store, config.privacy)
        sources = find_sources(folder, table.path, table, name, scratch)
        lookups = [
            (join, find_sources(folder, [join.path], file_of(join, table), name, scratch))
            for join in table.join
        ]
        same = identity.find_map(config.identity, folder, scratch)
        inputs = [*sources, *(source for _, found in lookups for source in found), *same]
        key = cache.key_of(name, config, [(s.name, s.hash) for s in inputs], salt)
        stored = cache.find(store, name, key)
        if stored is not None:
            return stored
        with _unchanged(inputs):
            rows, rejects, reading = _read(name, config, scratch, salt, sources, lookups, same)
        reading = replace(reading, hashes={source.name: source.hash for source in inputs})
        listed = cache.write_rejects(store, name, rejects)
        check_limits(reading, config.limits.bad_rows, f"{cache.FOLDER}/{listed.name}")
        return cache.store(store, key, rows, rejects, reading)


@contextmanager
def _unchanged(inputs: Sequence[Source]) -> Iterator[None]:
    """Raise where a file is another after its reading than before: the rows may be of both."""
    problem: Exception | None = None
    try:
        yield
    except (DataError, duckdb.Error) as error:  # half a file may look broken in any way
        problem = error
    for source in inputs:
        if content_hash(source.path) != source.hash:
            raise DataError(
                f"{source.name}: changed while it was read. Run again when it is complete."
            ) from problem
    if problem is not None:
        raise problem


def _read(
    name: str,
    config: StudyConfig,
    scratch: Path,
    salt: str,
    sources: Sequence[Source],
    lookups: Sequence[Lookup],
    same: Sequence[Source],
) -> Rows:
    """Rows as a Parquet file, rejects, and the account of both."""
    for careful in (False, True):
        place = scratch / f"careful-{careful}"
        place.mkdir()
        job = start(name, config, place, salt, careful=careful)
        try:
            identity.load_map(job, same)
            return _rows(job, sources, lookups)
        except LinesDisagreeError as error:
            if careful:
                raise DataError(f"{error}: changed while it was read. Run again.") from error
        finally:
            job.connection.close()
    raise AssertionError("the second reading returns or raises")


def _rows(job: Job, sources: Sequence[Source], lookups: Sequence[Lookup]) -> Rows:
    inputs = open_inputs(job, sources, job.table, _names(job.table))
    header = shared_header([opened.header for opened in inputs])
    mapping = map_columns(job.name, job.table, job.config, header)
    raw = _load(job, mapping, inputs, _wanted(job.table, mapping, header))
    _number_records(job, raw)
    columns = join_all(job, lookups, raw.columns)
    _note_identifiers(job, mapping)
    branches = make_branches(job, mapping, raw, columns)
    texts = {field.name: text_name(field.name) for field in branches[0].step.fields}
    identity.note_unknown(job, branches[0].texts, texts)
    note_commas(job, branches)
    rules = judge(job, branches, raw.files)
    moved, rejects = _set_aside(job, rules, raw)
    rows = job.scratch / "rows.parquet"
    counts = count_rules(rejects)
    rows_kept = _write(job, mapping, rows)
    note_disagreements(job, mapping, rows)
    reading = TableReading(
        table=job.name,
        files=raw.files,
        rows_read=sum(raw.counts) * len(branches) + len(raw.ragged),
        rows_kept=rows_kept,
        rows_set_aside=int(rejects["_row"].nunique()),
        excluded=count_excluded(job, branches) | moved,
        rejects=counts,
        first_rejects=first_of_each(rejects, list(counts)),
        unmapped=tuple(map(privacy.mask, raw.unread)),
        notes=tuple(job.notes),
    )
    rejects = rejects.drop(columns="_row").assign(table=job.name)
    return rows, rejects[list(cache.REJECT_COLUMNS)], reading


def _names(table: Table) -> list[str]:
    """File columns that a study file names, to tell delimiters apart."""
    names = [source for column in table.columns.values() for source in column.sources]
    names += [item.column or name for name, item in table.items.items()]
    return names + [source for event in table.events for source in event.occurred_at.sources]


def _wanted(table: Table, mapping: ColumnMapping, header: Sequence[str]) -> list[str]:
    """Columns to load of the main files: mapped ones, and those that rows are chosen by."""
    prefixes = tuple(f"{join.path}: " for join in table.join)
    names = [name for field in mapping.fields.values() for name in field.columns]
    names += [name for step in mapping.steps for field in step.fields for name in field.columns]
    wanted = [name for name in names if not (prefixes and name.startswith(prefixes))]
    others = [*table.exclude, *(join.on for join in table.join)]
    return list(dict.fromkeys(wanted + [name for name in others if has_column(header, name)]))


def _load(job: Job, mapping: ColumnMapping, inputs: Sequence[Opened], wanted: Sequence[str]) -> Raw:
    """The main files, with times and numbers stored as such.

    Words that are missing to every field of a column are taken out, but where rows are chosen or
    looked up by it, which goes by the texts of the file.
    """
    table = job.table
    types: dict[str, str] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for field in (field for step in mapping.steps for field in step.fields):
        for name in field.columns:
            codes = missing.get(name, field.missing)
            missing[name] = tuple(code for code in codes if code in field.missing)
        sql_type = kept_as(field, table)
        if sql_type is not None and field.columns[0] in wanted:
            types.setdefault(field.columns[0], sql_type)
    chosen = {join.on for join in table.join} | set(table.exclude)
    chosen |= {s for name in table.exclude if (c := table.columns.get(name)) for s in c.sources}
    gone = {name: words_of(missing.get(name, ())) for name in wanted if name not in chosen}
    needed = {c for step in mapping.steps for f in step.fields if f.required for c in f.columns}
    spare = [name for name in wanted if name not in chosen | needed]
    return load(job, "main", inputs, wanted, types, gone, spare)


def _number_records(job: Job, raw: Raw) -> None:
    """Make the view ``base0``: rows numbered over all files, records within each, and all texts."""
    texts = "".join(
        f", {how.text} AS {how.column}" for how in raw.stored.values() if how.sql_type is not None
    )
    starts = [sum(raw.counts[:number]) for number in range(len(raw.counts))]
    job.connection.execute(
        f"CREATE VIEW base0 AS SELECT rowid AS _row, rowid + 1 - {starts}[_file + 1] "
        f"AS _record, *{texts} FROM main"
    )


def _note_identifiers(job: Job, mapping: ColumnMapping) -> None:
    job.notes.extend(f"{name} identifies a person: left out" for name in mapping.dropped)
    hashed = dict.fromkeys(f.source for f in mapping.fields.values() if f.privacy == "hash")
    job.notes.extend(f"{name} identifies a person: hashed" for name in hashed)


def _set_aside(job: Job, rules: Sequence[Rule], raw: Raw) -> tuple[dict[str, int], pd.DataFrame]:
    """Rows moved out as earlier versions of others, and all that break a rule."""
    repeated = find_duplicates(job)
    expected = keeps_last(job)
    rejects = list_rejects(job, rules, raw, duplicates=repeated > 0 and not expected)
    if not repeated or not expected:
        return {}, rejects
    return {f"earlier row of the same {job.contract.key}": repeated}, rejects


def _write(job: Job, mapping: ColumnMapping, target: Path) -> int:
    """Write the rows kept, contract columns first, and return how many they are."""
    fields = mapping.fields
    known = [name for name in job.contract.names if name in fields or name == job.contract.key]
    names = list(dict.fromkeys([*known, *fields]))
    names += [f"{field.name}_na" for field in fields.values() if field.item]
    listed = ", ".join(quoted(name) for name in names)
    kept = f"SELECT {listed} FROM sound"
    if job.number("SELECT count(*) FROM repeated"):
        kept += " WHERE _row NOT IN (SELECT _row FROM repeated)"
    if job.table.events or job.table.join or job.config.identity is not None:
        # these leave the order of the file
        kept += " ORDER BY _row"
    job.connection.execute(
        f"COPY ({kept}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd, "
        f"COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT {DICTIONARY})"
    )
    return job.number(f"SELECT count(*) FROM read_parquet({literal(str(target))})")
