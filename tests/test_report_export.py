"""The page: safe, self-contained, without code, with contents and alt text."""

from __future__ import annotations

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cxanalysis.report.export import Masthead, to_html
from cxanalysis.report.page import ATTRIBUTES, ELEMENTS, NO_ALT, Page

MASTHEAD = Masthead("A question? Acme", ("Acme", "October 2026"), (("Study", "Acme"),), "1.0")
PNG = "iVBORw0KGgo="

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    '"><iframe src="javascript:alert(1)"></iframe>',
    "<a href='javascript:alert(1)'>x</a>",
    "<body onload=alert(1)>",
    "<style>@import url(https://evil.example/x.css)</style>",
    "<form action=https://evil.example><input autofocus onfocus=alert(1)></form>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
)
HARMLESS = ELEMENTS | {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "nav",
    "main",
    "footer",
}
PLAIN = ATTRIBUTES | {"id", "charset", "name", "content", "http-equiv", "role", "tabindex"}
PLAIN |= {"aria-label", "aria-labelledby"}


class Elements(HTMLParser):
    """Every element of a page with its attributes, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag in HARMLESS
        assert set(attributes) <= PLAIN
        assert attributes.get("src", "data:image/").startswith("data:image/")
        assert attributes.get("href", "#").startswith(("#", "https://"))
    assert html.count("<style>") == 1


def page(*cells: NotebookNode, folders: tuple[str, ...] = ()) -> str:
    return to_html(new_notebook(cells=list(cells)), MASTHEAD, folders)


def shown(**data: Any) -> NotebookNode:
    cell = new_code_cell("hidden_code()")
    kinds = {key.replace("_", "/").replace("svg", "svg+xml"): value for key, value in data.items()}
    cell.outputs = [new_output("display_data", data=kinds)]
    return cell


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_in_any_output_does_not_run(attack: str) -> None:
    printed = new_code_cell("x")
    printed.outputs = [new_output("stream", name="stdout", text=attack)]
    html = page(
        shown(text_html=attack),
        shown(text_plain=attack),
        shown(text_markdown=attack),
        shown(image_png=PNG, text_plain=attack),
        new_markdown_cell(attack),
        printed,
    )
    assert_harmless(html)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_in_a_study_name_does_not_run(attack: str) -> None:
    html = to_html(new_notebook(), Masthead(attack, (attack,), ((attack, attack),), attack))
    assert_harmless(html)


def test_output_cannot_close_the_page_around_it() -> None:
    html = page(shown(text_html="</div></main></body><p>after <b>bold"))
    assert "<p>after <b>bold</b></p>" in html
    assert html.count("</main>") == html.count("</body>") == 1


def test_page_asks_nobody_for_anything() -> None:
    html = page(
        new_markdown_cell("# Q\n\n[a link](https://example.org) ![p](https://example.org/p.png)")
    )
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        f"default-src 'none'; img-src data:; style-src 'sha256-{known}'; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    ) in html
    assert not re.search(r"(src|data|srcset|poster)=\"http|url\(|<link|<script", html)
    assert 'href="https://example.org"' in html


def test_code_prompts_and_warnings_are_not_shown() -> None:
    cell = shown(text_plain="an answer")
    cell.execution_count = 7
    cell.outputs.append(new_output("stream", name="stderr", text="/home/me/x.py:1: UserWarning"))
    html = page(cell)
    assert "an answer" in html
    for hidden in ("hidden_code", "UserWarning", "[7]", "prompt"):
        assert hidden not in html


def test_contents_link_to_the_title_and_every_section() -> None:
    html = page(
        new_markdown_cell("# Is it?"),
        new_markdown_cell("## Drivers & dreams"),
        new_markdown_cell("## Drivers & dreams\n\n### Detail"),
    )
    links = re.findall(r'<li><a href="#([^"]+)">', html)
    assert links == ["is-it", "drivers-dreams", "drivers-dreams-2"]
    for anchor in links:
        assert html.count(f'id="{anchor}"') == 1
    assert 'id="is-it"' in html and 'id="detail"' in html


def test_title_stands_above_the_contents_and_the_rest_below() -> None:
    html = page(new_markdown_cell("# Q\n\nFirst."), new_markdown_cell("## S"))
    places = [html.index(text) for text in ("<h1 id=", "<nav", "<main", "<p>First.", "<h2 id=")]
    assert places == sorted(places)
    other = page(new_markdown_cell("Text.\n\n# Q"))
    assert other.index("<nav") < other.index("<main") < other.index("<h1 id=")


def test_signs_that_cannot_be_seen_are_left_out() -> None:
    turned = "gnp.\u202eexe\u2066 \x00\x07\ufeffend"
    html = page(new_markdown_cell(f"# {turned}"), shown(text_html=f"<p title='{turned}'>{turned}"))
    html += to_html(new_notebook(), Masthead(turned, (turned,), ((turned, turned),), "1"))
    assert not re.search("[\u202e\u2066\x00\x07\ufeff]", html)
    assert html.count("gnp.exe end") == 8


def test_pictures_have_a_description() -> None:
    html = page(
        shown(image_png=PNG, text_plain="<Figure size 640x480>"),
        shown(image_svg="<svg/>", text_plain='Bars, "tall"'),
        shown(text_html='<img alt="A line" src="data:image/svg+xml;base64,PHN2Zy8+">'),
    )
    alts = [attributes["alt"] for tag, attributes in Elements(html).found if tag == "img"]
    assert alts == [NO_ALT, 'Bars, "tall"', "A line"]


def test_table_headings_say_what_they_head() -> None:
    table = (
        "<table><caption>Figures</caption><thead><tr><th>NPS</th></tr></thead>"
        "<tbody><tr><th>North</th><td style='color:red'>31</td></tr></tbody></table>"
    )
    assert Page().clean(table) == (
        '<div class="wide" role="group" tabindex="0" aria-label="Table">'
        '<table><caption>Figures</caption><thead><tr><th scope="col">NPS</th></tr></thead>'
        '<tbody><tr><th scope="row">North</th><td class="figure">31</td></tr></tbody></table></div>'
    )


def test_first_cell_heads_its_row_and_an_empty_heading_is_a_cell() -> None:
    html = page(
        new_markdown_cell("## Who & where"),
        shown(
            text_html="<table><thead><tr><th>by</th><th></th></tr></thead><tbody>"
            "<tr><td>North</td><td>3</td></tr><tr><td></td><td>4</td></tr></tbody></table>"
        ),
    )
    assert '<th class="words" scope="col">by</th><td class="figure"></td>' in html
    assert '<th class="words" scope="row">North</th><td class="figure">3</td>' in html
    assert '<td class="words"></td><td class="figure">4</td>' in html
    assert 'aria-label="Table: Who &amp; where"' in html


def test_folders_of_the_machine_are_not_printed() -> None:
    html = page(
        shown(
            text_html="<p title='/srv/acme/data/t.csv'>/srv/acme/data/t.csv of /srv/acme/data</p>"
        ),
        shown(text_plain="/srv/acme/data/s.csv, /srv/acme/other.csv"),
        folders=("/srv/acme", "/srv/acme/data"),
    )
    assert "/srv" not in html
    assert "t.csv of …" in html and "s.csv, other.csv" in html


def test_page_says_its_language_title_and_origin() -> None:
    html = page(new_markdown_cell("# Q"))
    assert '<html lang="en">' in html
    assert "<title>A question? Acme</title>" in html
    assert "<span>Acme</span> · <span>October 2026</span>" in html
    assert '<th scope="row">Study</th><td>Acme</td>' in html


def test_pages_made_one_after_the_other_and_at_once_keep_to_themselves() -> None:
    def made(number: int) -> str:
        cell = new_markdown_cell(f"# Page {number}\n\n## Section {number}")
        masthead = replace(MASTHEAD, title=f"Title {number}")
        return to_html(new_notebook(cells=[cell]), masthead)

    with ThreadPoolExecutor(4) as pool:
        for number, html in enumerate(pool.map(made, range(12))):
            assert set(re.findall(r"Section (\d+)", html)) == {str(number)}
            assert set(re.findall(r"Title (\d+)", html)) == {str(number)}
