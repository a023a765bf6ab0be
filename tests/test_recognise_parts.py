"""Files of one table that differ: the order of columns, columns more, times, and what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.recognise import recognise, write_study
from cxanalysis.study import open_study

N = 120


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def tickets(rng: np.random.Generator, month: int, first: int = 0) -> pd.DataFrame:
    """One month of tickets with three times, as an order has."""
    opened = pd.Timestamp(2026, month, 1) + pd.to_timedelta(rng.integers(0, 38_000, N), unit="min")
    replied = opened + pd.to_timedelta(rng.integers(5, 900, N), unit="min")
    return pd.DataFrame(
        {
            "ticket_id": np.arange(first, first + N),
            "customer_id": [f"C{n}" for n in rng.integers(1000, 1080, N)],
            "created_at": opened.strftime("%Y-%m-%d %H:%M"),
            "first_reply_at": replied.strftime("%Y-%m-%d %H:%M"),
            "solved_at": (replied + pd.Timedelta("1D")).strftime("%Y-%m-%d %H:%M"),
            "channel": rng.choice(["phone", "email", "chat"], N),
            "reason": rng.choice(["Billing", "Delivery"], N),
        }
    )


def survey(rng: np.random.Generator) -> pd.DataFrame:
    mood = rng.integers(0, 3, N)
    return pd.DataFrame(
        {
            "response_id": [f"R{n}" for n in range(N)],
            "customer_id": [f"C{n}" for n in range(1000, 1000 + N)],
            "answered_at": "2026-04-02 10:00",
            "Overall satisfaction": mood + rng.integers(1, 4, N),
            "Helpful support staff": mood + rng.integers(1, 4, N),
            "Speed of delivery": mood + rng.integers(1, 4, N),
        }
    )


def save(folder: Path, **frames: pd.DataFrame) -> list[Path]:
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return [folder / f"{name}.csv" for name in frames]


def opened(folder: Path, files: Any) -> Any:
    return open_study(write_study(recognise(files), folder / "study.toml"))


def test_months_with_their_columns_in_another_order_are_one_table(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    first, second = tickets(rng, 1), tickets(rng, 2, first=N)
    save(tmp_path, t_1=first, t_2=second[[*reversed(second.columns)]], answers=survey(rng))
    study = opened(tmp_path, [tmp_path / "t_*.csv", tmp_path / "answers.csv"])
    read = collect(study.tables["tickets"])
    assert set(study.tables) == {"tickets", "surveys"}
    both = pd.concat([first, second])
    assert sorted(read["ticket_id"]) == sorted(both["ticket_id"].astype(str))
    for name in ("customer_id", "channel", "reason"):
        got = dict(zip(read["ticket_id"], read[name], strict=True))
        assert got == dict(zip(both["ticket_id"].astype(str), both[name], strict=True))


def test_a_column_that_one_month_has_more_is_missing_in_the_others_and_that_is_said(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    first, second = tickets(rng, 1), tickets(rng, 2, first=N)
    files = save(tmp_path, t_1=first.drop(columns="reason"), t_2=second, answers=survey(rng))
    guess = recognise(files)
    table = guess.table("tickets")
    assert table is not None and table.files == tuple(files[:2]) and not guess.unused
    assert any("t_2.csv: column 'reason' is not in the other" in note for note in table.notes)
    study = opened(tmp_path, files)
    read = collect(study.tables["tickets"]).set_index("ticket_id")["reason"]
    assert read[first["ticket_id"].astype(str)].isna().all()
    assert read[second["ticket_id"].astype(str)].tolist() == second["reason"].tolist()
    said = next(reading for reading in study.reading if reading.table == "tickets").notes
    assert any("t_1.csv has no column 'reason', which other files" in note for note in said)


def test_a_month_without_what_every_row_needs_is_refused(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    files = save(tmp_path, t_1=tickets(rng, 1), t_2=tickets(rng, 2, first=N), answers=survey(rng))
    write_study(recognise(files), tmp_path / "study.toml")
    tickets(rng, 2, first=N).drop(columns="created_at").to_csv(files[1], index=False)
    with pytest.raises(DataError, match=r"t_2\.csv: no column 'created_at'"):
        open_study(tmp_path)


def test_json_records_of_one_table_may_lack_a_key(tmp_path: Path, rng: np.random.Generator) -> None:
    first, second = tickets(rng, 1), tickets(rng, 2, first=N)
    first.drop(columns="reason").to_json(tmp_path / "t_1.json", orient="records")
    second.to_json(tmp_path / "t_2.json", orient="records")
    study = opened(tmp_path, [tmp_path / "t_1.json", tmp_path / "t_2.json"])
    read = collect(study.tables["tickets"])
    assert len(read) == 2 * N and read["reason"].notna().sum() == N


def test_months_that_write_times_in_two_forms_are_refused_by_name(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    second = tickets(rng, 2)
    second["created_at"] = pd.to_datetime(second["created_at"]).dt.strftime("%d/%m/%Y %H:%M")
    files = save(tmp_path, t_1=tickets(rng, 1), t_2=second)
    message = r"t_2\.csv: 'created_at' is written %d/%m/%Y %H:%M, in t_1\.csv 2026-03-14 10:11"
    with pytest.raises(DataError, match=message):
        recognise(files)


def test_tickets_are_no_journey_where_other_tickets_are_chosen(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    second = tickets(rng, 2).rename(
        columns={"reason": "Contact reason", "channel": "Origin", "solved_at": "closed_at"}
    )
    guess = recognise(save(tmp_path, t_1=tickets(rng, 1), t_2=second, answers=survey(rng)))
    assert guess.table("journeys") is None
    assert len(guess.unused) == 1


def test_of_two_surveys_the_one_that_asks_more_is_taken_and_the_other_said(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    score = {"NPS score": rng.integers(0, 11, N), "Why?": "because", "Invited at": "2026-04-01"}
    poor = survey(rng).iloc[:, :3].assign(**score)
    files = save(tmp_path, nps=poor, relationship=survey(rng), tickets=tickets(rng, 1))
    guess = recognise(files)
    ((path, why),) = guess.unused
    assert path == files[0]
    assert "relationship.csv is taken (3 rated questions; this one 1 rated question)" in why
    assert "its 120 rows are left out" in why
    text = write_study(guess, tmp_path / "study.toml").read_text()
    assert "# CHECK: nps.csv is not used" in text and "CHECK: nps.csv" in str(guess)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["sometime", "later"], "the values of 'created_at' are not read as times"),
        (["30107.36001", "30108.5"], "'created_at' holds numbers that look like Excel's days"),
    ],
)
def test_what_a_file_lacks_is_said(
    values: list[str], reason: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    frame = tickets(rng, 1).drop(columns=["first_reply_at", "solved_at"])
    frame["created_at"] = rng.choice(values, N)
    ((_, why),) = recognise(save(tmp_path, calls=frame, answers=survey(rng))).unused
    assert why.startswith("it is none of the four tables. It looks most like tickets, but ")
    assert reason in why


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", '{"error": {"code": 401, "message": "no"}}', "holds an error message"),
    ],
)
def test_what_is_on_top_of_or_in_place_of_records_is_said(
    name: str, content: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=message):
        recognise([tmp_path / name])


def test_what_is_printed_of_a_column_made_from_several_is_what_the_study_file_says() -> None:
    path = Path(__file__).parent / "vendors" / "segment_tracks" / "tracks.csv"
    assert "customer_id ← the first there is of user_id, anonymous_id" in str(recognise([path]))
