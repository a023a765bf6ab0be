"""Whether a promise was kept: the one definition, against the first moment promised."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from cxanalysis.engine import collect
from cxanalysis.metrics.figures import Definition
from cxanalysis.metrics.rows import counted, lacking, whole
from cxanalysis.study import Study

NEEDS = ("promised_at", "fulfilled_at")
OUTCOME = ("_due", "_kept", "_waiting", "_called_off")
"""Columns of `add_outcome` that may be added up."""


def promises_kept(study: Study) -> Definition:
    """What the share of promises kept counts."""
    called_off = ", so is one called off before it was due" if _can_cancel(study) else ""
    return Definition(
        "promises_kept",
        "Promises kept",
        "share",
        "fulfilled by the first promised moment ÷ promises due in the period; open and past due "
        f"counts as broken, open and not yet due is left out{called_off}",
        NEEDS,
    )


def promise_gap(study: Study) -> str:
    """What the study needs before promises can be judged, "needs …"; empty where nothing."""
    absent = [name for name in NEEDS if not study.has("journeys", name)]
    return lacking(study, "journeys") or (f"needs journeys.{absent[0]}" if absent else "")


def add_outcome(study: Study, journeys: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The promises among the events, with what became of each at the end of the journeys.

    Added are the marks of `OUTCOME`, 1 or 0, and ``_until``, microseconds: when the waiting was
    over, by fulfilment or by calling off; null while open.
    """
    promised, fulfilled = nw.col("promised_at"), nw.col("fulfilled_at")
    cancelled = nw.col("cancelled_at") if _can_cancel(study) else nw.lit(None, nw.Int64)
    called_off = (fulfilled.is_null() & (cancelled <= promised)).fill_null(False)
    due = (promised <= last_seen(study)) & ~called_off
    return journeys.filter(~promised.is_null()).with_columns(
        _due=counted(due),
        _kept=counted(due & (fulfilled <= promised)),
        _waiting=counted(~due & ~called_off),
        _called_off=counted(called_off),
        _until=nw.coalesce(fulfilled, cancelled),
    )


def last_seen(study: Study) -> int:
    """The newest moment at which something is known to have happened, microseconds.

    A promised moment may lie in the future, so it does not count.
    """
    names = [
        name
        for name in ("occurred_at", "fulfilled_at", "cancelled_at")
        if study.has("journeys", name)
    ]
    latest = collect(
        study.tables["journeys"].select(*[nw.col(n).max().alias(n[:-3]) for n in names])
    )
    return whole(latest.iloc[0].max())


def _can_cancel(study: Study) -> bool:
    return study.has("journeys", "cancelled_at")
