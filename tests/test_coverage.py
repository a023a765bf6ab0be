"""The simulation behind `make coverage` counts what it says it counts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.coverage import truth
from tests.coverage.designs import BASE, BY_NAME, Cell, cells, draw_answers
from tests.coverage.run import FIELDS, kept_in, runs_to_do
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
