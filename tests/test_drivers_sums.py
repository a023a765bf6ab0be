"""Fits made of sums in the engine: those of rows in memory, and those of statsmodels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import statsmodels.api as sm

from cxanalysis.config import Engine as EngineSettings
from cxanalysis.diagnostics import diagnose
from cxanalysis.drivers import (
    DriverFit,
    fit_drivers,
    in_rows,
    portions,
    robustness_values,
    share_sensitivity,
    shelf,
    summed,
    thinned,
)
from cxanalysis.drivers.covariance import left_out_basis, left_out_scores
from cxanalysis.drivers.moments import GROUPS, Moments
from cxanalysis.engine import Engine
from cxanalysis.errors import EngineError, ModelError
from cxanalysis.narrative.caveats import paragraph_of

REFERENCE = Path(__file__).parent / "reference"
SAME = 1e-8  # what two ways of summing may differ by, of coefficients, R² and errors
BLOCKS = {
    "service": {"help": ["a", "b"], "wait": ["c", "twice"]},
    "journey": {"buy": ["d", "copy", "nothing"], "use": ["e"]},
}
SMALL = 40  # groups of clusters, in tests where they are fewer than clusters
NUMBERS = ["estimate", "std_error", "statistic", "conf_low", "conf_high", "correlation", "vif"]


def answers(rows: int = 1500, customers: int = 400, seed: int = 5) -> pd.DataFrame:
    """Some customers answer often, some rows have no customer, one column is far from zero."""
    rng = np.random.default_rng(seed)
    customer = (customers * rng.uniform(size=rows) ** 2).astype(int)
    frame = pd.DataFrame(rng.normal(size=(rows, 5)), columns=list("abcde"))
    frame = frame + rng.normal(size=(rows, 1))
    habit = rng.normal(size=customers)[customer]
    frame["score"] = 5e4 + frame[["a", "d", "e"]].sum(axis=1) + habit + rng.normal(size=rows)
    frame["a"] += 1e6
    frame["b"] = (frame["b"] > 1.5) * 1.0
    frame["twice"] = 2 * frame["c"] - frame["b"]
    frame["copy"], frame["nothing"] = frame["d"], 7.0
    frame["size"] = rng.uniform(0.2, 3, rows)
    frame["customer_id"] = [f"c{number}" for number in customer]
    frame.loc[::60, "customer_id"] = None
    frame.loc[::97, "c"] = np.nan
    return frame.assign(response_id=[f"r{number}" for number in range(rows)])


def lazy(frame: pd.DataFrame) -> nw.LazyFrame:
    return Engine().register(frame)


def both(frame: pd.DataFrame, weights: str | None = None) -> tuple[DriverFit, DriverFit]:
    settings = {"weights": weights, "replicates": 200}
    return (
        fit_drivers(frame, "score", BLOCKS, **settings),
        fit_drivers(lazy(frame), "score", BLOCKS, **settings),
    )


@pytest.fixture
def few_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    set_groups(monkeypatch, SMALL)


def set_groups(monkeypatch: pytest.MonkeyPatch, groups: int) -> None:
    monkeypatch.setattr(summed, "GROUPS", groups)


def assert_same_figures(rows: DriverFit, sums: DriverFit) -> None:
    """Everything but what is drawn by chance."""
    assert sums.left_out == rows.left_out
    assert sums.blocks == rows.blocks
    for name in NUMBERS:
        np.testing.assert_allclose(sums.tidy()[name], rows.tidy()[name], rtol=SAME, err_msg=name)
    drawn = {"r_squared_low", "r_squared_high"}
    ours, theirs = (fit.glance().drop(columns=list(drawn)) for fit in (sums, rows))
    pd.testing.assert_frame_equal(ours, theirs, rtol=SAME)
    for figure in ("raw", "estimate"):
        one, other = (
            fit.importance().xs(figure, axis="columns", level="figure") for fit in (sums, rows)
        )
        np.testing.assert_allclose(one, other, rtol=SAME, atol=SAME)
    statistics = [fit.tests()[["statistic", "df_num", "df_denom"]] for fit in (sums, rows)]
    np.testing.assert_allclose(*statistics, rtol=SAME)
    np.testing.assert_allclose(sums.composites()["estimate"], rows.composites()["estimate"])
    np.testing.assert_allclose(sums.classical, rows.classical, rtol=SAME)
    for columns in (["a"], ["b"], ["b", "c"]):
        assert sums.customers_with(columns) == rows.customers_with(columns)
    pd.testing.assert_frame_equal(*(robustness_values(fit, ["b", "e"]) for fit in (sums, rows)))


@pytest.mark.parametrize("weights", [None, "size"])
@pytest.mark.parametrize("groups", [GROUPS, SMALL])
def test_sums_give_the_fit_of_the_rows(
    groups: int, weights: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_groups(monkeypatch, groups)
    assert_same_figures(*both(answers(), weights))


@pytest.mark.parametrize("size", [1, 7, 64])
def test_no_customer_is_divided_between_two_portions(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxanalysis.engine.batches.ROWS_AT_ONCE", 16)
    monkeypatch.setattr(portions, "ROWS_AT_ONCE", size)
    monkeypatch.setattr(shelf, "ROWS_AT_ONCE", size)
    assert_same_figures(*both(answers(300, 60)))


def test_rows_that_do_not_fit_in_memory_are_put_by_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxanalysis.engine.batches.ROWS_AT_ONCE", 100)
    monkeypatch.setattr(portions, "ROWS_AT_ONCE", 100)
    monkeypatch.setattr(shelf, "HELD", 30_000)
    frame = answers()
    rows = fit_drivers(frame, "score", BLOCKS, replicates=200)
    asked = Engine(EngineSettings(spill_folder=str(tmp_path))).register(frame)
    assert_same_figures(rows, fit_drivers(asked, "score", BLOCKS, replicates=200))
    assert list(tmp_path.iterdir()) == []
    gone = EngineSettings(spill_folder=str(tmp_path / "gone"))
    with pytest.raises(EngineError, match="put by in a file: No such file or directory"):
        fit_drivers(Engine(gone).register(frame), "score", BLOCKS)


def test_names_are_told_apart_at_any_length() -> None:
    names = ["", "a", "b", "12345678", "123456789", "x" * 15 + "1", "x" * 15 + "2", "é" * 40]
    column = pa.array([*names, None, "x" * 8])
    keys = portions._hashed(column)
    assert len(set(keys[:-2].tolist())) == len(names)
    np.testing.assert_array_equal(portions._hashed(column[3:6]), keys[3:6])
    spread = portions._hashed(pa.array([f"C{number}" for number in range(20_000)]))
    numbers = portions._hashed(pa.array(range(20_000)))
    for found in (spread, numbers):
        counts = np.bincount(portions.groups_of(found, 100), minlength=100)
        assert np.sum((counts - 200) ** 2 / 200) == pytest.approx(99, abs=5 * np.sqrt(2 * 99))


@pytest.mark.parametrize(("customers", "scheme"), [(60, "signed"), (5, "none")])
def test_floors_of_unequal_customers_are_those_of_rows(customers: int, scheme: str) -> None:
    rng = np.random.default_rng(8)
    sizes = np.arange(1, customers + 1) * 10
    customer = np.repeat(np.arange(customers), sizes)
    habits = rng.normal(size=(customers, 6))[customer]
    frame = pd.DataFrame(habits + rng.normal(size=habits.shape), columns=[*"abcde", "score"])
    frame["customer_id"] = customer
    blocks = {"service": {"s": ["a", "b"]}, "journey": {"j": ["c", "d", "e"]}}
    rows, sums = (fit_drivers(each, "score", blocks) for each in (frame, lazy(frame)))
    assert set(rows.floor()["method"]) == set(sums.floor()["method"]) == {scheme}
    ours, theirs = (fit._split.chance(999)[1].mean(axis=0) for fit in (sums, rows))
    np.testing.assert_allclose(ours, theirs, rtol=0.15)  # three standard errors of the draws


def test_rows_without_clusters_each_stand_by_themselves() -> None:
    frame = answers().drop(columns="customer_id")
    rows, sums = both(frame)
    assert sums.cov_type == "HC3"
    assert sums.design_effect == 1.0
    assert_same_figures(rows, sums)
    assert len(sums.design.sums.groups) > 1000  # of 1,484 rows, by chance


def alike_without_names() -> pd.DataFrame:
    """Rows without a name, of which each says what a hundred others say."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.integers(0, 5, 4000), "d": rng.integers(0, 2, 4000)})
    return frame.assign(score=np.clip(3 + frame["a"] - rng.integers(0, 4, 4000), 1, 5))


