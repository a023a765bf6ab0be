"""Time and memory of the package beside naive pandas and hand-written SQL, on tables of any size.

``python -m tests.bench.scale`` makes the tables, runs every stage of every way in a process of its
own, checks that all ways give the same, and prints a table. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from math import inf, isfinite, isinf, isnan, log, nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

WAYS = ("package", "sql", "pandas")
STAGES = ("match", "service", "experience", "journey", "features", "frame", "drivers")
ALIKE = ("match", "service", "experience", "journey")  # what all three ways do
# Features end as a table in the engine (package and SQL) or as a frame in order (all three ways).
TOTALS = {"all, features in the engine": (*ALIKE, "features"), "all, as a frame": (*ALIKE, "frame")}
LEFT_OUT = {("sql", "drivers"), ("pandas", "drivers"), ("pandas", "features")}
KINDS = ("seconds", "cpu", "mib")
MILLION, GIB = 1_000_000, 2**30
BIGGEST_FOR_PANDAS = 10 * MILLION
TOLERANCE = 1e-9
ROWS = ("response_id", "customer_id", "responded_at")
FRAME, SUMS = "frame.parquet", "sums.json"
NO_MEMORY = ("Out of Memory", "MemoryError", "memory is used up", "bad_alloc")
SAME, DIFFERS, ALONE = "same", "differs", "not compared"


def main() -> None:
    """Read the options, run all, print the table; status 1 where two ways differ."""
    parser = argparse.ArgumentParser(prog="bench-scale", description=__doc__)
    parser.add_argument("--events", type=float, nargs="+", default=[1, 10], help="in millions")
    parser.add_argument("--hot", action="store_true", help="one customer has 1 %% of all events")
    parser.add_argument(
        "--hot-answers", action="store_true", help="and 1 %% of all answers too (implies --hot)"
    )
    parser.add_argument("--memory", type=float, default=4, help="GB of the package and of SQL")
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    parser.add_argument("--stages", nargs="+", default=STAGES, choices=STAGES)
    parser.add_argument("--repeat", type=int, default=1, help="runs of each; the quickest counts")
    parser.add_argument("--folder", type=Path, help="keep the tables here, and take those there")
    parser.add_argument(
        "--results",
        type=Path,
        help="add figures to this file, and print all in it",
    )
    parser.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part is not None:
        way, stage, out = options.part
        _part(way, stage, options.folder, Path(out), options.memory)
        return
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as scratch:
        folder = options.folder or Path(scratch)
        results = [
            _size(round(events * MILLION), options, folder, Path(scratch))
            for events in sorted(options.events)
        ]
    table = pd.concat(results, ignore_index=True)
    if options.results is not None:
        every = pd.DataFrame(map(json.loads, options.results.read_text().splitlines()))
        table = every.drop_duplicates(["events", "stage", "way"], keep="last")
    print(_text(table, options))
    if (table["same"] == DIFFERS).any():
        sys.exit(1)


def _size(events: int, options: argparse.Namespace, folder: Path, scratch: Path) -> pd.DataFrame:
    """Every stage of every way at one size."""
    from tests.bench.scale_data import write_tables

    kind = "-hot-answers" if options.hot_answers else "-hot" if options.hot else ""
    tables = folder / f"{events}{kind}"
    if not tables.exists():
        print(f"making {events:,} events", file=sys.stderr)
        hot = ("journeys", "tickets") if options.hot or options.hot_answers else ()
        write_tables(tables, events, hot=(*hot, "surveys") if options.hot_answers else hot)
    rows = []
    for stage in options.stages:
        outs = {}
        for way in options.ways:
            if way == "pandas" and events > BIGGEST_FOR_PANDAS:
                continue
            if (way, stage) in LEFT_OUT:
                continue
            outs[way] = scratch / f"{events}-{stage}-{way}"
            outs[way].mkdir(parents=True)
            runs = [_run(way, stage, tables, outs[way], options) for _ in range(options.repeat)]
            best = min(runs, key=lambda run: run["cpu"])
            row = {"events": events, "stage": stage, "way": way, **best}
            print(json.dumps(row), file=sys.stderr)
            rows.append(row | {"same": ALONE})
        here = [row for row in rows if row["stage"] == stage and isfinite(row["cpu"])]
        first = next((outs[row["way"]] for row in here if row["way"] == "package"), None)
        for row in here:
            if first is not None and row["way"] != "package":
                row["same"] = SAME if agree(first, outs[row["way"]]) else DIFFERS
        if options.results is not None:
            with options.results.open("a", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(row)}\n" for row in rows if row["stage"] == stage)
    return pd.DataFrame(rows)


def _run(
    way: str, stage: str, tables: Path, out: Path, options: argparse.Namespace
) -> dict[str, float]:
    """One stage in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.scale", "--folder", str(tables)]
    command += ["--memory", str(options.memory), "--part", way, stage, str(out)]
    # Arrow's own pool reserves a gigabyte that it does not use, and the limit would count it.
    own = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=own)
    if done.returncode and any(word in done.stderr for word in NO_MEMORY):
        return dict.fromkeys(KINDS, inf)
    if done.returncode:
        raise SystemExit(f"{way} {stage}: {done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


# --- one stage, in its own process ---------------------------------------------------------


def _part(way: str, stage: str, tables: Path, out: Path, memory: float) -> None:
    """Do one stage, print seconds and peak, and leave what it gave for the comparison."""
    import statsmodels.duration.survfunc  # noqa: F401  (all ways use it; not to be timed)

    if way != "pandas":
        # Half for the engine's blocks; the rest is for results, the interpreter and its libraries.
        resource.setrlimit(resource.RLIMIT_DATA, (round(memory * 1e9), round(memory * 1e9)))
    run, leave = stage_of(way, stage, tables, memory)
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"seconds": seconds, "cpu": cpu, "mib": _peak_mib()}))
    leave(result, out)


