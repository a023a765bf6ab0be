"""What the controls offer: segments, periods, outcomes and definitions that a study can have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw

from cxanalysis.engine import collect
from cxanalysis.explore.state import Definition, Mark, service_marks
from cxanalysis.features.answers import present_scores
from cxanalysis.metrics.panel import SHORT, WINDOWS
from cxanalysis.metrics.service_groups import MAIN
from cxanalysis.partition import survey_items
from cxanalysis.periods import period_at, periods_from
from cxanalysis.study import Study, segment_columns
from cxanalysis.tables import CLOCKS

MOST_VALUES = 12  # of a column whose values are offered: with more it is no segment
MOST_PERIODS = 12  # the newest of each length
MOST_NAMES = 60  # touchpoints or channels, those with most touches first


def segments(study: Study) -> list[str]:
    """Segments with at least ``min_base`` rows, "column=value".

    Of customers; where there are none, of the columns that the other tables have.
    """
    tables = ["customers"] if "customers" in study.tables else list(study.tables)
    found: dict[str, int] = {}
    for table in tables:
        for column in segment_columns(study, table):
            values = _counts(study, table, column)
            if 1 < len(values) <= MOST_VALUES:
                for value, n in sorted(values.items()):
                    segment = f"{column}={value}"
                    found[segment] = max(n, found.get(segment, 0))
    return [segment for segment, n in found.items() if n >= study.config.metrics.min_base]


def periods(study: Study) -> list[str]:
    """The study's own period, then quarters, years and months that the data reach, newest first."""
    own = study.period.label if study.period is not None else "all"
    found, ends = [own, "all"], _ends(study)
    if ends is None:
        return list(dict.fromkeys(found))
    for kind in ("quarter", "year", "month"):
        first, last = (period_at(end, kind, study.config.time_zone) for end in ends)
        labels = [period.label for period in reversed(periods_from(first, last))]
        found += labels[:MOST_PERIODS]
    return list(dict.fromkeys(found))


def outcomes(study: Study) -> list[str]:
    """The study's own outcome, then further scores of its surveys that somebody gave."""
    own = study.config.model.outcome
    if "surveys" not in study.tables:
        return [own]
    items = study.config.tables.surveys.items if study.config.tables.surveys else {}
    wide = [name for name, item in items.items() if item.global_item]
    names = [name for name in (*present_scores(study), *wide) if study.has("surveys", name)]
    counts = [nw.col(name).count() for name in dict.fromkeys(names)]
    given: Any = collect(study.tables["surveys"].select(*counts)).iloc[0] if counts else {}
    return list(dict.fromkeys([own, *(name for name in names if given[name] > 0)]))


def marks(study: Study) -> list[Mark]:
    """Channels, touchpoints and survey items that may count as service; named ones first."""
    found = list(service_marks(study.config))
    for kind in ("channel", "touchpoint"):
        if study.has("journeys", kind):
            counts = sorted(_counts(study, "journeys", kind).items(), key=lambda each: -each[1])
            found += [Mark(kind, name) for name, _ in counts[:MOST_NAMES]]
    found += [Mark("survey item", name) for name in survey_items(study.config)]
    return list(dict.fromkeys(found))


def figures(_: Study) -> list[str]:
    """The main figures of service, the one with most definitions first."""
    return sorted(MAIN, key=lambda name: name != "first_contact_resolution")


def definitions(study: Study, figure: str) -> list[Definition]:
    """Ways of counting a figure of service, that of the study file first."""
    own = study.config.metrics
    if figure == "first_contact_resolution":
        return _definitions(
            "fcr_window_days", own.fcr_window_days, WINDOWS, "no repeat within {:g} days"
        )
    if figure == "abandonment":
        text = "left after {:g} s or more"
        return _definitions("short_abandon_seconds", own.short_abandon_seconds, SHORT, text)
    return [Definition("as in the study file")]


def _definitions(key: str, own: float, others: tuple[int, ...], text: str) -> list[Definition]:
    values = [own, *(value for value in others if value != own)]
    return [
        Definition(
            text.format(value) if value != 1 else text.format(value).replace("days", "day"),
            "" if value == own else f"metrics.{key} = {value:g}",
        )
        for value in values
    ]


def _counts(study: Study, table: str, column: str) -> dict[str, int]:
    """How many rows have each value of a column, as text."""
    rows = study.tables[table].select(nw.col(column).cast(nw.String).alias("value"))
    rows = rows.filter(~nw.col("value").is_null())
    counts = collect(rows.group_by("value").agg(n=nw.len())).sort_values("value")
    return {str(value): int(n) for value, n in zip(counts["value"], counts["n"], strict=True)}


def _ends(study: Study) -> tuple[datetime, datetime] | None:
    """The first and the last moment of answers, contacts and touches; none from the future."""
    now = int(datetime.now(UTC).timestamp()) * 1_000_000
    found = [end for table in CLOCKS for end in _ends_of(study, table, now)]
    if not found:
        return None
    first, last = (
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=each)
        for each in (min(found), max(found))
    )
    return first, last


def _ends_of(study: Study, table: str, now: int) -> Iterator[int]:
    column = CLOCKS[table]
    if study.has(table, column):
        rows = study.tables[table].filter(nw.col(column) <= now)
        ends = collect(rows.select(a=nw.col(column).min(), b=nw.col(column).max())).iloc[0]
        yield from (int(end) for end in ends.dropna())
