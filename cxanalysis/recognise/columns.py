"""One column in its role: how it is read, why it is believed to be that, and what is doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxanalysis.recognise.drafts import Draft
from cxanalysis.recognise.guess import ColumnGuess
from cxanalysis.recognise.naming import may_name
from cxanalysis.recognise.profile import ColumnProfile, is_number, percent
from cxanalysis.recognise.ratings import Rating
from cxanalysis.recognise.roles import Match, duration_unit, flag_words
from cxanalysis.recognise.steps import stage_of_event
from cxanalysis.recognise.vendors import Choice
from cxanalysis.recognise.vocabulary import LENGTH_WORDS
from cxanalysis.recognise.wording import words
from cxanalysis.sources.times import EXCEL
from cxanalysis.tables import CONTRACTS

_MANY_ZEROS = 0.01  # a customer number 0 this often is nobody's
_READABLE_TIMES = 0.95
_RARE = 0.01  # an answer that fewer gave is a slip rather than one of those to choose


def guess_column(draft: Draft, match: Match) -> ColumnGuess:
    """One role's line of the study file."""
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
        zero = column.zeros or "0" in rating.values.values()
        if match.role == "nps" and not zero and not {"0", "10"} <= set(column.words):
            reasons.append("NOBODY GAVE 0: is it 0 to 10?")
            doubts += (
                f"{draft.name}, {column.name!r}: nobody gave 0: is the scale 0–10 or 1–10? "
                "A 1–10 question is not an NPS; then remove this line: nps",
            )
        if rating.good == "not told":
            best = "easy" if match.role == "ces" else "good"
            other = "much effort" if match.role == "ces" else "the opposite"
            doubts += (
                f"{draft.name}, {column.name!r}: a high number is taken to mean {best}; where it "
                f"means {other}, add higher_is_better = false",
            )
        if match.role == "nps" and rating.good == "low":
            doubts += (
                f"{draft.name}, {column.name!r}: its header says that {rating.low} is the best, "
                "which no NPS has: remove this line: nps",
            )
        if not match.wording:
            doubts += (
                f"{draft.name}: no column asks outright about the whole experience; "
                f"{column.name!r} is taken for the outcome: is there a better one?",
            )
    elif match.role == "customer_id" and column.zeros >= _MANY_ZEROS * column.given:
        settings["missing"] = ["0"]
        reasons.append(f"0 ({percent(column.zeros / column.given)}) read as not identified")
    elif match.role == "comment":
        reasons.append(_first_sign(settings))
    elif column.kind == "email":
        reasons.append("e-mail addresses, hashed at reading")
    reasons.append(column.statistic)
    return ColumnGuess(match.role, column.name, "; ".join(reasons), settings, doubts)


def known_column(draft: Draft, role: str, way: Choice) -> ColumnGuess:
    """One role's line as a vendor's file gives it; how times are written, the values tell."""
    known = draft.source.known
    rule = CONTRACTS[draft.table].column(role)
    assert known is not None
    settings = way.model_dump(exclude_unset=True, exclude={"column", "why"})
    name = way.needed[0] if way.needed else ""
    column = draft.source.profile.find(name)
    reasons = [way.why or f"{known.vendor.name}'s own column for it"]
    doubts: tuple[str, ...] = ()
    if role == "comment":
        reasons.append(_first_sign(settings))
    if column is not None:
        told = {"time_format"} & {*settings, *known.reading}
        if rule is not None and rule.kind == "time" and column.time is not None and not told:
            more, doubts = _time_settings(draft, role, column, settings)
            reasons += more
            if len(way.columns) > 1 and column.time.format is not None:
                settings["time_format"] += _clock_format(draft.source.profile.find(way.columns[1]))
        if rule is not None and rule.kind == "score":
            doubts = _unknown_answers(draft, column, way, settings)
        if column.kind == "email":
            reasons.append("e-mail addresses, hashed at reading")
        reasons.append(column.statistic)
    return ColumnGuess(role, name, "; ".join(reasons), settings, doubts)


def _first_sign(settings: dict[str, Any]) -> str:
    """Keep of a comment that there is one, which is all that figures need: words name people."""
    settings["characters"] = 1
    return (
        "only its first sign is kept, which tells that there is one, as the words may name "
        "people; leave out characters to keep them"
    )


