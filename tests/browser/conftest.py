"""Reports that several tests look at, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_attacks import REPORTS, hostile_company

import cxanalysis as cx


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of the three reports of a company with attacks for names, and small groups."""
    study = hostile_company(tmp_path_factory.mktemp("hostile"))
    return {name: cx.run_report(study, name).folder for name in REPORTS}