def _peak_mib() -> float:
    """Most memory this process held; `resource` would count its parent's, up to the start, too."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def stage_of(
    way: str, stage: str, tables: Path, memory: float
) -> tuple[Callable[[], Any], Callable[[Any, Path], None]]:
    """What to time, and how to leave its result for the comparison."""
    if way == "pandas":
        from tests.bench import scale_pandas

        in_pandas = getattr(scale_pandas, stage)
        return (lambda: in_pandas(tables)), _leave_frame if stage == "frame" else _leave_sums
    limit = f"{memory / 2:g}GB"
    if way == "sql":
        from tests.bench import scale_sql

        connection = scale_sql.connect(limit)
        if stage == "frame":
            return (lambda: scale_sql.frame(connection, tables)), _leave_frame
        if stage == "features":
            return (lambda: scale_sql.features(connection, tables)), (
                lambda _, out: _leave_sums(scale_sql.sums(connection), out)
            )
        run = getattr(scale_sql, stage)
        return (lambda: run(connection, tables)), _leave_sums
    return _of_package(stage, tables, limit)


def _of_package(
    stage: str, tables: Path, limit: str
) -> tuple[Callable[[], Any], Callable[[Any, Path], None]]:
    import cxanalysis as cx
    import cxanalysis.drivers  # so that no import is timed
    import cxanalysis.metrics
    from cxanalysis.engine import collect
    from cxanalysis.features import lazy_features
    from tests.bench import scale_figures

    study = open_tables(tables, limit)
    ways: dict[str, tuple[Callable[[], Any], Callable[[Any, Path], None]]] = {
        "match": (lambda: scale_figures.of_matches(study.matches()), _leave_sums),
        "service": (
            lambda: scale_figures.of_service(cx.service_metrics(study, only=scale_figures.MAIN)),
            _leave_sums,
        ),
        "experience": (
            lambda: scale_figures.of_tidy(cx.experience_metrics(study)),
            _leave_sums,
        ),
        "journey": (lambda: scale_figures.of_map(cx.journey_map(study)), _leave_sums),
        "features": (
            lambda: lazy_features(study),
            lambda frame, out: _leave_sums(collect(frame.select(_sums(frame))).iloc[0], out),
        ),
        "frame": (lambda: cx.build_features(study), _leave_frame),
        "drivers": (lambda: cx.fit_study(study).glance(), lambda *_: None),
    }
    return ways[stage]


def _sums(frame: Any) -> list[Any]:
    """Sums, and those of squares: the sum of a centred column is 0, whatever it holds."""
    import narwhals as nw

    names = [name for name in frame.collect_schema().names() if name not in ROWS]
    squares = [(nw.col(name) * nw.col(name)).sum().alias(f"{name} squared") for name in names]
    return [nw.col(*names).sum(), *squares]


def open_tables(tables: Path, memory_limit: str) -> Any:
    """A study of tables that are in the cache's form already."""
    from cxanalysis.config import StudyConfig
    from cxanalysis.engine import Engine
    from cxanalysis.study import Study
    from tests.bench.scale_data import STAGES as JOURNEY

    config = StudyConfig(
        name="bench",
        stages=JOURNEY,
        tables={"surveys": {"path": "surveys.parquet"}},
        service={"channels": "phone"},
        engine={"threads": 2, "memory_limit": memory_limit},
    )
    engine = Engine(config.engine)
    paths = {name: tables / f"{name}.parquet" for name in ("journeys", "tickets", "surveys")}
    return Study(Path(), config, engine, {name: engine.scan(at) for name, at in paths.items()})


# --- comparison ----------------------------------------------------------------------------


def _leave_sums(sums: Mapping[Any, Any] | pd.Series[float], out: Path) -> None:
    (out / SUMS).write_text(
        json.dumps({n: v if isinstance(v, str) else float(v) for n, v in sums.items()})
    )


def _leave_frame(frame: pd.DataFrame, out: Path) -> None:
    frame.to_parquet(out / FRAME, index=False)


