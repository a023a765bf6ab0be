"""How long is too long: bins, shares by the wait, giving up, handling; counted by hand."""

from __future__ import annotations

from math import exp, inf, isnan, log, sqrt

import numpy as np
import pandas as pd
import pytest
import scipy
from statsmodels.duration.survfunc import SurvfuncRight

from cxanalysis.config import StudyConfig
from cxanalysis.metrics.intervals import wilson
from cxanalysis.metrics.rows import GROUP as ROWS_GROUP
from cxanalysis.metrics.service_bins import LADDER, cuts, first_clear
from cxanalysis.metrics.service_curves import (
    QUEUE,
    REPLY,
    handling_curve,
    rating_spread,
    wait_curve,
    wait_slopes,
)
from cxanalysis.metrics.service_patience import (
    TRIED,
    abandonment_curve,
    queue,
    self_service_first,
    would_have,
)
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers
ROUND = 1e-6  # figures of another library
SIMILAR = 5e-4  # two variances that agree to the order of one case in 3,000
START = pd.Timestamp("2026-01-01", tz="UTC")


def study(
    tickets: pd.DataFrame,
    journeys: pd.DataFrame | None = None,
    service: dict[str, object] | None = None,
    **metrics: object,
) -> Study:
    settings = {
        "name": "Test",
        "tables": {},
        "service": service or {},
        "metrics": {"min_base": 2, "short_abandon_seconds": 0} | metrics,
    }
    frames = {"tickets": tickets} | ({} if journeys is None else {"journeys": journeys})
    return study_of(StudyConfig.model_validate(settings), frames)


def calls(waits: list[float], scores: list[float] | None = None, **columns: object) -> pd.DataFrame:
    """A call a minute, each by a customer of its own, with these seconds in the queue."""
    n = len(waits)
    table = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "opened_at": START + pd.to_timedelta(np.arange(n), unit="min"),
            "queue_wait_seconds": waits,
        }
        | ({} if scores is None else {"csat": scores})
    )
    return table.assign(**columns)


# --- bins ----------------------------------------------------------------------------------


def test_bins_are_cut_at_round_times_with_enough_in_each():
    times = np.array([1.0, 4, 6, 12, 40, 50, 200, 400])
    limits = cuts(times, 2, most=4)
    assert set(limits) <= set(LADDER)
    counts = np.histogram(times, [0, *limits, np.inf])[0]
    assert list(counts) == [2, 2, 2, 2]
    assert list(limits) == [5, 15, 60]


def test_equal_times_are_never_parted():
    assert list(cuts(np.full(100, 30.0), 2)) == []
    assert list(cuts(np.repeat([30.0, 31.0], 50), 2)) == []  # no round time lies between
    assert list(cuts(np.repeat([29.0, 30.0], 50), 2)) == [30]  # a bin begins with its cut


def test_no_bin_is_smaller_than_asked_for():
    assert list(cuts(np.array([1.0, 2, 3, 400]), 2)) == []
    assert list(cuts(np.array([]), 2)) == []


@pytest.mark.parametrize(("sign", "place"), [(0, 1), (1, 2), (-1, 1)])
def test_the_turn_is_the_first_bin_told_apart_in_that_direction(sign, place):
    assert first_clear([np.nan, 0.01, 0.04, 0.2], [np.nan, -0.1, 0.2, 0.3], sign) == place


def test_no_bin_told_apart_is_no_turn():
    assert first_clear([np.nan, 0.06], [np.nan, 0.5]) == 0


# --- the wait ------------------------------------------------------------------------------


def test_share_dissatisfied_by_wait_is_counted_per_bin():
    # Under 30 s: 1 of 4 rated 1 or 2; from 30 s on: 3 of 4. One without a rating counts nowhere.
    table = calls(
        [5, 10, 15, 20, 40, 50, 60, 70, 80], [5, 4, 4, 2, 1, 2, 2, 5, np.nan], channel="phone"
    )
    result = wait_curve(study(table, min_base=4))
    assert list(result["time_from"]) == [0, 30]
    assert list(result["time_to"]) == [30, inf]
    assert list(result["n"]) == [4, 4]
    assert list(result["value"]) == pytest.approx([0.25, 0.75], abs=EXACT)
    assert list(result["clock"]) == [QUEUE, QUEUE]
    assert list(result["satisfied"]) == pytest.approx([0.75, 0.25], abs=EXACT)
    assert list(result["csat"]) == pytest.approx([3.75, 2.5], abs=EXACT)
    assert result.loc[0, "spread"] == pytest.approx(np.std([5, 4, 4, 2], ddof=1), abs=EXACT)
    low, high = wilson(3, 4)
    assert result.loc[1, ["conf_low", "conf_high"]].tolist() == pytest.approx([low, high])


