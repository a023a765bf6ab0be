"""Importance against performance, with the uncertainty of both; and the key of each group.

References
----------
Martilla & James (1977), Importance-performance analysis, Journal of Marketing 41:77-79.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
import scipy

from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.frames import CONF_LEVEL, percentile_interval
from cxanalysis.drivers.split import WHOLE_SET
from cxanalysis.importance import Floats
from cxanalysis.metrics.multiple import holm
from cxanalysis.priorities.performance import group_performance, group_reach
from cxanalysis.priorities.steps import two_sided
from cxanalysis.shown import Shown
from cxanalysis.study import Study

Quadrant = Literal["mend first", "keep up", "low priority", "possible overkill", "undecided", ""]
QUADRANTS: dict[tuple[str, str], Quadrant] = {
    ("above", "below"): "mend first",
    ("above", "above"): "keep up",
    ("below", "below"): "low priority",
    ("below", "above"): "possible overkill",
}
Reason = Literal["", "nothing accounted for", "not told apart"]
NORMAL = 1.959964  # standard errors from an estimate to the end of its 95 % interval
ALONE = "alone, with nothing to hold it against"
UNDIVIDED = "a whole set is not ranked among parts of another"


@dataclass(frozen=True, eq=False)
class PriorityMatrix(Shown):
    """Where each group of drivers stands, and where the cross-hairs lie.

    Attributes
    ----------
    groups : DataFrame
        One row per group, by key and then by share: set, group; share, share_low, share_high;
        performance, performance_low, performance_high, n_performance, measured_by; reach; key,
        key_low, key_high; importance_p, performance_p (that it lies on the line, Holm's over all
        groups and both lines); next_group and ahead, ahead_low, ahead_high, ahead_p (of the key
        to the next, Holm's over all of them); importance_side and performance_side ("above" or
        "below" the line where it is told apart from it, "across" otherwise, empty where there is
        no figure); quadrant (empty where the group is not placed); within_reach, owner, cost;
        adds (whether it is shown to add to the rest; None where no test was made); note.
    importance_line, performance_line : float
        Means of the groups placed.
    unexplained, unexplained_low, unexplained_high : float
        1 − R², adjusted for optimism: what goes with nothing that is measured here.
    reason : str
        Why there are no groups: "nothing accounted for" (the interval of R² reaches zero) or
        "not told apart" (fewer than 20 answers for each driver).
    actions_of_none : tuple of str
        Names under [actions] that no group has.
    """

    groups: pd.DataFrame
    unexplained: float
    unexplained_low: float
    unexplained_high: float
    importance_line: float = np.nan
    performance_line: float = np.nan
    reason: Reason = ""
    actions_of_none: tuple[str, ...] = ()


def priority_matrix(study: Study, fit: DriverFit) -> PriorityMatrix:
    """Each group's share of what is accounted for, against how well it does.

    A group is placed where it has both figures; the cross-hairs are the means of the groups
    placed. A group is held against a line by its difference from the mean of the groups, itself
    among them, so that the line's own uncertainty counts; Holm's adjustment runs over all groups
    and both lines. A group that is not told apart from a line is "undecided", as is one without
    an interval. A set that is not divided further is listed and not placed: a piece is the
    larger for not being cut.

    Parameters
    ----------
    study : Study
        Its period and segment are those of the ratings; [actions] of its study file names
        owners, costs and what is out of reach.
    fit : DriverFit
        Of the same study.

    Notes
    -----
    The key of a group is share × reach × gap: its share of what is accounted for, the share of
    answers that it can say anything of (`group_reach`), and how far its performance is from the
    best answer (0 to 1). Its interval is made of percentiles: the share as in the fit's samples of
    customers, reach and performance drawn from normal distributions with their standard errors,
    as if the three were independent, which ratings of the same customers are not quite.
    """
    whole = (
        fit.glance()
        .iloc[0]
        .loc[["r_squared_adjusted", "r_squared_high", "r_squared_low"]]
        .astype(float)
    )
    left, low, high = (1 - whole).tolist()
    unknown = tuple(
        name
        for name in study.config.actions
        if not any(name in groups for groups in study.blocks.values())
    )
    if whole.min() <= 0 or not fit.groups_shown:
        reason: Reason = "nothing accounted for" if whole.min() <= 0 else "not told apart"
        return PriorityMatrix(
            pd.DataFrame(), left, low, high, reason=reason, actions_of_none=unknown
        )
    groups = _groups(study, fit)
    placed = (groups["note"] == "") & groups["performance"].notna()
    if placed.sum() == 1:
        groups.loc[placed, "note"] = ALONE
        placed = placed & False
    importance, performance = (
        float(groups.loc[placed, name].mean()) for name in ("share", "performance")
    )
    groups = _add_keys(_add_sides(groups, placed, fit), fit, placed)
    return PriorityMatrix(
        groups.reset_index(), left, low, high, importance, performance, "", unknown
    )


def _groups(study: Study, fit: DriverFit) -> pd.DataFrame:
    shares = fit.importance()["share"].drop(index=WHOLE_SET, level="group")
    groups = shares[["estimate", "conf_low", "conf_high"]].set_axis(
        ["share", "share_low", "share_high"], axis="columns"
    )
    groups = groups.join(group_performance(study)).join(group_reach(study, fit))
    tests = fit.tests().set_index(["set", "group"])["p_holm"].reindex(groups.index)
    adds = (tests < 1 - CONF_LEVEL).astype(object)
    actions = [study.config.actions.get(group) for _, group in groups.index]
    sizes = Counter(name for name, _ in groups.index)
    cut = [sizes[name] > 1 for name, _ in groups.index]
    alone = ~np.array(cut) & (max(sizes.values()) > 1)
    table: pd.DataFrame = groups.assign(
        note=np.where(alone, UNDIVIDED, groups["note"].fillna("no ratings")),
        adds=adds.where(tests.notna(), None),
        within_reach=[each is None or each.within_reach for each in actions],
        owner=["" if each is None else each.owner for each in actions],
        cost=[np.nan if each is None or each.cost is None else each.cost for each in actions],
    )
    return table


def _add_sides(groups: pd.DataFrame, placed: pd.Series, fit: DriverFit) -> pd.DataFrame:
    """On which side of each line the groups lie, and the quadrant that makes."""
    groups = groups.copy()
    own = groups[placed]
    p_values = np.concatenate([_share_p(own, fit), _performance_p(own)])
    known = ~np.isnan(p_values)
    if known.any():
        p_values[known] = holm(p_values[known])
    for side, name, p_value in zip(
        ("importance", "performance"),
        ("share", "performance"),
        np.split(p_values, 2),
        strict=True,
    ):
        groups[f"{side}_p"] = np.nan
        groups.loc[placed, f"{side}_p"] = p_value
        away = np.where(own[name] > own[name].mean(), "above", "below")
        groups[f"{side}_side"] = ""
        groups.loc[placed, f"{side}_side"] = np.where(p_value < 1 - CONF_LEVEL, away, "across")
    groups["quadrant"] = [
        QUADRANTS.get((importance, performance), "undecided") if importance else ""
        for importance, performance in zip(
            groups["importance_side"], groups["performance_side"], strict=True
        )
    ]
    return groups


def _share_p(own: pd.DataFrame, fit: DriverFit) -> Floats:
    """P-values (groups,) of each share being the mean of all; NaN without samples."""
    if own.empty or not fit.exact_groups or fit.draws.empty:
        return np.full(len(own), np.nan)
    draws = fit.resampled("share")[own.index].to_numpy()
    return np.array([two_sided(gaps) for gaps in (draws - draws.mean(axis=1, keepdims=True)).T])


def _performance_p(own: pd.DataFrame) -> Floats:
    """The same of performance, as if the groups' ratings were independent."""
    variance = _performance_error(own) ** 2
    k = max(len(own), 1)
    of_gap = variance * (1 - 2 / k) + variance.sum() / k**2
    gap = (own["performance"] - own["performance"].mean()).to_numpy(dtype=float)
    reach = np.divide(abs(gap), np.sqrt(of_gap), out=np.full(len(own), np.nan), where=of_gap > 0)
    return np.asarray(2 * scipy.stats.norm.sf(reach))


