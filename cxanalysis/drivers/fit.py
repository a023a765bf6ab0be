"""Fit the outcome on all drivers and hold what can be said of sets, groups and terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import t as t_distribution
from statsmodels.stats.multitest import multipletests

from cxanalysis.drivers.blocktest import BlockTest, block_test
from cxanalysis.drivers.covariance import cluster_covariance, design_effect
from cxanalysis.drivers.design import Blocks, Design, LeftOut, make_design
from cxanalysis.drivers.floor import permuted_r2
from cxanalysis.drivers.resample import replicate_covariances
from cxanalysis.errors import ModelError
from cxanalysis.features import build_features
from cxanalysis.importance import (
    PIVOT_TOLERANCE,
    QUANTITIES,
    Adjust,
    Floats,
    Integers,
    adjust_optimism,
    partition_r2,
)

if TYPE_CHECKING:
    from cxanalysis.study import Study

MODELS = ("ols",)
WHOLE_SET = "all"
CONF_LEVEL = 0.95
# With fewer, percentiles of a cluster bootstrap are no interval.
FEWEST_CLUSTERS = 20
# With fewer, groups inside the sets are not told apart.
ROWS_PER_COLUMN = 20
CUSTOMER = "customer_id"
FIGURES = ("raw", "estimate", "conf_low", "conf_high")


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
        return self.n >= ROWS_PER_COLUMN * self.n_columns

    @property
    def service_set(self) -> str:
        """The set a decision is about: the one called "service", otherwise the first."""
        return "service" if "service" in self.blocks else next(iter(self.blocks))

    @property
    def r_squared_adjusted(self) -> float:
        """R² less what the drivers explain by chance; negative where that is more."""
        return float(self._r_squared_of(self._estimates))

    def tidy(self) -> pd.DataFrame:
        """One row per term: set, group, term, estimate, std_error, statistic, p_value, interval.

        Standard errors are CR3 by cluster (HC3 where each has one row); p-values and 95 %
        intervals are of Student's t with min(clusters − 1, rows − drivers − 1) degrees of
        freedom. The intercept is not a driver and is found in ``statsmodels``.
        """
        origin = {
            column: (name, group)
            for name, groups in self.blocks.items()
            for group, columns in groups.items()
            for column in columns
        }
        estimate = self._slopes
        freedom = min(self.n_clusters - 1, self.n - self.n_columns - 1)
        error = np.sqrt(np.diag(self._covariance)[1:])
        if freedom == 0:  # one cluster alone shows no spread between clusters
            error = np.full_like(error, np.nan)
        statistic = _ratio(estimate, error)
        reach = t_distribution.ppf((1 + CONF_LEVEL) / 2, freedom) * error
        return pd.DataFrame(
            {
                "set": [origin[column][0] for column in self._design.columns],
                "group": [origin[column][1] for column in self._design.columns],
                "term": self._design.columns,
                "estimate": estimate,
                "std_error": error,
                "statistic": statistic,
                "p_value": 2 * t_distribution.sf(np.abs(statistic), freedom),
                "conf_low": estimate - reach,
                "conf_high": estimate + reach,
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row about the whole fit; the interval is of the adjusted R²."""
        low, high = _interval(self.draws["r_squared"].to_numpy())
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
        return self._frame_of(self._raw, self._estimates, self._split_replicates)

    def parts(self) -> pd.DataFrame:
        """The same frame as ``importance``, every quantity as a part of the R² of everything.

        Total and unique of the service set are then the S and N that decide; intervals are
        those of the parts, not of R² points.
        """
        return self._frame_of(
            *(self._parts_of(s) for s in (self._raw, self._estimates, self._split_replicates))
        )

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
        one, other = self._rows.get_loc(first), self._rows.get_loc(second)
        share = QUANTITIES.index("share")
        estimates, replicates = self._estimates[:, share], self._split_replicates[:, :, share]
        low, high = _interval(replicates[:, one] - replicates[:, other])
        figures = (estimates[one] - estimates[other], low, high)
        return pd.Series(figures, index=FIGURES[1:], dtype=float)

    @cached_property
    def draws(self) -> pd.DataFrame:
        """One row per bootstrap replicate, adjusted twice; none below 20 clusters.

        S = total / R² and N = unique / R² of the service set, its Shapley ``share``, and the
        ``r_squared`` of all drivers.
        """
        place = self._rows.get_loc((self.service_set, WHOLE_SET))
        total, unique, _, _, share = self._split_replicates[:, place].T
        r_squared = self._r_squared_of(self._split_replicates)
        return pd.DataFrame(
            {
                "S": total / r_squared,
                "N": unique / r_squared,
                "share": share,
                "r_squared": r_squared,
            }
        )

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
            customers' outcomes dealt anew among customers with as many rows), and p_value of
            the total. Another question than that of ``tests``: a block may go with the outcome
            and yet add nothing to the rest.
        """
        design = self._design
        blocks = self._columns_of_rows
        sizes = np.array([len(columns) for columns in blocks])
        chance = permuted_r2(
            self._table, design.weights, design.starts, blocks, self.replicates, self.seed
        )
        # A permuted total equal to the observed one but for rounding counts as reaching it.
        reached = chance >= self._raw[:, QUANTITIES.index("total")] - PIVOT_TOLERANCE
        frame = self._rows.to_frame(index=False)
        frame["floor"] = np.quantile(self._once(chance, sizes), CONF_LEVEL, axis=0)
        frame["p_value"] = (1 + reached.sum(axis=0)) / (1 + len(chance))
        return frame

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
        size = [len(columns) for columns in self._columns_of_rows]
        low, high = _interval(self._composite_replicates)
        return pd.DataFrame(
            {
                "set": self._rows.get_level_values("set"),
                "group": self._rows.get_level_values("group"),
                "n_columns": size,
                "estimate": self._composites_of(self._covariances)[0],
                "conf_low": low,
                "conf_high": high,
            }
        )

    def summary(self) -> dict[str, Any]:
        """The sets' figures as plain, JSON-able numbers; None where there is no figure.

        Total, unique, shared and shapley are plain R² points, as ``r_squared`` is; the share
        comes with its adjusted estimate and interval too.
        """
        sets = self.importance().xs(WHOLE_SET, level="group")
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
            "blocks": {
                name: {
                    **{quantity: float(row[quantity, "raw"]) for quantity in QUANTITIES[:-1]},
                    "share": {figure: _or_none(row["share", figure]) for figure in FIGURES},
                }
                for name, row in sets.iterrows()
            },
        }

    @property
    def _slopes(self) -> Floats:
        return np.asarray(self.statsmodels.params, dtype=np.float64)[1:]

    @cached_property
    def _sets(self) -> list[list[list[int]]]:
        """Column numbers by set and group, groups merged where they are not told apart."""
        sets = self._design.sets
        if self.groups_shown:
            return sets
        return [[[column for group in groups for column in group]] for groups in sets]

    @cached_property
    def _columns_of_rows(self) -> list[list[int]]:
        """Column numbers behind each row of ``importance``."""
        rows = []
        for groups in self._sets:
            rows += [[column for group in groups for column in group]]
            rows += groups if self.groups_shown else []
        return rows

    @cached_property
    def _rows(self) -> pd.MultiIndex:
        names = [
            (name, group)
            for name, groups in self.blocks.items()
            for group in (WHOLE_SET, *(groups if self.groups_shown else ()))
        ]
        return pd.MultiIndex.from_tuples(names, names=["set", "group"])

    @cached_property
    def _table(self) -> Floats:
        """Standardised drivers and, last, the outcome."""
        table = np.column_stack([self._design.x, self._design.y])
        table = table - np.average(table, axis=0, weights=self._design.weights)
        return np.asarray(
            table / np.sqrt(np.average(table**2, axis=0, weights=self._design.weights))
        )

    @cached_property
    def _covariances(self) -> Floats:
        """Covariance of the standardised drivers and outcome, as one replicate."""
        weighted = self._table * self._design.weights[:, None]
        mean: Floats = self._table.T @ weighted / self._design.weights.sum()
        return mean[None]

    def _split(self, covariances: Floats, adjust: Adjust | None) -> Floats:
        split = partition_r2(covariances, self._sets, adjust)
        if self.groups_shown:
            return split
        wholes: Floats = split[..., ::2, :]  # each merged group repeats its set
        return wholes

    @cached_property
    def _raw(self) -> Floats:
        raw: Floats = self._split(self._covariances, None)[0]
        return raw

    @cached_property
    def _estimates(self) -> Floats:
        adjusted: Floats = self._split(self._covariances, self._once)[0]
        return adjusted

    def _once(self, r2: Floats, sizes: Integers) -> Floats:
        return adjust_optimism(r2, self.n, sizes, self.design_effect)

    def _twice(self, r2: Floats, sizes: Integers) -> Floats:
        return self._once(self._once(r2, sizes), sizes)

    def _frame_of(self, raw: Floats, estimates: Floats, replicates: Floats) -> pd.DataFrame:
        figures = np.stack([raw, estimates, *_interval(replicates)], axis=-1)
        return pd.DataFrame(
            figures.reshape(len(figures), -1),
            index=self._rows,
            columns=pd.MultiIndex.from_product([QUANTITIES, FIGURES], names=["quantity", "figure"]),
        )

    def _parts_of(self, split: Floats) -> Floats:
        """Quantities of a split as parts of its R²; the share is one already."""
        whole = np.ones_like(split)
        whole[..., :-1] = self._r_squared_of(split)[..., None, None]
        return split / whole

    def _r_squared_of(self, split: Floats) -> Floats:
        """R² of everything: the sum of the sets' Shapley values."""
        wholes = self._rows.get_level_values("group") == WHOLE_SET
        return np.asarray(split[..., wholes, QUANTITIES.index("shapley")].sum(axis=-1))

    @cached_property
    def _replicates(self) -> tuple[Floats, Floats]:
        """Splits (replicates, rows, 5) and composites (replicates, rows), in one pass."""
        rows = len(self._rows)
        splits, composites = [np.empty((0, rows, len(QUANTITIES)))], [np.empty((0, rows))]
        if self.n_clusters >= FEWEST_CLUSTERS:
            design = self._design
            for covariances in replicate_covariances(
                self._table, design.weights, design.starts, self.replicates, self.seed
            ):
                splits.append(self._split(covariances, self._twice))
                composites.append(self._composites_of(covariances))
        return np.concatenate(splits), np.concatenate(composites)

    @property
    def _split_replicates(self) -> Floats:
        return self._replicates[0]

    @property
    def _composite_replicates(self) -> Floats:
        return self._replicates[1]

    def _composites_of(self, covariances: Floats) -> Floats:
        """Outcome units per standard deviation of each row's fitted part: (b, rows)."""
        drivers, outcome = covariances[:, :-1, :-1], covariances[:, :-1, -1]
        # Standardised drivers have variances near 1: what is added is nothing to them, and
        # gives a rare column that does not vary in a replicate the slope 0.
        solvable = drivers + PIVOT_TOLERANCE * np.eye(drivers.shape[-1])
        slopes = np.linalg.solve(solvable, outcome[..., None])[..., 0]
        unit = np.sqrt(np.average(self._centred_outcome**2, weights=self._design.weights))
        effects = []
        for columns in self._columns_of_rows:
            own, spread = slopes[:, columns], drivers[:, columns][:, :, columns]
            squared = np.einsum("bi,bij,bj->b", own, spread, own)
            sign = np.sign(own[:, 0]) if len(columns) == 1 else 1.0
            effects.append(sign * np.sqrt(np.maximum(squared, 0.0)) * unit)
        return np.stack(effects, axis=-1)

    @property
    def _centred_outcome(self) -> Floats:
        return self._design.y - np.average(self._design.y, weights=self._design.weights)

    @cached_property
    def _tests(self) -> pd.DataFrame:
        found = [self._test_of(columns) for columns in self._columns_of_rows]
        frame = self._rows.to_frame(index=False)
        for name in ("statistic", "df_num", "df_denom", "p_value"):
            frame[name] = [getattr(test, name) for test in found]
        frame["p_holm"] = np.nan
        sets = frame["group"] == WHOLE_SET
        for family in (sets, ~sets):
            if family.any():
                adjusted = multipletests(frame.loc[family, "p_value"], method="holm")[1]
                frame.loc[family, "p_holm"] = adjusted
        frame["method"] = [test.method for test in found]
        return frame

    def _test_of(self, columns: list[int]) -> BlockTest:
        design = self._design
        root = np.sqrt(design.weights)
        matrix = np.column_stack([np.ones(self.n), self._table[:, :-1]]) * root[:, None]
        rows_present = (design.x[:, columns] != 0).any(axis=1)
        present = int(np.logical_or.reduceat(rows_present, design.starts).sum())
        return block_test(
            matrix,
            self._table[:, -1] * root,
            design.starts,
            [column + 1 for column in columns],
            present,
            self.seed,
        )


