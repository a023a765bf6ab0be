"""A company with attacks for names and with small groups: what its reports may hold and do.

Names and comments that try to be markup are text in every file, and a figure on too few is withheld
in every file. One file, so that where files run side by side its reports are made once.
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from report_attacks import MARK, MIN_BASE, REPORTS, SMALL, SMALL_RATINGS

from cxanalysis.errors import ReportError
from cxanalysis.report import pdf

pytestmark = pytest.mark.browser

# What the elements of a page are and carry that a name of the data could have brought.
LOOK = """mark => {
  const strange = [];
  const never = new Set(['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'INPUT', 'BUTTON', 'BASE',
    'LINK', 'SVG', 'svg', 'math', 'TEMPLATE', 'VIDEO', 'AUDIO', 'PICTURE', 'SOURCE', 'TEXTAREA']);
  for (const element of document.querySelectorAll('body *, head *')) {
    if (never.has(element.tagName)) strange.push(element.outerHTML.slice(0, 99));
    for (const {name, value} of element.attributes) {
      const inert = ['alt', 'id'].includes(name) || (name === 'href' && value.startsWith('#'));
      if (name.startsWith('on') || name === 'srcset'
          || (name === 'style' && value !== 'text-align: unset;')  // as pandas writes it
          || (name === 'href' && !value.startsWith('#'))
          || (name === 'src' && !value.startsWith('data:image/svg+xml;base64,'))
          || (value.includes(mark) && !inert && !name.startsWith('content')))
        strange.push(`${element.tagName} ${name}=${value.slice(0, 99)}`);
    }
  }
  return strange;
}"""
NAME = re.compile("small (place|team|reason|channel)")
MEAN = sum(SMALL_RATINGS) / SMALL
# Numbers of what is no case: columns, periods, cases of somebody else's figure.
NO_CASES = {"n_columns", "n_earlier", "n_benchmark", "n_terms", "n_stages", "n_touchpoints"}
# Parts of one whole that has cases enough: how many of it each part holds is the figure.
PARTS = re.compile(r"divergence\.cells|promises$|worst\.lowest$")
# Shares whose base is everything, of which a small group is a part.
OF_ALL = {"reasons.reasons": {"share", "rate"}}


def visit(browser: Browser, page: Path) -> dict[str, list[str]]:
    """What a page asks for, says, runs and holds that it should not."""
    seen: dict[str, list[str]] = {"asked": [], "said": [], "strange": []}
    tab = browser.new_page()
    tab.on("dialog", lambda dialog: (seen["said"].append(dialog.message), dialog.dismiss()))
    tab.on("console", lambda message: seen["said"].append(message.text))
    tab.on("pageerror", lambda error: seen["said"].append(str(error)))
    tab.on("request", lambda request: seen["asked"].append(request.url[:99]))
    tab.goto(page.as_uri())
    tab.wait_for_load_state("networkidle")
    seen["asked"] = [url for url in seen["asked"][1:] if not url.startswith("data:image/svg+xml")]
    seen["strange"] = tab.evaluate(LOOK, MARK)
    tab.close()
    return {key: values for key, values in seen.items() if values}


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_from_the_data_acts_in_the_page(
    name: str, folders: dict[str, Path], browser: Browser
) -> None:
    page = folders[name] / f"{name}.html"
    text = page.read_text(encoding="utf-8")
    assert text.count(MARK) > 20  # the attacks are there to be read
    assert visit(browser, page) == {}


@pytest.mark.parametrize("name", REPORTS)
def test_outputs_of_the_notebook_are_inert_where_they_are_trusted(
    name: str, folders: dict[str, Path], browser: Browser, tmp_path: Path
) -> None:
    notebook = nbformat.read(folders[name] / f"{name}.ipynb", as_version=4)
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    shown = [
        output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})
    ]
    assert len(shown) > 9
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert kinds <= {"text/html", "text/plain", "application/vnd.cxanalysis.finding+json"}
    # Jupyter typesets what stands between dollar signs, unless it is told to leave it alone.
    assert all("mathjax_ignore" in html[:200] for html in shown)
    page = tmp_path / "trusted.html"
    page.write_text("<!DOCTYPE html><meta charset=utf-8>" + "".join(shown), encoding="utf-8")
    assert visit(browser, page) == {}
    told = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert MARK not in "".join(told)


def test_a_page_that_acts_is_caught(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "canary.html"
    page.write_text(
        "<body><img src=x onerror=alert('zz9')><img src=https://evil.example/x>"
        "<a href=javascript:x title=zz9>",
        encoding="utf-8",
    )
    seen = visit(browser, page)
    assert "zz9" in seen["said"]
    assert "https://evil.example/x" in seen["asked"]
    assert len(seen["strange"]) == 5


def entries(value: Any, seen: set[int]) -> Iterator[DictionaryObject]:
    """Every dictionary of a PDF."""
    value = value.get_object() if hasattr(value, "get_object") else value
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, DictionaryObject):
        yield value
        for each in value.values():
            yield from entries(each, seen)
    elif isinstance(value, list):
        for each in value:
            yield from entries(each, seen)


def test_nothing_from_the_data_acts_in_the_pdf(folders: dict[str, Path], tmp_path: Path) -> None:
    output = tmp_path / "page.pdf"  # of the shortest page: making it is what takes long
    try:
        pdf.write_pdf(folders["service_report"] / "service_report.html", output)
    except ReportError as error:
        pytest.skip(str(error))
    reader = PdfReader(output)
    root: Any = reader.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(root.get("/Names", {}))
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert notes
    assert {(note["/Subtype"], "/Dest" in note or note["/A"]["/S"]) for note in notes} <= {
        ("/Link", True),
        ("/Link", "/GoTo"),
    }
    assert MARK in "".join(page.extract_text() for page in reader.pages)


def test_tables_and_numbers_stay_readable_and_run_nothing(folders: dict[str, Path]) -> None:
    starts = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
    texts = []
    for folder in folders.values():
        findings = (folder / "findings.json").read_text(encoding="utf-8")
        assert MARK in findings and json.loads(findings)["findings"]
        json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for path in folder.rglob("*.csv"):
            with path.open(encoding="utf-8-sig", newline="") as file:
                texts += [cell for row in csv.reader(file) for cell in row]
    assert sum(MARK in text for text in texts) > 50
    assert sum("'=HYPERLINK" in text or "'@SUM" in text for text in texts) > 0
    numbers = [text for text in texts if text.replace("-", "", 1).replace(".", "").isdigit()]
    assert len(numbers) > 500
    assert not [text for text in texts if text.startswith(starts) and not _is_number(text)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_files_have_our_own_names(folders: dict[str, Path]) -> None:
    for name, folder in folders.items():
        usual = {f"{name}.html", f"{name}.ipynb", "findings.json", "manifest.json", "rejects.csv"}
        assert {path.name for path in folder.iterdir()} == {*usual, "tables"}
        assert not [path.name for path in folder.rglob("*") if MARK in path.name]


def is_estimate(item: Any) -> bool:
    return isinstance(item, dict) and set(item) == {"value", "low", "high"}


def records(item: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every record of a finding with the way to it."""
    if isinstance(item, dict):
        if not is_estimate(item):
            yield path, item
        for key, each in item.items():
            yield from records(each, f"{path}.{key}")
    elif isinstance(item, list):
        for each in item:
            yield from records(each, path)


