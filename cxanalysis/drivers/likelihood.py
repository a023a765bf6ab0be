"""Ordered logit and logit, and how McFadden's R² splits: in the data and in resamples of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cxanalysis.drivers.blocktest import BlockTest, block_tests
from cxanalysis.drivers.covariance import cluster_covariance, design_effect
from cxanalysis.drivers.cumulative import (
    Cumulative,
    as_least_squares,
    fit_cumulative,
    null_log_likelihood,
)
from cxanalysis.drivers.design import Design
from cxanalysis.drivers.floor import chance_r2
from cxanalysis.drivers.levels import as_statsmodels, check_separation, find_levels
from cxanalysis.drivers.linear import fit_linear, fitted_spreads
from cxanalysis.drivers.progress import progress
from cxanalysis.drivers.resample import replicate_weights
from cxanalysis.drivers.split import Split
from cxanalysis.importance import (
    QUANTITIES,
    Floats,
    Groups,
    Integers,
    cross_products,
    first,
    subset_sizes,
)

# Each replicate is some fits of the whole model; 500 fix the ends of a 95 % interval well enough.
MOST_REPLICATES = 500
# Every union of a set's groups is a fit of its own: with more groups they would be thousands.
MOST_GROUPS = 10

Columns = frozenset[int]


@dataclass(frozen=True, eq=False)
class LikelihoodSplit(Split):
    """A cumulative logit (a logit, with two levels) and the split of its McFadden R².

    ``levels`` (n,) number the outcome's values from 0; ``covariance`` is that of the thresholds
    and, after them, the slopes of standardised drivers.
    """

    design: Design
    kind: str
    levels: Integers
    covariance: Floats

    measure = "McFadden R²"
    exact_groups = False

    @cached_property
    def statsmodels(self) -> Any:
        """The same fit by statsmodels: GLM (binomial) or OrderedModel."""
        return as_statsmodels(self.design, self.kind, self.fit)

    @property
    def slopes(self) -> Floats:
        """Coefficients (p,) of the drivers, in log-odds of a higher outcome."""
        return self.fit.slopes / self.design.spreads[:-1]

    @property
    def errors(self) -> Floats:
        """Sandwich standard errors (p,)."""
        variances = np.diag(self.covariance)[-len(self.fit.slopes) :]
        return np.asarray(np.sqrt(variances) / self.design.spreads[:-1])

    @property
    def groups_shown(self) -> bool:
        """Whether groups are told apart: rows 20 per driver, and at most 10 groups in a set."""
        return super().groups_shown and max(map(len, self.design.sets)) <= MOST_GROUPS

    @property
    def plain(self) -> float:
        """McFadden R² of everything, without the fits that its split needs."""
        return 1 - self.fit.log_likelihood / self.null

    @cached_property
    def raw(self) -> Floats:
        """Split (rows, 5) of plain McFadden R²."""
        return self.split_rows(self._plain)

    @cached_property
    def estimates(self) -> Floats:
        """Split (rows, 5) of McFadden R² adjusted for optimism."""
        return self.split_rows(lambda groups: self.once(self._plain(groups), subset_sizes(groups)))

    @property
    def split_replicates(self) -> Floats:
        """Splits (replicates, rows, 5) adjusted twice, NaN for groups; none below 20 clusters."""
        return self._replicates[0]

    @cached_property
    def composites(self) -> Floats:
        """Log-odds (rows,) that go with one standard deviation of each row's composite."""
        drivers = self.covariances[:, :-1, :-1]
        return np.asarray(fitted_spreads(self.fit.slopes[None], drivers, self.columns)[0])

    @property
    def composite_replicates(self) -> Floats:
        """Composites (replicates, rows); none below 20 clusters."""
        return self._replicates[1]

    @cached_property
    def share_gap_to_ols(self) -> float:
        """Largest difference in share from least squares on the same rows."""
        weighted = bool(np.ptp(self.design.weights))
        linear = fit_linear(self.design, weighted, self.replicates, self.seed)
        share = QUANTITIES.index("share")
        ols = linear.estimates[linear.rows.get_indexer(self.rows), share]
        return float(np.abs(self.estimates[:, share] - ols).max())

    def once(self, measure: Floats, sizes: Integers) -> Floats:
        """McFadden R² less its optimism: d/2 of log-likelihood per column."""
        return measure - self.design_effect * sizes / (2 * abs(self.null))

    def block_tests(self) -> list[BlockTest]:
        """Score test of each row's columns, from the fit without them.

        The effective scores' statistic with its restricted wild cluster bootstrap (Kline and
        Santos 2012), scores leaving out their own cluster as in CR3: the least-squares test on
        the rows that stand for the likelihood at the restricted fit.
        """
        design, cuts = self.design, int(self.levels.max())
        tests = []
        for columns in self.columns:
            rest = self.fit_of(frozenset(range(len(design.columns))) - set(columns))
            rows, residual = as_least_squares(self._x, self.levels, design.weights, rest)
            tests += block_tests(
                rows,
                residual,
                3 * design.starts,
                [[cuts + column for column in columns]],
                [design.clusters_with(columns)],
                self.seed,
                "effective score, CR3",
            )
        return tests

    def chance(self, draws: int) -> tuple[Floats, Floats]:
        """Totals (rows,), and totals of outcomes that go with nothing (draws, rows).

        Both follow from the scores at the fit without drivers: what it would add to the
        log-likelihood is, to second order, n/2 times the R² of the outcome's ridits.
        """
        design, ridits = self.design, self._ridits
        table = np.column_stack([self._x, ridits])
        observed = first(cross_products(self._x, ridits, design.weights), self.columns)
        dealt = chance_r2(table, design.weights, design.starts, self.columns, draws, self.seed)
        scale = len(self.levels) / (2 * abs(self.null))
        return observed * scale, dealt * scale

    @property
    def fit(self) -> Cumulative:
        """The fit on all drivers."""
        return self.fit_of(frozenset(range(len(self.design.columns))))

    @cached_property
    def null(self) -> float:
        """Log-likelihood without drivers."""
        return null_log_likelihood(self.levels, self.design.weights)

    def fit_of(self, columns: Columns) -> Cumulative:
        """The fit on some of the standardised drivers; the others' slopes are 0."""
        if columns not in self._found:
            some = sorted(columns)
            found = fit_cumulative(self._x[:, some], self.levels, self.design.weights)
            slopes = np.zeros(self._x.shape[1])
            slopes[some] = found.slopes
            self._found[columns] = Cumulative(found.log_likelihood, found.thresholds, slopes)
        return self._found[columns]

    @cached_property
    def _found(self) -> dict[Columns, Cumulative]:
        return {}

    @property
    def _x(self) -> Floats:
        return self.design.table[:, :-1]

    @property
    def _ridits(self) -> Floats:
        """Share of answers below each answer's level less the share above it."""
        shares = np.bincount(self.levels, self.design.weights) / self.design.weights.sum()
        below = np.cumsum(shares) - shares
        return np.asarray((2 * below + shares - 1)[self.levels])

    def _plain(self, groups: Groups) -> Floats:
        unions = progress(_unions(groups), 2 ** len(groups), "groups of drivers")
        fits = [self.fit_of(union).log_likelihood for union in unions]
        return 1 - np.array(fits) / self.null

    @cached_property
    def _replicates(self) -> tuple[Floats, Floats]:
        """Splits between the sets, and composites, in one pass over the bootstrap samples."""
        rows = len(self.rows)
        if not self.enough_clusters:
            return np.empty((0, rows, len(QUANTITIES))), np.empty((0, rows))
        unions = list(_unions(self.whole_sets))
        found = [self._resampled_fits(unions, weights) for weights in self._samples()]
        nulls = np.array([null for null, _, _ in found])[:, None]
        logs = np.array([log for _, log, _ in found])
        composites = np.array([effects for _, _, effects in found])
        place = {union: number for number, union in enumerate(unions)}

        def game(groups: Groups) -> Floats:
            values = 1 - logs[:, [place[union] for union in _unions(groups)]] / nulls
            # Less d/2 of log-likelihood per column, twice; nulls are negative.
            return np.asarray(values + self.design_effect * subset_sizes(groups) / nulls)

        splits = np.full((len(logs), rows, len(QUANTITIES)), np.nan)
        splits[:, self.wholes] = self.split_sets(game)
        return splits, composites

    def _samples(self) -> Iterable[Floats]:
        portions = replicate_weights(self.design.sampling, self.replicates, self.seed)
        each = (weights for portion in portions for weights in portion)
        return progress(each, self.replicates, "resamples of customers")

    def _resampled_fits(
        self, unions: list[Columns], weights: Floats
    ) -> tuple[float, list[float], Floats]:
        """Null, log-likelihood of each union and composites in one bootstrap sample.

        The log-likelihoods are those of as many answers as the data have.
        """
        rows = weights > 0
        used, levels = np.unique(self.levels[rows], return_inverse=True)
        if len(used) == 1:  # everyone drawn answered alike
            return np.nan, [np.nan] * len(unions), np.full(len(self.rows), np.nan)
        size, x = weights[rows] * (len(weights) / weights.sum()), self._x[rows]
        logs = []
        for union in unions:
            some, start = sorted(union), self.fit_of(union)
            # The upper threshold of each level that occurs, but for the last.
            begin = Cumulative(0.0, start.thresholds[used[:-1]], start.slopes[some])
            found = fit_cumulative(x[:, some], levels, size, begin)
            logs.append(found.log_likelihood)
        centred = x - np.average(x, axis=0, weights=size)
        drivers = centred.T @ (centred * size[:, None]) / size.sum()
        # The last union is that of all drivers.
        effects = fitted_spreads(found.slopes[None], drivers[None], self.columns)[0]
        return null_log_likelihood(levels, size), logs, effects


