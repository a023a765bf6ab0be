"""What a fit says of sets, groups and terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cxanalysis.config import closest
from cxanalysis.drivers.design import Design, weights_name
from cxanalysis.drivers.frames import (
    CONF_LEVEL,
    FIGURES,
    holm,
    percentile_interval,
    set_figures,
    split_frame,
    term_frame,
)
from cxanalysis.drivers.outline import LeftOut, Outline
from cxanalysis.drivers.page import fit_html
from cxanalysis.drivers.resample import Reweighting
from cxanalysis.drivers.split import Split
from cxanalysis.errors import ModelError
from cxanalysis.importance import PIVOT_TOLERANCE, QUANTITIES, Floats
from cxanalysis.partition import SERVICE
from cxanalysis.shown import Shown

# Of every model, whatever its replicates: a verdict that hangs on them would depend on patience.
PERMUTATIONS = 999


@dataclass(frozen=True, eq=False)
class DriverFit(Shown):
    """How an outcome goes with its drivers, in two or more sets and groups inside them.

    Attributes
    ----------
    outcome, model : str
    top_box : float or None
        Score from which the outcome counts as reached.
    cluster : str or None
        Column whose equal values go together.
    """

    outcome: str
    model: str
    top_box: float | None
    cluster: str | None
    _weights: str | Reweighting | None = field(repr=False)
    _split: Split = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"DriverFit({self.outcome} ~ {self.n_columns} drivers, n={self.n:,}, "
            f"{self.measure}={self.r_squared:.2f})"
        )

    def _repr_html_(self) -> str:
        return fit_html(self)

    @property
    def weights(self) -> str | None:
        """What the survey weights are called."""
        return weights_name(self._weights)

    @property
    def blocks(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Columns used, by set and group."""
        return self.design.blocks

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Columns that could not be estimated, each with its reason."""
        return self.design.left_out

    @property
    def n(self) -> int:
        """Rows used."""
        return self.design.n

    @property
    def n_dropped(self) -> int:
        """Rows given but not used, for a missing value or weight 0."""
        return self.design.n_dropped

    @property
    def n_clusters(self) -> int:
        """Clusters (customers) among the rows used."""
        return self.design.n_clusters

    @property
    def kish_n(self) -> float:
        """How many unweighted rows tell as much as the weighted ones (Kish); n without weights."""
        return self.design.kish_n

    @property
    def n_effective_clusters(self) -> float:
        """How many clusters of equal weight tell as much, (Σw)² / Σ w_g² over their weights w_g.

        Below 20 there are no limits: one customer with half of the answers makes it about 4,
        however many others there are.
        """
        return self.design.effective_clusters

    @property
    def measure(self) -> str:
        """What is split, R², or McFadden R² for ordered logit and logit."""
        return self._split.measure

    @property
    def r_squared(self) -> float:
        """The plain measure for all drivers."""
        return self._split.plain

    @property
    def cov_type(self) -> str:
        """Kind of covariance, "CR3", or "HC3" where every cluster has one row."""
        return "HC3" if self.design.independent else "CR3"

    @property
    def replicates(self) -> int:
        """Bootstrap samples of whole clusters behind intervals."""
        return self._split.replicates

    @property
    def seed(self) -> int:
        """Where their draws start."""
        return self._split.seed

    @property
    def design_effect(self) -> float:
        """How many times clusters and weights inflate the variance of the slopes, on average.

        1 by definition for independent rows of equal weight, and estimated once rows repeat
        customers or weights differ. It enters the adjustment for optimism.
        """
        return self._split.design_effect

    @property
    def exact_groups(self) -> bool:
        """Whether groups inside the sets have intervals, as the sets have."""
        return self._split.exact_groups

    @property
    def share_gap_to_ols(self) -> float:
        """Largest difference in share, of a set or group, from least squares on the same rows.

        NaN where least squares is the model.
        """
        return self._split.share_gap_to_ols

    @property
    def statsmodels(self) -> Any:
        """The untouched fit of statsmodels, with its own (classical) covariance."""
        return self._split.statsmodels

    @property
    def design(self) -> Outline:
        """What the fit knows of its rows and columns, without those left out."""
        return self._split.design

    @property
    def rows(self) -> Design:
        """The rows behind the fit, sorted by cluster.

        Raises
        ------
        ModelError
            Where the fit is made of sums over more rows than are held in memory.
        """
        if isinstance(self.design, Design):
            return self.design
        raise ModelError(
            f"this fit of {self.n:,} answers is made of sums in the engine and holds no rows. "
            "Take in_rows(fit), a fit of some customers drawn by chance."
        )

    @property
    def classical(self) -> pd.Series[float]:
        """Classical standard errors by term, which hold for independent rows alone."""
        return pd.Series(self._split.classical, self.design.columns, name="std_error")

    @property
    def weighting(self) -> str | Reweighting | None:
        """What ``weights=`` was given, a column or weights made anew in each sample."""
        return self._weights

    @property
    def n_columns(self) -> int:
        """Drivers in the model."""
        return len(self.design.columns)

    @property
    def groups_shown(self) -> bool:
        """Whether groups inside the sets are told apart, with at least 20 rows per driver."""
        return self._split.groups_shown

    @property
    def service_set(self) -> str:
        """The set that ``draws`` are of, the one called "service" or otherwise the first."""
        return SERVICE if SERVICE in self.blocks else next(iter(self.blocks))

    @property
    def r_squared_adjusted(self) -> float:
        """R² less what the drivers explain by chance; negative where that is more."""
        return float(self._split.measure_of(self._split.estimates))

    def tidy(self) -> pd.DataFrame:
        """One row per term.

        Returns
        -------
        DataFrame
            set, group, term, estimate, std_error, statistic, p_value, conf_low, conf_high;
            p_bh (Benjamini–Hochberg over the terms of the set), correlation (the plain one with
            the outcome: where its sign differs from that of the estimate, say both) and vif (how
            many times the other drivers inflate the variance of the estimate).

        Notes
        -----
        Standard errors are CR3 by cluster (HC3 where each has one row); p-values and 95 %
        intervals are of Student's t with min(clusters − 1, rows − drivers − 1) degrees of
        freedom. The intercept is not a driver and is found in ``statsmodels``.
        """
        split = self._split
        freedom = min(self.n_clusters - 1, self.n - self.n_columns - 1)
        columns = self.design.columns
        terms = term_frame(self.blocks, columns, split.slopes, split.errors, freedom)
        correlations = split.covariances[0]
        return terms.assign(
            correlation=correlations[:-1, -1],
            vif=np.diag(np.linalg.inv(correlations[:-1, :-1])),
        )

    def glance(self) -> pd.DataFrame:
        """One row about the whole fit.

        Returns
        -------
        DataFrame
            model, measure, weights (their name, None without), n, n_dropped, n_clusters,
            kish_n, n_effective_clusters,
            design_effect, replicates, r_squared (plain), r_squared_adjusted with r_squared_low
            and r_squared_high, cov_type, n_columns, n_left_out. R² is what ``measure`` says:
            McFadden's, of a logit.
        """
        low, high = percentile_interval(self.draws["r_squared"].to_numpy())
        return pd.DataFrame(
            {
                "model": [self.model],
                "measure": [self.measure],
                "weights": [self.weights],
                "n": [self.n],
                "n_dropped": [self.n_dropped],
                "n_clusters": [self.n_clusters],
                "kish_n": [self.kish_n],
                "n_effective_clusters": [self.n_effective_clusters],
                "design_effect": [self.design_effect],
                "replicates": [self.replicates],
                "r_squared": [self.r_squared],
                "r_squared_adjusted": [self.r_squared_adjusted],
                "r_squared_low": [float(low)],
                "r_squared_high": [float(high)],
                "cov_type": [self.cov_type],
                "n_columns": [self.n_columns],
                "n_left_out": [len(self.left_out)],
            }
        )

    def importance(self) -> pd.DataFrame:
        """What each set, and each group inside it, accounts for in the outcome.

        Returns
        -------
        DataFrame
            Index (set, group), the set's own row under group "all". Columns (quantity,
            figure). Quantities in R² points: total (alone), unique (against everything else),
            shared = total − unique (negative under suppression), shapley (LMG between sets,
            Owen inside, summing to the set's); share = shapley as a part of R². Figures: raw
            from plain R²; estimate adjusted for optimism; conf_low and conf_high from the
            2.5th and 97.5th percentiles over samples of whole clusters, adjusted twice.

        Notes
        -----
        Groups are given only where rows are at least 20 per driver (``groups_shown``; of a
        logit, also only up to 10 groups in a set), and intervals only from 20 clusters on (NaN
        below). Of a logit, R² is McFadden's and groups have no intervals. An interval above
        zero does not say that a block adds anything, since even noise explains a little: see
        ``tests``.
        """
        split = self._split
        return split_frame(split.rows, split.raw, split.estimates, split.split_replicates)

    def parts(self) -> pd.DataFrame:
        """The same frame as ``importance``, every quantity as a part of the R² of everything.

        Total and unique of the service set are then the S and N that decide; intervals are
        those of the parts, not of R² points.
        """
        split = self._split
        figures = (split.raw, split.estimates, split.split_replicates)
        return split_frame(split.rows, *(split.parts_of(each) for each in figures))

    def difference(self, first: str | tuple[str, str], second: str | tuple[str, str]) -> pd.Series:
        """How much larger the share of one row of ``importance`` is than that of another.

        Parameters
        ----------
        first, second : str or (set, group)
            A set's name alone means the set as a whole.

        Returns
        -------
        Series
            estimate, conf_low, conf_high. Call one "more" only where the interval leaves out 0.

        Raises
        ------
        ModelError
            Where there is no such row, with the closest name.
        """
        split, share = self._split, QUANTITIES.index("share")
        one, other = split.place(first), split.place(second)
        estimates, replicates = split.estimates[:, share], split.split_replicates[:, :, share]
        low, high = percentile_interval(replicates[:, one] - replicates[:, other])
        figures = (estimates[one] - estimates[other], low, high)
        return pd.Series(figures, index=FIGURES[1:], dtype=float)

    @cached_property
    def draws(self) -> pd.DataFrame:
        """One row per bootstrap replicate, adjusted twice; none below 20 clusters.

        S = total / R² and N = unique / R² of the service set, its Shapley ``share``, and the
        ``r_squared`` of all drivers.
        """
        split = self._split
        place = split.place(self.service_set)
        total, unique, _, _, share = split.split_replicates[:, place].T
        r_squared = split.measure_of(split.split_replicates)
        return pd.DataFrame(
            {
                "S": total / r_squared,
                "N": unique / r_squared,
                "share": share,
                "r_squared": r_squared,
            }
        )

    def resampled(self, quantity: str) -> pd.DataFrame:
        """A quantity of ``importance`` in the bootstrap samples behind its intervals.

        One column per row of ``importance``, set and group, one row per sample, adjusted twice;
        none below 20 clusters. Of a logit, those of its groups are NaN.
        """
        figures = self._split.split_replicates[:, :, QUANTITIES.index(quantity)]
        return pd.DataFrame(figures, columns=self._split.rows)

    @property
    def cross(self) -> Floats:
        """Covariance (p + 1, p + 1) of the standardised drivers in ``blocks`` and the outcome."""
        return self.design.covariance

    def customers_with(self, columns: Sequence[str]) -> int:
        """Customers (clusters) in whose rows any of these drivers is not 0: has a contact, say.

        Raises
        ------
        ModelError
            Where one of them is not a driver of this fit.
        """
        place = {column: number for number, column in enumerate(self.design.columns)}
        absent = [column for column in columns if column not in place]
        if absent:
            raise ModelError(
                f"no driver {absent[0]!r} in this fit.{closest(absent[0], self.design.columns)}"
            )
        return self.design.clusters_with([place[column] for column in columns])

    def resampled_cross(self) -> Iterator[Floats]:
        """``cross`` in the bootstrap samples behind ``draws``: portions (b, p + 1, p + 1)."""
        return self._split.resampled()

    def tests(self) -> pd.DataFrame:
        """Whether each set and group adds anything to the rest: set, group, p_value, p_holm, …

        The Wald test of all its coefficients being zero, others held equal, of a logit the
        score test (Kline and Santos 2012); ``method`` says how the p-value was found. Holm's
        adjustment runs over the sets and, apart from them, over the groups. Groups follow
        ``groups_shown``, as in ``importance``.
        """
        return self._tests.copy()

    def floor(self) -> pd.DataFrame:
        """How far a total reaches where the outcome goes with nothing at all.

        Returns
        -------
        DataFrame
            set, group, floor (95th percentile of the total R², adjusted once, with outcomes
            that go with nothing), p_value of the total, and p_holm, adjusted as in ``tests``;
            of a logit from scores, to second order. ``method`` says how such outcomes were
            made.

        Notes
        -----
        "dealt": whole customers' outcomes anew among customers with as many rows. "signed":
        where over 10 % of the rows would stay in place, as sizes differ, each customer's
        outcomes less the mean of all others change sign by chance. "none": NaN, since a few
        customers have most of the rows.

        They are made 999 times, of every model and whatever ``replicates`` says. Another
        question than that of ``tests``: a block may go with the outcome and yet add nothing to
        the rest.
        """
        return self._floor.copy()

    def composites(self) -> pd.DataFrame:
        """What one standard deviation of each set and group goes with, others held equal.

        Returns
        -------
        DataFrame
            set, group, n_columns, estimate, conf_low, conf_high, in units of the outcome; of a
            logit in log-odds of a higher one. Limits are those of single drivers only.

        Notes
        -----
        A group's composite is its fitted part Xβ, so one of its standard deviations goes with
        √(β′Σβ) on the outcome: it has no sign and, since estimates scatter, lies too high for
        weak groups, and higher still in samples of the customers: such an interval may lie above
        its own estimate, so none is given. A group of one driver keeps the sign of its
        coefficient; its interval is made of percentiles over samples of whole clusters.
        ``cxanalysis.composite_steps`` takes the scatter off and then gives intervals.
        """
        split = self._split
        sizes = np.array([len(columns) for columns in split.columns])
        low, high = percentile_interval(split.composite_replicates)
        return split.rows.to_frame(index=False).assign(
            n_columns=sizes,
            estimate=split.composites,
            conf_low=np.where(sizes == 1, low, np.nan),
            conf_high=np.where(sizes == 1, high, np.nan),
        )

    def summary(self) -> dict[str, Any]:
        """The sets' figures as plain, JSON-able numbers; None where there is no figure.

        Returns
        -------
        dict
            outcome, model, measure, weights, design_effect, replicates, n, n_dropped, r_squared
            (McFadden's where ``measure`` says so), partition, blocks.

        Notes
        -----
        Total, unique, shared and shapley are plain R² points, as ``r_squared`` is; the share
        comes with its adjusted estimate and interval too.
        """
        return {
            "outcome": self.outcome,
            "model": self.model,
            "measure": self.measure,
            "weights": self.weights,
            "design_effect": self.design_effect,
            "replicates": self.replicates,
            "n": self.n,
            "n_dropped": self.n_dropped,
            "r_squared": self.r_squared,
            "partition": {
                name: {group: list(columns) for group, columns in groups.items()}
                for name, groups in self.blocks.items()
            },
            "blocks": set_figures(self.importance()),
        }

    @cached_property
    def _tests(self) -> pd.DataFrame:
        found = self._split.block_tests()
        frame = self._split.rows.to_frame(index=False)
        for name in ("statistic", "df_num", "df_denom", "p_value"):
            frame[name] = [getattr(test, name) for test in found]
        frame["p_holm"] = holm(frame)
        frame["method"] = [test.method for test in found]
        return frame

    @cached_property
    def _floor(self) -> pd.DataFrame:
        split = self._split
        totals, chance = split.chance(PERMUTATIONS)
        # A permuted total equal to the observed one but for rounding counts as reaching it.
        reached = chance >= totals - PIVOT_TOLERANCE
        sizes = np.array([len(columns) for columns in split.columns])
        frame = split.rows.to_frame(index=False)
        frame["floor"] = np.quantile(split.once(chance, sizes), CONF_LEVEL, axis=0)
        p_values = (1 + reached.sum(axis=0)) / (1 + len(chance))
        frame["p_value"] = np.where(np.isnan(chance).any(axis=0), np.nan, p_values)
        frame["p_holm"] = holm(frame)
        frame["method"] = self.design.scheme
        return frame
