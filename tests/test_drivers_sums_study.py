"""A study of more answers than are held in memory says what one in memory says."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from cxanalysis.drivers import fit, fit_study, kpi_alignment
from cxanalysis.engine import collect
from cxanalysis.errors import ModelError
from cxanalysis.features import lazy_features
from cxanalysis.findings import silent
from cxanalysis.findings.actions import find_actions
from cxanalysis.findings.answer import find_answer
from cxanalysis.findings.core import Finding
from cxanalysis.findings.drivers import find_drivers
from cxanalysis.findings.trust import find_trust
from cxanalysis.priorities import performance
from cxanalysis.priorities.performance import group_reach
from cxanalysis.sample import read_sample

SAME = 1e-8


def test_sums_of_a_study_give_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    study = read_sample()
    rows = fit_study(study)
    reach, aims = group_reach(study, rows), kpi_alignment(study, rows)
    monkeypatch.setattr(fit, "ROWS_IN_MEMORY", 100)
    sums = fit_study(study)
    with pytest.raises(ModelError, match="made of sums"):
        assert sums.rows
    for name in ("estimate", "std_error"):
        np.testing.assert_allclose(sums.tidy()[name], rows.tidy()[name], rtol=SAME)
    np.testing.assert_allclose(sums._split.estimates, rows._split.estimates, atol=SAME)
    pd.testing.assert_series_equal(group_reach(study, sums), reach, rtol=SAME)
    pd.testing.assert_frame_equal(kpi_alignment(study, sums), aims, rtol=SAME)


@pytest.mark.parametrize("lazy", [False, True])
def test_reach_is_of_the_rows_of_the_fit_where_a_column_with_gaps_was_left_out(
    lazy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_sample()
    gaps = nw.when(nw.col("overall_satisfaction") > 3).then(nw.lit(7.0))
    frame = lazy_features(study).with_columns(flat=gaps)
    rows = frame if lazy else collect(frame)
    blocks = {name: dict(groups) for name, groups in study.blocks.items()}
    blocks["service"]["flat"] = ["flat"]
    made = fit.fit_drivers(rows, "overall_satisfaction", blocks, replicates=1)
    marks = [column for column in made.design.columns if column.endswith("_touched")]
    names = [name for groups in blocks.values() for columns in groups.values() for name in columns]
    used = collect(frame).dropna(subset=["overall_satisfaction", *names])
    monkeypatch.setattr(performance, "model_rows", lambda study: rows)
    found = list(performance._reached(study, made, [[mark] for mark in marks]))
    assert len(used) < len(collect(frame).dropna(subset=[*made.design.columns]))
    np.testing.assert_allclose(found, (used[marks] > 0).mean(), rtol=SAME)


def test_silence_is_told_without_its_curve_where_too_few_rows_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: object) -> None:
        raise ModelError("the frame has no rows")

    study = read_sample()
    made = fit.fit_drivers(
        fit.model_rows(study), study.config.model.outcome, study.blocks, replicates=50
    )
    monkeypatch.setattr(silent, "share_sensitivity", refuse)
    assert silent.find_silent(study, made).share_curve is None


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
        made = fit.fit_drivers(rows, outcome, study.blocks, replicates=100)
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
