"""Columns of figures are set flush right, and every table has a name."""

from __future__ import annotations

from cxanalysis.report.page import Page


def table(*rows: tuple[str, ...]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>{body}</tbody></table>"


def test_column_of_figures_is_marked_with_its_heading() -> None:
    html = Page().clean(table(("NPS", "+31"), ("CSAT", "78% (76% to 80%)"), ("Effort", "–")))
    assert html.count('<td class="figure">') == 3
    assert '<th scope="col" class="words">a</th><th scope="col" class="figure">b</th>' in html


def test_column_with_any_words_stays_as_it_is() -> None:
    html = Page().clean(table(("NPS", "+31"), ("CSAT", "no clear change")))
    assert "figure" not in html
    assert html.count('<th scope="row" class="words">') == html.count('<td class="words">') == 2


def test_file_name_that_begins_with_a_year_is_no_figure() -> None:
    assert "figure" not in Page().clean(table(("surveys", "2017_survey.csv")))


def test_sentence_that_begins_with_a_number_is_no_figure() -> None:
    html = Page().clean(table(("NPS", "100 × (share of promoters − share of detractors)")))
    assert "figure" not in html
    assert html.count('<th scope="row" class="words">') == 1
    assert '<td class="words">' not in html


def test_table_without_a_caption_is_named_after_its_section() -> None:
    page = Page()
    page.clean("<h2>Data quality</h2>")
    assert '<table><caption class="unseen">Data quality</caption>' in page.clean(table(("a", "1")))


def test_caption_of_its_own_is_kept() -> None:
    page = Page()
    page.clean("<h2>Data quality</h2>")
    html = page.clean("<table><caption>Rows</caption><tr><td>1</td></tr></table>")
    assert html.count("<caption") == 1


def test_figures_of_a_table_in_a_table_stay_apart() -> None:
    html = Page().clean("<table><tr><td>words<table><tr><td>7</td></tr></table></td></tr></table>")
    assert html.count("figure") == 1
