"""The door of the engine: plain dtypes come out, whatever the engine adds up in."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxanalysis.engine import Engine, collect

TIMES = pd.to_datetime(["2026-03-29 00:30", "2026-03-29 01:30", None], utc=True)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": ["a", "a", None],
            "opened_at": TIMES.astype("datetime64[us, UTC]"),
            "transfers": [1, 2, 3],
            "abandoned": [True, False, True],
            "talk_seconds": [60.0, None, 30.0],
        }
    )


def test_frame_comes_back_as_it_went_in() -> None:
    before = frame()
    given = frame()
    back = collect(Engine().register(given))
    pd.testing.assert_frame_equal(given, before)
    assert back["opened_at"].dtype == "datetime64[us, UTC]"
    assert list(back["opened_at"][:2]) == list(TIMES[:2])
    assert back["opened_at"].isna().tolist() == [False, False, True]


def test_times_are_integer_microseconds_inside() -> None:
    assert Engine().register(frame()).collect_schema()["opened_at"] == nw.Int64


def test_every_aggregate_comes_out_as_a_plain_dtype() -> None:
    table = Engine().register(frame())
    out = collect(
        table.select(
            rows=nw.len(),
            transfers=nw.col("transfers").sum(),
            abandoned=nw.col("abandoned").cast(nw.Int64).sum(),
            any_abandoned=nw.col("abandoned").any(),
            talk=nw.col("talk_seconds").sum(),
            mean=nw.col("transfers").mean(),
            customers=nw.col("customer_id").n_unique(),
            last_at=nw.col("opened_at").max(),
        )
    )
    assert {name: str(dtype) for name, dtype in out.dtypes.items()} == {
        "rows": "int64",
        "transfers": "int64",
        "abandoned": "int64",
        "any_abandoned": "bool",
        "talk": "float64",
        "mean": "float64",
        "customers": "int64",
        "last_at": "datetime64[us, UTC]",
    }
    assert out.loc[0, "transfers"] == 6
    assert out.loc[0, "talk"] == 90.0
