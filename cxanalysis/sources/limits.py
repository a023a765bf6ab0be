"""When too much of a table is unusable for any honest figure, the run stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cxanalysis.errors import DataError
from cxanalysis.sources.keys import KeyPair
from cxanalysis.sources.matching import LEAST, Counts, linked_groups, together
from cxanalysis.sources.reading import TableReading

RULES_SHOWN = 5


def check_limits(reading: TableReading, limit: float, rejects_file: str) -> None:
    """Stop where more rows were set aside than the study allows, or none is left.

    Raises
    ------
    DataError
        Naming the table, how many rows, the most frequent rules and where the list is.
    """
    if reading.rows_set_aside and (reading.share_set_aside > limit or not reading.rows_kept):
        raise DataError(_too_many(reading, limit, rejects_file))
    if not reading.rows_kept:
        reasons = ", ".join(f"{count:,} {why}" for why, count in reading.excluded.items())
        raise DataError(
            f"{reading.table}: none of {reading.rows_read:,} rows is left ({reasons}). Correct "
            f"exclude or the columns under [tables.{reading.table}]."
        )


def _too_many(reading: TableReading, limit: float, rejects_file: str) -> str:
    used = reading.rows_read - sum(reading.excluded.values())
    first = {reject.rule: reject for reject in reading.first_rejects}
    rules = "".join(
        f"\n  {rule}: {count:,} (first: {first[rule]})"
        for rule, count in list(reading.rejects.items())[:RULES_SHOWN]
    )
    return (
        f"{reading.table}: {reading.rows_set_aside:,} of {used:,} rows "
        f"({reading.share_set_aside:.1%}) break the table's rules; limits.bad_rows allows "
        f"{limit:.1%}.{rules}\nAll of them are listed in {rejects_file}. Correct the export or "
        "how study.toml reads it; raise limits.bad_rows only if the rest is sound without them."
    )


def check_identified(readings: Mapping[str, TableReading], counts: Counts) -> None:
    """Stop where a table's customers were asked for and no row has one: it meets no other table.

    Parameters
    ----------
    readings
        Of the tables with a customer_id; nothing stops where there is one only, or for one of
        fewer than ``LEAST`` rows.
    counts
        Customers by the tables that they are in.

    Raises
    ------
    DataError
        Naming the table, how many rows it has, and what was noted when it was read.
    """
    if len(readings) < 2:
        return
    for name, reading in readings.items():
        if reading.rows_kept < LEAST or together(counts, name):
            continue
        notes = "".join(f"\n  {note}" for note in reading.notes)
        raise DataError(
            f"{name}: none of {reading.rows_kept:,} rows has a customer_id, so none of them meets "
            f"a row of another table.{notes}\nCorrect customer_id under [tables.{name}.columns], "
            f"or the [[tables.{name}.join]] that looks it up. Where nobody can be told, as in an "
            "anonymous survey, remove it. limits.matched = 0 goes on without a match."
        )


def check_matched(
    counts: Counts, limit: float, better: Callable[[str, str], Sequence[KeyPair]]
) -> None:
    """Stop where tables have too few customers in common to say anything of each other.

    Parameters
    ----------
    counts
        Customers by the tables that they are in.
    limit
        Least share of the smaller table's customers that are to be in the other; 0 stops nothing.
    better
        Gives pairs of columns that would match better, for the names of two tables.

    Raises
    ------
    DataError
        Naming the tables, how many customers they share, and which columns to try.
    """
    groups = linked_groups(counts, limit)
    if len(groups) < 2:
        return
    first, *others = sorted(groups, key=lambda group: -sum(together(counts, n) for n in group))
    lines, advice = [], []
    for left, right in ((left, right) for group in others for right in group for left in first):
        if min(together(counts, left), together(counts, right)) < LEAST:
            continue
        lines.append(
            f"  {together(counts, left, right):,} of {together(counts, right):,} customers in "
            f"{right} are also in {left}, which has {together(counts, left):,}"
        )
        advice += [
            f"  {pair.left!r} of {left} with {pair.right!r} of {right}: {pair.share:.0%} meet "
            f"{pair.form}" + "".join(f"\n    {line}" for line in pair.lines)
            for pair in better(left, right)
        ]
    columns = ["Columns of the files that would match, and their lines in study.toml:", *advice]
    if any("zeros" in line for line in advice):
        columns.append("Hashed ids meet whatever their capitals; write leading zeros alike.")
    if not advice:
        columns = [
            "No other columns of the files match better, lists inside JSON records left aside; "
            "export a number that both have."
        ]
    raise DataError(
        "\n".join(
            [
                "Hardly any customer is in more than one table, so the tables say nothing of each "
                f"other; limits.matched asks for {limit:.1%} of the smaller one's.",
                *lines,
                *columns,
                "Correct customer_id under [tables.NAME.columns], or name a file under [identity] "
                "that lists which numbers and addresses are one customer's. limits.matched = 0 "
                "goes on without a match.",
            ]
        )
    )
