"""One Chromium, one JupyterLab and the reports that several tests look at, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import opened
from jupyter_servers import Server, lab
from playwright.sync_api import Browser
from report_attacks import REPORTS, hostile_company

from cxanalysis.batch import run_batch

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "study.toml"


@pytest.fixture(scope="session")
def sample_reports(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of the three reports of the sample; none is made without a browser to see it."""
    return made(SAMPLE, tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of the three reports of a company with attacks for names, and small groups."""
    folder = tmp_path_factory.mktemp("hostile")
    return made(hostile_company(folder), folder / "reports")


def made(study: Path, folder: Path) -> dict[str, Path]:
    """The folder of each report of a study: a batch prepares one kernel for all three."""
    result = run_batch(study, notebooks=REPORTS, folder=folder)
    assert not result.failed, result.failed
    return {report.job.notebook: report.report.folder for report in result.made}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of all tests; each opens pages of its own."""
    with opened() as browser:
        yield browser


@pytest.fixture(scope="session")
def lab_server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab with an empty folder; not started where there is no browser to see it."""
    with lab(tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("notebooks")) as server:
        yield server
