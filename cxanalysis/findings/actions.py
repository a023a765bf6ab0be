"""What to mend first: groups by importance and performance, and on which side to begin."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isnan, log10, nan
from typing import Any, ClassVar, Literal

import pandas as pd

from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.sensitivity import LINEAR
from cxanalysis.findings.core import UNKNOWN, Estimate, Finding, estimate_of, period_title
from cxanalysis.findings.fits import Given, fit_of
from cxanalysis.findings.labels import labelled
from cxanalysis.findings.measured import kinds_of, origin
from cxanalysis.priorities import (
    Composites,
    PriorityMatrix,
    Side,
    composites_of,
    priority_matrix,
    recommended_order,
    soft_and_fast,
    steps_of,
)
from cxanalysis.study import Study

SIGNIFICANCE = 0.05
Reason = Literal["", "no model", "few", "nothing accounted for", "not told apart"]
STEP = ("estimate", "conf_low", "conf_high")


@dataclass(frozen=True)
class Step:
    """What goes with one standard deviation of a group's composite, others held equal.

    ``size`` is in outcome points; ``ahead`` is how much larger it is than that of the group
    ``following``, and ``told_apart`` whether that is more than chance, allowing for all such
    neighbours (None where that cannot be told). ``per`` is the single rating or figure of the
    group, where it has but one, and ``point`` what goes with one point of that.
    """

    size: Estimate
    following: str = ""
    ahead: Estimate = UNKNOWN
    told_apart: bool | None = None
    per: str = ""
    point: Estimate = UNKNOWN


@dataclass(frozen=True)
class Group:
    """A group of drivers: how important it is, how well it does, and what that makes of it.

    ``performance`` runs from 0 to 100 and is ``measured_by`` "items", "stage", "contacts" or
    "resolved" in ``n`` cases. ``reach`` is the share of answers it can say anything of; ``key``
    is share × reach × gap, ``ahead`` how far ahead of that of ``following``, ``clear`` whether
    that is more than chance. Sides are "above" or "below" a line, or "across" it
    where the group is not told apart from it. A group that is
    not placed has no quadrant and a ``note`` that says why.
    """

    set: str
    name: str
    share: Estimate
    step: Step | None = None
    performance: Estimate = UNKNOWN
    n: int = 0
    measured_by: str = ""
    reach: float = nan
    key: Estimate = UNKNOWN
    following: str = ""
    ahead: Estimate = UNKNOWN
    clear: bool = False
    importance_side: str = ""
    performance_side: str = ""
    quadrant: str = ""
    adds: bool | None = None
    within_reach: bool = True
    owner: str = ""
    cost: float = nan
    note: str = ""

    @property
    def placed(self) -> bool:
        """Whether it has a place in the matrix."""
        return self.quadrant != ""


@dataclass(frozen=True)
class OneSide:
    """The group that one side would begin with, and what goes with one step of it."""

    set: str
    name: str
    step: Estimate
    cost: float = nan


@dataclass(frozen=True)
class Order:
    """On which side to begin: "service first", "the rest first", "not told".

    Or "measured differently", where ratings stand on one side and records alone on the other.

    ``difference`` is service's step less the rest's, ``per_cost`` the same for ``per`` of cost;
    limits allow for all ``pairs`` of groups. ``by`` says which of the two decides.
    ``chosen`` is "key" or "step", by which each side's group was taken: by step where any group
    within reach has no key.
    """

    verdict: str
    service: OneSide
    rest: OneSide
    difference: Estimate
    per_cost: Estimate = UNKNOWN
    by: str = "step"
    per: float = nan
    chosen: str = "key"
    pairs: int = 1


@dataclass(frozen=True)
class Contrast:
    """Inside service, the rating with the largest step against the time with the largest.

    ``difference`` is that of the rating less that of the time; its limits allow for all pairs.
    """

    rated: str
    rated_step: Estimate
    timed: str
    timed_step: Estimate
    difference: Estimate


@dataclass(frozen=True)
class ActionsFinding(Finding):
    """What to mend first, as far as the answers tell.

    ``groups`` stand by their steps, the largest first (by share where there are none). The
    lines are the means of the groups placed. ``unexplained`` is what goes with nothing that is
    measured. ``reason`` says why there are no groups. ``order`` is
    None where the two sides cannot be compared, as is ``soft``; ``no_group`` names entries of
    [actions] that belong to no group; ``point_values`` where groups have no intervals,
    ``weighted`` where answers have weights.
    """

    kind: ClassVar[str] = "actions"

    period: str
    outcome: str
    n: int
    min_base: int
    reason: Reason = ""
    n_columns: int = 0
    unexplained: Estimate = UNKNOWN
    groups: tuple[Group, ...] = ()
    importance_line: float = nan
    performance_line: float = nan
    order: Order | None = None
    soft: Contrast | None = None
    currency: str = ""
    no_group: tuple[str, ...] = ()
    point_values: bool = False
    weighted: bool = False

    @property
    def placed(self) -> tuple[Group, ...]:
        """Groups in the matrix."""
        return tuple(group for group in self.groups if group.placed)

    @property
    def by_key(self) -> tuple[Group, ...]:
        """Groups in the matrix by their keys, those within reach only."""
        open_to_us = [group for group in self.placed if group.within_reach]
        return tuple(sorted(open_to_us, key=lambda group: -group.key.value))


def find_actions(study: Study, fit: Given = "own") -> ActionsFinding:
    """What to mend first by importance, performance and reach, with the uncertainty of each.

    Parameters
    ----------
    study : Study
    fit : DriverFit, optional
        Of the same study, made where left out; None where none could be made, and then nothing
        can be said.
    """
    base, fit = study.config.metrics.min_base, fit_of(study, fit)
    if fit is None:
        outcome = study.config.model.outcome
        return ActionsFinding(period_title(study.period), outcome, 0, base, "no model")
    if fit.n < base:
        return ActionsFinding(period_title(study.period), fit.outcome, fit.n, base, "few")
    matrix = priority_matrix(study, fit)
    linear = fit.model in LINEAR and not matrix.reason
    composites = composites_of(fit) if linear else None
    steps = {} if composites is None else _steps(study, fit, composites)
    groups = [_group(row, steps) for row in matrix.groups.to_dict("records")]
    return ActionsFinding(
        period=period_title(study.period),
        outcome=fit.outcome,
        n=fit.n,
        min_base=base,
        reason=matrix.reason,
        n_columns=fit.n_columns,
        unexplained=_unexplained(fit, matrix),
        groups=tuple(sorted(groups, key=_by_step)),
        importance_line=matrix.importance_line,
        performance_line=matrix.performance_line,
        order=_order(study, fit, matrix, composites),
        soft=_soft(study, fit, matrix),
        currency=study.config.metrics.currency,
        no_group=matrix.actions_of_none,
        point_values=not fit.exact_groups,
        weighted=fit.weights is not None,
    )


def _unexplained(fit: DriverFit, matrix: PriorityMatrix) -> Estimate:
    """1 − R²; a McFadden R² is no part of the differences between answers."""
    if fit.model not in LINEAR:
        return UNKNOWN
    return Estimate(matrix.unexplained, matrix.unexplained_low, matrix.unexplained_high)


def _by_step(group: Group) -> tuple[float, float]:
    size = group.step.size.value if group.step is not None else 0.0
    return -size, -group.share.value


def _steps(study: Study, fit: DriverFit, composites: Composites) -> dict[tuple[str, str], Step]:
    return {
        (row["set"], row["group"]): Step(
            size=estimate_of(row, *STEP),
            following=row["next_group"],
            ahead=estimate_of(row, "difference", "difference_low", "difference_high"),
            told_apart=row["told_apart"],
            per=labelled(study, row["per"]) if row["per"] else "",
            point=estimate_of(row, "point", "point_low", "point_high"),
        )
        for row in steps_of(fit, composites).to_dict("records")
        if not isnan(row["estimate"])
    }


def _group(row: dict[Any, Any], steps: dict[tuple[str, str], Step]) -> Group:
    p_value = float(row["ahead_p"])
    return Group(
        set=row["set"],
        name=row["group"],
        share=estimate_of(row, "share", "share_low", "share_high"),
        step=steps.get((row["set"], row["group"])),
        performance=estimate_of(row, "performance", "performance_low", "performance_high"),
        n=int(row["n_performance"]) if not pd.isna(row["n_performance"]) else 0,
        measured_by=row["measured_by"] if isinstance(row["measured_by"], str) else "",
        reach=float(row["reach"]),
        key=estimate_of(row, "key", "key_low", "key_high"),
        following=row["next_group"],
        ahead=estimate_of(row, "ahead", "ahead_low", "ahead_high"),
        clear=p_value < SIGNIFICANCE,
        importance_side=row["importance_side"],
        performance_side=row["performance_side"],
        quadrant=row["quadrant"],
        adds=row["adds"],
        within_reach=bool(row["within_reach"]),
        owner=row["owner"],
        cost=float(row["cost"]),
        note=row["note"],
    )


def _order(
    study: Study, fit: DriverFit, matrix: PriorityMatrix, composites: Composites | None
) -> Order | None:
    found = recommended_order(study, fit, matrix, composites)
    if found.service is None or found.rest is None:
        return None
    # The next round sum above both costs, so that what goes with it is a number one can say.
    costs = max(found.service.cost, found.rest.cost)
    per = 10.0 ** ceil(log10(costs)) if costs > 0 else nan
    differently = len({origin(kinds_of(study, fit, each)) for each in fit.blocks}) > 1
    return Order(
        verdict="measured differently" if differently else found.verdict,
        service=_side(found.service),
        rest=_side(found.rest),
        difference=Estimate(*found.difference),
        per_cost=Estimate(*(per * each for each in found.per_cost)),
        per=per,
        by=found.by,
        chosen=found.service.chosen,
        pairs=found.pairs,
    )


def _soft(study: Study, fit: DriverFit, matrix: PriorityMatrix) -> Contrast | None:
    found = None if matrix.reason else soft_and_fast(study, fit)
    if found is None:
        return None
    return Contrast(
        rated=labelled(study, found.rated),
        rated_step=Estimate(*found.rated_step),
        timed=found.timed,
        timed_step=Estimate(*found.timed_step),
        difference=Estimate(*found.difference),
    )


def _side(side: Side) -> OneSide:
    return OneSide(side.set, side.group, Estimate(*side.step), side.cost)
