"""Write the archive's page from the manifests that lie in a folder of reports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cxanalysis.archive.entries import entries_of
from cxanalysis.archive.page import page_of
from cxanalysis.places import place

INDEX = "index.html"


def write_index(folder: str | Path) -> str:
    """List all reports of a folder in one static page, ``index.html`` in it.

    The page asks nobody for anything, works from a disk, a file share or object storage, and
    without scripts, which only filter its list. It is replaced whole.

    Parameters
    ----------
    folder
        A folder, or an address such as s3://bucket/reports, as reports lie in it:
        ``NOTEBOOK/PERIOD/SEGMENT``.

    Returns
    -------
    str
        Where the page lies.

    Raises
    ------
    ReportError
        When the package that an address needs is not installed, or storage cannot be reached.
    """
    archive = place(folder)
    page = page_of(entries_of(archive), datetime.now(UTC))
    # A name may hold half a sign, which no encoding can write.
    return archive.write(INDEX, page.encode("utf-8", errors="replace"))
