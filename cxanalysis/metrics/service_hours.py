"""Waiting counted in opening hours, and whether a reply came within its channel's target."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.config import OpeningHours
from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import given_up, handled_at
from cxanalysis.metrics.figures import (
    TIDY,
    Definition,
    Figure,
    left_out,
    notes,
    share,
    some,
    tidy,
    tidy_row,
)
from cxanalysis.metrics.parts import SETTING, Figures, contacts_of, gap, needed
from cxanalysis.metrics.rows import GROUP, HOUR_US, counted, lacking
from cxanalysis.metrics.service_outcomes import each_of, last_us, median_time
from cxanalysis.periods import calendar
from cxanalysis.study import Study

DAY_US = 24 * HOUR_US
WORDS = {"first_reply_business": "answered", "resolution_business": "solved"}
COLUMNS = {"first_reply_business": "first_replied_at", "resolution_business": "solved_at"}


def definitions(study: Study) -> tuple[Definition, ...]:
    """First reply and solution in opening hours, and replies within target."""
    opening = needed(study.config.opening_hours, f"{SETTING}opening_hours")
    median = (
        "median of opening hours from opening to {}, holidays left out; "
        "{} until the end of the data"
    )
    targets = study.config.metrics.reply_hours
    listed = ", ".join(f"{channel} {hours:g} h" for channel, hours in targets.items())
    clock = "opening hours" if study.config.opening_hours else "hours by the clock"
    return (
        Definition(
            "first_reply_business",
            "First reply, opening hours",
            "hours",
            median.format("the first reply", "contacts still unanswered count as waiting"),
            ("first_replied_at", *opening),
        ),
        Definition(
            "resolution_business",
            "Time to solution, opening hours",
            "hours",
            median.format("the solution", "open contacts count as open"),
            ("solved_at", *opening),
        ),
        Definition(
            "reply_on_time",
            "Answered within target",
            "share",
            f"answered within the target of the channel ({listed}, {clock}) ÷ answered, or open "
            "for longer than that; abandoned contacts and channels without a target left out",
            (
                "channel",
                "first_replied_at",
                *needed(targets, f"{SETTING}reply_hours by channel"),
            ),
        ),
    )


def figures(study: Study, by: str | None) -> Figures:
    """The figures by group, as far as their needs are met."""
    found: dict[str, dict[str, Figure]] = {}
    for definition in definitions(study):
        metric = definition.metric
        if gap(study, definition):
            continue
        if metric == "reply_on_time":
            waits = _replies(study, by)
            parts = {name: _on_time(part) for name, part in waits.groupby(GROUP)}
        else:
            waits = _waits(study, by, COLUMNS[metric])
            parts = {name: _in_hours(part, WORDS[metric]) for name, part in waits.groupby(GROUP)}
        for name, figure in parts.items():
            found.setdefault(str(name), {})[metric] = figure
    return found


def sla_by_channel(study: Study) -> pd.DataFrame:
    """How many contacts of each channel were answered within its target, and how long it took.

    Returns
    -------
    DataFrame
        channel, target_hours, then the tidy columns of `service_metrics` for the share answered
        within target, then median_hours and p90_hours of those answered and pending (open, and
        younger than the target: neither kept nor missed). Hours are opening hours where the
        study file gives them. Empty where no target can be held against any contact.
    """
    definition = definitions(study)[-1]
    columns = ["channel", "target_hours", *TIDY, "median_hours", "p90_hours", "pending"]
    if lacking(study, "tickets") is not None or gap(study, definition):
        return pd.DataFrame(columns=columns)
    min_base = study.config.metrics.min_base
    extra, rows = [], []
    for channel, part in _replies(study, "channel").groupby(GROUP):
        answered = part.loc[part["_over"], "_hours"]
        shown = len(answered) >= min_base
        rows.append({"channel": channel} | tidy_row(definition, _on_time(part), min_base))
        extra.append(
            {
                "target_hours": part["_target"].iloc[0],
                "median_hours": answered.median() if shown else np.nan,
                "p90_hours": answered.quantile(0.9) if shown else np.nan,
                "pending": int(_pending(part).sum()),
            }
        )
    if not rows:
        return pd.DataFrame(columns=columns)
    frame = tidy(rows, "channel")
    return frame.join(pd.DataFrame(extra, index=frame.index))[columns]


# --- waits ---------------------------------------------------------------------------------


def _waits(study: Study, by: str | None, column: str) -> pd.DataFrame:
    """Opening hours from opening to a moment, or to the end of the data where it never came."""
    rows = contacts_of(study, by).filter(~given_up(study.columns["tickets"]))
    return _measured(study, rows, nw.col(column), ())


def _replies(study: Study, by: str | None) -> pd.DataFrame:
    """The same to the first answer, in channels with a target, with that target in hours."""
    targets = study.config.metrics.reply_hours
    rows = contacts_of(study, by).filter(~given_up(study.columns["tickets"]))
    rows = rows.with_columns(_channel=nw.col("channel").cast(nw.String))
    rows = rows.filter(nw.col("_channel").is_in(list(targets)))
    found = _measured(study, rows, handled_at(study.columns["tickets"]), ("_channel",))
    return found.assign(_target=found["_channel"].map(targets).astype(float))


def _measured(
    study: Study, rows: nw.LazyFrame[Any], moment: nw.Expr, others: tuple[str, ...]
) -> pd.DataFrame:
    """One row per contact: ``_hours``, ``_over``, and ``_passed``: 1 where any time went by."""
    ended = ~moment.is_null()
    until = nw.when(ended).then(moment).otherwise(nw.lit(last_us(study)))
    rows = rows.select(
        GROUP,
        *others,
        _start=nw.col("opened_at"),
        _end=until,
        _over=counted(ended),
        _passed=counted(until > nw.col("opened_at")),
    )
    opening = study.config.opening_hours
    if opening is not None:
        slots = _slots(study, opening, rows)
        rows = _with_open_time(_with_open_time(rows, slots, "_start"), slots, "_end")
    waits = rows.with_columns(_wait=nw.col("_end") - nw.col("_start"))
    each = each_of(waits, (GROUP, *others, "_wait", "_over", "_passed"))
    return each.assign(_hours=each["_wait"] / HOUR_US, _over=each["_over"] == 1)


def _slots(study: Study, hours: OpeningHours, rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A table by hour since 1970, UTC, of what turns an instant in it into opening time so far.

    Every local day is open once, so an hour meets at most two openings: those of the days that
    its first and its last moment belong to.
    """
    start, end = nw.col("_start"), nw.col("_end")
    ends = rows.select(a=start.min(), b=end.min(), c=start.max(), d=end.max())
    known = collect(ends).iloc[0].fillna(0).astype("int64")
    first, last = known.min() // HOUR_US, known.max() // HOUR_US
    edges = pd.to_datetime([first * HOUR_US - DAY_US, last * HOUR_US + DAY_US], unit="us", utc=True)
    one_day, other_day = edges.tz_convert(study.config.time_zone).date
    days = calendar(one_day, other_day, study.config.time_zone, hours)
    slots = np.arange(first, last + 1)
    starts = days["starts_us"].to_numpy()
    one = np.searchsorted(starts, slots * HOUR_US, side="right") - 1
    two = np.searchsorted(starts, (slots + 1) * HOUR_US - 1, side="right") - 1
    opens = days["opens_us"].to_numpy()
    length = days["closes_us"].to_numpy() - opens
    table = {
        "_slot": slots,
        "_before": days["business_us"].to_numpy()[one],
        "_opens_1": opens[one],
        "_length_1": length[one],
        "_opens_2": opens[two],
        "_length_2": np.where(two > one, length[two], 0),
    }
    return study.engine.register(pd.DataFrame(table))


