"""Who stays: shares counted by hand, times cut short, and what is held equal."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.metrics.cohorts import BANDS
from cxanalysis.metrics.fine import fine_customers
from cxanalysis.metrics.horizons import two_horizons
from cxanalysis.metrics.intervals import (
    Interval,
    combined_interval,
    difference_interval,
    wilson,
)
from cxanalysis.metrics.loyalty import retention, retention_curves, retention_gaps
from cxanalysis.metrics.loyalty_adjusted import amplification, retention_adjusted
from cxanalysis.metrics.multiple import holm
from cxanalysis.metrics.referrals import referral_gap, referrals
from cxanalysis.metrics.survival import spared, spared_by_day
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # sums of a handful of numbers
FITTED = 1e-4  # the optimiser's tolerance
START = pd.Timestamp("2026-01-01", tz="UTC")


def days(*numbers: float | None) -> pd.Series:
    """Moments so many days after the first of January; none where None."""
    return pd.to_datetime(
        pd.Series(
            [None if n is None else START + pd.Timedelta(days=n) for n in numbers], dtype=object
        ),
        utc=True,
    )


def study(frames: dict[str, pd.DataFrame], period: str = "all", **config) -> Study:
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 2}} | config
    base = study_of(StudyConfig.model_validate(content), frames)
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period))


def rows(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("band")


# Promoters p q r, passives s t, detractors u v. The journeys end on day 130.
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": list("pqrstuvwz"),
        "active_from": days(*[-365] * 9),
        # q leaves 40 days after the answer, u on the day of it, v 100 days after, w before it;
        # t's last day lies after the data.
        "active_to": days(None, 40, None, None, 300, 0, 100, -5, None),
    }
)
SURVEYS = pd.DataFrame(
    {
        "customer_id": ["p", "q", "r", "s", "t", "u", "v", "w", "x", None, "p"],
        "responded_at": days(0, 0.5, 100, 0, 0, 0, 0, 0, 0, 0, 20),
        "nps": [9.0, 10, 9, 7, 8, 6, 0, 9, 9, 9, 0],
    }
)
JOURNEYS = pd.DataFrame(
    {
        "customer_id": ["p", "p", "q", "s", "z", "v", "q", "v", "t", "t"],
        "occurred_at": days(-1, 50, 120, 0, 130, 10, -7, -7, -7, 5),
        "stage": [*["purchase"] * 4, *["use"] * 2, "purchase", "use", *["purchase"] * 2],
        # t's second touch is the delivery of what was bought before the answer.
        "initiator": [*["customer"] * 9, "Company"],
    }
)
SMALL = {"customers": CUSTOMERS, "surveys": SURVEYS, "journeys": JOURNEYS}


def test_customers_stay_until_their_last_day_is_over() -> None:
    table = rows(retention(study(SMALL)))
    # p stays, q left after 40.5 days, r is followed for 30 days only: 1 × (1 − 1/2).
    promoters = table.loc["promoters"]
    assert (promoters["n"], promoters["events"], promoters["at_risk"]) == (3, 1, 1)
    assert promoters["value"] == pytest.approx(1 / 2, abs=EXACT)
    # s and t stay: t's last day is still to come.
    assert table.loc["passives", ["value", "n"]].tolist() == [1, 2]
    # u left in the evening of the day; v was there on day 90.
    assert table.loc["detractors", ["value", "events"]].tolist() == [pytest.approx(0.5), 1]
    assert table.loc["everyone", "n"] == 7  # not w, x (no customer) or the answer of nobody
    assert table.loc["everyone", "note"] == "1 customer who had left before left out"


def test_customer_counts_once_by_the_first_answer() -> None:
    assert rows(retention(study(SMALL))).loc["detractors", "n"] == 2  # p's second answer is one


def test_share_without_times_cut_short_has_wilsons_interval() -> None:
    table = rows(retention(study(SMALL), days=20))
    assert table.loc["everyone", ["conf_low", "conf_high"]].tolist() == pytest.approx(
        list(wilson(6, 7))
    )


def test_customers_belong_to_the_period_in_which_their_days_end() -> None:
    # 90 days after 1 January is 1 April; r's end in July, after the data.
    assert rows(retention(study(SMALL, "2026-04"))).loc["everyone", "n"] == 6
    assert rows(retention(study(SMALL, "2026-03"))).loc["everyone", "n"] == 0
    assert rows(retention(study(SMALL, "2026-03"))).loc["everyone", "note"] == "nothing to count"
    late = rows(retention(study(SMALL, "2026-07"))).loc["promoters"]
    assert (late["n"], late["note"]) == (1, "withheld: fewer than 2")


def test_too_few_followed_to_the_day_are_withheld() -> None:
    table = rows(retention(study(SMALL), days=135))
    assert table.loc["promoters", "note"].startswith("withheld: fewer than 2 followed for 135 days")
    assert isnan(table.loc["promoters", "value"])


def test_returning_is_another_purchase_after_the_answer() -> None:
    table = rows(retention(study(SMALL), outcome="returns"))
    # p after 50 days; q's purchase on day 120 is 119.5 days later; s's at the same instant is none.
    assert table.loc["promoters", ["n", "events"]].tolist() == [2, 1]
    assert table.loc["passives", ["n", "value"]].tolist() == [2, 0]  # t's delivery is none either
    bare = {name: SMALL[name] for name in ("surveys", "journeys")}
    assert rows(retention(study(bare))).loc["promoters", "events"] == 1
    other = retention(study(bare, journey={"purchase": "use"}))
    assert rows(other).loc["detractors", ["n", "events"]].tolist() == [1, 1]


def test_a_first_purchase_is_no_second_one() -> None:
    first = JOURNEYS[~((JOURNEYS["customer_id"] == "p") & (JOURNEYS["occurred_at"] < START))]
    table = rows(retention(study(SMALL | {"journeys": first}), outcome="returns"))
    # p's purchase after the answer is the first on record now.
    assert table.loc["everyone", ["n", "events"]].tolist() == [3, 0]
    assert table.loc["everyone", "note"] == "6 customers without a purchase before left out"


def test_where_nobody_says_who_began_a_touch_each_counts_as_a_purchase() -> None:
    bare = SMALL | {"journeys": JOURNEYS.drop(columns="initiator")}
    table = rows(retention(study(bare), outcome="returns"))
    assert table.loc["passives", ["n", "value"]].tolist() == [2, 0.5]  # t's delivery


@pytest.mark.parametrize(
    ("without", "note"),
    [
        ("surveys", "needs surveys.customer_id"),
        ("surveys.nps", "needs surveys.nps"),
        ("customers.active_to", "5 customers without a purchase before left out"),
    ],
)
def test_what_is_missing_is_named(without: str, note: str) -> None:
    table, _, column = without.partition(".")
    frames = {name: frame for name, frame in SMALL.items() if name != without}
    if column:
        frames[table] = frames[table].drop(columns=column)
    found = retention(study(frames))
    assert found.loc[0, "note"] == note  # without a last day, another purchase tells
    needs = note.startswith("needs")
    assert retention_gaps(study(frames)).empty == needs
    assert retention_curves(study(frames)).empty == needs
    assert (retention_adjusted(study(frames)).loc[0, "note"] == note) == needs


def test_no_answer_and_one_answer_make_no_share() -> None:
    none = SMALL | {"surveys": SURVEYS.iloc[:0]}
    assert (rows(retention(study(none)))["n"] == 0).all()
    one = SMALL | {"surveys": SURVEYS.iloc[:1]}
    assert rows(retention(study(one)))["value"].isna().all()


def test_bands_of_a_scale_are_its_two_best_and_two_worst_answers() -> None:
    surveys = SURVEYS.assign(overall_satisfaction=[5, 4, 3, 2, 1, 3, 5, 5, 5, 5, 1])
    table = rows(retention(study(SMALL | {"surveys": surveys}), "overall"))
    assert table.loc[["high", "middle", "low"], "n"].tolist() == [3, 2, 2]


def test_curve_steps_down_on_the_day_after_leaving() -> None:
    curves = retention_curves(study(SMALL))
    promoters = curves[curves["band"] == "promoters"].set_index("day")
    assert promoters.loc[40, "value"] == 1
    assert promoters.loc[41, "value"] == pytest.approx(0.5)
    assert promoters["at_risk"].loc[[0, 30, 41, 90]].tolist() == [3, 3, 1, 1]


def test_gaps_join_the_intervals_of_both_and_adjust_for_every_pair() -> None:
    table = retention_gaps(study(SMALL))
    row = table[(table["first"] == "passives") & (table["second"] == "detractors")].iloc[0]
    assert row["difference"] == pytest.approx(0.5)
    limits = difference_interval(1.0, wilson(2, 2), 0.5, wilson(1, 2))
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(list(limits))
    assert len(table) == 3
    assert (table["p_adjusted"] >= table["p_value"]).all()
    assert (table["detectable"] > 0.5).all()  # so few tell next to nothing


# --- times cut short -----------------------------------------------------------------------


def test_kaplan_meier_by_hand() -> None:
    # Leaves at 1 and 3, cut short at 2, followed to 5: (1 − 1/4)(1 − 1/2).
    found = spared(np.array([1.0, 2, 3, 5]), np.array([True, False, True, False]), 4)
    assert found.share == pytest.approx(3 / 8, abs=EXACT)
    assert (found.n, found.at_risk, found.events) == (4, 1, 2)
    # Greenwood: S² (1/(4·3) + 1/(2·1)); as many as S(1 − S) by that.
    variance = (3 / 8) ** 2 * (1 / 12 + 1 / 2)
    assert found.effective == pytest.approx((3 / 8) * (5 / 8) / variance)
    assert list(found.interval) == pytest.approx(
        list(wilson(3 / 8 * found.effective, found.effective))
    )
    curve = spared_by_day(np.array([1.0, 2, 3, 5]), np.array([True, False, True, False]), 4)
    assert curve == pytest.approx([1, 3 / 4, 3 / 4, 3 / 8, 3 / 8])


def test_where_nobody_left_those_still_followed_are_counted() -> None:
    found = spared(np.array([10.0, 95, 95]), np.zeros(3, bool), 90)
    assert (found.share, found.effective) == (1, 2)
    assert found.low == pytest.approx(wilson(2, 2).low)


def test_where_everyone_left_there_is_still_an_interval() -> None:
    found = spared(np.array([1.0, 2, 3]), np.ones(3, bool), 90)
    assert found.share == 0
    assert 0 < found.high < 1


def test_sum_of_two_figures_has_the_interval_of_their_difference() -> None:
    one, other = Interval(0.5, 0.8), Interval(0.1, 0.4)
    assert combined_interval((1, -1), (0.6, 0.2), (one, other)) == pytest.approx(
        difference_interval(0.6, one, 0.2, other)
    )


# --- with what else is on record held equal ------------------------------------------------


def drawn(n: int = 900, seed: int = 8) -> dict[str, pd.DataFrame]:
    """Customers of the cheap plan leave five times as often, and are detractors more often."""
    rng = np.random.default_rng(seed)
    cheap = rng.random(n) < 0.5
    detractor = rng.random(n) < np.where(cheap, 0.7, 0.2)
    left = rng.exponential(np.where(cheap, 150, 750))
    ids = [f"c{number}" for number in range(n)]
    gone = [None if when > 120 else float(when) for when in left]
    customers = pd.DataFrame(
        {
            "customer_id": ids,
            "active_from": days(*rng.uniform(-900, -1, n)),
            "active_to": days(*gone),
            "plan": np.where(cheap, "cheap", "dear"),
        }
    )
    surveys = pd.DataFrame(
        {"customer_id": ids, "responded_at": days(*[0] * n), "nps": np.where(detractor, 2.0, 10)}
    )
    end = pd.DataFrame({"customer_id": ["c0"], "occurred_at": days(130), "stage": ["use"]})
    return {"customers": customers, "surveys": surveys, "journeys": end}


def test_plan_that_confounds_is_held_equal() -> None:
    made = study(drawn(), metrics={"min_base": 30})
    (row,) = retention_adjusted(made).to_dict("records")
    assert (row["first"], row["second"], row["held"]) == (
        "detractors",
        "promoters",
        "tenure_days, plan",
    )
    assert row["conf_low"] < 1 < row["conf_high"]
    plain = retention_gaps(made).iloc[0]
    assert plain["conf_low"] > 0  # without the plan they differ
    frames = drawn()
    frames["customers"] = frames["customers"].drop(columns="plan")
    (bare,) = retention_adjusted(study(frames, metrics={"min_base": 30})).to_dict("records")
    assert (bare["held"], bare["conf_low"] > 1) == ("tenure_days", True)


def test_ratio_is_that_of_the_regression() -> None:
    from statsmodels.duration.hazard_regression import PHReg

    frames = drawn(300)
    customers, surveys = frames["customers"], frames["surveys"]
    gone = (customers["active_to"] - START) / pd.Timedelta(days=1) + 1
    times = gone.fillna(130).clip(upper=90).to_numpy()
    years = (START - customers["active_from"]) / pd.Timedelta(days=365.25)
    x = np.column_stack([surveys["nps"] == 2, years]).astype(float)
    strata = (customers["plan"] == "cheap").to_numpy(int)
    model = PHReg(times, x, status=(gone <= 90).to_numpy(int), strata=strata, ties="efron")
    (row,) = retention_adjusted(study(frames, metrics={"min_base": 30})).to_dict("records")
    assert row["ratio"] == pytest.approx(np.exp(model.fit().params[0]), rel=FITTED)
    assert row["events"] == int((gone <= 90).sum())


def test_with_few_events_or_nothing_to_hold_equal_no_ratio_is_given() -> None:
    (row,) = retention_adjusted(study(SMALL)).to_dict("records")
    assert row["note"].startswith("too few events")
    assert isnan(row["ratio"])
    frames = drawn(300)
    frames["customers"] = frames["customers"][["customer_id", "active_to"]]
    (row,) = retention_adjusted(study(frames)).to_dict("records")
    assert row["note"].startswith("needs customers.active_from or a segment")


# --- service by journey --------------------------------------------------------------------

# Ten in each cell; of both good all stay, of service good 6, of journey good 7, of neither 5.
CELLS = [(5, 5, 0), (4, 2, 4), (2, 5, 3), (1, 1, 5)]


def four_cells() -> dict[str, pd.DataFrame]:
    people = [
        (f"{cell}-{number}", csat, rating, 30.0 if number < gone else None)
        for cell, (csat, rating, gone) in enumerate(CELLS)
        for number in range(10)
    ]
    ids = [person[0] for person in people]
    touches = pd.DataFrame(
        {
            "customer_id": [*ids, *ids, "end"],
            # A second touch after the contact must not count.
            "occurred_at": days(*[-3] * 40, *[5] * 40, 130),
            "stage": "use",
            "rating": [*(float(person[2]) for person in people), *[1.0] * 40, nan],
        }
    )
    return {
        "customers": pd.DataFrame(
            {"customer_id": ids, "active_to": days(*(person[3] for person in people))}
        ),
        "tickets": pd.DataFrame(
            {
                "customer_id": ids,
                "opened_at": days(*[0] * 40),
                "csat": [float(person[1]) for person in people],
            }
        ),
        "journeys": touches,
    }


def test_service_and_journey_make_four_cells() -> None:
    table = rows(retention(study(four_cells()), "joint"))
    assert table.loc[list(BANDS["joint"]), "value"].tolist() == pytest.approx([1, 0.6, 0.7, 0.5])
    assert table.loc[list(BANDS["joint"]), "n"].tolist() == [10] * 4


def test_amplification_is_the_difference_of_two_differences() -> None:
    row = amplification(study(four_cells())).iloc[0]
    assert row["difference"] == pytest.approx((1 - 0.7) - (0.6 - 0.5))
    ends = [wilson(10, 10), wilson(6, 10), wilson(7, 10), wilson(5, 10)]
    limits = combined_interval((1, -1, -1, 1), (1, 0.6, 0.7, 0.5), ends)
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(list(limits))
    few = amplification(study(four_cells(), metrics={"min_base": 11})).iloc[0]
    assert (isnan(few["difference"]), few["note"]) == (True, "withheld: fewer than 11")
    assert amplification(study(SMALL)).iloc[0]["note"] == "needs tickets.customer_id"


def test_rated_contacts_are_followed_from_their_solution() -> None:
    frames = four_cells()
    frames["tickets"]["solved_at"] = days(*[50] * 40)  # who left by then cannot be followed
    table = rows(retention(study(frames), "csat", days=60))
    assert table.loc["everyone", ["n", "value"]].tolist() == [28, 1]


# --- recommendations -----------------------------------------------------------------------

# p brought a and b (b after the answer), s brought c, nobody of the rest anybody; d names a
# customer who gave no answer.
NETWORK = pd.DataFrame(
    {
        "customer_id": ["p", "q", "s", "u", "a", "b", "c", "d"],
        "active_from": days(-300, -300, -300, -300, -100, 30, -50, 20),
        "referred_by": [None, None, None, None, "p", "p", "s", "a"],
    }
)


def network(**changes: object) -> pd.DataFrame:
    surveys = SURVEYS[SURVEYS["customer_id"].isin(["p", "q", "s", "u"])]
    made = study({"customers": NETWORK.assign(**changes), "surveys": surveys})
    return referrals(made).set_index(["metric", "group"])


def test_recommendations_are_counted_from_both_ends() -> None:
    table = network()
    assert table.loc[("acquired", "everyone"), ["value", "n"]].tolist() == [0.5, 8]
    given = [table.loc[("given_by", group), "value"] for group in (*BANDS["nps"], "gave no answer")]
    assert given == pytest.approx([2 / 4, 1 / 4, 0, 1 / 4])
    assert table.loc[("has_referred", "promoters"), ["value", "n"]].tolist() == [0.5, 2]
    assert table.loc[("has_referred", "others"), ["value", "n"]].tolist() == [0.5, 2]
    assert table.loc[("referred_after", "promoters"), "value"] == 0.5
    assert table.loc[("referred_after", "others"), "value"] == 0


def test_newcomers_are_those_who_joined_in_the_period() -> None:
    made = study({"customers": NETWORK, "surveys": SURVEYS}, "2026-01")
    table = referrals(made).set_index("metric")
    assert table.loc["acquired_new", ["value", "n"]].tolist() == [1, 2]  # b and d


def test_within_a_segment_only_who_came_is_known() -> None:
    frames = {"customers": NETWORK.assign(region=list("nnssnnss")), "surveys": SURVEYS}
    table = referrals(study(frames).among("region=n")).set_index(["metric", "group"])
    assert table.loc[("acquired", "everyone"), ["value", "n"]].tolist() == [0.5, 4]
    outside = table.loc[["given_by", "has_referred", "referred_after"]]
    assert outside["value"].isna().all()
    assert outside["note"].str.startswith("not known within a segment").all()


def test_promoters_are_compared_with_everyone_else() -> None:
    gap = referral_gap(network().reset_index())
    assert gap is not None
    assert gap.low < 0 < gap.high
    bare = study({"customers": NETWORK})
    assert referral_gap(referrals(bare)) is None
    missing = referrals(study({"customers": CUSTOMERS, "surveys": SURVEYS}))
    assert set(missing["note"]) == {"needs customers.referred_by"}


# --- it was fine ---------------------------------------------------------------------------


def test_passives_next_answer_tells_what_they_do() -> None:
    surveys = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b", "b", "c", "d"],
            "responded_at": days(0, 10, 20, 0, 10, 0, 0),
            "nps": [7.0, 9, 0, 8, 8, 7, 10],
        }
    )
    table = fine_customers(study({"surveys": surveys})).set_index("metric")
    assert table.loc["fine", ["value", "n"]].tolist() == [3 / 4, 4]
    assert table.loc["next_promoters", ["value", "n"]].tolist() == [1 / 2, 2]
    assert table.loc["next_passives", "value"] == 1 / 2
    assert table.loc["next_detractors", "value"] == 0
    gap = fine_customers(study({"journeys": JOURNEYS})).set_index("metric")
    assert gap.loc["fine", "note"] == "needs surveys.customer_id"


# --- the same week and later ---------------------------------------------------------------

RATED = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b", "c", "d", "e", "f"],
        "opened_at": days(0, 2, 0, 0, 0, 0, 0),
        "csat": [1.0, 5, 4, 3, 2, nan, 5],
    }
)
LATER = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d", "e", "a", "b", "c", "d", "f"],
        # In the week, then 32, 40, 89.9 and 30 days after; f answers on day 90, which is too late.
        "responded_at": days(3, 6.9, 1, 0, 1, 34, 40, 89.9, 30, 90),
        "overall_satisfaction": [5.0, 4, 3, 2, 1, 4, 2, 3, 1, 5],
        "nps": [10.0, 9, 7, 3, 1, 9, 5, 7, 1, 10],
    }
)


def horizons(**config: object) -> pd.DataFrame:
    made = study({"tickets": RATED, "surveys": LATER}, **config)
    return two_horizons(made).set_index(["horizon", "contact"])


def test_answers_are_held_against_the_last_rated_contact_before_them() -> None:
    table = horizons()
    assert table.loc[("week", "satisfied"), ["value", "n"]].tolist() == [4.5, 2]
    assert table.loc[("week", "others"), ["value", "n"]].tolist() == [2.5, 2]
    assert table.loc[("later", "satisfied"), ["value", "n"]].tolist() == [3, 2]
    assert table.loc[("later", "others"), ["value", "n"]].tolist() == [2, 2]
    assert table.loc[("week", "difference"), "value"] == 2
    assert table.loc[("later", "difference"), "value"] == 1
    assert table.loc[("change", "difference"), "value"] == -1
    tests = table.xs("difference", level="contact")["p_value"]
    adjusted = table.xs("difference", level="contact")["p_adjusted"]
    assert adjusted.tolist() == pytest.approx(list(holm(tests)))
    # The same four customers in both: a +0.5/√2 and +1/√2 from the means, b, c and d likewise.
    week, later = np.array([0.5, -0.5, 0.5, -0.5]), np.array([1, -1, 1, -1])
    error = np.sqrt(((later - week) ** 2 / 2).sum())
    change = table.loc[("change", "difference")]
    assert change["conf_high"] - change["value"] == pytest.approx(1.959964 * error, rel=FITTED)


def test_an_answer_with_a_fresher_contact_in_between_is_left_out() -> None:
    more = {"customer_id": ["b", "c"], "opened_at": days(20, 41), "csat": [nan, 1.0]}
    rated = pd.concat([RATED, pd.DataFrame(more)], ignore_index=True)
    table = two_horizons(study({"tickets": rated, "surveys": LATER}))
    table = table.set_index(["horizon", "contact"])
    # b's answer on day 40 follows an unrated contact; c's on day 89.9 one rated 48.9 days before.
    assert table.loc[("later", "satisfied"), "n"] == 1
    assert table.loc[("later", "others"), ["value", "n"]].tolist() == [2, 2]
    assert table.loc[("week", "satisfied"), "n"] == 2


def test_horizons_of_the_nps_come_in_points_and_few_are_withheld() -> None:
    made = study({"tickets": RATED, "surveys": LATER})
    table = two_horizons(made, "nps").set_index(["horizon", "contact"])
    assert table.loc[("week", "satisfied"), "value"] == 100
    assert table.loc[("later", "difference"), "value"] == pytest.approx(0 - -50)
    few = horizons(metrics={"min_base": 3})
    assert few["value"].isna().all()
    assert ("change", "difference") not in few.index
    assert two_horizons(study({"surveys": LATER})).loc[0, "note"] == "needs tickets.customer_id"
