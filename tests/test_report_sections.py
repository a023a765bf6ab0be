"""Sections a study cannot fill are taken out before the run and named at the end."""

from __future__ import annotations

from typing import Any

import pytest
from findings_by_hand import FINDINGS
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cxanalysis import display
from cxanalysis.errors import ReportError
from cxanalysis.report import sections
from cxanalysis.report.harvest import findings_of, headline_of
from cxanalysis.report.sections import keep_sections, leave_out_bare


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


def executed(*shown: tuple[str, list[str], str, str]) -> NotebookNode:
    """A notebook with a section for each (heading, tags, kind of page, text)."""
    cells = []
    for head, needs, mark, text in shown:
        output = new_output(
            "display_data",
            data={
                "text/html": f'<section class="cx-finding cx-x{mark}">{text}</section>',
                "text/plain": text,
            },
        )
        meta = {"tags": needs}
        cells += [
            new_markdown_cell(f"## {head}", metadata=meta),
            new_code_cell("show", metadata=meta, outputs=[output]),
        ]
    return new_notebook(cells=cells)


BARE = f" {sections.BARE}"
STAYS = ("Who stays", ["needs-surveys"], BARE, "Who stays cannot be told: it needs a last day.")
MAP = ("The map", ["needs-journeys"], "", "A map.")


def test_a_section_with_nothing_to_show_is_left_out_and_says_why_in_its_own_words() -> None:
    page, left_out = leave_out_bare(executed(MAP, STAYS), ())
    assert [cell.source for cell in page.cells if cell.cell_type == "markdown"] == [
        "## The map",
        "## What this report leaves out\n\n- **Who stays**: it needs a last day.",
    ]
    assert [(each.section, each.why) for each in left_out] == [("Who stays", "it needs a last day")]


def test_a_section_that_says_something_stays_though_it_has_no_picture_and_no_table() -> None:
    said = "9% of 205 attempts went unanswered: the customer gave up, or nobody answered."
    notebook = executed(MAP, ("Was somebody in?", ["needs-tickets"], BARE, said))
    assert leave_out_bare(notebook, ()) == (notebook, ())


def test_sections_left_out_for_one_reason_share_a_line() -> None:
    other = (
        "Who goes on",
        ["needs-surveys"],
        BARE,
        "Who goes on cannot be told. It needs a last day.",
    )
    page, _ = leave_out_bare(executed(MAP, STAYS, other), ())
    assert page.cells[-1].source.endswith("- **Who stays**, **Who goes on**: it needs a last day.")


def test_what_was_left_out_before_the_run_is_named_first() -> None:
    notebook, before = keep_sections(
        executed(MAP, ("Trips", ["needs-tickets"], "", "x"), STAYS), {"journeys", "surveys"}, "x"
    )
    page, left_out = leave_out_bare(notebook, before)
    assert [each.section for each in left_out] == ["Trips", "Who stays"]
    assert page.cells[-1].source.index("Trips") < page.cells[-1].source.index("Who stays")
    assert sum("leaves out" in cell.source for cell in page.cells) == 1


def test_a_section_that_every_report_has_stays_however_bare() -> None:
    notebook = executed(("How far to trust this", [], BARE, "These figures describe."))
    page, left_out = leave_out_bare(notebook, ())
    assert page is notebook
    assert left_out == ()


def test_a_finding_without_picture_and_table_is_marked_as_the_report_looks_for_it() -> None:
    assert sections.BARE == display.BARE
    assert sections.BARE in display.bundle(FINDINGS["pain_no_ratings"])["text/html"]
    assert sections.BARE not in display.bundle(FINDINGS["pain"])["text/html"]
