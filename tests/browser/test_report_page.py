"""The report page as a reader meets it: opened from a file, offline, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route
from report_attacks import REPORTS

pytestmark = pytest.mark.browser

# The narrowest is that of a desk's screen at 400%, as the guidelines for accessibility ask for.
ZOOMED, PHONE, TABLET, DESK = (
    {"width": width, "height": height}
    for width, height in ((320, 640), (400, 800), (900, 1200), (1200, 900))
)


def width(size: dict[str, int]) -> str:
    return str(size["width"])


@pytest.fixture(scope="module", params=REPORTS)
def report(request: pytest.FixtureRequest, sample_reports: dict[str, Path]) -> Path:
    return sample_reports[request.param] / f"{request.param}.html"


@pytest.fixture(scope="module")
def asked(report: Path) -> list[str]:
    """Addresses that the page has asked for, all refused."""
    return []


@pytest.fixture(scope="module")
def page(browser: Browser, report: Path, asked: list[str]) -> Iterator[Page]:
    """A report, opened once for all tests of it."""
    page = browser.new_page()
    refuse(page, asked)
    page.goto(report.as_uri())
    yield page
    page.close()


def refuse(page: Page, asked: list[str]) -> None:
    """Let a page have files alone, and note what else it asks for."""

    def decide(route: Route, request: Request) -> None:
        if request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            asked.append(request.url)
            route.abort()

    page.route("**/*", decide)


def test_every_picture_is_drawn_and_has_words(page: Page) -> None:
    pictures = page.locator("img").all()
    assert len(pictures) >= 4
    for picture in pictures:
        assert picture.evaluate("image => image.naturalWidth") > 100
    alts = [picture.get_attribute("alt") or "" for picture in pictures]
    assert min(map(len, alts)) > 20
    assert len(set(alts)) == len(alts)


@pytest.mark.parametrize("size", [ZOOMED, PHONE, TABLET, DESK], ids=width)
def test_nothing_is_wider_than_the_page(page: Page, size: Any) -> None:
    page.set_viewport_size(size)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_contents_lead_to_their_headings(page: Page) -> None:
    links = page.locator("nav a").all()
    assert len(links) >= 4
    for link in links:
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{target}']").count() == 1


def unfold(page: Page) -> None:
    """Open what is folded, so that it is looked at too."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


@pytest.mark.parametrize("size", [ZOOMED, DESK], ids=width)
def test_page_is_accessible(page: Page, size: Any) -> None:
    page.set_viewport_size(size)
    unfold(page)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_headings_and_landmarks_are_in_order(page: Page) -> None:
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert page.locator(f"body > {landmark}").count() == 1


def test_every_figure_of_a_table_has_headings(page: Page) -> None:
    tables = page.locator("table").all()
    assert len(tables) > 5
    for table in tables:
        assert (table.locator("caption").text_content() or "").strip()
        assert table.locator("th:not([scope]):not([colspan])").count() == 0
        assert table.locator("th").count() > 0


def test_page_can_be_used_by_keyboard(page: Page) -> None:
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.reload()  # so that nothing was reached yet
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the report"
    assert (skip.bounding_box() or {"x": -1})["x"] >= 0  # in view once it is reached
    page.keyboard.press("Enter")
    assert page.url.endswith("#report")
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    unfold(page)
    for frame in page.locator(".wide").all():
        frame.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        reached = page.locator(":focus")
        assert reached.get_attribute("aria-label") == frame.get_attribute("aria-label")
        assert reached.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"


def test_page_asks_for_nothing_from_anywhere(page: Page, asked: list[str]) -> None:
    page.wait_for_load_state("networkidle")
    assert asked == []


def test_a_page_that_asks_is_caught(browser: Browser, tmp_path: Path) -> None:
    canary = tmp_path / "canary.html"
    canary.write_text('<img src="https://example.org/pixel.png">', encoding="utf-8")
    page, asked = browser.new_page(), list[str]()
    refuse(page, asked)
    page.goto(canary.as_uri())
    page.wait_for_load_state("networkidle")
    page.close()
    assert asked == ["https://example.org/pixel.png"]
