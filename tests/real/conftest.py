"""Real data lie beside the checkout, in ../shared/data; where they do not, these tests skip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import cxanalysis as cx
from cxanalysis.study import Study

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def study_path() -> Callable[[str], Path]:
    def path_of(name: str) -> Path:
        if not DATA.is_dir():
            pytest.skip(f"no real data: {DATA.name}/ is not in {DATA.parent.name}/ by the checkout")
        return HERE / name / "study.toml"

    return path_of


@pytest.fixture(scope="session")
def real_study(study_path: Callable[[str], Path]) -> Callable[[str], Study]:
    return lambda name: cx.open_study(study_path(name))
