"""Drivers from sums in the engine against statsmodels: seconds, peak memory and the same figures.

    python tests/bench/compare_drivers.py [rows]

Answers of half as many customers with 22 drivers lie in a Parquet file. Each way reads it in a
process of its own and gives coefficients with errors robust to customers going together. Seconds
are those of a clock and, in brackets, those of all processors, which other work on the machine
moves less.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

DRIVERS = [f"x{number}" for number in range(22)]
YES_OR_NO = 8
BLOCKS = {
    "service": {"needing help": DRIVERS[:3], "how help went": DRIVERS[3:10]},
    "journey": {"buy": DRIVERS[10:14], "deliver": DRIVERS[14:18], "use": DRIVERS[18:]},
}
SAME = 1e-8


def write_answers(path: Path, rows: int) -> None:
    rng = np.random.default_rng(20260101)
    customer = rng.integers(rows // 2, size=rows)
    habit = rng.normal(size=rows // 2)[customer]
    x = rng.normal(size=(rows, len(DRIVERS))) + 0.3 * habit[:, None]
    x[:, :YES_OR_NO] = x[:, :YES_OR_NO] > 1
    score = x @ np.linspace(0.0, 0.3, len(DRIVERS)) + habit + rng.normal(size=rows)
    frame = pd.DataFrame(x, columns=DRIVERS).assign(score=score)
    frame["customer_id"] = np.char.add("C", customer.astype(str))
    frame.to_parquet(path)


def by_sums(path: Path) -> dict[str, object]:
    from cxanalysis.drivers import fit_drivers
    from cxanalysis.engine import Engine

    began, worked = time.perf_counter(), time.process_time()
    fit = fit_drivers(Engine().scan(path), "score", BLOCKS)
    tidy = fit.tidy()
    fitted, done = time.perf_counter(), time.process_time()
    fit.importance()
    split = time.perf_counter()
    fit.tests()
    tested = time.perf_counter()
    return {
        "seconds": fitted - began,
        "processor": done - worked,
        "importance": split - fitted,
        "tests": tested - split,
        "estimate": tidy["estimate"].tolist(),
        "plain": fit._split.errors_by(fit.design.clusters.plain).tolist(),
        "cr3": tidy["std_error"].tolist(),
    }


def by_statsmodels(path: Path) -> dict[str, object]:
    import statsmodels.api as sm

    began, worked = time.perf_counter(), time.process_time()
    frame = pd.read_parquet(path)
    read, worked_on = time.perf_counter(), time.process_time()
    groups = pd.factorize(frame["customer_id"])[0]
    model = sm.OLS(frame["score"], sm.add_constant(frame[DRIVERS]))
    options = {"groups": groups, "use_correction": False}
    results = model.fit(cov_type="cluster", cov_kwds=options)
    errors = results.bse[DRIVERS].tolist()
    fitted, done = time.perf_counter(), time.process_time()
    return {
        "seconds": fitted - began,
        "processor": done - worked,
        "from_frame": fitted - read,
        "processor_from_frame": done - worked_on,
        "estimate": results.params[DRIVERS].tolist(),
        "plain": errors,
    }


WAYS = {"sums": by_sums, "statsmodels": by_statsmodels}


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.parquet"
        write_answers(path, rows)
        found = {}
        for way in WAYS:
            command = [sys.executable, __file__, way, str(path)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            found[way] = json.loads(answer.stdout)
    for way, figures in found.items():
        clock, processor = figures["seconds"], figures["processor"]
        print(f"{way:12} {clock:6.2f} s ({processor:.2f} s) {figures['peak']:6.2f} GiB at most")
    ours, theirs = found["sums"], found["statsmodels"]
    clock, processor = theirs["from_frame"], theirs["processor_from_frame"]
    print(f"statsmodels on a frame that is in memory: {clock:.2f} s ({processor:.2f} s)")
    print(f"importance with intervals {ours['importance']:.2f} s, tests {ours['tests']:.2f} s")
    for name in ("estimate", "plain"):
        gap = np.abs(np.array(ours[name]) / np.array(theirs[name]) - 1).max()
        print(f"{name}: largest relative difference {gap:.1e}")
        assert gap < SAME, name
    ratio = np.array(ours["cr3"]) / np.array(ours["plain"])
    print(f"CR3 is {ratio.min():.6f} to {ratio.max():.6f} times CR0")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measured = WAYS[sys.argv[1]](Path(sys.argv[2]))
        measured["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps(measured))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
