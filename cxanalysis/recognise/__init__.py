"""Look at unknown files, guess what they hold, and write a commented study file to correct.

`parts` puts files of one table together, `profile` describes columns by their values, `times` and
`ratings` find date formats and scales, `vendors` knows exports by their headers, `roles` scores all
other headers against the words of `vocabulary`, `drafts` decides which file is which table, `lacks`
says why one is none, `keys` whether a ticket's number is its own, `links` compares customer numbers
between files, `assemble` and `whole` put reasons to everything, `write` writes it down.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from filecmp import cmp
from pathlib import Path

import duckdb

from cxanalysis.engine import connect
from cxanalysis.errors import DataError
from cxanalysis.recognise.assemble import assemble, customers_of
from cxanalysis.recognise.drafts import Draft, Source, share_out, with_added
from cxanalysis.recognise.given import Given, find_given, load_given, written_of
from cxanalysis.recognise.guess import Guess, TableGuess
from cxanalysis.recognise.keys import without_shared_number
from cxanalysis.recognise.links import Links, find_links
from cxanalysis.recognise.parts import find_parts, merge
from cxanalysis.recognise.profile import describe, percent
from cxanalysis.recognise.ratings import find_ratings
from cxanalysis.recognise.vendors import Known, find_vendor
from cxanalysis.recognise.whole import guess_whole
from cxanalysis.recognise.wording import OUTRIGHT
from cxanalysis.recognise.write import write_study
from cxanalysis.sources.sql import literal, literals, quoted
from cxanalysis.tables import CONTRACTS

__all__ = ["Guess", "TableGuess", "recognise", "write_study"]

_MOST_SOURCES = 8
_FEW_MATCHES = 0.5


def recognise(files: Sequence[Path | str]) -> Guess:
    """What files, workbooks and databases seem to hold, judged on all their rows.

    Parameters
    ----------
    files
        Paths, patterns and addresses in any order; files with nearly the same headers are taken
        as parts of one table, sheets of a workbook and tables of a database as files of their own.

    Raises
    ------
    DataError
        When a file cannot be read as a table, none is recognised, or two cannot be told apart.
    """
    if not files:
        raise DataError("No files given. Name at least one file or address.")
    connection = connect()
    with tempfile.TemporaryDirectory(prefix="cxanalysis-") as scratch:
        given, copies = _without_copies(find_given(files, Path(scratch)))
        sources = _sources(connection, given, Path(scratch))
    drafts, left = with_added(*share_out(sources))
    drafts = {
        name: without_shared_number(connection, drafts[name])
        for name in CONTRACTS
        if name in drafts
    }
    links = _from_files(
        find_links(
            connection,
            {name: draft.source.profile for name, draft in drafts.items()},
            {name: _taken(draft) for name, draft in drafts.items()},
            {name: found for name, draft in drafts.items() if (found := customers_of(draft))},
        ),
        drafts,
    )
    first_paths = {name: draft.source.paths[0] for name, draft in drafts.items()}
    tables = {name: assemble(draft, links, first_paths) for name, draft in drafts.items()}
    whole = guess_whole(connection, drafts, tables)
    matches, doubts = _matches(links, tables)
    return Guess(
        name="Our customers",
        tables=tuple(tables.values()),
        settings=whole.settings,
        reasons=whole.reasons,
        matches=tuple(matches),
        doubts=(*doubts, *whole.doubts),
        unused=(*((path, why) for source, why in left for path in source.paths), *copies),
    )


def _without_copies(given: Sequence[Given]) -> tuple[list[Given], list[tuple[Path, str]]]:
    """Each file once: the others hold the same to the letter, which would count rows twice."""
    kept: list[Given] = []
    copies = []
    for one in {one.path if one.address is None else one: one for one in given}.values():
        files = [other.path for other in kept if other.path.is_file()] if one.path.is_file() else []
        same = (other for other in files if cmp(one.path, other, shallow=False))
        original = next(same, None)
        if original is None:
            kept.append(one)
        else:
            copies.append((one.path, f"it holds the same as {original.name}"))
    return kept, copies


def _sources(
    connection: duckdb.DuckDBPyConnection, given: Sequence[Given], scratch: Path
) -> list[Source]:
    """The files, those that are parts of one table together."""
    every = [
        file
        for number, one in enumerate(given)
        for file in load_given(connection, one, f"file{number}", scratch)
    ]
    groups = find_parts(every)
    if len(groups) > _MOST_SOURCES:
        raise DataError(
            f"{len(groups)} files with different headers are too many: there are four tables. "
            f"Give at most {_MOST_SOURCES}, those that hold tickets, survey, events, customers."
        )
    sources = []
    for group in groups:
        whole, notes = merge(connection, group)
        known = find_vendor(whole.headers, nested=whole.format == "json")
        if known is not None:
            _leave_out(connection, whole.relation, known)
        paths = tuple(file.path for file in group)
        written = written_of(group, every)
        profile = describe(connection, whole)
        source = Source(paths, profile, {}, known, written, tuple(notes))
        free = replace(source.profile, columns=source.free)
        sources.append(replace(source, ratings=find_ratings(connection, free)))
    return sources


def _leave_out(connection: duckdb.DuckDBPyConnection, relation: str, known: Known) -> None:
    """Remove the rows that the vendor's file leaves out, so that they shape no guess."""
    if footer := known.reading.get("footer"):
        _leave_out_footer(connection, relation, footer)
    for header, codes in known.reading.get("exclude", {}).items():
        listed = literals([codes] if isinstance(codes, str) else [str(code) for code in codes])
        connection.execute(f"DELETE FROM {relation} WHERE trim({quoted(header)}) IN {listed}")


