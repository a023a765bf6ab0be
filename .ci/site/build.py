"""Build the documentation site: python .ci/site/build.py [FOLDER]; it ends with 1 on a warning."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from check import problems
from gather import ROOT, gather
from mend import mend
from sphinx.cmd.build import build_main


def build(target: Path) -> int:
    """Gather, build with warnings as errors, check every link of the pages; the exit code."""
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "source"
        gather(source)
        options = ["-W", "--keep-going", "-q", "-E", "-j", "auto", "-c", str(Path(__file__).parent)]
        code = build_main([*options, "-d", f"{work}/doctrees", str(source), str(target)])
    if code:
        return code
    mend(target)
    found, outside = problems(target)
    print("\n".join(found), file=sys.stderr)
    print(f"{target / 'index.html'}: {len(list(target.rglob('*.html')))} pages")
    print(f"Links to other sites, not followed: {len(outside)}")
    print("".join(f"  {url}\n" for url in sorted(outside)), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site"))
