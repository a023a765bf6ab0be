"""Weights made anew in each resample, refits, and the fit among customers with a contact."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.drivers import draw_counts, fit_contacters, fit_drivers, fit_study, refit
from cxanalysis.errors import ModelError
from cxanalysis.features import build_features
from cxanalysis.nonresponse import response_weights
from cxanalysis.periods import parse_period
from cxanalysis.sample import read_sample
from cxanalysis.study import study_of

CLOSE = 1e-9  # two orders of floating-point sums
BLOCKS = {"service": {"help": ["a", "b"]}, "journey": {"buy": ["c"], "use": ["d"]}}


def answers(n=300, customers=150, seed=2):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)) + rng.normal(size=(n, 1)), columns=list("abcd"))
    customer = rng.integers(customers, size=n)
    frame["score"] = frame.sum(axis=1) + rng.normal(size=n) + rng.normal(size=customers)[customer]
    frame["size"] = rng.uniform(0.2, 3, n)
    return frame.assign(customer_id=customer)


class Fixed:
    """A column's weights, as if they were estimated anew each time."""

    name = "fixed"

    def __init__(self, weights):
        self.weights = weights / weights.mean()

    def check(self, frame):
        pass

    def of(self, index):
        return self.weights[index].to_numpy()

    def draws(self, rng, size, index, clusters):
        return draw_counts(rng, size, clusters.max() + 1)[:, clusters] * self.of(index)


class Estimated(Fixed):
    """Weights that bring the drawn customers' mean of a driver to 0, as raking would."""

    name = "estimated"

    def __init__(self, driver):
        self.driver = driver
        super().__init__(np.exp(-self.slope(driver.to_numpy()) * driver))

    @staticmethod
    def slope(driver, weights=None):
        return np.average(driver, weights=weights) / np.average(driver**2, weights=weights)

    def draws(self, rng, size, index, clusters):
        times = draw_counts(rng, size, clusters.max() + 1)[:, clusters]
        driver = self.driver[index].to_numpy()
        return np.array([some * np.exp(-self.slope(driver, some) * driver) for some in times])


def fit(frame, **settings):
    return fit_drivers(frame, "score", BLOCKS, **{"replicates": 150, **settings})


