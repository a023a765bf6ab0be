"""How the chance of an event goes with a rating: a logit, and what one step of it amounts to."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from cxanalysis.metrics.journeys.linearised import reach

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LEAST_CUSTOMERS = 20  # fewer give no error that allows for rows of one customer
LEAST_EVENTS = 10  # with and without the event; fewer say next to nothing of a slope
LEAST_OF_LEVEL = 5  # with and without the event, for a level to have a chance of its own


@dataclass(frozen=True)
class Step:
    """Mean chance of the event at two ratings, all else as it is, and their difference.

    ``change`` is at the second rating less at the first, with its interval and p-value;
    ``note`` says why there is none.
    """

    first: float = np.nan
    second: float = np.nan
    change: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p_value: float = np.nan
    note: str = ""


def average_step(
    event: Flags, rating: Floats, controls: Floats, customers: pd.Series, ends: tuple[float, float]
) -> Step:
    """Logit of the event on a rating, and the average change from one rating to another.

    Every row is put at the first rating and at the second, everything else left as it is, and
    the fitted chances are averaged; the error is that of the delta method with a covariance
    robust to rows of one customer.

    Parameters
    ----------
    event, rating
        Shape (n,).
    controls
        Shape (n, k), without a constant.
    customers
        Whose each row is.
    ends
        The rating to start from and the one to go to.

    Notes
    -----
    Simulated with three rows a customer, whose own level has a standard deviation of 1 on the
    scale of log odds: of 1,000 intervals 94 to 96 % hold the truth at 60, 300 and 1,000
    customers, with an effect and without.
    """
    clusters = customers.nunique()
    few = min(int(event.sum()), int((~event).sum()))
    if clusters < LEAST_CUSTOMERS:
        return Step(note=f"fewer than {LEAST_CUSTOMERS} customers")
    if few < LEAST_EVENTS:
        return Step(note=f"fewer than {LEAST_EVENTS} touches with, or without, a contact after")
    if np.ptp(rating) == 0:
        return Step(note="all ratings are alike")
    design = np.column_stack([np.ones(len(rating)), rating, controls])
    try:
        beta, covariance = _fit(event, design, customers)
    except (RuntimeWarning, UserWarning, np.linalg.LinAlgError):
        return Step(note="ratings and touchpoints together foretell contact without exception")
    chances, slopes = [], []
    for end in ends:
        design[:, 1] = end
        chance = scipy.special.expit(design @ beta)
        chances.append(float(chance.mean()))
        slopes.append((chance * (1 - chance)) @ design / len(design))
    slope = slopes[1] - slopes[0]
    change, error = chances[1] - chances[0], float(np.sqrt(slope @ covariance @ slope))
    half = reach(clusters) * error
    p_value = 2 * float(scipy.stats.t.sf(abs(change) / error, clusters - 1))
    return Step(chances[0], chances[1], change, change - half, change + half, p_value)


def indicators(cells: pd.Series, event: Flags) -> Floats:
    """A column for every level that has events and rows without, but the largest; (n, k).

    Levels with too few of either are taken together; where these too have few, they stand with
    the largest.
    """
    table = pd.DataFrame({"cell": cells.to_numpy(), "event": event}).groupby("cell")["event"]
    counts = table.agg(["sum", "size"])
    own = _enough(counts["sum"], counts["size"])
    level = pd.Series(cells.to_numpy()).where(cells.isin(counts.index[own]).to_numpy(), "")
    rest = (level == "").to_numpy()
    largest = counts.loc[own, "size"].idxmax() if own.any() else ""
    if not _enough(event[rest].sum(), rest.sum()):
        level = level.mask(rest, largest)
    names = [name for name in level.unique() if name != largest]
    return np.column_stack([np.zeros((len(cells), 0)), *(level == name for name in names)])


def enough(flag: Flags, event: Flags) -> bool:
    """Whether both sides of a yes/no column have events and rows without."""
    return all(bool(_enough(event[side].sum(), side.sum())) for side in (flag, ~flag))


def _enough(events: pd.Series, rows: pd.Series) -> pd.Series:
    return (events >= LEAST_OF_LEVEL) & (rows - events >= LEAST_OF_LEVEL)


def _fit(event: Flags, design: Floats, customers: pd.Series) -> tuple[Floats, Floats]:
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

    groups = pd.factorize(customers)[0]
    with warnings.catch_warnings():
        for kind in (ConvergenceWarning, PerfectSeparationWarning, RuntimeWarning):
            warnings.simplefilter("error", kind)
        result = Logit(event.astype(float), design, check_rank=False).fit(
            disp=False, cov_type="cluster", cov_kwds={"groups": groups}
        )
    return np.asarray(result.params), np.asarray(result.cov_params())