def group_sizes(frame: nw.LazyFrame) -> np.ndarray:
    blocks = {"service": {"s": ["a"]}, "journey": {"j": ["d"]}}
    fit = fit_drivers(frame, "score", blocks, cluster=None)
    return np.asarray(fit.design.sums.groups[:, 0, 0])


def test_equal_rows_of_many_portions_do_not_fall_into_one_group(
    few_groups: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "ROWS_AT_ONCE", 200)
    monkeypatch.setattr("cxanalysis.engine.batches.ROWS_AT_ONCE", 200)
    # Of 100 rows on average, thrown by chance; twenty equal ones together would spread by 45.
    assert group_sizes(lazy(alike_without_names())).std() < 20


def test_many_columns_are_told_apart_by_more_than_one_word() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame((rng.uniform(size=(400, 64)) < 0.05) * 1.0).add_prefix("x")
    frame["score"] = frame["x1"] + rng.normal(size=400)
    frame["customer_id"] = rng.integers(200, size=400)
    blocks = {"service": {"s": [f"x{n}" for n in range(35)]}}
    blocks["journey"] = {"j": [f"x{n}" for n in range(35, 64)]}
    rows, sums = (fit_drivers(each, "score", blocks) for each in (frame, lazy(frame)))
    for columns in (["x0"], ["x63"], ["x3", "x62"], list(frame.columns[:64])):
        assert sums.customers_with(columns) == rows.customers_with(columns)


