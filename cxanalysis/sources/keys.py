"""Which columns of two tables' files would match better than those read as customer_id.

Looked for only where tables hardly match. Names of columns and shares come out, never a value.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from cxanalysis.config import StudyConfig
from cxanalysis.errors import DataError
from cxanalysis.sources import privacy
from cxanalysis.sources.inputs import find_sources
from cxanalysis.sources.job import Job, start
from cxanalysis.sources.raw import LinesDisagreeError, load, open_inputs
from cxanalysis.sources.sql import code, literal

FEWEST = 20  # different values below which a match says nothing
LONGEST = 64  # signs of an id
SAMPLE = 50_000  # different values of a column of the smaller table that are compared
TELLING = 0.3  # different values per row, in one of two columns, from which it may tell customers
WORTH = 0.1  # share matched from which a pair of columns is worth trying
MOST = 12  # columns of a table that are compared
SHOWN = 3  # pairs that come out
# How values are compared: as they are, and as people write the same number differently.
FORMS = {
    "as they are": "{v}",
    "but for capitals and leading zeros": "lower(ltrim({v}, '0'))",
    "by the first 15 of 18 characters": (
        "CASE WHEN regexp_full_match({v}, '[0-9A-Za-z]{{15}}([A-Z0-5]{{3}})?') "
        "THEN left({v}, 15) END"
    ),
}
_NO_ID = r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.*|-?[0-9]+[.,][0-9]{1,6}|.*\s.*\s.*\s.*"
_CUSTOMER = re.compile(
    r"customer|client|contact|user|account|member|person|requester|caller|reporter|recipient"
    r"|respondent|visitor|guest|patient|subscriber|kunde|mail|phone|external|reference",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class KeyPair:
    """Two columns, how their values meet, and the share of the shorter one's that do (0 to 1).

    ``lines`` are what the study file would have for them to meet.
    """

    left: str
    right: str
    form: str
    share: float
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    """A column that may hold an id: ``running`` numbers meet any others by chance.

    ``named`` is one whose header, or the study file, says that it holds customers.
    """

    column: str
    name: str
    given: int
    distinct: int
    running: bool
    named: bool

    @property
    def telling(self) -> bool:
        """Whether it differs from row to row, as a name of a city does not."""
        return self.distinct >= TELLING * self.given


def better_keys(config: StudyConfig, folder: Path, left: str, right: str) -> tuple[KeyPair, ...]:
    """The pairs of columns of two tables' files whose values meet best, best first.

    Empty where none is worth trying, or the files cannot be looked into again.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="cxanalysis-") as temporary:
            job = start(left, config, Path(temporary), "", careful=False)
            try:
                return _pairs(job, {name: _candidates(job, name, folder) for name in (left, right)})
            finally:
                job.connection.close()
    except (DataError, LinesDisagreeError, OSError, duckdb.Error):
        return ()


def _candidates(base: Job, name: str, folder: Path) -> list[_Candidate]:
    """Load a table's files into a table of that name, and give the columns that may hold an id."""
    job = replace(base, name=name)
    sources = find_sources(folder, job.table.path, job.table, name, job.scratch)
    inputs = open_inputs(job, sources, job.table, [])
    headers = [opened.header for opened in inputs]
    names = [
        column
        for column in headers[0]
        if column
        and all(header.count(column) == 1 for header in headers)
        and privacy.treatment((column,), job.config.privacy) != "drop"
    ]
    raw = load(job, name, inputs, names)
    found = (_look(job, name, header, column) for header, column in raw.columns.items())
    candidates = [candidate for candidate in found if candidate is not None]
    return sorted(candidates, key=lambda c: (not c.named, not c.telling))[:MOST]


def _look(job: Job, table: str, header: str, column: str) -> _Candidate | None:
    given, distinct, longest, odd, low, high = job.connection.execute(
        f"SELECT count({column}), count(DISTINCT {column}), max(length({column})), "
        f"count_if(regexp_full_match({column}, {literal(_NO_ID)})), "
        f"min(try_cast({column} AS BIGINT)), max(try_cast({column} AS BIGINT)) FROM {table}"
    ).fetchall()[0]
    if distinct < FEWEST or longest > LONGEST or odd > given / 2:
        return None
    running = low is not None and high - low < 3 * distinct
    mapped = job.table.columns.get("customer_id")
    named = _CUSTOMER.search(header) or (mapped is not None and header in mapped.sources)
    return _Candidate(column, header, given, distinct, running, bool(named))


