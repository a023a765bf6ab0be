"""A notebook open in JupyterLab, handled as a person does: by menu, mouse and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from chromium import WAIT
from jupyter_servers import Server
from playwright.sync_api import Browser, Locator, Page, expect

RUN = 300_000  # milliseconds for a whole notebook on a busy machine
# "Idle" alone is not enough: a command given before the kernel is connected may be dropped,
CONNECTED = """window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
    ?.connectionStatus === 'connected'"""
# and may be so even then; it is given again after so many milliseconds in which nothing began.
DROPPED, TIMES = 4_000, 5
RAN, NOT_YET = re.compile(r"\[\d+\]:"), "[ ]:"
FAILED = "[data-mime-type='application/vnd.jupyter.stderr']"
# itables looks for a dark theme in a way that fails in JupyterLab; its tables work all the same.
KNOWN = "set_or_remove_dark_class"


class Lab:
    """A page of JupyterLab with one notebook in it, and what the page complains of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.cells = self.panel.locator(".jp-CodeCell")
        page.on("pageerror", lambda error: self._complain(str(error)))

    def _complain(self, error: str) -> None:
        if KNOWN not in error:
            self.complaints.append(error)

    def cell(self, code: str) -> Locator:
        """The cell whose code holds this text."""
        return self.cells.filter(has=self.page.locator(".cm-content", has_text=code))

    def run_all(self) -> None:
        """Run the whole notebook and wait for its last cell."""
        self._run("runmenu:run-all", self.cells.last)

    def run_above(self, cell: Locator, last: Locator) -> None:
        """Run what stands above a cell, and wait for the last of it."""
        cell.locator(".jp-InputPrompt").click()
        self._run("notebook:run-all-above", last)

    def _run(self, command: str, last: Locator) -> None:
        prompt = last.locator(".jp-InputPrompt")
        for _ in range(TIMES):
            self.page.get_by_role("menuitem", name="Run", exact=True).click()
            self.page.locator(f'.lm-Menu [data-command="{command}"]').click()
            if not _stays(prompt, NOT_YET):
                break
        expect(prompt).to_have_text(RAN, timeout=RUN)

    def write(self, cell: Locator, line: int, code: str) -> None:
        """Type code in place of a line of a cell, and run the cell."""
        cell.locator(".cm-line").nth(line).click()
        for key in ("Home", "Shift+End"):
            self.page.keyboard.press(key)
        self.page.keyboard.type(code)
        self.page.keyboard.press("Control+Enter")

    def errors(self) -> list[str]:
        """What cells say that have failed or warn."""
        return self.panel.locator(FAILED).all_inner_texts()


def _stays(prompt: Locator, text: str) -> bool:
    try:
        expect(prompt).not_to_have_text(text, timeout=DROPPED)
    except AssertionError:
        return True
    return False


@contextmanager
def opened_in_lab(browser: Browser, server: Server, notebook: str) -> Iterator[Lab]:
    """A notebook of the server's folder; its kernel ends with the page."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(WAIT)
    opened = Lab(page)
    try:
        page.goto(f"{server.address}/lab/tree/{notebook}?reset&token={server.token}")
        opened.panel.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        page.wait_for_function(CONNECTED)
        yield opened
    finally:
        page.close()
        server.end_kernels()


def without_outputs(notebook: Path, folder: Path) -> str:
    """Copy a notebook as it is before it is run; its name."""
    copy = nbformat.read(notebook, as_version=4)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(copy, folder / notebook.name)
    return notebook.name
