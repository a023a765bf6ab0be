"""Where the journey hurts, by hand: factors, the touch before a contact, order and its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_metrics_reasons import contacts
from test_stories import story

from cxanalysis.config import StudyConfig
from cxanalysis.engine import collect
from cxanalysis.errors import ReportError
from cxanalysis.metrics.pain import UNPLACED, pain_points, placed_contacts
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

EXACT = 1e-9  # products of small fractions
SPREAD = 0.06  # of a standard error over 1,000 samples: 1 / √2000 is 0.022
SETTINGS: dict[str, Any] = {
    "stages": ["buy", "use"],
    "reasons": {"late": {"stage": "buy"}, "broken": {"stage": "use"}},
}


def made(
    journeys: pd.DataFrame, tickets: pd.DataFrame | None = None, period: str = "all", **config: Any
) -> Study:
    content = {"name": "Test", "tables": {}, "metrics": {"min_base": 2}} | SETTINGS | config
    frames = {"journeys": journeys} | ({} if tickets is None else {"tickets": tickets})
    base = study_of(StudyConfig.model_validate(content), frames)
    return Study(base.path, base.config, base.engine, base.tables, parse_period(period, "UTC"))


def events(*rows: tuple[str, str, str, float | None]) -> pd.DataFrame:
    """Customer, day, "stage/touchpoint" and rating."""
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "place", "rating"])
    places = frame["place"].str.split("/", expand=True)
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"].astype("string"),
            "occurred_at": pd.to_datetime(frame["day"], utc=True, format="ISO8601"),
            "stage": places[0],
            "touchpoint": places[1],
            "rating": frame["rating"].astype(float),
        }
    )


JOURNEYS = events(
    ("a", "2026-01-01", "buy/shop", 5),
    ("b", "2026-01-01", "buy/shop", 2),
    ("c", "2026-01-01", "buy/shop", None),
    ("d", "2026-01-01", "buy/shop", 4),
    ("a", "2026-01-03", "use/app", 1),
    ("b", "2026-01-03", "use/app", 2),
    ("a", "2026-01-09", "use/manual", 3),
    ("b", "2026-01-20", "use/hotline", None),
)
TICKETS = contacts(
    ("a", "2026-01-04", "broken"),  # after the app
    ("a", "2026-01-10", "broken"),  # after the manual
    ("b", "2026-01-03", "broken"),  # at the instant of the app
    ("c", "2026-01-02", "broken"),  # touched nothing of that stage
    ("d", "2026-01-02", "late"),  # after the shop
    ("d", "2026-01-03", "odd"),  # belongs to no stage
    (None, "2026-01-03", "late"),
)


def table(**config: Any) -> pd.DataFrame:
    return pain_points(made(JOURNEYS, TICKETS, **config)).set_index("touchpoint")


def test_contacts_belong_to_the_touchpoint_touched_last_before_them() -> None:
    placed = collect(placed_contacts(made(JOURNEYS, TICKETS)))
    counts = placed.groupby(["stage", "touchpoint"]).size().to_dict()
    assert counts == {
        ("use", "app"): 2,
        ("use", "manual"): 1,
        ("use", UNPLACED): 1,
        ("buy", "shop"): 1,
        ("buy", UNPLACED): 1,
    }


def test_factors_and_score_are_those_counted_by_hand() -> None:
    app = table().loc["app"]
    assert app["volume"] == pytest.approx(1000 * (2 + 2) / 8, abs=EXACT)
    assert app["severity"] == 1.0
    assert app["reach"] == pytest.approx(2 / 4, abs=EXACT)
    assert app["score"] == pytest.approx(500 * 1.0 * 0.5, abs=EXACT)
    assert app["contact_rate"] == pytest.approx(1000, abs=EXACT)
    shop = table().loc["shop"]
    assert shop["score"] == pytest.approx(1000 * 5 / 8 * (1 / 3) * 1.0, abs=EXACT)
    assert list(table()["rank"].dropna()) == [1, 2]


def test_places_with_few_ratings_or_none_stand_last_without_a_score() -> None:
    notes = table()["note"]
    assert notes["manual"] == "withheld: fewer than 2"
    assert notes["hotline"] == "no ratings"
    assert np.isnan(table().loc["manual", "score"])
    assert np.isnan(table().loc["manual", "severity"])
    assert table(metrics={"min_base": 9})["rank"].isna().all()


def test_stages_take_in_contacts_that_no_touchpoint_takes() -> None:
    stages = pain_points(made(JOURNEYS, TICKETS), by_touchpoint=False).set_index("stage")
    assert stages["contacts"].to_dict() == {"use": 4, "buy": 2}
    assert stages.loc["use", "score"] == pytest.approx(1000 * 8 / 8 * (2 / 3) * 0.5, abs=EXACT)


def test_where_low_is_good_the_worst_answers_are_the_high_ones() -> None:
    scale = {"low": 1, "high": 5, "higher_is_better": False}
    tables = {"journeys": {"path": "x.csv", "columns": {"rating": {"column": "rating"} | scale}}}
    assert table(tables=tables).loc["shop", "severity"] == pytest.approx(2 / 3, abs=EXACT)


def test_without_contacts_the_volume_is_that_of_touches() -> None:
    alone = pain_points(made(JOURNEYS)).set_index("touchpoint")
    assert alone.loc["app", "volume"] == pytest.approx(250, abs=EXACT)
    assert alone["contact_rate"].isna().all()
    unmapped = pain_points(made(JOURNEYS, TICKETS, reasons={}))
    assert (unmapped["contacts"] == 0).all()


def test_period_narrows_what_counts_but_not_the_touch_before() -> None:
    later = made(JOURNEYS, TICKETS, period="2026-02")
    assert pain_points(later).empty
    moved = TICKETS.assign(opened_at=TICKETS["opened_at"] + pd.Timedelta("31D"))
    placed = collect(placed_contacts(made(JOURNEYS, moved, period="2026-02")))
    assert (placed["touchpoint"] == UNPLACED).sum() == 2


def test_journeys_without_ratings_are_refused_with_what_is_needed() -> None:
    with pytest.raises(ReportError, match=r"needs journeys\.rating"):
        pain_points(made(JOURNEYS.drop(columns="rating")))


def drawn(n: int = 600) -> pd.DataFrame:
    """Customers who pass one place each way; the first place is rated low far more often."""
    rng = np.random.default_rng(4)
    low = rng.random((n, 3)) < [0.5, 0.12, 0.1]
    rows = [
        (f"c{i}", "2026-01-01", f"buy/{name}", 1.0 if low[i, k] else 5.0)
        for i in range(n)
        for k, name in enumerate(("worst", "middle", "best"))
    ]
    return events(*rows)


def test_order_is_told_apart_only_where_the_difference_is_beyond_chance() -> None:
    found = pain_points(made(drawn())).set_index("touchpoint")
    assert found.index[0] == "worst"
    assert list(found["is_apart"]) == [True, False, False]
    assert not found["is_rival"].any()


def test_interval_is_that_of_the_share_where_nothing_else_varies() -> None:
    found = pain_points(made(drawn())).set_index("touchpoint").loc["worst"]
    share = found["severity"]
    error = np.sqrt(share * (1 - share) / 600)
    width = (found["score_high"] - found["score_low"]) / found["score"] * share
    assert width == pytest.approx(2 * 1.96 * error, rel=2 * SPREAD)


def test_same_data_give_the_same_limits_in_any_order() -> None:
    rows = drawn()
    first = pain_points(made(rows))
    again = pain_points(made(rows.sample(frac=1, random_state=1)))
    pd.testing.assert_frame_equal(first, again)


def test_television_story_hurts_where_the_customer_returns_it(tmp_path: Path) -> None:
    opened = story("broken_television", tmp_path)
    reasons = {"return": {"stage": "use"}, "dropped at the till": {"stage": "purchase"}}
    config = opened.config.model_validate(opened.config.model_dump() | {"reasons": reasons})
    study = Study(opened.path, config, opened.engine, opened.tables)
    placed = collect(placed_contacts(study))
    assert sorted(placed["touchpoint"]) == ["manager", "returns desk", "told it is fine"]
    assert pain_points(study)["rank"].isna().all()  # one customer is no base
