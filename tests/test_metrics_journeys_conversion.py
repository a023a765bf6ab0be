"""Who went on: counted by hand, ties and open windows included."""

from __future__ import annotations

from math import isnan

import pandas as pd
import pytest
from test_metrics_journeys import events, study

from cxanalysis.findings import find_conversion
from cxanalysis.metrics import journey_completion, stage_conversion
from cxanalysis.metrics.intervals import wilson

EXACT = 1e-9  # shares of small whole numbers

# The data end on 1 June, so 90 days are over for whoever touched a stage by 3 March.
ROWS = [
    ("a", "2026-01-01", "buy/shop", None),
    ("a", "2026-01-11", "use/app", None),  # ten days later
    ("b", "2026-01-01", "buy/shop", None),
    ("b", "2026-01-01", "use/app", None),  # the same instant counts
    ("c", "2026-01-01", "buy/shop", None),
    ("c", "2026-04-01T00:00:01Z", "use/app", None),  # a second more than 90 days
    ("d", "2026-01-01", "buy/shop", None),
    ("d", "2026-02-01", "tell/review", None),  # a later stage, not the next
    ("e", "2026-01-01", "use/app", None),
    ("e", "2026-01-05", "buy/shop", None),  # going back is not going on
    ("f", "2026-03-04", "buy/shop", None),  # its 90 days are not over
    ("f", "2026-03-05", "use/app", None),
    ("z", "2026-06-01", "tell/review", None),
]


def table(days: int = 90, period: str = "all") -> pd.DataFrame:
    return stage_conversion(study(events(*ROWS), period), days).set_index("stage")


def test_customers_go_on_within_the_window_from_their_first_touch() -> None:
    buy = table().loc["buy"]
    assert buy["n"] == 5  # a to e; of these a and b went on
    assert buy["share"] == pytest.approx(2 / 5, abs=EXACT)
    assert [buy["conf_low"], buy["conf_high"]] == pytest.approx(list(wilson(2, 5)))
    assert buy["later_share"] == pytest.approx(3 / 5, abs=EXACT)  # and d, by another way
    assert buy["median_days"] == pytest.approx(5, abs=EXACT)


def test_shorter_window_takes_in_fresher_customers_and_fewer_steps() -> None:
    buy = table(days=5).loc["buy"]
    assert buy["n"] == 6
    assert buy["share"] == pytest.approx(2 / 6, abs=EXACT)  # b and f


def test_customers_belong_to_the_period_in_which_their_window_ends() -> None:
    assert table(period="2026-04").loc["buy", "n"] == 5
    assert table(period="2026-03").loc["buy", "n"] == 0
    assert table(period="2026-03").loc["buy", "note"] == "nothing to count"


def test_completion_follows_those_who_began_at_the_first_stage() -> None:
    result = journey_completion(study(events(*ROWS))).set_index("stage")
    assert list(result["n"]) == [5, 5, 5]
    assert list(result["share"]) == pytest.approx([1, 2 / 5, 1 / 5], abs=EXACT)


def test_stage_that_nobody_touched_is_skipped() -> None:
    rows = [row for row in ROWS if not row[2].startswith("use")]
    result = stage_conversion(study(events(*rows)))
    assert list(result["stage"] + result["next_stage"]) == ["buytell"]
    assert result.loc[0, "share"] == pytest.approx(1 / 5, abs=EXACT)


def test_shares_below_the_base_are_withheld() -> None:
    result = stage_conversion(study(events(*ROWS), metrics={"min_base": 6}))
    assert result["share"].isna().all()
    assert list(result["note"]) == ["withheld: fewer than 6"] * 2
    assert find_conversion(study(events(*ROWS), metrics={"min_base": 6})).reached == ()


@pytest.mark.parametrize("rows", [[], ROWS[:1]])
def test_without_two_stages_there_is_no_step(rows: list[tuple[str, str, str, None]]) -> None:
    few = study(events(*ROWS).iloc[: len(rows)])
    assert stage_conversion(few).empty
    assert journey_completion(few).empty
    assert find_conversion(few).steps == ()


def test_finding_holds_every_step_and_how_far_those_who_began_came() -> None:
    finding = find_conversion(study(events(*ROWS)))
    assert [(step.stage, step.following) for step in finding.steps] == [
        ("buy", "use"),
        ("use", "tell"),
    ]
    assert (finding.first, finding.begun) == ("buy", 5)
    assert [stage for stage, _ in finding.reached] == ["use", "tell"]
    assert isnan(finding.steps[1].median_days)
