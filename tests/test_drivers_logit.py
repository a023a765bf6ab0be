"""Ordered logit and logit: published numbers, statsmodels, resamples done by hand, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from cxanalysis.drivers import draw_counts, fit_drivers
from cxanalysis.drivers.blocktest import block_tests
from cxanalysis.drivers.covariance import cluster_covariance, sum_by_cluster
from cxanalysis.drivers.cumulative import (
    Cumulative,
    as_least_squares,
    derivatives,
    fit_cumulative,
    null_log_likelihood,
)
from cxanalysis.drivers.floor import _alike, _deal
from cxanalysis.drivers.progress import progress
from cxanalysis.errors import ModelError
from cxanalysis.importance import QUANTITIES

REFERENCE = Path(__file__).parent / "reference"
SAME_FIT = 1e-6  # how near the optimum statsmodels' own search comes
CLOSE = 1e-8  # two orders of floating-point sums, and Newton's last step
SECOND_ORDER = 0.1  # floors come from scores, refits from likelihoods

BLOCKS = {"service": {"help": ["a", "b"], "wait": ["c"]}, "journey": {"buy": ["d"], "use": ["e"]}}
DRIVERS = list("abcde")


def answers(n=300, customers=150, seed=3):
    """Scores from 1 to 5 that go with a, d and e, and with a habit of the customer's."""
    rng = np.random.default_rng(seed)
    customer = rng.integers(customers, size=n)
    frame = pd.DataFrame(rng.normal(size=(n, 5)) + 0.5 * rng.normal(size=(n, 1)), columns=DRIVERS)
    frame["a"] *= 3  # in units of its own
    latent = frame["a"] / 3 + frame["d"] + 0.7 * frame["e"] + rng.normal(size=customers)[customer]
    latent += rng.logistic(size=n)
    frame["score"] = np.searchsorted([-3, -1, 0.5, 2], latent) + 1.0
    frame["high"] = (frame["score"] >= 4).astype(float)
    frame["size"] = rng.integers(1, 4, n).astype(float)
    return frame.assign(customer_id=[f"c{number}" for number in customer])


def fit(model="ordered", outcome="score", frame=None, **settings):
    frame = answers() if frame is None else frame
    return fit_drivers(
        frame, outcome, BLOCKS, **{"model": model, "replicates": 40, "seed": 8, **settings}
    )


def columns_of(frame):
    """Standardised drivers, levels and weights of 1."""
    x = frame[DRIVERS].to_numpy()
    levels = np.unique(frame["score"], return_inverse=True)[1]
    return (x - x.mean(axis=0)) / x.std(axis=0), levels, np.ones(len(frame))


def test_wine_agrees_with_the_ordinal_package():
    content = json.loads((REFERENCE / "ordinal_wine_clm.json").read_text())
    rows = pd.DataFrame(content["data"]["rows"], columns=content["data"]["columns"])
    frame = pd.DataFrame(
        {
            "rating": rows["rating"].astype(int),
            "warm": (rows["temp"] == "warm").astype(int),
            "contact": (rows["contact"] == "yes").astype(int),
        }
    )
    blocks = {"service": {"contact": ["warm"]}, "journey": {"taste": ["contact"]}}
    wine = fit_drivers(frame, "rating", blocks, cluster=None, model="ordered")
    expected, near = content["expected"], {"atol": content["tolerance"]}
    found = wine.statsmodels
    np.testing.assert_allclose(wine.tidy()["estimate"], expected["coef"], **near)
    np.testing.assert_allclose(found.params.iloc[:2], expected["coef"], **near)
    np.testing.assert_allclose(found.bse.iloc[:2], expected["se"], **near)
    thresholds = found.model.transform_threshold_params(found.params.to_numpy())[1:-1]
    np.testing.assert_allclose(thresholds, expected["thresholds"], **near)
    assert found.llf == pytest.approx(expected["llf"], abs=content["tolerance"])
    null = null_log_likelihood(frame["rating"].to_numpy() - 1, np.ones(72))
    assert wine.r_squared == pytest.approx(1 - expected["llf"] / null, abs=content["tolerance"])


