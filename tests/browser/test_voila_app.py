"""The drivers notebook as an app: no code, no network, by keyboard alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from chromium import WAIT
from explorer_page import Explorer
from jupyter_servers import voila
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

DRIVERS = Path(__file__).parents[2] / "notebooks" / "explore" / "drivers.ipynb"


def test_app_is_moved_by_keyboard_and_saves_its_view(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    notebook = Path(shutil.copy(DRIVERS, folder))
    page = browser.new_page(viewport={"width": 1200, "height": 1200})
    complaints: list[str] = []
    asked: list[str] = []
    page.set_default_timeout(WAIT)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    with voila(tmp_path, notebook) as server:
        page.goto(server.address)
        view = Explorer(page.locator("body"))
        expect(page.get_by_text("read_sample")).to_have_count(0)
        view.show_rows("Purchase")
        view.press("Period", "ArrowDown", "period=all")
        view.press("Segment", "ArrowDown", "segment=preferred_channel=chat")
        view.press("Outcome", "ArrowDown", "outcome=csat")
        view.press("Counts as service", "ArrowDown", "service=tickets, in person (channel)")
        saved = nbformat.read(server.folder / view.save(), as_version=4)
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    page.close()
    defaults = next(
        cell.source for cell in saved.cells if "parameters" in cell.metadata.get("tags", ())
    )
    for part in ('"all"', '"preferred_channel=chat"', "csat", "in person"):
        assert part in defaults
    assert complaints == []
    assert [url for url in asked if not url.startswith((server.address, "data:", "blob:"))] == []
