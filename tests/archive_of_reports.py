"""A folder of reports as they are published, without running any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CHANGED = (
    "Everything is counted as it was in the report on September 2026, made on 2 October 2026. "
    "Of eight figures, one moved beyond sampling error: promises kept (down).",
    "Every section says what it said then, in other figures.",
)
FIGURES = (
    ("answer.split", "Service's share, the shared part split evenly", "share", 0.24, 0.05),
    ("answer.alone", "Service's share, alone", "share", 0.34, 0.06),
    ("scorecard.nps", "NPS", "points", 28.0, 4.0),
)


def manifest(notebook: str, period: str, segment: str = "", **changes: Any) -> dict[str, Any]:
    month = int(period[-2:]) if period[-2:].isdigit() else 0
    return {
        "schema_version": 1,
        "study": "Acme Home",
        "notebook": {"name": f"{notebook}.ipynb", "sha256": "x"},
        "period": {"label": period} if period != "all" else None,
        "segment": segment or None,
        "headline": "No: service does not carry what the whole journey carries.",
        "figures": [
            {
                "key": key,
                "label": label,
                "unit": unit,
                "n": 900,
                "value": value * (1 + month / 100),
                "low": value - reach,
                "high": value + reach,
            }
            for key, label, unit, value, reach in FIGURES
        ],
        "made_at": "2026-11-02T06:02:00+00:00",
        **changes,
    }


def failure(notebook: str, period: str, **changes: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "study": "Acme Home",
        "notebook": notebook,
        "period": period,
        "segment": None,
        "cell": 7,
        "doing": "What goes with satisfaction",
        "why": "only 41 answers for 6 drivers",
        "made_at": "2026-11-02T06:05:00+00:00",
        "seconds": 3.1,
        "tries": 2,
        **changes,
    }


def put(root: Path, notebook: str, period: str, segment: str = "", content: Any = None) -> Path:
    """Publish a report in its folder; ``content`` stands in for its manifest."""
    folder = root / notebook / period / (segment or "everyone")
    folder.mkdir(parents=True)
    for name in (f"{notebook}.html", f"{notebook}.ipynb"):
        (folder / name).write_text("x", encoding="utf-8")
    said = [{"kind": "pain", "texts": ["It hurts."]}, {"kind": "since", "texts": list(CHANGED)}]
    findings = {"schema_version": 1, "findings": [], "said": said}
    (folder / "findings.json").write_text(json.dumps(findings), encoding="utf-8")
    known = manifest(notebook, period, segment) if content is None else content
    text = known if isinstance(known, str) else json.dumps(known)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return folder


def put_failure(root: Path, notebook: str, period: str, content: Any = None) -> Path:
    folder = root / notebook / period / "everyone.failed"
    folder.mkdir(parents=True)
    (folder / f"{notebook}.ipynb").write_text("{}", encoding="utf-8")
    known = failure(notebook, period) if content is None else content
    text = known if isinstance(known, str) else json.dumps(known)
    (folder / "failure.json").write_text(text, encoding="utf-8")
    return folder
