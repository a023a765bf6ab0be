"""Waiting in the queue: how long until an answer, and how many were answered in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from cxanalysis.metrics.contacts import given_up, handled
from cxanalysis.metrics.figures import (
    Definition,
    Figure,
    duration,
    left_out,
    mean,
    notes,
    share,
)
from cxanalysis.metrics.parts import Figures, contacts_of
from cxanalysis.metrics.rows import counted, totals, whole
from cxanalysis.study import Study

_wait = nw.col("queue_wait_seconds")


def definitions(study: Study) -> tuple[Definition, ...]:
    """Speed of answer and service level."""
    limit = study.config.metrics.service_level_seconds
    short = study.config.metrics.short_abandon_seconds
    spared = f", those abandoned before {short:g} s left out" if short else ""
    queue = "contacts with a known time in the queue"
    return (
        Definition(
            "speed_of_answer",
            "Speed of answer",
            "seconds",
            f"mean time in the queue of contacts answered; {queue} only",
            ("queue_wait_seconds",),
        ),
        Definition(
            "service_level",
            "Service level",
            "share",
            f"answered within {limit:g} s ÷ answered or abandoned{spared}; {queue} only",
            ("queue_wait_seconds", "abandoned"),
        ),
    )


def figures(study: Study, by: str | None) -> Figures:
    """Both figures by group."""
    rows = contacts_of(study, by).with_columns(**queue_columns(study))
    waited = nw.when(nw.col("_answered") == 1).then(_wait.cast(nw.Float64))
    sums = totals(
        rows.with_columns(_waited=waited),
        {
            "_answered": nw.col("_answered").sum(),
            "_quick": nw.col("_quick").sum(),
            "_arrived": nw.col("_arrived").sum(),
            "_unknown": nw.col("_unknown").sum(),
            "_mean": nw.col("_waited").mean(),
            "_std": nw.col("_waited").std(),
            "_median": nw.col("_waited").median(),
            "_p90": nw.col("_waited").quantile(0.9, interpolation="linear"),
            "_longest": nw.col("_waited").max(),
        },
    )
    return {
        str(group): {
            "speed_of_answer": _speed(row),
            "service_level": share(whole(row["_quick"]), whole(row["_arrived"]), _unknown(row)),
        }
        for group, row in sums.to_dict("index").items()
    }


def queue_columns(study: Study) -> dict[str, nw.Expr]:
    """What a contact in the queue counts for, as 1 or 0; nothing where its wait is unknown."""
    metrics, columns = study.config.metrics, study.columns["tickets"]
    known = ~_wait.is_null()
    answered = known & handled(columns)
    quick = metrics.service_level_seconds >= _wait
    gone = known & given_up(columns)
    lasting = gone & ~(metrics.short_abandon_seconds > _wait).fill_null(False)
    return {
        "_answered": counted(answered),
        "_quick": counted(answered & quick),
        "_arrived": counted(answered | lasting),
        "_gone": counted(gone),
        "_gone_quickly": counted(gone & quick),
        "_unknown": counted(_wait.is_null()),
    }


def _speed(row: Mapping[Any, Any]) -> Figure:
    n = whole(row["_answered"])
    spread = ""
    if n:
        spread = (
            f"median {duration(row['_median'])}, 90th percentile {duration(row['_p90'])}, "
            f"longest {duration(row['_longest'])}"
        )
    return mean(float(row["_mean"]), float(row["_std"]), n, notes(spread, _unknown(row)))


def _unknown(row: Mapping[Any, Any]) -> str:
    return left_out(whole(row["_unknown"]), "contact", "contacts", "without a time in the queue")
