"""Simulate studies and write down what the product says of each: `make coverage`.

Every run has its own random numbers, so results do not depend on order, and finished runs are
kept in ``build/coverage``, apart for each version of the estimator: start again to go on.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from rich.progress import Progress

from cxanalysis.decisions import decide
from cxanalysis.drivers import DriverFit, fit_drivers
from cxanalysis.drivers.split import WHOLE_SET
from tests.coverage.designs import BY_NAME, OUTCOME, WEIGHT, Cell, cells, draw_answers
from tests.coverage.truth import FIGURES

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "coverage"
ESTIMATOR = ("features/coding.py", "importance", "drivers", "decisions.py")
REPLICATES = 500
MARGIN = 0.20
# Runs of a cell done before the next cell has its turn: a table can be made early.
TURN = 50
TERMS = ("stage_1_rating", "contact_csat", "first_reply_hours")
ENDS = ("estimate", "conf_low", "conf_high")
FIELDS = (
    "run",
    "error",
    "columns",
    "clusters",
    *(f"{name}_{end}" for name in (*FIGURES, *TERMS) for end in ENDS),
    *(f"{name}_{end}" for name in "SN" for end in ("p5", "p95")),
    "verdict",
    "size",
    "wald",
    "floor",
)


def simulate(company: str, n: int, run: int) -> dict[str, Any]:
    """What the product says of one simulated study."""
    cell = Cell(BY_NAME[company], n)
    rng = cell.random(run)
    frame = draw_answers(cell.company, n, rng)
    settings = {
        "weights": WEIGHT if cell.company.weighted else None,
        "model": cell.company.model,
        "replicates": REPLICATES,
        "seed": int(rng.integers(2**31)),
    }
    try:
        fit = fit_drivers(frame, OUTCOME, cell.company.sets_only, **settings)
        found = _figures(fit) | _decision(fit) | {"columns": fit.n_columns}
        found |= {"clusters": fit.n_clusters, "error": ""}
        found |= _tests(fit_drivers(frame, OUTCOME, cell.company.blocks, **settings), cell)
    except Exception as error:  # a refusal or a crash: both are counted, neither ends the run
        found = {"error": f"{type(error).__name__}: {error}"}
    return {"run": run, **found}


def _figures(fit: DriverFit) -> dict[str, float]:
    points, parts = fit.importance().loc[("service", "all")], fit.parts().loc[("service", "all")]
    whole = fit.glance().iloc[0]
    rows = {
        "T": points["total"],
        "U": points["unique"],
        "shapley": points["shapley"],
        "share": points["share"],
        "S": parts["total"],
        "N": parts["unique"],
        "R2": whole[["r_squared_adjusted", "r_squared_low", "r_squared_high"]].set_axis(ENDS),
    }
    terms = fit.tidy().set_index("term")
    rows |= {term: terms.loc[term] for term in TERMS if term in terms.index}
    return {f"{name}_{end}": float(row[end]) for name, row in rows.items() for end in ENDS}


def _decision(fit: DriverFit) -> dict[str, Any]:
    decision = decide(fit, MARGIN)
    return {
        "verdict": decision.verdict,
        "size": decision.size,
        "S_p5": decision.s_low,
        "S_p95": decision.s_high,
        "N_p5": decision.unique_low,
        "N_p95": decision.unique_high,
    }


def _tests(fit: DriverFit, cell: Cell) -> dict[str, str]:
    """p-values of the blocks that add nothing, and of their totals where nothing goes with them."""
    shown = [row for row in cell.company.nothing if row[1] == WHOLE_SET or fit.groups_shown]
    if not shown:
        return {}
    wald = fit.tests().set_index(["set", "group"])["p_value"]
    found = {"wald": _listed(wald[shown])}
    if cell.company.service == 0:
        found["floor"] = _listed(fit.floor().set_index(["set", "group"])["p_value"][shown])
    return found


def _listed(p_values: Any) -> str:
    return ";".join(f"{'/'.join(row)}={p:.4g}" for row, p in p_values.items())


def estimator() -> str:
    """A name for what is tested, which changes with what its source and the designs do."""
    paths = [Path(__file__).with_name("designs.py")]
    for name in ESTIMATOR:
        path = ROOT / "cxanalysis" / name
        paths += [path] if path.is_file() else sorted(path.rglob("*.py"))
    digest = hashlib.sha256("\n".join(meaning(path) for path in paths).encode())
    return digest.hexdigest()[:8]


def meaning(path: Path) -> str:
    """What a module does: its source without comments, layout and docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            del body[0]
    return ast.unparse(tree)


def _is_text(statement: ast.AST) -> bool:
    value = getattr(statement, "value", None)
    return (
        isinstance(statement, ast.Expr)
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str)
    )


def kept_in(folder: Path, cell: Cell) -> Path:
    """The file of a cell's finished runs."""
    name = "".join(sign if sign.isalnum() else "-" for sign in cell.company.name)
    return folder / f"{name}-{cell.n}.csv"


def runs_to_do(folder: Path, chosen: list[Cell], runs: int) -> Iterator[tuple[Cell, int]]:
    """Runs not yet finished, cells taking turns."""
    for first in range(0, runs, TURN):
        for cell in chosen:
            done = _finished(kept_in(folder, cell))
            # A fit by iteration takes ten times as long as one of least squares.
            last = runs // 2 if cell.company.model else runs
            for run in range(first, min(first + TURN, last)):
                if run not in done:
                    yield cell, run


def _finished(path: Path) -> set[int]:
    if not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        return {int(row["run"]) for row in csv.DictReader(file)}


def _keep(path: Path, found: dict[str, Any]) -> None:
    begins = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if begins:
            writer.writeheader()
        writer.writerow(found)


def run_all(folder: Path, chosen: list[Cell], runs: int, processes: int) -> None:
    """Simulate what is not yet finished."""
    folder.mkdir(parents=True, exist_ok=True)
    # Processes started anew read this before numpy does.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    to_do = list(runs_to_do(folder, chosen, runs))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool, Progress() as progress:
        bar = progress.add_task("Simulated studies", total=len(to_do))
        waiting = {
            pool.submit(simulate, cell.company.name, cell.n, run): cell for cell, run in to_do
        }
        for future in as_completed(waiting):
            _keep(kept_in(folder, waiting.pop(future)), future.result())
            progress.advance(bar)


def main() -> None:
    """Read the arguments, simulate, and make the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400, help="of each cell")
    parser.add_argument("--cells", default="", help="only cells whose name has this in it")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder of finished runs")
    parser.add_argument("--of", help="estimator whose finished runs are summarised")
    parser.add_argument("--summarise", action="store_true", help="only make the table anew")
    arguments = parser.parse_args()
    folder = arguments.kept / (arguments.of or estimator())
    if not arguments.summarise:
        chosen = [cell for cell in cells() if arguments.cells in str(cell)]
        run_all(folder, chosen, arguments.runs, arguments.processes)
    from tests.coverage.summarise import summarise

    summarise(folder)


if __name__ == "__main__":
    main()
