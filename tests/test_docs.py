"""Public names and notebook parameters are documented, and the docs name what exists."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from typer.main import get_command

import cxanalysis as cx
from cxanalysis.cli import app

ROOT = Path(__file__).parents[1]
# Modules all of whose exported functions say what they take and what they give.
DOCUMENTED = ("diagnostics", "importance", "memory", "metrics", "nonresponse")
NAMES = [name for name in cx.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", NAMES)
def test_public_name_exists_and_is_documented(name: str) -> None:
    thing = getattr(cx, name)
    documented = inspect.getdoc(thing) or ""
    assert len(documented) > 20
    if inspect.isfunction(thing) and len(inspect.signature(thing).parameters) > 1:
        assert re.search(r"Parameters\n-+", documented), f"{name} does not describe its parameters"


@pytest.mark.parametrize("module", DOCUMENTED)
def test_functions_of_a_module_say_what_they_return(module: str) -> None:
    exported = import_module(f"cxanalysis.{module}")
    for name in exported.__all__:
        thing = getattr(exported, name)
        if inspect.isfunction(thing):
            documented = inspect.getdoc(thing) or ""
            assert re.search(r"(Returns|Yields)\n-+", documented), f"{name} lacks what it returns"
            if len(inspect.signature(thing).parameters) > 1:
                assert re.search(r"Parameters\n-+", documented), f"{name} lacks its parameters"


def test_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fit_driver'"):
        cx.fit_driver  # noqa: B018


def test_readme_names_every_command_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"(?:^    |`)cxanalysis ([a-z-]+)\b", readme, flags=re.MULTILINE))
    assert commands <= named
    assert named <= commands


def test_readme_links_lead_somewhere() -> None:
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / target).exists(), f"{document} links to {target}"


def test_architecture_page_names_every_module() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in (ROOT / "cxanalysis").iterdir():
        if path.name.startswith("_") or path.name == "errors.py":
            continue
        assert f"`{path.name}{'/' if path.is_dir() else ''}`" in page, path.name


@pytest.mark.parametrize(
    "path", sorted((ROOT / "notebooks").rglob("*.ipynb")), ids=lambda path: path.name
)
def test_notebook_parameters_carry_their_help(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    cells = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    for cell in cells:
        for line in cell.source.splitlines():
            assert line.startswith("#") or re.fullmatch(r"\w+: \w+ = .+  # .+", line), line
