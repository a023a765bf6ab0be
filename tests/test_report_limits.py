"""A report's kernel is killed beyond its limits, and the run says which one it was."""

from __future__ import annotations

from pathlib import Path

import nbformat
import psutil
import pytest

from cxanalysis.report.execute import StoppedError, execute
from cxanalysis.report.limits import Limits

LOAD = "held = bytearray(400 * 1024 * 1024)"
LOAD_OF_A_CHILD = (
    f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', '{LOAD}\\nwhile True: pass'])"
)


def stopped(source: str, folder: Path, limits: Limits) -> StoppedError:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("## Fit the drivers"),
            nbformat.v4.new_code_cell(source),
        ]
    )
    with pytest.raises(StoppedError) as caught:
        execute(
            notebook,
            {},
            folder / "out.ipynb",
            source=folder / "own.ipynb",
            scratch=folder / "scratch",
            limits=limits,
        )
    assert nbformat.read(folder / "out.ipynb", as_version=4).cells
    assert not [p for p in psutil.Process().children(recursive=True) if LOAD in command(p)]
    return caught.value


def command(process: psutil.Process) -> str:
    """Its command line; nothing for one that has ended by now, and holds nothing any more."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def test_a_run_beyond_its_time_is_ended_and_not_tried_again(tmp_path: Path) -> None:
    limits = Limits(seconds=1.5)
    error = stopped("while True: pass", tmp_path, limits)
    assert (error.number, error.doing) == (2, "Fit the drivers")  # after the parameters
    assert "longer than the limit of 1.5 s" in error.why
    assert not error.may_pass


@pytest.mark.parametrize("source", [f"{LOAD}\nwhile True: pass", LOAD_OF_A_CHILD])
def test_a_run_beyond_its_memory_is_ended_whoever_holds_it(source: str, tmp_path: Path) -> None:
    error = stopped(source, tmp_path, Limits(memory=350 * 1024 * 1024))
    assert "more than the limit of 350 MiB" in error.why
    assert not error.may_pass


def test_a_kernel_that_ends_by_itself_may_pass_another_time(tmp_path: Path) -> None:
    error = stopped("import os\nos._exit(1)", tmp_path, Limits(seconds=60))
    assert "ended by itself" in error.why
    assert error.may_pass


@pytest.mark.parametrize(
    ("raised", "may_pass"), [("MemoryError()", True), ("ValueError('x')", False)]
)
def test_a_failing_cell_may_pass_only_where_the_machine_was_short(
    raised: str, may_pass: bool, tmp_path: Path
) -> None:
    assert stopped(f"raise {raised}", tmp_path, Limits()).may_pass is may_pass
