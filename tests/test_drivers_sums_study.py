"""A study of more answers than are held in memory says what one in memory says."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from cxanalysis.drivers import fit, fit_study, kpi_alignment
from cxanalysis.findings.actions import find_actions
from cxanalysis.findings.answer import find_answer
from cxanalysis.findings.core import Finding
from cxanalysis.findings.drivers import find_drivers
from cxanalysis.findings.trust import find_trust
from cxanalysis.priorities.performance import group_reach
from cxanalysis.sample import read_sample

SAME = 1e-8


def test_sums_of_a_study_give_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    study = read_sample()
    rows = fit_study(study)
    reach, aims = group_reach(study, rows), kpi_alignment(study, rows)
    monkeypatch.setattr(fit, "ROWS_IN_MEMORY", 100)
    sums = fit_study(study)
    with pytest.raises(fit.ModelError, match="made of sums"):
        assert sums.rows
    for name in ("estimate", "std_error"):
        np.testing.assert_allclose(sums.tidy()[name], rows.tidy()[name], rtol=SAME)
    np.testing.assert_allclose(sums._split.estimates, rows._split.estimates, atol=SAME)
    pd.testing.assert_series_equal(group_reach(study, sums), reach, rtol=SAME)
    pd.testing.assert_frame_equal(kpi_alignment(study, sums), aims, rtol=SAME)


# What hangs on draws, and the caveat on what needs rows.
DRAWN = {"low", "high", "limit", "floor", "rest_floor", "step", "difference", "paths", "caveats"}


def leaves(node: object, place: str = "") -> Iterator[tuple[str, object]]:
    """All values inside a finding but what hangs on draws, with their places."""
    if dataclasses.is_dataclass(node):
        for item in dataclasses.fields(node):
            if item.name not in DRAWN:
                yield from leaves(getattr(node, item.name), f"{place}.{item.name}")
    elif isinstance(node, tuple):
        yield f"{place} values", len(node)
        for number, item in enumerate(node):
            yield from leaves(item, f"{place}.{number}")
    else:
        yield place, node


def test_findings_from_sums_say_what_those_from_rows_say(monkeypatch: pytest.MonkeyPatch) -> None:
    study = read_sample()

    def findings() -> list[Finding]:
        rows, outcome = fit.model_rows(study), study.config.model.outcome
        made = fit.fit_drivers(rows, outcome, study.blocks, replicates=400)
        return [
            find_answer(study, made),
            find_actions(study, made),
            find_trust(study, made),
            find_drivers(made, study=study),
        ]

    of_rows = findings()
    monkeypatch.setattr(fit, "ROWS_IN_MEMORY", 100)
    for theirs, ours in zip(of_rows, findings(), strict=True):
        expected, found = dict(leaves(theirs)), dict(leaves(ours))
        assert list(found) == list(expected)
        for place, value in expected.items():
            if isinstance(value, float):
                same = pytest.approx(value, rel=SAME, abs=SAME, nan_ok=True)
                assert found[place] == same, (theirs.kind, place)
            else:
                assert found[place] == value, (theirs.kind, place)
    assert of_rows[0].verdict == "no"