def test_difference_from_the_first_bin_is_newcombes_where_nobody_is_in_both():
    table = calls([1] * 40 + [100] * 40, [1] * 10 + [5] * 30 + [1] * 30 + [5] * 10)
    result = wait_curve(study(table, min_base=30))
    assert result.loc[1, "difference"] == pytest.approx(0.5, abs=EXACT)
    (l1, u1), (l2, u2) = wilson(30, 40), wilson(10, 40)
    low = 0.5 - sqrt((0.75 - l1) ** 2 + (u2 - 0.25) ** 2)
    high = 0.5 + sqrt((u1 - 0.75) ** 2 + (0.25 - l2) ** 2)
    assert result.loc[1, "difference_low"] == pytest.approx(low, abs=ROUND)
    assert result.loc[1, "difference_high"] == pytest.approx(high, abs=ROUND)
    assert result.loc[1, "p_adjusted"] < 0.05
    assert isnan(result.loc[0, "difference"])


def test_same_customers_in_both_bins_make_the_difference_narrower():
    waits, scores = [1] * 40 + [100] * 40, [1] * 10 + [5] * 30 + [1] * 20 + [5] * 20
    apart = wait_curve(study(calls(waits, scores), min_base=30)).loc[1]
    people = [f"c{i % 40}" for i in range(80)]  # each rated one short wait and one long
    paired = wait_curve(study(calls(waits, scores, customer_id=people), min_base=30)).loc[1]
    assert paired["customers"] == 40
    assert paired["difference"] == apart["difference"]
    assert paired["difference_low"] > apart["difference_low"]


def test_ratings_of_few_customers_tell_less_than_of_many():
    waits, scores = [1] * 40 + [100] * 40, ([1] * 10 + [5] * 30) * 2
    one_each = wait_curve(study(calls(waits, scores), min_base=30)).loc[0]
    people = [f"c{i // 10}" for i in range(80)]  # ten calls each, rated alike
    few = wait_curve(study(calls(waits, scores, customer_id=people), min_base=30)).loc[0]
    assert few["customers"] == 4
    assert few["conf_high"] > one_each["conf_high"]


def test_channels_without_a_queue_are_told_by_their_first_reply():
    table = calls([10, 20, np.nan, np.nan], [5, 4, 1, 2], channel=["phone"] * 2 + ["email"] * 2)
    table["first_replied_at"] = table["opened_at"] + pd.Timedelta(hours=2)
    result = wait_curve(study(table)).set_index("channel")
    assert result.loc["phone", "clock"] == QUEUE
    assert result.loc["email", "clock"] == REPLY
    assert result.loc["email", "value"] == 1.0


def test_those_who_gave_up_are_not_among_the_rated():
    table = calls([10, 20, 30], [5, 4, 1], abandoned=[False, False, True])
    assert wait_curve(study(table))["n"].tolist() == [2]


def test_scale_that_runs_the_other_way_has_its_worst_at_the_top():
    table = calls([10, 20, 30], [1, 2, 6])
    settings = {
        "columns": {"csat": {"column": "csat", "low": 1, "high": 6, "higher_is_better": False}}
    }
    config = StudyConfig.model_validate(
        {
            "name": "T",
            "tables": {"tickets": {"path": "tickets.csv"} | settings},
            "metrics": {"min_base": 2},
        }
    )
    assert wait_curve(study_of(config, {"tickets": table}))["value"].tolist() == pytest.approx(
        [1 / 3]
    )


@pytest.mark.parametrize("absent", ["csat", "queue_wait_seconds"])
def test_without_a_column_there_is_no_curve(absent):
    table = calls([10, 20, 30], [5, 4, 1]).drop(columns=absent)
    assert wait_curve(study(table)).empty
    assert wait_slopes(study(table)).empty
    assert rating_spread(study(table)).empty


@pytest.mark.parametrize("rows", [0, 1])
def test_none_and_one_rated_contact_give_no_share(rows):
    result = wait_curve(study(calls([10.0, 20.0], [5.0, 1.0]).iloc[:rows]))
    assert len(result) == rows
    assert result["value"].isna().all()