def test_ordered_logit_is_the_one_that_statsmodels_finds_by_its_own_search():
    frame = answers()
    scores = pd.Series(pd.Categorical(frame["score"], ordered=True))
    theirs = OrderedModel(scores, frame[DRIVERS], distr="logit")
    start = theirs.fit(method="bfgs", disp=0).params
    theirs = theirs.fit(start_params=start, method="newton", disp=0)
    ours = fit(frame=frame)
    np.testing.assert_allclose(ours.tidy()["estimate"], theirs.params[DRIVERS], atol=SAME_FIT)
    np.testing.assert_allclose(ours.statsmodels.params, theirs.params, atol=SAME_FIT)
    assert ours.r_squared == pytest.approx(1 - theirs.llf / theirs.llnull, abs=SAME_FIT)


@pytest.mark.parametrize("weights", [None, "size"])
def test_logit_is_the_binomial_glm_of_statsmodels(weights):
    frame = answers()
    size = frame["size"] / frame["size"].mean() if weights else np.ones(len(frame))
    exog = sm.add_constant(frame[DRIVERS])
    theirs = sm.GLM(frame["high"], exog, family=sm.families.Binomial(), freq_weights=size).fit()
    ours = fit("logit", "high", frame, weights=weights)
    np.testing.assert_allclose(ours.tidy()["estimate"], theirs.params[DRIVERS], atol=SAME_FIT)
    assert ours.r_squared == pytest.approx(1 - theirs.llf / theirs.llnull, abs=SAME_FIT)
    assert ours.statsmodels.llf == pytest.approx(theirs.llf)


def test_the_rows_that_stand_for_the_likelihood_have_its_information_and_scores():
    x, levels, weights = columns_of(answers(60))
    weights = weights + np.arange(60) % 3
    at = Cumulative(0.0, np.array([-2.0, -1.5, 0.2, 1.0]), np.array([0.3, -0.2, 0.1, 0.5, 0.0]))
    score, information = derivatives(x, levels, weights, at)
    rows, residual = as_least_squares(x, levels, weights, at)
    np.testing.assert_allclose(rows.T @ rows, information, atol=CLOSE)
    np.testing.assert_allclose(rows.T @ residual, score, atol=CLOSE)


def test_standard_errors_take_one_newton_step_without_each_customer():
    frame = answers(120, 40).sort_values("customer_id", kind="stable")
    x, levels, weights = columns_of(frame)
    at = fit_cumulative(x, levels, weights)
    _, information = derivatives(x, levels, weights, at)
    steps = []
    for _, own in frame.reset_index(drop=True).groupby("customer_id"):
        some = own.index.to_numpy()
        score, inside = derivatives(x[some], levels[some], weights[some], at)
        steps.append(np.linalg.solve(information - inside, score)[4:])
    expected = np.sqrt((np.array(steps) ** 2).sum(axis=0)) / frame[DRIVERS].std(ddof=0)
    np.testing.assert_allclose(fit(frame=frame).tidy()["std_error"], expected, rtol=SAME_FIT)


def test_scores_summed_by_customer_are_those_of_the_sandwich_in_statsmodels():
    frame = answers().sort_values("customer_id", kind="stable")
    groups = pd.factorize(frame["customer_id"])[0]
    theirs = sm.Logit(frame["high"], sm.add_constant(frame[DRIVERS])).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    x, _, weights = columns_of(frame)
    levels = frame["high"].to_numpy().astype(int)
    rows, residual = as_least_squares(x, levels, weights, fit_cumulative(x, levels, weights))
    starts = 3 * np.flatnonzero(np.diff(groups, prepend=-1))
    steps = np.linalg.solve(rows.T @ rows, sum_by_cluster(rows * residual[:, None], starts).T)
    plain = np.sqrt((steps**2).sum(axis=1))[1:] / frame[DRIVERS].std(ddof=0)
    np.testing.assert_allclose(plain, theirs.bse[DRIVERS], rtol=SAME_FIT)
    # Leaving a customer out moves further than its score at the whole fit says.
    found = fit("logit", "high", frame)
    assert (found.tidy()["std_error"].to_numpy() > plain.to_numpy()).all()
    assert found.cov_type == "CR3"
    assert np.isfinite(cluster_covariance(rows, residual, starts)).all()


def test_a_block_that_adds_nothing_is_told_from_one_that_does():
    tests = fit().tests().set_index(["set", "group"])
    assert tests.loc[("journey", "use"), "p_holm"] < 0.01
    assert tests.loc[("service", "wait"), "p_holm"] > 0.05
    assert tests.loc[("service", "help"), "df_num"] == 2
    assert (tests["method"] == "effective score, CR3, restricted wild bootstrap").all()


