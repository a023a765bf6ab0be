"""A report finds the one on the period before, and its page says what changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from test_since_theme import MANIFEST, answer

from cxanalysis.config import StudyConfig
from cxanalysis.display import FINDING_TYPE
from cxanalysis.periods import parse_period
from cxanalysis.report import compare
from cxanalysis.report.harvest import first_sentence, said_of
from cxanalysis.report.settings import settings_of

OCTOBER = parse_period("2026-10")
FINDINGS: dict[str, Any] = {"findings": [answer(0.3)], "said": []}


def publish(folder: Path, findings: Any, manifest: Any) -> Path:
    folder.mkdir(parents=True)
    for name, content in ((compare.FINDINGS, findings), (compare.MANIFEST, manifest)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_earlier_report_is_of_the_same_notebook_and_segment(tmp_path: Path) -> None:
    target = tmp_path / "cx_report" / "2026-10" / "plan=a_b-1234"
    assert compare.earlier_folder(target, OCTOBER) == (
        tmp_path / "cx_report" / "2026-09" / "plan=a_b-1234"
    )
    assert compare.earlier_folder(target, None) is None


def test_a_report_beside_its_earlier_one_is_compared(tmp_path: Path) -> None:
    version = {"schema_version": 1}
    folder = publish(tmp_path / "a", FINDINGS | version, MANIFEST | version)
    found = compare.compare(OCTOBER, folder, FINDINGS, MANIFEST)
    assert (found.why, found.period_before, len(found.figures)) == ("", "September 2026", 3)


@pytest.mark.parametrize("content", ["{", "[]", '{"schema_version": 99}', "[" * 100_000, "\udcff"])
def test_an_earlier_report_that_cannot_be_read_is_said_so(tmp_path: Path, content: str) -> None:
    folder = publish(tmp_path / "a", FINDINGS, MANIFEST)
    (folder / compare.FINDINGS).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert compare.compare(OCTOBER, folder, FINDINGS, MANIFEST).why == "damaged"


def test_without_an_earlier_report_the_page_says_so(tmp_path: Path) -> None:
    found = compare.compare(OCTOBER, tmp_path / "none", FINDINGS, MANIFEST)
    assert (found.why, found.period_before) == ("none", "September 2026")
    assert compare.compare(None, None, FINDINGS, MANIFEST).why == "all dates"


def shows(kind: str) -> NotebookNode:
    data = {FINDING_TYPE: {"kind": kind}, "text/plain": "First. Second 2.\n\nMore."}
    output = nbformat.v4.new_output("display_data", data=data)
    return nbformat.v4.new_code_cell("", outputs=[output])


def notebook(*kinds: str) -> NotebookNode:
    cells = []
    for kind in kinds:
        cells += [nbformat.v4.new_markdown_cell(f"## On {kind}"), shows(kind)]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize(
    ("kinds", "place"),
    [
        (("answer", "scorecard", "pain"), 2),
        (("scorecard", "pain"), 2),
        (("service", "pain", "changes"), 4),
        (("pain", "flow"), 4),
        ((), 0),
    ],
)
def test_the_section_stands_before_the_first_that_compares_customers(
    kinds: tuple[str, ...], place: int
) -> None:
    page = notebook(*kinds)
    found = compare.compare(OCTOBER, Path("none"), FINDINGS, MANIFEST)
    cells = compare.with_section(page, found).cells
    assert cells[place].source.startswith("## Since the last report")
    assert "no earlier report" in cells[place + 1].outputs[0].data["text/html"]
    assert len(page.cells) == 2 * len(kinds)  # the notebook itself stays as it was


def test_what_the_report_leaves_out_stays_last() -> None:
    page = notebook("pain")
    page.cells.append(nbformat.v4.new_markdown_cell("## What this report leaves out"))
    page.cells[-1].id = "left-out"
    found = compare.compare(OCTOBER, Path("none"), FINDINGS, MANIFEST)
    assert compare.with_section(page, found).cells[-1].id == "left-out"


def test_words_are_published_apart_from_numbers() -> None:
    assert said_of(notebook("pain")) == [
        {"section": "On pain", "kind": "pain", "texts": ["First. Second 2.", "More."]}
    ]
    assert first_sentence("No: it does not. 5 of 9 agree.") == "No: it does not."
    assert (
        first_sentence("NPS rose by 3.5 points, e.g. here") == "NPS rose by 3.5 points, e.g. here"
    )


def test_settings_of_counting_are_kept_without_addresses_and_secrets() -> None:
    content = {
        "name": "By hand",
        "privacy": {"salt_env": "MY_SALT", "drop": ["agent"]},
        "report": {"folder": "/srv/out"},
        "metrics": {"fcr_window_days": 14},
        "benchmarks": [{"metric": "nps", "value": 3, "source": "x"}],
        "tables": {
            "surveys": {
                "path": "postgresql://me:hunter2@db/x",
                "query": "select * from t where name = 'Ann'",
                "items": {"q1": {"stage": "use"}},
                "join": [{"path": "secret.csv", "on": "a", "columns": {"csat": "b"}}],
            }
        },
        "identity": {"map": "ids.csv", "customer_id": "n", "others": ["mail"]},
    }
    settings = settings_of(StudyConfig.model_validate(content))
    assert settings["metrics.fcr_window_days"] == 14
    assert settings["privacy.drop"] == ["agent"]
    assert settings["model.margin"] == 0.2  # a default, which a later version may change
    assert settings["tables.surveys.items.q1.stage"] == "use"
    assert settings["benchmarks.1.metric"] == "nps"
    assert len(settings["tables.surveys.query"]) == 12
    text = json.dumps(settings)
    for hidden in ("hunter2", "Ann", "secret.csv", "ids.csv", "MY_SALT", "/srv/out"):
        assert hidden not in text


def test_words_of_an_earlier_report_that_somebody_changed_become_no_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script> **b** <img src=x onerror=alert(1)>."
    said = [{"section": evil, "kind": "pain", "texts": [evil]}]
    version = {"schema_version": 1}
    changed = version | {
        "versions": {"cxanalysis": evil},
        "made_at": evil,
        "settings": {evil: evil},
    }
    folder = publish(tmp_path / "a", FINDINGS | version | {"said": said}, MANIFEST | changed)
    found = compare.compare(OCTOBER, folder, FINDINGS, MANIFEST)
    html = compare.with_section(notebook(), found).cells[1].outputs[0].data["text/html"]
    assert "alert(1)" in html and "<script" not in html and "<img" not in html
