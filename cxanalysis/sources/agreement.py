"""Durations recomputed from times and parts, held against the vendor's own columns.

Ours come from the times; where a vendor's are different, everyone should know by how much and
what probably makes the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cxanalysis.sources.job import Job
from cxanalysis.sources.mapping import ColumnMapping
from cxanalysis.sources.sql import literal, quoted

LEAST_SECONDS, LEAST_SHARE = 60.0, 0.01  # two durations differ from more than both on
MOSTLY = 0.8  # from this share of the differences on, they have one reason
NEAR = 0.05  # a ratio this near to a unit's is that unit's
STEP = 900.0  # offsets of time zones are multiples of a quarter of an hour
UNITS = (24.0, 60.0, 1000.0, 3600.0)


@dataclass(frozen=True)
class Pair:
    """A vendor's duration and what is recomputed for it: SQL of seconds, and its name."""

    vendor: str
    ours: str
    name: str


@dataclass(frozen=True)
class Difference:
    """How far a vendor's durations are from the recomputed ones.

    ``n`` rows have both and ``differing`` of them differ; ``seconds`` is the median of vendor
    less ours among the latter, NaN where none differs. ``shorter``, ``shifted`` and ``scaled``
    count those that are shorter, that differ by the median to the minute, and whose ratio is
    near to ``ratio``, the median of vendor to ours.
    """

    n: int
    differing: int
    seconds: float = float("nan")
    shorter: int = 0
    shifted: int = 0
    ratio: float = float("nan")
    scaled: int = 0


def note_disagreements(job: Job, mapping: ColumnMapping, rows: Path) -> None:
    """Note for each of the vendor's durations in how many rows ours is another.

    Parameters
    ----------
    rows
        Parquet file of the rows kept, times in microseconds.
    """
    for pair in _pairs(job, mapping):
        difference = _measure(job, pair, rows)
        if difference.n:
            job.notes.append(_words(pair, difference))


def _pairs(job: Job, mapping: ColumnMapping) -> list[Pair]:
    """What can be compared; a time made from the vendor's duration tells nothing of it."""
    fields = mapping.fields
    if job.name != "tickets":
        return []
    pairs = []
    for vendor, later in (
        ("reply_seconds_vendor", "first_replied_at"),
        ("solve_seconds_vendor", "solved_at"),
    ):
        if {vendor, later, "opened_at"} <= set(fields) and fields[later].plus is None:
            ours = f"({quoted(later)} - opened_at) / 1e6"
            pairs.append(Pair(vendor, ours, f"{later} - opened_at"))
    parts = [name for name in ("talk_seconds", "hold_seconds", "wrap_seconds") if name in fields]
    if "handle_seconds_vendor" in fields and parts:
        pairs.append(Pair("handle_seconds_vendor", " + ".join(parts), " + ".join(parts)))
    return pairs


def _measure(job: Job, pair: Pair, rows: Path) -> Difference:
    both = (
        f"SELECT {quoted(pair.vendor)} AS v, {pair.ours} AS o FROM read_parquet("
        f"{literal(str(rows))}) WHERE v IS NOT NULL AND o IS NOT NULL"
    )
    differ = f"abs(v - o) > {LEAST_SECONDS} AND abs(v - o) > {LEAST_SHARE} * abs(o)"
    n, differing, seconds, ratio = job.connection.execute(
        f"SELECT count(*), count(*) FILTER ({differ}), median(v - o) FILTER ({differ}), "
        f"median(v / o) FILTER ({differ} AND o > 0) FROM ({both})"
    ).fetchall()[0]
    if not differing:
        return Difference(n, differing)
    scaled = "0" if ratio is None else f"count(*) FILTER (abs(v / o / {ratio!r} - 1) < {NEAR})"
    shorter, shifted, near = job.connection.execute(
        f"SELECT count(*) FILTER (v < o), count(*) FILTER (abs(v - o - {seconds!r}) < "
        f"{LEAST_SECONDS}), {scaled} FROM ({both}) WHERE {differ}"
    ).fetchall()[0]
    ratio = float("nan") if ratio is None else ratio
    return Difference(n, differing, seconds, shorter, shifted, ratio, near)


def _words(pair: Pair, found: Difference) -> str:
    if not found.differing:
        return f"{pair.vendor} agrees with {pair.name} in all {found.n:,} rows that have both"
    way = "shorter" if found.seconds < 0 else "longer"
    return (
        f"{pair.vendor} differs from {pair.name} by more than a minute and 1% in "
        f"{found.differing:,} of {found.n:,} rows ({found.differing / found.n:.1%}), where it is "
        f"typically {_length(abs(found.seconds))} {way}: {_reason(pair, found)}"
    )


def _reason(pair: Pair, found: Difference) -> str:
    """What probably makes the difference, by how regular it is."""
    enough = MOSTLY * found.differing
    unit = _unit(found.ratio)
    if unit and found.scaled >= enough:
        return f"it may be in another unit, by a factor of {unit}"
    if found.shifted >= enough and found.seconds % STEP == 0 and found.differing > 1:
        return "the same in nearly all, so one of the times may be in another time zone"
    handling = pair.vendor == "handle_seconds_vendor"
    if found.shorter >= enough:
        return (
            "it may leave out a part of the handling"
            if handling
            else "it probably counts opening hours only, or not while the customer was waited for"
        )
    if found.differing - found.shorter >= enough:
        return (
            "it may count a part of the handling that is not read"
            if handling
            else "it may count to a later moment, such as the last of several solutions"
        )
    return "for no single reason"


def _unit(ratio: float) -> str:
    """The factor between two units that a ratio is near to; empty where there is none."""
    for factor in UNITS:
        if abs(ratio / factor - 1) < NEAR:
            return f"{factor:g}"
        if abs(ratio * factor - 1) < NEAR:
            return f"1/{factor:g}"
    return ""


def _length(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {name}"
    return f"{seconds:,.0f} seconds"
