"""Choices that concern the whole study: stages, service, outcome, time zone, periods."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from cxanalysis.config import DEFAULT_STAGES, StudyConfig, bearable_stage
from cxanalysis.errors import StudyError
from cxanalysis.partition import block_columns, blocks_of
from cxanalysis.recognise.devices import users_of_devices
from cxanalysis.recognise.drafts import Draft
from cxanalysis.recognise.guess import Guess, TableGuess
from cxanalysis.recognise.headers import OUTCOME_SCORES
from cxanalysis.recognise.items import is_service
from cxanalysis.recognise.naming import may_name
from cxanalysis.recognise.profile import ColumnProfile, FileProfile, clean
from cxanalysis.recognise.times import parse
from cxanalysis.recognise.wording import words
from cxanalysis.recognise.write import study_text
from cxanalysis.sources.sql import quoted

_SERVICE_KEYS = ("service.channels", "service.touchpoints")
_ANSWERS = 100  # answers that make a period worth a report of its own
_ANSWERS_PER_COLUMN = 20  # with fewer, the model does not tell groups of drivers apart
_MANY_ROWS = 500  # with as many events, a stage that one of them has is a slip
_PERIODS = 2  # complete ones, so that there is one to compare with
_MOST_STAGES = 30
_NAMELESS = "other"  # a stage whose name is nothing but full stops


class WholeStudy:
    """Settings by dotted key, the reason of each, and doubts; filled once, then read."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}
        self.doubts: list[str] = []

    def set(self, key: str, value: Any, reason: str) -> None:
        """Keep one setting with its reason."""
        self.settings[key] = value
        self.reasons[key] = reason


def guess_whole(
    connection: duckdb.DuckDBPyConnection,
    drafts: Mapping[str, Draft],
    tables: Mapping[str, TableGuess],
) -> WholeStudy:
    """Everything outside the tables."""
    whole = WholeStudy()
    _time_zone(whole, drafts, tables)
    _stages(whole, connection, drafts, tables)
    _service(whole, drafts, tables)
    _outcome(whole, tables)
    _both_sides(whole, tables)
    _every(whole, connection, drafts, tables)
    _names_to_hash(whole, drafts, tables)
    _devices(whole, connection, drafts, tables)
    return whole


def _devices(
    whole: WholeStudy,
    connection: duckdb.DuckDBPyConnection,
    drafts: Mapping[str, Draft],
    tables: Mapping[str, TableGuess],
) -> None:
    """Devices become their users, as far as the file of events tells."""
    column = tables["journeys"].column("customer_id") if "journeys" in tables else None
    if column is None:
        return
    settings, reason, doubt = users_of_devices(connection, drafts["journeys"], column)
    for key, value in settings.items():
        whole.set(key, value, reason if key == "identity.map" else "")
    whole.doubts += [doubt] if doubt else []


def _names_to_hash(
    whole: WholeStudy, drafts: Mapping[str, Draft], tables: Mapping[str, TableGuess]
) -> None:
    """Customers that a vendor's export knows by name only are hashed like e-mail addresses."""
    names = [
        column.source
        for name, draft in drafts.items()
        for column in tables[name].columns
        if draft.source.known is not None and column.source in draft.source.known.hashed
    ]
    if names:
        whole.set("privacy.hash", names, "names of people; two of one name are taken for one")
        listed = ", ".join(repr(name) for name in names)
        counts = [
            f"{draft.name} has {column.given:,} rows of {column.distinct:,} customers"
            for name, draft in drafts.items()
            if (role := tables[name].column("customer_id")) is not None
            and (column := draft.source.profile.find(role.source)) is not None
        ]
        whole.doubts.append(
            f"{listed}: customers are told apart by name only, and two of one name are taken for "
            f"one ({'; '.join(counts)}); export a number or an e-mail address if there is one"
        )


def _times_read(draft: Draft, table: TableGuess) -> set[str]:
    """Columns of a file that a table reads; without a vendor's file, all of them."""
    if draft.source.known is None:
        return {column.name for column in draft.source.profile.columns}
    return {column.source for column in table.columns}


def _time_zone(
    whole: WholeStudy, drafts: Mapping[str, Draft], tables: Mapping[str, TableGuess]
) -> None:
    columns = [column for draft in drafts.values() for column in draft.source.profile.columns]
    if not any(column.time is not None for column in columns):
        whole.set("time_zone", "UTC", "the files hold no times")
        return
    naive = [
        name
        for name, draft in drafts.items()
        if "time_zone" not in tables[name].settings
        and any(
            column.time is not None and column.time.naive
            for column in draft.source.profile.columns
            if column.name in _times_read(draft, tables[name])
        )
    ]
    if naive:
        reason = (
            f"CHECK: times of {', '.join(naive)} carry no zone; write your own, such as "
            '"Europe/Berlin"'
        )
    else:
        reason = "every time carries its own offset; months and days are counted in this zone"
    whole.set("time_zone", "UTC", reason)


