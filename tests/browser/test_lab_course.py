"""Lesson 0 as a learner meets it: a class copy in JupyterLab, answered wrong, then right."""

from __future__ import annotations

import pytest
from jupyter_servers import Server
from lab_page import opened_in_lab
from playwright.sync_api import Browser, expect

from cxanalysis.lessons import write_course
from cxanalysis.lessons.exercise import find

pytestmark = pytest.mark.browser


def test_first_exercise_is_done_wrong_then_right(lab_server: Server, browser: Browser) -> None:
    write_course(lab_server.folder / "class")
    with opened_in_lab(browser, lab_server, "class/0_two_words.ipynb") as lab:
        exercise = lab.cell('check("0.1"')
        said = exercise.locator(".jp-OutputArea-output")
        lab.run_above(exercise, last=lab.cell("twenty_events()"))
        expect(lab.cell("twenty_events()").locator("tbody tr")).to_have_count(20)
        assert lab.errors() == []

        lab.page.keyboard.press("Control+Enter")
        expect(said).to_contain_text("put your answer in place of the three dots")
        lab.write(exercise, 0, "service = [6, 11, 20]")
        expect(said).to_contain_text("0.1, not yet:")
        wrong = said.inner_text()
        assert not {"14", "15", "19"} & set(wrong.replace(",", " ").split())
        assert "Traceback" not in wrong

        lab.page.keyboard.press("Escape")
        lab.page.keyboard.press("b")
        hints = lab.cells.nth(3)
        for step in (1, 2):
            lab.write(hints, 0, f'hint("0.1", {step})')
            expect(hints.locator(".jp-OutputArea-output")).to_have_text(find("0.1").hints[step - 1])

        lab.write(exercise, 0, "service = [6, 11, 14, 15, 19]")
        expect(said).to_have_text(f"0.1 is right. {find('0.1').right}")
        assert lab.errors() == []
        assert lab.complaints == []
