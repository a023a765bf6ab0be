"""Names and texts inside SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable

WHITE = " \t\r\n\u00a0\ufeff"
ODD_WHITE = "[\\t\\r\\n\u00a0\ufeff]"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Texts as an SQL list in parentheses."""
    return "(" + ", ".join(literal(text) for text in texts) + ")"


def trimmed(expression: str, *, odd: bool = True) -> str:
    """Text without white space around it; NULL where nothing is left.

    Without ``odd`` there is only the space to trim, which takes a third of the time.
    """
    # looking at both ends takes a sixth of the time of trimming, which few values need
    outer = f"starts_with({expression}, ' ') OR ends_with({expression}, ' ')"
    spaces = f"CASE WHEN {outer} THEN trim({expression}) ELSE {expression} END"
    if not odd:
        return f"nullif({spaces}, '')"
    some = f"regexp_matches({expression}, {literal(ODD_WHITE)})"
    every = f"trim({expression}, {literal(WHITE)})"
    return f"nullif(CASE WHEN {some} THEN {every} ELSE {spaces} END, '')"


def code(expression: str) -> str:
    """A text as a code: "4.0", as spreadsheets write whole numbers, is the code "4"."""
    whole = f"regexp_replace({expression}, '^(-?[0-9]+)[.,]0+$', '\\1')"
    return f"(CASE WHEN ends_with({expression}, '0') THEN {whole} ELSE {expression} END)"


def as_code(text: str) -> str:
    """The same for a text of the study file."""
    return re.sub(r"^(-?[0-9]+)[.,]0+$", r"\1", text.strip(WHITE))
