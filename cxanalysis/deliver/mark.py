"""What was delivered already, so that nothing is delivered twice and what failed is tried again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cxanalysis.deliver.content import Content
from cxanalysis.places import place

MARK = "delivered.json"
SCHEMA_VERSION = 1
_NUMBER = re.compile("[0-9][0-9.,]*")


@dataclass(frozen=True)
class Mark:
    """Where the mark lies, of which report it is, and what is done by way.

    A way is "folder", "webhook", or a reader of a mail as a fingerprint: nobody's address is
    kept. ``of`` changes with the report, or with the reason of a failure, which starts anew.
    """

    path: Path
    of: str
    done: tuple[tuple[str, str], ...] = ()

    def has(self, way: str) -> bool:
        """Whether a way is done."""
        return any(known == way for known, _ in self.done)

    def add(self, way: str) -> Mark:
        """The mark with one way more, written to its file."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        mark = replace(self, done=(*self.done, (way, now)))
        content = {"schema_version": SCHEMA_VERSION, "of": self.of, "done": dict(mark.done)}
        text = json.dumps(content, indent=2) + "\n"
        place(self.path.parent).write(self.path.name, text.encode())
        return mark


def mark_of(content: Content) -> Mark:
    """What is known to be delivered of a report or a failure."""
    path, of = mark_path(content.folder, content.is_failure), _identity(content)
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["of"] == of:
            return Mark(path, of, tuple((str(k), str(v)) for k, v in known["done"].items()))
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        pass
    return Mark(path, of)


def mark_path(folder: Path, is_failure: bool) -> Path:
    """In the report's folder; of a failure beside it, since every try replaces that folder."""
    return folder.with_name(f".{folder.name}.{MARK}") if is_failure else folder / MARK


def fingerprint(reader: str) -> str:
    """A reader's address as a mark can keep it."""
    return f"mail {hashlib.sha256(reader.encode()).hexdigest()[:16]}"


def _identity(content: Content) -> str:
    if content.is_failure:  # a measured size or time makes it no other reason
        return _hash([str(content.cell), content.doing, _NUMBER.sub("#", content.why)])
    return hashlib.sha256(content.known.read_bytes()).hexdigest()


def _hash(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()
