"""A report that is really run beside an earlier one says what changed since then."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest
from archive_of_reports import manifest
from test_since_theme import answer

from cxanalysis.config import StudyConfig
from cxanalysis.report import run_report
from cxanalysis.report.settings import settings_of

NOTEBOOK = Path(__file__).parent / "notebooks" / "every-output.ipynb"
STUDY = """
schema_version = 1
name = "Acme Home"
[tables.surveys]
path = "answers.csv"
[metrics]
min_base = 25
"""


def test_a_second_report_says_what_changed_since_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPECTED_PYTHON", sys.executable)
    days = [f"2026-10-{day:02}T12:00:00Z" for day in range(1, 31)] + ["2026-11-01T12:00:00Z"]
    rows = [f"r{i},c{i},{day},{i % 5 + 1}" for i, day in enumerate(days)]
    head = "response_id,customer_id,responded_at,overall_satisfaction"
    (tmp_path / "answers.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    earlier = tmp_path / "reports/every-output/2026-09/everyone"
    earlier.mkdir(parents=True)
    said = [{"section": "Is it?", "kind": "answer", "texts": ["Service is the experience."]}]
    findings = {"schema_version": 1, "findings": [answer(0.3)], "said": said}
    usual = settings_of(StudyConfig.model_validate(tomllib.loads(STUDY)))
    known = manifest(
        "every-output", "2026-09", settings=usual | {"metrics.min_base": 30}, tables={}
    )
    for name, content in (("findings.json", findings), ("manifest.json", known)):
        (earlier / name).write_text(json.dumps(content), encoding="utf-8")

    report = run_report(tmp_path / "study.toml", NOTEBOOK, period="2026-10")

    since = json.loads(report.findings.read_text(encoding="utf-8"))["since"]
    assert since["why"] == "" and since["period_before"] == "September 2026"
    assert {"what": "new table", "name": "surveys"}.items() <= since["counted"][-1].items()
    settings = [item for item in since["counted"] if item["what"] == "setting"]
    assert [(item["name"], item["before"], item["now"]) for item in settings] == [
        ("metrics.min_base", "30", "25")
    ]
    assert since["gone_figures"][0] == "Service's share, the shared part split evenly"
    assert since["said"][0]["now"] == "Service is **not** the experience."
    page = report.html.read_text(encoding="utf-8")
    place = page.index('<h2 id="since-the-last-report">Since the last report</h2>')
    assert place < page.index("min base (metrics) is 25, was 30") < page.index("now says")
    made = json.loads(report.manifest.read_text(encoding="utf-8"))
    assert made["headline"] == "Service is not the experience."
    assert made["settings"]["metrics.min_base"] == 25
    assert made["tables"]["surveys"]["columns"][0] == "customer_id"
