"""What a fit says of sets, groups and terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cxanalysis.drivers.blocktest import block_tests
from cxanalysis.drivers.design import Design, LeftOut
from cxanalysis.drivers.floor import permuted_r2
from cxanalysis.drivers.frames import (
    CONF_LEVEL,
    FIGURES,
    holm,
    percentile_interval,
    set_figures,
    split_frame,
    term_frame,
)
from cxanalysis.drivers.split import WHOLE_SET, Split
from cxanalysis.importance import PIVOT_TOLERANCE, QUANTITIES, Floats

# A 95th percentile and a p-value need fewer than the two ends of an interval.
PERMUTATIONS = 999


@dataclass(frozen=True, eq=False)
class DriverFit:
    """How an outcome goes with its drivers, in two or more sets and groups inside them.

    Attributes
    ----------
    outcome, model : str
    blocks : dict of set -> group -> tuple of str
        The columns used.
    left_out : tuple of LeftOut
        Columns that could not be estimated, each with its reason.
    n, n_dropped, n_clusters : int
        Rows used, rows given but not used (a value missing, or weight 0), and clusters.
    r_squared : float
        Plain R².
    cov_type : str
        "CR3", or "HC3" where every cluster has one row.
    weights : str or None
        Name of the column of survey weights.
    design_effect : float
        How many times clusters and weights inflate the variance of the slopes, on average; 1
        for independent unweighted rows. It enters the adjustment for optimism.
    statsmodels : RegressionResults
        The untouched least-squares fit, with its own (classical) covariance.
    """

    outcome: str
    model: str
    blocks: dict[str, dict[str, tuple[str, ...]]]
    left_out: tuple[LeftOut, ...]
    n: int
    n_dropped: int
    n_clusters: int
    r_squared: float
    cov_type: str
    weights: str | None
    replicates: int
    seed: int
    design_effect: float
    statsmodels: Any = field(repr=False)
    _design: Design = field(repr=False)
    _covariance: Floats = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"DriverFit({self.outcome} ~ {self.n_columns} drivers, n={self.n:,}, "
            f"R²={self.r_squared:.2f})"
        )

    @property
    def n_columns(self) -> int:
        """Drivers in the model."""
        return len(self._design.columns)

    @property
    def groups_shown(self) -> bool:
        """Whether groups inside the sets are told apart: rows are at least 20 per driver."""
        return self._split.groups_shown

    @property
    def service_set(self) -> str:
        """The set a decision is about: the one called "service", otherwise the first."""
        return "service" if "service" in self.blocks else next(iter(self.blocks))

    @property
    def r_squared_adjusted(self) -> float:
        """R² less what the drivers explain by chance; negative where that is more."""
        return float(self._split.r_squared_of(self._split.estimates))

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
        estimate = np.asarray(self.statsmodels.params, dtype=np.float64)[1:]
        error = np.sqrt(np.diag(self._covariance)[1:])
        freedom = min(self.n_clusters - 1, self.n - self.n_columns - 1)
        terms = term_frame(self.blocks, self._design.columns, estimate, error, freedom)
        correlations = self._split.covariances[0]
        return terms.assign(
            correlation=correlations[:-1, -1],
            vif=np.diag(np.linalg.inv(correlations[:-1, :-1])),
        )

    def glance(self) -> pd.DataFrame:
        """One row about the whole fit; the interval is of the adjusted R²."""
        low, high = percentile_interval(self.draws["r_squared"].to_numpy())
        return pd.DataFrame(
            {
                "n": [self.n],
                "n_dropped": [self.n_dropped],
                "n_clusters": [self.n_clusters],
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
        Groups are given only where rows are at least 20 per driver (``groups_shown``), and
        intervals only from 20 clusters on (NaN below). An interval above zero does not say
        that a block adds anything, since even noise explains a little: see ``tests``.
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

    def difference(self, first: tuple[str, str], second: tuple[str, str]) -> pd.Series:
        """How much larger the share of one row of ``importance`` is than that of another.

        Parameters
        ----------
        first, second : (set, group)

        Returns
        -------
        Series
            estimate, conf_low, conf_high. Call one "more" only where the interval leaves out 0.
        """
        split, share = self._split, QUANTITIES.index("share")
        one, other = split.rows.get_loc(first), split.rows.get_loc(second)
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
        place = split.rows.get_loc((self.service_set, WHOLE_SET))
        total, unique, _, _, share = split.split_replicates[:, place].T
        r_squared = split.r_squared_of(split.split_replicates)
        return pd.DataFrame(
            {
                "S": total / r_squared,
                "N": unique / r_squared,
                "share": share,
                "r_squared": r_squared,
            }
        )

    @property
    def cross(self) -> Floats:
        """Covariance (p + 1, p + 1) of the standardised drivers in ``blocks`` and the outcome."""
        return np.asarray(self._split.covariances[0])

    def resampled_cross(self) -> Iterator[Floats]:
        """``cross`` in the bootstrap samples behind ``draws``: portions (b, p + 1, p + 1)."""
        return self._split.resampled()

    def tests(self) -> pd.DataFrame:
        """Whether each set and group adds anything to the rest: set, group, p_value, p_holm, …

        The Wald test of all its coefficients being zero, others held equal; ``method`` says
        how the p-value was found. Holm's adjustment runs over the sets and, apart from them,
        over the groups. Groups follow ``groups_shown``, as in ``importance``.
        """
        return self._tests.copy()

    def floor(self) -> pd.DataFrame:
        """How far a total reaches where the outcome goes with nothing at all.

        Returns
        -------
        DataFrame
            set, group, floor (95th percentile of the total R², adjusted once, with whole
            customers' outcomes dealt anew among customers with as many rows), p_value of the
            total, and p_holm, adjusted as in ``tests``. Another question than that of
            ``tests``: a block may go with the outcome and yet add nothing to the rest.
        """
        return self._floor.copy()

    def composites(self) -> pd.DataFrame:
        """What one standard deviation of each set and group goes with, others held equal.

        Returns
        -------
        DataFrame
            set, group, n_columns, estimate, conf_low, conf_high, in units of the outcome.

        Notes
        -----
        A group's composite is its fitted part Xβ, so one of its standard deviations goes with
        √(β′Σβ) on the outcome: it has no sign and, since estimates scatter, lies too high for
        weak groups. A group of one driver keeps the sign of its coefficient. Intervals are
        percentiles over samples of whole clusters, not adjusted for optimism.
        """
        split = self._split
        low, high = percentile_interval(split.composite_replicates)
        return split.rows.to_frame(index=False).assign(
            n_columns=[len(columns) for columns in split.columns],
            estimate=split.composites,
            conf_low=low,
            conf_high=high,
        )

    def summary(self) -> dict[str, Any]:
        """The sets' figures as plain, JSON-able numbers; None where there is no figure.

        Total, unique, shared and shapley are plain R² points, as ``r_squared`` is; the share
        comes with its adjusted estimate and interval too.
        """
        return {
            "outcome": self.outcome,
            "model": self.model,
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
    def _split(self) -> Split:
        return Split(self._design, self.design_effect, self.replicates, self.seed)

    @cached_property
    def _tests(self) -> pd.DataFrame:
        split, design = self._split, self._design
        root = np.sqrt(design.weights)
        matrix = np.column_stack([np.ones(self.n), design.table[:, :-1]]) * root[:, None]
        found = block_tests(
            matrix,
            design.table[:, -1] * root,
            design.starts,
            [[column + 1 for column in columns] for columns in split.columns],
            [design.clusters_with(columns) for columns in split.columns],
            self.seed,
        )
        frame = split.rows.to_frame(index=False)
        for name in ("statistic", "df_num", "df_denom", "p_value"):
            frame[name] = [getattr(test, name) for test in found]
        frame["p_holm"] = holm(frame)
        frame["method"] = [test.method for test in found]
        return frame

    @cached_property
    def _floor(self) -> pd.DataFrame:
        split, design = self._split, self._design
        permutations = min(self.replicates, PERMUTATIONS)
        chance = permuted_r2(
            design.table, design.weights, design.starts, split.columns, permutations, self.seed
        )
        # A permuted total equal to the observed one but for rounding counts as reaching it.
        reached = chance >= split.raw[:, QUANTITIES.index("total")] - PIVOT_TOLERANCE
        sizes = np.array([len(columns) for columns in split.columns])
        frame = split.rows.to_frame(index=False)
        frame["floor"] = np.quantile(split.once(chance, sizes), CONF_LEVEL, axis=0)
        frame["p_value"] = (1 + reached.sum(axis=0)) / (1 + len(chance))
        frame["p_holm"] = holm(frame)
        return frame
