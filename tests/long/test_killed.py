"""A run killed at any moment leaves a whole cache or none, and the next run is right."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from cxanalysis.sources.cache import FOLDER
from cxanalysis.study import open_study

pytestmark = pytest.mark.long

KILLS = int(os.environ.get("KILLS", "40"))
ROWS = 60_000
READ = "import sys; from cxanalysis.study import open_study; open_study(sys.argv[1])"


def test_a_killed_run_leaves_a_whole_table_or_none(tmp_path: Path) -> None:
    lines = [f"t{i},c{i % 999},2026-03-01 10:00:00,{i % 7}" for i in range(ROWS)]
    (tmp_path / "t.csv").write_text("ticket_id,customer_id,opened_at,talk_seconds\n")
    with (tmp_path / "t.csv").open("a") as handle:
        handle.write("\n".join(lines))
    toml = tmp_path / "study.toml"
    rng = random.Random(20260101)
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", READ, _study(toml, 0)], check=True)
    usual = time.monotonic() - began

    for number in range(1, KILLS + 1):
        run = subprocess.Popen([sys.executable, "-c", READ, _study(toml, number)])
        time.sleep(rng.uniform(0.3, 1.1) * usual)
        run.send_signal(signal.SIGKILL)
        run.wait()
        store = tmp_path / FOLDER
        for place in store.glob("tickets-*"):
            assert len(pd.read_parquet(place / "rows.parquet")) == ROWS
            assert (place / "reading.json").stat().st_size
            assert len(pd.read_parquet(place / "rejects.parquet")) == 0
        names = [path.name for path in store.iterdir()]
        fine = r"\.gitignore|matches\S+|salt\S*|building-\S+|rejects_\S+|tickets-[0-9a-f]{20}"
        assert all(re.fullmatch(fine, name) for name in names)
        assert open_study(toml).reading[0].rows_kept == ROWS


def _study(toml: Path, number: int) -> str:
    """Each run has a study of its own, so that none is served from the cache."""
    toml.write_text(
        f'name = "killed"\n[tables.tickets]\npath = "t.csv"\nmissing = ["none {number}"]\n'
    )
    return str(toml)
