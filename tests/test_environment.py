"""environment.yml, pyproject.toml, the lock file and the imports tell the same story."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

from cxanalysis.sample.files import FILES

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "jupyter-client": "jupyter_client",
    "matplotlib": "matplotlib-base",
}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pyproject() -> dict:
    project: dict = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def requirements() -> dict[str, str]:
    """Name and version bounds of everything pyproject.toml asks for."""
    listed = list(pyproject()["dependencies"])
    for extra in pyproject()["optional-dependencies"].values():
        listed += extra
    pairs = (re.fullmatch(r"([A-Za-z0-9_.-]+)(\[.*\])?(.*)", line) for line in listed)
    return {m[1]: m[3] for m in pairs if m and m[1] != "cxanalysis"}


def test_environment_yml_asks_for_what_pyproject_asks_for() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"^ +- ([A-Za-z0-9_.-]+[^:#\n]*?)(?:  #.*)?$", text, re.MULTILINE))
    wanted = {CONDA_NAMES.get(name, name) + bounds for name, bounds in requirements().items()}
    python = "python" + pyproject()["requires-python"]
    assert listed - {"--editable ."} == wanted | {python, "pip"} | {"conda-forge", "nodefaults"}


def test_locks_pin_every_requirement_with_hashes_and_name_no_index() -> None:
    # Spark is hundreds of megabytes, so it has a lock of its own that only its users install.
    locks = [ROOT / name for name in ("requirements.lock", "requirements-spark.lock")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in locks)
    pinned = {normal(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}
    assert {normal(name) for name in requirements()} <= pinned
    assert len(re.findall(r"^numpy==", text, re.MULTILINE)) == 1
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "index" not in text.replace("importlib", "")
    assert "://" not in text


def test_every_third_party_import_is_declared() -> None:
    used = set()
    for path in (ROOT / "cxanalysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                used.add(node.module.split(".")[0])
    third_party = used - set(sys.stdlib_module_names) - {"cxanalysis"}
    modules = {normal(name).replace("-", "_") for name in requirements()}
    assert {name.lower() for name in third_party} <= modules | {"ipython"}


def test_wheel_carries_reports_course_and_their_data_and_nothing_made_from_them() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    patterns = ("notebooks/reports/*.ipynb", "notebooks/course/*.ipynb", "data/course/*.csv")
    stories = ("data/stories/*/*.csv", "data/stories/*/study.toml")
    there = {path.relative_to(ROOT).as_posix() for p in patterns + stories for path in ROOT.glob(p)}
    assert set(listed) == there | {f"data/sample/{name}" for name in FILES}
    assert all(inside == f"cxanalysis/{outside}" for outside, inside in listed.items())
