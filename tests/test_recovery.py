"""The driver model finds what is true of the sample company."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxanalysis.drivers import DriverFit, fit_drivers
from cxanalysis.features import build_features
from cxanalysis.importance import QUANTITIES
from cxanalysis.study import open_study

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
OUTCOME = "overall_satisfaction"
# Enough for a percentile interval; the report itself takes more.
REPLICATES = 1000
# Of 44 or 50 intervals of 95 %, fewer than this share hold the truth once in two hundred companies.
INTERVALS_HELD = 0.85
# A rating of 1 to 5 reads a latent quality with noise, in steps, and up to a highest answer;
# a slope can lose this much of the latent effect, and gain what unread quality adds to it.
SLOPE_OF_LATENT_EFFECT = (0.4, 1.5)


@pytest.fixture(scope="module")
def fit() -> DriverFit:
    study = open_study(SAMPLE / "study.toml", period="last")
    assert study.period is not None
    assert study.period.label == TRUTH["period"]
    assert study.blocks == TRUTH["partition"]
    return fit_drivers(build_features(study), OUTCOME, study.blocks, replicates=REPLICATES)


@pytest.fixture(scope="module")
def terms(fit: DriverFit) -> pd.DataFrame:
    return fit.tidy().set_index("term")


@pytest.mark.parametrize("name", ["service", "journey"])
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_interval_holds_the_true_share(fit: DriverFit, name: str, quantity: str) -> None:
    true = TRUTH["shares"]["sets"][name][quantity]["value"]
    reported = fit.importance().loc[(name, "all"), quantity]
    assert reported["conf_low"] <= true <= reported["conf_high"]


def test_most_intervals_of_groups_hold_the_true_figures(fit: DriverFit) -> None:
    importance = fit.importance().drop(index="all", level="group")
    held = [
        row[quantity, "conf_low"] <= true[quantity]["value"] <= row[quantity, "conf_high"]
        for (name, group), row in importance.iterrows()
        for true in [TRUTH["shares"]["sets"][name]["groups"][group]]
        for quantity in QUANTITIES
    ]
    assert len(held) == 50
    assert sum(held) / len(held) > INTERVALS_HELD


def test_r_squared_is_near_the_true_one(fit: DriverFit) -> None:
    glance = fit.glance().iloc[0]
    true = TRUTH["shares"]["r_squared"]["value"]
    assert glance["r_squared_low"] <= true <= glance["r_squared_high"]


def test_service_is_a_real_but_minor_part(fit: DriverFit) -> None:
    share = fit.importance().loc[("service", "all"), "share"]
    assert 0 < share["conf_low"] < share["conf_high"] < 0.5


def test_most_slopes_hold_what_a_large_company_shows(terms: pd.DataFrame) -> None:
    true = _values(TRUTH["coefficients_as_reported"]).reindex(terms.index).dropna()
    assert len(true) > 40
    found = terms.loc[true.index]
    held = (found["conf_low"] <= true) & (true <= found["conf_high"])
    assert held.mean() > INTERVALS_HELD


@pytest.mark.parametrize(
    ("term", "coefficient", "sign"),
    [
        ("purchase_late_days", "delivery_late_days", 1),
        ("use_late_days", "installation_late_days", 1),
        ("resolved_first", "had_to_contact_again", -1),
        ("interaction_rating", "interaction_quality", 1),
        ("purchase_rating", "purchase_quality", 1),
        ("use_rating", "use_quality", 1),
    ],
)
def test_slope_reflects_the_latent_effect(term: str, coefficient: str, sign: int) -> None:
    slope = TRUTH["coefficients_as_reported"][term]["value"]
    low, high = SLOPE_OF_LATENT_EFFECT
    assert low < sign * slope / TRUTH["coefficients"][coefficient]["value"] < high


@pytest.mark.parametrize("term", ["purchase_late_days", "use_rating", "interaction_rating"])
def test_strong_effects_are_seen_in_three_thousand_customers(
    terms: pd.DataFrame, term: str
) -> None:
    found = terms.loc[term]
    assert found["conf_low"] > 0 or found["conf_high"] < 0


def test_reading_the_sample_sets_nothing_aside() -> None:
    study = open_study(SAMPLE / "study.toml", period="last")
    assert {reading.table: reading.rows_read - reading.rows_kept for reading in study.reading} == {
        "journeys": 0,
        "tickets": 0,
        "surveys": 0,
        "customers": 0,
    }


def _values(entries: dict[str, Any]) -> pd.Series:
    return pd.Series({name: entry["value"] for name, entry in entries.items()})
