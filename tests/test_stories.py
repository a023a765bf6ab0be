"""The six stories: the answers that are known by hand come out of the metrics."""

from __future__ import annotations

from pathlib import Path

import pytest

import cxanalysis as cx
from cxanalysis.engine import collect
from cxanalysis.study import Study

STORIES = Path(__file__).parents[1] / "data" / "stories"
NAMES = sorted(path.name for path in STORIES.iterdir() if path.is_dir())
EXACT = 1e-9
DAY = 24.0  # hours


def story(name: str, folder: Path) -> Study:
    """A story opened from a copy, so that its cache does not lie beside it."""
    for path in (STORIES / name).iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return cx.open_study(folder)


def value(table: object, metric: str) -> float:
    return float(table.set_index("metric").loc[metric, "value"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_a_story_is_read_whole_and_its_readme_names_it(name: str, tmp_path: Path) -> None:
    study = story(name, tmp_path)
    assert len(study.rejects()) == 0
    assert all(reading.rows_kept for reading in study.reading)
    assert f"`{name}`" in (STORIES / "README.md").read_text(encoding="utf-8")
    assert "invented" in (STORIES / name / "study.toml").read_text(encoding="utf-8")


def test_there_are_six_stories() -> None:
    assert len(NAMES) == 6


def test_the_waiter_of_the_restaurant_had_six_tables(tmp_path: Path) -> None:
    study = story("restaurant", tmp_path)
    assert value(cx.plan_metrics(study), "staff_load") == 6
    row = cx.plan_metrics(study).set_index("metric").loc["price_ratio"]
    assert row["note"] == "withheld: fewer than 2"  # one bill is no rate
    assert value(cx.complaint_metrics(study), "complaint_effort") == 6.5


def test_service_was_the_best_part_of_the_restaurant_and_the_end_the_worst(tmp_path: Path) -> None:
    table = cx.feedback_coverage(story("restaurant", tmp_path)).set_index("touchpoint")
    assert table.index[table["is_service"]].tolist() == ["ordering", "serving"]
    assert (table["rated"] == table["touches"]).all()
    touches = cx.journey_map(story("restaurant", tmp_path), by_touchpoint=True)
    ratings = touches.set_index("touchpoint")["rating"].dropna()
    assert ratings.idxmin() == "complaints page"


def test_the_home_office_took_seven_visits_for_four(tmp_path: Path) -> None:
    table = cx.plan_metrics(story("home_office", tmp_path)).set_index("metric")
    assert table.loc["rework_ratio", "value"] == pytest.approx(1.75, abs=EXACT)
    assert table.loc["rework_ratio", "note"] == "7 for 4"


def test_the_window_is_promised_28_days_later_still_open_and_censored(tmp_path: Path) -> None:
    study = story("home_office", tmp_path)
    (window,) = cx.promise_rows(study).to_dict("records")
    assert window["moved_hours"] == 28 * DAY
    assert window["status"] == "open"
    assert window["censored"]
    assert window["hours_late"] == 21 * DAY  # so far: the story ends three weeks after the date
    assert window["chased"]
    assert value(cx.promise_metrics(study), "chase_contacts") == 1.0
    kept = cx.promise_metrics(study).set_index("metric").loc["promises_kept"]
    assert (kept["n"], kept["note"]) == (1, "withheld: fewer than 2")


def test_nobody_was_in_when_the_owner_first_called(tmp_path: Path) -> None:
    table = cx.service_metrics(story("home_office", tmp_path)).set_index("metric")
    assert table.loc["abandonment", "value"] == 0.5


def test_three_of_four_touches_of_the_kitchen_were_begun_by_the_company(tmp_path: Path) -> None:
    study = story("kitchen_gift", tmp_path)
    touches = collect(study.tables["journeys"])
    assert touches["initiator"].value_counts().to_dict() == {"company": 3, "customer": 1}
    asked = touches.set_index("touchpoint")["occurred_at"]["asked how it went"]
    gift = touches.set_index("touchpoint")["occurred_at"]["gift and note"]
    assert (asked - gift).days == 1  # asked right after a gift, which answers do not forget


def test_the_letter_about_the_bread_was_answered_acted_on_and_told(tmp_path: Path) -> None:
    study = story("renamed_bread", tmp_path)
    (letter,) = cx.feedback_rows(study).to_dict("records")
    assert letter["reply_hours"] == 4 * DAY
    assert letter["replied_at"] < letter["acted_at"] < letter["told_at"]
    assert (cx.feedback_loop(study)["n"] == 1).all()


def test_the_television_took_more_than_three_hours_for_what_takes_minutes(tmp_path: Path) -> None:
    table = cx.plan_metrics(story("broken_television", tmp_path)).set_index("metric")
    taken, possible = (
        float(part.replace(",", "")) for part in table.loc["time_ratio", "note"].split(" for ")
    )
    assert taken > 3 * 3600
    assert possible == 600
    assert table.loc["time_ratio", "value"] == pytest.approx(19.0, abs=EXACT)


def test_the_late_delivery_was_answered_an_hour_before_it_was_needed(tmp_path: Path) -> None:
    study = story("late_delivery", tmp_path)
    (order,) = cx.promise_rows(study).to_dict("records")
    assert (order["status"], order["hours_late"]) == ("late", 6 * DAY)
    assert order["chased"]
    assert order["answered_in_time"]
    assert value(cx.promise_metrics(study), "chase_contacts") == 1.0
    assert value(cx.service_metrics(study), "abandonment") == pytest.approx(2 / 3, abs=EXACT)
