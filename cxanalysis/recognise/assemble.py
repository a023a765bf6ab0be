"""From drafts to guesses: settings, reasons and doubts of each table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxanalysis.config import Table
from cxanalysis.recognise.columns import (
    encoding_doubts,
    guess_column,
    known_column,
    stage_where_absent,
)
from cxanalysis.recognise.drafts import Draft
from cxanalysis.recognise.guess import ColumnGuess, JoinGuess, TableGuess, Unread
from cxanalysis.recognise.items import guess_item, identifier
from cxanalysis.recognise.links import Links
from cxanalysis.recognise.profile import ColumnProfile, percent
from cxanalysis.recognise.ratings import Rating
from cxanalysis.recognise.roles import Match, duration_unit, is_category, is_personal
from cxanalysis.recognise.steps import guess_steps
from cxanalysis.recognise.vendors import Choice
from cxanalysis.recognise.vocabulary import SEGMENT_WORDS
from cxanalysis.recognise.write import toml
from cxanalysis.sources.privacy import mask
from cxanalysis.tables import CONTRACTS

_SEGMENT_LABELS = 30
_FEW_ANSWERS = 11  # what a scale from 0 to 10 has
_SHORT = 40  # characters
_NAMED = 5
_ALL_FOUND = 0.98  # of the keys of a lookup; with fewer, it may be the wrong one
_LEAST_HIGH = 3  # two answers in words are no scale


def assemble(draft: Draft, links: Links, paths: Mapping[str, Path]) -> TableGuess:
    """A table's guess, with a reason for every line and a word on every column left out."""
    table, profile = draft.table, draft.source.profile
    roles = _with_customer(draft, links)
    settled = _settled(draft, links)
    columns = [guess_column(draft, match) for match in roles.values()]
    columns += [known_column(draft, role, way) for role, way in settled.items()]
    telling = {role: match.column for role, match in roles.items()}
    telling |= {c.role: found for c in columns if (found := profile.find(c.source)) is not None}
    if draft.table == "journeys" and not draft.steps and "stage" not in {*roles, *settled}:
        columns.append(stage_where_absent(telling["touchpoint"]))
    used = {match.column.name for match in roles.values()} | _headers_of(draft, settled)
    events = guess_steps(draft.steps) if draft.steps else ()
    used |= {step.name for step in draft.steps}
    scale, scale_why, items = _items(draft, roles)
    used |= {item.source for item in items}
    joins = (*_joins(draft, links, paths), *_added(draft, {*roles, *settled}))
    used |= {join.on for join in joins}
    columns = _in_order(columns, table)
    columns += _segments(draft, used, {c.role for c in columns} | {i.name for i in items})
    used |= {column.source for column in columns}
    used |= {name for column in columns for name in column.settings.get("columns", ())}
    read = [column for column in profile.columns if column.name in used]
    settings, notes = _settings(draft, read)
    doubts = encoding_doubts(draft, read)
    doubts += _table_doubts(draft, {*roles, *settled}, links, alone=len(paths) == 1)
    key = telling.get("ticket_id")
    if key is not None and not key.nearly_unique and "duplicates" not in settings:
        settings["duplicates"] = "keep-last"
        doubts.append(
            f"{draft.name}: {key.name!r} comes again and again, as in a log of changes; "
            "the last row of each is kept"
        )
    if draft.no_key is not None:
        doubts.append(_no_key(draft, *draft.no_key))
    unread = tuple(
        Unread(column.name, _why_left(draft, settled, column), _is_short(draft, column))
        for column in profile.columns
        if column.name not in used
    )
    columns = [_shortened(_without_shared(column, settings), draft, links) for column in columns]
    known = draft.source.known
    return TableGuess(
        table=table,
        files=draft.source.paths,
        written=draft.source.written,
        rows=profile.rows,
        headers=len(profile.columns),
        why=_why(draft, roles),
        settings=settings,
        setting_notes=notes,
        columns=tuple(columns),
        scale=scale,
        scale_why=scale_why,
        items=items,
        joins=joins,
        events=events,
        unread=unread,
        doubts=(*doubts, *_item_doubts(draft, used), *_short_answers(unread)),
        notes=(*draft.source.notes, *(() if known is None else known.vendor.notes)),
    )


def _no_key(draft: Draft, key: str, differing: str) -> str:
    return (
        f"{draft.name}: {key!r} comes again beside another {differing!r}, so it is not the "
        "ticket's own number and is not read; every row counts as a ticket. If some rows are the "
        "same ticket, add the column that numbers tickets as ticket_id"
    )


