"""The archive's page lists what lies in a folder of reports, whatever lies there."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from archive_of_reports import failure, manifest, put, put_failure

from cxanalysis.archive import write_index
from cxanalysis.archive.entries import Entry, entries_of
from cxanalysis.archive.sparkline import Point, sparkline
from cxanalysis.findings.core import Estimate
from cxanalysis.places import place


class Page(HTMLParser):
    """Elements with their attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, tag: str, attribute: str) -> list[str]:
        return [a[attribute] or "" for name, a in self.elements if name == tag and attribute in a]


def page(root: Path) -> Page:
    return Page(Path(write_index(root)).read_text(encoding="utf-8"))


def entry(root: Path) -> Entry:
    (found,) = entries_of(place(root))
    return found


def test_reports_are_listed_the_newest_period_first_with_links_to_their_pages(
    tmp_path: Path,
) -> None:
    for period in ("2026-09", "2026-10", "2025", "2026-Q3", "all"):
        put(tmp_path, "cx_report", period)
    put(tmp_path, "cx_report", "2026-10", "region=east")
    found = entries_of(place(tmp_path))
    assert [(e.period, e.segment) for e in found] == [
        ("2026-10", "everyone"),
        ("2026-10", "region=east"),
        ("2026-09", "everyone"),
        ("2026-Q3", "everyone"),
        ("2025", "everyone"),
        ("all", "everyone"),
    ]
    links = [link for link in page(tmp_path).values("a", "href") if link != "#reports"]
    assert links[1] == "./cx_report/2026-10/region%3Deast/cx_report.html"
    assert all((tmp_path / unquote(link)).is_file() for link in links)


def test_a_line_of_figures_runs_up_to_its_own_report_and_is_told_in_words(tmp_path: Path) -> None:
    for period in ("2026-08", "2026-09", "2026-10"):
        put(tmp_path, "cx_report", period)
    put(tmp_path, "cx_report", "2026-10", "region=east")  # another line, of one point: no picture
    labels = page(tmp_path).values("svg", "aria-label")
    assert "NPS: +30 in August 2026, +31 in September 2026, +31 in October 2026" in labels
    assert "NPS: +30 in August 2026, +31 in September 2026" in labels
    assert len(labels) == 4  # two figures in each of the two reports that have earlier ones


def test_somebodys_copy_of_a_report_makes_no_line_and_no_stop(tmp_path: Path) -> None:
    put(tmp_path, "cx_report", "2026-10")
    there = tmp_path / "cx_report" / "2026-10"
    shutil.copytree(there / "everyone", there / "everyone (copy)")
    found = page(tmp_path)
    assert len(found.values("svg", "aria-label")) == 0
    assert len([link for link in found.values("a", "href") if link.endswith(".html")]) == 2


def test_of_an_answer_one_share_is_shown(tmp_path: Path) -> None:
    put(tmp_path, "cx_report", "2026-10")
    shown = page(tmp_path)
    assert "Service's share" in shown.text and "alone" not in shown.text


def test_a_failure_says_where_why_and_links_the_partial_notebook(tmp_path: Path) -> None:
    put(tmp_path, "cx_report", "2026-10")
    put_failure(tmp_path, "cx_report", "2026-10")
    shown = page(tmp_path)
    assert "1 that cannot be shown" in shown.text
    assert (
        'Stopped in cell 7, "What goes with satisfaction": only 41 answers for 6 drivers. '
        "After 2 tries." in shown.text
    )
    assert "./cx_report/2026-10/everyone.failed/cx_report.ipynb" in shown.values("a", "href")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[1]",
        "[" * 100_000,
        '{"schema_version": 2}',
        '{"schema_version": 1, "made_at": 1e999, "figures": {"a": 1}, "notebook": []}',
    ],
    ids=["empty", "torn", "list", "deep", "newer", "odd"],
)
def test_a_damaged_manifest_is_a_row_and_never_a_stop(tmp_path: Path, content: str) -> None:
    put(tmp_path, "cx_report", "2026-10")
    put(tmp_path, "cx_report", "2026-09", content=content)
    assert len(entries_of(place(tmp_path))) == 2
    assert page(tmp_path).text.count("cx report") >= 2


