"""Who the silent are: worth, ratings and leaving, counted by hand."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxanalysis.config import StudyConfig
from cxanalysis.metrics.intervals import mean_interval, wilson
from cxanalysis.metrics.silent_losses import losses_gap, silent_losses
from cxanalysis.metrics.silent_traits import silent_gaps, silent_traits
from cxanalysis.metrics.skewed import Moments, skewed_difference, skewed_mean
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers
WELCH = 1e-6  # the bend of a symmetric sample is lost in rounding


def instants(*texts: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(texts, dtype="object"), utc=True, format="ISO8601")


# In October a and b do neither, c answers, d and e open a ticket (and e answers too).
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": list("abcde"),
        "active_from": instants(*["2025-01-01"] * 5),
        "active_to": instants(None, "2026-10-20", None, None, "2026-10-30"),
        "value": [100.0, 300.0, 200.0, 50.0, 350.0],
        "region": ["north", "north", "north", "south", "south"],
    }
)
TICKETS = pd.DataFrame(
    {
        "ticket_id": ["t1", "t2", "t3"],
        "customer_id": ["d", "e", "x"],
        "opened_at": instants("2026-10-05", "2026-10-06", "2026-06-01"),
    }
)
SURVEYS = pd.DataFrame(
    {
        "customer_id": ["c", "e", "x"],
        "responded_at": instants("2026-10-07", "2026-10-08", "2026-06-01"),
        "nps": [9.0, 3.0, 5.0],
    }
)
JOURNEYS = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b", "d", "d", "e"],
        "occurred_at": instants(*["2026-10-02"] * 5, "2026-11-30"),
        "stage": ["use"] * 6,
        "touchpoint": ["app"] * 6,
        "rating": [2.0, 4.0, 3.0, 5.0, nan, 1.0],
        "promised_at": instants("2026-10-10", "2026-10-10", "2026-10-10", "2026-10-10", None, None),
        "fulfilled_at": instants(
            "2026-10-09", "2026-10-11", "2026-10-10", "2026-10-20", None, None
        ),
    }
)
ALL = {"customers": CUSTOMERS, "tickets": TICKETS, "surveys": SURVEYS, "journeys": JOURNEYS}


def study(
    period: str = "2026-10", frames: dict[str, pd.DataFrame] | None = None, **config
) -> Study:
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 1 + 1}} | config
    base = study_of(StudyConfig.model_validate(content), ALL if frames is None else frames)
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period))


def traits(made: Study) -> pd.DataFrame:
    return silent_traits(made).set_index(["group", "metric"])


def test_silent_are_worth_the_sum_of_their_values() -> None:
    table = traits(study())
    assert table.loc[("neither", "value_mean"), "value"] == pytest.approx(200, abs=EXACT)
    assert table.loc[("neither", "value_median"), "value"] == pytest.approx(200, abs=EXACT)
    assert table.loc[("neither", "value_share"), "value"] == pytest.approx(400 / 1000, abs=EXACT)
    assert table.loc[("neither", "value_share"), "n"] == 2
    assert isnan(table.loc[("answer only", "value_mean"), "value"])
    assert table.loc[("answer only", "value_mean"), "note"] == "withheld: fewer than 2"


def test_ratings_and_promises_belong_to_the_group_of_their_customer() -> None:
    table = traits(study())
    rating = table.loc[("neither", "rating")]
    assert (rating["value"], rating["n"]) == (pytest.approx(3), 2)
    kept = table.loc[("neither", "promises_kept")]  # a kept one of two, b the only one
    assert (kept["value"], kept["n"]) == (pytest.approx(2 / 3, abs=EXACT), 2)
    assert table.loc[("both", "rating"), "note"] == "nothing to count"  # e's touch came later


def test_columns_that_are_not_there_are_named() -> None:
    bare = {"customers": CUSTOMERS.drop(columns="value"), "tickets": TICKETS, "surveys": SURVEYS}
    notes = traits(study(frames=bare))["note"].loc["neither"]
    assert notes["value_mean"] == "needs customers.value"
    assert notes["rating"] == "needs journeys"
    assert silent_gaps(study(frames=bare)).empty
    nobody = traits(study(frames={"tickets": TICKETS, "surveys": SURVEYS}))
    assert nobody["note"].str.startswith("needs a customers table").all()


def test_values_below_nothing_have_no_share() -> None:
    frames = ALL | {"customers": CUSTOMERS.assign(value=[-5.0, 1.0, 2.0, 3.0, 4.0])}
    row = traits(study(frames=frames)).loc[("neither", "value_share")]
    assert isnan(row["value"])
    assert "below 0" in row["note"]


def test_gap_is_between_the_silent_and_everyone_heard() -> None:
    table = silent_gaps(study()).set_index("metric")
    assert table.loc["value_mean", ["silent", "heard"]].tolist() == [
        pytest.approx(200),
        pytest.approx(200),
    ]
    assert table.loc["value_mean", ["n", "n_heard"]].tolist() == [2, 3]
    assert table.loc["value_mean", "difference"] == pytest.approx(0, abs=EXACT)
    assert (table["p_adjusted"] >= table["p_value"]).all()
    assert "rating" not in table.index  # only d of the heard rated in the period


def test_segment_narrows_who_is_compared() -> None:
    north = traits(study().among("region=north"))
    assert north.loc[("neither", "value_share"), "value"] == pytest.approx(400 / 600, abs=EXACT)


# --- leaving -------------------------------------------------------------------------------

# 60 days before October begin on 2 August; f was heard then, g joined within them.
LEAVERS = pd.DataFrame(
    {
        "customer_id": list("abcdefg"),
        "active_from": instants(*["2025-01-01"] * 6, "2026-09-01"),
        "active_to": instants(
            "2026-10-01", "2026-10-20", None, "2026-09-29", "2026-10-31", None, "2026-10-05"
        ),
    }
)
BEFORE = pd.DataFrame(
    {
        "customer_id": ["e", "f", "b", "x", "x"],
        "opened_at": instants("2026-09-30", "2026-08-02", "2026-10-01", "2026-06-01", "2026-11-09"),
    }
)
ANSWERS = pd.DataFrame(
    {"customer_id": ["x", "a"], "responded_at": instants("2026-06-01", "2026-10-01T12:00:00Z")}
)
LOSSES = {"customers": LEAVERS, "tickets": BEFORE, "surveys": ANSWERS}
SIXTY = {"model": {"lookback_days": 60}}


def losses(period: str = "2026-10", frames: dict[str, pd.DataFrame] | None = None) -> pd.DataFrame:
    return silent_losses(study(period, frames or LOSSES, **SIXTY)).set_index("metric")


def test_leaving_is_counted_from_the_period_on_and_silence_before_it() -> None:
    table = losses()
    # Silent before October: a, b, c; g had not been there for 60 days, d left before.
    row = table.loc["lost_silent"]
    assert (row["value"], row["n"]) == (pytest.approx(2 / 3, abs=EXACT), 3)
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(list(wilson(2, 3)))
    # Heard: e left on the last day of October, which is over with the period; f stayed.
    row = table.loc["lost_heard"]
    assert (row["value"], row["n"]) == (pytest.approx(1 / 2, abs=EXACT), 2)
    gap = losses_gap(silent_losses(study("2026-10", LOSSES, **SIXTY)))
    assert gap is not None
    assert gap.low < 2 / 3 - 1 / 2 < gap.high


def test_those_who_left_are_looked_up_in_the_days_before_their_last() -> None:
    table = losses()
    # a answered on the last day, b wrote 19 days before, e 31 days before, g was not heard.
    row = table.loc["lost_without_ticket"]
    assert (row["value"], row["n"]) == (pytest.approx(2 / 4), 4)
    assert table.loc["lost_unheard", "value"] == pytest.approx(1 / 4)


def test_those_who_stayed_are_looked_up_in_as_many_days_before_the_end() -> None:
    table = losses()
    # c and f stayed: neither was heard in the last 60 days of October.
    assert table.loc["kept_without_ticket", ["value", "n"]].tolist() == [1, 2]
    written = LOSSES | {"tickets": BEFORE.assign(customer_id=["e", "f", "c", "x", "x"])}
    answered = {"customer_id": ["x", "f"], "responded_at": ANSWERS["responded_at"]}
    table = losses(frames=written | {"surveys": pd.DataFrame(answered)})
    assert table.loc["kept_without_ticket", ["value", "n"]].tolist() == [0.5, 2]
    assert table.loc["kept_unheard", "value"] == 0


def test_leavers_before_the_records_are_left_out_and_counted() -> None:
    late = LOSSES | {"tickets": BEFORE[BEFORE["opened_at"] > "2026-09-01"]}
    table = losses(frames=late)
    assert table.loc["lost_silent", "note"] == "needs records of the 60 days before"
    assert isnan(table.loc["lost_silent", "value"])
    assert "4 customers who left too early" in table.loc["lost_without_ticket", "note"]
    assert table.loc["kept_without_ticket", "n"] == 0  # nor are the last 60 days on record
    assert losses_gap(silent_losses(study("2026-10", late, **SIXTY))) is None


def test_without_a_last_day_leaving_is_not_known() -> None:
    frames = LOSSES | {"customers": LEAVERS.drop(columns="active_to")}
    assert set(losses(frames=frames)["note"]) == {"needs customers.active_to"}
    assert set(losses(frames={"tickets": BEFORE})["note"].str[:23]) == {"needs a customers table"}


# --- means of skewed amounts ---------------------------------------------------------------


def moments(values: np.ndarray) -> Moments:
    sums = tuple(float((values**power).sum()) for power in (1, 2, 3))
    return Moments.of_sums(len(values), sums)  # type: ignore[arg-type]


def test_without_skewness_limits_are_those_of_welch_and_of_student() -> None:
    first, second = np.arange(1.0, 20), np.arange(3.0, 60, 2)
    result = stats.ttest_ind(first, second, equal_var=False)
    found = skewed_difference(moments(first), moments(second))
    assert list(found[:2]) == pytest.approx(list(result.confidence_interval()), rel=WELCH)
    assert found.p_value == pytest.approx(result.pvalue, rel=WELCH)
    alone = mean_interval(float(first.mean()), float(first.std(ddof=1)), len(first))
    assert list(skewed_mean(moments(first))) == pytest.approx(list(alone), rel=WELCH)


def test_long_tail_to_the_right_lets_the_upper_limit_reach_further() -> None:
    amounts = np.exp(np.random.default_rng(4).normal(0, 1, 60))
    low, high = skewed_mean(moments(amounts))
    assert high - amounts.mean() > amounts.mean() - low
    compared = skewed_difference(moments(amounts), moments(amounts[:30]))
    assert compared.low < amounts.mean() - amounts[:30].mean() < compared.high


def test_p_value_and_limits_agree_about_zero() -> None:
    rng = np.random.default_rng(5)
    for shift in (0.0, 0.3, 0.6):
        found = skewed_difference(
            moments(rng.lognormal(shift, 1, 80)), moments(rng.lognormal(0, 1, 90))
        )
        assert (found.p_value < 0.05) == (not found.low <= 0 <= found.high)


def test_origin_of_the_sums_does_not_matter_and_one_amount_has_no_limits() -> None:
    values = np.array([5.0, 7.0, 30.0])
    apart = values - 12
    sums = tuple(float((apart**power).sum()) for power in (1, 2, 3))
    again = Moments.of_sums(3, sums, 12.0)  # type: ignore[arg-type]
    assert [again.mean, again.square, again.cube] == pytest.approx(
        [14, values.var(), float(((values - 14) ** 3).mean())]
    )
    assert all(isnan(limit) for limit in skewed_mean(moments(values[:1])))
    assert isnan(skewed_difference(moments(values[:1]), moments(values)).p_value)
