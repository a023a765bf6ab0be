"""A period without data: every finding can be made, worded, tabulated and drawn all the same."""

from __future__ import annotations

import inspect
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from cxanalysis import describe, findings, open_study, plot, tabulate
from cxanalysis.findings import to_json
from cxanalysis.narrative import footnotes
from cxanalysis.study import Study

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
