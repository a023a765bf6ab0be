"""Notebooks for exploring as an analyst has them: in JupyterLab, run whole, every control moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from explorer_page import Explorer
from jupyter_servers import Server
from lab_page import Lab, opened_in_lab, without_outputs
from playwright.sync_api import Browser, expect

import cxanalysis as cx

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "study.toml"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks" / "explore"


@contextmanager
def run(server: Server, browser: Browser, name: str) -> Iterator[Lab]:
    """A notebook that was run from top to bottom; nothing has failed in the end."""
    notebook = without_outputs(NOTEBOOKS / f"{name}.ipynb", server.folder)
    with opened_in_lab(browser, server, notebook) as lab:
        lab.run_all()
        yield lab
        assert lab.errors() == []
        assert lab.complaints == []


def test_quickstart_runs_from_top_to_bottom(lab_server: Server, browser: Browser) -> None:
    with run(lab_server, browser, "quickstart") as lab:
        expect(lab.cells.last.locator("table").first).to_be_visible()
        assert lab.errors() == []


def test_answer_moves_with_every_control(lab_server: Server, browser: Browser) -> None:
    with run(lab_server, browser, "drivers") as lab:
        view = Explorer(lab.panel)
        view.show_rows("Purchase")
        view.choose("Counts as service", "phone (channel)", "service=tickets, phone (channel)")
        expect(lab.panel.get_by_text("Before: segment=everyone")).to_be_visible()
        view.press("Period", "ArrowDown", "period=all")
        view.choose("Segment", "region=east", "segment=region=east")
        view.choose("Outcome", "Satisfaction (CSAT)", "outcome=csat")
        said = view.state.inner_text()  # one choice takes no other back
        assert all(part in said for part in ("segment=region=east", "period=all", "phone"))


def test_journey_map_moves_with_every_control(lab_server: Server, browser: Browser) -> None:
    with run(lab_server, browser, "journeys") as lab:
        view = Explorer(lab.panel)
        view.choose("Segment", "plan=plus", "segment=plan=plus")
        view.press("Period", "ArrowDown", "period=all")
        lab.panel.get_by_label("Counts as service", exact=True).select_option("phone (channel)")
        expect(view.state).to_contain_text("service=tickets, phone (channel)")
        view.choose("Definition", "without service", "definition=without service")
        view.show_rows("Purchase")
        said = view.state.inner_text()
        assert all(part in said for part in ("segment=plan=plus", "period=all", "phone"))


def test_contacts_move_with_every_control_and_their_view_is_a_report(
    lab_server: Server, browser: Browser, tmp_path: Path
) -> None:
    with run(lab_server, browser, "tickets") as lab:
        view = Explorer(lab.panel)
        view.press("Definition", "ArrowDown", "definition=no repeat within 1 day")
        view.choose("Outcome", "Handle time", "outcome=handle_time")
        view.choose("Period", "all", "period=all")
        view.choose("Segment", "region=east", "segment=region=east")
        view.show_rows("Phone")
        saved = lab_server.folder / view.save()
    report = cx.run_report(SAMPLE, saved, folder=tmp_path)
    assert report.folder.parts[-2:] == ("all", "region=east")
