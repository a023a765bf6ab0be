"""Reading and checking a table of tickets, timed beside DuckDB and pandas reading the same file.

    python tests/bench/compare_reading.py [rows] [folder]

One row in a thousand breaks a rule, every rule in turn. DuckDB gets the same file in the same
run, into a table of texts and once over all values without keeping them, and so does
`pandas.read_csv`; neither checks anything. Every step has a process of its own, so that its peak
memory is its own; imports are not timed.
Prints seconds, those that processors worked, ratios and memory.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

HEADER = "id,customer,opened,first reply,solved,channel,reason,csat,transfers"
EVERY = 1000  # rows of which one is bad
EXPECTED = {
    "ragged line": 2,
    "unreadable number": 2,
    "below 0": 1,
    "duplicate id": 1,
    "first_replied_at before opened_at": 1,
    "missing required value": 1,
    "off the scale 1–5": 1,
    "solved_at before opened_at": 1,
    "time outside 1901–2099": 1,
    "unreadable time": 1,
    "broken quoting": 1,
}  # how many kinds of bad rows break each rule
KINDS = sum(EXPECTED.values())
STUDY = """name = "scale"
[engine]
memory_limit = "1GB"
[tables.tickets]
path = "tickets.csv"
[tables.tickets.columns]
ticket_id = "id"
customer_id = "customer"
opened_at = "opened"
first_replied_at = "first reply"
solved_at = "solved"
channel = "channel"
reason = "reason"
csat = "csat"
transfers = "transfers"
"""


def make(folder: Path, rows: int) -> None:
    """Write the tickets and their study file."""
    time_form = "'%Y-%m-%d %H:%M:%S'"
    values = f"""
        SELECT i, k,
            'T' || CASE WHEN k = 9 THEN i - 1 ELSE i END AS id,
            'C' || (h % 1000000) AS customer,
            CASE k WHEN 0 THEN '' WHEN 1 THEN 'soon' WHEN 2 THEN '1900-01-01 00:00:00'
                ELSE strftime(t, {time_form}) END AS opened,
            CASE WHEN k = 4 THEN strftime(t - INTERVAL 1 HOUR, {time_form})
                WHEN k < 0 AND h % 10 = 3 THEN ''
                ELSE strftime(t + to_seconds(h % 7200), {time_form}) END AS reply,
            CASE WHEN k = 3 THEN strftime(t - INTERVAL 1 DAY, {time_form})
                WHEN k < 0 AND h % 10 = 4 THEN ''
                ELSE strftime(t + to_seconds(7200 + h % 200000), {time_form}) END AS solved,
            CASE WHEN k = 12 THEN '"chat"x' ELSE
                ['phone', 'chat', 'e-mail', 'web'][1 + (h // 16) % 4] END AS channel,
            ['late delivery', 'wrong item', 'how to', 'refund'][1 + (h // 64) % 4] AS reason,
            CASE WHEN k = 5 THEN '9' WHEN k = 6 THEN 'good' WHEN h % 3 = 0 THEN ''
                ELSE (1 + (h // 1024) % 5)::VARCHAR END AS csat,
            CASE WHEN k = 7 THEN '-1' WHEN k = 8 THEN 'two'
                ELSE ((h // 8192) % 4)::VARCHAR END AS transfers
        FROM (
            SELECT i, (hash(i) >> 2)::BIGINT AS h, TIMESTAMP '2025-01-01' + to_seconds(i * 3) AS t,
                CASE WHEN i % {EVERY} = {EVERY // 2} THEN i // {EVERY} % {KINDS} ELSE -1 END AS k
            FROM range({rows}) r(i)
        )"""
    names = "id, customer, opened, reply, solved, channel, reason, csat, transfers"
    lines = f"""
        SELECT CASE k WHEN 10 THEN concat_ws(',', id, customer, opened)
            WHEN 11 THEN concat_ws(',', {names}, 'more')
            ELSE concat_ws(',', {names}) END AS "{HEADER}" FROM ({values}) ORDER BY i"""
    with duckdb.connect() as connection:
        connection.execute("PRAGMA disable_progress_bar")
        connection.execute(
            f"COPY ({lines}) TO '{folder / 'tickets.csv'}' "
            "(FORMAT csv, HEADER, QUOTE '', ESCAPE '', DELIMITER '\x1f')"
        )
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")


def texts(folder: Path) -> str:
    """SQL of DuckDB's own reading, bad lines left out."""
    return f"read_csv('{folder / 'tickets.csv'}', all_varchar = true, store_rejects = true)"


def into_a_table(folder: Path) -> None:
    """DuckDB keeps every value as text in memory."""
    with duckdb.connect() as connection:
        connection.execute("PRAGMA disable_progress_bar")
        connection.execute(f"CREATE TABLE texts AS FROM {texts(folder)}")


def over_all_values(folder: Path) -> None:
    """DuckDB reads every value and keeps none."""
    with duckdb.connect() as connection:
        connection.execute("PRAGMA disable_progress_bar")
        connection.execute(f"SELECT max(COLUMNS(*)) FROM {texts(folder)}").fetchall()


def by_pandas(folder: Path) -> None:
    """`pandas.read_csv` as most people call it, lines with too many fields left out."""
    pd.read_csv(folder / "tickets.csv", on_bad_lines="skip", low_memory=False)


def checked(folder: Path) -> dict[str, int]:
    """Rows that break each rule; every one of them is in the list of rejects."""
    from cxanalysis.config import read_config
    from cxanalysis.sources.read import read_table

    stored = read_table("tickets", read_config(folder / "study.toml"), folder)
    assert stored.reading.rows_kept + stored.reading.rows_set_aside == stored.reading.rows_read
    return dict(stored.reading.rejects)


@dataclass(frozen=True)
class Took:
    """Seconds that a step took, those that processors worked on it, and GiB at the peak."""

    seconds: float
    worked: float
    memory: float
    result: Any


def timed(step: Callable[[Path], Any], folder: Path, answer: Any) -> None:
    """Send what a step took."""
    if step is checked:
        importlib.import_module("cxanalysis.sources.read")
    began, worked = time.perf_counter(), time.process_time()
    result = step(folder)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    # `resource` would count the memory of the process that started this one, too.
    status = Path("/proc/self/status").read_text().splitlines()
    memory = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 2**20
    answer.put(Took(seconds, worked, memory, result))


def run(step: Callable[[Path], Any], folder: Path) -> Took:
    """A step in a process of its own."""
    context = get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=timed, args=(step, folder, answer))
    process.start()
    found: Took = answer.get()
    process.join()
    return found


def main(rows: int, place: str | None) -> None:
    """Make the file, time the four readings and print them."""
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        make(folder, rows)
        size = (folder / "tickets.csv").stat().st_size / 1e9
        print(f"{rows:,} rows of 9 columns, {size:.2f} GB, DuckDB {duckdb.__version__}")
        results = {
            step.__name__: run(step, folder) for step in (over_all_values, into_a_table, by_pandas)
        }
        results["checked"] = run(checked, folder)
        ours = results["checked"]
        for what, took in results.items():
            print(
                f"{what:16} {took.seconds:8.2f} s {took.worked:8.2f} s worked {took.memory:6.2f} "
                f"GiB; checked takes {ours.seconds / took.seconds:.2f}× the time, "
                f"{ours.worked / took.worked:.2f}× the work"
            )
        bad = rows // EVERY
        for rule, found in ours.result.items():
            wanted = EXPECTED[rule] * bad / KINDS
            assert abs(found - wanted) <= EXPECTED[rule], (rule, found, wanted)
            print(f"  {rule}: {found:,}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, (sys.argv[2:] or [None])[0])
