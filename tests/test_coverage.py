"""The simulation behind `make coverage` counts what it says it counts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.coverage import summarise, truth
from tests.coverage.designs import BASE, BY_NAME, Cell, cells, draw_answers
from tests.coverage.run import FIELDS, REPLICATES, kept_in, meaning, runs_to_do
from tests.coverage.summarise import table_of
from tests.coverage.truth import FIGURES, true_figures

# Of 40,000 answers: an S of 1, or R² of 0, is met within chance.
NEAR = 0.01
CELL = Cell(BASE, 200)
LIMITS = {"estimate": 0.4, "conf_low": 0.0, "conf_high": 1.0}


@pytest.fixture
def smaller_population(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "ROWS", 40_000)
    monkeypatch.setattr(truth, "PORTION", 20_000)


def write_runs(folder: Path, rows: list[dict[str, object]]) -> None:
    blank = dict.fromkeys(FIELDS)
    runs = [blank | {"run": number} | row for number, row in enumerate(rows)]
    pd.DataFrame(runs).to_csv(kept_in(folder, CELL), index=False)


def test_a_run_draws_the_same_answers_whatever_ran_before() -> None:
    first = draw_answers(BASE, 50, CELL.random(3))
    draw_answers(BASE, 50, CELL.random(2))
    assert_frame_equal(first, draw_answers(BASE, 50, CELL.random(3)))


@pytest.mark.parametrize("cell", list(cells()), ids=str)
def test_every_company_has_the_columns_of_its_partition(cell: Cell) -> None:
    company = cell.company
    frame = draw_answers(company, cell.n, cell.random(0))
    assert len(frame) == cell.n
    named = [name for groups in company.blocks.values() for own in groups.values() for name in own]
    assert frame[named].notna().all(axis=None)


def test_true_figures_are_those_the_company_was_made_with(smaller_population: None) -> None:
    assert true_figures(BY_NAME["service is all"])["S"] == pytest.approx(1, abs=NEAR)
    assert true_figures(BY_NAME["service is noise"])["T"] == pytest.approx(0, abs=NEAR)
    assert true_figures(BY_NAME["at the margin"])["S"] == pytest.approx(0.8, abs=3 * NEAR)


def test_words_and_layout_do_not_make_another_estimator(tmp_path: Path) -> None:
    def of(source: str) -> str:
        path = tmp_path / "module.py"
        path.write_text(source, encoding="utf-8")
        return meaning(path)

    plain = of("def f(x):\n    return x + 1\n")
    assert plain == of('"""Words."""\n\n\ndef f(x):\n    """More."""\n    return (x + 1)  # why\n')
    assert plain != of("def f(x):\n    return x + 2\n")
    assert of("def f(x): ...\n") != of("def f(x): return 1\n")


def test_finished_runs_are_not_done_again(tmp_path: Path) -> None:
    write_runs(tmp_path, [{}, {}])
    assert [run for _, run in runs_to_do(tmp_path, [CELL], 4)] == [2, 3]


def test_the_table_counts_intervals_tests_decisions_and_refusals(
    tmp_path: Path, smaller_population: None
) -> None:
    held = {f"{name}_{end}": at for name in FIGURES for end, at in LIMITS.items()}
    missed = held | {"S_conf_low": 0.9, "S_p5": 0.9, "verdict": "equivalent"}
    held |= {"S_p5": 0.1, "S_p95": 0.9, "verdict": "undecided", "wald": "journey/stage_4=0.5"}
    missed["wald"] = "journey/stage_4=0.01"
    write_runs(tmp_path, [held, held, held, missed, {"error": "ModelError: too few"}])
    table = table_of(tmp_path).set_index("figure")
    assert table.loc["S", "coverage"] == 0.75
    assert table.loc["S", "true_below"] == 0.25
    assert table.loc["S above its lower limit", "rate"] == 0.75
    assert table.loc["wald: journey/stage_4", "rate"] == 0.25
    assert table.loc["equivalent, wrongly", "rate"] == 0.25
    assert table.loc["undecided", "rate"] == 0.75
    assert table.loc["failed", "rate"] == 0.2


def test_a_summary_is_a_table_its_reading_and_a_picture(
    tmp_path: Path, smaller_population: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TABLE", "WORDS", "PICTURE"):
        monkeypatch.setattr(summarise, name, tmp_path / getattr(summarise, name).name)
    runs = {f"{name}_{end}": at for name in FIGURES for end, at in LIMITS.items()}
    runs |= {"S_p5": 0.1, "S_p95": 0.9, "verdict": "undecided", "wald": "journey/stage_4=0.01"}
    short = runs | {"T_conf_low": 0.9}
    write_runs(tmp_path, [runs, runs, runs, short])
    summarise.summarise(tmp_path)

    table = pd.read_csv(tmp_path / "table.csv")
    assert table["company"].unique().tolist() == ["base"]
    assert (table["runs"] == 4).all()
    words = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert f"4 to 4 runs of each cell; {REPLICATES} bootstrap" in words
    held = next(line for line in words.splitlines() if line.startswith("| base | 200 |"))
    # Coverage of T, which one run in four misses, is marked; that of the others is not.
    assert held.startswith("| base | 200 | **75.0** | 100.0 |")
    assert "**100.0**" in words  # a test of a block that adds nothing rejects in every run
    assert (tmp_path / "coverage.png").read_bytes().startswith(b"\x89PNG")