def customers_of(draft: Draft) -> dict[str, int]:
    """Columns that hold the customer in a vendor's export, the likeliest first, and how many
    signs of each are kept (0: all).
    """
    ways = [way for way in draft.source.choices("customer_id") if way.needed]
    return {way.needed[0]: way.characters or 0 for way in ways}


def _settled(draft: Draft, links: Links) -> dict[str, Choice]:
    """What a vendor's file says of our columns: the first way each, the customer as it matches."""
    known = draft.source.known
    if known is None:
        return {}
    settled = {role: ways[0] for role in known.choices if (ways := draft.source.choices(role))}
    if draft.table in links.lookups:
        settled.pop("customer_id", None)
    elif draft.table in links.customer and "customer_id" in settled:
        matched = links.customer[draft.table].name
        ways = draft.source.choices("customer_id")
        settled["customer_id"] = next(way for way in ways if matched in way.needed[:1])
    return settled


def _headers_of(draft: Draft, settled: Mapping[str, Choice]) -> set[str]:
    known = draft.source.known
    if known is None:
        return set()
    return {header for way in settled.values() for header in known.headers_of(way)}


def _in_order(columns: Sequence[ColumnGuess], table: str) -> list[ColumnGuess]:
    """Columns as the contract lists them, those of the company's own last."""
    order = CONTRACTS[table].names
    place = {role: number for number, role in enumerate(order)}
    return sorted(columns, key=lambda column: place.get(column.role, len(order)))


def _with_customer(draft: Draft, links: Links) -> dict[str, Match]:
    """The roles with the customer column that matches the other files, in contract order."""
    roles = dict(draft.roles)
    customer = links.customer.get(draft.table)
    if customer is not None and not customers_of(draft):
        roles = {role: match for role, match in roles.items() if match.column is not customer}
        roles["customer_id"] = Match("customer_id", customer, 1.0, "")
    order = CONTRACTS[draft.table].names
    return {role: roles[role] for role in order if role in roles}


def _items(draft: Draft, roles: Mapping[str, Match]) -> tuple[dict[str, Any], str, tuple[Any, ...]]:
    """The usual scale and the items of a survey: its ratings that play no other role."""
    if draft.table != "surveys":
        return {}, "", ()
    scored = {match.column.name for match in roles.values()}
    free = {
        name: rating
        for name, rating in draft.source.ratings.items()
        if name not in scored and (rating.high >= _LEAST_HIGH or not rating.values)
    }
    if not free:
        return {}, "", ()
    usual = _usual(free)
    scale: dict[str, Any] = {"low": usual.low, "high": usual.high}
    scale |= {
        key: list(codes)
        for key, codes in (("missing", usual.missing), ("not_applicable", usual.not_applicable))
        if codes
    }
    outcome = roles["overall_satisfaction"].column.words if "overall_satisfaction" in roles else ()
    taken = set(CONTRACTS["surveys"].names)
    items = []
    for name, rating in free.items():
        item = guess_item(draft.source.profile.column(name), rating, usual, taken, outcome)
        taken.add(item.name)
        items.append(item)
    why = f"{usual.low} to {usual.high}" if usual.values else usual.why
    return scale, f"most ratings run {why}", tuple(items)


def _usual(ratings: Mapping[str, Rating]) -> Rating:
    """The commonest range with the codes that its columns hold."""
    span = Counter(rating.span for rating in ratings.values()).most_common(1)[0][0]
    alike = [rating for rating in ratings.values() if rating.span == span]
    codes = Counter((rating.missing, rating.not_applicable) for rating in alike)
    missing, not_applicable = codes.most_common(1)[0][0]
    return next(r for r in alike if (r.missing, r.not_applicable) == (missing, not_applicable))


def _joins(draft: Draft, links: Links, paths: Mapping[str, Path]) -> tuple[JoinGuess, ...]:
    lookup = links.lookups.get(draft.table)
    if lookup is None:
        return ()
    columns = {"customer_id": links.customer[lookup.other].name}
    why = (
        f"customer_id is looked up in {paths[lookup.other].name} by {lookup.on}: "
        f"{percent(lookup.share)} of the values are found there"
    )
    return (JoinGuess(paths[lookup.other], lookup.on, lookup.right_on, columns, why),)


