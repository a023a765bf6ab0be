"""Robustness values against published numbers, and the arithmetic of error of measurement."""

import json
from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxanalysis.drivers import fit_drivers
from cxanalysis.drivers.sensitivity import disattenuate, robustness, robustness_values
from cxanalysis.errors import ModelError

DARFUR = json.loads((Path(__file__).parent / "reference" / "sensemakr_darfur.json").read_text())
REFERENCE_TOLERANCE = DARFUR["tolerance"]  # 1e-10, as the reference file states
ROUNDING = 1e-9  # inverses of matrices with a ridge of 1e-10
BLOCKS = {"service": {"help": ["help", "wait"]}, "journey": {"use": ["use"]}}


def answers(n=300):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["help", "wait", "use"])
    frame["score"] = frame @ [0.4, 0.0, 0.8] + rng.normal(size=n)
    return frame


def test_robustness_values_are_those_published_for_darfur():
    expected = DARFUR["expected"]
    found = robustness(expected["t"], expected["df"])
    assert found.partial_r2 == pytest.approx(expected["partial_r2"], abs=REFERENCE_TOLERANCE)
    assert found.rv == pytest.approx(expected["rv_q1"], abs=REFERENCE_TOLERANCE)
    assert found.rv_alpha == pytest.approx(expected["rv_q1_a05"], abs=REFERENCE_TOLERANCE)


@given(st.floats(-60, 60), st.floats(5, 5000), st.floats(0.05, 3))
def test_a_cause_of_the_robustness_value_takes_off_just_that_much(t, df, q):
    found = robustness(t, df, q)
    assert 0 <= found.rv_alpha <= found.rv < 1
    # Bias of an equally strong cause, in partial effects (their equation of the bias).
    bias = found.rv / sqrt(1 - found.rv)
    assert bias == pytest.approx(q * abs(t) / sqrt(df), abs=1e-6)


def test_a_coefficient_within_chance_needs_no_cause_to_be_doubted():
    assert robustness(1.5, 100).rv_alpha == 0
    assert robustness(1.5, 100).rv > 0


def test_at_very_few_rows_the_test_is_lost_before_the_coefficient():
    found = robustness(20.0, 4)
    assert 0 < found.rv_alpha < found.rv


@pytest.mark.parametrize("settings", [{"df": 1}, {"df": 50, "q": 0}, {"df": 50, "alpha": 1}])
def test_what_has_no_robustness_value_is_refused(settings):
    with pytest.raises(ModelError, match="df above 1"):
        robustness(2.0, **settings)


def test_values_of_a_fit_come_from_its_classical_t():
    fit = fit_drivers(answers(), "score", BLOCKS, cluster=None, replicates=20)
    table = robustness_values(fit, ["use", "help"])
    assert list(table["term"]) == ["use", "help"]
    row = table.iloc[0]
    assert row["statistic"] == pytest.approx(fit.statsmodels.tvalues["use"], rel=1e-12)
    assert (row["df"], row["rv"]) == (296, robustness(row["statistic"], 296).rv)
    assert row["rv"] > table["rv"][1] > table["rv_alpha"][1] > 0


def test_one_name_is_a_list_of_one():
    fit = fit_drivers(answers(), "score", BLOCKS, cluster=None, replicates=20)
    one, listed = robustness_values(fit, "use"), robustness_values(fit, ["use"])
    pd.testing.assert_frame_equal(one, listed)
    logit = replace(fit, model="logit")
    with pytest.raises(ModelError, match=r"this one is 'logit'\. Fit with model='ols'"):
        robustness_values(logit, "use")


def test_an_unknown_name_is_refused_with_the_closest():
    fit = fit_drivers(answers(), "score", BLOCKS, cluster=None, replicates=20)
    with pytest.raises(ModelError, match=r"'hepl'.*help"):
        robustness_values(fit, ["hepl"])
    with pytest.raises(ModelError, match="'service'"):
        robustness_values(fit, ["service"])


def test_a_driver_that_could_not_be_estimated_has_no_value():
    frame = answers().assign(wait=1.0)
    fit = fit_drivers(frame, "score", BLOCKS, cluster=None, replicates=20)
    assert robustness_values(fit, ["wait"])[["rv", "rv_alpha"]].isna().all().all()


@pytest.mark.parametrize("own", [[0, 1], [1, 4], [0, 1, 2, 3], [2]])
def test_error_taken_off_a_set_is_that_of_the_corrected_matrix(own):
    rng = np.random.default_rng(1)
    tables = rng.normal(size=(3, 400, 6)) @ (np.eye(6) + rng.normal(size=(6, 6)) / 6)
    cross = np.stack([np.corrcoef(table.T) for table in tables])
    found = disattenuate(cross, own, [0.8, 1.0])
    corrected = cross.copy()
    corrected[np.ix_(range(3), own, own)] *= 0.8
    drivers, link = corrected[:, :-1, :-1], corrected[:, :-1, -1:]
    slopes = np.linalg.solve(drivers, link)
    np.testing.assert_allclose(
        found.everything[:, 0], np.sum(slopes * link, axis=(1, 2)), atol=ROUNDING
    )
    by_chance = np.linalg.solve(drivers, cross[:, :-1, :-1])
    np.testing.assert_allclose(
        found.columns[:, 0], np.trace(by_chance, axis1=1, axis2=2), atol=ROUNDING
    )
    np.testing.assert_allclose(found.columns[:, 1], 5, atol=ROUNDING)
    np.testing.assert_allclose(found.total[:, 0] * 0.8, found.total[:, 1])


def test_error_taken_off_both_sets_is_that_of_the_corrected_matrix():
    rng = np.random.default_rng(1)
    cross = np.corrcoef((rng.normal(size=(400, 6)) @ (np.eye(6) + rng.normal(size=(6, 6)) / 6)).T)
    found = disattenuate(cross, [0, 1], [0.8], rest_too=True)
    corrected = cross[:-1, :-1].copy()
    corrected[:2, :2] *= 0.8
    corrected[2:, 2:] *= 0.8
    expected = cross[:-1, -1] @ np.linalg.solve(corrected, cross[:-1, -1])
    by_chance = np.trace(np.linalg.solve(corrected, cross[:-1, :-1]))
    np.testing.assert_allclose(found.everything, [expected], atol=ROUNDING)
    np.testing.assert_allclose(found.columns, [by_chance], atol=ROUNDING)


def test_a_set_closer_to_the_rest_than_its_reliability_allows_has_no_figure():
    cross = np.array([[1, 0.9, 0.5], [0.9, 1, 0.5], [0.5, 0.5, 1]])
    found = disattenuate(cross, [0], [0.80, 0.82])
    assert np.isnan(found.everything).tolist() == [True, False]


def test_a_set_that_would_explain_more_than_everything_has_no_figure():
    cross = np.array([[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]])
    assert np.isnan(disattenuate(cross, [0], [0.80, 0.82]).everything).tolist() == [True, False]


def test_a_column_that_does_not_vary_in_a_resample_changes_nothing():
    cross = np.array([[1, 0, 0.3, 0.4], [0, 0, 0, 0], [0.3, 0, 1, 0.5], [0.4, 0, 0.5, 1.0]])
    without = np.delete(np.delete(cross, 1, 0), 1, 1)
    with_it = disattenuate(cross, [0, 1], [0.7]).everything
    np.testing.assert_allclose(with_it, disattenuate(without, [0], [0.7]).everything, atol=ROUNDING)