def test_constant_weights_estimated_anew_equal_the_same_weights_in_a_column():
    frame = answers()
    plain = fit(frame, weights="size")
    anew = fit(frame, weights=Fixed(frame["size"]))
    assert (anew.weights, anew.model) == ("fixed", "wls")
    np.testing.assert_allclose(anew.importance(), plain.importance(), rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose(anew.draws, plain.draws, rtol=CLOSE)
    pd.testing.assert_frame_equal(anew.tidy(), plain.tidy())


def test_weights_estimated_in_each_resample_have_intervals_of_their_own():
    frame = answers().assign(a=lambda rows: rows["a"] + 0.4)
    weights = Estimated(frame["a"])
    once = fit(frame.assign(size=weights.of(frame.index)), weights="size")
    anew = fit(frame, weights=weights)
    pd.testing.assert_frame_equal(anew.tidy(), once.tidy())
    assert (anew.draws["r_squared"] - once.draws["r_squared"]).abs().max() > 1e-3


def test_weights_of_a_logit_are_estimated_anew_too():
    frame = answers().assign(score=lambda rows: (rows["score"] > 0).astype(float))
    logit = {"model": "logit", "replicates": 20}
    plain = fit(frame, weights="size", **logit)
    anew = fit(frame, weights=Fixed(frame["size"]), **logit)
    np.testing.assert_allclose(anew.draws, plain.draws, rtol=CLOSE)
    estimated = Estimated(frame["a"] + 0.4)
    once = fit(frame, weights=Fixed(estimated.weights), **logit)
    assert not np.allclose(fit(frame, weights=estimated, **logit).draws, once.draws)


def test_rows_without_weight_are_left_out_of_a_fit_with_made_weights():
    frame = answers()
    weights = Fixed(frame["size"].where(frame.index >= 10, 0.0))
    assert fit(frame, weights=weights).n == 290


@pytest.mark.parametrize(("value", "what"), [(np.nan, "missing"), (-1, "neg"), (np.inf, "inf")])
def test_made_weights_that_cannot_be_are_refused_by_name(value, what):
    frame = answers()
    weights = Fixed(frame["size"])
    weights.weights = weights.weights.where(frame.index != 4, value)
    with pytest.raises(ModelError, match=f"weights 'fixed' are {what}.* in 1 of 300 .*row 4"):
        fit(frame, weights=weights)


def test_a_refit_keeps_every_setting_but_the_rows_and_drivers():
    frame = answers()
    first = fit(frame, weights="size", seed=3, cluster=None)
    again = refit(first, frame, {"service": {"x": ["a"]}, "journey": {"y": ["c", "d"]}})
    assert (again.weights, again.seed, again.replicates, again.n_clusters) == ("size", 3, 150, 300)
    assert again.blocks["service"] == {"x": ("a",)}


def test_customers_with_counts_those_in_whose_answers_a_driver_is_not_zero():
    frame = answers()
    frame.loc[frame["customer_id"] >= 5, ["a", "b"]] = 0.0
    some = fit(frame)
    assert some.customers_with(["a", "b"]) == (frame["customer_id"].unique() < 5).sum()
    with pytest.raises(ModelError, match="no driver 'aa' in this fit"):
        some.customers_with(["aa"])


def study(contacted=80, **model):
    rng = np.random.default_rng(4)
    day = 86_400 * 1_000_000
    start = parse_period("2026-09").start_us
    ids = np.array([f"c{number}" for number in range(160)])
    surveys = pd.DataFrame(
        {
            "response_id": ids,
            "customer_id": ids,
            "responded_at": start + 20 * day,
            "overall_satisfaction": rng.integers(1, 6, 160).astype(float),
            "price": rng.integers(1, 6, 160).astype(float),
        }
    )
    tickets = pd.DataFrame(
        {
            "ticket_id": ids[:contacted],
            "customer_id": ids[:contacted],
            "opened_at": start + day,
            "first_replied_at": start + day + rng.integers(1, 90, contacted) * 60_000_000,
        }
    )
    config = StudyConfig(
        name="few",
        tables={
            "tickets": {"path": "t.csv"},
            "surveys": {"path": "s.csv", "items": {"price": {"stage": "use"}}},
        },
        stages=["use"],
        model=model,
    )
    return study_of(config, {"surveys": surveys, "tickets": tickets})


def test_the_study_file_chooses_the_model():
    assert fit_study(study()).model == "ols"
    ordered = fit_study(study(kind="ordered"))
    assert (ordered.model, ordered.replicates) == ("ordered", 500)
    reached = fit_study(study(kind="logit", top_box=4))
    assert (reached.model, reached.top_box) == ("logit", 4)
    assert fit_contacters(study(), reached).model == "logit"
    with pytest.raises(ModelError, match="'ordered' takes no weights"):
        fit(answers(), weights="size", model="ordered")


def test_the_fit_among_contacters_leaves_out_what_is_the_same_for_all_of_them():
    whole = fit_study(study(replicates=200))
    among = fit_contacters(study(replicates=200), whole)
    assert (whole.n, among.n) == (160, 80)
    assert "contacted" in whole.blocks["service"]["needing help"]
    assert among.blocks["service"] == {"how help went": ("first_reply_hours",)}
    assert not [item for item in among.left_out if item.column == "contacted"]
    pd.testing.assert_frame_equal(fit_contacters(study(replicates=200)).tidy(), among.tidy())


def test_too_few_contacters_are_refused():
    with pytest.raises(ModelError, match=r"20 answers are from customers with a contact.*30"):
        fit_contacters(study(20))


def test_weights_that_nothing_on_record_can_make_are_refused():
    with pytest.raises(ModelError, match="nothing is known of who did not answer"):
        fit_study(study(weights="raked"))


@pytest.mark.parametrize("how", ["raked", "propensity"])
def test_a_study_that_asks_for_weights_against_silence_is_fitted_with_them(how):
    sample = read_sample(period="last")
    model = sample.config.model.model_copy(update={"weights": how, "replicates": 200})
    study = replace(sample, config=sample.config.model_copy(update={"model": model}))
    fit = fit_study(study)
    made = response_weights(study, how)
    features = build_features(study)
    by_hand = fit_drivers(
        features, "overall_satisfaction", study.blocks, weights=made, replicates=200
    )
    assert (fit.model, fit.weights) == ("wls", how)
    assert fit.r_squared == by_hand.r_squared
    assert fit.draws.equals(by_hand.draws)
