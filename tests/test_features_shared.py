"""Narrowed studies take their features out of those of a prepared study, to the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cxanalysis import study as study_module
from cxanalysis.features import build_features, share_features
from cxanalysis.shipped import shipped
from cxanalysis.study import open_study, prepare_study


@pytest.fixture
def path() -> Iterator[Path]:
    before = dict(study_module._prepared)
    yield shipped("data/sample") / "study.toml"
    study_module._prepared.clear()
    study_module._prepared.update(before)


@pytest.mark.parametrize(
    ("period", "segment", "shared"),
    [
        ("all", None, True),
        ("2026-Q3", None, True),
        ("2026-Q3", "region=east", True),
        ("all", "nps=8.0", False),  # answers, not customers: contacts of all count
    ],
)
def test_features_of_a_prepared_study_hold_those_of_any_part_of_it(
    path: Path, period: str, segment: str | None, shared: bool
) -> None:
    alone = build_features(open_study(path, period=period, segment=segment))
    share_features(prepare_study(path))
    narrowed = open_study(path, period=period, segment=segment)
    assert (narrowed.wider is not None) == shared
    together = build_features(narrowed)
    pd.testing.assert_frame_equal(together, alone, rtol=1e-12)
    assert together.attrs == alone.attrs
    assert len(alone) > 10


def test_tables_that_were_changed_are_not_looked_up_in_the_prepared_study(path: Path) -> None:
    whole = prepare_study(path)
    share_features(whole)
    opened = open_study(path)
    assert opened.wider is whole
    assert opened.during("2026-Q3").wider is whole
    fewer = replace(opened, tables={**opened.tables, "tickets": opened.tables["tickets"].head(0)})
    assert fewer.wider is None
