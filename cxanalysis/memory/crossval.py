"""How well each of several models predicts answers it has not seen: arrays only.

All are judged on the same folds of whole customers, so that their losses can be compared case by
case. The intervals are those of the expected loss of models fitted on folds of this size (Bayle
et al. 2020), with the customer as the unit.

References
----------
Bayle, Bayle, Janson & Mackey (2020), Cross-validation confidence intervals for test error,
Advances in Neural Information Processing Systems 33.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from cxanalysis.metrics.intervals import CONF_LEVEL, Interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
FOLDS, REPEATS, SEED = 10, 10, 20260101


@dataclass(frozen=True)
class Judged:
    """Out-of-sample R² of every model, and each customer's part in it.

    Attributes
    ----------
    r2 : array (models,)
    influence : array (customers, models)
        Sums to 0 over customers; its spread is the sampling error of ``r2``.
    """

    r2: Floats
    influence: Floats

    def limits(self) -> Interval:
        """95 % limits (models,) of every R²."""
        reach = self._quantile() * self._error(self.influence)
        return Interval(self.r2 - reach, self.r2 + reach)

    def lead(self, first: int, second: int) -> tuple[float, float, float, float]:
        """By how much the first has the higher R², both limits, and the p-value of no lead."""
        difference = float(self.r2[first] - self.r2[second])
        apart = self.influence[:, [first]] - self.influence[:, [second]]
        error = float(self._error(apart)[0])
        reach = self._quantile() * error
        if error == 0:
            return difference, difference, difference, 1.0 if difference == 0 else 0.0
        p = 2 * float(scipy.stats.t.sf(abs(difference) / error, len(apart) - 1))
        return difference, difference - reach, difference + reach, p

    def _quantile(self) -> float:
        return float(scipy.stats.t.ppf((1 + CONF_LEVEL) / 2, len(self.influence) - 1))

    def _error(self, influence: Floats) -> Floats:
        customers = len(influence)
        squares: Floats = (influence**2).sum(axis=0)
        return np.asarray(np.sqrt(squares * customers / (customers - 1)), dtype=np.float64)


def judge(
    designs: Sequence[Floats],
    y: Floats,
    customers: Integers,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    seed: int = SEED,
) -> Judged:
    """Cross-validate least-squares models of one outcome.

    Parameters
    ----------
    designs
        For every model its columns (n, p), without the intercept.
    y : array (n,)
    customers : array (n,)
        Numbered from 0 without a gap; all answers of a customer fall into one fold.
    folds, repeats
        Customers are dealt into this many folds, this many times.

    Notes
    -----
    R² is 1 less the squared errors divided by those of the training mean, over all deals.
    """
    rng = np.random.default_rng(seed)
    count = int(customers.max()) + 1
    folds = min(folds, count)
    columns = [np.column_stack([np.ones(len(y)), design]) for design in designs]
    columns.insert(0, np.ones((len(y), 1)))
    losses = np.zeros((len(y), len(columns)))
    for _ in range(repeats):
        fold = (rng.permutation(count) % folds)[customers]
        for place, each in enumerate(columns):
            losses[:, place] += (y - _predicted(each, y, fold, folds)) ** 2
    per = np.zeros((count, len(columns)))
    np.add.at(per, customers, losses / repeats)
    return _judged(per)


def _judged(per: Floats) -> Judged:
    """R² and influence from squared errors by customer; the first column is the mean's."""
    total = per.sum(axis=0)
    if total[0] <= 0:
        return Judged(np.full(per.shape[1] - 1, np.nan), np.zeros((len(per), per.shape[1] - 1)))
    left = total[1:] / total[0]
    return Judged(1 - left, (left * per[:, :1] - per[:, 1:]) / total[0])


def _predicted(columns: Floats, y: Floats, fold: Integers, folds: int) -> Floats:
    """Every row predicted by the least squares of the other folds."""
    order = np.argsort(fold, kind="stable")
    joined = np.column_stack([columns, y])[order]
    cuts = np.searchsorted(fold[order], np.arange(folds + 1))
    own = np.stack([part.T @ part for part in np.split(joined, cuts[1:-1])])
    rest = own.sum(axis=0) - own
    inverse = np.linalg.pinv(rest[:, :-1, :-1], hermitian=True)
    slopes = (inverse @ rest[:, :-1, -1:])[..., 0]
    return np.asarray((columns * slopes[fold]).sum(axis=1), dtype=np.float64)