def test_a_page_without_a_manifest_and_a_manifest_without_a_page_say_so(tmp_path: Path) -> None:
    folder = put(tmp_path, "cx_report", "2026-10")
    (folder / "manifest.json").unlink()
    assert entry(tmp_path).problem == "its manifest.json cannot be read; make the report again"
    known = json.dumps(manifest("cx_report", "2026-10"))
    (folder / "manifest.json").write_text(known, encoding="utf-8")
    (folder / "cx_report.html").unlink()
    assert entry(tmp_path).problem == "its page is missing"


EVIL = [
    '"><script>alert(1)</script>',
    "</script><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "half a sign \ud800, and \x00",
]


@pytest.mark.parametrize("text", EVIL)
def test_nothing_in_a_manifest_becomes_markup_or_an_address(tmp_path: Path, text: str) -> None:
    changes: dict[str, Any] = dict.fromkeys(("study", "segment", "headline", "made_at"), text)
    known = manifest("cx_report", "2026-10") | changes
    known["notebook"] = {"name": text}
    known["period"] = {"label": text}
    known["figures"] = [known["figures"][0] | {"label": text, "key": text, "unit": text}]
    put(tmp_path, "cx_report", "2026-10", content=known)
    put_failure(tmp_path, "cx_report", "2026-10", failure(text, text, why=text, doing=text))
    shown = page(tmp_path)
    tags = [tag for tag, _ in shown.elements]
    assert tags.count("script") == 1 and "img" not in tags
    assert not any(name.startswith("on") for _, attributes in shown.elements for name in attributes)
    for link in shown.values("a", "href"):
        assert re.fullmatch(r"#reports|\./cx_report/2026-10/everyone(\.failed)?/\S+", link)


def test_names_of_folders_are_quoted_in_links(tmp_path: Path) -> None:
    put(tmp_path, "cx_report", "2026-10", "a=50% & <b>?#")
    (link,) = page(tmp_path).values("a", "href")[1:]
    assert link == "./cx_report/2026-10/a%3D50%25%20%26%20%3Cb%3E%3F%23/cx_report.html"


def test_a_folder_whose_name_is_no_text_is_linked_all_the_same(tmp_path: Path) -> None:
    folder = put(tmp_path, "cx_report", "2026-10")
    folder.rename(folder.parent / os.fsdecode(b"caf\xe9"))
    (link,) = page(tmp_path).values("a", "href")[1:]
    assert link == "./cx_report/2026-10/caf%E9/cx_report.html"


def test_the_policy_allows_the_page_s_own_style_and_script_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "cx_report", "2026-10")
    html = Path(write_index(tmp_path)).read_text(encoding="utf-8")
    (policy,) = [p for p in Page(html).values("meta", "content") if "default-src" in p]
    assert "unsafe" not in policy and policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r"https?://|//[a-z]|@import|url\(|style=", html)


def test_an_archive_in_object_storage_has_the_same_page(tmp_path: Path) -> None:
    put(tmp_path, "cx_report", "2026-09")
    put(tmp_path, "cx_report", "2026-10", "region=east")
    address = f"memory://{uuid4()}/reports"
    for name in place(tmp_path).files():
        place(address).write(name, (tmp_path / name).read_bytes())
    assert write_index(address).endswith("/reports/index.html")
    copy = place(address).read(["index.html"])["index.html"].decode()
    local = Path(write_index(tmp_path)).read_text(encoding="utf-8")
    assert re.sub(r"listed .* UTC", "", copy) == re.sub(r"listed .* UTC", "", local)


def test_an_empty_folder_has_an_empty_page(tmp_path: Path) -> None:
    assert "0 reports" in page(tmp_path / "none").text


def point(at: int, value: float, reach: float = 1.0) -> Point:
    return Point(at, f"P{at}", f"{value:g}", Estimate(value, value - reach, value + reach))


def test_a_missing_period_leaves_its_room() -> None:
    picture = sparkline("NPS", [point(1, 0), point(2, 5), point(5, 10)])
    (line,) = re.findall(r'polyline class="line" points="([^"]*)"', picture)
    x = [float(pair.split(",")[0]) for pair in line.split()]
    assert (x[1] - x[0]) * 3 == pytest.approx(x[2] - x[1], abs=0.3)


def test_a_figure_that_never_moves_is_a_line_in_the_middle() -> None:
    flat = Estimate(3.0)
    picture = sparkline("x", [Point(1, "a", "3", flat), Point(2, "b", "3", flat)])
    assert 'points="4.0,12.0 106.0,12.0"' in picture
    assert sparkline("x", [Point(1, "a", "3", flat)]) == ""
