"""Whether the company kept its promises, from the journeys table."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.metrics.figures import Definition, Figure, left_out, share, tidy, tidy_row
from cxanalysis.metrics.rows import (
    counted,
    during,
    grouped,
    lacking,
    of_segment,
    totals,
    whole,
)
from cxanalysis.study import Study

NEEDS = ("promised_at", "fulfilled_at")
PROMISES_KEPT = Definition(
    "promises_kept",
    "Promises kept",
    "share",
    "fulfilled by the first promised moment ÷ promises due in the period; open and past due "
    "counts as broken, open and not yet due is left out",
    NEEDS,
)


def journey_metrics(study: Study, by: str | None = None) -> pd.DataFrame:
    """Promises kept among those due in the study's period, by `promised_at`.

    Parameters
    ----------
    by
        A column of the journeys, or of the customers, to give the figure for each of its
        values.

    Returns
    -------
    DataFrame
        As `service_metrics`.

    Raises
    ------
    ReportError
        When no such column ``by`` exists.
    """
    min_base = study.config.metrics.min_base
    gap = lacking(study, "journeys")
    absent = [name for name in NEEDS if not study.has("journeys", name)]
    if gap is not None or absent:
        missing = Figure(note=gap or f"needs journeys.{absent[0]}")
        return tidy([tidy_row(PROMISES_KEPT, missing, min_base)])
    promised, fulfilled = nw.col("promised_at"), nw.col("fulfilled_at")
    due = promised <= _last_seen(study)
    promises = of_segment(study, "journeys", study.tables["journeys"])
    promises = promises.filter(during(study, "promised_at")).with_columns(
        _due=counted(due),
        _kept=counted(due & (fulfilled <= promised)),
        _waiting=counted(~due),
    )
    aggregates = {name: nw.col(name).sum() for name in ("_due", "_kept", "_waiting")}
    rows = []
    table = totals(grouped(study, "journeys", promises, by), aggregates)
    for group, sums in table.to_dict("index").items():
        note = left_out(whole(sums["_waiting"]), "promise", "promises", "not yet due")
        figure = share(whole(sums["_kept"]), whole(sums["_due"]), note)
        rows.append(({by: group} if by else {}) | tidy_row(PROMISES_KEPT, figure, min_base))
    return tidy(rows, by)


def _last_seen(study: Study) -> int:
    """The newest moment at which something is known to have happened, microseconds.

    A promised moment may lie in the future, so it does not count.
    """
    seen = [nw.col(name).max() for name in ("occurred_at", "fulfilled_at")]
    latest = collect(study.tables["journeys"].select(occurred=seen[0], fulfilled=seen[1]))
    return whole(latest.iloc[0].max())
