"""Who makes a report holds its place; what killed runs leave is cleared, never what lives."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cxanalysis.report import hold
from cxanalysis.report.hold import held, sweep

# Holds a place, has moved the earlier report aside, says so, and is killed there.
KILLED = """
import sys, time
from pathlib import Path
from cxanalysis.report.hold import held
root = Path(sys.argv[1])
target = root / "r" / "all" / "everyone"
with held(root, target) as work:
    (work / "report").mkdir()
    if target.exists():
        target.rename(work / "previous")
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def target_in(root: Path) -> Path:
    return root / "r" / "all" / "everyone"


def holder(root: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(root)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_held_place_is_given_to_nobody_else(root: Path) -> None:
    with held(root, target_in(root)) as work:
        assert work is not None and work.is_dir()
        with held(root, target_in(root), wait=False) as other:
            assert other is None
        with held(root, target_in(root).with_name("plan=premium"), wait=False) as next_door:
            assert next_door is not None
    assert not root.exists()  # nothing was made in it


def test_whoever_waits_gets_the_place_when_it_is_free(root: Path) -> None:
    order: list[str] = []

    def wait() -> None:
        with held(root, target_in(root)):
            order.append("second")

    with held(root, target_in(root)):
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.5)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_many_at_once_never_hold_the_same_place(root: Path) -> None:
    root.mkdir()
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(20):
            with held(root, target_in(root), wait=False) as folder:
                if folder is not None:
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert not list(root.iterdir())


def test_what_a_killed_run_leaves_is_cleared_by_the_next_to_hold_the_place(root: Path) -> None:
    kill(holder(root))
    assert len(list(root.iterdir())) == 2
    with held(root, target_in(root), wait=False) as work:
        assert work is not None
        assert [path for path in root.iterdir() if path.is_dir()] == [work]
    assert not list(root.iterdir())


def test_sweeping_clears_what_the_killed_left_and_nothing_of_the_living(root: Path) -> None:
    living = holder(root)
    sweep(root)
    assert len(list(root.iterdir())) == 2
    kill(living)
    sweep(root)
    assert not list(root.iterdir())


def test_a_report_moved_aside_by_a_killed_run_comes_back(root: Path) -> None:
    target_in(root).mkdir(parents=True)
    (target_in(root) / "page").write_text("earlier", encoding="utf-8")
    kill(holder(root))
    assert not target_in(root).exists()
    sweep(root)
    assert (target_in(root) / "page").read_text(encoding="utf-8") == "earlier"
    assert [path.name for path in root.iterdir()] == ["r"]


def test_without_locks_nothing_of_another_run_is_taken_away(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(hold, "_try_lock", without)
    with held(root, target_in(root)) as one:
        sweep(root)
        with held(root, target_in(root)) as other:
            assert one is not None and one.is_dir()
            assert other is not None and other != one


def test_a_lock_that_names_another_place_is_let_alone(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (root / ".report-0123456789abcdef.lock").write_text("../outside", encoding="utf-8")
    left = root / ".report-0123456789abcdef-x" / "previous"
    left.mkdir(parents=True)
    sweep(root)
    assert left.exists() and not (tmp_path / "outside").exists()