def fit_likelihood(design: Design, kind: str, replicates: int, seed: int) -> LikelihoodSplit:
    """Cumulative logit of the design's outcome on all of its drivers.

    Raises
    ------
    ModelError
        Where the outcome has other values than the kind of model allows, or drivers tell its
        levels apart without error, so that their slopes have no limit.
    """
    levels = find_levels(design, kind)
    x = design.table[:, :-1]
    fit = fit_cumulative(x, levels, design.weights)
    rows, residual = as_least_squares(x, levels, design.weights, fit)
    check_separation(design, fit, rows)
    effect = 1.0
    if not design.alike:
        effect = design_effect(rows, residual, 3 * design.starts, int(levels.max()), 1.0)
    return LikelihoodSplit(
        design=design,
        design_effect=effect,
        replicates=min(replicates, MOST_REPLICATES),
        seed=seed,
        kind=kind,
        levels=levels,
        covariance=cluster_covariance(rows, residual, 3 * design.starts),
    )


def _unions(groups: Groups) -> Iterator[Columns]:
    """Columns of every union of groups, in the order of ``subset_r2``."""
    for mask in range(2 ** len(groups)):
        taken = (group for place, group in enumerate(groups) if mask >> place & 1)
        yield frozenset(column for group in taken for column in group)
