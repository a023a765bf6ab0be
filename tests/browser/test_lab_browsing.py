"""A browsed frame in JupyterLab: it sorts by a click, filters as one types, and asks no network."""

from __future__ import annotations

import nbformat
import pytest
from jupyter_servers import Server
from lab_page import opened_in_lab
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

CODE = """import cxanalysis as cx
import pandas as pd

cx.browse(pd.DataFrame({"reason": [f"reason {n}" for n in range(40)], "n": range(100, 60, -1)}))"""


def test_a_browsed_frame_sorts_and_filters(lab_server: Server, browser: Browser) -> None:
    cell = nbformat.v4.new_code_cell(CODE)
    spec = {"name": "python3", "display_name": "Python 3"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": spec})
    nbformat.write(notebook, lab_server.folder / "browsing.ipynb")
    with opened_in_lab(browser, lab_server, "browsing.ipynb") as lab:
        asked: list[str] = []
        lab.page.on("request", lambda request: asked.append(request.url))
        lab.run_all()
        rows = lab.panel.locator(".dt-container tbody tr")
        expect(rows).to_have_count(10)
        expect(rows.first).to_contain_text("reason 0")
        lab.panel.locator(".dt-container thead th").last.click()
        expect(rows.first).to_contain_text("reason 39")
        lab.panel.get_by_label("Search").fill("reason 12")
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text("88")
        assert [url for url in asked if "127.0.0.1" not in url and url[:4] == "http"] == []
        assert lab.errors() == []
