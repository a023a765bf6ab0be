"""Where the notebooks and data lie that travel with the package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped(folder: str) -> Path:
    """A folder such as "data/sample": inside an installed package, or beside a working copy."""
    installed = PACKAGE / folder
    return installed if installed.is_dir() else PACKAGE.parent / folder
