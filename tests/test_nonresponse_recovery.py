"""What weights against silence mend and what they do not, where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from silent_company import SilentCompany, silent_company

from cxanalysis.drivers import DriverFit, fit_drivers, share_sensitivity
from cxanalysis.metrics import experience_metrics, silent_customers
from cxanalysis.nonresponse import nps_by_weighting

CUSTOMERS = 3000
# The share is split from the same rows by another way than the fit's own.
EXACT = 1e-8


@pytest.fixture(scope="module")
def by_region() -> SilentCompany:
    return silent_company(CUSTOMERS, by_satisfaction=0.0)


@pytest.fixture(scope="module")
def by_satisfaction() -> SilentCompany:
    return silent_company(CUSTOMERS, by_satisfaction=1.0)


@pytest.fixture(scope="module")
def mended(by_region: SilentCompany) -> pd.DataFrame:
    return nps_by_weighting(by_region.study()).set_index(["metric", "weighting"])


def holds(row: pd.Series, truth: float) -> bool:
    return bool(row["conf_low"] < truth < row["conf_high"])


@pytest.mark.parametrize("metric", ["nps", "csat"])
def test_weights_mend_silence_that_depends_on_what_is_known(
    mended: pd.DataFrame, by_region: SilentCompany, metric: str
) -> None:
    truth = getattr(by_region, metric)
    assert not holds(mended.loc[(metric, "raw")], truth)
    for weighting in ("raked", "propensity"):
        row = mended.loc[(metric, weighting)]
        assert holds(row, truth)
        assert row["kish_n"] < row["n"] == mended.loc[(metric, "raw"), "n"]


def test_raw_figures_are_those_of_the_scorecard(
    mended: pd.DataFrame, by_region: SilentCompany
) -> None:
    plain = experience_metrics(by_region.study()).set_index("metric")
    for metric in ("nps", "csat"):
        for name in ("value", "conf_low", "conf_high", "n"):
            assert mended.loc[(metric, "raw"), name] == plain.loc[metric, name]


def test_weights_do_not_mend_silence_that_depends_on_satisfaction_but_bounds_hold(
    by_satisfaction: SilentCompany,
) -> None:
    study = by_satisfaction.study()
    found = nps_by_weighting(study).set_index(["metric", "weighting"])
    bounds = silent_customers(study).set_index("metric")["value"]
    for metric in ("nps", "csat"):
        truth = getattr(by_satisfaction, metric)
        for weighting in ("raked", "propensity"):
            assert found.loc[(metric, weighting), "conf_low"] > truth
        assert bounds[f"{metric}_lowest"] < truth < bounds[f"{metric}_highest"]


def test_what_weights_lack_is_said_beside_the_raw_figure(by_region: SilentCompany) -> None:
    found = nps_by_weighting(by_region.study("customers", "tickets"))
    raw, weighted = (found[(found["weighting"] == "raw") == flag] for flag in (True, False))
    assert raw["value"].notna().all()
    assert weighted["value"].isna().all()
    assert weighted["note"].str.startswith("weights: nothing to weight by").all()


def test_a_recommendation_on_another_scale_has_no_weighted_figure(
    by_region: SilentCompany,
) -> None:
    study = by_region.study()
    surveys = {"path": "x.csv", "columns": {"nps": {"column": "nps", "low": 1, "high": 5}}}
    config = study.config.model_validate(
        study.config.model_dump(exclude={"tables"}) | {"tables": {"surveys": surveys}}
    )
    other = type(study)(study.path, config, study.engine, study.tables, study.period)
    found = nps_by_weighting(other).set_index(["metric", "weighting"])
    assert found.loc["nps", "value"].isna().all()
    assert found.loc["nps", "note"].str.contains("needs a scale of 0 to 10").all()
    assert found.loc["csat", "value"].notna().all()


# --- the share -----------------------------------------------------------------------------


def fitted(weights: str | None = None) -> DriverFit:
    """Service matters among the dissatisfied alone: its share depends on who is heard."""
    rng = np.random.default_rng(11)
    n = 900
    service, journey = rng.standard_normal((2, n))
    failed = np.minimum(service, 0)
    outcome = 1.5 * failed + 0.8 * journey + 0.7 * rng.standard_normal(n)
    frame = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 600, n),
            "service": service,
            "journey": journey,
            "y": outcome,
            "size": rng.uniform(0.5, 1.5, n),
        }
    )
    blocks = {"service": {"help": ["service"]}, "journey": {"use": ["journey"]}}
    return fit_drivers(frame, "y", blocks, weights=weights, replicates=200)


@pytest.mark.parametrize("weights", [None, "size"])
def test_without_a_tilt_the_share_is_that_of_the_fit(weights: str | None) -> None:
    fit = fitted(weights)
    found = share_sensitivity(fit, [0.0]).iloc[0]
    share = fit.importance().loc[("service", "all"), ("share", "estimate")]
    assert found["share"] == pytest.approx(share, abs=EXACT)
    assert found["r_squared"] == pytest.approx(fit.r_squared_adjusted, abs=EXACT)


def test_share_moves_with_whose_silence_is_made_up_for() -> None:
    found = share_sensitivity(fitted())
    assert found["gamma"].tolist() == pytest.approx(np.linspace(-0.5, 0.5, 11).tolist())
    assert (found["share"].diff().dropna() < 0).all()  # falls as the satisfied count for more
    assert found["kish_n"].idxmax() == 5
    assert found["kish_n"].max() == pytest.approx(900)
