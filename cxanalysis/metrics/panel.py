"""Disputed figures of service under their common definitions, from the same contacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.contacts import customer_contacts, given_up, handled
from cxanalysis.metrics.figures import Figure, mean, share, withhold
from cxanalysis.metrics.intervals import median_interval
from cxanalysis.metrics.parts import contacts_of, handle_seconds
from cxanalysis.metrics.resolution import (
    ANY,
    add_resolution,
    any_reason_differs,
    can_see_repeats,
    resolution_kinds,
)
from cxanalysis.metrics.resolution import resolution_sums as sums_of
from cxanalysis.metrics.rows import GROUP, HOUR_US, counted, lacking, totals, whole
from cxanalysis.metrics.service_outcomes import last_us
from cxanalysis.metrics.service_waiting import queue_columns
from cxanalysis.study import Study

WINDOWS = (1, 7, 14, 30)  # days
SHORT = (0, 5, 10, 20)  # seconds
COLUMNS = (
    "metric",
    "label",
    "variant",
    "value",
    "conf_low",
    "conf_high",
    "n",
    "unit",
    "chosen",
    "source",
    "note",
)


@dataclass(frozen=True)
class Variant:
    """One definition of a figure, who uses it, and what it gives here."""

    text: str
    source: str
    figure: Figure
    chosen: bool = False


def definition_panel(study: Study) -> pd.DataFrame:
    """Each disputed figure of service under its common definitions, on the same contacts.

    First-contact resolution (windows of 1, 7, 14 and 30 days, the same and any reason, net of
    what a first contact cannot settle, one reply), abandonment (four ages of a short abandon),
    handle time, service level, first reply and time to solution.

    Returns
    -------
    DataFrame
        metric, label, variant (the definition), value, conf_low, conf_high, n, unit, chosen
        (True for the one that `service_metrics` uses), source (who defines it so) and note. A
        figure that the study cannot give has no row; one of fewer than ``min_base`` cases is
        withheld.
    """
    if lacking(study, "tickets") is not None:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = [
        _row(study, metric, label, unit, variant)
        for metric, label, unit, variants in _panels(study)
        for variant in variants
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"value": float, "conf_low": float, "conf_high": float, "n": "int64"})


def _row(study: Study, metric: str, label: str, unit: str, variant: Variant) -> dict[str, object]:
    figure = withhold(variant.figure, study.config.metrics.min_base)
    return {
        "metric": metric,
        "label": label,
        "variant": variant.text,
        "value": figure.value,
        "conf_low": figure.conf_low,
        "conf_high": figure.conf_high,
        "n": figure.n,
        "unit": unit,
        "chosen": variant.chosen,
        "source": variant.source,
        "note": figure.note,
    }


def _panels(study: Study) -> Iterator[tuple[str, str, str, tuple[Variant, ...]]]:
    has = study.columns["tickets"].issuperset
    if can_see_repeats(study):
        resolved = (*_resolution(study), *_one_reply(study))
        yield "first_contact_resolution", "First-contact resolution", "share", resolved
    if has({"abandoned"}):
        yield "abandonment", "Abandonment", "share", tuple(_abandonment(study))
    if has({"talk_seconds"}):
        yield "handle_time", "Handle time", "seconds", _handle_time(study)
    if has({"abandoned", "queue_wait_seconds"}):
        yield "service_level", "Service level", "share", _service_level(study)
    for column, metric, label in (
        ("first_replied_at", "first_reply", "First reply"),
        ("solved_at", "resolution_time", "Time to solution"),
    ):
        if has({column}):
            yield metric, label, "hours", _waiting(study, column)


# --- first-contact resolution --------------------------------------------------------------


def _resolution(study: Study) -> Iterator[Variant]:
    chosen = study.config.metrics.fcr_window_days
    differs = any_reason_differs(study)
    for days in sorted({*WINDOWS, chosen}):
        row = _resolved_within(study, days)
        source = "Call Centre Helper (7 days)" if days == 7 else "SQM Group (1 to 30 days)"
        same = f"no repeat within {_days(days)}"
        text = f"{same}, same reason" if differs else same
        yield Variant(text, source, _share(row, "_resolved", "_issues"), days == chosen)
        if differs:
            figure = _share(row, f"_resolved{ANY}", f"_issues{ANY}")
            yield Variant(f"{same}, any reason", source, figure)
        if days == chosen and "_issues_net" in row:
            figure = _share(row, "_resolved_net", "_issues_net")
            text = f"{text}, net of what a first contact cannot settle"
            yield Variant(text, "MetricNet (gross and net)", figure)


def _resolved_within(study: Study, days: int) -> Mapping[Any, Any]:
    narrowed = with_metrics(study, fcr_window_days=days)
    rows = contacts_of(study, None, add_resolution(narrowed, customer_contacts(study)))
    names = sums_of(resolution_kinds(narrowed))
    reasons = study.config.metrics.not_first_level
    if reasons and study.has("tickets", "reason"):
        within = counted(~nw.col("reason").cast(nw.String).is_in(list(reasons)).fill_null(False))
        rows = rows.with_columns(
            _issues_net=nw.col("_issues") * within, _resolved_net=nw.col("_resolved") * within
        )
        names = [*names, "_issues_net", "_resolved_net"]
    return _only(totals(rows, {name: nw.col(name).sum() for name in names}))


def _one_reply(study: Study) -> Iterator[Variant]:
    if not study.has("tickets", "replies", "solved_at"):
        return
    solved = ~nw.col("solved_at").is_null() & ~nw.col("replies").is_null()
    rows = contacts_of(study, None).with_columns(
        _solved=counted(solved), _once=counted(solved & (nw.col("replies") < 2))
    )
    row = _only(totals(rows, {name: nw.col(name).sum() for name in ("_solved", "_once")}))
    text = "solved with fewer than two replies"
    yield Variant(text, "Zendesk (one-touch)", _share(row, "_once", "_solved"))


# --- abandonment and service level -----------------------------------------------------------


def _abandonment(study: Study) -> Iterator[Variant]:
    chosen = study.config.metrics.short_abandon_seconds
    known_wait = study.has("tickets", "queue_wait_seconds")
    for seconds in sorted({*SHORT, chosen}) if known_wait else (0,):
        gone, short = nw.col("abandoned"), nw.lit(False)
        if known_wait:
            short = (gone & (nw.col("queue_wait_seconds") < seconds)).fill_null(False)
        rows = contacts_of(study, None).with_columns(
            _offered=counted(~gone.is_null() & ~short), _gone=counted(gone & ~short)
        )
        row = _only(totals(rows, {name: nw.col(name).sum() for name in ("_offered", "_gone")}))
        text = f"without those who left before {seconds:g} s" if seconds else "all who left"
        source = "Talkdesk (short abandons)" if seconds else "Amazon Connect"
        figure = _share(row, "_gone", "_offered")
        yield Variant(text, source, figure, seconds == chosen or not known_wait)


def _service_level(study: Study) -> tuple[Variant, ...]:
    limit = study.config.metrics.service_level_seconds
    short = study.config.metrics.short_abandon_seconds
    names = ("_answered", "_quick", "_arrived", "_gone", "_gone_quickly")
    columns = queue_columns(study)
    rows = contacts_of(study, None).with_columns(**{name: columns[name] for name in names})
    row = _only(totals(rows, {name: nw.col(name).sum() for name in names}))
    quick, answered = whole(row["_quick"]), whole(row["_answered"])
    offered = answered + whole(row["_gone"])
    left = whole(row["_gone_quickly"])
    within = f"answered within {limit:g} s"
    spared = f", without those who left before {short:g} s" if short else ""
    found = [
        Variant(
            f"{within} ÷ answered or abandoned{spared}",
            "Genesys (short abandons out)" if short else "Genesys",
            share(quick, whole(row["_arrived"])),
            chosen=True,
        )
    ]
    if short:
        found.append(Variant(f"{within} ÷ all offered", "Genesys", share(quick, offered)))
    text = f"{within}, or left within {limit:g} s, ÷ all offered"
    return (
        *found,
        Variant(f"{within} ÷ answered", "Sinch, Genesys (option)", share(quick, answered)),
        Variant(text, "Cisco, Calabrio", share(quick + left, offered)),
    )


# --- durations -----------------------------------------------------------------------------


def _handle_time(study: Study) -> tuple[Variant, ...]:
    columns = study.columns["tickets"]
    rows = contacts_of(study, None).with_columns(
        _seconds=handle_seconds(study), _taken=handled(columns), _gone=given_up(columns)
    )
    frame = collect(rows.select("_seconds", "_gone", "_taken", _talk=nw.col("talk_seconds")))
    taken = frame["_taken"].to_numpy(bool) & (frame["_seconds"] > 0).to_numpy(bool)
    seconds = frame.loc[taken, "_seconds"].to_numpy(float)
    talk = frame.loc[taken, "_talk"].to_numpy(float)
    zeros = np.zeros(int(frame["_gone"].sum()))
    found = [
        Variant("mean of contacts handled", "Genesys, Calabrio", _mean(seconds), chosen=True),
        Variant(
            "median of contacts handled",
            "beside the mean, since a few contacts are long",
            _median(seconds),
        ),
    ]
    if len(zeros):
        every = np.concatenate([seconds, zeros])
        found.append(Variant("mean, abandoned ones counted as 0 s", "a common slip", _mean(every)))
    if {"hold_seconds", "wrap_seconds"} & columns:
        found.append(
            Variant("mean, talking only", "talk time without hold and wrap-up", _mean(talk))
        )
    return tuple(found)


def _waiting(study: Study, column: str) -> tuple[Variant, ...]:
    ended = ~nw.col(column).is_null()
    rows = contacts_of(study, None).filter(~given_up(study.columns["tickets"]))
    until = nw.when(ended).then(nw.col(column)).otherwise(nw.lit(last_us(study)))
    frame = collect(rows.select(GROUP, _wait=until - nw.col("opened_at"), _over=counted(ended)))
    hours = frame["_wait"].to_numpy(float) / HOUR_US
    over = frame["_over"].to_numpy(bool)
    middle, (low, high) = median_interval(hours, over)
    open_ones = "those still open" if column == "solved_at" else "those still waiting"
    done = "solved" if column == "solved_at" else "answered"
    return (
        Variant(
            f"median, {open_ones} counted",
            "survival analysis (Kaplan–Meier)",
            Figure(middle, low, high, len(hours)),
            chosen=True,
        ),
        Variant(f"median of those {done}", "Zendesk", _median(hours[over])),
        Variant(f"mean of those {done}", "a plain average", _mean(hours[over])),
    )


# --- small parts ---------------------------------------------------------------------------


def with_metrics(study: Study, **changes: object) -> Study:
    """The study under other thresholds of its definitions."""
    metrics = study.config.metrics.model_copy(update=changes)
    return replace(study, config=study.config.model_copy(update={"metrics": metrics}))


def _only(table: pd.DataFrame) -> Mapping[Any, Any]:
    row: Mapping[Any, Any] = table.iloc[0].to_dict()
    return row


def _share(row: Mapping[Any, Any], count: str, base: str) -> Figure:
    return share(whole(row[count]), whole(row[base]))


def _mean(values: Any) -> Figure:
    if not len(values):
        return mean(np.nan, np.nan, 0)
    std = float(values.std(ddof=1)) if len(values) > 1 else np.nan
    return mean(float(values.mean()), std, len(values))


def _median(values: Any) -> Figure:
    if not len(values):
        return Figure(note="nothing to count")
    middle, (low, high) = median_interval(values, np.ones(len(values), bool))
    return Figure(middle, low, high, len(values))


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