def test_curve_keeps_to_the_period():
    table = calls([10, 20, 30, 40], [5, 4, 1, 2])
    table.loc[:1, "opened_at"] = START - pd.Timedelta(days=40)
    january = study(table)
    period = parse_period("2026-01", "UTC")
    narrowed = type(january)(
        january.path, january.config, january.engine, january.tables, period=period
    )
    assert wait_curve(narrowed)["n"].tolist() == [2]


def test_ratings_at_one_wait_are_counted():
    result = rating_spread(study(calls([10, 20, 25, 28], [5, 4, 4, 2])))
    assert dict(zip(result["rating"], result["count"], strict=True)) == {2: 1, 4: 2, 5: 1}


def test_slope_is_that_of_the_logarithm_of_the_wait():
    waits = [1, 2, 4, 8, 16, 32]
    scores = [5, 4.5, 4, 3.5, 3, 2.5]  # half a point per doubling
    row = wait_slopes(study(calls(waits, scores))).iloc[0]
    assert row["estimate"] == pytest.approx(-0.5, abs=ROUND)
    assert row["n"] == 6


def test_slope_takes_customers_as_clusters():
    generator = np.random.default_rng(5)
    waits = generator.choice([1.0, 2, 4, 8, 16], 200)
    scores = generator.integers(1, 6, 200).astype(float)
    people = [f"c{i // 2}" for i in range(200)]
    row = wait_slopes(study(calls(list(waits), list(scores), customer_id=people))).iloc[0]
    x = np.log2(waits) - np.log2(waits).mean()
    slope = (x @ scores) / (x @ x)
    residual = scores - scores.mean() - slope * x
    sums = (x * residual).reshape(100, 2).sum(axis=1)
    error = sqrt((sums**2).sum() * 100 / 99 * 199 / 198) / (x @ x)
    assert row["estimate"] == pytest.approx(slope, abs=ROUND)
    reach = scipy.stats.t.ppf(0.975, 99) * error
    assert row["conf_high"] - row["estimate"] == pytest.approx(reach, abs=ROUND)


# --- giving up -----------------------------------------------------------------------------


def test_rate_is_given_up_over_minutes_waited():
    # Under 30 s: one of four gave up after 10 s; waited 10 + 30 + 30 + 30 s. From 30 s on one
    # gave up after 60 s; waited 30 + 60 + 90 s.
    table = calls([10, 60, 90, 120], abandoned=[True, True, False, False])
    result = abandonment_curve(study(table, min_base=3))
    assert list(result["time_from"]) == [0]  # four waits are too few for two bins of three
    assert result.loc[0, "per_minute"] == pytest.approx(2 / (280 / 60), abs=EXACT)
    assert result.loc[0, "given_up_by"] == 0.5
    two = abandonment_curve(study(calls([10, 12, 60, 90], abandoned=[True, False, True, False])))
    assert list(two["waiting"]) == [4, 2]
    assert list(two["gave_up"]) == [1, 1]
    cut = two.loc[0, "time_to"]
    exposed = [10 + 12 + 2 * cut, 60 + 90 - 2 * cut]
    assert list(two["per_minute"]) == pytest.approx([60 / each for each in exposed], abs=EXACT)
    assert list(two["given_up_by"]) == pytest.approx([0.25, 0.5], abs=EXACT)


def test_rate_has_poissons_interval_at_least():
    table = calls([10.0] * 5 + [20.0] * 5, abandoned=[True] + [False] * 9)
    row = abandonment_curve(study(table, min_base=10)).iloc[0]
    rate = 1 / (150 / 60)
    assert row["conf_low"] <= rate * exp(-1.96) + ROUND
    nobody = abandonment_curve(study(table.assign(abandoned=False), min_base=10)).iloc[0]
    assert (nobody["per_minute"], nobody["conf_low"]) == (0, 0)
    assert nobody["conf_high"] == pytest.approx(-log(0.025) / (150 / 60), abs=ROUND)


def test_would_have_given_up_is_kaplan_meier_with_the_answered_censored():
    # At 10 s one of five gave up, at 20 s one of four was answered, at 30 s one of three gave up.
    seconds = np.array([10.0, 20, 30, 40, 50])
    gave_up = np.array([True, False, True, False, False])
    result = would_have(seconds, gave_up, np.arange(5), np.array([10.0, 11, 31]))
    expected = [0, 1 - 4 / 5, 1 - 4 / 5 * 2 / 3]
    assert list(result["would_have"]) == pytest.approx(expected, abs=EXACT)