def _stages(
    whole: WholeStudy,
    connection: duckdb.DuckDBPyConnection,
    drafts: Mapping[str, Draft],
    tables: Mapping[str, TableGuess],
) -> None:
    journeys = tables.get("journeys")
    if journeys is None:
        return
    if journeys.events:
        met = list(dict.fromkeys(event.stage for event in journeys.events))
        ordered, how = [s for s in DEFAULT_STAGES if s in met], "the usual eight"
    else:
        stage = journeys.column("stage")
        if stage is None or not stage.source:
            return
        column = drafts["journeys"].source.profile.find(stage.source)
        if column is None or "values" in stage.settings:
            return
        odd = _no_stages(column)
        met = [text for text, _ in column.values if text.lower() not in odd]
        ordered, how = _by_position(connection, drafts["journeys"].source.profile, journeys)
        ordered = [text for text in ordered if text.lower() not in odd]
        if odd:
            rows = sum(n for text, n in column.values if text.lower() in odd)
            whole.doubts.append(
                f"values of the stage column that come once or may name a person: {len(odd)}; they "
                f"are taken for no stages, and their {rows:,} of {column.given:,} rows will be set "
                "aside"
            )
    if {text.lower() for text in met} <= set(DEFAULT_STAGES):
        return
    if not met or len(met) > _MOST_STAGES:
        whole.doubts.append("the stage column holds too many different values to be stages")
        return
    ordered = _called(whole, ordered)
    whole.set("stages", ordered, f"values of the stage column, {how}")
    items = tables["surveys"].items if "surveys" in tables else ()
    if any(item.settings.get("stage") for item in items):
        whole.reasons["stages"] += "; stages of survey questions are added at the end"
        asked = [str(item.settings["stage"]) for item in items if item.settings.get("stage")]
        lower = {text.lower() for text in ordered}
        extra = [stage for stage in dict.fromkeys(asked) if stage not in lower]
        whole.settings["stages"] = [*ordered, *extra]


def _called(whole: WholeStudy, stages: Sequence[str]) -> list[str]:
    """The stages as they can be called, with an alias for each that the data call otherwise."""
    called = {}
    for stage in stages:
        name = bearable_stage(stage)
        called[stage] = stage if name == " ".join(stage.split()) else name or _NAMELESS
    first = {name.lower(): name for name in reversed(called.values())}
    called = {stage: first[name.lower()] for stage, name in called.items()}
    aliases = {stage: name for stage, name in called.items() if name.lower() != stage.lower()}
    if aliases:
        reason = "a stage can have no full stop and no quotation mark; what the data call it"
        whole.set("stage_aliases", aliases, reason)
    return list(dict.fromkeys(called.values()))


def _no_stages(column: ColumnProfile) -> set[str]:
    """Values in small letters that are slips: one row among many, or who a person is."""
    counts: Counter[str] = Counter()
    for text, n in column.values:
        counts[text.lower()] += n
    once = {text for text, n in counts.items() if n == 1 and column.given >= _MANY_ROWS}
    named = (text for text, _ in column.values if may_name(text))
    return once | {text.lower() for text in named}


def _by_position(
    connection: duckdb.DuckDBPyConnection, file: FileProfile, journeys: TableGuess
) -> tuple[list[str], str]:
    """Stages by the median place they have in a customer's journey; values differing in case
    only are one stage.
    """
    stage, customer, moment = (
        journeys.column(role) for role in ("stage", "customer_id", "occurred_at")
    )
    assert stage is not None and moment is not None
    time = file.column(moment.source).time
    assert time is not None
    who = clean(customer.source) if customer is not None else "1"
    rows = connection.execute(
        f"""SELECT min(stage) FROM (
            SELECT {clean(stage.source)} AS stage, percent_rank() OVER (
                PARTITION BY {who} ORDER BY {parse(clean(moment.source), time.format)}) AS place
            FROM {file.relation})
        WHERE stage IS NOT NULL GROUP BY lower(stage) ORDER BY median(place), avg(place), 1"""
    ).fetchall()
    return [row[0] for row in rows], "in the order of their median place in a journey"


def _service(
    whole: WholeStudy, drafts: Mapping[str, Draft], tables: Mapping[str, TableGuess]
) -> None:
    journeys = tables.get("journeys")
    if journeys is None or journeys.events:
        return
    for role, key in zip(("channel", "touchpoint"), _SERVICE_KEYS, strict=True):
        column = journeys.column(role)
        if column is None or not column.source:
            continue
        found = drafts["journeys"].source.profile.find(column.source)
        values = found.values if found is not None else ()
        ours = [text for text, _ in values if is_service(words(text)) and not may_name(text)]
        if ours:
            whole.set(key, ours, "CHECK: these count as service; add or remove")
    if not whole.settings.keys() & set(_SERVICE_KEYS):
        whole.reasons["service.channels"] = (
            "no channel or touchpoint of the events is called service; name those that are"
        )