def agree(one: Path, other: Path) -> bool:
    """Whether two ways gave the same figures, and the same rows where they left them."""
    if (one / SUMS).exists():
        mine, theirs = (json.loads((path / SUMS).read_text()) for path in (one, other))
        wrong = [name for name in mine if not _close(mine[name], theirs.get(name, np.inf))]
        if wrong:
            print(f"{one.name} and {other.name} differ: {wrong[:5]}", file=sys.stderr)
        return not wrong
    names = pd.read_parquet(one / FRAME).columns
    for name in names:
        mine, theirs = (
            pd.read_parquet(path / FRAME, columns=[name])[name] for path in (one, other)
        )
        number = name not in ROWS
        if not (_close(mine, theirs) if number else bool((mine == theirs).all())):
            print(f"{one.name} and {other.name} differ in {name}", file=sys.stderr)
            return False
    return True


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, str):
        return bool(one == other)
    # Sums of centred columns are rounding around 0, of as many as ten million terms.
    return bool(np.allclose(one, other, rtol=TOLERANCE, atol=1e-6, equal_nan=True))


# --- the table -----------------------------------------------------------------------------


def _text(table: pd.DataFrame, options: argparse.Namespace) -> str:
    memory = _memory() / GIB
    lines = [
        f"{platform.machine()}, {len(_cores())} cores, {memory:.0f} GiB; package and SQL within "
        f"{options.memory:g} GB{_hot(options)}. Seconds: by the clock (of the processor); ratios "
        "of both; peak memory.",
        "",
        "| events | stage | package | SQL | pandas | ÷ SQL | pandas ÷ | package | SQL | pandas |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for events, part in table.groupby("events"):
        wide = part.pivot(index="stage", columns="way", values=["seconds", "cpu", "mib"])
        wide = wide.reindex([stage for stage in STAGES if stage in wide.index])
        for stage, row in wide.iterrows():
            lines.append(_line(events, str(stage), row))
        for title, stages in TOTALS.items():
            together = wide.reindex([stage for stage in stages if stage in wide.index])
            total = together.sum(min_count=len(together))
            total["mib"] = together["mib"].max().where(total["mib"].notna())
            lines.append(_line(events, title, total))
    return "\n".join([*lines, "", *_growth(table), _verdict(table)])


def _hot(options: argparse.Namespace) -> str:
    if options.hot_answers:
        return "; one customer with 1 % of all events, tickets and answers"
    return "; one customer with 1 % of all events and tickets" if options.hot else ""


def _verdict(table: pd.DataFrame) -> str:
    if (table["same"] == DIFFERS).any():
        return "SOME FIGURES DIFFER."
    compared = table[table["same"] == SAME]
    if compared.empty:
        return "Nothing was compared."
    pairs = [f"{way}: {', '.join(part['stage'].unique())}" for way, part in compared.groupby("way")]
    return f"The same as the package gave ({'; '.join(pairs)})."


def _line(events: Any, stage: str, row: pd.Series[float]) -> str:
    clock, cpu, mib = ([row.get((kind, way), nan) for way in WAYS] for kind in KINDS)
    cells = [
        "" if isnan(one) else "out of memory" if isinf(one) else f"{one:.2f} s ({other:.2f})"
        for one, other in zip(clock, cpu, strict=True)
    ]
    with np.errstate(invalid="ignore"):  # both out of memory
        cells += [_times(clock[0] / clock[1], cpu[0] / cpu[1])]
        cells += [_times(clock[2] / clock[0], cpu[2] / cpu[0])]
    cells += [f"{value:,.0f} MiB" if isfinite(value) else "" for value in mib]
    return f"| {events / MILLION:g} M | {stage} | {' | '.join(cells)} |"


def _times(clock: float, cpu: float) -> str:
    return "" if not (isfinite(clock) and clock) else f"{clock:.2f} × ({cpu:.2f})"


def _growth(table: pd.DataFrame) -> list[str]:
    """The exponent of growth from the smallest to the largest size."""
    own = table[(table["way"] == "package") & table["stage"].isin((*ALIKE, "features"))]
    sums = own.groupby("events")[["seconds", "cpu"]].sum()
    # Only sizes of which every stage was run are like.
    sums = sums[own.groupby("events")["stage"].nunique() == len(ALIKE) + 1]
    if len(sums) < 2:
        return []
    first, last = sums.index[0], sums.index[-1]
    clock, cpu = (log(sums.loc[last, kind] / sums.loc[first, kind]) for kind in KINDS[:2])
    reach = log(last / first)
    return [
        f"Growth from {first / MILLION:g} to {last / MILLION:g} M: exponent {clock / reach:.2f} "
        f"by the clock, {cpu / reach:.2f} of the processor."
    ]


def _cores() -> Any:
    import os

    return os.sched_getaffinity(0)


def _memory() -> int:
    import os

    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


if __name__ == "__main__":
    main()