def _performance_error(groups: pd.DataFrame) -> Floats:
    """Standard errors (groups,) of performance."""
    width = groups["performance_high"] - groups["performance_low"]
    return np.asarray(width.to_numpy(dtype=float) / (2 * NORMAL))


def _add_keys(groups: pd.DataFrame, fit: DriverFit, placed: pd.Series) -> pd.DataFrame:
    """Key with its interval, and how far ahead it is of the next; rows by key."""
    key = groups["share"] * groups["reach"] * (100 - groups["performance"]) / 100
    groups = groups.assign(key=key.where(placed))
    draws = pd.DataFrame(_key_draws(groups, fit), columns=groups.index)
    low, high = percentile_interval(draws.to_numpy())
    known = groups["key"].notna()
    groups["key_low"], groups["key_high"] = (
        np.where(known, low, np.nan),
        np.where(known, high, np.nan),
    )
    groups = groups.sort_values(["key", "share"], ascending=False, kind="stable")
    ranked = list(groups.index[groups["key"].notna()])
    rows = [_ahead(groups["key"], draws, *pair) for pair in pairwise(ranked)]
    ahead = pd.DataFrame(
        rows, index=groups.index[: len(rows)], columns=["next_group", *AHEAD]
    ).reindex(groups.index)
    known = ahead["ahead_p"].notna()
    ahead.loc[known, "ahead_p"] = holm(ahead.loc[known, "ahead_p"])
    return groups.join(ahead.fillna({"next_group": ""}))


AHEAD = ("ahead", "ahead_low", "ahead_high", "ahead_p")


def _ahead(
    key: pd.Series, draws: pd.DataFrame, one: tuple[str, str], other: tuple[str, str]
) -> tuple[str, float, float, float, float]:
    gaps = (draws[one] - draws[other]).dropna().to_numpy()
    difference = float(key[one] - key[other])
    if not len(gaps):
        return other[1], difference, np.nan, np.nan, np.nan
    low, high = percentile_interval(gaps)
    return other[1], difference, float(low), float(high), two_sided(gaps)


def _key_draws(groups: pd.DataFrame, fit: DriverFit) -> Floats:
    """Keys (replicates, groups); none where groups have no intervals."""
    if not fit.exact_groups or fit.draws.empty:
        return np.empty((0, len(groups)))
    shares = fit.resampled("share")[groups.index]
    rng = np.random.default_rng(fit.seed)
    size = (len(shares), len(groups))
    error = _performance_error(groups)
    performance = groups["performance"].to_numpy() + error * rng.standard_normal(size)
    reach = groups["reach"].to_numpy()
    scatter = np.sqrt(reach * (1 - reach) / fit.n_effective_clusters)
    drawn = np.clip(reach + scatter * rng.standard_normal(size), 0, 1)
    gap = np.clip(1 - performance / 100, 0, 1)
    return np.asarray(shares.to_numpy() * drawn * gap)
