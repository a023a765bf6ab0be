"""A report as a PDF: tagged, titled, with page numbers; clear advice where it cannot be made."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from cxanalysis.errors import ReportError
from cxanalysis.report import pdf
from cxanalysis.report.export import Masthead, to_html

TITLE = 'Is it? A "quoted" \\ name & </style> 100%, Österreich'
ALT = "Service is a third of it"
SVG = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="90"><path d="M0 0h9v9z"/></svg>'
).decode("ascii")
ROWS = "".join(f"<tr><td>touchpoint {n}</td><td>{n}</td></tr>" for n in range(90))
TABLE = (
    f"<table><thead><tr><th>place</th><th>ratings</th></tr></thead><tbody>{ROWS}</tbody></table>"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cell = new_code_cell("x")
    shown = f'<p><img alt="{ALT}" src="data:image/svg+xml;base64,{SVG}"></p>{TABLE}'
    cell.outputs = [new_output("display_data", data={"text/html": shown})]
    cells = [new_markdown_cell("# Is it?"), cell, new_markdown_cell("## A later section\n\nText.")]
    html = to_html(new_notebook(cells=cells), Masthead(TITLE, ("Acme",), (("Study", "A"),), "1"))
    path = tmp_path_factory.mktemp("pages") / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(
    scope="module", params=[pdf.WEASYPRINT, pytest.param(pdf.CHROMIUM, marks=pytest.mark.browser)]
)
def printed(page: Path, request: pytest.FixtureRequest) -> PdfReader:
    output = page.with_name(f"{request.param}.pdf")
    try:
        pdf.write_pdf(page, output, request.param)
    except ReportError as error:
        pytest.skip(str(error))
    return PdfReader(output)


def elements(node: Any) -> Iterator[DictionaryObject]:
    """Every structure element below one, as a screen reader walks through them."""
    node = node.get_object()
    if isinstance(node, list):
        for kid in node:
            yield from elements(kid)
    elif isinstance(node, DictionaryObject):
        yield node
        if "/K" in node:
            yield from elements(node["/K"])


def test_pdf_is_tagged_titled_and_says_its_language(printed: PdfReader) -> None:
    root: Any = printed.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert printed.metadata is not None and printed.metadata.title == TITLE
    found = list(elements(root["/StructTreeRoot"]))
    kinds = [element.get("/S") for element in found]
    assert {"/H1", "/H2", "/Table", "/TR", "/TH", "/TD", "/L", "/Link"} <= set(kinds)
    assert [e.get("/Alt") for e in found if e.get("/S") == "/Figure"] == [ALT]


def test_outline_leads_to_the_sections(printed: PdfReader) -> None:
    def titles(items: Any) -> list[str]:
        return [t for i in items for t in (titles(i) if isinstance(i, list) else [str(i.title)])]

    assert titles(printed.outline)[:2] == ["Is it?", "A later section"]


def test_each_page_says_whose_it_is_and_repeats_the_head_of_its_table(printed: PdfReader) -> None:
    texts = [" ".join(page.extract_text().split()) for page in printed.pages]
    assert len(texts) >= 3
    for number, text in enumerate(texts, 1):
        assert f"page {number} of {len(texts)}" in text
        assert TITLE in text
        assert "place ratings" in text or "touchpoint" not in text


def test_contents_carry_page_numbers_and_the_same_page_gives_the_same_bytes(
    page: Path, tmp_path: Path
) -> None:
    outputs = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    try:
        for output in outputs:
            pdf.write_pdf(page, output)
    except ReportError as error:
        pytest.skip(str(error))
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    reader = PdfReader(outputs[0])
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    last = next(n for n, text in enumerate(texts, 1) if n > 1 and "A later section" in text)
    assert f". {last}" in texts[0].split("A later section")[1][:200]
    assert str(tmp_path) not in str(reader.metadata)
    assert reader.xmp_metadata is not None
    assert b'pdfuaid:part="1"' in reader.xmp_metadata.stream.get_data()


def test_nothing_outside_the_page_is_read(
    page: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_bytes(base64.b64decode(SVG))
    html = page.read_text(encoding="utf-8")
    wanting = html.replace("</main>", f'<img alt="x" src="{secret.as_uri()}"></main>')
    (tmp_path / "page.html").write_text(wanting, encoding="utf-8")
    try:
        pdf.write_pdf(tmp_path / "page.html", tmp_path / "page.pdf")
    except ReportError as error:
        pytest.skip(str(error))
    assert "disallowed protocol" in caplog.text


def without(monkeypatch: pytest.MonkeyPatch, folder: Path, raises: str) -> None:
    """Put a WeasyPrint in front that cannot be imported."""
    (folder / "weasyprint.py").write_text(raises, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)


def test_missing_weasyprint_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without(monkeypatch, tmp_path, "raise ImportError")
    with pytest.raises(ReportError, match=r"pip install 'cxanalysis\[pdf\]'.*pdf = chromium"):
        pdf.check_maker("weasyprint")


@pytest.mark.parametrize(
    ("system", "advice"),
    [
        ("linux", "apt install libpango-1.0-0"),
        ("darwin", "brew install pango"),
        ("win32", "MSYS2"),
        ("plan9", "your system's package manager"),
    ],
)
def test_missing_pango_says_how_to_get_it_on_each_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, advice: str
) -> None:
    without(monkeypatch, tmp_path, "raise OSError(\"cannot load library 'libpango-1.0-0': gone\")")
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(ReportError, match=f"libpango-1.0-0, a part of Pango.*{advice}"):
        pdf.check_maker("weasyprint")


def test_missing_browser_and_unknown_maker_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    with pytest.raises(ReportError, match="No Chromium, Chrome or Edge was found"):
        pdf.check_maker("chromium")
    with pytest.raises(ReportError, match=r"'weasyprnt'\. Did you mean 'weasyprint'"):
        pdf.check_maker("weasyprnt")


def test_browser_that_makes_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, page: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(pdf, "_browser", lambda: "false")
    with pytest.raises(ReportError, match=r"page\.html: Chromium made no PDF: it said nothing"):
        pdf.write_pdf(page, tmp_path / "page.pdf", "chromium")
