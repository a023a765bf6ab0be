"""The door of the engine: plain dtypes come out, whatever the engine adds up in."""

from __future__ import annotations

import builtins
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

import cxanalysis as cx
from cxanalysis.config import Engine as Settings
from cxanalysis.engine import Engine, collect, connect
from cxanalysis.engine.batches import fold
from cxanalysis.engine.spark import _is_asked
from cxanalysis.errors import DataError, EngineError
from cxanalysis.metrics.divergence import divergence_touchpoints
from cxanalysis.sample import read_sample
from cxanalysis.study import Study

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


def test_kept_rows_are_worked_out_once_with_plain_dtypes() -> None:
    engine = Engine()
    given = engine.register(pd.DataFrame({"customer_id": ["a", "a", "b"], "transfers": [1, 2, 3]}))
    drawn = given.group_by("customer_id").agg(nw.col("transfers").sum())
    kept = engine.keep(drawn.with_columns(opened_at=nw.col("transfers").cast(nw.Int32)))
    assert kept.collect_schema() == {
        "customer_id": nw.String,
        "transfers": nw.Int64,
        "opened_at": nw.Int64,
    }
    out = collect(kept).sort_values("customer_id")
    assert out["transfers"].tolist() == [3, 3]
    pd.testing.assert_frame_equal(out, collect(kept).sort_values("customer_id"))


def test_two_kept_frames_do_not_take_each_others_place() -> None:
    engine = Engine()
    first = engine.keep(engine.register(pd.DataFrame({"n": [1]})))
    second = engine.keep(engine.register(pd.DataFrame({"n": [2]})))
    assert (collect(first)["n"][0], collect(second)["n"][0]) == (1, 2)


def test_threads_memory_and_the_folder_to_spill_to_are_those_of_the_study(tmp_path: Path) -> None:
    settings = Settings(threads=1, memory_limit="512MiB", spill_folder=str(tmp_path / "spill"))
    row = connect(settings).execute(
        "SELECT current_setting('threads'), current_setting('memory_limit'),"
        " current_setting('temp_directory'), current_setting('TimeZone')"
    )
    assert row.fetchone() == (1, "512.0 MiB", str(tmp_path / "spill"), "UTC")


def test_more_than_the_memory_limit_is_spilled_to_the_folder(tmp_path: Path) -> None:
    settings = Settings(threads=1, memory_limit="40MB", spill_folder=str(tmp_path / "spill"))
    engine = Engine(settings)
    numbers = pd.DataFrame({"number": range(200_000)})
    rows = engine.register(numbers).with_columns(text=nw.col("number").cast(nw.String))
    thrice = engine.keep(nw.concat([rows] * 20))
    assert collect(thrice.select(n=nw.len(), different=nw.col("text").n_unique())).iloc[
        0
    ].tolist() == [4_000_000, 200_000]


def small_engine(folder: Path, room: str) -> Engine:
    engine = Engine(Settings(threads=1, memory_limit="30MB", spill_folder=str(folder)))
    engine._back._connection.execute(f"SET max_temp_directory_size = '{room}'")
    return engine


def distinct_texts(engine: Engine) -> nw.LazyFrame[Any]:
    """More than 30 MB of groups, in some order."""
    rows = engine.register(pd.DataFrame({"number": range(600_000)}))
    texts = rows.select("number", text=nw.concat_str([nw.col("number").cast(nw.String)] * 6))
    return texts.group_by("text").agg(nw.col("number").sum()).sort("text")


@pytest.mark.parametrize(("room", "advice"), [("4MB", "spill_folder"), ("0B", "spill_folder")])
@pytest.mark.parametrize("ask", ["collect", "keep", "fold"])
def test_a_full_spill_folder_is_told(tmp_path: Path, ask: str, room: str, advice: str) -> None:
    engine = small_engine(tmp_path, room)
    frame = distinct_texts(engine)
    with pytest.raises(EngineError, match=f"set {advice}"):
        {"collect": collect, "keep": engine.keep, "fold": count_rows}[ask](frame)


def count_rows(frame: nw.LazyFrame[Any]) -> int:
    return sum(fold(frame, lambda batches, _: sum(batch.num_rows for batch in batches)))


