"""A period without data: every finding can be made, worded, tabulated and drawn all the same."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

import cxanalysis as cx
from cxanalysis import (
    describe,
    early_warning,
    findings,
    plot,
    retention,
    tabulate,
    transitions,
    two_horizons,
)
from cxanalysis.errors import ReportError
from cxanalysis.findings import to_json
from cxanalysis.narrative import footnotes
from cxanalysis.study import Study, open_study

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "study.toml"
OF_STUDY = sorted(set(findings.__all__) - {"find_drivers", "to_json"})  # drivers: of a fit


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(SAMPLE).during("2020-01")


@pytest.mark.parametrize("name", OF_STUDY)
def test_a_period_without_data_can_be_told(name: str, study: Study) -> None:
    find = getattr(findings, name)
    needed = ["service"] if "side" in inspect.signature(find).parameters else []
    finding = find(study, *needed)
    assert all(text.strip() for text in describe(finding))
    assert all(text.strip() for text in footnotes(finding))
    tabulate(finding)
    plot(finding)
    plt.close("all")
    to_json(finding)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda study: retention(study, by="npss"), "'nps'"),
        (lambda study: retention(study, outcome="stay"), "'stays'"),
        (lambda study: retention(study, days=0), "days = 0"),
        (lambda study: two_horizons(study, "overall"), "'overall_satisfaction'"),
        (lambda study: early_warning(study, days=-1), "days = -1"),
        (lambda study: transitions(study, days=0), "days = 0"),
    ],
)
def test_an_argument_that_means_nothing_is_refused(ask: Any, said: str, study: Study) -> None:
    with pytest.raises(ReportError, match=said):
        ask(study)


@pytest.mark.parametrize(
    "name",
    [
        "contact_by_quality",
        "contact_effect",
        "contacts_after_rating",
        "fine_customers",
        "gesture_difference",
        "journey_completion",
        "proactive_lead",
        "recurrence",
        "referrals",
        "stage_conversion",
    ],
)
def test_no_days_at_all_are_refused(name: str, study: Study) -> None:
    with pytest.raises(ReportError, match=r"days = 0 is too few"):
        getattr(cx, name)(study, days=0)
