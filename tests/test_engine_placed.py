"""Numbered rows come out in their order, with the types that `collect` gives."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import Engine as EngineSettings
from cxanalysis.engine import Engine, collect
from cxanalysis.engine.placed import collect_placed

ROWS = 40_000  # more than one batch


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    number = rng.permutation(ROWS)
    return pd.DataFrame(
        {
            "who": [f"c{value:06d}" for value in number],
            "score": np.where(number % 7 == 0, np.nan, number / 8),
            "number": number,
            "seen_at": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(number, unit="s"),
            "count": number * 2,
            "late": number % 2 == 0,
            "half": number / 2,
        }
    )


def test_rows_stand_where_their_number_says_as_if_sorted(rows: pd.DataFrame) -> None:
    frame = Engine(EngineSettings()).register(rows)
    expected = collect(frame.sort("number")).drop(columns="number")
    pd.testing.assert_frame_equal(collect_placed(frame, "number"), expected)


def test_no_rows_give_no_rows_with_all_columns(rows: pd.DataFrame) -> None:
    frame = Engine(EngineSettings()).register(rows).filter(nw.col("number") < 0)
    found = collect_placed(frame, "number")
    assert found.empty
    assert list(found) == ["who", "score", "seen_at", "count", "late", "half"]


def test_frame_may_be_changed(rows: pd.DataFrame) -> None:
    found = collect_placed(Engine(EngineSettings()).register(rows), "number")
    found.loc[0, ["score", "half"]] = -1.0
    assert found["score"].iloc[0] == found["half"].iloc[0] == -1.0
