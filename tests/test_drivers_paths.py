"""Service alone and with the journey held: against regressions, and on data with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxanalysis.drivers import DriverFit, fit_drivers, service_paths
from cxanalysis.errors import ModelError

ROUNDING = 1e-8  # inverses of matrices with a ridge of 1e-10
LARGE = 1e-3  # chance adds so much to a composite of two columns in 20,000 answers
BLOCKS = {"service": {"help": ["help", "wait"]}, "journey": {"use": ["use"], "buy": ["buy"]}}


def answers(n: int = 400, seed: int = 4, carried: float = 0.8, direct: float = 0.5) -> pd.DataFrame:
    """Use goes with help, and the score with both."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=["help", "wait", "use", "buy"])
    frame["use"] += carried * frame["help"]
    frame["score"] = direct * frame["help"] + 0.6 * frame["use"] + rng.normal(size=n)
    return frame


def fitted(frame: pd.DataFrame, **settings: object) -> DriverFit:
    return fit_drivers(frame, "score", BLOCKS, replicates=200, **settings)  # type: ignore[arg-type]


def figures(fit: DriverFit) -> pd.DataFrame:
    return service_paths(fit).set_index("path")


def test_total_and_direct_are_those_of_two_regressions_where_chance_has_no_part() -> None:
    frame = answers(20_000)
    alone = sm.OLS(frame["score"], sm.add_constant(frame[["help", "wait"]])).fit()
    one = (alone.fittedvalues - alone.fittedvalues.mean()) / alone.fittedvalues.std(ddof=0)
    both = sm.OLS(frame["score"], sm.add_constant(frame[["use", "buy"]].assign(one=one))).fit()
    found = figures(fitted(frame))["estimate"]
    total = np.sqrt(alone.rsquared) * frame["score"].std(ddof=0)
    assert found["total"] == pytest.approx(total, abs=LARGE)
    assert found["direct"] == pytest.approx(both.params["one"], abs=LARGE)
    assert found["with_journey"] == pytest.approx(found["total"] - found["direct"], abs=ROUNDING)


def independent(seed: int, n: int = 400) -> DriverFit:
    """Service and journey have nothing to do with each other; 14 columns of service, one counts."""
    rng = np.random.default_rng(seed)
    service, journey = ([f"{name}{k}" for k in range(14)] for name in ("s", "j"))
    frame = pd.DataFrame(rng.normal(size=(n, 28)), columns=[*service, *journey])
    outcome = 0.25 * frame["s0"] + 0.16 * frame[journey].sum(axis=1)
    frame["score"] = outcome + 0.77 * rng.normal(size=n)
    blocks = {"service": {"help": service}, "journey": {"use": journey}}
    return fit_drivers(frame, "score", blocks, replicates=200)


def test_what_service_fits_by_chance_is_not_laid_on_the_journey() -> None:
    found = pd.concat([figures(independent(seed)) for seed in range(12)])
    difference = found.loc["with_journey"]
    assert abs(difference["estimate"].mean()) < 0.02  # .04 with weights found once
    assert difference["conf_low"].max() <= 0


def test_known_paths_lie_within_their_intervals() -> None:
    found = figures(fitted(answers(3000)))
    for path, truth in (("total", 0.5 + 0.6 * 0.8), ("direct", 0.5), ("with_journey", 0.48)):
        assert found.loc[path, "conf_low"] < truth < found.loc[path, "conf_high"]


def test_a_journey_that_stands_behind_both_gives_the_same_figures_as_one_that_carries() -> None:
    """Which of the two it is cannot be told: only names are exchanged between these data."""
    rng = np.random.default_rng(1)
    n = 4000
    use = rng.normal(size=n)
    frame = pd.DataFrame({"use": use, "help": 0.8 * use + 0.6 * rng.normal(size=n)})
    frame["wait"], frame["buy"] = rng.normal(size=(2, n))
    frame["score"] = 0.6 * frame["use"] + rng.normal(size=n)
    found = figures(fitted(frame))
    assert found.loc["with_journey", "conf_low"] > 0
    assert found.loc["direct", "conf_low"] < 0 < found.loc["direct", "conf_high"]


def test_the_journey_may_hide_a_link() -> None:
    found = figures(fitted(answers(3000, carried=-0.8, direct=0.9)))
    assert found.loc["with_journey", "conf_high"] < 0


def test_units_are_those_of_the_outcome() -> None:
    frame = answers()
    tenfold = figures(fitted(frame.assign(score=10 * frame["score"])))["estimate"]
    pd.testing.assert_series_equal(tenfold, 10 * figures(fitted(frame))["estimate"])


def test_few_clusters_tell_nothing() -> None:
    frame = answers(200)
    frame["customer_id"] = np.arange(200) % 15
    found = figures(fitted(frame))
    assert found[["estimate", "conf_low", "conf_high"]].isna().all(axis=None)


def test_models_that_are_not_linear_are_refused() -> None:
    frame = answers()
    frame["score"] = (frame["score"] > 0).astype(float)
    with pytest.raises(ModelError, match=r"linear model, and this one is 'logit'.*model='ols'"):
        service_paths(fitted(frame, model="logit"))


def test_a_single_set_is_refused() -> None:
    fit = fit_drivers(answers(), "score", {"service": {"help": ["help"]}}, replicates=50)
    with pytest.raises(ModelError, match="at least one other set"):
        service_paths(fit)