def statsmodels_of(frame: pd.DataFrame, weights: str | None, **settings: object) -> object:
    used = frame.dropna(subset=["c"])
    names = ["a", "b", "c", "d", "e"]
    size = 1.0 if weights is None else used[weights]
    # Centred: of a column about 1,000,000 statsmodels loses half of the digits of its errors.
    x = sm.add_constant(used[names] - used[names].mean())
    groups = pd.factorize(used["customer_id"])[0]
    alone = groups < 0
    groups[alone] = groups.max() + 1 + np.arange(alone.sum())
    if settings.get("cov_type") == "cluster":
        settings["cov_kwds"] = {"groups": groups, "use_correction": False}
    return sm.WLS(used["score"], x, size).fit(**settings)


@pytest.mark.parametrize("weights", [None, "size"])
def test_figures_are_those_of_statsmodels(weights: str | None, few_groups: None) -> None:
    frame = answers()
    sums = both(frame, weights)[1]
    plain = statsmodels_of(frame, weights)
    tidy = sums.tidy().set_index("term")
    np.testing.assert_allclose(tidy["estimate"], plain.params[tidy.index], rtol=SAME)
    np.testing.assert_allclose(sums.classical, plain.bse[tidy.index], rtol=SAME)
    assert sums.r_squared == pytest.approx(plain.rsquared, rel=SAME)
    clustered = statsmodels_of(frame, weights, cov_type="cluster")
    errors = sums._split.errors_by(sums.design.clusters.plain)
    np.testing.assert_allclose(errors, clustered.bse[tidy.index], rtol=SAME)


def test_scores_without_their_own_cluster_are_sums_over_its_rows() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, 4))
    x[:, 3] = np.arange(60) == 7  # only one row knows of it
    basis, residual = np.linalg.qr(x)[0], rng.normal(size=60)
    starts = np.r_[np.arange(0, 20), np.arange(20, 40, 2), 40, 46]
    rows = left_out_basis(basis, starts) * residual[:, None]
    expected = np.add.reduceat(rows, starts)
    np.testing.assert_allclose(left_out_scores(basis, residual, starts), expected, atol=1e-12)


def test_hc3_is_that_of_statsmodels() -> None:
    frame = answers().assign(customer_id=None)
    tidy = both(frame)[1].tidy().set_index("term")
    np.testing.assert_allclose(
        tidy["std_error"], statsmodels_of(frame, None, cov_type="HC3").bse[tidy.index], rtol=SAME
    )


@pytest.mark.parametrize("name", ["Longley", "Wampler1", "Wampler2", "Wampler3"])
def test_certified_digits_are_reached(name: str) -> None:
    content = json.loads((REFERENCE / "nist_strd_linear.json").read_text())["data"][name]
    if name == "Longley":
        frame = pd.DataFrame(content["rows"], columns=content["columns"])
        frame = frame.rename(columns={"TOTEMP": "y"})
    else:
        x = np.arange(21.0)
        powers = {f"x{power}": x**power for power in range(1, 6)}
        frame = pd.DataFrame({"y": np.array(content["y"], dtype=float), **powers})
    drivers = [column for column in frame if column != "y"]
    blocks = {"service": {"one": drivers[:2]}, "rest": {"two": drivers[2:]}}
    fit = fit_drivers(lazy(frame), "y", blocks, cluster=None)
    certified, tolerance = content["certified"], content["float64_tol_relative"]
    np.testing.assert_allclose(fit.tidy()["estimate"], certified["b"][1:], rtol=tolerance)
    errors = certified["se"][1:]
    np.testing.assert_allclose(fit.classical, errors, rtol=tolerance, atol=1e-8)
    assert fit.r_squared == pytest.approx(certified["r2"], rel=tolerance)