def test_giving_up_comes_before_an_answer_at_the_same_second():
    seconds, gave_up = np.array([10.0, 10, 20]), np.array([True, False, False])
    result = would_have(seconds, gave_up, np.arange(3), np.array([11.0]))
    assert result.loc[0, "would_have"] == pytest.approx(1 / 3, abs=EXACT)


def test_limits_are_greenwoods_where_every_customer_called_once():
    generator = np.random.default_rng(11)
    seconds, gave_up = generator.exponential(60, 3000).round(), generator.random(3000) < 0.4
    at = np.array([20.0, 60, 120])
    ours = would_have(seconds, gave_up, np.arange(3000), at)
    curve = SurvfuncRight(seconds, gave_up)
    place = np.searchsorted(curve.surv_times, at) - 1
    share = 1 - curve.surv_prob[place]
    error = curve.surv_prob_se[place]
    left = 1 - share
    reach = 1.959964 * error / (left * np.abs(np.log(left)))
    assert list(ours["would_have"]) == pytest.approx(list(share), abs=EXACT)
    assert list(ours["would_low"]) == pytest.approx(list(1 - left ** np.exp(-reach)), abs=SIMILAR)


def test_one_customer_who_calls_often_tells_less_than_many():
    seconds, gave_up = np.tile([10.0, 30.0], 100), np.tile([True, False], 100)
    many = would_have(seconds, gave_up, np.arange(200), np.array([20.0])).iloc[0]
    # Twenty customers, half of whom always give up.
    people = np.repeat(np.arange(20), 10)
    fixed = np.where(people < 10, 10.0, 30.0)
    few = would_have(fixed, fixed == 10, people, np.array([20.0])).iloc[0]
    assert many["would_have"] == few["would_have"] == 0.5
    assert few["would_high"] - few["would_low"] > 2 * (many["would_high"] - many["would_low"])


def test_short_calls_given_up_are_left_out_and_the_curve_begins_after_them():
    table = calls([2, 10, 20, 30, 40], abandoned=[True, True, False, False, False])
    result = abandonment_curve(study(table, short_abandon_seconds=5))
    assert result.loc[0, "n"] == 4
    assert result.loc[0, "time_from"] == 5
    assert result["gave_up"].sum() == 1


def test_all_given_up_and_none_are_both_told():
    everyone = abandonment_curve(study(calls([10, 20, 30, 40], abandoned=True)))
    assert everyone["given_up_by"].iloc[-1] == 1
    nobody = abandonment_curve(study(calls([10, 20, 30, 40], abandoned=False)))
    assert nobody["given_up_by"].iloc[-1] == 0
    assert nobody["per_minute"].eq(0).all()


def test_rates_are_compared_with_the_first():
    # 100 who gave up at once and 100 who waited ten minutes in vain or were answered.
    waits = [2.0] * 100 + [600.0] * 100
    table = calls(waits, abandoned=[True] * 50 + [False] * 50 + [True] * 10 + [False] * 90)
    result = abandonment_curve(study(table, min_base=30))
    assert result["per_minute"].iloc[-1] < result["per_minute"].iloc[0]
    assert result["p_adjusted"].iloc[-1] < 0.05
    assert isnan(result["p_adjusted"].iloc[0])


def test_bins_with_few_waiting_are_withheld():
    result = abandonment_curve(study(calls([10, 20], abandoned=[True, False]), min_base=3))
    assert result["per_minute"].isna().all()
    assert result["note"].eq("withheld: fewer than 3").all()


@pytest.mark.parametrize("absent", ["abandoned", "queue_wait_seconds"])
def test_giving_up_needs_the_queue(absent):
    table = calls([10, 20], abandoned=[True, False]).drop(columns=absent)
    assert abandonment_curve(study(table)).empty


def test_giving_up_is_split_by_a_column():
    table = calls([10, 20, 30, 40], abandoned=[True, True, False, False], channel=list("abab"))
    assert abandonment_curve(study(table), "channel")["channel"].unique().tolist() == ["a", "b"]


def visits(*times: tuple[str, str]) -> pd.DataFrame:
    """Uses of the help pages by customers, at these times."""
    return pd.DataFrame(
        {
            "customer_id": [who for who, _ in times],
            "occurred_at": [START + pd.Timedelta(after) for _, after in times],
            "stage": "use",
            "touchpoint": "help pages",
        }
    )


