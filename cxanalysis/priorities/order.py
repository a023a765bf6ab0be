"""Service first or the rest of the journey first: what goes with mending either side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.sensitivity import LINEAR
from cxanalysis.drivers.split import WHOLE_SET
from cxanalysis.partition import SERVICE, survey_items
from cxanalysis.priorities.matrix import PriorityMatrix, priority_matrix
from cxanalysis.priorities.steps import Composites, Key, composites_of, measures_of
from cxanalysis.shown import Shown
from cxanalysis.study import Study

Verdict = Literal["service first", "the rest first", "not told", "not comparable"]
Chosen = Literal["key", "step", "none"]
Figures = tuple[float, float, float]
RATED = "contact_csat"
TIMES = ("first_reply_hours", "queue_wait_minutes", "handle_minutes")
UNKNOWN: Figures = (np.nan, np.nan, np.nan)


@dataclass(frozen=True)
class Side:
    """What mending would begin with on one side: its group, and what goes with it.

    ``step`` is what goes with one standard deviation of the group's composite (outcome points,
    with its 95 % interval), ``whole`` the same of the side as a whole. ``per_cost`` is the step
    for each unit of cost. ``chosen`` says why it is this group: "key" (the largest key
    within reach) or "step" (the largest step, where any group within reach has no key).
    """

    set: str
    group: str
    chosen: Chosen
    performance: Figures
    step: Figures
    whole: Figures
    cost: float
    per_cost: Figures


@dataclass(frozen=True)
class SoftAndFast(Shown):
    """How contacts or service were rated, held against how long service took.

    The column with the largest step of either kind, its step (outcome points with one standard
    deviation, others held equal), and how much larger that of the rating is, with limits that
    allow for all ``pairs``.
    """

    rated: str
    rated_step: Figures
    timed: str
    timed_step: Figures
    difference: Figures
    pairs: int


@dataclass(frozen=True)
class RecommendedOrder(Shown):
    """Which side to mend first, as far as the answers tell.

    Attributes
    ----------
    verdict : str
        "service first" or "the rest first": the interval of the difference leaves out 0.
        "not told": it does not. "not comparable": one side has nothing within reach, or the
        model is no least squares, or has nothing to divide.
    service, rest : Side or None
    difference : tuple of float
        Service's step less the rest's, with limits that allow for all pairs of groups that
        could have been chosen (Bonferroni).
    per_cost : tuple of float
        The same of the steps per unit of cost; NaN where a cost is not given.
    by : str
        "cost" where both costs are given, and so decide; "step" otherwise.
    pairs : int
        How many pairs the limits allow for.
    """

    verdict: Verdict
    service: Side | None = None
    rest: Side | None = None
    difference: Figures = UNKNOWN
    per_cost: Figures = UNKNOWN
    by: Literal["step", "cost"] = "step"
    pairs: int = 0


def recommended_order(
    study: Study,
    fit: DriverFit,
    matrix: PriorityMatrix | None = None,
    composites: Composites | None = None,
) -> RecommendedOrder:
    """Whether to mend service or the rest of the journey first, on what goes with either.

    Each side is represented by the group within reach with the largest key (share × reach × gap).
    Where any of them has no performance and so no key, as needing help, both sides are by the group
    with the largest step: a side is not represented by what is left of it. They are compared by
    what goes with one standard deviation of their composites, per unit of cost where the study file
    gives both costs. Nothing is claimed where the interval of the difference includes 0. That both
    sides are measured alike, ratings or records, is not looked at here: a report says no order
    where they are not.

    Parameters
    ----------
    study : Study
    fit : DriverFit
        Of the same study.
    matrix : PriorityMatrix, optional
    composites : Composites, optional
        Of both, where they have been made before.
    """
    matrix = priority_matrix(study, fit) if matrix is None else matrix
    if fit.model not in LINEAR or matrix.reason or SERVICE not in fit.blocks:
        return RecommendedOrder("not comparable")
    composites = composites_of(fit) if composites is None else composites
    groups = matrix.groups[matrix.groups["within_reach"].astype(bool)].assign(
        step=lambda frame: [
            composites.estimates[composites.place(key)]
            for key in zip(frame["set"], frame["group"], strict=True)
        ]
    )
    ours, theirs = groups[groups["set"] == SERVICE], groups[groups["set"] != SERVICE]
    if ours.empty or theirs.empty or groups["step"].isna().all():
        return RecommendedOrder("not comparable")
    by: Chosen = "key" if groups["performance"].notna().all() else "step"
    service, rest = (_side(composites, frame, by) for frame in (ours, theirs))
    return _compared(composites, service, rest, len(ours) * len(theirs))


def soft_and_fast(study: Study, fit: DriverFit) -> SoftAndFast | None:
    """Whether how service was rated goes with more than how long it took.

    Parameters
    ----------
    study : Study
    fit : DriverFit
        Of the same study.

    Returns
    -------
    SoftAndFast or None
        None where service has no rating or no time among its figures, or the model is no least
        squares.
    """
    if fit.model not in LINEAR or SERVICE not in fit.blocks:
        return None
    measures = measures_of(fit)
    items = survey_items(study.config)
    rated = [key for key in measures.keys if key[1] == RATED or key[1] in items]
    timed = [key for key in measures.keys if key[1] in TIMES]
    if not rated or not timed or np.isnan(measures.estimates).any():
        return None
    one, other = (
        max(keys, key=lambda key: float(measures.estimates[measures.place(key)]))
        for keys in (rated, timed)
    )
    pairs = len(rated) * len(timed)
    return SoftAndFast(
        rated=one[1],
        rated_step=_step(measures, one),
        timed=other[1],
        timed_step=_step(measures, other),
        difference=measures.difference(one, other, comparisons=pairs),
        pairs=pairs,
    )


def _side(composites: Composites, groups: pd.DataFrame, by: Chosen) -> Side:
    """The group to begin with; of equal ones the one with the larger step."""
    key = groups["share"] * groups["reach"] * (100 - groups["performance"])
    row = groups.iloc[int(np.nanargmax(key if by == "key" else groups["step"]))]
    place = (str(row["set"]), str(row["group"]))
    step = _step(composites, place)
    cost = float(row["cost"]) if row["cost"] > 0 else np.nan
    return Side(
        set=place[0],
        group=place[1],
        chosen=by,
        performance=_three(row, "performance"),
        step=step,
        whole=_step(composites, (place[0], WHOLE_SET)),
        cost=cost,
        per_cost=(step[0] / cost, step[1] / cost, step[2] / cost),
    )


def _three(row: pd.Series, name: str) -> Figures:
    value, low, high = (float(row[each]) for each in (name, f"{name}_low", f"{name}_high"))
    return value, low, high


def _step(composites: Composites, key: Key) -> Figures:
    place = composites.place(key)
    low, high = composites.limits
    return float(composites.estimates[place]), float(low[place]), float(high[place])


def _compared(composites: Composites, service: Side, rest: Side, pairs: int) -> RecommendedOrder:
    one, other = (service.set, service.group), (rest.set, rest.group)
    difference = composites.difference(one, other, comparisons=pairs)
    costed = not np.isnan([service.cost, rest.cost]).any()
    per_cost = UNKNOWN
    if costed:
        scales = (1 / service.cost, 1 / rest.cost)
        per_cost = composites.difference(one, other, scales, pairs)
    _, low, high = per_cost if costed else difference
    verdict: Verdict = "not told"
    if low > 0:
        verdict = "service first"
    elif high < 0:
        verdict = "the rest first"
    by: Literal["step", "cost"] = "cost" if costed else "step"
    return RecommendedOrder(verdict, service, rest, difference, per_cost, by, pairs)
