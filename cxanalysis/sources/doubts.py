"""What may have been read wrongly without breaking a rule, noted so that somebody looks."""

from __future__ import annotations

from collections.abc import Sequence

from cxanalysis.sources import numbers
from cxanalysis.sources.job import Job
from cxanalysis.sources.texts import Branch, text_name

NUMERIC = ("number", "duration", "score")


def note_commas(job: Job, branches: Sequence[Branch]) -> None:
    """Note columns in which every comma stands before the last three digits: "1,250".

    They are read as thousands. One value such as 1,250,000 or 1,250.5 shows that they are; with
    none, the commas may as well be decimal ones. So with points, where commas are decimal.
    """
    decimal = job.table.decimal
    sign = numbers.GROUPING[decimal]
    name = "comma" if sign == "," else "point"
    notes = []
    for branch in branches:
        fields = [f for f in branch.step.fields if f.kind in NUMERIC and f.columns]
        if not fields:
            continue
        counts = ", ".join(_counts(text_name(field.name), decimal) for field in fields)
        found = job.connection.execute(
            f"SELECT {counts} FROM {branch.texts} WHERE _excluded IS NULL"
        ).fetchall()[0]
        for field, count, sure in zip(fields, found[::2], found[1::2], strict=True):
            if count and not sure:
                notes.append(
                    f"{field.source}: {count:,} numbers have a {name} before their last three "
                    f"digits, which is read as one of thousands; if it is a decimal {name}, set "
                    f'decimal = "{sign}"'
                )
    job.notes.extend(dict.fromkeys(notes))


def _counts(text: str, decimal: str) -> str:
    """SQL: how many numbers have thousands set apart, and how many of these more than one sign."""
    sign = numbers.GROUPING[decimal]
    grouped = f"CASE WHEN contains({text}, '{sign}') THEN {numbers.grouped(text, decimal)} END"
    several = f"CASE WHEN {grouped} THEN regexp_matches({text}, '[{sign}].*[,.]') END"
    return f"count(*) FILTER ({grouped}), count(*) FILTER ({several})"
