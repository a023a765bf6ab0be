"""The page's head and foot name days and segments as a reader would."""

from __future__ import annotations

import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.periods import parse_period
from cxanalysis.report.masthead import COUNTED, _method, _moved, days_of
from cxanalysis.study import study_of


@pytest.mark.parametrize(
    ("period", "text"),
    [
        ("2026-02", "1 to 28 February 2026"),
        ("2026-Q3", "1 July to 30 September 2026"),
        ("2026", "1 January to 31 December 2026"),
    ],
)
def test_period_is_given_by_its_first_and_last_day(period: str, text: str) -> None:
    parsed = parse_period(period)
    assert parsed is not None
    assert days_of(parsed) == text


def test_rows_of_journeys_are_called_touches_as_in_the_report() -> None:
    assert ("journeys", "occurred_at", "touch", "touches") in COUNTED


def test_definitions_other_than_those_of_the_study_file_are_named() -> None:
    study = study_of(StudyConfig.model_validate({"name": "x", "tables": {}}), {})
    manifest = {"inputs": [], "versions": {}, "notebook": {"name": "n.ipynb", "sha256": "0"}}
    other = study.under("metrics.fcr_window_days = 14\nservice.channels = ['phone']")
    named = dict(_method(other, manifest, "all dates"))
    said = "metrics.fcr_window_days = 14; service.channels = ['phone']"
    assert named["In place of the study file's"] == said
    assert "In place of the study file's" not in dict(_method(study, manifest, "all dates"))
    assert _moved(other) == ["not by the study file's own definitions"]
    assert _moved(study) == _moved(study.under("metrics.fcr_window_days = 7")) == []