def test_samples_of_groups_spread_as_samples_of_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    groups, studies = 100, 8
    set_groups(monkeypatch, groups)
    lengths = []
    for seed in range(studies):
        frame = answers(2000, 1000, seed)
        fits = [fit_drivers(each, "score", BLOCKS, replicates=300) for each in (frame, lazy(frame))]
        rows, sums = (fit.importance()["share"].loc["service"] for fit in fits)
        lengths.append(
            (sums["conf_high"] - sums["conf_low"]) / (rows["conf_high"] - rows["conf_low"])
        )
    ratios = np.array(lengths)
    # By chance of the groups, and a little of the samples, of each and of the mean of studies.
    single = np.sqrt(1 / (2 * groups) + 2 * 0.052**2)
    assert np.abs(ratios - 1).max() < 4 * single
    assert np.abs(ratios.mean(axis=0) - 1).max() < 3 * single / np.sqrt(studies)


def test_groups_are_the_same_whatever_the_order_of_the_rows(few_groups: None) -> None:
    frame = answers()
    one = fit_drivers(lazy(frame), "score", BLOCKS, replicates=20)
    other = fit_drivers(lazy(frame[::-1]), "score", BLOCKS, replicates=20)
    pd.testing.assert_frame_equal(one.importance(), other.importance(), rtol=SAME)


def test_floors_are_those_of_outcomes_dealt_anew() -> None:
    # As many answers of each, so that nobody's stay in place.
    frame = answers(6000).assign(customer_id=[f"c{number // 2}" for number in range(6000)])
    frame = frame.dropna(subset="c")
    habit = np.random.default_rng(1).normal(size=3000)
    frame["score"] += habit[frame["customer_id"].str[1:].astype(int)]
    rows, sums = both(frame, "size")
    ours, theirs = (fit._split.chance(999)[1].mean(axis=0) for fit in (sums, rows))
    np.testing.assert_allclose(ours, theirs, rtol=0.15)  # three standard errors of the draws
    np.testing.assert_array_equal(sums.floor()["p_value"], rows.floor()["p_value"])


def test_a_block_that_adds_nothing_is_seldom_found_by_groups(few_groups: None) -> None:
    rng = np.random.default_rng(3)
    p_values = []
    for _ in range(25):
        frame = pd.DataFrame(rng.normal(size=(200, 4)), columns=list("abcd"))
        customer = rng.integers(100, size=200)
        frame["score"] = frame["a"] + rng.normal(size=100)[customer] + rng.normal(size=200)
        frame["customer_id"] = customer
        blocks = {"service": {"s": ["a", "b"]}, "journey": {"j": ["c", "d"]}}
        fit = fit_drivers(lazy(frame), "score", blocks)
        p_values.append(fit.tests()["p_value"][2])
    assert np.mean(np.array(p_values) < 0.05) < 0.18  # 0.05 + 3 standard errors
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.175)


def broken(change: Callable[[pd.DataFrame], object]) -> pd.DataFrame:
    frame = answers(200)
    change(frame)
    return frame


@pytest.mark.parametrize(
    "frame",
    [
        broken(lambda frame: frame.__setitem__("score", 3.0)),
        broken(lambda frame: frame.__setitem__("a", "text")),
        broken(lambda frame: frame.__setitem__("customer_id", "one")),
        broken(lambda frame: frame.__setitem__("c", np.nan)),
        broken(lambda frame: frame.__setitem__("d", frame["d"].replace(frame["d"][5], np.inf))),
        broken(lambda frame: frame.pop("e")),
        broken(lambda frame: frame.__setitem__("b", frame["b"].where(frame.index < 6))),
        broken(lambda frame: [frame.__setitem__(name, 1.0) for name in ["d", "copy", "e"]]),
        answers(200).head(0),
    ],
)
def test_what_rows_are_refused_for_sums_are_refused_for(frame: pd.DataFrame) -> None:
    with pytest.raises(ModelError) as rows:
        fit_drivers(frame, "score", BLOCKS)
    with pytest.raises(ModelError) as sums:
        fit_drivers(lazy(frame), "score", BLOCKS)
    assert str(sums.value) == str(rows.value)


