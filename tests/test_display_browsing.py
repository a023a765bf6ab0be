"""A frame that filters and sorts: nothing from the network, nothing unsaid, nothing alive."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pandas as pd

import cxanalysis as cx
from cxanalysis.browsing import MOST_ROWS
from cxanalysis.report.export import Masthead, to_html

FRAME = pd.DataFrame(
    {
        "opened_at": [pd.Timestamp("2026-01-05T10:00:00.5Z"), pd.NaT],
        "reason": ["<b>billing</b>", None],
        "wait": [1.5, None],
        "channel": pd.Categorical(["phone", None]),
    }
)


def cells(table: Any) -> list[Any]:
    return list(json.loads(table._dt_args["data_json"]))


def test_cells_are_text_and_sort_by_their_values() -> None:
    first, second = cells(cx.browse(FRAME))
    assert first[:2] == ["2026-01-05 10:00:00 UTC", "&lt;b&gt;billing&lt;/b&gt;"]
    assert first[2:] == [["1.5", 1.5], "phone"]
    assert (second[0], second[1], second[3]) == ("", "", "")


def test_the_frame_given_stays_as_it_is() -> None:
    before = FRAME.copy(deep=True)
    cx.browse(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)


def test_a_long_frame_is_cut_and_says_so() -> None:
    long = cx.browse(pd.DataFrame({"n": range(MOST_ROWS + 5)}))
    assert len(cells(long)) == MOST_ROWS
    assert long.caption == "The first 10,000 of 10,005 rows."
    assert "10,005 rows, 1 column" in repr(long)
    assert cx.browse(FRAME).caption == ""


def test_a_series_and_an_index_can_be_looked_through() -> None:
    series = pd.Series([0.5, 0.25], index=pd.Index(["a", "b"], name="group"), name="share")
    assert [row[0] for row in cells(cx.browse(series))] == ["a", "b"]


def test_where_no_kernel_runs_the_first_rows_stand_as_text() -> None:
    shown = cx.browse(pd.DataFrame({"n": range(30)}), rows=3)._repr_mimebundle_()[0]
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert shown["text/plain"].splitlines()[-3].split() == ["2", "2"]
    assert "30 rows, 1 column" in shown["text/plain"]
    assert "itables" not in shown["text/plain"]


def test_nothing_is_fetched() -> None:
    table: Any = cx.browse(FRAME)
    assert "unpkg" not in json.dumps(table._dt_args)
    assert "http" not in json.dumps(table._dt_args)


def test_a_report_holds_the_first_rows_and_nothing_that_runs() -> None:
    shown = cx.browse(FRAME)._repr_mimebundle_()[0]
    output = nbformat.v4.new_output("execute_result", data=shown, execution_count=1)
    cell = nbformat.v4.new_code_cell("cx.browse(frame)", outputs=[output])
    page = to_html(nbformat.v4.new_notebook(cells=[cell]), Masthead("Own", (), (), "1"))
    assert "billing" in page
    assert "<script" not in page
    assert "widget" not in page