def _unknown_answers(
    draft: Draft, column: ColumnProfile, way: Choice, settings: dict[str, Any]
) -> tuple[str, ...]:
    """Read as missing what the vendor's file has no number for, and say so.

    What few gave or may name a person is no answer to choose: it is not written down.
    """
    told = {*way.values, *way.missing}
    unknown = [(t, n) for t, n in column.values if t not in told and not is_number(t)]
    texts = [t for t, n in unknown if n >= _RARE * column.given and not may_name(t)]
    doubts = []
    if texts:
        settings["missing"] = [*way.missing, *texts]
        doubts.append(
            f"{draft.name}, {column.name!r}: {len(texts)} answers in words that are not known, "
            f"such as {texts[0]!r}, are read as missing; give them a number with values = {{…}}"
        )
    if len(texts) < len(unknown):
        rows = sum(n for t, n in unknown if t not in texts)
        doubts.append(
            f"{draft.name}, {column.name!r}: {len(unknown) - len(texts)} answers in words that few "
            f"gave or that may name a person; their {rows:,} rows will be set aside"
        )
    return tuple(doubts)


def encoding_doubts(draft: Draft, read: Sequence[ColumnProfile]) -> list[str]:
    """What a guessed encoding makes of a value that is read, where it has more than ASCII."""
    file = draft.source.profile.file
    values = (text for column in read if column.kind == "category" for text, _ in column.values)
    odd = next((text for text in values if not text.isascii() and not may_name(text)), None)
    if file.encoding_sure or odd is None:
        return []
    return [
        f"{draft.name}: it is not UTF-8, and {file.encoding} is the likeliest, in which it says "
        f"{odd!r}; if that is no word, set encoding to the right one"
    ]


def _header_reason(match: Match) -> str:
    if match.role == "customer_id":
        return "the customer"
    if not match.wording:
        return "NO OVERALL RATING: the likeliest of the ratings"
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
    if form.format == EXCEL:
        reasons[:1] = [f"EXCEL'S DAYS? The numbers would be {form.evidence}"]
        doubts.append(
            f"{draft.name}, {column.name!r}: the numbers are taken for days since 1900 as Excel "
            f"counts them, {form.evidence}; if these are not the dates, remove this line: {role}"
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
    clock = None if form.has_clock or draft.source.known is not None else _clock(draft, column)
    if clock is not None and role in ("opened_at", "occurred_at", "responded_at"):
        settings["columns"] = [column.name, clock.name]
        settings["time_format"] = f"{form.format or '%Y-%m-%d'}{_clock_format(clock)}"
        reasons.append(f"with the time of day from {clock.name!r}")
    return reasons, tuple(doubts)


def _clock(draft: Draft, day: ColumnProfile) -> ColumnProfile | None:
    """A time of day to go with a date: the first clock column, none of whose words is a length."""
    clocks = [
        column
        for column in draft.source.profile.columns
        if column.kind == "clock" and not set(column.words) & LENGTH_WORDS and column.filled > 0.9
    ]
    return clocks[0] if clocks and day.filled > 0 else None


def _clock_format(clock: ColumnProfile | None) -> str:
    """The format of a time of day that stands in a column of its own."""
    if clock is not None and clock.kind != "clock":
        return " %I:%M:%S %p" if clock.length > len("12:00 PM") else " %I:%M %p"
    return " %H:%M" if clock is None or clock.length <= len("12:00") else " %H:%M:%S"


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
    why = rating.why.replace("read as not applicable", "read as missing")  # a score has no such
    if rating.good == "low" and role != "nps":
        settings["higher_is_better"] = False
        why += "; so low is good"
    return why


def stage_where_absent(touchpoint: ColumnProfile) -> ColumnGuess:
    """Every event needs a stage: the event's name serves where there are few of them.

    Of more kinds each is put into one of the usual stages by its words.
    """
    if touchpoint.distinct <= 12 and touchpoint.values:
        why = "NO STAGE COLUMN: each kind of event is taken as a stage of its own"
        return ColumnGuess("stage", touchpoint.name, why, {}, (why.capitalize(),))
    if touchpoint.values:
        named = {text for text, _ in touchpoint.values if may_name(text)}
        stages = {
            text: stage_of_event(words(text)) for text, _ in touchpoint.values if text not in named
        }
        why = "NO STAGE COLUMN: each kind of event is put into a stage by its words, else into use"
        doubts = [f"{why.capitalize()}: correct values, and add kinds of event that are new"]
        if named:
            rows = sum(n for text, n in touchpoint.values if text in named)
            doubts.append(
                f"kinds of event that may name a person: {len(named)}; they are put into no stage, "
                f"and their {rows:,} rows will be set aside"
            )
        return ColumnGuess("stage", touchpoint.name, why, {"values": stages}, tuple(doubts))
    doubt = (
        f"no stage column, and {touchpoint.distinct:,} kinds of event are too many for stages: "
        "all events are put into 'use'; add a column that groups them"
    )
    return ColumnGuess("stage", "", "NO STAGE COLUMN: all in one", {"value": "use"}, (doubt,))