def _pairs(job: Job, candidates: Mapping[str, list[_Candidate]]) -> tuple[KeyPair, ...]:
    """Compare a sample of the smaller table's values with all of the other's."""
    left, right = candidates
    if not candidates[left] or not candidates[right]:
        return ()
    few, many = sorted(candidates, key=lambda name: max(c.given for c in candidates[name]))
    thinned = {c.column: max(1, c.distinct // SAMPLE) for c in candidates[few]}
    sampled = " UNION ALL ".join(
        f"SELECT DISTINCT '{c.column}' AS col, {number} AS form, v FROM "
        f"(SELECT {form.format(v=_value(c))} AS v FROM {few}) "
        f"WHERE v <> '' AND hash(v) % {thinned[c.column]} = 0"
        for c in candidates[few]
        for number, form in enumerate(FORMS.values())
    )
    every = " UNION ALL ".join(
        f"SELECT '{c.column}' AS col, {number} AS form, {form.format(v=_value(c))} AS v FROM {many}"
        for c in candidates[many]
        for number, form in enumerate(FORMS.values())
    )
    job.connection.execute(f"CREATE TABLE sampled AS {sampled}")
    found = job.connection.execute(
        f"SELECT s.col, e.col, s.form, count(DISTINCT s.v) FROM ({every}) e "
        "JOIN sampled s ON e.form = s.form AND e.v = s.v GROUP BY ALL"
    ).fetchall()
    by_column = {name: {c.column: c for c in candidates[name]} for name in candidates}
    pairs: dict[tuple[str, str], KeyPair] = {}
    for mine, theirs, form, met in sorted(found, key=lambda row: row[2]):
        one, two = by_column[few][mine], by_column[many][theirs]
        if not _believable(one, two):
            continue
        share = min(1.0, met * thinned[mine] / min(one.distinct, two.distinct))
        names = (one.name, two.name) if few == left else (two.name, one.name)
        before = pairs.get((mine, theirs))
        if share >= WORTH and (before is None or share > before.share + 0.01):
            first, second = (privacy.mask(name) for name in names)
            lines = _lines(job, {left: first, right: second}, form)
            pairs[mine, theirs] = KeyPair(first, second, list(FORMS)[form], share, lines)
    return tuple(sorted(pairs.values(), key=lambda pair: -pair.share)[:SHOWN])


def _lines(job: Job, names: Mapping[str, str], form: int) -> tuple[str, ...]:
    """Lines of a study file: the customer of each table, and what is to be hashed with the other.

    Hashing reads capitals alike; no line takes leading zeros away.
    """
    texts = {table: json.dumps(name, ensure_ascii=False) for table, name in names.items()}
    cut = form == len(FORMS) - 1
    lines = [
        f"[tables.{table}.columns] customer_id = "
        + (f"{{ column = {text}, characters = 15 }}" if cut else text)
        for table, text in texts.items()
    ]
    settings = job.config.privacy
    fates = {name: privacy.treatment(("customer_id", name), settings) for name in names.values()}
    plain = [name for name, fate in fates.items() if fate == "keep"]
    if plain and (len(plain) < len(fates) or form == 1):
        listed = json.dumps([*settings.hash, *plain], ensure_ascii=False)
        lines.append(f"[privacy] hash = {listed}")
    return tuple(lines)


def _believable(one: _Candidate, two: _Candidate) -> bool:
    """Running numbers meet any others, and so do values that few customers share."""
    if not (one.telling or two.telling):
        return one.named and two.named and not (one.running or two.running)
    return not (one.running and not one.named) and not (two.running and not two.named)


def _value(candidate: _Candidate) -> str:
    return privacy.plain_address(code(candidate.column))
