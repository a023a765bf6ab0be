"""The controls, the picture and the rows of an exploring notebook, in whatever page shows them."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect


class Explorer:
    """What a notebook of `notebooks/explore` shows, moved as a person does."""

    def __init__(self, inside: Locator) -> None:
        self.inside = inside
        self.state = inside.locator(".cx-state")
        self.picture = inside.locator(".cx-bars img")
        self.bars = inside.locator(".cx-bars").get_by_role("button")
        expect(self.picture).to_be_visible()

    def choose(self, label: str, option: str, says: str) -> None:
        """Choose one option of a control; state and picture follow."""
        before = self._drawn()
        self._control(label).select_option(option)
        self._follow(before, says)

    def press(self, label: str, key: str, says: str) -> None:
        """Move a control by a key; state and picture follow."""
        before = self._drawn()
        self._control(label).press(key)
        self._follow(before, says)

    def _control(self, label: str) -> Locator:
        return self.inside.get_by_label(label, exact=True)

    def _drawn(self) -> str:
        return self.picture.get_attribute("src") or ""

    def _follow(self, before: str, says: str) -> None:
        # To its end or the next name: "2026" is not "2026-Q3".
        expect(self.state).to_have_text(re.compile(rf"(^| ){re.escape(says)}( \w+=|$)"))
        expect(self.picture).not_to_have_attribute("src", before)
        expect(self.picture).to_have_attribute("src", re.compile("^data:image/svg"))
        assert self.picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100

    def show_rows(self, bar: str) -> None:
        """Press the bar that begins with this by keyboard; its rows appear."""
        self.bars.and_(self.inside.get_by_label(re.compile(f"^{bar}"))).press("Enter")
        rows = self.inside.get_by_role("region", name="Rows behind")
        expect(rows.locator("tbody tr").first).to_be_visible()
        heading = self.inside.get_by_role("heading", name="Rows behind")
        expect(heading).to_have_text(f"Rows behind {bar.lower()}")

    def save(self) -> str:
        """Save the view as a report; the notebook's name."""
        self.inside.get_by_role("button", name="Save as report").click()
        said = self.inside.get_by_text("Saved: ")
        expect(said).to_be_visible()
        name: str = re.findall(r"Saved: (\S+\.ipynb)", said.inner_text())[0]
        return name
