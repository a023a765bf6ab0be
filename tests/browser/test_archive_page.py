"""The archive as a reader meets it: opened from a file, offline, searched, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_of_reports import manifest, put, put_failure
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from cxanalysis.archive import write_index

pytestmark = pytest.mark.browser

EVIL = (
    "\"><script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reports")
    for period in ("2026-08", "2026-09", "2026-10"):
        for segment in ("", "region=east", "plan_name=premium"):
            put(root, "cx_report", period, segment)
        put(root, "service_report", period)
    put(root, "cx_report", "2026-07", content=manifest("cx_report", "2026-07", headline=EVIL))
    put(root, "cx_report", "2026-06", content="{")
    put_failure(root, "cx_report", "2026-10")
    return Path(write_index(root))


@pytest.fixture
def said() -> list[str]:
    """What the browser complains of."""
    return []


@pytest.fixture
def page(browser: Browser, index: Path, said: list[str]) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(index.as_uri())
    yield page
    page.close()


def shown(page: Page) -> int:
    return page.locator(".entry:not([hidden])").count()


def test_page_runs_under_its_own_policy_and_nothing_of_the_data_does(
    page: Page, said: list[str]
) -> None:
    assert said == []
    assert page.title() == "Reports: Acme Home"
    assert page.get_by_label("Search").is_visible()


def test_search_and_filters_narrow_the_list_and_say_how_far(page: Page) -> None:
    assert shown(page) == 15
    page.get_by_label("Customers").select_option("region=east")
    assert shown(page) == 3
    page.get_by_label("Period").select_option("2026-09")
    assert page.locator("#status").inner_text() == "1 of 15 shown"
    assert page.get_by_role("link", name="cx report: region: east").is_visible()
    page.get_by_label("Customers").select_option("")
    page.get_by_label("Report").select_option("service_report")
    page.get_by_label("Search").fill("CARRIES service")
    assert shown(page) == 1
    page.get_by_label("Search").fill("nowhere")
    assert shown(page) == 0 and page.locator("details:visible").count() == 0


def test_the_newest_period_is_open_and_the_others_unfold(page: Page) -> None:
    assert page.locator("details[open] h2").all_inner_texts() == ["October 2026"]
    page.get_by_role("heading", name="September 2026").click()
    assert page.locator("details[open]").count() == 2


@pytest.mark.parametrize("width", [400, 1200])
def test_nothing_is_wider_than_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [400, 1200])
def test_page_is_accessible(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_without_scripts_the_list_is_whole_and_the_filter_is_not_offered(
    browser: Browser, index: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(index.as_uri())
    assert page.locator(".entry").count() == 15
    assert not page.get_by_label("Search").is_visible()
    page.get_by_role("link", name="service report: everyone").first.click()
    assert page.url.endswith("/service_report/2026-10/everyone/service_report.html")
    context.close()
