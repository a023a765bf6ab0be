"""Changes of channel: counted by hand before an answer, over one matter, against preferences."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from test_metrics_journeys import STAGES, events

from cxanalysis.config import StudyConfig
from cxanalysis.metrics.journeys.switches import (
    channel_gap,
    channel_switches,
    issue_channels,
    preference_gap,
    switch_gap,
    switch_slope,
    switchers,
)
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, open_study, study_of

EXACT = 1e-9  # shares and means of small whole numbers
CLOSE = 1e-7  # two ways of least squares
STORIES = Path(__file__).parents[1] / "data/stories"


def made(period: str = "all", **frames: pd.DataFrame) -> Study:
    content: dict[str, Any] = {
        "name": "Test", "tables": {}, "stages": STAGES, "metrics": {"min_base": 2},
    }  # fmt: skip
    base = study_of(StudyConfig.model_validate(content), frames)
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def answers(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "responded_at", "overall_satisfaction"])
    frame["responded_at"] = pd.to_datetime(frame["responded_at"], utc=True, format="ISO8601")
    return frame


def contacts(*rows: tuple[str, str, str, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "opened_at", "channel", "csat"])
    frame["opened_at"] = pd.to_datetime(frame["opened_at"], utc=True, format="ISO8601")
    return frame.assign(reason="fault", csat=frame["csat"].astype(float))


TOUCHES = events(
    ("a", "2026-03-01", "buy/x", 5),
    ("a", "2026-03-02", "buy/x", 4),
    ("a", "2026-03-03", "use/x", None),
    ("a", "2026-03-09", "use/x", 1),  # after the answer
    ("b", "2026-03-01", "buy/x", 3),
    ("b", "2025-11-01", "buy/x", 1),  # more than ninety days before it
    ("c", "2026-03-01", "buy/x", 3),
).assign(channel=["web", "shop", "Shop", "phone", "web", "shop", None])
TICKETS = contacts(
    ("a", "2026-03-04", "phone", 3), ("a", "2026-03-05", "chat", 2), ("b", "2026-03-02", "phone", 5)
)
ANSWERS = answers(
    ("a", "2026-03-06", 2), ("a", "2026-02-01", 5), ("b", "2026-03-06", 4), ("c", "2026-03-06", 5)
)


def test_switches_are_counted_between_events_before_the_last_answer() -> None:
    people = switchers(made(journeys=TOUCHES, tickets=TICKETS, surveys=ANSWERS))
    people = people.set_index("customer_id")
    assert list(people.index) == ["a", "b"]  # the channel of c is not known
    a, b = people.loc["a"], people.loc["b"]
    assert (a["outcome"], a["events"], a["channels"], a["switches"]) == (2, 5, 4, 3)
    assert a["rating"] == pytest.approx(4.5, abs=EXACT)  # of touches, not of contacts
    assert (b["outcome"], b["events"], b["switches"]) == (4, 2, 1)


def test_answers_belong_to_their_period() -> None:
    people = switchers(made("2026-02", journeys=TOUCHES, tickets=TICKETS, surveys=ANSWERS))
    assert people.empty  # nothing is known of a before February
    assert channel_switches(
        made("2026-02", journeys=TOUCHES, tickets=TICKETS, surveys=ANSWERS)
    ).empty


def test_customers_are_told_apart_by_their_switches() -> None:
    rows = [("a", f"2026-03-{day:02}", "buy/x", 3.0) for day in range(1, 21)]
    rows += [(who, "2026-03-01", "buy/x", 4.0) for who in ("b", "c", "d")]
    touches = events(*rows).assign(channel=[*(["web", "shop"] * 10), "web", "web", "shop"])
    heard = answers(
        *((who, "2026-03-30", score) for who, score in zip("abcd", (1, 4, 5, 3), strict=True))
    )
    table = channel_switches(made(journeys=touches, surveys=heard)).set_index("switches")
    assert list(table.index) == [0, 6]  # nineteen switches count as six or more
    assert table.loc[0, "customers"] == 3
    assert table.loc[0, "share"] == pytest.approx(3 / 4, abs=EXACT)
    assert table.loc[0, "outcome"] == pytest.approx(4, abs=EXACT)
    assert isnan(table.loc[6, "outcome"])
    assert table.loc[6, "note"] == "withheld: fewer than 2"


def drawn(n: int = 300, seed: int = 5) -> Study:
    """Customers with one to six events each, in either of two channels."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 7, n)
    who = np.repeat(np.arange(n), size)
    day = np.concatenate([np.arange(each) for each in size])
    start = pd.Timestamp("2026-03-01", tz="UTC")
    touches = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in who],
            "occurred_at": start + pd.to_timedelta(day, unit="D"),
            "stage": "buy",
            "channel": np.array(["web", "shop"])[rng.integers(0, 2, len(who))],
        }
    )
    heard = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(n)],
            "responded_at": start + pd.Timedelta("20D"),
            "overall_satisfaction": rng.integers(1, 6, n).astype(float) - 0.1 * size,
        }
    )
    return made(journeys=touches, surveys=heard)


