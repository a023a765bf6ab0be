"""Do 95 % intervals hold the truth about 95 times in 100? Only a simulation knows the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from cxanalysis.drivers import DriverFit, fit_drivers, summed
from cxanalysis.engine import Engine
from cxanalysis.importance import partition_r2

pytestmark = pytest.mark.long

RUNS = 200
# 200 runs of a true 95 % interval lie within 91 and 99 % in all but about one case in a hundred.
LOWEST, HIGHEST = 0.91, 0.995
ROWS, CUSTOMERS = 400, 200
BLOCKS = {"service": {"help": ["s1", "s2"]}, "journey": {"use": ["j1", "j2", "j3"]}}
SLOPES = np.array([0.3, 0.15, 0.3, 0.3, 0.1])
# Service and journey go together, as they do where bad journeys cause contacts.
CORRELATION = 0.3 + 0.7 * np.eye(5)
CUSTOMER_SD, NOISE_SD = 0.6, 1.0


def true_split() -> np.ndarray:
    """Figures of the two sets from the population's own covariance."""
    cross = np.empty((6, 6))
    cross[:5, :5] = CORRELATION
    cross[:5, 5] = cross[5, :5] = CORRELATION @ SLOPES
    cross[5, 5] = SLOPES @ CORRELATION @ SLOPES + CUSTOMER_SD**2 + NOISE_SD**2
    return partition_r2(cross, [[[0, 1]], [[2, 3, 4]]])[[0, 2]]


def answers(rng: np.random.Generator, rows: int = ROWS, customers: int = CUSTOMERS) -> pd.DataFrame:
    drivers = rng.multivariate_normal(np.zeros(5), CORRELATION, size=rows)
    customer = np.repeat(np.arange(customers), rows // customers)
    habit = rng.normal(scale=CUSTOMER_SD, size=customers)[customer]
    frame = pd.DataFrame(drivers, columns=["s1", "s2", "j1", "j2", "j3"])
    frame["score"] = drivers @ SLOPES + habit + rng.normal(scale=NOISE_SD, size=rows)
    return frame.assign(customer_id=customer.astype(str))


def share_held(make: Callable[[], DriverFit]) -> np.ndarray:
    """How often intervals of the two sets' figures hold the truth: (2, 5)."""
    truth = true_split()
    held = np.zeros((2, 5))
    for _ in range(RUNS):
        found = make().importance().xs("all", level="group")
        low = found.xs("conf_low", axis="columns", level="figure").to_numpy()
        high = found.xs("conf_high", axis="columns", level="figure").to_numpy()
        held += (low <= truth) & (truth <= high)
    return held / RUNS


def test_intervals_of_the_sets_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(20260101)
    rate = share_held(lambda: fit_drivers(answers(rng), "score", BLOCKS, replicates=400))
    assert (rate >= LOWEST).all(), rate
    assert (rate <= HIGHEST).all(), rate


def test_intervals_from_groups_of_customers_hold_the_truth_as_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 4,000 customers in 400 groups, ten to a group.

    When last run they held it in 92.5 to 97.0 % of 200 samples, by set and figure.
    """
    monkeypatch.setattr(summed, "GROUPS", 400)
    rng, engine = np.random.default_rng(20260101), Engine()

    def make() -> DriverFit:
        rows = engine.register(answers(rng, 8000, 4000))
        fit = fit_drivers(rows, "score", BLOCKS, replicates=400)
        assert len(fit.design.sums.groups) == 400
        return fit

    rate = share_held(make)
    assert (rate >= LOWEST).all(), rate
    assert (rate <= HIGHEST).all(), rate
