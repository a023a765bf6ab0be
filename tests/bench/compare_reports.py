"""What a report costs: this package's batch beside papermill in a loop and in a pool.

Run with ``make bench-reports``; ``ARGS="--reports 8"`` for a smaller run. Linux only. Processor
time is user and system of the whole tree of processes, start-up included, divided by the reports:

- loop: papermill's command line, one report after the other;
- pool: ``papermill.execute_notebook`` in a pool of two processes;
- batch: ``cxanalysis batch --jobs 2``, which also makes page, tables, findings and manifest;
- floor: the notebook's cells run one report after the other in one process that is warm.

All make the same reports of the sample company: periods x segments that have answers.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
NOTEBOOK = ROOT / "notebooks" / "reports" / "cx_report.ipynb"
WAYS = ("loop", "pool", "batch", "floor")
WORKERS = 2
PR_SET_CHILD_SUBREAPER = 36
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}

Wanted = tuple[str, str]  # period and segment


@dataclass(frozen=True)
class Cost:
    """Seconds per report: processor time of all processes, and on the clock."""

    processor: float
    wall: float


def main() -> None:
    """Measure and print; with ``--way`` do one way's work in this process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=40)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        wanted = json.loads((arguments.folder / "wanted.json").read_text(encoding="utf-8"))
        DOERS[arguments.way](arguments.folder, [tuple(one) for one in wanted])
        return
    # Processes whose parent has ended become ours, so that their time is counted too.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    costs = {}
    for way in arguments.ways:
        with tempfile.TemporaryDirectory(prefix="bench-reports-") as folder:
            costs[way] = measure(way, Path(folder), arguments.reports)
            print(f"{way}: {costs[way]}", file=sys.stderr)
    print_table(costs, arguments.reports)


def measure(way: str, folder: Path, reports: int) -> Cost:
    """One way's cost, in a folder of its own with the sample and an empty cache."""
    for path in SAMPLE.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    (folder / "made").mkdir()
    wanted = choose(folder / "study.toml", reports)
    (folder / "wanted.json").write_text(json.dumps(wanted), encoding="utf-8")
    command = [sys.executable, "-m", "tests.bench.compare_reports", "--way", way]
    before, began = spent(), time.monotonic()
    done = subprocess.run(
        [*command, "--folder", str(folder)],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.monotonic() - began
    if done.returncode:
        sys.exit(f"{way} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    reap()
    if way == "floor":  # which counts for itself, without its start
        said = json.loads(done.stdout.splitlines()[-1])
        return Cost(said["processor"] / reports, said["wall"] / reports)
    return Cost((spent() - before) / reports, wall / reports)


def choose(study: Path, reports: int) -> list[Wanted]:
    """Periods x segments of the sample that have answers, as many as there are to be."""
    from cxanalysis.batch.contents import rows_by_period
    from cxanalysis.batch.jobs import complete_periods, spell_out
    from cxanalysis.periods import parse_period
    from cxanalysis.study import open_study

    opened = open_study(study)
    quarters = complete_periods(opened)
    months = [f"{q.start.year}-{q.start.month + add:02}" for q in quarters for add in range(3)]
    zone = opened.config.time_zone
    periods = [*quarters, *(p for label in months if (p := parse_period(label, zone)))]
    counted = rows_by_period(opened, periods)
    for column in ("region", "plan"):
        counted |= rows_by_period(opened, periods, column)
    segments = ["", *spell_out(opened, "region"), *spell_out(opened, "plan")]
    found = [
        (period.label, segment)
        for period in reversed(periods[: len(quarters)])
        for segment in segments
        if (segment, period.label) in counted
    ]
    found += [
        (period.label, segment)
        for period in reversed(periods[len(quarters) :])
        for segment in segments
        if (segment, period.label) in counted
    ]
    if len(found) < reports:
        sys.exit(f"The sample has {len(found)} different reports, fewer than {reports}.")
    return found[:reports]


def spent() -> float:
    """Processor seconds of all processes below this one that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def reap() -> None:
    """Wait for what was left running, so that it is counted."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def given(folder: Path, wanted: Wanted) -> dict[str, str]:
    """The notebook's parameters."""
    return {"study": str(folder / "study.toml"), "period": wanted[0], "segment": wanted[1]}


def out(folder: Path, wanted: Wanted) -> str:
    """Where papermill writes a report."""
    return str(folder / "made" / f"{wanted[0]} {wanted[1] or 'everyone'}.ipynb")


def loop(folder: Path, wanted: list[Wanted]) -> None:
    """Papermill's command line, again and again."""
    papermill = Path(sys.executable).with_name("papermill")
    for one in wanted:
        named = [part for key, value in given(folder, one).items() for part in ("-r", key, value)]
        command = [
            papermill,
            NOTEBOOK,
            out(folder, one),
            *named,
            "--no-progress-bar",
            "-k",
            "python3",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)


def pool(folder: Path, wanted: list[Wanted]) -> None:
    """Papermill's function in a pool of processes."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("forkserver")) as workers:
        for done in [workers.submit(execute, folder, one) for one in wanted]:
            done.result()


def execute(folder: Path, wanted: Wanted) -> None:
    """One report by papermill's function."""
    import papermill

    papermill.execute_notebook(
        str(NOTEBOOK),
        out(folder, wanted),
        given(folder, wanted),
        progress_bar=False,
        kernel_name="python3",
    )


def batch(folder: Path, wanted: list[Wanted]) -> None:
    """This package, told exactly these reports."""
    from cxanalysis.batch.jobs import Job
    from cxanalysis.batch.opened import read_source
    from cxanalysis.batch.run import run_jobs
    from cxanalysis.cli.shared import skip_address_grammar

    skip_address_grammar()  # as the command does
    source, study = read_source(folder / "study.toml")
    jobs = [Job(source.path, "cx_report", period, segment) for period, segment in wanted]
    result = run_jobs(source, study, jobs, jobs=WORKERS)
    if len(result.made) != len(wanted):
        sys.exit("\n".join(failed.why for failed in result.failed) or repr(result))


def floor(folder: Path, wanted: list[Wanted]) -> None:
    """The cells alone, in one process that has made a report before."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    cells = [c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.cell_type == "code"]
    own = Path(tempfile.mkdtemp(dir=folder))
    os.environ["IPYTHONDIR"] = str(own)
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    for number, one in enumerate([wanted[0], *wanted]):
        if number == 1:
            began, before = time.monotonic(), time.process_time()
        for cell in cells:
            ran = shell.run_cell(cell.source, silent=True)
            ran.raise_error()
            if "parameters" in cell.metadata.get("tags", ()):
                shell.push(given(folder, one))
    print(json.dumps({"processor": time.process_time() - before, "wall": time.monotonic() - began}))


DOERS: dict[str, Callable[[Path, list[Wanted]], None]] = {
    "loop": loop,
    "pool": pool,
    "batch": batch,
    "floor": floor,
}


def print_table(costs: dict[str, Cost], reports: int) -> None:
    """A row per way, and how many times the batch's it is."""
    own = costs.get("batch")
    print(f"\n{reports} reports of {NOTEBOOK.stem} on the sample company, seconds per report\n")
    print("| way | processor | on the clock | times the batch's processor time |")
    print("| --- | ---: | ---: | ---: |")
    for way, cost in costs.items():
        times = f"{cost.processor / own.processor:.2f}" if own else ""
        print(f"| {way} | {cost.processor:.2f} | {cost.wall:.2f} | {times} |")


if __name__ == "__main__":
    main()
