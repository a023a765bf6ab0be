"""The page of a report as a PDF: with WeasyPrint, or faster with a Chromium that is installed.

Both take the page's own print rules. WeasyPrint writes page numbers into the contents, marks the
file as PDF/UA and gives the same bytes for the same page; Chromium does none of these.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cxanalysis.config import closest
from cxanalysis.errors import ReportError

WEASYPRINT, CHROMIUM = "weasyprint", "chromium"
MAKERS = (WEASYPRINT, CHROMIUM)
LONGEST_WAIT = 120  # seconds for Chromium, which needs one or two
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
)
GET_PANGO = {
    "linux": "On Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0. On Fedora: dnf install pango.",
    "darwin": "With Homebrew: brew install pango.",
    "win32": "On Windows install MSYS2 from msys2.org, run in its shell: "
    "pacman -S mingw-w64-x86_64-pango, and set WEASYPRINT_DLL_DIRECTORIES to "
    r"C:\msys64\mingw64\bin.",
}


def check_maker(maker: str) -> None:
    """Find out before a report is run whether its PDF can be made.

    Raises
    ------
    ReportError
        When there is no such maker, or something it needs is not installed; it says what to do.
    """
    if maker not in MAKERS:
        raise ReportError(f"No PDF is made with {maker!r}.{closest(maker, MAKERS)}")
    if maker == CHROMIUM:
        _browser()
    else:
        _weasyprint()


def write_pdf(page: Path, output: Path, maker: str = WEASYPRINT) -> None:
    """Print a report's page to a PDF.

    Parameters
    ----------
    page
        The HTML file. Nothing outside it is read.
    output
        The PDF to write.
    maker
        "weasyprint" or "chromium".

    Raises
    ------
    ReportError
        As `check_maker`, or when Chromium makes nothing.
    """
    check_maker(maker)
    if maker == CHROMIUM:
        _with_chromium(page, output)
    else:
        _with_weasyprint(page, output)


def _with_weasyprint(page: Path, output: Path) -> None:
    weasyprint = _weasyprint()
    only_inside = weasyprint.URLFetcher(allowed_protocols=("data",))
    html = weasyprint.HTML(string=page.read_text(encoding="utf-8"), url_fetcher=only_inside)
    html.write_pdf(output, pdf_variant="pdf/ua-1")


def _with_chromium(page: Path, output: Path) -> None:
    # Chromium refuses its sandbox to root, who is usual in a container.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="cxanalysis-", ignore_cleanup_errors=True) as profile:
        command = [
            _browser(),
            *FLAGS,
            *(["--no-sandbox"] if is_root else []),
            f"--user-data-dir={profile}",
            f"--print-to-pdf={output.absolute()}",
            page.absolute().as_uri(),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LONGEST_WAIT, check=False
            )
        except subprocess.TimeoutExpired:
            raise ReportError(
                f"{page.name}: Chromium made no PDF within {LONGEST_WAIT} s. "
                "Try again, or make it with weasyprint."
            ) from None
    if not output.is_file():
        said = next(iter(done.stderr.strip().splitlines()[-1:]), "it said nothing")
        raise ReportError(
            f"{page.name}: Chromium made no PDF: {said}. Try again, or make it with weasyprint."
        )


def _weasyprint() -> Any:
    try:
        import weasyprint
    except ImportError:
        raise ReportError(
            "A PDF needs WeasyPrint, which is not installed: pip install 'cxanalysis[pdf]'. "
            "Where Chromium or Chrome is installed, it can make the PDF: pdf = chromium."
        ) from None
    except OSError as error:  # the library is there, what it is built on is not
        how = GET_PANGO.get(sys.platform, "Install Pango with your system's package manager.")
        library = str(error).split("'")[1] if "'" in str(error) else "a library"
        raise ReportError(
            f"WeasyPrint cannot load {library}, a part of Pango, which pip cannot install. {how} "
            "Where Chromium or Chrome is installed, it can make the PDF: pdf = chromium."
        ) from None
    return weasyprint


def _browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise ReportError(
            "No Chromium, Chrome or Edge was found to make the PDF with. Install one (on Debian "
            "and Ubuntu: apt install chromium), or make it with weasyprint."
        )
    return found