@pytest.mark.parametrize(
    ("value", "what"), [(np.nan, "missing"), (np.inf, "infinite"), (-1.0, "negative")]
)
def test_unfit_weights_are_refused(value: float, what: str) -> None:
    frame = answers(200)
    frame.loc[3, "size"] = value
    with pytest.raises(ModelError, match=f"'size' are {what} in 1 of 200 rows"):
        fit_drivers(lazy(frame), "score", BLOCKS, weights="size")


def test_rows_of_weight_zero_are_left_out() -> None:
    frame = answers()
    frame.loc[::3, "size"] = 0.0
    rows, sums = both(frame, "size")
    assert sums.n_dropped == rows.n_dropped > 500
    assert_same_figures(rows, sums)


def test_logits_want_rows() -> None:
    with pytest.raises(ModelError, match="model 'logit' cannot be had of a lazy frame"):
        fit_drivers(lazy(answers()), "score", BLOCKS, model="logit", top_box=5e4)


def test_frames_of_other_engines_are_refused() -> None:
    class Other:
        implementation = nw.Implementation.DASK

        def to_native(self) -> None:
            return None

    from cxanalysis.engine.batches import fold

    with pytest.raises(EngineError, match="cannot be reduced"):
        fold(Other(), lambda batches, _: list(batches))  # type: ignore[arg-type]


def test_statsmodels_and_rows_are_refused_and_a_part_of_the_rows_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thinned, "SAMPLE_ROWS", 500)
    rows, sums = both(answers(), "size")
    for name in ("statsmodels", "rows"):
        with pytest.raises(ModelError, match="made of sums in the engine"):
            getattr(sums, name)
    assert in_rows(rows) is rows
    drawn = in_rows(sums)
    assert 300 < drawn.n < 700
    assert drawn.weights == "size"
    assert drawn.n_clusters < rows.n_clusters
    with_all = pd.merge(
        pd.DataFrame(drawn.rows.x), pd.DataFrame(rows.rows.x), how="left", indicator=True
    )
    assert (with_all["_merge"] == "both").all()
    pd.testing.assert_frame_equal(drawn.tidy(), in_rows(both(answers(), "size")[1]).tidy())


def test_what_needs_rows_says_of_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinned, "SAMPLE_ROWS", 600)
    sums = both(answers())[1]
    (caveat,) = [each for each in diagnose(sums) if each.code == "some_rows"]
    assert caveat.facts["of"] == sums.n
    assert "drawn by chance, out of 1,484 answers" in paragraph_of(caveat)
    curve = share_sensitivity(sums, [0.0])
    assert curve["kish_n"].iloc[0] == caveat.facts["n"]


def test_where_all_rows_are_drawn_nothing_is_said_of_a_part() -> None:
    assert not [each for each in diagnose(both(answers())[1]) if each.code == "some_rows"]


def test_sums_about_different_centres_are_put_together() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(1e5, 1.0, size=(50, 3))
    parts = []
    for some, centre in ((rows[:20], rows[0]), (rows[20:], rows[49])):
        z = np.column_stack([np.ones(len(some)), some - centre])
        part = Moments.empty(3)
        part.centre, part.groups = centre, {7: z.T @ z}
        parts.append(part)
    found = Moments.empty(3)
    for part in parts:
        found.add(part)
    z = np.column_stack([np.ones(50), rows - rows[0]])
    np.testing.assert_allclose(found.table[0], z.T @ z, rtol=1e-12)


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    pytest.importorskip("pyspark", exc_type=ImportError)
    yield Engine(EngineSettings(name="spark", master="local[2]"))


@pytest.mark.parametrize("weights", [None, "size"])
def test_spark_gives_the_fit_of_duckdb(
    spark: Engine, weights: str | None, few_groups: None
) -> None:
    frame = answers()
    ours, theirs = (
        fit_drivers(each, "score", BLOCKS, weights=weights, replicates=50)
        for each in (lazy(frame), spark.register(frame))
    )
    assert_same_figures(ours, theirs)
    pd.testing.assert_frame_equal(ours.importance(), theirs.importance(), rtol=1e-9)
    pd.testing.assert_frame_equal(ours.tests(), theirs.tests(), rtol=1e-9)
    pd.testing.assert_frame_equal(ours.floor(), theirs.floor(), rtol=1e-9)
    pd.testing.assert_frame_equal(in_rows(ours).tidy(), in_rows(theirs).tidy(), rtol=1e-9)


def test_equal_rows_of_several_workers_do_not_fall_into_one_group(
    spark: Engine, few_groups: None
) -> None:
    assert group_sizes(spark.register(alike_without_names())).std() < 20
