"""What must hold of any fit: parts sum, units and order do not matter, refusals name columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxanalysis.drivers import DriverFit, fit_drivers
from cxanalysis.errors import ModelError

# Every example is two fits with their bootstraps, so the long run too tries fewer than elsewhere.
EXAMPLES = 60 if settings.default.max_examples > 100 else 12
checked = settings(max_examples=EXAMPLES, deadline=None)
CLOSE = 1e-8  # sums of squares in another order or in other units
REPLICATES = 8

Blocks = dict[str, dict[str, list[str]]]


@st.composite
def studies(draw: st.DrawFn) -> tuple[pd.DataFrame, Blocks]:
    """Answers with correlated drivers of several kinds, cut into two or three sets of groups."""
    sizes = draw(
        st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3), min_size=2, max_size=3)
    )
    seed, customers = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([30, 60, 10_000]))
    rng = np.random.default_rng(seed)
    p = sum(map(sum, sizes))
    n = 20 * p + 40
    x = rng.normal(size=(n, p)) + rng.normal(size=(n, 1)) * rng.choice([0.0, 1.0, -1.0], size=p)
    x[:, ::3] = np.round(x[:, ::3])
    frame = pd.DataFrame(x, columns=[f"x{number}" for number in range(p)])
    frame["score"] = x @ rng.normal(size=p) + rng.normal(size=n) * rng.choice([0.5, 5.0])
    frame["customer_id"] = rng.integers(customers, size=n)
    names = iter(frame.columns)
    blocks = {
        name: {
            f"group {place}": [next(names) for _ in range(size)]
            for place, size in enumerate(groups)
        }
        for name, groups in zip(("service", "journey", "price"), sizes, strict=False)
    }
    return frame, blocks


def fit_of(frame: pd.DataFrame, blocks: Blocks, **settings_: object) -> DriverFit:
    return fit_drivers(frame, "score", blocks, **{"replicates": REPLICATES, **settings_})  # type: ignore[arg-type]


def columns_of(blocks: Blocks) -> list[str]:
    return [name for groups in blocks.values() for names in groups.values() for name in names]


def assert_alike(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """The same rows and figures, in whatever order the rows come."""
    pd.testing.assert_frame_equal(one, other.loc[one.index], rtol=CLOSE, atol=CLOSE)


@checked
@given(studies())
def test_shares_sum_to_everything_accounted_for(study: tuple[pd.DataFrame, Blocks]) -> None:
    fit = fit_of(*study)
    importance = fit.importance()
    sets = importance.xs("all", level="group")
    whole = {"raw": fit.r_squared, "estimate": fit.r_squared_adjusted}
    for figure, r_squared in whole.items():
        assert sets["shapley", figure].sum() == pytest.approx(r_squared, abs=CLOSE)
        assert sets["share", figure].sum() == pytest.approx(1, abs=CLOSE)
        groups = importance.drop(index="all", level="group")["shapley", figure]
        sums = groups.groupby("set").sum()
        np.testing.assert_allclose(sums[sets.index], sets["shapley", figure], atol=CLOSE)
    parts = sets["unique", "raw"] + sets["shared", "raw"]
    np.testing.assert_allclose(parts, sets["total", "raw"], atol=CLOSE)


@checked
@given(studies(), st.randoms(use_true_random=False))
def test_order_of_columns_groups_and_sets_does_not_matter(
    study: tuple[pd.DataFrame, Blocks], random: object
) -> None:
    def mixed(items: list) -> list:
        return random.sample(items, len(items))  # type: ignore[attr-defined]

    frame, blocks = study
    turned = {
        name: {group: mixed(blocks[name][group]) for group in mixed(list(blocks[name]))}
        for name in mixed(list(blocks))
    }
    one, other = fit_of(frame, blocks), fit_of(frame[mixed(list(frame))], turned)
    assert_alike(one.importance(), other.importance())
    assert_alike(one.tidy().set_index("term"), other.tidy().set_index("term"))


@checked
@given(studies(), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_units_do_not_matter(
    study: tuple[pd.DataFrame, Blocks], factor: float, shift: float
) -> None:
    frame, blocks = study
    moved = frame.copy()
    columns = columns_of(blocks)
    moved[columns] = frame[columns] * factor + shift
    moved["score"] = 3 - frame["score"] / factor
    one, other = fit_of(frame, blocks), fit_of(moved, blocks)
    pd.testing.assert_frame_equal(one.importance(), other.importance(), rtol=1e-6, atol=1e-6)
    expected = -one.tidy()["estimate"] / factor**2
    np.testing.assert_allclose(other.tidy()["estimate"], expected, rtol=1e-6)


@checked
@given(studies())
def test_customers_of_one_answer_each_equal_no_customers(
    study: tuple[pd.DataFrame, Blocks],
) -> None:
    frame, blocks = study
    one = fit_of(frame.assign(customer_id=np.arange(len(frame))), blocks)
    other = fit_of(frame, blocks, cluster=None)
    assert one.cov_type == other.cov_type == "HC3"
    pd.testing.assert_frame_equal(one.tidy(), other.tidy())
    pd.testing.assert_frame_equal(one.importance(), other.importance())


@checked
@given(studies(), st.floats(0.01, 100), st.booleans())
def test_equal_weights_equal_no_weights(
    study: tuple[pd.DataFrame, Blocks], weight: float, repeated: bool
) -> None:
    frame, blocks = study
    cluster = "customer_id" if repeated else None
    one = fit_of(frame, blocks, cluster=cluster)
    other = fit_of(frame.assign(size=weight), blocks, cluster=cluster, weights="size")
    assert other.design_effect == pytest.approx(one.design_effect, rel=CLOSE)
    assert_alike(one.importance(), other.importance())
    numbers = ["estimate", "std_error", "p_value"]
    assert_alike(one.tidy()[numbers], other.tidy()[numbers])


@checked
@given(studies())
def test_a_set_of_one_group_has_the_share_of_that_group(
    study: tuple[pd.DataFrame, Blocks],
) -> None:
    frame, blocks = study
    merged = {name: {"one": columns_of({name: groups})} for name, groups in blocks.items()}
    whole = fit_of(frame, merged).importance()
    sets, groups = whole.xs("all", level="group"), whole.xs("one", level="group")
    pd.testing.assert_frame_equal(sets, groups)
    # How a set is divided inside does not change what it has as a whole.
    divided = fit_of(frame, blocks).importance().xs("all", level="group")
    raw = [(quantity, "raw") for quantity in ("total", "unique", "shared", "shapley", "share")]
    pd.testing.assert_frame_equal(sets[raw], divided[raw], rtol=CLOSE, atol=CLOSE)


@checked
@given(studies(), st.floats(-5, 5), st.data())
def test_what_follows_from_other_columns_is_left_out_with_their_names(
    study: tuple[pd.DataFrame, Blocks], factor: float, data: st.DataObject
) -> None:
    frame, blocks = study
    names = data.draw(st.permutations(columns_of(blocks)))[:2]
    frame = frame.assign(more=frame[names[0]] + (factor + 6) * frame[names[-1]], still=factor)
    last = {**blocks, "last": {"group": ["more", "still"]}}
    with pytest.raises(ModelError) as refused:
        fit_of(frame, last)  # a set of nothing else
    assert all(name in str(refused.value) for name in ("'last'", "more", "still", *names))
    name = list(blocks)[-1]
    fit = fit_of(frame, {**blocks, name: {**blocks[name], "more": ["more", "still"]}})
    more, still = fit.left_out
    assert (more.column, still.column) == ("more", "still")
    assert more.reason == f"follows from {', '.join(sorted(names, key=columns_of(blocks).index))}"
    assert still.reason == f"{factor:g} in all {len(frame)} rows"
    assert list(fit.tidy()["term"]) == columns_of(blocks)


@checked
@given(studies(), st.sampled_from([np.inf, -np.inf, np.nan]), st.data())
def test_a_column_without_usable_values_is_named(
    study: tuple[pd.DataFrame, Blocks], value: float, data: st.DataObject
) -> None:
    frame, blocks = study
    name = data.draw(st.sampled_from(columns_of(blocks)))
    with pytest.raises(ModelError, match=rf"\b{name}\b"):
        fit_of(frame.assign(**{name: value}), blocks)


@checked
@given(studies())
def test_no_rows_and_one_customer_are_refused_with_their_column(
    study: tuple[pd.DataFrame, Blocks],
) -> None:
    frame, blocks = study
    with pytest.raises(ModelError, match=r"no rows.*'score'"):
        fit_of(frame[:0], blocks)
    with pytest.raises(ModelError, match="'customer_id'"):
        fit_of(frame.assign(customer_id="the only one"), blocks)
