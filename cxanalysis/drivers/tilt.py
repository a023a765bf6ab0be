"""How far service's share could move if silence depends on satisfaction itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxanalysis.drivers.covariance import design_effect
from cxanalysis.drivers.fit import in_rows
from cxanalysis.drivers.refusals import check_compared
from cxanalysis.importance import (
    QUANTITIES,
    Floats,
    Groups,
    Integers,
    adjust_optimism,
    centred_cross,
    partition_sets,
    r2_game,
)
from cxanalysis.metrics.figures import kish
from cxanalysis.partition import SERVICE

if TYPE_CHECKING:
    from cxanalysis.drivers.result import DriverFit

GAMMAS = tuple(np.round(np.linspace(-0.5, 0.5, 11), 1).tolist())


def share_sensitivity(fit: DriverFit, gammas: Sequence[float] = GAMMAS) -> pd.DataFrame:
    """Service's share under weights × exp(γ·z), z the standardised outcome.

    Parameters
    ----------
    fit : DriverFit
        Its rows, drivers, weights and partition are taken as they are. By least squares
        whatever the kind of the fit. Of a fit made of sums in the engine, about 20,000 rows
        are taken, all of those of customers drawn by chance.
    gammas : sequence of float
        By which log odds, per standard deviation of the outcome, answers stand for more
        customers than they would otherwise. γ < 0: the dissatisfied were silent more often,
        and each of their answers counts more; γ > 0: the satisfied.

    Returns
    -------
    DataFrame
        gamma, share (of the service set, Shapley, adjusted for optimism), r_squared (adjusted)
        and kish_n, one row per γ.

    Raises
    ------
    ModelError
        Where no set of the fit is called "service", or there is no other.

    Notes
    -----
    A tilt of the distribution of the outcome, the exponential one of Scharfstein, Rotnitzky
    and Robins (1999): nothing in the data says which γ is true. The design effect of the fit
    is scaled by how much the tilt changes it.
    """
    check_compared(fit.blocks)
    fit = in_rows(fit)
    design = fit.rows
    z = (design.y - np.average(design.y, weights=design.weights)) / design.outcome_spread
    place = list(fit.blocks).index(SERVICE)
    plain = _effect(design.table, design.weights, design.starts)
    rows = []
    for gamma in gammas:
        weights = design.weights * np.exp(gamma * z)
        weights = weights / weights.mean()
        moved = _effect(design.table, weights, design.starts) / plain
        found = _split(design.table, weights, design.sets, fit.design_effect * moved)
        ours = dict(zip(QUANTITIES, found[place], strict=True))
        r_squared = ours["shapley"] / ours["share"]
        effective = kish(float(weights.sum()), float((weights**2).sum()))
        rows.append((gamma, ours["share"], r_squared, effective))
    return pd.DataFrame(rows, columns=["gamma", "share", "r_squared", "kish_n"])


def _split(table: Floats, weights: Floats, sets: Sequence[Groups], effect: float) -> Floats:
    """Every figure of the partition into whole sets, adjusted for optimism: (sets, 5)."""
    z = np.column_stack([np.ones(len(table)), table])
    cross = centred_cross(z.T @ (z * weights[:, None]))

    def adjust(r2: Floats, sizes: Integers) -> Floats:
        return adjust_optimism(r2, len(table), sizes, effect)

    return partition_sets(r2_game(cross, adjust), sets)


def _effect(table: Floats, weights: Floats, starts: Integers) -> float:
    root = np.sqrt(weights)
    design = np.column_stack([np.ones(len(table)), table[:, :-1]]) * root[:, None]
    outcome = table[:, -1] * root
    residual = outcome - design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
    return design_effect(design, residual, starts)
