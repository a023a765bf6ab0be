"""The flow of the package: who may import whom, and which libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cxanalysis

PACKAGE = Path(__file__).parents[1] / "cxanalysis"

# A module may import only from those before it; modules on one line may not import each other.
FLOW = [
    {"errors", "shipped", "shown"},
    {"kernels"},
    {"config"},
    {"engine", "tables", "periods"},
    {"partition", "names", "needs"},
    {"sources"},
    {"account"},
    {"study"},
    {"recognise"},
    {"metrics"},
    {"features"},
    {"importance"},
    {"nonresponse"},
    {"drivers"},
    {"sample", "decisions", "diagnostics", "memory"},
    {"priorities"},
    {"findings"},
    {"narrative"},
    {"plots"},
    {"display", "browsing"},
    {"report"},
    {"places"},
    {"archive", "deliver"},
    {"lessons"},
    {"explore"},
    {"batch"},
    {"schedule"},
    {"cli"},
]
STAGE = {name: number for number, names in enumerate(FLOW) for name in names}

# Libraries that only these modules may import.
CONFINED = {
    "duckdb": {"engine", "sources", "recognise"},
    "pyspark": {"engine"},
    "py4j": {"engine"},
    "jmespath": {"sources", "recognise"},
    "fsspec": {"sources", "recognise", "places"},
    "statsmodels": {"drivers", "metrics", "nonresponse"},
    "matplotlib": {"plots", "display", "lessons", "explore"},
    "seaborn": {"plots"},
    "itables": {"browsing"},
    "papermill": {"report"},
    "nbconvert": {"report"},
    "weasyprint": {"report"},
    "distributed": {"batch"},
    "anywidget": {"explore"},
    "ipywidgets": {"explore", "lessons"},
    "typer": {"cli"},
    "rich": {"cli"},
}


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if name != "__init__":
            found.append((name, path))
    return found


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_module_has_its_place_in_the_flow() -> None:
    assert {name for name, _ in modules()} == set(STAGE)


@pytest.mark.parametrize(("name", "path"), modules(), ids=str)
def test_module_imports_only_from_earlier_stages(name: str, path: Path) -> None:
    ours = {full.split(".")[1] for full in imports(path) if full.startswith("cxanalysis.")}
    ours = {cxanalysis._HOMES.get(other, other) for other in ours}  # lazy names count too
    later = {other for other in ours - {name} if STAGE.get(other, -1) >= STAGE[name]}
    assert not later, f"{path.name} imports from later stages: {later}"


@pytest.mark.parametrize(("library", "allowed"), CONFINED.items(), ids=list(CONFINED))
def test_library_stays_in_its_modules(library: str, allowed: set[str]) -> None:
    users = {
        name for name, path in modules() if any(i.split(".")[0] == library for i in imports(path))
    }
    assert users <= allowed


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from cxanalysis.cli import app\n"
        "result = CliRunner().invoke(app, ['--help'])\n"
        "assert result.exit_code == 0 and 'report' in result.output\n"
        "heavy = {'numpy', 'pandas', 'duckdb', 'pydantic', 'narwhals', 'statsmodels',"
        " 'matplotlib', 'papermill', 'nbconvert'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_report_starts_without_the_libraries_that_only_its_kernel_needs() -> None:
    code = (
        "import sys\n"
        "import cxanalysis.report\n"
        "heavy = {'scipy.stats', 'statsmodels', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(f'{heavy}: write import scipy, then scipy.stats.t' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_reads_notebooks_without_building_a_grammar_of_addresses() -> None:
    code = (
        "import sys\n"
        "from cxanalysis.cli.shared import skip_address_grammar\n"
        "skip_address_grammar()\n"
        "import nbformat\n"
        "nbformat.validate(nbformat.v4.new_notebook())\n"
        "sys.exit('lark' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
