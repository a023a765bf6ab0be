"""The benchmark of scale says that ways gave the same only where they did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.bench.scale import agree, stage_of
from tests.bench.scale_data import HOT_SHARE, write_tables

EVENTS = 4_000


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scale") / "tables"
    write_tables(folder, EVENTS)
    return folder


def left(
    tables: Path, out: Path, way: str, stage: str, change: Callable[[Any], Any] = lambda made: made
) -> Path:
    """What a way leaves of a stage, changed on its way."""
    run, leave = stage_of(way, stage, tables, 1)
    out.mkdir()
    leave(change(run()), out)
    return out


@pytest.mark.parametrize("stage", ["match", "service", "experience", "journey", "frame"])
def test_all_ways_give_the_same(tables: Path, tmp_path: Path, stage: str) -> None:
    own = left(tables, tmp_path / "package", "package", stage)
    for way in ("sql", "pandas"):
        assert agree(own, left(tables, tmp_path / way, way, stage)), way


WRONG: dict[str, Callable[[pd.Series[float]], pd.Series[float]]] = {
    "transfers": lambda figure: -figure,
    "contact_csat": lambda figure: 5 * figure,
    "use_rating": lambda figure: figure.iloc[::-1].set_axis(figure.index),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_centred_column_of_pandas_is_found(tables: Path, tmp_path: Path, name: str) -> None:
    """Its sum is 0 whichever way, so that only rows tell."""
    own = left(tables, tmp_path / "package", "package", "frame")

    def spoil(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{name: WRONG[name](frame[name])})

    assert not agree(own, left(tables, tmp_path / "pandas", "pandas", "frame", spoil))


def test_a_wrong_centred_column_in_the_engine_is_found(tables: Path, tmp_path: Path) -> None:
    own = left(tables, tmp_path / "package", "package", "features")
    assert agree(own, left(tables, tmp_path / "sql", "sql", "features"))

    def spoil(frame: Any) -> Any:
        import narwhals as nw

        return frame.with_columns(nw.col("contact_csat") * 5)

    assert not agree(own, left(tables, tmp_path / "wrong", "package", "features", spoil))


@pytest.mark.parametrize("hot", [(), ("journeys", "tickets"), ("journeys", "tickets", "surveys")])
def test_the_hot_customer_has_its_share_of_the_tables_asked_for(
    tmp_path: Path, hot: tuple[str, ...]
) -> None:
    write_tables(tmp_path, 40_000, hot=hot)
    for name in ("journeys", "tickets", "surveys"):
        rows = pq.read_table(tmp_path / f"{name}.parquet", columns=["customer_id"])["customer_id"]
        share = pc.sum(pc.equal(rows, "c000000000")).as_py() / len(rows)
        assert (share > HOT_SHARE / 2) == (name in hot), name