HELP = {"self_service": ["help pages"], "self_service_hours": 2}


def test_those_who_tried_self_service_in_the_hours_before_are_told_apart():
    table = calls([10, 20, 30, 40], abandoned=[True, True, False, False])
    tried = visits(("c0", "-1h"), ("c1", "-3h"), ("c2", "1h"), ("c3", "3min"))
    rows = queue(study(table, tried, HELP), TRIED)
    # c1 too early, c2 after the call; c3's visit is at the moment of the call itself.
    assert sorted(rows[ROWS_GROUP]) == ["no", "no", "yes", "yes"]
    assert rows.loc[rows[ROWS_GROUP] == "yes", "seconds"].tolist() == [10, 40]


def test_both_kinds_are_compared_at_the_longest_wait_that_enough_had():
    waits = [3.0] * 40 + [100.0] * 40
    gone = [True] * 20 + [False] * 20 + [False] * 40
    table = calls(waits, abandoned=gone)
    tried = visits(
        *[(f"c{i}", "-1h") for i in range(10)], *[(f"c{i}", "-1h") for i in range(40, 70)]
    )
    day = HELP | {"self_service_hours": 24}
    row = self_service_first(study(table, tried, day, min_base=5)).iloc[0]
    assert (row["n_tried"], row["n_others"]) == (40, 40)
    assert row["seconds"] == 90
    assert row["tried"] == pytest.approx(10 / 40, abs=EXACT)
    assert row["others"] == pytest.approx(10 / 40, abs=EXACT)
    assert row["conf_low"] < 0 < row["conf_high"]
    assert row["difference"] == pytest.approx(0, abs=EXACT)


def test_the_two_explanations_are_not_told_apart_without_self_service():
    table = calls([10, 20], abandoned=[True, False])
    assert "self_service" in self_service_first(study(table)).loc[0, "note"]
    without = self_service_first(study(table, None, HELP)).loc[0, "note"]
    assert without == "needs journeys.customer_id"
    few = self_service_first(study(table, visits(("c0", "-1h")), HELP)).loc[0, "note"]
    assert few == "withheld: fewer than 2"


# --- handling ------------------------------------------------------------------------------


def handled(talk: list[float], **columns: object) -> pd.DataFrame:
    """Contacts a month after the first one, which is too early to begin an issue."""
    n = len(talk)
    table = pd.DataFrame(
        {
            "customer_id": ["z", *(f"c{i}" for i in range(n)), "z"],
            "opened_at": [START, *([START + pd.Timedelta(days=30)] * n), START + DAYS_60],
            "talk_seconds": [np.nan, *talk, np.nan],
        }
    )
    for name, values in columns.items():
        table[name] = [np.nan, *values, np.nan]
    return table


DAYS_60 = pd.Timedelta(days=60)


def test_resolved_first_is_counted_by_the_handling_of_the_first_contact():
    table = handled([100, 100, 700, 700])
    again = table.iloc[[1]].assign(opened_at=START + pd.Timedelta(days=32), talk_seconds=3000.0)
    result = handling_curve(study(pd.concat([table, again], ignore_index=True)))
    result = result[result["measure"] == "resolved_first"]
    assert list(result["n"]) == [2, 2]
    assert list(result["value"]) == [0.5, 1.0]  # c0 called again: 3,000 s begin no issue
    assert result["time_from"].iloc[1] <= 700


def test_mean_rating_is_told_by_handling():
    result = handling_curve(study(handled([100, 100, 700, 700], csat=[2.0, 3, 4, 5])))
    result = result[result["measure"] == "csat"]
    assert list(result["value"]) == [2.5, 4.5]
    assert result["difference"].iloc[1] == pytest.approx(2, abs=EXACT)
    # Welch's error with two in each: sqrt(0.25 + 0.25); t on one degree of freedom
    assert result["difference_high"].iloc[1] == pytest.approx(2 + 12.7062 * sqrt(0.5), abs=1e-3)


def test_handling_of_zero_or_unknown_length_counts_nowhere():
    result = handling_curve(study(handled([0, np.nan, 700, 700], csat=[1.0, 1, 4, 5])))
    assert result.loc[result["measure"] == "csat", "n"].sum() == 2


def test_without_talk_time_there_is_no_handling():
    assert handling_curve(study(calls([10, 20], [5, 4]))).empty