def test_score_statistic_is_near_the_wald_statistic_of_a_weak_block():
    found = fit(frame=answers(999, 999), cluster=None)
    terms = found.tidy().set_index("term")
    test = found.tests().set_index("group").loc["wait"]
    assert test["statistic"] == pytest.approx(terms.loc["c", "statistic"] ** 2, rel=0.05)
    assert test["p_value"] == pytest.approx(terms.loc["c", "p_value"], abs=0.03)


def test_the_score_test_holds_its_level_with_few_clusters():
    rng = np.random.default_rng(5)
    starts, rejected = 3 * np.arange(0, 80, 4), 0
    for seed in range(60):
        x = np.repeat(rng.normal(size=(20, 3)), 4, axis=0)
        latent = x[:, 2] + np.repeat(rng.normal(size=20), 4) + rng.logistic(size=80)
        levels, weights = (latent > 0).astype(int) + (latent > 1), np.ones(80)
        rest = fit_cumulative(x[:, 2:], levels, weights)
        at = Cumulative(0.0, rest.thresholds, np.array([0.0, 0.0, rest.slopes[0]]))
        rows, residual = as_least_squares(x, levels, weights, at)
        (test,) = block_tests(rows, residual, starts, [[2, 3]], [20], seed)
        rejected += test.p_value < 0.05
    assert rejected <= 8  # 5 % of 60 is 3; more than 8 has probability under 1 %


