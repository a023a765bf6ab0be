"""From finished runs to a table and a picture of what the product keeps of its promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from cxanalysis.plots.theme import INK, JOURNEY, NEUTRAL, QUIET, SERVICE, SHARED, themed
from tests.coverage.designs import SEED, Cell, cells
from tests.coverage.run import MARGIN, REPLICATES, TERMS, kept_in
from tests.coverage.truth import FIGURES, kept_figures

HERE = Path(__file__).parent
DECIDED = (
    "decided rightly",
    "equivalent, wrongly",
    "not equivalent, wrongly",
    "undecided",
    "nothing accounted for",
    "size told wrongly",
)
WRONG = [name for name in DECIDED if "wrongly" in name]
RIGHT_OR_OPEN = [name for name in DECIDED if name not in WRONG]
TABLE, WORDS, PICTURE = (HERE / name for name in ("table.csv", "table.md", "coverage.png"))
# What a figure or a test may miss by before the table marks it, beyond the chance of the runs.
LEAST_COVERAGE, MOST_ALARMS, MOST_WRONG = 0.93, 0.06, 0.05
ALPHA = 0.05
TEXTS = dict.fromkeys(("error", "verdict", "size", "wald", "floor"), str)
DRAWN = ("share", "S", "N", "R2")
# The true S of the company at the margin is exact but for the draw it is measured in.
AT_THE_MARGIN = 0.002
ONE_SIDED = {"S above its lower limit": ("S", "p5"), "S below its upper limit": ("S", "p95")}
ONE_SIDED |= {"N above its lower limit": ("N", "p5"), "N below its upper limit": ("N", "p95")}


def table_of(folder: Path) -> pd.DataFrame:
    """One row per cell and figure: true value, bias, width, coverage; rates of tests, decisions."""
    rows = []
    for cell in cells():
        path = kept_in(folder, cell)
        if path.exists():
            truth = kept_figures(cell.company, folder)
            rows += _rows_of(cell, pd.read_csv(path, dtype=TEXTS), truth)
    columns = ["company", "n", "runs", "figure", "true", "bias", "width", "coverage"]
    return pd.DataFrame(rows)[[*columns, "true_below", "true_above", "rate", "of"]]


def _rows_of(cell: Cell, runs: pd.DataFrame, truth: dict[str, float]) -> list[dict[str, object]]:
    done = runs[runs["error"].isna()]
    head = {"company": cell.company.name, "n": cell.n, "runs": len(runs)}
    rows = [_held(done, name, truth[name]) for name in (*FIGURES, *TERMS) if name in truth]
    rows += [
        _rate(name, _inside(done[f"{figure}_{end}"], truth[figure], end), len(done))
        for name, (figure, end) in ONE_SIDED.items()
    ]
    for test in ("wald", "floor"):
        p_values = _p_values(done[test])
        rows += [_rate(f"{test}: {block}", p <= ALPHA, len(p)) for block, p in p_values.items()]
    rows += [_rate("failed", runs["error"].notna(), len(runs))]
    rows += [_rate(name, each, len(done)) for name, each in _verdicts(done, truth).items()]
    return [head | row for row in rows]


def _held(runs: pd.DataFrame, name: str, true: float) -> dict[str, object]:
    estimate, low, high = (runs[f"{name}_{end}"] for end in ("estimate", "conf_low", "conf_high"))
    below, above = true < low, true > high
    return {
        "figure": name,
        "true": true,
        "bias": estimate.mean() - true,
        "width": (high - low).mean(),
        "coverage": 1 - (below | above)[low.notna()].mean(),
        "true_below": below[low.notna()].mean(),
        "true_above": above[low.notna()].mean(),
        "of": int(low.notna().sum()),
    }


def _rate(name: str, happened: pd.Series, of: int) -> dict[str, object]:
    return {"figure": name, "rate": float(happened.mean()) if of else np.nan, "of": of}


def _inside(limit: pd.Series, true: float, end: str) -> pd.Series:
    return limit <= true if end == "p5" else limit >= true


def _p_values(listed: pd.Series) -> dict[str, pd.Series]:
    """p-values by block, from "set/group=p;set/group=p"."""
    pairs = listed.dropna().str.split(";").explode().str.rsplit("=", n=1, expand=True)
    if pairs.empty:
        return {}
    return {name: group[1].astype(float) for name, group in pairs.groupby(0)}


def _verdicts(runs: pd.DataFrame, truth: dict[str, float]) -> dict[str, pd.Series]:
    line, verdict, size = 1 - MARGIN, runs["verdict"], runs["size"]
    equivalent, differs = verdict == "equivalent", verdict == "not equivalent"
    carries = truth["S"] > line + AT_THE_MARGIN
    lacks = truth["S"] < line - AT_THE_MARGIN
    most = min(truth["S"], truth["N"]) > 0.5
    less = max(truth["S"], truth["N"]) < 0.5
    told = (
        equivalent & carries | differs & lacks,
        equivalent & (not carries),
        differs & (not lacks),
        verdict == "undecided",
        verdict == "nothing accounted for",
        (size == "most") & (not most) | (size == "less than half") & (not less),
    )
    return dict(zip(DECIDED, told, strict=True))


def summarise(folder: Path) -> None:
    """Write the table, its reading in Markdown, and the picture."""
    table = table_of(folder)
    table.round(4).to_csv(TABLE, index=False)
    WORDS.write_text(_markdown(table, folder.name), encoding="utf-8")
    _draw(table)
    print(f"{len(table):,} rows in {TABLE.name}, read in {WORDS.name}, drawn in {PICTURE.name}")


def _markdown(table: pd.DataFrame, estimator: str) -> str:
    runs = table["runs"].agg(["min", "max"])
    sections = [
        "# Coverage of intervals, tests and decisions",
        f"Seed {SEED}; {runs['min']:,} to {runs['max']:,} runs of each cell; {REPLICATES} "
        f"bootstrap samples; estimator {estimator}. Made by `make coverage`; in bold what lies "
        "beyond its limit. Figures are those of the service set. Of a true 95 %, chance alone "
        f"moves a cell by {100 * np.sqrt(0.95 * 0.05 / runs['min']):.1f} (one standard error). "
        "*Logged service* is decided here as if both sets were measured alike; a report gives no "
        "verdict on such a company.",
        "## Two-sided 95 % intervals: how many in 100 hold the truth",
        _grid(table, [*FIGURES, *TERMS], "coverage", lambda x: x < LEAST_COVERAGE),
        "## One-sided 95 % limits: how many in 100 hold",
        _grid(table, list(ONE_SIDED), "rate", lambda x: x < LEAST_COVERAGE),
        "## Blocks that add nothing: how many in 100 tests at 5 % say they do",
        _grid(table, _tested(table), "rate", lambda x: x > MOST_ALARMS),
        f"## Decisions at a margin of {MARGIN:.2f}, in 100",
        _grid(table, [*RIGHT_OR_OPEN], "rate", lambda _: False),
        _grid(table, [*WRONG], "rate", lambda x: x > MOST_WRONG),
        "## Bias, in 100ths",
        _grid(table, list(FIGURES), "bias", lambda _: False, 2),
        "## Mean width of the intervals, in 100ths",
        _grid(table, list(FIGURES), "width", lambda _: False),
    ]
    return "\n\n".join(sections) + "\n"


def _tested(table: pd.DataFrame) -> list[str]:
    return [name for name in table["figure"].unique() if name.startswith(("wald", "floor"))]


def _grid(
    table: pd.DataFrame,
    figures: list[str],
    quantity: str,
    beyond: Callable[[float], bool],
    digits: int = 1,
) -> str:
    """A Markdown table of cells by figures, in hundredths."""
    some = table[table["figure"].isin(figures) & table[quantity].notna()]
    wide = some.pivot_table(index=["company", "n"], columns="figure", values=quantity, sort=False)
    wide = wide[[figure for figure in figures if figure in wide]]
    lines = [
        "| company | n | " + " | ".join(wide.columns) + " |",
        "|---" * (len(wide.columns) + 2) + "|",
    ]
    for (company, n), row in wide.iterrows():
        shown = [_shown(value, beyond(value), digits) for value in row]
        lines.append(f"| {company} | {n:,} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def _shown(value: float, marked: bool, digits: int) -> str:
    if np.isnan(value):
        return ""
    text = f"{100 * value:.{digits}f}"
    return f"**{text}**" if marked else text


def _draw(table: pd.DataFrame) -> None:
    """Coverage of each figure, one row per company and one panel per size."""
    with themed():
        held = table[table["figure"].isin(DRAWN) & table["coverage"].notna()].copy()
        held["held"] = 100 * held["coverage"]
        grid = sns.catplot(
            held,
            x="held",
            y="company",
            hue="figure",
            col="n",
            col_order=sorted(held["n"].unique()),
            kind="strip",
            jitter=False,
            dodge=True,
            size=4,
            palette=dict(zip(DRAWN, (SERVICE, JOURNEY, SHARED, INK), strict=True)),
            height=5.2,
            aspect=0.62,
        )
        for axes in grid.axes.flat:
            # Where 19 in 20 of the cells would lie if every interval were a true one of 95 %.
            chance = 196 * np.sqrt(0.95 * 0.05 / held["of"].median())
            axes.axvspan(95 - chance, min(95 + chance, 100), color=NEUTRAL, zorder=0)
            axes.axvline(95, color=QUIET, linewidth=0.8, zorder=1)
        grid.set_axis_labels("intervals that hold the truth, %", "")
        grid.set_titles("n = {col_name}")
        grid.figure.savefig(PICTURE, dpi=150)
        plt.close(grid.figure)
