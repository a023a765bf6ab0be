"""No name of a segment, period or notebook leads out of the folder of reports, on any system."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxanalysis.report.folders import failed_folder, target_folder

ROOT = Path("/reports")
TRICKS = (
    "..",
    ".",
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "C:\\x",
    "C:x",
    "\\\\server\\share",
    "~/x",
    "%2e%2e%2fx",
    "．．／x",
    "‥∕x",
    "a\x00b",
    "a\nb",
    "a\r\nb",
    "a\u202egnp",
    "\ufeffa",
    "x" * 5000,
    "ö" * 200,
    "😀" * 100,
    "a:stream",
    'a|b?c*d<e>f"g',
    "name.",
    "name ",
    " name",
    ".hidden",
    "region=North.failed",
    "${HOME}",
    "`id`",
    "-rf",
    "CON",
    "nul",
    "com1.txt",
    "LPT9",
    "aux.",
    "région",
    "re\u0301gion",
    "",
    "everyone-",
)
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def assert_within(target: Path) -> None:
    assert target.parent.parent.parent == ROOT
    assert target.resolve().is_relative_to(ROOT.resolve())
    for name in (*target.relative_to(ROOT).parts, failed_folder(target).name):
        assert not FORBIDDEN.search(name)
        assert not DEVICES.fullmatch(name)
        assert name == name.strip(" .") and name
        assert len(name.encode()) <= 255


@given(st.text() | st.sampled_from(TRICKS), st.text(), st.text())
def test_any_text_stays_within(segment: str, period: str, notebook: str) -> None:
    assert_within(target_folder(ROOT, notebook or "n", period, segment))
    assert_within(target_folder(ROOT, "n", period, f"region={segment}"))


@pytest.mark.parametrize("trick", TRICKS, ids=range(len(TRICKS)))
def test_tricks_stay_within_and_their_folder_can_be_made(trick: str, tmp_path: Path) -> None:
    for parts in ((trick or "n", "all", "x"), ("n", trick, "x"), ("n", "all", trick)):
        assert_within(target_folder(ROOT, *parts))
        made = target_folder(tmp_path / "reports", *parts)
        made.mkdir(parents=True, exist_ok=True)
        failed_folder(made).mkdir(exist_ok=True)
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_no_two_segments_share_a_folder() -> None:
    targets = {target_folder(ROOT, "n", "all", trick) for trick in TRICKS}
    assert len(targets) == len(TRICKS)
    failed = {failed_folder(target) for target in targets}
    assert not failed & targets
