"""Reports of one batch wait for the report they compare with; what goes out is listed there too."""

from __future__ import annotations

import json
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cold_kernels import cold
from test_batch import LIGHT, write_study

from cxanalysis.batch import Failed, Job, Made, run_batch
from cxanalysis.batch import work as work_module
from cxanalysis.batch.opened import Source
from cxanalysis.batch.turns import in_turn
from cxanalysis.batch.work import Order

JOB = Job(Path("study.toml"), "cx_report", "2026-10", "plan=basic")


def order(**changes: Any) -> Order:
    return Order(replace(JOB, **changes), Source(JOB.study, "x", ""), Path("reports"))


def test_an_order_waits_for_the_same_report_on_the_period_before_and_for_no_other() -> None:
    orders = [
        order(),
        order(period="2026-09"),
        order(period="2026-07"),  # the one before it is not ordered
        order(segment=""),
        order(notebook="service_report"),
        order(period="2026-Q3"),
        order(period="all"),
    ]
    at_once, after = in_turn(orders)
    assert after == {orders[1].job: orders[0]}
    assert at_once == orders[1:]


def test_every_month_of_a_batch_is_compared_with_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_module, "kernels_for", cold)
    copies = tmp_path / "copies"
    study = write_study(tmp_path / "study", more=f'[deliver]\nfolder = "{copies}"\n')
    result = run_batch(study, notebooks=[LIGHT], periods=["2026-10", "2026-09"])
    assert [type(outcome) for outcome in result.reports] == [Made, Made]
    assert result.problems == ()
    why = {
        path.parts[-3]: json.loads(path.read_text(encoding="utf-8"))["since"]["why"]
        for path in (study.parent / "reports").glob("*/*/*/findings.json")
    }
    assert why == {"2026-09": "none", "2026-10": ""}
    for folder in (study.parent / "reports", copies):
        page = (folder / "index.html").read_text(encoding="utf-8")
        assert "./light/2026-10/everyone/light.html" in page


def test_whoever_waited_for_a_report_that_is_lost_is_not_forgotten(tmp_path: Path) -> None:
    class Closed(Executor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            raise RuntimeError("cannot schedule new futures after shutdown")

    study = write_study(tmp_path / "study")
    result = run_batch(study, notebooks=[LIGHT], periods=["2026-09", "2026-10"], executor=Closed())
    assert [type(outcome) for outcome in result.reports] == [Failed, Failed]