def _added(draft: Draft, there: Collection[str]) -> list[JoinGuess]:
    """What other exports of the same vendor add to the table, besides what it has."""
    joins = []
    for source in draft.added:
        known = source.known
        assert known is not None and known.vendor.adds is not None
        other = Draft(draft.table, source, {}, (), 0.0)
        guesses = [
            known_column(other, role, ways[0])
            for role in known.choices
            if role not in there and (ways := source.choices(role))
        ]
        columns = {
            guess.role: {"column": guess.source, **guess.settings}
            if guess.settings
            else guess.source
            for guess in guesses
        }
        adds = known.vendor.adds
        why = f"{source.paths[0].name} is {known.why}, and adds {', '.join(columns)}"
        file = source.profile.file
        joins.append(JoinGuess(source.paths[0], adds.on, adds.right_on, columns, why, file.records))
    return joins


def _segments(draft: Draft, used: set[str], names: set[str]) -> list[ColumnGuess]:
    """Columns that split customers into groups, read as they are."""
    if draft.table not in ("customers", "surveys"):
        return []
    found = []
    for column in draft.source.free:
        labels = is_category(column) and 2 <= column.distinct <= _SEGMENT_LABELS
        worded = bool(set(column.words) & SEGMENT_WORDS)
        if column.name in used or not labels or not worded:
            continue
        name = identifier(column.name)
        if name not in names and name not in CONTRACTS[draft.table].names:
            names.add(name)
            found.append(ColumnGuess(name, column.name, f"to report by; {column.statistic}"))
    return found


def _settings(draft: Draft, read: list[ColumnProfile]) -> tuple[dict[str, Any], dict[str, str]]:
    """How the file is written, only where that differs from the usual."""
    file = draft.source.profile.file
    known = draft.source.known
    settings: dict[str, Any] = {} if known is None else dict(known.reading)
    notes = {} if known is None else dict.fromkeys(settings, f"as {known.vendor.name} writes it")
    settings |= {} if file.told is None else {"format": file.told}
    if file.title_lines:
        settings["title_lines"] = file.title_lines
        notes["title_lines"] = "above the header, and no part of the table"
    if file.header_lines > 1:
        settings["header_lines"] = file.header_lines
        notes.setdefault("header_lines", "names, then questions or labels, before the first answer")
    if file.time_zone is not None:
        settings["time_zone"] = file.time_zone
        notes["time_zone"] = "the file says so below its header"
    for key in ("records", "sheet", "query"):
        if getattr(file, key) is not None:
            settings[key] = getattr(file, key)
    if file.delimiter is not None:
        settings["delimiter"] = file.delimiter
    if file.quote is not None:
        settings["quote"] = file.quote
    if file.encoding != "utf-8":
        settings["encoding"] = file.encoding
        if not file.encoding_sure:
            notes["encoding"] = "the likeliest; look whether letters with accents come out right"
    if any(column.comma for column in read):
        settings["decimal"] = ","
        notes["decimal"] = "numbers are written 3,5"
    formats = Counter(
        column.time.format for column in read if column.kind == "time" and column.time is not None
    )
    if formats and (best := formats.most_common(1)[0][0]) is not None and len(formats) == 1:
        settings.setdefault("time_format", best)
    codes = sorted({code for column in read for code in column.missing})
    if codes:
        usual = settings.get("missing", Table(path=("",)).missing)
        settings["missing"] = list(dict.fromkeys([*usual, *codes]))
        notes["missing"] = f"the usual codes, and those met in this file: {', '.join(codes)}"
    return settings, notes


def _without_shared(column: ColumnGuess, settings: Mapping[str, Any]) -> ColumnGuess:
    """A column without the time format that its whole table has."""
    own = dict(column.settings)
    if own.get("time_format") is not None and own["time_format"] == settings.get("time_format"):
        del own["time_format"]
    return ColumnGuess(column.role, column.source, column.why, own, column.doubts)


def _shortened(column: ColumnGuess, draft: Draft, links: Links) -> ColumnGuess:
    """A customer whose number another table's vendor writes with fewer signs, with as many."""
    kept = links.characters.get(draft.table)
    if column.role != "customer_id" or kept is None:
        return column
    why = f"{column.why}; the first {kept} signs, as the other table has them"
    return replace(column, why=why, settings={**column.settings, "characters": kept})


def _why(draft: Draft, roles: Mapping[str, Match]) -> str:
    if draft.source.known is not None:
        return draft.source.known.why
    if draft.steps:
        return f"one row per order and {len(draft.steps)} time columns"
    if draft.table == "customers":
        return "each customer comes once"
    telling = [role for role in roles if role != "customer_id"]
    free = len(set(draft.source.ratings) - {match.column.name for match in roles.values()})
    extra = f" and {free} rating questions" if draft.table == "surveys" and free > 1 else ""
    if not telling:
        return f"it has {free} rating questions"
    return "it has " + ", ".join(telling[:4]) + extra


