"""What each rule makes of the ratings of one journey: mean, worst, last, peak and end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxanalysis.engine import collect
from cxanalysis.memory.rated import absent, group_starts, rated_in_view
from cxanalysis.metrics.scales import ends, scale_of
from cxanalysis.study import Study

Floats = NDArray[np.float64]
SAME = 1e-9  # distances on a scale of 0 to 1, computed twice
EARLIEST = np.iinfo(np.int64).min
JOURNEY_SCORES = (
    "customer_id", "n", "mean", "worst", "best", "last", "peak_end", "service", "last_service",
)  # fmt: skip


def journey_scores(study: Study) -> pd.DataFrame:
    """What each rule makes of every customer's rated touches in the study's period and segment.

    Returns
    -------
    DataFrame
        customer_id, n (rated touches), mean, worst, best, last, peak_end, service (mean of those
        at service) and last_service, all on the scale of the journeys' ratings (of the tickets'
        where journeys have none). One row per customer; empty where nothing is rated.
    """
    if absent(study, answers=False):
        return pd.DataFrame(columns=list(JOURNEY_SCORES))
    touches = collect(rated_in_view(study)).assign(responded_at=np.nan, score=np.nan)
    touches["response_id"] = touches["customer_id"]
    touches = touches.sort_values(["response_id", "occurred_at"], ignore_index=True)
    table = answers_with(touches, 1)
    service = table.touches["service"].to_numpy() > 0
    ratings = table.touches["rating"].to_numpy()
    given = reduced(np.add, service.astype(float), table)
    scores = {
        "mean": mean_of(table),
        "worst": reduced(np.minimum, ratings, table),
        "best": reduced(np.maximum, ratings, table),
        "last": last_of(table),
        "peak_end": (extreme_of(table) + last_of(table)) / 2,
        "service": _divide(reduced(np.add, np.where(service, ratings, 0.0), table), given),
        "last_service": last_of(table, service),
    }
    source = ("journeys", "rating") if study.has("journeys", "rating") else ("tickets", "csat")
    scale = scale_of(study, *source)
    low, high = ends(scale)
    worst, span = (low, high - low) if scale.higher_is_better else (high, low - high)
    found = pd.DataFrame({name: worst + span * values for name, values in scores.items()})
    found.insert(0, "n", table.sizes)
    found.insert(0, "customer_id", table.answers["customer_id"].to_numpy())
    return found


@dataclass(frozen=True)
class Answers:
    """Answers (response_id, customer_id, responded_at, score) and the rated touches before them.

    ``touches`` stand below each other, sorted by answer and time; ``starts`` and ``sizes`` say
    where each answer's begin and how many there are.
    """

    answers: pd.DataFrame
    touches: pd.DataFrame
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]


def answers_with(rows: pd.DataFrame, least: int) -> Answers:
    """Answers with at least so many rated touches, out of `rated_before`."""
    rated = rows[rows["rating"].notna()]
    counts = rated.groupby("response_id", sort=False)["rating"].transform("size")
    touches = rated[counts >= least].reset_index(drop=True)
    starts = group_starts(touches["response_id"])
    answers = touches.loc[starts, ["response_id", "customer_id", "responded_at", "score"]]
    sizes = np.diff(starts, append=len(touches))
    return Answers(answers.reset_index(drop=True), touches, starts, sizes)


def reduced(how: Any, values: Floats, table: Answers) -> Floats:
    """Sum, least or greatest of each answer's touches."""
    if not len(table.starts):
        return np.empty(0)
    return np.asarray(how.reduceat(values, table.starts), dtype=np.float64)


def mean_of(table: Answers) -> Floats:
    """The mean rating of each answer's touches."""
    return reduced(np.add, table.touches["rating"].to_numpy(), table) / table.sizes


def last_of(table: Answers, among: NDArray[np.bool_] | None = None) -> Floats:
    """The latest rating; the mean of several at the same moment; NaN where there is none."""
    if not len(table.starts):
        return np.empty(0)
    moments = table.touches["occurred_at"].astype("int64").to_numpy()
    among = np.ones(len(moments), dtype=bool) if among is None else among
    latest = np.maximum.reduceat(np.where(among, moments, EARLIEST), table.starts)
    counts = among & (moments == np.repeat(latest, table.sizes))
    total = reduced(np.add, np.where(counts, table.touches["rating"].to_numpy(), 0.0), table)
    return _divide(total, reduced(np.add, counts.astype(float), table))


def extreme_of(table: Answers) -> Floats:
    """The rating farthest from the middle of its scale, the worse one at a tie."""
    ratings = table.touches["rating"].to_numpy()
    distance = np.abs(ratings - 0.5)
    farthest = np.repeat(reduced(np.maximum, distance, table), table.sizes)
    return reduced(np.minimum, np.where(distance > farthest - SAME, ratings, np.inf), table)


def _divide(above: Floats, below: Any) -> Floats:
    counts = np.asarray(below, dtype=np.float64)
    quotient = np.full(len(counts), np.nan)
    np.divide(above, counts, out=quotient, where=counts > 0)
    return quotient
