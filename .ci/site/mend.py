"""Mend what the theme and pandas leave open to those who hear a page or have no mouse."""

from __future__ import annotations

from pathlib import Path

MENDED = {
    'class="caption" role="heading">': 'class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    # What is wider than the page is scrolled by the arrow keys once it can be reached.
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    "<th></th>": "<td></td>",  # the corner of a frame, which heads nothing
}


def mend(folder: Path) -> None:
    """Mend every page of a built site."""
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for left, mended in MENDED.items():
            text = text.replace(left, mended)
        path.write_text(text, encoding="utf-8")
