"""Online and offline, direct and indirect: counted by hand, customers compared with themselves."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from pathlib import Path

import pandas as pd
import pytest
from test_metrics_journeys import events, study
from test_metrics_journeys_timeline import both, contacts

from cxanalysis.errors import ReportError
from cxanalysis.metrics.intervals import mean_interval
from cxanalysis.metrics.journeys.channels import (
    origin_differences,
    touch_catalogue,
    touch_origins,
)
from cxanalysis.study import open_study

EXACT = 1e-9  # means and shares of small whole numbers
STORIES = Path(__file__).parents[1] / "data/stories"

TOUCHES = events(
    ("a", "2026-01-01", "buy/shop", 5),
    ("a", "2026-01-02", "buy/site", 3),
    ("a", "2026-01-03", "use/site", 2),
    ("b", "2026-01-01", "buy/shop", 4),
    ("b", "2026-01-02", "buy/site", 4),
    ("c", "2026-01-01", "buy/shop", None),
    ("d", "2026-01-01", "tell/review", 1),
).assign(
    channel=["shop", "Web ", "web", "shop", "app", None, "web"],
    influence=["direct", "Direct", "direct", "direct", "direct", "direct", "indirect"],
)


def test_a_touch_is_online_where_its_channel_is_named_so() -> None:
    table = touch_origins(study(TOUCHES)).set_index("origin")
    online, offline = table.loc["online"], table.loc["offline"]
    assert (online["touches"], offline["touches"], online["unknown"]) == (4, 2, 1)
    assert online["share"] == pytest.approx(4 / 6, abs=EXACT)
    assert online["rating"] == pytest.approx((3 + 2 + 4 + 1) / 4, abs=EXACT)
    assert (online["n"], online["customers"]) == (4, 3)
    assert offline["rating"] == pytest.approx(4.5, abs=EXACT)


def test_channels_of_ones_own_can_be_online() -> None:
    table = touch_origins(study(TOUCHES, journey={"online": ["Shop"]})).set_index("origin")
    assert table.loc["online", "touches"] == 2


def test_an_indirect_touch_is_one_where_others_had_the_word() -> None:
    table = touch_origins(study(TOUCHES), by="stage").set_index(["stage", "origin"])
    assert table.loc[("tell", "indirect"), "touches"] == 1
    assert table.loc[("buy", "indirect"), "touches"] == 0
    assert table.loc[("tell", "indirect"), "note"] == "withheld: fewer than 2"


def test_customers_are_compared_with_themselves() -> None:
    row = origin_differences(study(TOUCHES)).iloc[0]
    # a: 2.5 online, 5 offline; b: 4 and 4; the others rated one side only.
    assert (row["n"], row["rated"]) == (2, 3)
    assert row["difference"] == pytest.approx(-1.25, abs=EXACT)
    limits = mean_interval(-1.25, pd.Series([-2.5, 0.0]).std(), 2)
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(list(limits))


def test_p_values_are_adjusted_for_two_questions() -> None:
    more = TOUCHES.assign(
        influence=["direct", "indirect", "direct", "direct", "indirect", "direct", "direct"]
    )
    alone = study(more.drop(columns="influence"))
    single = origin_differences(alone).loc[0, "p_value"]
    both = origin_differences(study(more))
    assert both.loc[0, "p_value"] == single  # as it is, with the adjusted one beside it
    assert (both["p_adjusted"] >= both["p_value"]).all()
    assert origin_differences(alone).loc[1, "note"] == "needs journeys.influence"


def test_nobody_who_rated_both_is_no_difference() -> None:
    row = origin_differences(study(TOUCHES)).iloc[1]
    assert isnan(row["difference"])
    assert row["note"] == "nobody rated both"


def test_differences_that_are_all_alike_are_sure() -> None:
    rows = [("a", "2026-01-01", "buy/x", 3), ("a", "2026-01-02", "buy/x", 5)]
    rows += [("b", "2026-01-01", "buy/x", 2), ("b", "2026-01-02", "buy/x", 4)]
    made = study(events(*rows).assign(channel=["web", "shop"] * 2))
    row = origin_differences(made).iloc[0]
    assert (row["difference"], row["conf_low"], row["p_value"]) == (-2, -2, 0)


def test_without_the_column_a_dimension_says_what_it_needs() -> None:
    bare = study(TOUCHES.drop(columns=["channel", "influence"]))
    assert list(touch_origins(bare)["note"]) == [
        "needs journeys.channel",
        "needs journeys.influence",
    ]
    assert len(touch_catalogue(bare)) == 4  # of three stages


def test_without_ratings_the_shares_remain() -> None:
    table = touch_origins(study(TOUCHES.drop(columns="rating")))
    assert table.loc[0, "share"] == pytest.approx(4 / 6, abs=EXACT)
    assert table.loc[0, "note"] == "no ratings"
    assert set(origin_differences(study(TOUCHES.drop(columns="rating")))["note"]) == {
        "needs journeys.rating"
    }


def test_without_journeys_there_is_no_catalogue() -> None:
    made = study(TOUCHES)
    alone = replace(made, tables={})
    with pytest.raises(ReportError, match="needs journeys"):
        touch_catalogue(alone)


def test_no_touch_is_no_row() -> None:
    empty = study(TOUCHES.iloc[:0])
    assert touch_origins(empty).empty
    assert touch_catalogue(empty).empty
    assert set(origin_differences(empty)["note"]) == {"nobody rated both"}


def test_the_catalogue_names_every_touchpoint_by_channel_and_contacts_last() -> None:
    table = touch_catalogue(both(TOUCHES, contacts(("a", "2026-01-05"), ("b", "2026-01-06"))))
    assert list(table["stage"]) == [*["buy"] * 4, "use", "tell", "contact with service"]
    assert list(table["touches"])[:1] == [2]
    last = table.iloc[-1]
    assert (last["channel"], last["place"], last["touches"], last["rating"]) == (
        "phone", "offline", 2, 4,
    )  # fmt: skip


def test_contacts_rated_on_another_scale_are_listed_without_a_rating() -> None:
    tables = {"tickets": {"path": "x", "columns": {"csat": {"column": "csat", "high": 10}}}}
    made = both(TOUCHES, contacts(("a", "2026-01-05"), ("b", "2026-01-06")), tables=tables)
    assert isnan(touch_catalogue(made)["rating"].iloc[-1])


def test_the_guest_hears_of_the_place_from_others_and_reads_four_pages() -> None:
    table = touch_origins(open_study(STORIES / "restaurant")).set_index("origin")
    assert table["touches"].to_dict() == {"online": 4, "offline": 6, "direct": 8, "indirect": 2}
    assert table.loc["online", "rating"] == pytest.approx((5 + 2 + 1 + 1) / 4, abs=EXACT)
    assert table.loc["indirect", "rating"] == 5
    stages = touch_origins(open_study(STORIES / "restaurant"), by="stage")
    awareness = stages.set_index(["stage", "origin"]).loc[("awareness", "indirect")]
    assert awareness["share"] == 1


def test_the_order_follows_a_recommendation() -> None:
    table = touch_origins(open_study(STORIES / "late_delivery"))
    assert table.loc[0, "note"] == "needs journeys.channel"
    assert table.set_index("origin").loc["indirect", "share"] == pytest.approx(1 / 3, abs=EXACT)
