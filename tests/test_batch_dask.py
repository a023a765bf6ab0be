"""A batch on a Dask cluster: a scheduler and two workers, one of which is killed half-way."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("distributed")

import nbformat
from test_batch import LIGHT, write_study

from cxanalysis.cli import app

SLOW = """
import time
time.sleep(0.5)
"""
COUNT = 8


@contextlib.contextmanager
def process(module: str, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *map(str, arguments)]
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    notebook = nbformat.read(LIGHT, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(SLOW))
    nbformat.write(notebook, tmp_path / "slow.ipynb")
    return write_study(tmp_path / "study", plans=tuple(f"p{n}" for n in range(COUNT)))


def test_a_batch_survives_the_death_of_a_worker(study: Path, tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    place = ("--scheduler-file", file)
    worker = (*place, "--nthreads", 1, "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    root = study.parent / "reports"
    with contextlib.ExitStack() as stack:
        scheduler = ("--host", "127.0.0.1", "--port", 0, "--no-dashboard", *place)
        stack.enter_context(process("dask_scheduler", *scheduler))
        for name in ("one", "two"):
            local = ("--local-directory", tmp_path / name, "--name", name)
            started = stack.enter_context(process("dask_worker", *worker, *local))
        while not file.exists():
            time.sleep(0.1)
        address = file.read_text(encoding="utf-8").split('"address": "')[1].split('"')[0]
        options = ["--notebook", str(tmp_path / "slow.ipynb"), "--period", "all"]
        options += ["--segment", "plan", "--dask", address]
        call = [sys.executable, "-m", "cxanalysis.cli", "batch", str(study), *options]
        batch = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
        while len(list(root.glob("[!.]*/*/*/manifest.json"))) < 2:
            assert batch.poll() is None
            time.sleep(0.05)
        os.kill(started.pid, 9)
        said = batch.communicate()[0]
        assert batch.returncode == 0, said
        notebook, period, made, there, *rest = said.splitlines()[1].split()
        # One that the killed worker had made before it could say so is there, not made twice.
        assert (notebook, period, int(made) + int(there), rest) == (
            "slow",
            "all",
            COUNT,
            ["0", "0"],
        )
    assert len(list(root.glob("slow/all/*/manifest.json"))) == COUNT
    again = CliRunner().invoke(app, ["batch", str(study), *options[:-2]])
    assert again.stdout.splitlines()[1].split()[2:] == ["0", str(COUNT), "0", "0"]
    assert not [path for path in root.iterdir() if path.name.startswith(".")]


def test_a_scheduler_that_does_not_answer_is_named(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxanalysis.batch.cluster.SECONDS", 1)
    result = CliRunner().invoke(app, ["batch", str(study), "--dask", "tcp://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in result.stderr
