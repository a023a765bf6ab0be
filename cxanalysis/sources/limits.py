"""When too much of a table is unusable for any honest figure, the run stops."""

from __future__ import annotations

from cxanalysis.errors import DataError
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
