"""Names and texts inside SQL."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

WHITE = " \t\r\n\u00a0\ufeff"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Texts as an SQL list in parentheses."""
    return "(" + ", ".join(literal(text) for text in texts) + ")"


def trimmed(expression: str, white: str = WHITE) -> str:
    """Text without white space around it; NULL where nothing is left.

    Looking at both ends takes a sixth of the time of trimming, which few values need. A text
    that begins with a sign beyond ASCII is trimmed whatever it is, which does no harm.

    Parameters
    ----------
    white
        The signs of ``WHITE`` that may stand there, the space among them.
    """
    ends = [f"{expression} < '!'"]  # the empty text, too
    ends += [f"ends_with({expression}, {literal(sign)})" for sign in white]
    if not white.isascii():
        ends.append(f"{expression} >= '\u00a0'")
    bare = f"trim({expression})" if white == " " else f"trim({expression}, {literal(white)})"
    return f"CASE WHEN {' OR '.join(ends)} THEN nullif({bare}, '') ELSE {expression} END"


def code(expression: str) -> str:
    """A text as a code: "4.0", as spreadsheets write whole numbers, is the code "4"."""
    whole = f"regexp_replace({expression}, '^(-?[0-9]+)[.,]0+$', '\\1')"
    return f"(CASE WHEN ends_with({expression}, '0') THEN {whole} ELSE {expression} END)"


def as_code(text: str) -> str:
    """The same for a text of the study file."""
    return re.sub(r"^(-?[0-9]+)[.,]0+$", r"\1", text.strip(WHITE))


def without_words(expression: str, words: Collection[str]) -> str:
    """SQL: NULL where a text is one of some words; most are told from them by length alone."""
    if not words:
        return expression
    lengths = [len(word.encode()) for word in words]
    return (
        f"CASE WHEN {expression} IS NULL OR strlen({expression}) NOT BETWEEN {min(lengths)} AND "
        f"{max(lengths)} OR {expression} NOT IN {literals(words)} THEN {expression} END"
    )


def words_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes that are no whole numbers, so that they stand in a file as they are."""
    return tuple(text for text in codes if text and not re.fullmatch("-?[0-9]+", text))


def without_codes(expression: str, codes: Collection[str]) -> str:
    """SQL: NULL where the text is one of the codes; the empty text always is."""
    words = words_of(codes)
    text = without_words(expression, words)
    whole = [text for text in codes if text and text not in words]
    if not whole:
        return text
    return f"CASE WHEN {code(expression)} NOT IN {literals(whole)} THEN {text} END"
