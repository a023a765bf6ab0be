"""From drafts to guesses: settings, reasons and doubts of each table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxanalysis.config import Table
from cxanalysis.recognise.drafts import Draft
from cxanalysis.recognise.guess import ColumnGuess, JoinGuess, TableGuess, Unread
from cxanalysis.recognise.items import guess_item, identifier
from cxanalysis.recognise.links import Links
from cxanalysis.recognise.profile import ColumnProfile, percent
from cxanalysis.recognise.ratings import Rating
from cxanalysis.recognise.roles import Match, duration_unit, flag_words, is_category, is_personal
from cxanalysis.recognise.steps import guess_steps
from cxanalysis.recognise.vocabulary import SEGMENT_WORDS
from cxanalysis.tables import CONTRACTS

_SEGMENT_LABELS = 30
_MANY_ZEROS = 0.01  # a customer number 0 this often is nobody's
_READABLE_TIMES = 0.95


def assemble(draft: Draft, links: Links, paths: Mapping[str, Path]) -> TableGuess:
    """A table's guess, with a reason for every line and a word on every column left out."""
    table, profile = draft.table, draft.source.profile
    roles = _with_customer(draft, links)
    columns = [_column(draft, match) for match in roles.values()]
    if draft.table == "journeys" and not draft.steps:
        columns += _stage_where_absent(roles)
    used = {match.column.name for match in roles.values()}
    events = guess_steps(draft.steps) if draft.steps else ()
    used |= {step.name for step in draft.steps}
    scale, scale_why, items = _items(draft, roles)
    used |= {item.source for item in items}
    joins = _joins(draft, links, paths)
    used |= {join.on for join in joins}
    columns += _segments(draft, used, {c.role for c in columns} | {i.name for i in items})
    used |= {column.source for column in columns}
    used |= {name for column in columns for name in column.settings.get("columns", ())}
    read = [column for column in profile.columns if column.name in used]
    settings, notes = _settings(draft, read)
    columns = [_without_shared(column, settings) for column in columns]
    return TableGuess(
        table=table,
        files=draft.source.paths,
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
        unread=tuple(
            Unread(column.name, _why_unread(column, table))
            for column in profile.columns
            if column.name not in used
        ),
        doubts=(*_table_doubts(draft, roles, links), *_item_doubts(draft, used)),
    )


def _with_customer(draft: Draft, links: Links) -> dict[str, Match]:
    """The roles with the customer column that matches the other files, in contract order."""
    roles = dict(draft.roles)
    customer = links.customer.get(draft.table)
    if customer is not None:
        roles = {role: match for role, match in roles.items() if match.column is not customer}
        roles["customer_id"] = Match("customer_id", customer, 1.0, "")
    order = CONTRACTS[draft.table].names
    return {role: roles[role] for role in order if role in roles}


def _column(draft: Draft, match: Match) -> ColumnGuess:
    rule = CONTRACTS[draft.table].column(match.role)
    column = match.column
    assert rule is not None
    settings: dict[str, Any] = {}
    doubts: tuple[str, ...] = ()
    reasons = [_header_reason(match)]
    if rule.kind == "time" and column.time is not None:
        more, doubts = _time_settings(draft, match.role, column, settings)
        reasons += more
    elif rule.kind == "duration":
        reasons.append(_unit(column, settings))
    elif rule.kind == "flag":
        reasons += _flag(match.role, column, settings)
    elif rule.kind == "score":
        rating = draft.source.ratings[column.name]
        reasons.append(_score(match.role, rating, (rule.low, rule.high), settings))
        doubts = rating.doubts
    elif match.role == "customer_id" and column.zeros >= _MANY_ZEROS * column.given:
        settings["missing"] = ["0"]
        reasons.append(f"0 ({percent(column.zeros / column.given)}) read as not identified")
    elif column.kind == "email":
        reasons.append("e-mail addresses, hashed at reading")
    reasons.append(column.statistic)
    return ColumnGuess(match.role, column.name, "; ".join(reasons), settings, doubts)


