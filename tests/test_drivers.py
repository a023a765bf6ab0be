"""The fit against published numbers, its refusals, and what it says of sets and groups."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxanalysis.drivers import LeftOut, fit_drivers
from cxanalysis.drivers.blocktest import _wald_of_signed, block_tests
from cxanalysis.drivers.covariance import cluster_covariance, left_out_basis
from cxanalysis.drivers.floor import _alike, _deal, chance_r2, scheme_of
from cxanalysis.drivers.resample import Sampling, replicate_covariances
from cxanalysis.errors import ModelError
from cxanalysis.importance import (
    QUANTITIES,
    adjust_optimism,
    partition_r2,
    shapley_r2,
    subset_r2,
)

REFERENCE = Path(__file__).parent / "reference"
REFERENCE_TOLERANCE = 1e-10  # the tolerance the reference files state
CLOSE = 1e-9  # two orders of floating-point sums

BLOCKS = {"service": {"help": ["a", "b"], "wait": ["c"]}, "journey": {"buy": ["d"], "use": ["e"]}}


def some_answers(n=240, customers=120, seed=5):
    rng = np.random.default_rng(seed)
    customer = rng.integers(customers, size=n)
    frame = pd.DataFrame(rng.normal(size=(n, 5)) + rng.normal(size=(n, 1)), columns=list("abcde"))
    habit = rng.normal(size=customers)[customer]
    frame["score"] = frame[["a", "d", "e"]].sum(axis=1) + habit + rng.normal(size=n)
    frame["size"] = rng.uniform(0.2, 3, n)
    return frame.assign(customer_id=[f"c{number}" for number in customer])


def fit_some(frame=None, **settings):
    frame = some_answers() if frame is None else frame
    return fit_drivers(frame, "score", BLOCKS, **{"replicates": 100, **settings})


def swiss():
    content = json.loads((REFERENCE / "swiss_relaimpo.json").read_text())["data"]
    return pd.DataFrame(content["rows"], columns=content["columns"])


def fit_swiss():
    names = swiss().columns[1:]
    blocks = {"service": {"one": list(names[:2])}, "journey": {"two": list(names[2:])}}
    return fit_drivers(swiss(), "Fertility", blocks, cluster=None)


def test_hc3_equals_sandwich_on_swiss():
    expected = json.loads((REFERENCE / "swiss_hc.json").read_text())["expected"]
    fit = fit_swiss()
    assert fit.cov_type == "HC3"
    tidy = fit.tidy()
    np.testing.assert_allclose(tidy["estimate"], expected["coef"][1:], atol=REFERENCE_TOLERANCE)
    np.testing.assert_allclose(tidy["std_error"], expected["hc3"][1:], atol=REFERENCE_TOLERANCE)


def nist(name):
    content = json.loads((REFERENCE / "nist_strd_linear.json").read_text())["data"][name]
    if name == "Longley":
        frame = pd.DataFrame(content["rows"], columns=content["columns"])
        return frame.rename(columns={"TOTEMP": "y"}), content
    if name == "Filip":
        y, x = np.array(content["y_x"]).T
    else:
        y, x = np.array(content["y"]), np.arange(21.0)
    powers = range(1, len(content["certified"]["b"]))
    return pd.DataFrame({"y": y, **{f"x{power}": x**power for power in powers}}), content


def fit_nist(name):
    frame, content = nist(name)
    drivers = [column for column in frame if column != "y"]
    blocks = {"service": {"one": drivers[:2]}, "rest": {"two": drivers[2:]}}
    return fit_drivers(frame, "y", blocks, cluster=None), content


@pytest.mark.parametrize("name", ["Longley", *(f"Wampler{number}" for number in range(1, 6))])
def test_certified_digits_are_reached(name):
    fit, content = fit_nist(name)
    certified, tolerance = content["certified"], content["float64_tol_relative"]
    np.testing.assert_allclose(fit.tidy()["estimate"], certified["b"][1:], rtol=tolerance)
    # An exact fit leaves rounding of the outcome, which runs into millions.
    np.testing.assert_allclose(fit.statsmodels.bse, certified["se"], rtol=tolerance, atol=1e-8)
    assert fit.r_squared == pytest.approx(certified["r2"], rel=tolerance)


def test_powers_that_can_hardly_be_told_apart_are_left_out_by_name():
    fit, content = fit_nist("Filip")
    assert [item.column for item in fit.left_out] == ["x8", "x10"]
    assert fit.left_out[0].reason == "follows from x1, x2, x3, x4, x5, x6, x7"
    assert fit.r_squared < content["certified"]["r2"]  # so the fit is not the certified one


@pytest.mark.parametrize("weights", [None, "size"])
def test_cr3_is_the_jackknife_over_clusters(weights):
    frame = some_answers(60, 12)
    fit = fit_some(frame, weights=weights)
    size = frame["size"] if weights else pd.Series(1.0, frame.index)
    left_out = []
    for customer in frame["customer_id"].unique():
        rest = frame[frame["customer_id"] != customer]
        model = sm.WLS(rest["score"], sm.add_constant(rest[list("abcde")]), size[rest.index])
        left_out.append(model.fit().params)
    change = pd.DataFrame(left_out) - fit.statsmodels.params.to_numpy()
    expected = np.sqrt((change**2).sum()).to_numpy()[1:]
    np.testing.assert_allclose(fit.tidy()["std_error"], expected, rtol=CLOSE)


def test_large_clusters_take_the_short_way_to_the_same_covariance():
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(30), rng.normal(size=(30, 4))])
    starts = np.array([0, 2, 15, 21])  # clusters smaller and larger than the 5 columns
    residual = rng.normal(size=30)
    inverse = np.linalg.inv(design.T @ design)
    meat = np.zeros((5, 5))
    for rows in np.split(np.arange(30), starts[1:]):
        own = design[rows]
        hat = own @ inverse @ own.T
        score = own.T @ np.linalg.solve(np.eye(len(rows)) - hat, residual[rows])
        meat += np.outer(score, score)
    expected = inverse @ meat @ inverse
    np.testing.assert_allclose(cluster_covariance(design, residual, starts), expected, rtol=CLOSE)


def test_a_driver_only_one_customer_has_gets_a_finite_covariance():
    frame = some_answers().assign(c=0.0)
    frame.loc[3, "c"] = 1.0
    assert np.isfinite(fit_some(frame).tidy()["std_error"]).all()


def test_units_far_apart_change_nothing_but_the_units():
    frame = some_answers()
    moved = frame.assign(a=frame["a"] * 1e-6 + 1, d=frame["d"] * 1e6 + 1e9)
    fit, other = fit_some(frame), fit_some(moved)
    assert other.r_squared == pytest.approx(fit.r_squared)
    statistics = fit.tidy()["statistic"]
    np.testing.assert_allclose(other.tidy()["statistic"], statistics, rtol=1e-4)  # digits of 1e9
    np.testing.assert_allclose(other.importance(), fit.importance(), atol=1e-6)


def test_the_model_is_named_by_its_weights_unless_it_is_asked_for():
    assert fit_some().model == fit_some(model="ols").model == "ols"
    weighted = fit_some(weights="size")
    assert weighted.model == "wls"
    asked = fit_some(weights="size", model="wls")
    pd.testing.assert_frame_equal(weighted.tidy(), asked.tidy())


def test_least_squares_on_the_weighted_design_is_the_fit():
    fit = fit_some(weights="size")
    x, y = fit.design.weighted
    slopes = np.linalg.lstsq(x, y, rcond=None)[0][1:]
    in_units = slopes * fit.design.spreads[-1] / fit.design.spreads[:-1]
    np.testing.assert_allclose(in_units, fit.tidy()["estimate"], atol=CLOSE)
    assert fit.weighting == "size"


def test_missing_customers_each_stand_by_themselves():
    frame = some_answers(60, 12)
    frame.loc[:4, "customer_id"] = None
    clusters = frame["customer_id"].nunique() + 5
    assert fit_some(frame).n_clusters == clusters
    assert fit_some(frame, cluster=None).n_clusters == 60


def test_rows_with_missing_values_or_no_weight_are_dropped_and_counted():
    frame = some_answers()
    frame.loc[[0, 1], "a"] = np.nan
    frame.loc[[1, 2], "score"] = np.nan
    frame.loc[9, "size"] = 0
    before = frame.copy()
    fit = fit_some(frame, weights="size")
    assert (fit.n, fit.n_dropped) == (236, 4)
    pd.testing.assert_frame_equal(frame, before)


def test_left_out_columns_are_named_with_their_reason():
    frame = some_answers()
    frame["none"] = 0.0
    frame["copy"] = frame["a"]
    frame["sum"] = frame["b"] - 2 * frame["d"]
    blocks = {
        "service": {"help": ["a", "b", "none"]},
        "journey": {"buy": ["copy", "d", "e", "sum"]},
    }
    fit = fit_drivers(frame, "score", blocks)
    assert fit.left_out == (
        LeftOut("none", "0 in all 240 rows", "constant"),
        LeftOut("copy", "same as a", "duplicate", ("a",)),
        LeftOut("sum", "follows from b, d", "dependent", ("b", "d")),
    )
    assert fit.blocks == {"service": {"help": ("a", "b")}, "journey": {"buy": ("d", "e")}}
    assert repr(fit) == f"DriverFit(score ~ 4 drivers, n=240, R²={fit.r_squared:.2f})"


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        ({"b": np.inf}, {}, "'b' is infinite in 240 of 240 rows"),
        ({"b": "good"}, {}, "not numeric: b"),
        ({"score": 3.0}, {}, "outcome 'score' is 3 in all 240"),
        ({"d": 1.0, "e": 2.0}, {}, r"set 'journey' .* d \(1 in all 240 rows\); e \(2"),
        ({"e": np.nan}, {}, r"none of 240 rows .* e \(240\)"),
        ({"size": -1.0}, {"weights": "size"}, "'size' are negative in 240 of 240"),
        ({"size": np.nan}, {"weights": "size"}, "'size' are missing in 240 of 240"),
        ({"size": np.inf}, {"weights": "size"}, "'size' is infinite"),
        ({}, {"cluster": "customer"}, "no column 'customer' .* Did you mean 'customer_id'"),
        ({"customer_id": "me"}, {}, "all 240 .* the same 'customer_id'.* cluster=None"),
        ({}, {"model": "ologit"}, "no model 'ologit'. Available: ols, wls"),
        ({}, {"model": "ols", "weights": "size"}, "'ols' takes no weights.* model='wls'"),
        ({}, {"model": "wls"}, "'wls' needs weights="),
        ({}, {"replicates": 0}, "replicates=0: give at least 1"),
        ({}, {"weights": "raked"}, r"weights=response_weights\(study, 'raked'\)"),
    ],
)
def test_refusals_name_the_column(change, settings, words):
    with pytest.raises(ModelError, match=words):
        fit_some(some_answers().assign(**change), **settings)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (["a", "a"], "a more than once"),
        (["a", "score"], "'score' is the outcome"),
        (["a", "price"], "no column 'price'"),
    ],
)
def test_blocks_that_cannot_be_are_refused(groups, words):
    with pytest.raises(ModelError, match=words):
        fit_drivers(some_answers(), "score", {"service": {"x": groups}, "journey": {"y": ["e"]}})


@pytest.mark.parametrize(
    "blocks",
    [{}, {"service": ["a"]}, {"a": "contacted"}, {"a": {"b": "c"}}, ["a"]],
)
def test_blocks_of_another_shape_are_refused_with_an_example(blocks):
    with pytest.raises(ModelError, match=r"sets, in them groups.*\{'service': \{'waiting'") as why:
        fit_drivers(some_answers(), "score", blocks)
    assert str(why.value).endswith(f"It is {blocks!r}.")


def test_a_frame_without_rows_is_refused():
    with pytest.raises(ModelError, match="no rows, so 'score' cannot be explained"):
        fit_some(some_answers().iloc[:0])


def test_too_few_rows_are_refused():
    with pytest.raises(ModelError, match="6 complete rows do not suffice for 5 drivers"):
        fit_some(some_answers(6, 6))


def test_importance_has_a_row_per_set_and_group_and_raw_figures_from_plain_r2():
    frame = some_answers()
    fit = fit_some(frame)
    importance = fit.importance()
    assert list(importance.index) == [
        ("service", "all"),
        ("service", "help"),
        ("service", "wait"),
        ("journey", "all"),
        ("journey", "buy"),
        ("journey", "use"),
    ]
    assert list(importance.columns.levels[1]) == ["conf_high", "conf_low", "estimate", "raw"]
    raw = importance.xs("raw", axis=1, level="figure")
    sets = shapley_r2(
        frame[list("abcde")].to_numpy(), frame["score"].to_numpy(), [[0, 1, 2], [3, 4]]
    )
    np.testing.assert_allclose(raw.xs("all", level="group")["shapley"], sets, atol=CLOSE)
    assert sets.sum() == pytest.approx(fit.r_squared, abs=CLOSE)


@pytest.mark.parametrize("figure", ["raw", "estimate"])
def test_groups_sum_to_their_set_and_shares_to_one(figure):
    rows = fit_some().importance().xs(figure, axis=1, level="figure")
    sets = rows.xs("all", level="group")
    groups = rows.drop(index="all", level="group").groupby("set")["shapley"].sum()
    np.testing.assert_allclose(groups[sets.index], sets["shapley"], atol=CLOSE)
    assert sets["share"].sum() == pytest.approx(1)


def test_sets_sum_to_the_adjusted_r2_of_the_glance():
    fit = fit_some()
    glance = fit.glance().iloc[0]
    sets = fit.importance().xs("all", level="group")
    assert sets["shapley", "estimate"].sum() == pytest.approx(glance["r_squared_adjusted"])
    expected = adjust_optimism(np.array(fit.r_squared), fit.n, 5, fit.design_effect)
    assert glance["r_squared_adjusted"] == pytest.approx(expected)
    assert glance["r_squared_low"] < glance["r_squared_adjusted"] < glance["r_squared_high"]


def test_with_independent_rows_the_adjustment_is_the_usual_one():
    fit = fit_some(cluster=None)
    assert fit.design_effect == 1
    adjusted = fit.glance().iloc[0]["r_squared_adjusted"]
    assert adjusted == pytest.approx(fit.statsmodels.rsquared_adj)


def test_repeating_every_row_within_its_cluster_doubles_the_design_effect():
    frame = some_answers().assign(customer_id=range(240))
    once = fit_some(frame, weights="size").design_effect
    twice = fit_some(pd.concat([frame, frame]), weights="size").design_effect
    # The residual degrees of freedom go from n − 6 to 2n − 6.
    assert twice == pytest.approx(2 * once * (480 - 6) / (480 - 12))


def test_bootstrap_resamples_whole_clusters_and_is_seeded():
    fit = fit_some()
    again = fit_some()
    pd.testing.assert_frame_equal(fit.importance(), again.importance())
    pd.testing.assert_frame_equal(fit.tests(), again.tests())
    assert not fit.draws.equals(fit_some(seed=1).draws)


def test_replicates_equal_refits_on_the_drawn_clusters():
    frame = some_answers(60, 25).sort_values("customer_id", kind="stable")
    table = frame[[*"abcde", "score"]].to_numpy()
    weights = frame["size"].to_numpy()
    starts = np.flatnonzero(~frame["customer_id"].duplicated().to_numpy())
    sampling = Sampling(weights, starts, frame.index)
    covariance = next(replicate_covariances(table, sampling, 3, seed=4))[2]
    drawn = np.random.default_rng(4).integers(len(starts), size=(3, len(starts)))[2]
    pieces = np.split(np.arange(60), starts[1:])
    rows = np.concatenate([pieces[cluster] for cluster in drawn])
    expected = np.cov(table[rows].T, aweights=weights[rows], ddof=0)
    np.testing.assert_allclose(covariance, expected, rtol=CLOSE)


def test_portions_of_rows_do_not_change_the_replicates(monkeypatch):
    sampling = Sampling(np.ones(40), np.arange(0, 40, 4), pd.RangeIndex(40))
    arguments = (np.random.default_rng(0).normal(size=(40, 3)), sampling)
    whole = np.concatenate(list(replicate_covariances(*arguments, 5, seed=1)))
    monkeypatch.setattr("cxanalysis.drivers.resample.ROWS_AT_ONCE", 3)
    monkeypatch.setattr("cxanalysis.drivers.resample.PORTION", 2)
    np.testing.assert_allclose(
        np.concatenate(list(replicate_covariances(*arguments, 5, seed=1))), whole
    )


def test_draws_are_the_service_sets_contrasts():
    draws = fit_some().draws
    assert list(draws.columns) == ["S", "N", "share", "r_squared"]
    assert len(draws) == 100
    # With two sets the Shapley share lies midway between the two contrasts.
    np.testing.assert_allclose(draws["share"], (draws["S"] + draws["N"]) / 2)


def test_covariances_of_the_fit_and_of_its_resamples_are_those_behind_its_figures():
    fit = fit_some()
    assert subset_r2(fit.cross, [range(5)])[1] == pytest.approx(fit.r_squared, abs=CLOSE)
    plain = np.concatenate([subset_r2(some, [range(5)])[:, 1] for some in fit.resampled_cross()])
    once = adjust_optimism(plain, fit.n, 5, fit.design_effect)
    twice = adjust_optimism(once, fit.n, 5, fit.design_effect)
    np.testing.assert_allclose(twice, fit.draws["r_squared"], rtol=CLOSE)


def test_fewer_than_twenty_clusters_give_no_interval():
    fit = fit_some(some_answers(240, 19))
    importance = fit.importance()
    assert importance.xs("conf_low", axis=1, level="figure").isna().all().all()
    assert importance.xs("estimate", axis=1, level="figure").notna().all().all()
    assert fit.draws.empty
    assert fit.composites()["conf_low"].isna().all()
    assert fit.summary()["blocks"]["service"]["share"]["conf_low"] is None


def test_groups_are_told_apart_only_from_twenty_rows_per_driver():
    assert fit_some(some_answers(100)).groups_shown
    fit = fit_some(some_answers(99))
    assert not fit.groups_shown
    assert list(fit.importance().index) == [("service", "all"), ("journey", "all")]
    assert len(fit.tests()) == len(fit.composites()) == 2


def test_weights_scale_does_not_matter_and_their_values_do():
    frame = some_answers()
    fit = fit_some(frame, weights="size")
    scaled = fit_some(frame.assign(size=frame["size"] * 7), weights="size")
    pd.testing.assert_frame_equal(fit.importance(), scaled.importance())
    assert fit.r_squared != pytest.approx(fit_some(frame).r_squared)
    assert fit.weights == "size"


def test_whole_weights_of_clusters_equal_repeated_rows():
    frame = some_answers().assign(size=np.arange(240) % 3 + 1.0)
    repeated = frame.loc[frame.index.repeat(frame["size"].astype(int))]
    columns = ["estimate", "std_error"]
    pd.testing.assert_frame_equal(
        fit_some(frame, weights="size").tidy()[columns], fit_some(repeated).tidy()[columns]
    )


def test_a_block_that_adds_nothing_is_told_from_one_that_does():
    tests = fit_some().tests().set_index(["set", "group"])
    assert tests.loc[("journey", "use"), "p_holm"] < 0.01
    assert tests.loc[("service", "wait"), "p_holm"] > 0.05
    assert (tests["p_holm"] >= tests["p_value"]).all()
    assert tests["method"].str.contains("wild").all()


def test_many_clusters_with_a_common_block_use_the_f_distribution():
    fit = fit_some(some_answers(1100), cluster=None)
    test = fit.tests().set_index("group").loc["help"]
    table = np.array(fit.statsmodels.params[["a", "b"]])
    robust = fit.statsmodels.get_robustcov_results("HC3").cov_params()[1:3, 1:3]
    assert test["method"] == "Wald, CR3"
    assert test["statistic"] == pytest.approx(table @ np.linalg.solve(robust, table) / 2)


def test_a_rare_block_is_tested_by_bootstrap_however_many_clusters():
    frame = some_answers(1100)
    frame["c"] = np.where(np.arange(1100) < 40, frame["c"], 0.0)
    tests = fit_some(frame, cluster=None).tests().set_index("group")
    assert "wild" in tests.loc["wait", "method"]
    assert tests.loc["help", "method"] == "Wald, CR3"


def test_the_wild_bootstrap_holds_its_level_with_few_clusters():
    rng = np.random.default_rng(8)
    rejected = 0
    for seed in range(60):
        design = np.column_stack([np.ones(60), np.repeat(rng.normal(size=(10, 2)), 6, axis=0)])
        y = np.repeat(rng.normal(size=10), 6) + rng.normal(size=60)
        (test,) = block_tests(design, y, np.arange(0, 60, 6), [[1, 2]], [10], seed)
        rejected += test.p_value < 0.05
    assert rejected <= 8  # 5 % of 60 is 3; more than 8 has probability under 1 %


def test_composite_of_one_driver_is_its_standardised_effect_with_sign():
    frame = some_answers().assign(score=lambda answers: answers["score"] - 4 * answers["c"])
    fit = fit_some(frame)
    composites = fit.composites().set_index("group")
    expected = fit.statsmodels.params["c"] * frame["c"].std(ddof=0)
    assert composites.loc["wait", "estimate"] == pytest.approx(expected)
    assert composites.loc["wait", "conf_high"] < 0
    fitted = frame[["a", "b"]] @ fit.statsmodels.params[["a", "b"]]
    assert composites.loc["help", "estimate"] == pytest.approx(fitted.std(ddof=0))


def test_a_composite_of_several_drivers_has_no_interval_which_could_leave_it_out():
    composites = fit_some().composites()
    several = composites["n_columns"] > 1
    assert composites.loc[several, ["conf_low", "conf_high"]].isna().all(axis=None)
    single = composites[~several]
    assert single["estimate"].between(single["conf_low"], single["conf_high"]).all()


def test_summary_is_plain_json():
    fit = fit_some()
    summary = json.loads(json.dumps(fit.summary(), allow_nan=False))
    assert summary["n"] == 240
    assert (summary["measure"], summary["weights"], summary["replicates"]) == ("R²", None, 100)
    assert summary["design_effect"] == fit.design_effect == fit.glance()["design_effect"][0]
    assert summary["partition"]["service"] == {"help": ["a", "b"], "wait": ["c"]}
    assert set(summary["blocks"]) == {"service", "journey"}
    assert list(summary["blocks"]["journey"]) == list(QUANTITIES)
    share = fit.importance().loc[("service", "all"), ("share", "estimate")]
    assert summary["blocks"]["service"]["share"]["estimate"] == pytest.approx(share)


def test_adjusted_estimate_is_the_split_of_adjusted_subsets():
    frame = some_answers()
    fit = fit_some(frame, cluster=None)
    cross = frame[[*"abcde", "score"]].cov().to_numpy()
    split = partition_r2(
        cross,
        [[[0, 1], [2]], [[3], [4]]],
        lambda r2, sizes: 1 - (1 - r2) * 239 / (239 - sizes),
    )
    estimate = fit.importance().xs("estimate", axis=1, level="figure")
    np.testing.assert_allclose(estimate, split, atol=CLOSE)


def test_parts_are_the_quantities_divided_by_everything_accounted_for():
    fit = fit_some()
    importance, parts, glance = fit.importance(), fit.parts(), fit.glance().iloc[0]
    everything = {"raw": glance["r_squared"], "estimate": glance["r_squared_adjusted"]}
    for quantity in ("total", "unique", "shared", "shapley"):
        for figure, r_squared in everything.items():
            column = (quantity, figure)
            np.testing.assert_allclose(parts[column], importance[column] / r_squared, atol=CLOSE)
    np.testing.assert_allclose(
        parts["shapley"].to_numpy(), importance["share"].to_numpy(), atol=CLOSE
    )
    service = parts.loc[("service", "all"), "total"]
    expected = fit.draws["S"].quantile([0.025, 0.975])
    np.testing.assert_allclose(service[["conf_low", "conf_high"]], expected)


def test_difference_has_an_interval_of_its_own():
    fit = fit_some()
    difference = fit.difference(("journey", "all"), ("service", "all"))
    assert difference["estimate"] == pytest.approx(
        fit.importance().loc[("journey", "all"), ("share", "estimate")] * 2 - 1
    )
    # With two sets the shares sum to one, so the difference is one minus twice the second's.
    expected = (1 - 2 * fit.draws["share"]).quantile([0.025, 0.975])
    np.testing.assert_allclose(difference[["conf_low", "conf_high"]], expected)


def test_difference_takes_the_name_of_a_set_and_refuses_rows_that_are_not_there():
    fit = fit_some()
    pairs = fit.difference(("service", "all"), ("journey", "all"))
    pd.testing.assert_series_equal(fit.difference("service", "journey"), pairs)
    with pytest.raises(ModelError, match=r"no row \('servise', 'all'\).* mean 'service'"):
        fit.difference("servise", "journey")
    with pytest.raises(ModelError, match=r"\('journey', 'used'\).* mean 'use'.* all, buy, use"):
        fit.difference("service", ("journey", "used"))


def test_floor_tells_a_block_that_goes_with_the_outcome_from_one_that_does_not():
    rng = np.random.default_rng(3)
    frame = some_answers().assign(c=rng.normal(size=240))
    fit = fit_some(frame, replicates=400)
    floor = fit.floor().set_index("group")
    total = fit.importance()["total", "estimate"].droplevel("set")
    assert total["use"] > floor.loc["use", "floor"]
    assert floor.loc["use", "p_value"] < 0.01
    assert total["wait"] < floor.loc["wait", "floor"]
    assert floor.loc["wait", "p_value"] > 0.05


def test_floor_does_not_depend_on_the_bootstrap_replicates():
    few, many = fit_some(replicates=20), fit_some(replicates=2000)
    pd.testing.assert_frame_equal(few.floor(), many.floor())


def test_dealing_outcomes_keeps_customers_whole():
    starts = np.array([0, 2, 4, 7, 10, 11])
    origin = np.empty(12)
    _deal(np.random.default_rng(1), _alike(starts, 12), np.arange(12.0), origin)
    assert sorted(origin) == list(range(12))
    assert {tuple(origin[:2]), tuple(origin[2:4])} == {(0, 1), (2, 3)}
    assert {tuple(origin[4:7]), tuple(origin[7:10])} == {(4, 5, 6), (7, 8, 9)}


def test_chance_r2_is_that_of_a_regression_on_the_dealt_outcome():
    rng = np.random.default_rng(6)
    table, weights, starts = rng.normal(size=(30, 4)), rng.uniform(0.5, 2, 30), np.arange(0, 30, 2)
    found = chance_r2(table, weights, starts, [[0], [1, 2]], 3, seed=9)
    dealer = np.random.default_rng(9)
    for r2 in found:
        outcome = np.empty(30)
        _deal(dealer, _alike(starts, 30), table[:, -1], outcome)
        model = sm.WLS(outcome, sm.add_constant(table[:, 1:3]), weights).fit()
        assert r2[1] == pytest.approx(model.rsquared)


def test_chance_r2_of_unlike_customers_is_that_of_outcomes_signed_anew():
    rng = np.random.default_rng(6)
    starts = np.cumsum(np.arange(12))
    n = starts[-1] + 12
    table, weights = rng.normal(size=(n, 4)), rng.uniform(0.5, 2, n)
    assert scheme_of(weights, starts) == "signed"
    found = chance_r2(table, weights, starts, [[0], [1, 2]], 2, seed=9)
    signs = np.random.default_rng(9).choice([-1.0, 1.0], size=(2, 12))
    owner = np.repeat(np.arange(12), np.arange(1, 13))
    others = [np.average(table[owner != g, -1], weights=weights[owner != g]) for g in owner]
    for r2, sign in zip(found, signs, strict=True):
        outcome = (table[:, -1] - others) * sign[owner]
        model = sm.WLS(outcome, sm.add_constant(table[:, 1:3]), weights).fit()
        assert r2[1] == pytest.approx(model.rsquared)


@pytest.mark.parametrize(
    ("sizes", "scheme"),
    [
        ([3] * 5, "dealt"),  # one size: exact however few
        ([1] * 40 + [2] * 40 + [9], "dealt"),
        (range(1, 31), "signed"),
        ([1] * 30 + [40] * 10 + [41, 42], "signed"),
        ([200] + [1] * 200, "none"),
    ],
)
def test_outcomes_change_sign_where_too_few_customers_are_of_one_size(sizes, scheme):
    ends = np.cumsum(list(sizes))
    assert scheme_of(np.ones(ends[-1]), np.append(0, ends[:-1])) == scheme


def sized_answers(sizes, seed=5):
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    frame = pd.DataFrame(rng.normal(size=(len(owner), 2)), columns=["a", "b"])
    mood = rng.normal(size=len(sizes))[owner]
    return frame.assign(y=frame["a"] + mood, customer_id=owner)


def test_a_link_shows_though_no_two_customers_have_as_many_answers():
    frame = sized_answers(range(1, 31))
    blocks = {"service": {"s": ["a"]}, "journey": {"j": ["b"]}}
    floor = fit_drivers(frame, "y", blocks, replicates=20).floor().set_index(["set", "group"])
    assert (floor["method"] == "signed").all()
    assert floor.loc[("service", "all"), "p_value"] == 0.001
    assert floor.loc[("service", "all"), "floor"] < 0.2
    assert floor.loc[("journey", "all"), "p_value"] > 0.05


BOTH_SETS = {"service": {"s": ["a"]}, "journey": {"j": ["b"]}}


def test_one_customer_with_half_of_the_answers_leaves_no_limits():
    fit = fit_drivers(sized_answers([200] + [1] * 200), "y", BOTH_SETS, replicates=20)
    assert fit.n_clusters == 201
    assert fit.n_effective_clusters == pytest.approx(400**2 / (200**2 + 200))
    assert fit.draws.empty
    assert np.isnan(fit.glance()["r_squared_low"].iloc[0])


def test_customers_alike_count_fully():
    fit = fit_drivers(sized_answers([3] * 20), "y", BOTH_SETS, replicates=20)
    glance = fit.glance().iloc[0]
    assert (glance["kish_n"], glance["n_effective_clusters"]) == pytest.approx((60, 20))
    assert len(fit.draws) == 20


def test_one_huge_weight_makes_many_answers_few():
    frame = sized_answers([1] * 400).assign(w=[5000.0, *np.ones(399)])
    fit = fit_drivers(frame, "y", BOTH_SETS, weights="w", replicates=20)
    assert fit.kish_n == pytest.approx(5399**2 / (5000**2 + 399))
    assert fit.draws.empty


def test_no_floor_where_one_customer_has_half_of_the_answers():
    frame = sized_answers([200] + [1] * 200)
    blocks = {"service": {"s": ["a"]}, "journey": {"j": ["b"]}}
    floor = fit_drivers(frame, "y", blocks, replicates=20).floor()
    assert (floor["method"] == "none").all()
    assert floor[["floor", "p_value", "p_holm"]].isna().all(axis=None)


def test_answers_without_a_customer_column_stand_by_themselves():
    fit = fit_some(some_answers().drop(columns="customer_id"))
    assert fit.n_clusters == fit.n == 240
    assert fit.cov_type == "HC3"


def test_portions_of_clusters_do_not_change_a_block_test(monkeypatch):
    fit = fit_some()
    monkeypatch.setattr("cxanalysis.drivers.blocktest.SCORES_AT_ONCE", 10_000)
    pd.testing.assert_frame_equal(fit.tests(), fit_some().tests(), rtol=CLOSE)


def test_a_wild_replicate_is_the_wald_statistic_of_the_resampled_outcome():
    frame = some_answers(60, 15).sort_values("customer_id", kind="stable")
    design = np.column_stack([np.ones(60), frame[list("abcde")]])
    starts = np.flatnonzero(~frame["customer_id"].duplicated().to_numpy())
    y = frame["score"].to_numpy()
    signs = np.random.default_rng(2).choice([-1.0, 1.0], size=len(starts))
    sizes = np.diff(starts, append=60)
    rest = design[:, [0, 3, 4, 5]]
    fitted = rest @ np.linalg.lstsq(rest, y, rcond=None)[0]
    resampled = fitted + (y - fitted) * np.repeat(signs, sizes)

    def statistic(outcome):
        slopes = np.linalg.lstsq(design, outcome, rcond=None)[0]
        covariance = cluster_covariance(design, outcome - design @ slopes, starts)[1:3, 1:3]
        return slopes[1:3] @ np.linalg.solve(covariance, slopes[1:3]) / 2

    basis, triangle = np.linalg.qr(design)
    own = np.linalg.solve(triangle, basis.T)[1:3]
    to_scores = np.linalg.solve(triangle, left_out_basis(basis, starts).T).T[:, 1:3]
    wald = _wald_of_signed(basis, own, to_scores, y - fitted, starts)
    found = wald(np.column_stack([np.ones(len(starts)), signs]))
    np.testing.assert_allclose(found, [statistic(y), statistic(resampled)], rtol=CLOSE)


def test_terms_come_with_their_plain_correlation_and_inflation():
    frame = some_answers().assign(b=lambda answers: answers["a"] - 0.3 * answers["b"])
    terms = fit_some(frame, weights="size").tidy().set_index("term")
    table = frame[[*"abcde", "score"]].to_numpy()
    correlation = np.cov(table.T, aweights=frame["size"])
    root = np.sqrt(np.diag(correlation))
    correlation /= np.outer(root, root)
    np.testing.assert_allclose(terms["correlation"], correlation[:5, 5], rtol=CLOSE)
    # VIF is 1 / (1 − R²) of a driver on the others.
    others = sm.WLS(frame["b"], sm.add_constant(frame[list("acde")]), frame["size"]).fit()
    assert terms.loc["b", "vif"] == pytest.approx(1 / (1 - others.rsquared))


def test_terms_are_adjusted_for_their_number_inside_their_set():
    terms = fit_some().tidy().set_index("term")
    p = terms.loc[list("abc"), "p_value"].sort_values()
    steps = (p * 3 / np.arange(1, 4))[::-1].cummin()[::-1]  # Benjamini and Hochberg
    np.testing.assert_allclose(terms.loc[p.index, "p_bh"], steps)


def test_how_many_replicates_are_split_at_once_changes_nothing(monkeypatch):
    whole = fit_some().importance()
    monkeypatch.setattr("cxanalysis.drivers.linear.UNIONS_AT_ONCE", 1)
    pd.testing.assert_frame_equal(fit_some().importance(), whole)


def test_rows_that_go_together_are_too_few_where_as_many_independent_ones_would_be():
    rng = np.random.default_rng(0)
    customer = np.repeat(np.arange(15), 4)
    drivers = {f"x{i}": rng.normal(size=15)[customer] + rng.normal(size=60) / 10 for i in range(12)}
    frame = pd.DataFrame(drivers).assign(
        y=rng.normal(size=15)[customer] + rng.normal(size=60) / 10,
        customer_id=[f"c{number}" for number in customer],
    )
    blocks = {"service": {"a": list(drivers)[:6]}, "journey": {"b": list(drivers)[6:]}}
    with pytest.raises(ModelError, match=r"60 complete rows tell as much as \d+ independent ones"):
        fit_drivers(frame, "y", blocks, replicates=20)
    assert fit_drivers(frame, "y", blocks, cluster=None, replicates=20).r_squared_adjusted < 1
