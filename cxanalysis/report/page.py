"""Make HTML from a notebook's cells safe for the report page, and collect its headings.

What a cell displays may hold a customer's words. Only elements and attributes known to be
harmless are written again, everything else is left out or escaped, and no element can close
more than its own cell opened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from cxanalysis.report.columns import Cell, Table

VOID = {"br", "hr", "img", "col"}
TEXT = (
    "a abbr b blockquote br cite code del em i ins kbd mark p pre q s small span strong sub sup u"
)
BLOCKS = "dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr img li ol section summary ul"
TABLES = "caption col colgroup table tbody td tfoot th thead tr"
ELEMENTS = frozenset(" ".join((TEXT, BLOCKS, TABLES)).split())
# Their text is not for reading: it goes with them.
SILENT = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title"}
ATTRIBUTES = {"alt", "class", "colspan", "dir", "href", "lang", "rowspan", "scope", "src", "title"}
LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
NO_ALT = "Picture without a description"
# Signs that are no text: controls, and those that turn the direction of all that follows them.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def without_controls(text: str) -> str:
    """The text without signs that cannot be seen and change what can."""
    return CONTROLS.sub("", text)


@dataclass(frozen=True)
class Heading:
    """A heading of the page: its level, its anchor and its text."""

    level: int
    anchor: str
    text: str


@dataclass
class Page:
    """Cleans one cell after the other; anchors stay unique over the whole page.

    Parameters
    ----------
    folders
        Folders of this machine whose paths must not be printed, the most specific first.
    """

    folders: Iterable[str] = ()
    headings: list[Heading] = field(default_factory=list)

    def clean(self, html: str) -> str:
        """The HTML of one cell or output, made safe; its headings are noted."""
        cleaner = _Cleaner(self)
        cleaner.feed(html)
        cleaner.close()
        return cleaner.finish()

    def without_folders(self, text: str) -> str:
        """The text with the machine's folders taken off its paths, and without controls."""
        text = without_controls(text)
        for folder in self.folders:
            text = text.replace(f"{folder}/", "").replace(folder, "…")
        return text

    def anchor(self, text: str) -> str:
        """An anchor for a heading that no other heading of the page has."""
        plain = unicodedata.normalize("NFKC", text).lower()
        base = re.sub(r"[\W_]+", "-", plain).strip("-") or "section"
        taken = {heading.anchor for heading in self.headings}
        anchor, number = base, 2
        while anchor in taken:
            anchor, number = f"{base}-{number}", number + 1
        return anchor


class _Cleaner(HTMLParser):
    """Writes the known elements again, closed in the order in which they were opened."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.parts: list[str] = []
        self.open: list[str] = []
        self.silent: list[str] = []
        self.tables: list[Table] = []
        self.heading_at: int | None = None
        self.heading_text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.silent or tag in SILENT:
            self.silent.append(tag)
        elif tag in ELEMENTS:
            self._begin_heading(tag)
            self._begin_in_table(tag)
            self.parts.append(f"<{tag}{self._attributes(tag, dict(attrs))}>")
            if tag not in VOID:
                self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            if tag in self.silent:
                del self.silent[self.silent.index(tag) :]
        elif tag in self.open:
            while self.open:
                closed = self.open.pop()
                self._close(closed)
                if closed == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self.silent:
            text = self.page.without_folders(data)
            self.heading_text += text if self.heading_at is not None else ""
            if self.tables and self.tables[-1].rows and self.tables[-1].rows[-1]:
                self.tables[-1].rows[-1][-1].text += text
            self.parts.append(escape(text, quote=False))

    def finish(self) -> str:
        while self.open:
            self._close(self.open.pop())
        return "".join(self.parts)

    def _begin_heading(self, tag: str) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.heading_at, self.heading_text = len(self.parts), ""

    def _begin_in_table(self, tag: str) -> None:
        if tag == "table":
            self.tables.append(Table(len(self.parts)))
        elif self.tables and tag == "tr":
            self.tables[-1].rows.append([])
        elif self.tables and tag == "caption":
            self.tables[-1].has_caption = True
        elif self.tables and tag in ("td", "th") and self.tables[-1].rows:
            self.tables[-1].rows[-1].append(Cell(len(self.parts), tag == "th"))

    def _name_row(self, tag: str) -> str:
        """Make the first cell of a row its heading, and an empty heading a cell; the tag to close.

        Screen readers say a row's heading with each of its figures.
        """
        row = self.tables[-1].rows[-1] if self.tables and self.tables[-1].rows else []
        if not row or tag not in ("td", "th"):
            return tag
        start, is_empty = self.parts[row[-1].at], not row[-1].text.strip()
        if tag == "th" and is_empty:
            self.parts[row[-1].at] = re.sub(r' scope="\w+"', "", start).replace("<th", "<td", 1)
            return "td"
        if tag == "td" and not is_empty and len(row) == 1 and "tbody" in self.open:
            self.parts[row[-1].at] = start.replace("<td", '<th scope="row"', 1)
            return "th"
        return tag

    def _finish_table(self, table: Table) -> None:
        """Mark the kinds of columns, and name a table without a caption after its section.

        A table that is wider than the page is moved within a frame, by keyboard too.
        """
        for cell, kind in table.kinds():
            start = self.parts[cell.at]
            if " class=" not in start:
                self.parts[cell.at] = start.replace(">", f' class="{kind}">')
        section = self.page.headings[-1].text if self.page.headings else ""
        if not table.has_caption and section:
            caption = escape(section, quote=False)
            self.parts[table.at] += f'<caption class="unseen">{caption}</caption>'
        label = escape(f"Table: {section}" if section else "Table")
        frame = f'<div class="wide" role="group" tabindex="0" aria-label="{label}">'
        self.parts[table.at] = frame + self.parts[table.at]
        self.parts.append("</div>")

    def _close(self, tag: str) -> None:
        self.parts.append(f"</{self._name_row(tag)}>")
        if tag == "table" and self.tables:
            self._finish_table(self.tables.pop())
        if re.fullmatch("h[1-6]", tag) and self.heading_at is not None:
            text = " ".join(self.heading_text.split())
            heading = Heading(int(tag[1]), self.page.anchor(text), text)
            self.page.headings.append(heading)
            self.parts[self.heading_at] = f'<{tag} id="{escape(heading.anchor)}">'
            self.heading_at = None

    def _attributes(self, tag: str, given: dict[str, str | None]) -> str:
        kept = {key: value or "" for key, value in given.items() if key in ATTRIBUTES}
        if not LINK.match(kept.get("href", "#").strip()):
            del kept["href"]
        if "src" in kept and not (tag == "img" and PICTURE.fullmatch(kept["src"].strip())):
            del kept["src"]
        if tag == "img":
            kept["alt"] = kept.get("alt") or NO_ALT
        if tag == "th" and "scope" not in kept:
            kept["scope"] = "col" if "thead" in self.open else "row"
        for key in {"alt", "title"} & set(kept):
            kept[key] = self.page.without_folders(kept[key])
        return "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