def test_the_bar_of_long_runs_can_be_switched_off(monkeypatch, capsys):
    monkeypatch.setattr("cxanalysis.drivers.progress.DELAY", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert list(progress(iter("ab"), 2, "letters")) == ["a", "b"]
    assert "letters" in capsys.readouterr().err
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert list(progress(iter("ab"), 2, "letters")) == ["a", "b"]
    assert capsys.readouterr().err == ""


def gain(frame, columns, outcome="high"):
    """McFadden R² by statsmodels."""
    exog = sm.add_constant(frame[list(columns)])
    theirs = sm.GLM(frame[outcome], exog, family=sm.families.Binomial()).fit()
    return 1 - theirs.llf / theirs.llnull


def test_mcfadden_splits_over_the_unions_of_the_sets_and_of_groups_inside():
    frame = answers()
    raw = fit("logit", "high", frame).importance().xs("raw", axis=1, level="figure")
    service, journey, everything = gain(frame, "abc"), gain(frame, "de"), gain(frame, "abcde")
    expected = [service, everything - journey, service + journey - everything]
    expected += [(everything + service - journey) / 2, (1 + (service - journey) / everything) / 2]
    np.testing.assert_allclose(raw.loc[("service", "all"), list(QUANTITIES)], expected, atol=CLOSE)
    # Owen: waiting enters before or after help, with the journey in or out.
    pairs = [("abc", "ab"), ("abcde", "abde"), ("c", ""), ("cde", "de")]
    steps = [gain(frame, after) - (gain(frame, one) if one else 0) for after, one in pairs]
    assert raw.loc[("service", "wait"), "shapley"] == pytest.approx(np.mean(steps), abs=CLOSE)


def test_groups_have_point_values_and_only_sets_have_intervals():
    found = fit()
    importance = found.importance()
    assert found.measure == "McFadden R²"
    assert not found.exact_groups
    low = importance.xs("conf_low", axis=1, level="figure")
    assert low.xs("all", level="group").notna().all().all()
    assert low.drop(index="all", level="group").isna().all().all()
    estimate = importance.xs("estimate", axis=1, level="figure")
    assert estimate.notna().all().all()
    groups = estimate.drop(index="all", level="group").groupby("set")["shapley"].sum()
    sets = estimate.xs("all", level="group")["shapley"]
    np.testing.assert_allclose(groups[sets.index], sets, atol=CLOSE)
    difference = found.difference(("journey", "buy"), ("journey", "use"))
    assert np.isfinite(difference["estimate"])
    assert np.isnan(difference["conf_low"])
    assert repr(found).startswith("DriverFit(score ~ 5 drivers, n=300, McFadden R²=0.")


def test_adjustment_takes_half_a_point_of_log_likelihood_per_column():
    frame = answers()
    rows = fit("logit", "high", frame, cluster=None).importance()["total"]
    null = null_log_likelihood(frame["high"].to_numpy().astype(int), np.ones(len(frame)))
    chance = (rows["raw"] - rows["estimate"]) * abs(null)
    np.testing.assert_allclose(chance, [1.5, 1, 0.5, 1, 0.5, 0.5])
    clustered = fit("logit", "high", frame)
    assert clustered.design_effect > 1
    found = clustered.importance()["total"]
    np.testing.assert_allclose(
        (found["raw"] - found["estimate"]) * abs(null), chance * clustered.design_effect
    )


def test_replicates_are_refits_on_the_drawn_customers_less_their_optimism_twice():
    frame = answers().sort_values("customer_id", kind="stable")
    clusters = pd.factorize(frame["customer_id"])[0]
    found = fit("logit", "high", frame)
    times = draw_counts(np.random.default_rng(8), 40, clusters.max() + 1)[17]
    drawn = frame.loc[frame.index.repeat(times[clusters].astype(int))]
    exog = sm.add_constant(drawn[DRIVERS])
    theirs = sm.GLM(drawn["high"], exog, family=sm.families.Binomial()).fit()
    null = theirs.llnull * len(frame) / len(drawn)
    expected = 1 - theirs.llf / theirs.llnull - found.design_effect * 5 / abs(null)
    assert found.draws["r_squared"].iloc[17] == pytest.approx(expected, abs=CLOSE)
    # One driver's composite is its standardised effect in that resample.
    effect = theirs.params["c"] * drawn["c"].std(ddof=0)
    assert found._split.composite_replicates[17, 2] == pytest.approx(effect, abs=SAME_FIT)


def test_a_resample_without_a_level_is_fitted_to_the_levels_it_has():
    frame = answers()
    frame["score"] = frame["score"].clip(2).where(frame.index != 0, 1.0)  # one answer of 1
    draws = fit(frame=frame).draws
    assert draws.notna().all().all()
    times = draw_counts(np.random.default_rng(8), 40, frame["customer_id"].nunique())
    first = pd.factorize(frame["customer_id"], sort=False)[0][0]
    assert (times[:, first] == 0).any()


def test_a_resample_in_which_all_answer_alike_has_no_figures():
    frame = answers(60, 60)
    frame["high"] = (frame.index < 2).astype(float)
    blocks = {"service": {"one": ["b"]}, "journey": {"two": ["c"]}}
    found = fit_drivers(frame, "high", blocks, cluster=None, model="logit", replicates=100)
    alike = found.draws["r_squared"].isna()
    assert 0 < alike.sum() < 100
    assert np.isfinite(found.glance()["r_squared_low"].iloc[0])


def test_fewer_than_twenty_clusters_give_no_interval():
    found = fit(frame=answers(300, 19))
    assert found.draws.empty
    assert found.importance().xs("conf_low", axis=1, level="figure").isna().all().all()


def test_floor_is_that_of_refits_on_outcomes_dealt_anew():
    frame = answers(240, 240).assign(customer_id=np.arange(240))
    found = fit(frame=frame, replicates=200)
    x, levels, weights = columns_of(frame)
    null, dealer = null_log_likelihood(levels, weights), np.random.default_rng(8)
    totals = []
    for _ in range(200):
        dealt = np.empty(240)
        _deal(dealer, _alike(np.arange(240), 240), levels.astype(float), dealt)
        refit = fit_cumulative(x[:, :3], dealt.astype(int), weights)
        totals.append(1 - refit.log_likelihood / null)
    floor = found.floor().set_index(["set", "group"])
    expected = np.quantile(totals, 0.95) - 3 / (2 * abs(null))
    assert floor.loc[("service", "all"), "floor"] == pytest.approx(expected, rel=SECOND_ORDER)
    assert floor.loc[("journey", "use"), "p_value"] < 0.01


def test_composite_is_in_log_odds_and_signed_for_one_driver():
    frame = answers().assign(e=lambda rows: -rows["e"])
    found = fit(frame=frame)
    composites = found.composites().set_index("group")
    terms = found.tidy().set_index("term")
    expected = terms.loc["e", "estimate"] * frame["e"].std(ddof=0)
    assert composites.loc["use", "estimate"] == pytest.approx(expected)
    assert composites.loc["use", "conf_high"] < 0


def test_share_gap_to_least_squares_is_the_largest_over_sets_and_groups():
    frame = answers()
    ordered, linear = fit(frame=frame), fit_drivers(frame, "score", BLOCKS)
    estimates = [each.importance()["share", "estimate"] for each in (ordered, linear)]
    assert ordered.share_gap_to_ols == pytest.approx((estimates[0] - estimates[1]).abs().max())
    assert np.isnan(linear.share_gap_to_ols)


def test_top_box_is_the_logit_of_having_reached_it():
    frame = answers()
    frame.loc[3, ["score", "high"]] = np.nan
    reached = fit("logit", "score", frame, top_box=4)
    pd.testing.assert_frame_equal(reached.tidy(), fit("logit", "high", frame).tidy())
    assert (reached.n_dropped, reached.top_box) == (1, 4)


@pytest.mark.parametrize("cluster", [None, "customer_id"])
def test_equal_weights_equal_no_weights(cluster):
    frame = answers().assign(size=2.0)
    plain = fit("logit", "high", frame, cluster=cluster)
    weighted = fit("logit", "high", frame, cluster=cluster, weights="size")
    assert (weighted.design_effect == 1) is (cluster is None)
    assert weighted.design_effect == pytest.approx(plain.design_effect, rel=CLOSE)
    np.testing.assert_allclose(weighted.importance(), plain.importance(), rtol=CLOSE, atol=CLOSE)


def test_whole_weights_of_customers_equal_repeated_answers():
    frame = answers()
    repeated = frame.loc[frame.index.repeat(frame["size"].astype(int))]
    weighted, plain = fit("logit", "high", frame, weights="size"), fit("logit", "high", repeated)
    columns = ["estimate", "std_error"]
    np.testing.assert_allclose(weighted.tidy()[columns], plain.tidy()[columns], rtol=CLOSE)
    assert weighted.r_squared == pytest.approx(plain.r_squared)


def test_units_far_apart_change_nothing_but_the_units():
    frame = answers()
    moved = frame.assign(a=frame["a"] * 1e-6 + 1, d=frame["d"] * 1e6 + 1e9)
    ours, other = fit(frame=frame), fit(frame=moved)
    assert other.r_squared == pytest.approx(ours.r_squared)
    statistics = ours.tidy()["statistic"]
    np.testing.assert_allclose(other.tidy()["statistic"], statistics, rtol=1e-4)  # digits of 1e9


def test_at_most_five_hundred_resamples_are_drawn():
    assert fit(replicates=2000).replicates == 500


def test_many_groups_in_a_set_are_not_told_apart():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(400, 13)), columns=[f"d{number}" for number in range(13)])
    frame["high"] = (rng.random(400) < 0.4).astype(float)
    blocks = {
        "service": {"one": ["d0"]},
        "journey": {f"d{number}": [f"d{number}"] for number in range(1, 13)},
    }
    assert not fit_drivers(frame, "high", blocks, model="logit").groups_shown
    del blocks["journey"]["d12"], blocks["journey"]["d11"]
    assert fit_drivers(frame, "high", blocks, model="logit").groups_shown


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        ({}, {"model": "ordered", "weights": "size"}, "'ordered' takes no weights.*model='wls'"),
        ({}, {"model": "ordered", "top_box": 4}, "'ordered' explains the score itself"),
        ({}, {"model": "logit"}, r"'score' has the values 1, 2, 3, 4, ….*Pass top_box="),
        ({}, {"model": "logit", "top_box": 6}, "'score' runs from 1 to 5, so top_box=6 does not"),
        ({"score": range(300)}, {"model": "ordered"}, "'score' has 300 different values"),
        ({"score": "good"}, {"model": "logit", "top_box": 4}, "not numeric: score"),
        ({"score": np.inf}, {"model": "logit", "top_box": 4}, "'score' is infinite in 300 of 300"),
        ({"c": lambda rows: rows["score"] == 5}, {"model": "ordered"}, "^c tell"),
    ],
)
def test_refusals_name_the_column(change, settings, words):
    with pytest.raises(ModelError, match=words):
        fit(frame=answers().assign(**change), **settings)


def test_too_few_rows_for_the_levels_are_refused():
    with pytest.raises(ModelError, match=r"10 complete rows do not suffice for 5 .* 5 levels"):
        fit(frame=pd.concat([answers().groupby("score").head(2)]), cluster=None)


def test_several_drivers_that_separate_together_are_named():
    frame = answers()
    frame["c"] = frame["high"] * 2 + frame["d"]
    with pytest.raises(ModelError, match=r"^c, d tell levels of 'high' apart"):
        fit("logit", "high", frame)
