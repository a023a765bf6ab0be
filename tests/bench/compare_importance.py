"""Time and memory of the Shapley split of R², beside pingouin and R's relaimpo in one run.

Each takes the data and does its own correlations; a bootstrap includes the resampling. What a
package cannot do is a dash; what would take too long runs fewer replicates and is scaled up.
Times are of the processor, on one thread, so that other work on the machine does not count.
Run it with ``make bench``. For the last columns R must have relaimpo.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before numpy

import json
import shutil
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cxanalysis.importance import cross_products, shapley_cross, shapley_r2

ROWS = 10_000
REPLICATES = 1000
PORTION = 500  # replicates whose counts of rows are held at once
FEW = 2  # replicates of pingouin, which is looped and scaled up
COLUMNS = range(5, 16)
ALONE = (20, 22, 24)  # where the others would take hours
TRIPLES = [[3 * group, 3 * group + 1, 3 * group + 2] for group in range(9)]
SECONDS = 0.4  # each figure is the best of the runs that fit in here, one at least
AGREE = 1e-8  # the others' least squares round differently


class Measured(NamedTuple):
    """Seconds, megabytes at the peak and the split, of one package in one case."""

    seconds: float
    megabytes: float
    split: np.ndarray | None


def measure(work: Callable[[], Any], times: float = 1.0) -> Measured:
    """The best run of some work, and its peak of memory in a run of its own."""
    spent: list[float] = []
    while not spent or sum(spent) + min(spent) < SECONDS:
        start = time.process_time()
        split = work()
        spent.append(time.process_time() - start)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return Measured(min(spent) * times, peak, split if times == 1 else None)


def some_data() -> np.ndarray:
    """Ratings that go together, and last an outcome."""
    rng = np.random.default_rng(2024)
    x = rng.normal(size=(ROWS, 27)) + rng.normal(size=(ROWS, 1))
    return np.column_stack([x, x @ rng.uniform(0, 1, 27) + 5 * rng.normal(size=ROWS)])


def bootstrap(x: np.ndarray, y: np.ndarray, groups: list[list[int]] | None) -> np.ndarray:
    """Splits of resampled rows."""
    rng = np.random.default_rng(1)
    splits = []
    for _ in range(0, REPLICATES, PORTION):
        counts = np.empty((PORTION, len(y)))
        for row in counts:
            row[:] = np.bincount(rng.integers(len(y), size=len(y)), minlength=len(y))
        splits.append(shapley_cross(cross_products(x, y, counts), groups))
    return np.concatenate(splits)


def ours(table: np.ndarray) -> dict[str, Measured]:
    x, y = table[:, :-1], table[:, -1]
    found = {f"p={p}": measure(lambda p=p: shapley_r2(x[:, :p], y)) for p in COLUMNS}
    for p in ALONE:
        found[f"p={p}"] = measure(lambda p=p: shapley_r2(x[:, :p], y))
    found["9 groups of 3"] = measure(lambda: shapley_r2(x, y, TRIPLES))
    found["bootstrap p=10"] = measure(lambda: bootstrap(x[:, :10], y, None))
    found["bootstrap 9 groups"] = measure(lambda: bootstrap(x, y, TRIPLES))
    return found


def with_pingouin(table: np.ndarray) -> dict[str, Measured]:
    if find_spec("pingouin") is None:
        return {}
    from pingouin import linear_regression

    x, y = table[:, :-1], table[:, -1]
    rng = np.random.default_rng(1)

    def split(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return linear_regression(x, y, relimp=True)["relimp"].to_numpy()[1:]

    def few() -> None:
        for _ in range(FEW):
            rows = rng.integers(ROWS, size=ROWS)
            split(x[rows, :10], y[rows])

    found = {f"p={p}": measure(lambda p=p: split(x[:, :p], y)) for p in COLUMNS}
    found["bootstrap p=10"] = measure(few, REPLICATES / FEW)
    return found


def with_relaimpo(table: np.ndarray) -> dict[str, Measured]:
    if not shutil.which("Rscript"):
        return {}
    script = Path(__file__).with_name("relaimpo.R")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "table.bin"
        table.T.tofile(data)
        done = subprocess.run(
            ["Rscript", str(script), str(data), str(ROWS), str(REPLICATES)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        print(done.stderr)
        return {}
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {
        row["case"]: Measured(row["seconds"], row["megabytes"], np.array(row["split"]))
        if row["split"]
        else Measured(row["seconds"], row["megabytes"], None)
        for row in rows
    }


def line(case: str, own: Measured, others: list[dict[str, Measured]]) -> str:
    text = f"{case:20}{own.seconds * 1e3:12,.2f}{own.megabytes:8.1f}"
    for found in others:
        if case not in found:
            text += f"{'–':>13}{'–':>9}{'–':>8}"
            continue
        other = found[case]
        if other.split is not None and np.abs(other.split - own.split).max() > AGREE:
            raise SystemExit(f"{case}: the splits differ, so their times compare nothing.")
        ratio = other.seconds / own.seconds
        text += f"{other.seconds * 1e3:13,.1f}{ratio:8,.0f}×{other.megabytes:8.1f}"
    return text


def main() -> None:
    table = some_data()
    others = {"pingouin": with_pingouin(table), "relaimpo": with_relaimpo(table)}
    print(f"Shapley split of R² from {ROWS:,} rows, processor time, one thread;")
    print(f"bootstraps of {REPLICATES:,} replicates; milliseconds, how many times ours, MB;")
    print(f"numpy {np.__version__}; the others do a little more, such as a table of coefficients.")
    if others["pingouin"]:
        print(f"pingouin {version('pingouin')}, its bootstrap a loop of {FEW}, scaled up.")
    for name in (name for name, found in others.items() if not found):
        print(f"{name}: skipped, since it is not installed.")
    print(f"\n{'':20}{'cxanalysis':>12}{'MB':>8}", end="")
    print("".join(f"{name:>13}{'ratio':>9}{'MB':>8}" for name in others))
    for case, own in ours(table).items():
        print(line(case, own, list(others.values())))


if __name__ == "__main__":
    main()