def test_slope_is_that_of_least_squares_with_a_level_for_each_number_of_events() -> None:
    study = drawn()
    row = switch_slope(study).iloc[0]
    fit = smf.ols("outcome ~ switches + C(events)", switchers(study)).fit(
        cov_type="HC1", use_t=True
    )
    limits = fit.conf_int().loc["switches"]
    assert row["slope"] == pytest.approx(fit.params["switches"], abs=CLOSE)
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(limits.tolist(), abs=CLOSE)
    assert row["p_value"] == pytest.approx(fit.pvalues["switches"], abs=CLOSE)
    assert row["n"] == 300


def test_slope_of_ratings_counts_those_who_rated() -> None:
    rows = [(who, f"2026-03-0{day}", "buy/x", 3) for who in "abc" for day in (1, 2)]
    rows += [("d", f"2026-03-0{day}", "buy/x", None) for day in (1, 2)]
    rows[0] = ("a", "2026-03-01", "buy/x", 1)
    touches = events(*rows).assign(
        channel=["web", "shop", "web", "web", "shop", "shop"] + ["web"] * 2
    )
    heard = answers(*((who, "2026-03-30", 3) for who in "abcd"))
    row = switch_slope(made(journeys=touches, surveys=heard), "rating").iloc[0]
    assert (row["slope"], row["n"]) == (pytest.approx(-1, abs=EXACT), 3)  # 2 against 3 and 3


def test_without_a_difference_at_equal_events_there_is_no_slope() -> None:
    rows = [(who, f"2026-03-0{day}", "buy/x", None) for who in "abcd" for day in (1, 2)]
    touches = events(*rows).assign(channel=["web", "shop"] * 4)
    heard = answers(*((who, "2026-03-30", 3) for who in "abcd"))
    row = switch_slope(made(journeys=touches, surveys=heard)).iloc[0]
    assert isnan(row["slope"])
    assert row["note"] == "as many switches wherever there are as many events"


def test_a_matter_goes_over_several_channels_where_its_contacts_do() -> None:
    tickets = contacts(
        ("a", "2026-03-01", "phone", 1),
        ("a", "2026-03-02", "chat", 3),
        ("b", "2026-03-01", "phone", 4),
        ("b", "2026-03-02", "phone", 5),
        ("c", "2026-03-01", "phone", 5),  # one contact alone
        ("d", "2026-03-01", "phone", 5),
        ("d", "2026-03-20", "chat", 5),  # more than seven days later: another matter
    )
    one, several = issue_channels(made(tickets=tickets)).to_dict("records")
    assert (one["issues"], several["issues"]) == (1, 1)
    assert several["share"] == pytest.approx(1 / 2, abs=EXACT)
    assert (one["csat"], several["csat"]) == (4.5, 2)
    assert isnan(several["difference"])  # one customer each tells no error


