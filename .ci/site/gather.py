"""Gather what the documentation site shows: README, course, notebooks, and the public names.

Nothing is written for the site alone: its pages are copies, and what the public names do stands in
their docstrings.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import ModuleType

import nbformat
from nbformat import NotebookNode

import cxanalysis as cx
from cxanalysis import errors
from cxanalysis.display import FINDING_TYPE
from cxanalysis.lessons.classroom import class_copy, course_notebooks

ROOT = Path(__file__).resolve().parents[2]
PROSE = ("CONTRIBUTING.md", "CHANGELOG.md", "tests/coverage/table.md")
FIRST = ("quickstart", "gallery")  # of the notebooks to explore with
WIDGET = "application/vnd.jupyter.widget-view+json"
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#:\s]+)\)")
STAGE = re.compile(r"^\| ([^|]+) \| `([a-z_]+)(?:/|\.py)`[^|]* \| (.+) \|$", re.MULTILINE)


def gather(folder: Path) -> None:
    """Write the sources of the site into an empty folder."""
    explored = sorted(ROOT.glob("notebooks/explore/*.ipynb"), key=_first)
    lessons = list(course_notebooks())
    api = {f"api/{module}.md": page for module, page in api_pages().items()}
    pages = [_name(path) for path in (*lessons, *explored)] + [*PROSE, *api]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tables = [
        ("Learn", [_name(path) for path in lessons]),
        ("Explore", [_name(path) for path in explored]),
        ("Every public name", list(api)),
        ("About the project", list(PROSE)),
    ]
    written = {"index.md": readme + "".join(_contents(*table) for table in tables), **api}
    written |= {name: (ROOT / name).read_text(encoding="utf-8") for name in PROSE}
    for name, text in written.items():
        _put(folder / name, without_other_links(text, Path(name).parent, pages))
    for path in lessons:
        _put(folder / _name(path), nbformat.writes(shown_lesson(nbformat.read(path, 4))))
    for path in explored:
        _put(folder / _name(path), nbformat.writes(still(nbformat.read(path, 4))))
    for image in ROOT.glob("notebooks/**/*.png"):
        (folder / _name(image)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(image, folder / _name(image))


def api_pages() -> dict[str, str]:
    """A page for each stage of the flow that has public names, and for errors, in its order."""
    homes: dict[str, list[str]] = {}
    for name in cx.__all__:
        if not name.startswith("__"):
            homes.setdefault(getattr(cx, name).__module__.split(".")[1], []).append(name)
    stages = {
        module: (stage, does)
        for stage, module, does in STAGE.findall(
            (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        )
    }
    raised = [name for name in vars(errors) if name.endswith("Error")]
    pages = {"errors": _api_page(errors, *stages["errors"], raised)}
    for module in sorted(homes, key=list(stages).index):
        pages[module] = _api_page(cx, *stages[module], sorted(homes[module], key=str.lower))
    return pages


def _api_page(module: ModuleType, stage: str, does: str, names: list[str]) -> str:
    lines = [f".. currentmodule:: {module.__name__}", "", ".. autosummary::", "   :nosignatures:"]
    lines += ["", *(f"   {name}" for name in names)]
    for name in names:
        directive = _directive(getattr(module, name))
        members = ["   :members:"] if directive == "autoclass" else []
        lines += ["", f".. {directive}:: {name}", *members]
    does = f"{does[0].upper()}{does[1:]}."
    body = "\n".join(lines)
    return f"# {stage[0].upper()}{stage[1:]}\n\n{does}\n\n```{{eval-rst}}\n{body}\n```\n"


def _directive(thing: object) -> str:
    if not isinstance(thing, type):
        return "autofunction"
    return "autoexception" if issubclass(thing, Exception) else "autoclass"


def shown_lesson(notebook: NotebookNode) -> NotebookNode:
    """A lesson as a class gets it, with what its other cells show: no solutions, no verdicts."""
    copy = class_copy(notebook)
    solved = {cell.id: cell for cell in notebook.cells}
    for cell in copy.cells:
        if cell.cell_type == "code" and cell.source == solved[cell.id].source:
            cell.outputs = solved[cell.id].outputs
    return still(copy)


def still(notebook: NotebookNode) -> NotebookNode:
    """The notebook with what controls say in words or a table: they need a kernel themselves.

    Sliders, which say nothing, and numbers for programs are left out.
    """
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        outputs[:] = [one for one in outputs if not is_slider(one.get("data", {}))]
        for output in outputs:
            for kind in (WIDGET, FINDING_TYPE):
                output.get("data", {}).pop(kind, None)
    notebook.metadata.pop("widgets", None)
    return notebook


def is_slider(data: NotebookNode) -> bool:
    """Whether an output is ipywidgets' own, which has no text but that of its parts."""
    return WIDGET in data and str(data.get("text/plain", "")).startswith("interactive(")


def without_other_links(text: str, folder: Path, pages: list[str]) -> str:
    """Text in which links to files that are no page of the site are words only."""

    def kept(match: re.Match[str]) -> str:
        target = (ROOT / folder / match[2]).resolve()
        inside = target.is_relative_to(ROOT) and target.relative_to(ROOT).as_posix() in pages
        return match[0] if inside else match[1]

    return LINK.sub(kept, text)


def _contents(title: str, pages: list[str]) -> str:
    listed = "\n".join(pages)
    return f"\n```{{toctree}}\n:caption: {title}\n:hidden:\n:maxdepth: 1\n\n{listed}\n```\n"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _first(path: Path) -> tuple[int, str]:
    return (FIRST.index(path.stem) if path.stem in FIRST else len(FIRST), path.stem)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