def _outcome(whole: WholeStudy, tables: Mapping[str, TableGuess]) -> None:
    surveys = tables.get("surveys")
    if surveys is None:
        whole.doubts.append(
            "no survey was recognised, so there is nothing to explain: the report will show "
            "service figures only"
        )
        return
    found = [role for role in OUTCOME_SCORES if surveys.column(role) is not None]
    if found:
        others = f"; also there: {', '.join(found[1:])}" if found[1:] else ""
        if found[0] in ("csat", "ces"):
            others += "; CHECK: it asks about one thing rather than everything"
        whole.set("model.outcome", found[0], f"what is explained{others}")
        return
    items = ", ".join(item.source for item in surveys.items[:4])
    whole.doubts.append(
        f"{surveys.files[0].name}: no column asks about the whole experience, so there is no "
        f"outcome. Move one rating ({items}…) to [tables.surveys.columns] as overall_satisfaction"
    )


def _both_sides(whole: WholeStudy, tables: Mapping[str, TableGuess]) -> None:
    """The question needs something about service and something about the rest of the journey."""
    surveys, tickets = tables.get("surveys"), tables.get("tickets")
    if surveys is None:
        return
    drivers = [item.settings for item in surveys.items if "global_item" not in item.settings]
    asked = {"service" in settings for settings in drivers}
    joined = tickets is not None and bool(tickets.column("customer_id") or tickets.joins)
    if not (joined or True in asked or whole.settings.keys() & set(_SERVICE_KEYS)):
        whole.doubts.append(
            "nothing in the study measures service; give the tickets too, or mark the questions "
            "about service with service = true"
        )
    if not ("journeys" in tables or False in asked):
        whole.doubts.append(
            "nothing in the study measures the rest of the journey, so service has nothing to be "
            "held against; give events or orders too, or a survey that asks about more"
        )


def _every(
    whole: WholeStudy,
    connection: duckdb.DuckDBPyConnection,
    drafts: Mapping[str, Draft],
    tables: Mapping[str, TableGuess],
) -> None:
    for table, role, rows in (
        ("surveys", "responded_at", "answers"),
        ("tickets", "opened_at", "tickets"),
    ):
        guess = tables.get(table)
        column = guess.column(role) if guess is not None else None
        if guess is None or column is None:
            continue
        moments = _moments(connection, drafts[table].source.profile, column.source)
        if moments is None:
            continue
        columns = model_columns(whole, tables) if table == "surveys" else 0
        every, reason = period_length(moments, rows, columns)
        whole.set("report.every", every, reason)
        return
    whole.set("report.every", "all", "no times to part it by")


def _moments(
    connection: duckdb.DuckDBPyConnection, file: FileProfile, name: str
) -> pd.Series[pd.Timestamp] | None:
    """Times of a column; None where the file has none of that name, or they are no times."""
    column = file.find(name)
    if column is None or column.time is None:
        return None
    value = parse(clean(name), column.time.format)
    frame = connection.execute(
        f"SELECT {value} AS moment FROM {file.relation} WHERE {quoted(name)} IS NOT NULL"
    ).df()
    return frame["moment"].dropna()


def model_columns(whole: WholeStudy, tables: Mapping[str, TableGuess]) -> int:
    """How many feature columns the study as guessed so far would give the model."""
    guess = Guess("guessed", tuple(tables.values()), whole.settings, whole.reasons)
    config = StudyConfig.model_validate(tomllib.loads(study_text(guess, Path())))
    try:
        blocks = blocks_of(config, {name: table.provided for name, table in tables.items()})
    except StudyError as error:
        whole.doubts.append(str(error))
        return 0
    return len(block_columns(blocks))


def period_length(moments: pd.Series[pd.Timestamp], rows: str, columns: int = 0) -> tuple[str, str]:
    """The shortest period whose complete ones hold rows enough for a report and the model.

    Parameters
    ----------
    columns
        Feature columns of the model, each of which needs 20 answers; 0 where there is no model.
    """
    needed = max(_ANSWERS, _ANSWERS_PER_COLUMN * columns)
    why = f"a report needs {needed:,} {rows}"
    if needed > _ANSWERS:
        why += f", {_ANSWERS_PER_COLUMN} for each of the model's {columns} columns"
    for every, freq in (("month", "M"), ("quarter", "Q"), ("year", "Y")):
        periods = moments.dt.to_period(freq)
        complete = periods[(periods > periods.min()) & (periods < periods.max())]
        number = 0 if moments.empty else (periods.max() - periods.min()).n - 1
        if number >= _PERIODS and len(complete) / number >= needed:
            mean = len(complete) // number
            return every, f"{why}; the {number} complete {every}s hold {mean:,} on average"
    return "all", f"{why}; complete months, quarters and years hold fewer, or are not yet two"
