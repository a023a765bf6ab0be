"""Check the pages of a built site: every link leads somewhere, and nothing comes from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {"src", "srcset", "poster", "data"}  # attributes that make a browser ask for a file
SAFE = {"https", "mailto"}


class Page(HTMLParser):
    """Where a page can be linked to, where it links to, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = {"", "top"}
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element is called and names."""
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name == "href" and value:
                (self.loads if tag == "link" else self.links).add(value)
            elif name in FETCHED and value:
                self.loads.add(value)


def problems(folder: Path) -> tuple[list[str], set[str]]:
    """What is wrong with the links of the pages in a folder, and the links to other sites.

    Those are looked at for their form alone, since a build asks no network.
    """
    pages = {
        path.resolve(): Page(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")
    }
    found, outside = [], set()
    for path, page in sorted(pages.items()):
        where = path.relative_to(folder.resolve())
        for link in sorted(page.links | page.loads):
            parts = urlsplit(link)
            if parts.scheme == "data":
                continue
            if parts.scheme or parts.netloc:
                if link in page.loads:
                    found.append(f"{where} loads {link} from another site.")
                elif parts.scheme not in SAFE or not (parts.netloc or parts.scheme == "mailto"):
                    found.append(f"{where} links to {link}, which is no https address.")
                else:
                    outside.add(link)
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{where} links to {link}, and there is no such file.")
            elif target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{where} links to {link}, and nothing there has that name.")
    return found, outside
