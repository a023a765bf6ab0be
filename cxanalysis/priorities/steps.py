"""What goes with one standard deviation of each group's composite, and whether ranks hold.

A group's composite is the fitted part Xβ of its figures: ratings, waits, days late. Marks of
whether there was anything to rate or to measure stay in the model and out of the composite, since
nobody mends them, and since marks of several groups stand and fall together, which would leave
their composites to chance. One of its standard deviations goes with √(β′Σβ) on the outcome.
Estimates scatter, which makes that too large, and larger still in samples of the
customers: E β̂′Σβ̂ = β′Σβ + tr(ΣV), V being the covariance of β̂. What samples of whole customers
add to β̂′Σβ̂ on average is taken off once in the data and twice in each sample, as is done with
the optimism of R². Simulated with four groups of four or six columns that go together (r = .3)
and 200 to 1,000 answers, one to three per customer, 95 % intervals hold the truth in 92 to 100 % of
200 to 300 runs each, those of a difference in 92 to 100 %, too wide for weak groups only; the
plain figure of a group that goes with nothing is .08 to .16 on average, this one .02 to .05.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import scipy

from cxanalysis.config import closest
from cxanalysis.drivers import DriverFit
from cxanalysis.drivers.frames import CONF_LEVEL, percentile_interval
from cxanalysis.drivers.linear import fitted_spreads
from cxanalysis.drivers.sensitivity import LINEAR
from cxanalysis.drivers.split import WHOLE_SET
from cxanalysis.errors import ModelError
from cxanalysis.importance import PIVOT_TOLERANCE, Floats
from cxanalysis.metrics.multiple import holm
from cxanalysis.partition import SERVICE

Key = tuple[str, str]
SIGNIFICANCE = 1 - CONF_LEVEL
MARKS = ("_used", "_rated", "_touched", "_known", "_promised", "_due", "_open_days")
ANSWERED = "answered"  # all marks of how help went stand and fall with it


@dataclass(frozen=True, eq=False)
class Composites:
    """One standard deviation of each set's and group's composite, in outcome points.

    ``estimates`` (k,) in the order of ``keys``, set and group, a whole set under group "all";
    ``draws`` (replicates, k) in samples of whole customers, none below 20 customers.
    """

    keys: tuple[Key, ...]
    estimates: Floats
    draws: Floats

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        """Ends (k,) of the 95 % intervals."""
        return percentile_interval(self.draws)

    def place(self, key: Key) -> int:
        """Number of a group."""
        return self.keys.index(key)

    def difference(
        self,
        first: Key,
        second: Key,
        scales: tuple[float, float] = (1.0, 1.0),
        comparisons: int = 1,
    ) -> tuple[float, float, float]:
        """First less second, each times its scale, with limits that allow for ``comparisons``.

        Bonferroni's: the interval is one of level 1 − .05 / comparisons.
        """
        one, other = self.place(first), self.place(second)
        estimate = self.estimates[one] * scales[0] - self.estimates[other] * scales[1]
        gaps = self.draws[:, one] * scales[0] - self.draws[:, other] * scales[1]
        if not len(gaps):
            return float(estimate), np.nan, np.nan
        tail = SIGNIFICANCE / 2 / comparisons
        low, high = np.quantile(gaps, [tail, 1 - tail])
        return float(estimate), float(low), float(high)


def composites_of(fit: DriverFit) -> Composites:
    """The composites of a fit's groups, their noise taken off, with their replicates.

    Raises
    ------
    ModelError
        Of another model than least squares: there, no composite has units of the outcome.
    """
    return _made(fit, *_groups(fit))


def _made(fit: DriverFit, keys: tuple[Key, ...], columns: list[list[int]]) -> Composites:
    """Composites of these column numbers."""
    if fit.model not in LINEAR:
        raise ModelError(
            f"one standard deviation has outcome points in least squares only, and the model is "
            f'{fit.model!r}. Fit with kind = "ols" for them; shares of this model stand in '
            "importance()."
        )
    cross = fit.cross[None]
    portions = [_effects(some, columns) for some in fit.resampled_cross()]
    if not portions:
        nothing = np.full(len(keys), np.nan)
        return Composites(keys, nothing, np.empty((0, len(keys))))
    squares, drawn = (np.concatenate(parts) for parts in zip(*portions, strict=True))
    (own,), (first,) = _effects(cross, columns)
    noise = np.nanmean(squares, axis=0) - own
    alone = np.array([len(group) == 1 for group in columns])
    spread = fit.design.outcome_spread
    estimates = np.where(alone, np.abs(first), np.sqrt(np.maximum(own - noise, 0.0)))
    less = np.sqrt(np.maximum(squares - 2 * noise, 0.0))
    draws = np.where(alone, drawn * np.sign(first), less)
    return Composites(keys, estimates * spread, draws * spread)


def measures_of(fit: DriverFit, of: str = SERVICE) -> Composites:
    """The single figures of a set, each as a composite of its own.

    Parameters
    ----------
    fit : DriverFit
        By least squares, plain or weighted.
    of : str
        A set of the fit.

    Returns
    -------
    Composites
        Keys are group and column. One standard deviation towards where the outcome is higher.
    """
    place = {column: number for number, column in enumerate(fit.design.columns)}
    keys = tuple(
        (group, column) for group, names in fit.blocks[of].items() for column in figures(names)
    )
    return _made(fit, keys, [[place[column]] for _, column in keys])


def _groups(fit: DriverFit) -> tuple[tuple[Key, ...], list[list[int]]]:
    """Every set as a whole, with all of its columns, followed by its groups with their figures."""
    place = {column: number for number, column in enumerate(fit.design.columns)}
    keys: list[Key] = []
    columns: list[list[int]] = []
    for name, groups in fit.blocks.items():
        own = [[place[column] for column in figures(names)] for names in groups.values()]
        keys += [(name, WHOLE_SET), *((name, group) for group in groups)]
        columns += [[place[column] for names in groups.values() for column in names], *own]
    return tuple(keys), columns


def figures(columns: Sequence[str]) -> list[str]:
    """Columns of a group that say how it went; all of them where none does."""
    found = [name for name in columns if name != ANSWERED and not name.endswith(MARKS)]
    return found or list(columns)


def composite_steps(fit: DriverFit) -> pd.DataFrame:
    """What one standard deviation of each group's composite goes with, others held equal.

    Parameters
    ----------
    fit : DriverFit
        By least squares, plain or weighted.

    Returns
    -------
    DataFrame
        One row per group, the largest first: set, group, n_columns (figures in it); estimate,
        conf_low, conf_high (outcome points; never negative, except limits of a group of one driver,
        which has no noise to take off); next_group with difference, difference_low,
        difference_high to it, p_value, p_holm (Holm's over all such neighbours) and told_apart
        (None without samples); and, where the group holds a single rating or figure, its column
        ``per`` with point, point_low, point_high: what goes with one point of it.

    Raises
    ------
    ModelError
        Of an ordered logit or logit.

    Notes
    -----
    A composite points to where the outcome is higher. An interval above zero does not say that
    a group adds anything: see ``DriverFit.tests``. ``DriverFit.composites`` has the plain
    figures of whole groups, marks and noise included.
    """
    return steps_of(fit, composites_of(fit))


def scenario(fit: DriverFit, group: str, by: float = 1.0) -> pd.Series:
    """What goes with answers that lie so much higher on one group's composite.

    Parameters
    ----------
    fit : DriverFit
        By least squares, plain or weighted.
    group : str
        A group of the fit, or a set for the whole of it.
    by : float
        Standard deviations of the composite.

    Returns
    -------
    Series
        by, estimate, conf_low, conf_high (outcome points), mean (of the outcome), and relative,
        relative_low, relative_high: the same as parts of that mean.

    Raises
    ------
    ModelError
        Of an ordered logit or logit, or where the fit has no such group.

    Notes
    -----
    It compares customers as they are, others held equal. What would follow if somebody moved
    the composite is another question, which no survey answers.
    """
    composites = composites_of(fit)
    wanted = (group, WHOLE_SET) if group in fit.blocks else group
    names = {name: (owner, name) for owner, name in composites.keys if name != WHOLE_SET}
    key = wanted if isinstance(wanted, tuple) else names.get(wanted)
    if key is None:
        raise ModelError(f"no group {group!r} in this fit.{closest(group, [*names, *fit.blocks])}")
    place = composites.place(key)
    low, high = composites.limits
    mean = float(fit.design.means[-1])
    ends = sorted((by * float(low[place]), by * float(high[place])))
    moved = [by * float(composites.estimates[place]), *ends]
    return pd.Series(
        {
            "by": by,
            **dict(zip(("estimate", "conf_low", "conf_high"), moved, strict=True)),
            "mean": mean,
            **dict(
                zip(
                    ("relative", "relative_low", "relative_high"),
                    [each / mean for each in moved],
                    strict=True,
                )
            ),
        }
    )


def steps_of(fit: DriverFit, composites: Composites) -> pd.DataFrame:
    """`composite_steps` of composites made before."""
    order = [
        place
        for place in np.argsort(-np.nan_to_num(composites.estimates), kind="stable")
        if composites.keys[place][1] != WHOLE_SET
    ]
    keys = [composites.keys[place] for place in order]
    low, high = composites.limits
    tidy = fit.tidy().set_index("term")
    rows = [
        {
            "set": name,
            "group": group,
            "n_columns": len(figures(fit.blocks[name][group])),
            "estimate": float(composites.estimates[place]),
            "conf_low": float(low[place]),
            "conf_high": float(high[place]),
            **_to_next(composites, key, following),
            **_point(tidy, fit.blocks[name][group]),
        }
        for place, key, following in zip(order, keys, [*keys[1:], None], strict=True)
        for name, group in [key]
    ]
    frame = pd.DataFrame(rows)
    known = frame["p_value"].notna()
    frame["p_holm"] = np.nan
    frame.loc[known, "p_holm"] = holm(frame.loc[known, "p_value"])
    frame["told_apart"] = (frame["p_holm"] < SIGNIFICANCE).astype(object).where(known, None)
    return frame


def _to_next(composites: Composites, key: Key, following: Key | None) -> dict[str, object]:
    if following is None:
        return {
            "next_group": "",
            **dict.fromkeys(("difference", "difference_low", "difference_high", "p_value"), np.nan),
        }
    difference, low, high = composites.difference(key, following)
    one, other = composites.place(key), composites.place(following)
    gaps = composites.draws[:, one] - composites.draws[:, other]
    return {
        "next_group": following[1],
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "p_value": two_sided(gaps),
    }


def two_sided(gaps: Floats) -> float:
    """P-value of a difference being zero, from its replicates; NaN without them.

    Where all of them lie on one side, their number says no more than that p is small: the
    normal curve through them then says how small, since Holm's adjustment multiplies it.
    """
    if not len(gaps):
        return np.nan
    tail = min((gaps <= 0).sum(), (gaps >= 0).sum())
    counted = min(1.0, 2 * float(1 + tail) / (1 + len(gaps)))
    if tail or not np.ptp(gaps):
        return counted
    return min(counted, 2 * float(scipy.stats.norm.sf(abs(gaps.mean()) / gaps.std(ddof=1))))


def _point(tidy: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, object]:
    """The coefficient of a group's only figure."""
    found = figures(columns)
    if len(found) != 1:
        return {"per": "", **dict.fromkeys(("point", "point_low", "point_high"), np.nan)}
    estimate, low, high = tidy.loc[found[0], ["estimate", "conf_low", "conf_high"]].astype(float)
    return {"per": found[0], "point": estimate, "point_low": low, "point_high": high}


def _effects(covariances: Floats, columns: list[list[int]]) -> tuple[Floats, Floats]:
    """β′Σβ of each group (b, k), and the coefficient of its first column."""
    drivers = covariances[:, :-1, :-1]
    # Standardised drivers have variances near 1: what is added is nothing to them, and gives a
    # rare column that does not vary in a sample the slope 0.
    solvable = drivers + PIVOT_TOLERANCE * np.eye(drivers.shape[-1])
    slopes = np.asarray(np.linalg.solve(solvable, covariances[:, :-1, -1:])[..., 0])
    effects = fitted_spreads(slopes, drivers, columns)
    return effects**2, slopes[:, [group[0] for group in columns]]