def _header_reason(match: Match) -> str:
    if match.role == "customer_id":
        return "the customer"
    if match.wording.startswith("the only"):
        return match.wording
    return f"header says {match.wording!r}"


def _time_settings(
    draft: Draft, role: str, column: ColumnProfile, settings: dict[str, Any]
) -> tuple[list[str], tuple[str, ...]]:
    form = column.time
    assert form is not None
    if form.format is not None:
        settings["time_format"] = form.format
    reasons = [form.evidence] if form.evidence else []
    doubts = []
    if not form.decided:
        order = "day" if form.day_first else "month"
        reasons.append(f"DAY OR MONTH FIRST? The values cannot tell; {order} first is assumed")
        doubts.append(
            f"{draft.name}, {column.name!r}: no value tells day from month; {order} first is "
            "assumed (day first, unless slashes come with AM/PM)"
        )
    if form.aware and form.naive:
        doubts.append(
            f"{draft.name}, {column.name!r}: {form.aware:,} times with an offset and "
            f"{form.naive:,} without; export them all in one form"
        )
    if form.share < _READABLE_TIMES:
        doubts.append(
            f"{draft.name}, {column.name!r}: {percent(1 - form.share)} of the times cannot be read"
        )
    clock = _clock(draft, column) if not form.has_clock else None
    if clock is not None and role in ("opened_at", "occurred_at", "responded_at"):
        settings["columns"] = [column.name, clock.name]
        seconds = ":%S" if clock.length > 5 else ""
        settings["time_format"] = f"{form.format or '%Y-%m-%d'} %H:%M{seconds}"
        reasons.append(f"with the time of day from {clock.name!r}")
    return reasons, tuple(doubts)


def _clock(draft: Draft, day: ColumnProfile) -> ColumnProfile | None:
    """A time of day to go with a date: the first clock column, none of whose words is a length."""
    lengths = {"duration", "wait", "hold", "talk", "handle", "length", "resolution", "response"}
    clocks = [
        column
        for column in draft.source.profile.columns
        if column.kind == "clock" and not set(column.words) & lengths and column.filled > 0.9
    ]
    return clocks[0] if clocks and day.filled > 0 else None


def _unit(column: ColumnProfile, settings: dict[str, Any]) -> str:
    if column.kind == "clock":
        return "written as hours:minutes:seconds"
    unit, said = duration_unit(column.words)
    if unit != "seconds":
        settings["unit"] = unit
    return f"in {unit}" if said else "no unit in the header: seconds assumed"


def _flag(role: str, column: ColumnProfile, settings: dict[str, Any]) -> list[str]:
    found = flag_words(role, column)
    assert found is not None
    yes, no = found
    usual = {"true", "t", "yes", "y", "1"}, {"false", "f", "no", "n", "0"}
    plain = {text.lower() for text in yes} <= usual[0] and {text.lower() for text in no} <= usual[1]
    if plain:
        return []
    settings |= {"true": list(yes), "false": list(no)}
    return [] if len(yes) + len(no) <= 2 else ["every other outcome counts as no"]


def _score(
    role: str, rating: Rating, usual: tuple[float | None, float | None], settings: dict[str, Any]
) -> str:
    if rating.span != usual and role != "nps":
        settings |= {"low": rating.low, "high": rating.high}
    codes = [*rating.missing, *rating.not_applicable]
    if codes:
        settings["missing"] = codes
    if rating.values:
        settings["values"] = dict(rating.values)
    return rating.why


def _stage_where_absent(roles: Mapping[str, Match]) -> list[ColumnGuess]:
    """Every event needs a stage: the event's name serves where there are few of them."""
    if "stage" in roles:
        return []
    touchpoint = roles["touchpoint"].column
    if touchpoint.distinct <= 12 and touchpoint.values:
        why = "NO STAGE COLUMN: each kind of event is taken as a stage of its own"
        return [ColumnGuess("stage", touchpoint.name, why, {}, (why.capitalize(),))]
    doubt = (
        f"no stage column, and {touchpoint.distinct:,} kinds of event are too many for stages: "
        "all events are put into 'use'; add a column that groups them"
    )
    return [ColumnGuess("stage", "", "NO STAGE COLUMN: all in one", {"value": "use"}, (doubt,))]


