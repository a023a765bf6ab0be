"""Every row of requirements.toml is met by a function and a section, or says why data cannot."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
REPORTS = ROOT / "notebooks" / "reports"
HERE = Path(__file__).parent / "requirements.toml"
ROWS: dict[str, dict[str, Any]] = tomllib.loads(HERE.read_text(encoding="utf-8"))
MET = [name for name, row in ROWS.items() if "functions" in row]
SHOWN = [(name, function) for name in MET for function in ROWS[name]["functions"]]


def _home(path: str) -> str:
    """The module that defines ``cxanalysis.…name``."""
    module, name = path.rsplit(".", 1)
    return str(getattr(import_module(module), name).__module__)


@cache
def _sections(notebook: str) -> dict[str, str]:
    """The code under each heading of a report."""
    cells = nbformat.read(REPORTS / f"{notebook}.ipynb", as_version=4).cells
    code, heading = {}, ""
    for cell in cells:
        if cell.cell_type == "markdown":
            heading = cell.source.splitlines()[0].lstrip("# ")
            code[heading] = ""
        elif heading:
            code[heading] += cell.source
    return code


def _code(section: str) -> str:
    """The code of "notebook: heading"; empty where the report has no such section."""
    notebook, heading = section.split(": ", 1)
    return _sections(notebook).get(heading, "")


@cache
def _builds_on(module: str) -> frozenset[str]:
    """Modules of ours that define what a module imports, however far away."""
    found, waiting = set(), {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _imports(name) - found
    return frozenset(found)


@cache
def _imports(module: str) -> frozenset[str]:
    source = Path(str(import_module(module).__file__))
    if source.name == "__init__.py":
        return frozenset()
    return frozenset(
        _origin(str(node.module), alias.name)
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cxanalysis")
        for alias in node.names
    )


def _origin(module: str, name: str) -> str:
    """Where a name that is imported from a module comes from: a package only passes it on."""
    thing = getattr(import_module(module), name)
    home = str(getattr(thing, "__module__", module))
    return home if home.startswith("cxanalysis") else module


def test_every_row_is_there_once() -> None:
    assert list(ROWS) == [f"R{number:02d}" for number in range(1, 89)]


@pytest.mark.parametrize("name", ROWS)
def test_row_says_how_it_is_met_or_why_it_cannot_be(name: str) -> None:
    row = ROWS[name]
    ways = {"functions", "same", "cannot"} & row.keys()
    assert len(ways) == 1
    if "same" in row:
        assert ROWS[row["same"]].keys() & {"functions", "cannot"}
    if "cannot" in row:
        assert len(row["cannot"]) > 40
    if "functions" in row:
        assert row["functions"]
        assert row["sections"]
        assert len(row.get("left", "what it leaves open")) > 15
    assert row.keys() <= {"asks", "functions", "sections", "left", "same", "cannot"}


@pytest.mark.parametrize("name", MET)
def test_functions_of_a_row_exist(name: str) -> None:
    for path in ROWS[name]["functions"]:
        module, function = path.rsplit(".", 1)
        assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("name", MET)
def test_sections_of_a_row_are_in_their_reports(name: str) -> None:
    for section in ROWS[name]["sections"]:
        assert "cx.show(" in _code(section)


@pytest.mark.parametrize(("name", "function"), SHOWN)
def test_a_section_of_the_row_builds_on_each_of_its_functions(name: str, function: str) -> None:
    code = "".join(_code(section) for section in ROWS[name]["sections"])
    finders = re.findall(r"cx\.(find_\w+)", code)
    homes = [_home(f"cxanalysis.{finder}") for finder in finders]
    assert any(_home(function) in _builds_on(home) for home in homes)


def test_ids_of_rows_stand_nowhere_else() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "*.py", "*.md", "*.toml", "*.ipynb", "*.txt"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a checkout of git, so there is no list of files")
    mine = {"tests/requirements.toml", "tests/test_requirements.py"}
    for path in set(listed.stdout.split("\0")) - mine - {""}:
        file = ROOT / path
        if file.exists():
            text = file.read_text(encoding="utf-8", errors="replace")
            assert not re.search(r"\bR(?:0[1-9]|[1-8]\d)\b", text), path
