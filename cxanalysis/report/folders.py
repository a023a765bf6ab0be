"""Where a report goes, and how it gets there: whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from pathlib import Path

from cxanalysis.errors import ReportError

EVERYONE = "everyone"
ALL = "all"
FAILED = ".failed"
PREVIOUS = "previous"  # where a report waits while another takes its place
LONGEST = 200  # bytes of a name; file systems take 255, and ".failed" may follow

# What Windows takes for a device, whatever follows a full stop.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def target_folder(root: Path, notebook: str, period: str, segment: str) -> Path:
    """Folder of one report: ``ROOT/NOTEBOOK/PERIOD/SEGMENT``."""
    return root / _safe(notebook) / _safe(period or ALL) / _safe(segment or EVERYONE)


def root_folder(folder: str | Path | None, own: Path) -> Path:
    """The folder of all reports: the one given, or the study file's own.

    Raises
    ------
    ReportError
        When an address is given: reports are made on a disk, and delivered from there.
    """
    if folder and "://" in str(folder):
        raise ReportError(
            f"{folder}: reports are made in a folder on a disk. To have them copied to an "
            "address, name it as folder under [deliver] in the study file."
        )
    return (Path(folder) if folder else own).absolute()


def failed_folder(target: Path) -> Path:
    """Where the partial notebook of a run that stopped is kept."""
    return target.with_name(target.name + FAILED)


def put_in_place(made: Path, target: Path) -> None:
    """Move a folder to its target; what was there goes, unless the move fails.

    Both must lie on one disk. A reader finds the whole old folder, the whole new one, or for a
    moment none; never a part.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    previous = made.with_name(PREVIOUS)
    with contextlib.suppress(FileNotFoundError):
        target.rename(previous)
    try:
        made.rename(target)
    except BaseException:
        if previous.exists():
            previous.rename(target)
        raise
    remove(previous)


def remove(folder: Path) -> None:
    """Remove a folder of ours if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def _safe(text: str) -> str:
    """A folder name on every system, never that of a failed run. Two texts never share one, but for
    small and capital letters on a disk that knows no difference.
    """
    name = re.sub(r"[^\w=. -]", "_", text).strip(" .")
    is_taken = name.endswith(FAILED) or DEVICE.fullmatch(name)
    if name == text and len(name.encode()) <= LONGEST and not is_taken:
        return name
    name = f"_{name}" if DEVICE.fullmatch(name) else name
    short = name.encode()[: LONGEST - 9].decode(errors="ignore")
    return f"{short}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
