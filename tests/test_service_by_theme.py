"""Service by channel and team: figures and tests counted by hand, and what is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy
from findings_of_service_by import BY, PHONE
from matplotlib.axes import Axes
from test_metrics_service import days, study

from cxanalysis.findings import find_service_by
from cxanalysis.findings.core import Estimate
from cxanalysis.findings.service_by import Difference, Group, Measure, Split
from cxanalysis.metrics import group_differences, service_by
from cxanalysis.narrative import describe
from cxanalysis.plots import plot

EXACT = 1e-9  # sums of a handful of numbers; drawn values are the finding's own
ROUND = 1e-6  # figures of another library


def rated(channels: str, ratings: list[float], customers: list[str] | None = None) -> pd.DataFrame:
    """Rated contacts, a letter per channel, each by a customer of its own unless said."""
    n = len(channels)
    return pd.DataFrame(
        {
            "customer_id": customers or [f"c{i}" for i in range(n)],
            "opened_at": days(*[1 + i / 1000 for i in range(n)]),
            "channel": list(channels),
            "csat": ratings,
        }
    )


def test_every_channel_has_its_contacts_and_figures_the_largest_first() -> None:
    table = service_by(study(rated("aabbb", [5, 1, 5, 5, 1])), "channel")
    assert list(table["channel"].unique()) == ["b", "a"]
    assert table.groupby("channel")["contacts"].first().to_dict() == {"a": 2, "b": 3}
    ratings = table[table["metric"] == "contact_csat"].set_index("channel")
    assert ratings.loc["b", "value"] == pytest.approx(2 / 3, abs=EXACT)
    assert ratings.loc["a", "value"] == 0.5


def test_two_groups_are_compared_by_the_square_of_their_difference_over_its_error() -> None:
    ratings = [5.0] * 30 + [1.0] * 20 + [5.0] * 15 + [1.0] * 35
    row = group_differences(study(rated("a" * 50 + "b" * 50, ratings)), "channel").set_index(
        "metric"
    )
    variance = 0.6 * 0.4 / 49 + 0.3 * 0.7 / 49  # a customer each: that of independent shares
    p_value = scipy.stats.f.sf(0.3**2 / variance, 1, 98)
    assert row.loc["contact_csat", "p_value"] == pytest.approx(p_value, abs=ROUND)
    assert (row.loc["contact_csat", "lowest"], row.loc["contact_csat", "highest"]) == ("b", "a")
    assert row.loc["contact_csat", "n"] == 100


def test_contacts_of_few_customers_tell_less() -> None:
    ratings = [5.0] * 30 + [1.0] * 20 + [5.0] * 15 + [1.0] * 35
    people = [f"c{i // 5}" for i in range(100)]  # five contacts each, mostly rated alike
    p_values = []
    for customers in (None, people):
        table = group_differences(study(rated("a" * 50 + "b" * 50, ratings, customers)), "channel")
        p_values.append(table.set_index("metric").loc["contact_csat", "p_value"])
    assert p_values[1] > 10 * p_values[0]


def test_share_that_nobody_has_is_still_compared() -> None:
    table = rated("a" * 40 + "b" * 40, [1.0] * 40 + [5.0] * 20 + [1.0] * 20)
    row = group_differences(study(table), "channel").set_index("metric").loc["contact_csat"]
    assert row["p_value"] < 0.001
    alike = group_differences(study(table.assign(csat=1.0)), "channel").set_index("metric")
    assert alike.loc["contact_csat", "p_value"] == 1


def test_small_and_unknown_groups_are_not_compared() -> None:
    table = rated("a" * 40 + "b" * 5, [1.0, 5] * 20 + [5.0] * 5)
    assert "contact_csat" not in set(group_differences(study(table, min_base=10), "channel").metric)
    gone = table.assign(channel=["a"] * 40 + [None] * 5)
    assert group_differences(study(gone), "channel").empty
    assert group_differences(study(table.iloc[:0]), "channel").empty


def test_finding_holds_a_split_per_column_that_is_there() -> None:
    table = rated("a" * 40 + "b" * 40, [1.0] * 40 + [5.0] * 20 + [1.0] * 20)
    table["team"] = np.where(np.arange(80) % 2, "x", "y")
    finding = find_service_by(study(table))
    assert [split.by for split in finding.splits] == ["channel", "team"]
    assert describe(finding)[0].startswith("**By channel, ")
    without = find_service_by(study(table.drop(columns=["channel", "team"])))
    assert without.needs == "needs tickets.channel"
    one = find_service_by(study(table), by=["team"])
    assert [split.by for split in one.splits] == ["team"]


def test_many_teams_are_counted_and_not_all_listed() -> None:
    table = rated("a" * 60, [1.0, 5] * 30)
    table["team"] = [f"t{i // 3:02}" for i in range(60)]
    (split,) = find_service_by(study(table), by=["team"]).splits
    assert (len(split.groups), split.more) == (12, 8)


def test_figures_whose_ends_are_not_listed_are_named_after_the_others() -> None:
    split = replace(
        BY.splits[1],
        differences=(
            Difference("handle_time", 9, "north", "west", 0.001),
            Difference("contact_csat", 9, "north", "south", 0.002),
        ),
    )
    text = describe(replace(BY, splits=(split,)))[0]
    assert text.startswith("**By team, 2 of 2 figures differ by more than chance:** CSAT")
    assert text.endswith("So does handle time.")


def test_picture_has_a_panel_per_figure_that_two_groups_have() -> None:
    figure = plot(BY)
    assert figure is not None
    panels = figure.findobj(Axes)
    assert len(panels) == 1 + 4  # of the channels' figures only one is known twice
    titles = [axes.get_title(loc="left") for axes in panels]
    assert titles[0] == "First-contact resolution, by channel"
    dots = [line for line in panels[0].lines if line.get_marker() == "o"]
    assert float(dots[0].get_xdata()[0]) == PHONE.figures[2][1].value


def test_who_gave_up_reached_no_team_so_teams_have_no_abandonment() -> None:
    contacts = rated("aabb", [5, 1, 5, 1]).assign(
        team=["x", "x", "y", "y"], abandoned=[True, False, True, False]
    )
    metrics = {by: set(service_by(study(contacts), by)["metric"]) for by in ("team", "channel")}
    assert metrics["channel"] - metrics["team"] == {"abandonment"}
    assert "abandonment" not in set(group_differences(study(contacts), "team")["metric"])


def test_channels_in_which_nobody_ever_gave_up_have_no_abandonment_to_compare() -> None:
    contacts = rated("a" * 40 + "b" * 40 + "e" * 40, [5.0, 1] * 60)
    contacts["abandoned"] = [True, False, False, False] * 20 + [False] * 40
    table = service_by(study(contacts), "channel").set_index(["metric", "channel"])
    assert pd.isna(table.loc[("abandonment", "e"), "value"])
    assert table.loc[("abandonment", "e"), "n"] == 0
    assert table.loc[("abandonment", "a"), "value"] == 0.25
    compared = group_differences(study(contacts), "channel").set_index("metric")
    assert compared.loc["abandonment", "groups"] == 2
    assert compared.loc["abandonment", "p_value"] == 1  # both 25%; with the third it was not
    alone = contacts[contacts["channel"] != "b"]
    assert "abandonment" not in set(group_differences(study(alone), "channel")["metric"])


def test_replies_far_apart_are_drawn_on_an_axis_of_steps() -> None:
    measures = (Measure("first_reply", "First reply", "hours"),)
    near, far = (
        Split(
            "channel",
            (
                Group("phone", 90, ((90, Estimate(seconds / 3600)),)),
                Group("email", 90, ((90, Estimate(9.3, 8.2, 10.5)),)),
            ),
        )
        for seconds in (7200, 32)
    )
    scales = []
    for split in (near, far):
        figure = plot(replace(BY, measures=measures, splits=(split,)))
        assert figure is not None
        (axes,) = figure.findobj(Axes)
        scales.append(axes.get_xscale())
        assert len(axes.get_xticks()) > 1
    assert scales == ["linear", "log"]


def test_groups_at_an_end_are_listed_however_few_contacts_they_have() -> None:
    table = rated("a" * 300, [1.0, 5] * 130 + [5.0] * 40)
    table["team"] = [f"{place // 20}" for place in range(260)] + ["70"] * 40
    few = table.drop(index=table.index[260:297])  # the last team: three contacts
    (split,) = find_service_by(study(few), by=["team"]).splits
    assert split.groups[-1].name == split.differences[0].highest == "70"
    assert (len(split.groups), split.more) == (13, 1)


def test_team_that_is_a_number_is_called_a_team() -> None:
    groups = tuple(replace(PHONE, name=code) for code in ("70", "25"))
    split = Split("team", groups, (Difference("handle_time", 2, "70", "25", 0.001),))
    text = describe(replace(BY, splits=(split,)))[0]
    assert "in *team 70* to" in text
    assert text.endswith("in *team 25*.")
