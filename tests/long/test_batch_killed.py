"""Five hundred reports, killed three times: in the end all are there, and none was made twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from test_batch import LIGHT

pytestmark = pytest.mark.long

REPORTS = int(os.environ.get("REPORTS", "500"))
KILLED_AT = (0.2, 0.5, 0.8)  # of the reports
STUDY = """
name = "Many"
[tables.surveys]
path = "answers.csv"
[tables.customers]
path = "customers.csv"
"""


def manifests(root: Path) -> dict[str, int]:
    found = root.glob("[!.]*/*/*/manifest.json")
    return {path.parent.relative_to(root).as_posix(): path.stat().st_mtime_ns for path in found}


def call(study: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cxanalysis.cli", "batch", str(study), "--notebook", LIGHT]
    command += ["--period", "all", "--segment", "plan"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_batch_killed_three_times_ends_complete(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    answers = [f"r{n},c{n},2026-08-20T12:00:00Z,{n % 5 + 1}" for n in range(REPORTS)]
    customers = [f"c{n},plan {n}" for n in range(REPORTS)]
    head = "response_id,customer_id,responded_at,overall_satisfaction"
    (folder / "answers.csv").write_text("\n".join([head, *answers]) + "\n", encoding="utf-8")
    (folder / "customers.csv").write_text(
        "\n".join(["customer_id,plan", *customers]) + "\n", encoding="utf-8"
    )
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    root = folder / "reports"

    there: dict[str, int] = {}
    for share in KILLED_AT:
        run = call(folder / "study.toml")
        while len(manifests(root)) < share * REPORTS:
            assert run.poll() is None, run.communicate()
            time.sleep(0.05)
        started = psutil.Process(run.pid).children(recursive=True)
        assert started
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        _, alive = psutil.wait_procs(started, timeout=60)
        assert not alive  # kernels end with the run that asked for them
        now = manifests(root)
        assert {name: now[name] for name in there} == there
        assert len(now) < REPORTS
        there = now

    run = call(folder / "study.toml")
    said, told = run.communicate()
    assert run.returncode == 0, told[-2000:]
    counts = said.splitlines()[1].split()
    assert counts == ["light", "all", str(REPORTS - len(there)), str(len(there)), "0", "0"]
    end = manifests(root)
    assert len(end) == REPORTS
    assert {name: end[name] for name in there} == there
    assert not [path for path in root.iterdir() if path.name.startswith(".report-")]
    assert not list(root.glob("*/*/*.failed"))