def _table_doubts(draft: Draft, roles: Collection[str], links: Links, *, alone: bool) -> list[str]:
    """What to look at; a table that is alone needs nothing to be joined by."""
    doubts = []
    has_customer = "customer_id" in roles or draft.table in links.lookups
    if not has_customer and not alone:
        doubts.append(
            f"{draft.name}: no column says which customer, so it cannot be joined to the others; "
            "add customer_id"
        )
    lookup = links.lookups.get(draft.table)
    if lookup is not None and lookup.share < _ALL_FOUND:
        doubts.append(
            f"{draft.name}: only {percent(lookup.share)} of {lookup.on!r} are found in the file "
            "that customer_id is looked up in; the other rows have no customer"
        )
    if draft.table == "surveys" and "responded_at" not in roles and not alone:
        doubts.append(
            f"{draft.name}: no time of answer, so nothing tells what happened before an answer; "
            "tickets and events cannot become drivers"
        )
    return doubts


def _item_doubts(draft: Draft, used: set[str]) -> list[str]:
    if draft.table != "surveys":
        return []
    scored = {match.column.name for match in draft.roles.values()}
    ratings = draft.source.ratings.items()
    doubts = [d for name, rating in ratings if name in used - scored for d in rating.doubts]
    worded = [name for name, rating in ratings if name in used - scored and rating.values]
    if worded:
        doubts.append(
            f"{draft.name}: questions answered in words: {len(worded)} ({worded[0]!r} …); look "
            "whether values gives each answer the number it has on the scale"
        )
    return list(dict.fromkeys(doubts))


def _is_short(draft: Draft, column: ColumnProfile) -> bool:
    """Whether a survey's column has few short answers, and no vendor says what it is."""
    is_free = any(column is free for free in draft.source.free)
    return (
        draft.table == "surveys"
        and is_free
        and not is_personal(column)
        and column.kind in ("integer", "number", "category", "text")
        and 2 < column.distinct <= _FEW_ANSWERS
        and column.length <= _SHORT
    )


def _short_answers(unread: Sequence[Unread]) -> list[str]:
    """A question about the columns of a survey that might be ratings but are not read."""
    short = [one for one in unread if one.short]
    if not short:
        return []
    names = ", ".join(repr(mask(one.source.strip())) for one in short[:_NAMED])
    more = f" and {len(short) - _NAMED} more" if len(short) > _NAMED else ""
    return [
        f"columns of few short answers that are not read: {len(short)} ({names}{more}); if one is "
        "a rating question, add it to items with its low and high (and values for words), "
        "or it is no driver"
    ]


def _why_left(draft: Draft, settled: Mapping[str, Choice], column: ColumnProfile) -> str:
    """Why a column is left out: as the vendor's file says, or else as it looks."""
    known = draft.source.known
    if known is None or column.kind in ("empty", "twice"):
        return _why_unread(column, draft.table)
    if column.name in known.never:
        return known.never[column.name]
    for role, way in settled.items():
        if any(column.name in known.headers_of(other) for other in known.choices[role]):
            read = way.needed[0] if way.needed else "a constant"
            return f"not needed: {role} is read from {read!r}"
    return _why_unread(column, draft.table)


def _why_unread(column: ColumnProfile, table: str) -> str:
    """Why a column is left out, without a word of what it holds."""
    by_kind = {
        "empty": "empty",
        "twice": "this header comes twice; rename one to read it",
        "email": "e-mail addresses: not read",
        "phone": "looks like phone numbers: not read",
        "time": f"a time that {table} has no place for",
        "clock": "a time of day, or a length as MM:SS, which is not read (H:MM:SS is)",
    }
    if is_personal(column) and column.kind not in ("email", "phone", "empty"):
        return "looks personal (a name, an address, a birthday): not read"
    if column.kind in by_kind:
        return by_kind[column.kind]
    if column.distinct == 1:
        return "the same in every row"
    if table in ("customers", "surveys") and is_category(column) and column.distinct <= 30:
        line = f"{identifier(column.name)} = {toml(column.name)}"
        return f"could serve as a segment (line: {line}); {column.statistic}"
    if column.kind in ("integer", "number") and duration_unit(column.words)[1]:
        return f"a length of time that {table} has no place for"
    return f"no role found; {column.statistic}"
