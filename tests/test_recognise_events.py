"""Event logs without a stage, and rows that a vendor's export holds besides."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cxanalysis.engine import collect
from cxanalysis.recognise import recognise, write_study
from cxanalysis.study import open_study

EVENTS = {
    "page_view": "discovery",
    "add_to_cart": "interaction",
    "sign_up": "interaction",
    "purchase": "purchase",
    "share": "advocacy",
    "ad_impression": "awareness",
    **{f"custom_{letter}": "use" for letter in "abcdefgh"},
}


def test_many_kinds_of_event_are_put_into_the_usual_stages_by_their_words(tmp_path: Path) -> None:
    names = list(EVENTS) * 5
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{n % 9}" for n in range(len(names))],
            "event_name": names,
            "occurred_at": [f"2025-05-{n % 28 + 1:02d}T10:00:00Z" for n in range(len(names))],
        }
    )
    frame.to_csv(tmp_path / "events.csv", index=False)
    text = write_study(recognise([tmp_path / "events.csv"]), tmp_path / "study.toml").read_text()
    assert "put into a stage by its words" in text
    rows = collect(open_study(tmp_path).tables["journeys"])
    assert dict(zip(rows["touchpoint"], rows["stage"], strict=True)) == EVENTS


def test_kinds_of_event_that_name_a_person_are_written_nowhere(tmp_path: Path) -> None:
    names = [*list(EVENTS) * 5, "Call with Ann Hushquill", "support of ann.hush@x.example"]
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{n % 9}" for n in range(len(names))],
            "event_name": names,
            "occurred_at": [f"2025-05-{n % 28 + 1:02d}T10:00:00Z" for n in range(len(names))],
        }
    )
    frame.to_csv(tmp_path / "events.csv", index=False)
    guess = recognise([tmp_path / "events.csv"])
    text = write_study(guess, tmp_path / "study.toml").read_text()
    assert "may name a person: 2; they are put into no stage, and their 2 rows" in text
    assert "hush" not in f"{text} {guess}".lower()
    assert open_study(tmp_path).reading[0].rows_kept == len(names) - 2


def test_rows_that_a_vendors_file_leaves_out_shape_no_guess(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "event_id": range(60),
            "event_type": ["path_start", "raw", "raw"] * 20,
            "event_index": range(60),
            "event": ["path_start", "main", "cart"] * 20,
            "timestamp": [f"2025-05-{n % 28 + 1:02d} 10:00:00" for n in range(60)],
            "user_id": [f"u{n // 3}" for n in range(60)],
        }
    )
    frame.to_csv(tmp_path / "events.csv", index=False)
    guess = recognise([tmp_path / "events.csv"])
    assert guess.settings["stages"] == ["main", "cart"]


def test_a_stage_that_names_a_person_is_not_written_and_its_rows_are_counted(
    tmp_path: Path,
) -> None:
    stages = ["purchase", "use", "Call with Hushquill, Siobhan", "Visit by Ann Hushquill"] * 20
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{n % 9}" for n in range(len(stages))],
            "stage": stages,
            "touchpoint": "shop",
            "occurred_at": [f"2025-05-{n % 28 + 1:02d}T10:00:00Z" for n in range(len(stages))],
        }
    )
    frame.to_csv(tmp_path / "events.csv", index=False)
    guess = recognise([tmp_path / "events.csv"])
    text = write_study(guess, tmp_path / "study.toml").read_text()
    assert "Hushquill" not in text
    assert "their 40 of 80 rows will be set aside" in text


def test_stages_that_cannot_be_called_as_the_data_do_get_an_alias(tmp_path: Path) -> None:
    names = ["1. Look", "1. look", '2. "try"', "2 TRY", "a\tb", "...", "C\U0001fae9\\d", "use"] * 30
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{n // 8}" for n in range(len(names))],
            "stage": names,
            "touchpoint": "shop",
            "occurred_at": [f"2025-05-01T{n % 8 + 10}:00:00Z" for n in range(len(names))],
        }
    )
    frame.to_csv(tmp_path / "events.csv", index=False)
    guess = recognise([tmp_path / "events.csv"])
    assert guess.settings["stages"] == [
        "1 Look", "2 try", "a\tb", "other", "C\U0001fae9\\d", "use",
    ]  # fmt: skip
    study = open_study(write_study(guess, tmp_path / "study.toml"))
    assert study.reading[0].rows_kept == len(names)
    rows = collect(study.tables["journeys"])
    assert rows["stage"].value_counts()["2 try"] == 60
