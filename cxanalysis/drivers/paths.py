"""Service alone, and with the journey held: rival readings of one link, none of them proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxanalysis.drivers.frames import percentile_interval
from cxanalysis.drivers.sensitivity import LINEAR
from cxanalysis.drivers.split import WHOLE_SET
from cxanalysis.errors import ModelError
from cxanalysis.importance import PIVOT_TOLERANCE, Floats

if TYPE_CHECKING:
    from cxanalysis.drivers.result import DriverFit

PATHS = ("total", "direct", "with_journey")


def service_paths(fit: DriverFit) -> pd.DataFrame:
    """What one standard deviation of service goes with, alone and with all other drivers held.

    Service is one composite: the part of the outcome that a regression on the service set alone
    fits. Its weights are found once, in all answers, so that every sample tells of the same
    composite.

    Parameters
    ----------
    fit : DriverFit
        A linear one, with the service set and at least one other.

    Returns
    -------
    DataFrame
        Rows total (the composite alone), direct (with every driver of the other sets held
        equal) and with_journey (total − direct: what goes with both). Columns path, estimate,
        conf_low and conf_high, in units of the outcome per standard deviation of the composite;
        limits are percentiles over samples of whole clusters, NaN below 20 clusters.

    Raises
    ------
    ModelError
        For a model that is not linear, or without another set beside service.

    Notes
    -----
    The difference is that of MacKinnon, Krull and Lockwood (2000): the same number whether the
    journey carries what service does (mediation) or stands behind both (confounding), so it is
    no proof of either; and it may be negative (suppression). The weights were chosen to fit
    these very answers, which makes the composite alone look too good. So much is taken off the
    total as brings it to the root of the adjusted R² of the set, and the same off the direct
    path, since what fits noise goes with no other driver.

    References
    ----------
    MacKinnon, Krull & Lockwood (2000), Prevention Science 1:173-181.
    """
    if fit.model not in LINEAR:
        raise ModelError(
            f"service paths need a linear model, and this one is {fit.model!r}. Fit with "
            "model='ols', or in a study file write kind = \"ols\"."
        )
    own = [
        number
        for number, column in enumerate(fit.design.columns)
        if any(column in names for names in fit.blocks[fit.service_set].values())
    ]
    rest = [number for number in range(fit.n_columns) if number not in set(own)]
    if not own or not rest:
        raise ModelError(
            "service paths need drivers of service and of at least one other set, and this fit "
            f"has {len(own)} and {len(rest)}. Name both sets in blocks=."
        )
    weights = _fitted(fit.cross, own)
    found = _paths(fit.cross[None], own, rest, weights)[0]
    draws = [_paths(covariances, own, rest, weights) for covariances in fit.resampled_cross()]
    replicates = np.concatenate(draws) if draws else np.empty((0, len(PATHS)))
    low, high = percentile_interval(replicates)
    spread = fit.design.outcome_spread
    optimism = np.array([1.0, 1.0, 0.0]) * _optimism(fit)
    found, low, high = (figures - optimism for figures in (found, low, high))
    return pd.DataFrame(
        {
            "path": PATHS,
            "estimate": found * spread,
            "conf_low": low * spread,
            "conf_high": high * spread,
        }
    )


def _optimism(fit: DriverFit) -> float:
    """By how much the total is too high, in standard deviations of the outcome."""
    total = fit.importance()["total"].loc[[(fit.service_set, WHOLE_SET)]]
    raw, adjusted = (float(total[name].iloc[0]) for name in ("raw", "estimate"))
    return float(np.sqrt(max(raw, 0.0)) - np.sqrt(max(adjusted, 0.0)))


def _fitted(cross: Floats, own: list[int]) -> Floats:
    """Coefficients (k,) of the set's columns in a regression on them alone."""
    inside, link = cross[np.ix_(own, own)], cross[own, -1]
    return np.asarray(np.linalg.solve(inside + PIVOT_TOLERANCE * np.eye(len(own)), link))


def _paths(covariances: Floats, own: list[int], rest: list[int], weights: Floats) -> Floats:
    """Total, direct and their difference (b, 3), in standard deviations of the outcome."""
    # Composite first, then the rest, then the outcome.
    mixed = np.zeros((len(rest) + 2, covariances.shape[-1]))
    mixed[0, own] = weights
    mixed[np.arange(1, len(rest) + 1), rest] = 1.0
    mixed[-1, -1] = 1.0
    cross = mixed @ covariances @ mixed.T
    spread = np.sqrt(cross[:, 0, 0])
    held = cross[:, :-1, :-1] + PIVOT_TOLERANCE * np.eye(len(rest) + 1)
    slopes = np.linalg.solve(held, cross[:, :-1, -1:])[..., 0]
    total, direct = cross[:, 0, -1] / spread, slopes[:, 0] * spread
    return np.stack([total, direct, total - direct], axis=-1)
