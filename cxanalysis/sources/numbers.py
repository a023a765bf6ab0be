"""Numbers and durations as text → doubles, as SQL; what cannot be read is NULL.

The plain number comes first in every expression: DuckDB works out the other forms only for the
rows that are left.
"""

from __future__ import annotations

from typing import Final

SECONDS: Final = {
    "milliseconds": 0.001,
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3600.0,
    "days": 86400.0,
}
GROUPING = {".": ",", ",": "."}
GROUPED = {
    ".": r"^-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?$",
    ",": r"^-?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?$",
}
CLOCK = r"^(-?|[0-9]+ days?,? )[0-9]+:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?$"
WORDS = {
    604800.0: "w|weeks?",
    86400.0: "d|days?",
    3600.0: "h|hrs?|hours?",
    60.0: "m|mins?|minutes?",
    1.0: "s|secs?|seconds?",
    0.001: "ms|msecs?|milliseconds?",
}
AMOUNT = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
AMOUNT_WITH_COMMA = r"[0-9]+(?:\.[0-9]{3})*(?:,[0-9]+)?"


def number(text: str, decimal: str) -> str:
    """SQL: a number with this decimal sign; the other one may group thousands."""
    if decimal == ",":
        # 4.5 is not forty-five: points are accepted only where they group thousands
        plain = (
            f"CASE WHEN NOT regexp_matches({text}, '[._]') OR {grouped(text, ',')} "
            f"THEN replace(replace({text}, '.', ''), ',', '.') END"
        )
        return f"CASE WHEN isfinite({_cast(plain)}) THEN {_cast(plain)} END"
    plain = _cast(f"CASE WHEN NOT contains({text}, '_') THEN {text} END")
    return (
        f"CASE WHEN isfinite({plain}) THEN {plain} WHEN {grouped(text, '.')} "
        f"THEN {_cast(_without_commas(text))} END"
    )


def grouped(text: str, decimal: str) -> str:
    """SQL: whether the sign that is not the decimal one groups the thousands of a number."""
    return (
        f"contains({text}, '{GROUPING[decimal]}') AND regexp_matches({text}, '{GROUPED[decimal]}')"
    )


def typed_text(value: str, decimal: str) -> str:
    """SQL: a number that is no text, as a text with this decimal sign; whole ones have none."""
    if decimal == ".":
        return f"{value}::VARCHAR"
    return (
        f"CASE WHEN {value} = trunc({value}) AND abs({value}) < 1e15 THEN {value}::BIGINT::VARCHAR "
        f"ELSE replace({value}::VARCHAR, '.', ',') END"
    )


def duration(text: str, kept: str, decimal: str, unit: str) -> str:
    """SQL: seconds from a number in a unit, "3 days 4:05:06", or "25 Days 21 Hours 1 Minute".

    Where a text was kept as the number it says, ``kept`` is that number and the text is NULL.
    """
    plain = f"coalesce({kept}::DOUBLE, {number(text, decimal)}) * {SECONDS[unit]!r}"
    return f"coalesce({plain}, {_clock(text)}, {_words(text, decimal)})"


def _cast(text: str) -> str:
    return f"try_cast({text} AS DOUBLE)"


def _without_commas(text: str) -> str:
    return f"replace({text}, ',', '')"


def _clock(text: str) -> str:
    days = _cast(f"regexp_extract({text}, '([0-9]+) day', 1)")
    hours = _cast(f"regexp_extract({text}, '([0-9]+):', 1)")
    minutes, rest = (_cast(f"split_part({text}, ':', {n})") for n in (2, 3))
    whole = f"coalesce({days}, 0) * 86400 + {hours} * 3600 + {minutes} * 60"
    seconds = f"{_sign(text)} * ({whole} + {rest})"
    is_clock = f"contains({text}, ':') AND regexp_matches({text}, '{CLOCK}')"
    return f"CASE WHEN {is_clock} THEN {seconds} END"


def _words(text: str, decimal: str) -> str:
    """SQL: seconds from amounts with their units, largest first and each at most once.

    Months and years have no fixed length and are refused.
    """
    amount = AMOUNT_WITH_COMMA if decimal == "," else AMOUNT
    low = f"lower({text})"
    units = "".join(f"(?:{amount} ?(?:{names})[ ,]*)?" for names in WORDS.values())
    parts = []
    for seconds, names in WORDS.items():
        found = f"regexp_extract({low}, '({amount}) ?(?:{names})([^a-z]|$)', 1)"
        plain = (
            f"replace(replace({found}, '.', ''), ',', '.')"
            if decimal == ","
            else _without_commas(found)
        )
        parts.append(f"coalesce({_cast(plain)}, 0) * {seconds!r}")
    is_words = f"regexp_matches({low}, '^-?{units}$') AND regexp_matches({low}, '[0-9] ?[a-z]')"
    return f"CASE WHEN {is_words} THEN {_sign(text)} * ({' + '.join(parts)}) END"


def _sign(text: str) -> str:
    return f"CASE WHEN starts_with({text}, '-') THEN -1 ELSE 1 END"