def fit_drivers(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Blocks,
    *,
    cluster: str | None = CUSTOMER,
    weights: str | None = None,
    model: str = "ols",
    replicates: int = 2000,
    seed: int = 20260101,
) -> DriverFit:
    """Fit an outcome on all drivers at once, by least squares.

    Parameters
    ----------
    frame : DataFrame
        One row per answer; never changed. Rows in which the outcome or a driver is missing
        are left out and counted.
    outcome : str
        Column to be explained.
    blocks : dict of set -> group -> list of columns
        The partition, fixed beforehand: "service" and "journey", with groups inside.
    cluster : str or None
        Column whose equal values go together (a customer's answers); a row where it is
        missing stands by itself, as does every row when None, or when the frame has no
        ``customer_id`` and no other column is named.
    weights : str, optional
        Column of survey weights: weighted least squares. Rows of weight 0 are left out.
    model : "ols"
    replicates, seed : int
        Bootstrap samples of whole clusters behind intervals of R² and shares. They are drawn
        when first asked for.

    Raises
    ------
    ModelError
        With the columns by name: absent, not numeric, infinite, named twice; unfit weights;
        too few complete rows; a set of which no column can be estimated.

    Notes
    -----
    Constant columns, exact copies and columns that follow from earlier ones are left out and
    listed in ``left_out``: of two copies the earlier in ``blocks`` stays. Covariance is CR3
    (HC3 where each cluster has one row; MacKinnon, Nielsen and Webb 2023). The split of R² is
    that of Grömping (2006) with Owen values inside the sets.
    """
    if model not in MODELS:
        raise ModelError(f"no model {model!r}. Available: {', '.join(MODELS)}.")
    if cluster == CUSTOMER and CUSTOMER not in frame:
        cluster = None
    design = make_design(frame, outcome, blocks, cluster, weights)
    exog = pd.DataFrame(design.x, index=design.index, columns=list(design.columns))
    exog.insert(0, "const", 1.0)
    endog = pd.Series(design.y, index=design.index, name=outcome)
    unfitted = (
        sm.OLS(endog, exog) if weights is None else sm.WLS(endog, exog, weights=design.weights)
    )
    # By QR: the default pseudo-inverse loses columns of very different units.
    results = unfitted.fit(method="qr")
    root = np.sqrt(design.weights)
    scaled = exog.to_numpy() * root[:, None]
    residual = np.asarray(results.resid, dtype=np.float64) * root
    independent = len(design.starts) == len(design.y)
    effect = 1.0
    if weights is not None or not independent:
        effect = design_effect(scaled, residual, design.starts)
    return DriverFit(
        outcome=outcome,
        model=model,
        blocks=design.blocks,
        left_out=design.left_out,
        n=len(design.y),
        n_dropped=design.n_dropped,
        n_clusters=len(design.starts),
        r_squared=float(results.rsquared),
        cov_type="HC3" if independent else "CR3",
        weights=weights,
        replicates=replicates,
        seed=seed,
        design_effect=effect,
        statsmodels=results,
        _design=design,
        _covariance=cluster_covariance(scaled, residual, design.starts),
    )


def fit_study(study: Study) -> DriverFit:
    """Fit the outcome of a study on its own partition, as its study file says."""
    settings = study.config.model
    features = build_features(study)
    return fit_drivers(
        features,
        settings.outcome,
        study.blocks,
        weights=None if settings.weights == "none" else settings.weights,
        replicates=settings.replicates,
        seed=settings.seed,
    )


def _interval(replicates: Floats) -> tuple[Floats, Floats]:
    """Percentile interval over the first axis; NaN where there are no figures.

    A replicate in which the outcome happens to be constant has no figure at all and is passed
    over.
    """
    figures = tuple(range(1, replicates.ndim))
    replicates = replicates[~np.isnan(replicates).all(axis=figures)]
    if len(replicates) == 0:
        empty = np.full(replicates.shape[1:], np.nan)
        return empty, empty
    low, high = np.quantile(replicates, [(1 - CONF_LEVEL) / 2, (1 + CONF_LEVEL) / 2], axis=0)
    return low, high


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _ratio(estimate: Floats, error: Floats) -> Floats:
    """Estimate over standard error; NaN where a perfect fit leaves no error."""
    return np.asarray(estimate / np.where(error > 0, error, np.nan))