def _items(draft: Draft, roles: Mapping[str, Match]) -> tuple[dict[str, Any], str, tuple[Any, ...]]:
    """The usual scale and the items of a survey: its ratings that play no other role."""
    if draft.table != "surveys":
        return {}, "", ()
    scored = {match.column.name for match in roles.values()}
    free = {
        name: rating
        for name, rating in draft.source.ratings.items()
        if name not in scored and not rating.values
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
    return scale, f"most ratings run {usual.why}", tuple(items)


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
    why = f"{percent(lookup.share)} of the values are found there"
    columns = {"customer_id": links.customer[lookup.other].name}
    return (JoinGuess(paths[lookup.other], lookup.on, lookup.right_on, columns, why),)


def _segments(draft: Draft, used: set[str], names: set[str]) -> list[ColumnGuess]:
    """Columns that split customers into groups, read as they are."""
    if draft.table not in ("customers", "surveys"):
        return []
    found = []
    for column in draft.source.profile.columns:
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
    settings: dict[str, Any] = {}
    notes: dict[str, str] = {}
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
        settings["time_format"] = best
    codes = sorted({code for column in read for code in column.missing})
    if codes:
        settings["missing"] = [*Table(path=("",)).missing, *codes]
        notes["missing"] = f"the usual codes, and those met in this file: {', '.join(codes)}"
    return settings, notes


def _without_shared(column: ColumnGuess, settings: Mapping[str, Any]) -> ColumnGuess:
    """A column without the time format that its whole table has."""
    own = dict(column.settings)
    if own.get("time_format") is not None and own["time_format"] == settings.get("time_format"):
        del own["time_format"]
    return ColumnGuess(column.role, column.source, column.why, own, column.doubts)


def _why(draft: Draft, roles: Mapping[str, Match]) -> str:
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


def _table_doubts(draft: Draft, roles: Mapping[str, Match], links: Links) -> list[str]:
    doubts = []
    has_customer = "customer_id" in roles or draft.table in links.lookups
    if not has_customer:
        doubts.append(
            f"{draft.name}: no column says which customer; without customer_id this table stands "
            "alone"
        )
    if draft.table == "surveys" and "responded_at" not in roles:
        doubts.append(
            f"{draft.name}: no time of answer, so nothing tells what happened before an answer; "
            "tickets and events cannot become drivers"
        )
    for column in draft.source.profile.columns:
        if column.kind == "epoch":
            doubts.append(
                f"{draft.name}: {column.name!r} holds times as numbers since 1970, which are not "
                "read; export them as dates"
            )
    return doubts


def _item_doubts(draft: Draft, used: set[str]) -> list[str]:
    if draft.table != "surveys":
        return []
    scored = {match.column.name for match in draft.roles.values()}
    ratings = draft.source.ratings.items()
    doubts = [d for name, rating in ratings if name in used - scored for d in rating.doubts]
    return list(dict.fromkeys(doubts))


def _why_unread(column: ColumnProfile, table: str) -> str:
    """Why a column is left out, without a word of what it holds."""
    by_kind = {
        "empty": "empty",
        "twice": "this header comes twice; rename one to read it",
        "email": "e-mail addresses: not read",
        "phone": "looks like phone numbers: not read",
        "epoch": "times as numbers since 1970: export them as dates",
        "time": f"a time that {table} has no place for",
        "clock": "clock times or lengths without a place",
    }
    if column.kind in by_kind:
        return by_kind[column.kind]
    if is_personal(column):
        return "looks like a name or an address of a person: not read"
    if table in ("customers", "surveys") and is_category(column) and column.distinct <= 30:
        return f"could serve as a segment; {column.statistic}"
    return f"no role found; {column.statistic}"