def published(record: dict[str, Any]) -> dict[str, float]:
    """Figures with an interval that a record shows."""
    return {k: v["value"] for k, v in record.items() if is_estimate(v) and v["value"] is not None}


def all_records(folders: dict[str, Path]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for folder in folders.values():
        findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))["findings"]
        found += [each for finding in findings for each in records(finding, finding["kind"])]
    return found


def test_no_record_of_a_finding_has_a_figure_on_too_few(folders: dict[str, Path]) -> None:
    looked = 0
    for path, record in all_records(folders):
        bases = {k: n for k, n in record.items() if k == "n" or k.startswith("n_")}
        few = {
            k: n for k, n in bases.items() if isinstance(n, int) and 0 < n < MIN_BASE
        }.keys() - NO_CASES
        looked += bool(few)
        assert not few or PARTS.search(path) or not published(record), path
    assert looked > 3


def is_small(texts: list[Any]) -> bool:
    return any(isinstance(text, str) and NAME.search(text) for text in texts)


def test_small_groups_are_counted_and_have_no_figure(folders: dict[str, Path]) -> None:
    small = [each for each in all_records(folders) if is_small(list(each[1].values()))]
    assert {"groups.splits.groups", "channels.places", "feedback.cells"} <= {p for p, _ in small}
    for path, record in small:
        assert published(record).keys() <= OF_ALL.get(path, set()), (path, record)


def test_small_groups_have_no_figure_in_the_tables(folders: dict[str, Path]) -> None:
    ends = ("_low", "_high")
    for path in (path for folder in folders.values() for path in folder.rglob("tables/*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if is_small(list(row.values()))]
        shown = {key for row in rows for key in row if key.endswith(ends) and row[key]}
        assert {re.sub("_(low|high)$", "", key) for key in shown} <= OF_ALL["reasons.reasons"], path


def test_small_groups_have_no_figure_in_rows_of_the_page(folders: dict[str, Path]) -> None:
    looked = 0
    for name, folder in folders.items():
        page = (folder / f"{name}.html").read_text(encoding="utf-8")
        for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL):
            cells = [html.unescape(c) for c in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)]
            if not is_small(cells) or "small reason" in row:  # its share is of all contacts
                continue
            looked += 1
            assert not [c for c in cells if re.fullmatch(r"[+−]?\d+(\.\d+|%).*", c)], (name, cells)
    assert looked > 3


def test_mean_of_a_small_group_is_in_no_file(folders: dict[str, Path]) -> None:
    written = re.compile("|".join(re.escape(f"{MEAN:.{digits}f}") for digits in (4, 5, 6)))
    files = [path for folder in folders.values() for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        assert not written.search(path.read_text(encoding="utf-8")), path.name
