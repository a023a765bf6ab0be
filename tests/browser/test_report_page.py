"""The report page as a reader meets it: opened from a file, offline, in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Request, Route, sync_playwright

import cxanalysis as cx

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "study.toml"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
]
PHONE, DESK = {"width": 400, "height": 800}, {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    return cx.run_report(SAMPLE, folder=tmp_path_factory.mktemp("reports")).html


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_context()
        browser.close()


@pytest.fixture
def asked(context: BrowserContext) -> Iterator[list[str]]:
    """Addresses that a page asks for, all refused."""
    addresses: list[str] = []

    def refuse(route: Route, request: Request) -> None:
        if request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            addresses.append(request.url)
            route.abort()

    context.route("**/*", refuse)
    yield addresses
    context.unroute("**/*")


@pytest.fixture
def page(context: BrowserContext, asked: list[str], report: Path) -> Iterator[Page]:
    page = context.new_page()
    page.set_viewport_size(DESK)
    page.goto(report.as_uri())
    yield page
    page.close()


def test_page_asks_for_nothing_from_anywhere(page: Page, asked: list[str]) -> None:
    page.wait_for_load_state("networkidle")
    assert asked == []


def test_a_page_that_asks_is_caught(
    context: BrowserContext, asked: list[str], tmp_path: Path
) -> None:
    canary = tmp_path / "canary.html"
    canary.write_text('<img src="https://example.org/pixel.png">', encoding="utf-8")
    page = context.new_page()
    page.goto(canary.as_uri())
    page.wait_for_load_state("networkidle")
    page.close()
    assert asked == ["https://example.org/pixel.png"]


def test_every_picture_is_drawn_and_has_words(page: Page) -> None:
    pictures = page.locator("img").all()
    assert len(pictures) >= 4
    for picture in pictures:
        assert picture.evaluate("image => image.naturalWidth") > 100
        assert len(picture.get_attribute("alt") or "") > 20


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_the_page(page: Page, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]


def test_contents_lead_to_their_headings(page: Page) -> None:
    links = page.locator("nav a").all()
    assert len(links) >= 4
    for link in links:
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{target}']").count() == 1


def test_page_is_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