def _with_open_time(
    rows: nw.LazyFrame[Any], slots: nw.LazyFrame[Any], column: str
) -> nw.LazyFrame[Any]:
    """The instants of a column as microseconds of opening time so far."""
    names = rows.collect_schema().names()
    placed = rows.with_columns(_slot=nw.col(column) // HOUR_US).join(slots, on="_slot", how="left")
    so_far = nw.col("_before")
    for number in (1, 2):
        length = nw.col(f"_length_{number}")
        since = nw.col(column) - nw.col(f"_opens_{number}")
        today = nw.when(since < length).then(since).otherwise(length)
        so_far = so_far + nw.when(today > 0).then(today).otherwise(nw.lit(0))
    return placed.with_columns(so_far.alias(column)).select(*names)


def _in_hours(waits: pd.DataFrame, word: str) -> Figure:
    figure = median_time(waits["_hours"], waits["_over"], word)
    return replace(figure, note=notes(figure.note, _all_closed(waits, word)))


def _all_closed(waits: pd.DataFrame, word: str) -> str:
    """A remark on waits that began and ended while nobody was in; empty for none."""
    closed = waits["_over"] & (waits["_hours"] == 0) & (waits["_passed"] == 1)
    n = int(closed.sum())
    counts = "counts" if n == 1 else "count"
    return (
        f"{some(n, 'contact', 'contacts')} opened and {word} outside hours {counts} as 0"
        if n
        else ""
    )


def _pending(waits: pd.DataFrame) -> pd.Series:
    return ~waits["_over"] & (waits["_hours"] <= waits["_target"])


def _on_time(waits: pd.DataFrame) -> Figure:
    pending = int(_pending(waits).sum())
    kept = int((waits["_over"] & (waits["_hours"] <= waits["_target"])).sum())
    young = left_out(pending, "open contact", "open contacts", "younger than the target")
    return share(kept, len(waits) - pending, notes(young, _all_closed(waits, "answered")))