def test_ratings_of_both_kinds_of_matter_are_compared_by_customer() -> None:
    tickets = contacts(
        *(
            (who, "2026-03-01", "phone", score)
            for who, score in zip("abcd", (1, 2, 4, 5), strict=True)
        ),
        *((who, "2026-03-02", "chat", score) for who, score in zip("ab", (3, 4), strict=True)),
        *((who, "2026-03-02", "phone", score) for who, score in zip("cd", (5, 5), strict=True)),
    )
    several = issue_channels(made(tickets=tickets)).iloc[1]
    assert several["difference"] == pytest.approx(2.5 - 4.75, abs=EXACT)
    assert several["difference_low"] < -2.25 < several["difference_high"]


def test_a_matter_belongs_to_the_period_of_its_last_contact() -> None:
    tickets = contacts(("a", "2026-03-31", "phone", 1), ("a", "2026-04-01", "chat", 3))
    assert issue_channels(made("2026-03", tickets=tickets))["issues"].sum() == 0
    assert issue_channels(made("2026-04", tickets=tickets))["issues"].sum() == 1


def test_contacts_are_held_against_the_channel_that_is_wanted() -> None:
    tickets = contacts(
        ("a", "2026-03-01", "Phone", 1),
        ("a", "2026-03-02", "chat", 3),
        ("b", "2026-03-01", "chat", 4),
        ("c", "2026-03-01", "chat", 4),  # of whom no wish is known
    )
    people = pd.DataFrame(
        {"customer_id": ["a", "b", "c"], "preferred_channel": ["phone", "phone", None]}
    )
    table = channel_gap(made(tickets=tickets, customers=people))
    rows = table.set_index(["preferred", "used"])
    assert rows.loc[("everyone", "another channel"), "contacts"] == 2
    assert rows.loc[("everyone", "another channel"), "share"] == pytest.approx(2 / 3, abs=EXACT)
    assert rows.loc[("phone", "phone"), "contacts"] == 1
    assert set(table["customers"]) == {2}
    assert list(table["preferred"].unique()) == ["everyone", "phone"]


@pytest.mark.parametrize("channel", ["booking.com", 'the "chat"', "*", "_n"])
def test_a_channel_may_have_any_name(channel: str) -> None:
    people = pd.DataFrame({"customer_id": ["a", "b"], "preferred_channel": [channel, "phone"]})
    tickets = contacts(("a", "2026-03-01", channel, 1), ("b", "2026-03-01", channel, 4))
    rows = channel_gap(made(tickets=tickets, customers=people)).set_index(["preferred", "used"])
    assert rows.loc[("everyone", channel), "contacts"] == 2
    assert rows.loc[("phone", "another channel"), "contacts"] == 1


def test_what_is_missing_is_named() -> None:
    assert switch_gap(made(tickets=TICKETS, surveys=ANSWERS)) == "needs journeys"
    bare = made(journeys=TOUCHES.drop(columns="channel"), surveys=ANSWERS)
    assert switch_gap(bare) == "needs journeys.channel"
    assert switch_slope(bare).loc[0, "note"] == "needs journeys.channel"
    assert channel_switches(bare).empty
    assert switch_gap(made(journeys=TOUCHES)) == "needs surveys"
    assert preference_gap(made(tickets=TICKETS)) == "needs customers.preferred_channel"
    assert channel_gap(made(tickets=TICKETS)).empty
    assert set(issue_channels(made(journeys=TOUCHES))["note"]) == {"needs tickets"}


@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_row_shows_no_figure(rows: int) -> None:
    few = made(
        journeys=TOUCHES.iloc[:rows], tickets=TICKETS.iloc[:rows], surveys=ANSWERS.iloc[:rows]
    )
    assert channel_switches(few)["outcome"].isna().all()
    assert isnan(switch_slope(few).loc[0, "slope"])
    assert issue_channels(few)["share"].isna().all()


def test_the_buyer_calls_three_times_by_one_channel() -> None:
    table = issue_channels(open_study(STORIES / "late_delivery"))
    assert list(table["issues"]) == [1, 0]