def test_a_small_table_is_held_and_so_is_what_is_taken_out_of_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"number": [1, 2]}).to_parquet(path)
    engine = Engine()
    rows = engine.scan(path)
    path.unlink()
    some = rows.filter(nw.col("number") > 1)
    part = engine.part(some)
    assert part is not some
    assert collect(part)["number"].tolist() == [2]


def test_beside_a_large_table_only_few_rows_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = tmp_path / "small.parquet", tmp_path / "large.parquet"
    pd.DataFrame({"number": [1, 2]}).to_parquet(small)
    pd.DataFrame({"number": range(1000)}).to_parquet(large)
    monkeypatch.setattr("cxanalysis.engine.duck.HELD_BYTES", small.stat().st_size)
    engine = Engine()
    rows = [engine.scan(path) for path in (large, small)]
    monkeypatch.setattr("cxanalysis.engine.duck.HELD_ROWS", 2)
    assert [engine.part(each) is each for each in rows] == [True, False]


@pytest.mark.parametrize("ask", [collect, count_rows])
def test_a_page_damaged_in_the_middle_of_a_table_is_told(
    tmp_path: Path, ask: Callable[[nw.LazyFrame[Any]], Any]
) -> None:
    """DuckDB comes upon it between two batches, or before the first."""
    path = tmp_path / "rows.parquet"
    numbers = np.random.default_rng(0).normal(size=300_000)
    pd.DataFrame({"number": numbers}).to_parquet(path, row_group_size=20_000, compression="zstd")
    rows = Engine(Settings(threads=1)).scan(path)
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + bytes(half // 2) + content[half + half // 2 :])
    with pytest.raises(DataError, match="damaged or gone"):
        ask(rows)


def test_what_is_wrong_in_the_work_itself_stays_as_it_is(tmp_path: Path) -> None:
    def refuse(batches: Iterator[Any], part: int) -> None:
        raise PermissionError(13, "not allowed")

    with pytest.raises(PermissionError):
        fold(Engine().register(frame()), refuse)


@pytest.mark.parametrize(
    ("name", "running", "asked", "same"),
    [
        ("spark.executor.memory", "4g", "4g", True),
        ("spark.executor.memory", "14g", "4g", False),
        ("spark.executor.memory", "", "4g", False),
        ("spark.driver.extraJavaOptions", "-Dspark=1 -Dmy=4", "-Dmy=4", True),
        ("spark.executor.extraJavaOptions", "-Dspark=1 -Dmy=4", "-Dmy=4", True),
        ("spark.driver.extraJavaOptions", "-Dspark=1 -Dmy=14", "4", False),
        ("spark.driver.extraJavaOptions", "-Dspark=1", "", True),
    ],
)
def test_a_running_session_is_taken_only_with_the_settings_asked_for(
    name: str, running: str, asked: str, same: bool
) -> None:
    assert _is_asked(name, running, asked) is same


def test_without_pyspark_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "pyspark":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EngineError, match=r"pip install \"cxanalysis\[spark\]\""):
        Engine(Settings(name="spark"))


def test_without_java_an_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("pyspark", exc_type=ImportError)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match=r"Java 17 or newer.*apt install"):
        Engine(Settings(name="spark"))


def test_a_master_that_is_not_there_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", exc_type=ImportError)
    monkeypatch.setattr("shutil.which", lambda name, path=None: name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        master = f"spark://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"No Spark master answers at {master}"):
            Engine(Settings(name="spark", master=master))


def test_a_master_without_a_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", exc_type=ImportError)
    monkeypatch.setattr("shutil.which", lambda name, path=None: name)
    with pytest.raises(EngineError, match="spark://HOST:PORT"):
        Engine(Settings(name="spark", master="spark://somewhere"))


@pytest.mark.parametrize("ask", [cx.recurrence, divergence_touchpoints])
def test_a_figure_asked_for_again_keeps_no_more_in_the_engine(ask: Callable[[Study], Any]) -> None:
    study = read_sample()

    def kept() -> int:
        answer = study.engine._back._connection.execute("SELECT count(*) FROM duckdb_tables()")
        return int(answer.fetchone()[0])

    first = ask(study)
    after = kept()
    pd.testing.assert_frame_equal(ask(study), first)
    assert kept() == after > 0
