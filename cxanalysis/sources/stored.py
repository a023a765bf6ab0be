"""How the texts of a column are stored in DuckDB: as texts, or as the times or numbers they say.

A time takes a third of the room of its text, and is not read anew at every look. It is stored
only where DuckDB writes it just as the file does, so that no text is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxanalysis.sources.sql import WHITE, trimmed, without_words


@dataclass(frozen=True)
class Stored:
    """A column of texts: what it is called as a whole, and what is done with its texts.

    ``sql_type`` is what they are stored as where that tells the text, or None. ``gone`` are
    words for missing that are taken out.
    """

    column: str
    sql_type: str | None = None
    gone: tuple[str, ...] = ()

    @property
    def rest(self) -> str:
        """Column of the texts that are stored as texts."""
        return self.column if self.sql_type is None else f"rest_{self.column}"

    @property
    def value(self) -> str:
        """Column of those that are stored as values; NULL where ``rest`` is not."""
        return f"value_{self.column}"

    @property
    def text(self) -> str:
        """SQL: a text, however it is stored."""
        return self.rest if self.sql_type is None else whole_text(self.rest, self.value)

    @property
    def declared(self) -> str:
        """SQL: the columns of a table."""
        value = "" if self.sql_type is None else f", {self.value} {self.sql_type}"
        return f"{self.rest} VARCHAR{value}"


def whole_text(rest: str, value: str) -> str:
    """SQL: a text that is stored as one or as a value."""
    return f"coalesce({rest}, {value}::VARCHAR)"


def rows_of(
    source: str, number: int, texts: Sequence[str], stored: Sequence[Stored], white: str = WHITE
) -> str:
    """SQL: rows of a table: file number, whether all texts are empty, and the stored columns.

    That a row is empty is stored so that no scan of one column has to read the others.

    Parameters
    ----------
    source, texts
        SQL to select from, and SQL of the texts to be stored in each column.
    white
        White space that may stand around texts, see `cxanalysis.sources.sql.trimmed`.
    """
    given, read, same = [], ["*"], ["*"]
    bare, last, empty = [], [], []
    for how, text in zip(stored, texts, strict=True):
        column = how.column
        given.append(f"{text} AS {column}")
        rest = trimmed(column, white)
        empty.append(f"{how.rest} IS NULL")
        last.append(without_words(how.rest, how.gone))
        if how.sql_type is not None:
            read.append(f"try_cast({column} AS {how.sql_type}) AS {how.value}")
            same.append(f"{_is_told(column, how)} AS told_{column}")
            rest = f"CASE WHEN told_{column} THEN NULL ELSE {rest} END"
            bare.append(f"CASE WHEN told_{column} THEN {how.value} END AS {how.value}")
            empty.append(f"{how.value} IS NULL")
            last.append(how.value)
        bare.append(f"{rest} AS {how.rest}")
    rows = f"SELECT {', '.join(given) or 'NULL'} FROM {source}"
    last = [str(number), " AND ".join(empty) or "false", *last]
    for columns in (read, same, bare or ["*"], last):
        rows = f"SELECT {', '.join(columns)} FROM ({rows})"
    return rows


def _is_told(text: str, how: Stored) -> str:
    """SQL: whether a text is just what DuckDB writes for the value read in it.

    Times are those of whole seconds in years of four digits, told by their length.
    """
    same = f"{how.value}::VARCHAR = {text}"
    return f"{same} AND strlen({text}) = 19" if how.sql_type == "TIMESTAMP" else same
