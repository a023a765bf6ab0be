"""The figures of a period beside those before it: what changed, and what is usual."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxanalysis.metrics.change import change
from cxanalysis.metrics.control import usual_limits
from cxanalysis.metrics.experience import experience_metrics
from cxanalysis.metrics.history import EARLIER, PLACE, SERVICE, earlier_figures, values_of
from cxanalysis.metrics.journey import journey_metrics
from cxanalysis.metrics.service import service_metrics
from cxanalysis.metrics.service_change import service_change, with_limits
from cxanalysis.study import Study

EIGHT = (
    "nps",
    "csat",
    "ces",
    "first_contact_resolution",
    "handle_time",
    "first_reply",
    "abandonment",
    "promises_kept",
)
POSSIBLE = {
    "share": (0.0, 1.0),
    "points": (-100.0, 100.0),
    "seconds": (0.0, np.inf),
    "hours": (0.0, np.inf),
}
"""Range of a figure by its unit: no limit is drawn where it cannot get."""


def scorecard(study: Study) -> pd.DataFrame:
    """The eight figures of a report, then the others, beside those of the periods before.

    A change is judged twice. The word says whether it is more than sampling error; the usual
    limits say whether the figure left the range it usually moves in from period to period,
    which causes of many kinds make wider than chance alone. They are those of an XmR chart (see
    ``usual_limits``) of up to 24 earlier periods of the same length, this period left out, and
    cut to what the figure can be; there are none with fewer than six moving ranges.

    Contacts are counted with their customers as the unit (see ``service_change``). Answers and
    promises are taken for independent of each other: where one customer has several in a period,
    their limits are somewhat too narrow.

    Where only contacts were rated, their CSAT stands in the place of the surveys'. Weighted
    figures stand among the others; they are not compared, since the plain ones already are.

    Returns
    -------
    DataFrame
        The tidy columns of `service_metrics`, then previous, n_previous, difference,
        difference_low, difference_high, p_value, p_adjusted and word (see ``change``); usual_low,
        usual_high, beyond_usual (True, False, or None where that cannot be told) and n_earlier
        (earlier periods that have the figure). Figures that the study cannot give stay in, with
        a note saying what they need.
    """
    return beside_earlier(_all_figures(study), earlier_figures(study), study.once(service_change))


def beside_earlier(
    current: pd.DataFrame, earlier: pd.DataFrame, clustered: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Figures of a period with their change and usual movement, as `scorecard` gives them.

    Parameters
    ----------
    current
        Tidy figures, one row per metric.
    earlier
        The same of earlier periods (see `earlier_of`).
    clustered
        Limits and differences with customers as the unit, as ``service_change`` gives them.
    """
    previous = earlier[earlier[PLACE] == EARLIER].drop(columns=PLACE)
    if clustered is not None:
        current = with_limits(current, clustered)
    changes = change(current, previous, clustered)
    changes = changes.rename(columns={"conf_low": "difference_low", "conf_high": "difference_high"})
    current = current.merge(changes, on="metric", how="left", validate="one_to_one")
    return _add_usual(current, earlier)


def _all_figures(study: Study) -> pd.DataFrame:
    experience = experience_metrics(study)
    absent = experience["note"].str.startswith("needs")
    experience = experience[~(absent & experience["metric"].str.endswith("_weighted"))]
    parts = [experience, service_metrics(study, only=SERVICE)]
    figures = pd.concat([*parts, study.once(journey_metrics)], ignore_index=True)
    place = {metric: index for index, metric in enumerate(EIGHT)}
    if not study.has("surveys", "csat") and study.has("tickets", "csat"):
        figures = figures[figures["metric"] != "csat"]  # the contacts' own ratings take its place
        place["contact_csat"] = place["csat"]
    order = figures["metric"].map(place).fillna(len(EIGHT))
    return figures.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def _add_usual(current: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for figure in current.to_dict("records"):
        values = values_of(earlier, figure["metric"])
        limits = usual_limits(values)
        least, most = POSSIBLE.get(figure["unit"], (-np.inf, np.inf))
        low, high = max(limits.low, least), min(limits.high, most)
        known = not np.isnan([figure["value"], limits.low]).any()
        rows.append(
            {
                "usual_low": low if known else np.nan,
                "usual_high": high if known else np.nan,
                "beyond_usual": not low <= figure["value"] <= high if known else None,
                "n_earlier": int((~np.isnan(values)).sum()),
            }
        )
    usual = pd.DataFrame(rows, index=current.index)
    return current.join(usual.astype({"beyond_usual": object}))
