"""Whether the company kept its promises, from the journeys table."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.metrics.figures import Figure, left_out, notes, share, tidy, tidy_row
from cxanalysis.metrics.kept import OUTCOME, add_outcome, promise_gap, promises_kept
from cxanalysis.metrics.rows import during, grouped, of_segment, totals, whole
from cxanalysis.study import Study


def journey_metrics(study: Study, by: str | None = None) -> pd.DataFrame:
    """Promises kept among those due in the study's period, by ``promised_at``.

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
    definition, gap = promises_kept(study), promise_gap(study)
    if gap:
        return tidy([tidy_row(definition, Figure(note=gap), min_base)])
    promises = of_segment(study, "journeys", study.tables["journeys"])
    promises = add_outcome(study, promises.filter(during(study, "promised_at")))
    aggregates = {name: nw.col(name).sum() for name in OUTCOME}
    rows = []
    table = totals(grouped(study, "journeys", promises, by), aggregates)
    for group, sums in table.to_dict("index").items():
        note = notes(
            left_out(whole(sums["_waiting"]), "promise", "promises", "not yet due"),
            left_out(whole(sums["_called_off"]), "promise", "promises", "called off in time"),
        )
        figure = share(whole(sums["_kept"]), whole(sums["_due"]), note)
        rows.append(({by: group} if by else {}) | tidy_row(definition, figure, min_base))
    return tidy(rows, by)
