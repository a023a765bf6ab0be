"""What the company believes it gets, held against what customers give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import scipy

from cxanalysis.metrics.journeys.clusters import mean_limits, ratios
from cxanalysis.metrics.journeys.touches import rating_measure, touches
from cxanalysis.metrics.multiple import holm_known
from cxanalysis.metrics.rows import lacking
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study

GAP = (
    "stage",
    "own_score",
    "n",
    "rating",
    "difference",
    "conf_low",
    "conf_high",
    "p_value",
    "p_adjusted",
    "note",
)


def own_score_gap(study: Study) -> pd.DataFrame:
    """By stage, the score that the company believes it gets less the mean that customers give.

    The company's scores are those of the study file; they count as known exactly. Ratings are
    of the study's period, with the customer as the unit.

    Returns
    -------
    DataFrame
        One row per stage with an own score, in the study's order: stage, own_score, n (ratings),
        rating (their mean), difference (own − rating; above 0 the company thinks the higher
        number of itself) with conf_low and conf_high, p_value of its being 0, p_adjusted (Holm
        over the stages), note. Withheld on fewer than ``min_base`` ratings; none where an own
        score lies outside the scale of the ratings. Empty without own scores, or ratings.
    """
    scores = study.config.journey.own_scores
    if not scores or lacking(study, "journeys") or not study.has("journeys", "rating"):
        return pd.DataFrame(columns=list(GAP))
    table = ratios(touches(study), ["stage"], {"rating": rating_measure()})
    stages = [stage for stage in study.config.stages if stage in scores]
    found = pd.DataFrame([_row(study, table, stage, scores[stage]) for stage in stages])
    found["p_adjusted"] = holm_known(found["p_value"])
    return found[list(GAP)]


def _row(study: Study, table: pd.DataFrame, stage: str, own: float) -> dict[str, Any]:
    low, high = ends(scale_of(study, "journeys", "rating"))
    base = study.config.metrics.min_base
    n = int(table["rating_n"].get(stage, 0))
    row: dict[str, Any] = {"stage": stage, "own_score": own, "n": n, "note": ""}
    row |= dict.fromkeys(("rating", "difference", "conf_low", "conf_high", "p_value"), np.nan)
    if not low <= own <= high:
        return row | {"note": f"own score outside the scale of ratings, {low:g} to {high:g}"}
    if n < base:
        return row | {"note": f"withheld: fewer than {base}" if n else "no ratings"}
    mean, variance, customers = (
        float(table[f"rating_{part}"][stage]) for part in ("mean", "variance", "customers")
    )
    first, last = mean_limits(mean, variance, customers)
    return row | {
        "rating": mean,
        "difference": own - mean,
        "conf_low": own - float(last),
        "conf_high": own - float(first),
        "p_value": _p_value(own - mean, variance, customers),
    }


def _p_value(difference: float, variance: float, customers: float) -> float:
    """Student's t on customers − 1 degrees of freedom; NaN where nothing varies."""
    if not variance > 0 or not customers > 1:
        return float("nan")
    return 2 * float(scipy.stats.t.sf(abs(difference) / np.sqrt(variance), customers - 1))
