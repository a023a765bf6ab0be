"""Sections a study cannot fill are taken out before the run and named at the end."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cxanalysis.errors import ReportError
from cxanalysis.report.harvest import findings_of, headline_of
from cxanalysis.report.sections import keep_sections


def report() -> NotebookNode:
    def tagged(make: Any, source: str, *tags: str) -> NotebookNode:
        cell: NotebookNode = make(source, metadata={"tags": list(tags)})
        return cell

    return new_notebook(
        cells=[
            new_markdown_cell("# A question?"),
            tagged(new_markdown_cell, "## Drivers\n\nSome words.", "needs-model"),
            tagged(new_code_cell, "fit", "needs-model"),
            tagged(new_markdown_cell, "## Waiting", "needs-tickets", "needs-customers"),
            tagged(new_code_cell, "wait", "needs-tickets", "needs-customers"),
            new_code_cell("always"),
        ]
    )


def sources(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells]


def test_nothing_is_added_where_every_need_is_met() -> None:
    kept, left_out = keep_sections(report(), {"model", "tickets", "customers"}, "x.ipynb")
    assert sources(kept) == sources(report())
    assert left_out == ()


def test_section_goes_with_all_its_cells_and_is_named_at_the_end() -> None:
    kept, left_out = keep_sections(report(), {"model", "tickets"}, "x.ipynb")
    assert sources(kept)[:-1] == [
        "# A question?",
        "## Drivers\n\nSome words.",
        "fit",
        "always",
    ]
    assert sources(kept)[-1] == (
        "## What this report leaves out\n\n- **Waiting**: there is no table of customers, so "
        "those who are never heard cannot be counted."
    )
    assert [(section.section, section.needs) for section in left_out] == [
        ("Waiting", ("customers",))
    ]


def test_the_notebook_given_is_not_changed() -> None:
    given = report()
    keep_sections(given, set(), "x.ipynb")
    assert sources(given) == sources(report())


def test_misspelt_need_is_refused_with_the_closest() -> None:
    notebook = report()
    notebook.cells[1].metadata.tags = ["needs-modle"]
    with pytest.raises(ReportError, match=r"'needs-modle'\. Did you mean 'needs-model'"):
        keep_sections(notebook, set(), "x.ipynb")


def with_finding(text: str) -> NotebookNode:
    cell = new_code_cell("show")
    data = {"text/plain": text, "application/vnd.cxanalysis.finding+json": {"kind": "answer"}}
    cell.outputs = [new_output("display_data", data=data)]
    return new_notebook(cells=[new_markdown_cell("# A question?"), cell])


def test_findings_and_the_headline_are_collected() -> None:
    notebook = with_finding("**No**: service does not\ncarry it.\n\nMore follows.")
    assert findings_of(notebook) == [{"kind": "answer"}]
    assert headline_of(notebook) == "No: service does not carry it."


def test_report_without_findings_has_no_headline() -> None:
    assert headline_of(report()) == ""
    assert findings_of(report()) == []
