"""A study: its settings, its four tables behind the engine, and what was read and set aside."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import narwhals as nw
import pandas as pd

from cxanalysis.account import Check, table_accounts, unidentified
from cxanalysis.config import (
    Quoted,
    StudyConfig,
    change_config,
    closest,
    moved_settings,
    read_config,
)
from cxanalysis.engine import Engine, collect
from cxanalysis.errors import DataError, ReportError, StudyError
from cxanalysis.names import absent_names
from cxanalysis.needs import outlooks
from cxanalysis.partition import Blocks, blocks_of
from cxanalysis.periods import Period, last_complete, parse_period
from cxanalysis.sources.cache import REJECT_COLUMNS, Stored
from cxanalysis.sources.keys import better_keys
from cxanalysis.sources.limits import check_identified, check_matched
from cxanalysis.sources.matching import (
    count_stored,
    count_together,
    match_hints,
    matches_of,
)
from cxanalysis.sources.read import read_table
from cxanalysis.sources.reading import TableReading
from cxanalysis.tables import CLOCKS, CONTRACTS

SMALLEST_BASE = 2  # no interval can be given for fewer
LAST = "last"  # the period that reports take unless told otherwise
KNOWN_VALUES = 20  # values of a segment column that an error lists
# What later stages ask of a study; completion offers the rest, which is for looking at it.
INNER = frozenset(
    (
        *("apart", "counts", "engine", "identified", "keep", "keeps", "moved"),
        *("of_all_dates", "once", "shared", "views"),
    )
)
T = TypeVar("T")


@dataclass(frozen=True)
class Study:
    """Everything the later stages need: settings, tables, what was read, and the view asked for.

    ``period`` and ``segment`` narrow what is reported, not what is known: a lookback window
    may reach before the period. Narrow with `during` and `among`; a study never changes.
    ``settings`` is what `under` was given, and ``moved`` names those that the file has otherwise.
    ``path`` is the study file; ``reading`` tells for each table what was read and set aside,
    ``counts`` how many customers are in which tables, of a study that is not narrowed. ``few``
    tells that the rows of a narrowed study are held in memory, however many the whole has.
    """

    path: Path
    config: StudyConfig
    engine: Engine = field(repr=False)
    tables: Mapping[str, nw.LazyFrame[Any]] = field(repr=False)
    period: Period | None = None
    segment: tuple[str, str] | None = None
    settings: str = field(default="", repr=False)
    moved: tuple[str, ...] = field(default=(), repr=False)
    reading: tuple[TableReading, ...] = field(default=(), repr=False)
    stored: tuple[Stored, ...] = field(default=(), repr=False)
    counts: Mapping[frozenset[str], int] | None = field(default=None, repr=False)
    few: bool = field(default=False, repr=False)
    shared: Shared | None = field(default=None, repr=False)
    views: dict[tuple[int, int], Study] = field(default_factory=dict, repr=False, compare=False)

    @property
    def title(self) -> str:
        """What the study is of, by name, period and segment."""
        period = self.period.title if self.period else "all dates"
        segment = [] if self.segment is None else ["=".join(self.segment)]
        return ", ".join([self.config.name, period, *segment])

    def __repr__(self) -> str:
        return f"Study({', '.join([self.title, *self.tables])})"

    def __str__(self) -> str:
        return str(check_study(self))

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name[0] != "_" and name not in INNER]

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        check = check_study(self)
        return {"text/plain": str(check), "text/html": check._repr_html_()}

    @cached_property
    def columns(self) -> dict[str, frozenset[str]]:
        """Columns of each table the study has."""
        return {
            name: frozenset(table.collect_schema().names()) for name, table in self.tables.items()
        }

    @property
    def blocks(self) -> Blocks:
        """Feature columns by set and group, fixed before looking at any outcome."""
        return blocks_of(self.config, self.columns)

    def has(self, table: str, *columns: str) -> bool:
        """Whether the study has a table with all of these columns."""
        return table in self.tables and self.columns[table].issuperset(columns)

    def frame(self, table: str) -> pd.DataFrame:
        """The checked rows of a table, of all dates, with times as UTC timestamps.

        Raises
        ------
        StudyError
            When the study has no such table.
        """
        if table not in self.tables:
            raise StudyError(f"The study has no table {table!r}.{closest(table, self.tables)}")
        return collect(self.tables[table])

    def provides(self) -> frozenset[str]:
        """What sections of a report can build on: names of tables, "model" and "others".

        A model needs the outcome and feature columns in both sets. "others" are figures of
        others to compare with: benchmarks, or questions worded like a quoted figure.
        """
        names = set(self.tables)
        if self.config.benchmarks or self.config.quoted != Quoted():
            names.add("others")
        has_both = all(any(groups.values()) for groups in self.blocks.values())
        if has_both and self.has("surveys", self.config.model.outcome):
            names.add("model")
        return frozenset(names)

    def during(self, period: str) -> Study:
        """The same study, reported for another period.

        Parameters
        ----------
        period
            "2026-10", "2026-Q3", "2026", "all", or "last": the last complete one of the
            length that the study reports, and all where the tables have no times.

        Raises
        ------
        ReportError
            When the text is none of these.
        """
        if period == LAST:
            return replace(self, period=_last_period(self))
        return replace(self, period=parse_period(period, self.config.time_zone))

    def among(self, segment: str) -> Study:
        """The same study, narrowed to customers of a segment, "column=value".

        The column is one of customers; where it is not, the tables that have it are narrowed
        row by row and the others stay as they are.

        Raises
        ------
        ReportError
            When the study is narrowed already, or has no such column or value.
        """
        if self.segment is not None:
            column, value = self.segment
            raise ReportError(f"The study is narrowed to {column}={value} already; start anew.")
        column, value = _split_segment(segment)
        tables = dict(self.tables)
        shared: Shared | None = None
        if self.has("customers", column):
            chosen = _having(self, ("customers",), column, value)["customers"]
            ids = chosen.select("customer_id")
            tables = {
                name: table.join(ids, on="customer_id", how="semi")
                if self.has(name, "customer_id")
                else table
                for name, table in tables.items()
            }
            if self.wider is not None:
                shared = Shared(self.wider, tables)
        else:
            owners = tuple(name for name in tables if column in self.columns[name])
            tables |= _having(self, owners, column, value)
        return replace(
            self, tables=tables, segment=(column, value), counts=None, shared=shared, views={}
        )

    def under(self, settings: str) -> Study:
        """The same study under other definitions than those of its file, for one view or report.

        Parameters
        ----------
        settings
            TOML as in the study file, such as ``service.channels = ["phone"]`` or
            ``metrics.fcr_window_days = 14``, a line each; empty for what the file says.

        Raises
        ------
        StudyError
            When a setting is unknown, unfit, or one that can be changed in the file alone; and
            when the study is under other definitions already.
        """
        if not settings.strip():
            return self
        if self.settings:
            raise StudyError("The study is under other definitions already; start anew.")
        config = change_config(self.config, settings)
        # What was prepared for all reports counts by the file's own definitions.
        moved = moved_settings(self.config, config)
        return replace(self, config=config, settings=settings.strip(), moved=moved, shared=None)

    def apart(self) -> Study:
        """The same study behind an engine of its own, as every thread needs one."""
        if not self.stored:
            raise ReportError("A study made of frames has only the engine it was made with.")
        engine = Engine(self.engine.settings)
        tables = {table.reading.table: engine.scan(table.rows) for table in self.stored}
        whole = replace(self, engine=engine, tables=tables, segment=None, few=False)
        return whole if self.segment is None else whole.among("=".join(self.segment))

    def absent_names(self) -> tuple[str, ...]:
        """A sentence for every name in the study file that no row of its tables has."""
        groups = [group for groups in self.blocks.values() for group in groups]
        return absent_names(self.config, self.tables, groups)

    def rejects(self) -> pd.DataFrame:
        """What was set aside: table, file, line, column, value (masked) and rule, one per row."""
        found = [stored.rejects() for stored in self.stored]
        found = [frame for frame in found if len(frame)]
        if not found:
            return pd.DataFrame(columns=list(REJECT_COLUMNS))
        return pd.concat(found, ignore_index=True)

    def once(self, make: Callable[..., T], *arguments: Hashable) -> T:
        """What a function makes of this study and further arguments: made once, then kept with it.

        Everyone gets a frame of their own, so that nobody's changes reach the next; what is no
        frame must be frozen.
        """
        key = (make, *arguments)
        if key not in self._made:
            self._made[key] = make(self, *arguments)
        made: T = self._made[key]
        return made.copy(deep=False) if isinstance(made, pd.DataFrame) else made

    def keep(
        self, make: Callable[..., nw.LazyFrame[Any]], *arguments: Hashable
    ) -> nw.LazyFrame[Any]:
        """As `once`, of rows that stay in the engine: worked out there when first asked for.

        What a function makes of the study and further arguments is kept for each of these.
        """
        key = (make, *arguments)
        if key not in self._kept:
            self._kept[key] = self.engine.keep(make(self, *arguments))
        return self._kept[key]

    @cached_property
    def _made(self) -> dict[tuple[Hashable, ...], Any]:
        return {}

    @cached_property
    def _kept(self) -> dict[tuple[Hashable, ...], nw.LazyFrame[Any]]:
        return {}

    def keeps(self, make: Callable[..., nw.LazyFrame[Any]], *arguments: Hashable) -> bool:
        """Whether `keep` has been asked for this before."""
        return (make, *arguments) in self._kept

    @property
    def holds(self) -> bool:
        """Whether all its rows are held in memory, so that looking at them anew takes no time."""
        return self.few or self.engine.holds

    @property
    def of_all_dates(self) -> Study:
        """The study without its period, one and the same for all periods, with what it keeps.

        ``views`` goes along with every copy of a study and holds one for each tables and settings.
        """
        of = (id(self.tables), id(self.config))  # the study that is held keeps both alive
        if of not in self.views:
            self.views[of] = replace(self, period=None)
        return self.views[of]

    @property
    def wider(self) -> Study | None:
        """The prepared study that this is of, all customers and dates; None where there is none.

        Every customer here has all records there, and no other ones.
        """
        shared = self.shared
        return shared.whole if shared is not None and shared.tables is self.tables else None

    def matches(self) -> pd.DataFrame:
        """How many customers of one table are found in another.

        Returns
        -------
        DataFrame
            left, right, n (different customers in left), matched (those also in right), share
            (0 to 1). A low share is the usual reason for a study that says nothing.
        """
        return self.once(_matches)

    @property
    def identified(self) -> dict[str, nw.LazyFrame[Any]]:
        """The tables that say whose rows they hold."""
        return {n: table for n, table in self.tables.items() if self.has(n, "customer_id")}

    def shared_customers(self) -> Mapping[frozenset[str], int]:
        """How many customers are in which tables, counted once per opened study."""
        if self.counts is not None:
            return self.counts
        return count_together(self.identified)


@dataclass(frozen=True, eq=False)
class Shared:
    """A prepared study, and tables that hold all of it or whole customers of it."""

    whole: Study
    tables: Mapping[str, nw.LazyFrame[Any]]


def _matches(study: Study) -> pd.DataFrame:
    return matches_of(study.shared_customers(), study.identified)


def study_of(config: StudyConfig, frames: Mapping[str, pd.DataFrame]) -> Study:
    """A study of pandas frames given in place of files.

    Parameters
    ----------
    config
        Settings as a study file holds them; what it says of reading files is not used.
    frames
        By name of the table; columns as in the contracts, times as UTC timestamps. They are
        trusted, not checked.
    """
    engine = Engine(config.engine)
    tables = {name: engine.register(frame) for name, frame in frames.items()}
    return Study(Path(), config, engine, tables)


def open_study(
    path: str | Path,
    *,
    period: str = "all",
    segment: str | None = None,
    min_base: int | None = None,
    settings: str = "",
) -> Study:
    """Read a study file and its tables, each from the cache where nothing has changed.

    Parameters
    ----------
    path
        study.toml, or the folder it is in. A folder ``.cxanalysis`` beside it is the cache.
    period
        "2026-10", "2026-Q3", "2026", "last" or "all"; see `Study.during`.
    segment
        "column=value": see `Study.among`.
    min_base
        Fewest answers behind a published figure, in place of the study file's.
    settings
        Further definitions in place of the study file's, as TOML; see `Study.under`.

    Raises
    ------
    StudyError
        When the study file cannot be used, or settings do not fit it.
    DataError
        When a table cannot be read, or too many of its rows break the contract; all tables
        are tried, so that one run names every problem. Also when no row of a table has the
        customer that was asked for, or hardly any customer of one table is in another
        (``limits.matched``), with the columns that would match better.
    """
    if min_base is not None:
        _check_base(min_base)  # before anything is read
    path = _study_file(path)
    prepared = _prepared.get(path.absolute())
    if prepared is None:
        study = _read(path)
    else:
        study = replace(prepared, shared=Shared(prepared, prepared.tables))
    if min_base is not None:
        study = with_base(study, min_base)
    study = study.under(settings).during(period)
    return _with_rows(study.among(segment)) if segment else study


def with_base(study: Study, min_base: int) -> Study:
    """The same study with another smallest base: fewest answers behind a published figure.

    Raises
    ------
    StudyError
        When that is too few for an interval.
    """
    _check_base(min_base)
    metrics = study.config.metrics.model_copy(update={"min_base": min_base})
    return replace(study, config=study.config.model_copy(update={"metrics": metrics}))


def _check_base(min_base: int) -> None:
    if min_base < SMALLEST_BASE:
        raise StudyError(f"min_base is {min_base}; it must be at least {SMALLEST_BASE}.")


def _with_rows(study: Study) -> Study:
    """A narrowed study, its rows held where they are few: not every figure narrows them anew."""
    tables = {name: study.engine.part(table) for name, table in study.tables.items()}
    few = all(tables[name] is not table for name, table in study.tables.items())
    shared = None if study.wider is None else Shared(study.wider, tables)
    return replace(study, tables=tables, few=few, shared=shared, views={})


_prepared: dict[Path, Study] = {}


def prepare_study(path: str | Path) -> Study:
    """Read a study for all processes forked from this one: their `open_study` finds it read.

    They see the tables as they are now, whatever becomes of the files. DuckDB has no threads of
    its own then, since a fork would lose them. A study on Spark is read by each process, as a
    fork cannot share its connection. Errors are those of `open_study`.
    """
    path = _study_file(path)
    study = _read(path, threads=1)
    if study.config.engine.name == "duckdb":
        _prepared[path.absolute()] = study
    return study


def _study_file(path: str | Path) -> Path:
    path = Path(path)
    return path / "study.toml" if path.is_dir() else path


def _read(path: Path, threads: int | None = None) -> Study:
    config = read_config(path)
    stored = _read_tables(config, path.parent)
    limited = {"threads": threads} if threads else {}
    engine = Engine(config.engine.model_copy(update=limited))
    tables = {table.reading.table: engine.scan(table.rows) for table in stored}
    readings = tuple(table.reading for table in stored)
    study = Study(path, config, engine, tables, reading=readings, stored=tuple(stored))
    counts = count_stored(study.identified, [table.folder for table in stored])
    study = replace(study, counts=counts)
    if config.limits.matched:
        check_identified({r.table: r for r in readings if r.table in study.identified}, counts)
    check_matched(
        counts,
        config.limits.matched,
        lambda left, right: better_keys(config, path.parent, left, right),
    )
    return study


def _read_tables(config: StudyConfig, folder: Path) -> list[Stored]:
    stored, problems = [], []
    for name in CONTRACTS:
        if getattr(config.tables, name) is None:
            continue
        try:
            stored.append(read_table(name, config, folder))
        except DataError as error:
            problems.append(error)
    said = dict.fromkeys(str(problem) for problem in problems)  # an id map fails for every table
    if len(said) == 1:
        raise problems[0]
    if problems:
        raise DataError("\n\n".join(said)) from problems[0]
    if not stored:
        raise DataError("The study has no table. Give at least one under [tables].")
    return stored


def _last_period(study: Study) -> Period | None:
    """The last complete period of the newest answer, contact or event; not of a slip like 2062."""
    now = int(datetime.now(UTC).timestamp()) * 1_000_000
    latest = [
        collect(
            study.tables[table]
            .filter(nw.col(column) <= now)
            .select(nw.col(column).max().alias("latest"))
        )["latest"].iloc[0]
        for table, column in CLOCKS.items()
        if study.has(table, column)
    ]
    known = [int(moment) for moment in latest if pd.notna(moment)]
    if not known:
        return None
    newest = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=max(known))
    return last_complete(newest, study.config.report.every, study.config.time_zone)


def _split_segment(text: str) -> tuple[str, str]:
    column, sign, value = text.partition("=")
    if not sign or not column.strip() or not value.strip():
        raise ReportError(f'{text!r} is not a segment. Write column=value, such as "country=NL".')
    return column.strip(), value.strip()


def _having(
    study: Study, owners: tuple[str, ...], column: str, value: str
) -> dict[str, nw.LazyFrame[Any]]:
    """The tables that own a column, narrowed to a value of it."""
    if not owners:
        known = sorted({c for name in study.tables for c in segment_columns(study, name)})
        raise ReportError(f"No table has a column {column!r}.{closest(column, known)}")
    known_values: list[str] = []
    narrowed = {}
    for name in owners:
        text = nw.col(column).cast(nw.String)
        values = collect(study.tables[name].select(text.alias("value")).unique())["value"]
        known_values += [str(known) for known in values.dropna() if known not in known_values]
        narrowed[name] = study.tables[name].filter(text == value)
    if value not in known_values:
        hint = closest(value, sorted(known_values)[:KNOWN_VALUES])
        raise ReportError(f"{column!r} has no value {value!r}.{hint}")
    return narrowed


def segment_columns(study: Study, table: str) -> list[str]:
    """Text columns that can name a segment: no ids, no comments."""
    schema = study.tables[table].collect_schema()
    contract = CONTRACTS[table]
    kinds = {column.name: column.kind for column in contract.columns}
    return [
        name
        for name, dtype in schema.items()
        if dtype == nw.String and kinds.get(name, "category") == "category"
    ]


def check_study(study: Study) -> Check:
    """The account of what was read, set aside, left unread and matched, and what can be told.

    It is what a notebook shows of a study; here its tables can be taken from it.
    """
    return study.once(_check)


def _check(study: Study) -> Check:
    hints = match_hints(study.identified, study.shared_customers())
    hints = (*unidentified(study.tables, study.identified), *hints, *study.absent_names())
    tables = table_accounts(study.tables, study.reading, study.period, study.config.time_zone)
    narrowed = (("period", study.period), ("segment", study.segment))
    view = " and ".join(name for name, given in narrowed if given is not None)
    told = outlooks(study.provides())
    return Check(study.title, view, study.reading, tables, study.matches(), hints, told)
