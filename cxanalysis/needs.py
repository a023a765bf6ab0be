"""What the sections of a report need of a study, and why one cannot be made.

A need is the name of a table, "model" or "others": `Study.provides` says which are met. Cells of
a report notebook name theirs in tags such as ``needs-tickets``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from cxanalysis.shipped import shipped

PREFIX = "needs-"

# Why a section cannot be made, for each need a study may leave unmet.
WHY = {
    "journeys": "there is no table of journeys",
    "tickets": "there is no table of tickets",
    "surveys": "there is no table of survey answers",
    "customers": "there is no table of customers, so those who are never heard cannot be counted",
    "others": "the study file names no benchmark and no question worded like a quoted figure",
    "model": "the study has no overall score of customers together with something about both "
    "their service contacts and the rest of their journey",
}


@dataclass(frozen=True)
class Section:
    """A section of a report: its heading, and what any of its cells needs."""

    title: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Outlook:
    """What a report can tell of a study: sections by title, and why others cannot be told."""

    report: str
    question: str
    told: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def n(self) -> int:
        """Sections of the report."""
        return len(self.told) + len(self.left_out)


def needs_of(tags: Iterable[str]) -> list[str]:
    """What a cell with these tags needs, sorted."""
    return sorted(tag.removeprefix(PREFIX) for tag in tags if tag.startswith(PREFIX))


def unmet(needs: Iterable[str], provides: Collection[str]) -> tuple[str, ...]:
    """Those of the needs that a study leaves unmet."""
    return tuple(need for need in needs if need not in provides)


def why(lacks: Iterable[str]) -> str:
    """Why something with unmet needs cannot be made."""
    return " and ".join(WHY[need] for need in lacks)


def heading_of(source: str) -> str:
    """Text of the last heading in some Markdown; empty where there is none."""
    lines = [line for line in source.splitlines() if line.startswith("#")]
    return lines[-1].lstrip("#").strip() if lines else ""


def outlooks(provides: Collection[str]) -> tuple[Outlook, ...]:
    """What each report that comes with the package can tell of a study, by the tags alone.

    Nothing is worked out for it: a section may still turn out to have nothing to show, as where
    a column is empty in the period.
    """
    return tuple(_outlook(report, provides) for report in _reports())


def _outlook(report: str, provides: Collection[str]) -> Outlook:
    opening, *others = _sections(report)
    # What opens a report without a need of its own says what the others found.
    sections = [opening, *others] if opening.needs else others
    lacks = {section: unmet(section.needs, provides) for section in sections}
    told = tuple(section.title for section in sections if not lacks[section])
    left_out = tuple((section.title, why(lack)) for section, lack in lacks.items() if lack)
    return Outlook(report, opening.title, told, left_out)


def _reports() -> list[str]:
    return sorted(path.stem for path in shipped("notebooks/reports").glob("*.ipynb"))


@cache
def _sections(report: str) -> tuple[Section, ...]:
    text = (shipped("notebooks/reports") / f"{report}.ipynb").read_text(encoding="utf-8")
    found: list[tuple[str, set[str]]] = []
    for cell in json.loads(text)["cells"]:
        title = heading_of("".join(cell["source"])) if cell["cell_type"] == "markdown" else ""
        if title:
            found.append((title, set()))
        if found:
            found[-1][1].update(needs_of(cell["metadata"].get("tags", ())))
    return tuple(Section(title, tuple(sorted(needs))) for title, needs in found)