def _leave_out_footer(
    connection: duckdb.DuckDBPyConnection, relation: str, signs: Sequence[str]
) -> None:
    """Remove the rows that fill one column only, if one of them begins as a footer does."""
    names = [row[0] for row in connection.execute(f"DESCRIBE {relation}").fetchall()]
    texts = ", ".join(f"nullif(trim({quoted(name)}), '')" for name in names)
    begins = " OR ".join(f"starts_with(lower(text), {literal(sign.lower())})" for sign in signs)
    connection.execute(
        f"CREATE TEMP TABLE alone AS SELECT rowid AS place, concat({texts}) AS text "
        f"FROM {relation} WHERE len(list_filter([{texts}], lambda text: text IS NOT NULL)) = 1"
    )
    connection.execute(
        f"DELETE FROM {relation} WHERE rowid IN (SELECT place FROM alone) "
        f"AND EXISTS (SELECT 1 FROM alone WHERE {begins})"
    )
    connection.execute("DROP TABLE alone")


def _from_files(links: Links, drafts: Mapping[str, Draft]) -> Links:
    """The links without lookups in what a study file can only name as a table."""
    files = {
        name
        for name, draft in drafts.items()
        if all(isinstance(path, Path) for path in draft.source.written)
        and draft.source.profile.file.format in ("csv", "parquet", "json")
    }
    lookups = {name: one for name, one in links.lookups.items() if one.other in files}
    return replace(links, lookups=lookups)


def _taken(draft: Draft) -> frozenset[str]:
    """Columns that another role has by a header that names it outright."""
    return frozenset(match.column.name for match in draft.roles.values() if match.score >= OUTRIGHT)


def _matches(links: Links, tables: dict[str, TableGuess]) -> tuple[list[str], list[str]]:
    """How many customers of one file are found in another, and a warning where few are."""
    matches, doubts = [], []
    for left, right in itertools.combinations(tables, 2):
        if (left, right) not in links.shares:
            continue
        there, back = links.shares[left, right], links.shares[right, left]
        names = tables[left].files[0].name, tables[right].files[0].name
        matches.append(
            f"{percent(there)} of those in {names[0]} are also in {names[1]}, and "
            f"{percent(back)} the other way round"
        )
        if max(there, back) < _FEW_MATCHES:
            doubts.append(
                f"few customers match between {names[0]} and {names[1]} ({percent(there)} and "
                f"{percent(back)}): is customer_id the same kind of number in both?"
            )
    return matches, doubts
