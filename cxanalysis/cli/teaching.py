"""Command for classes: course."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxanalysis.cli.app import app
from cxanalysis.cli.shared import clear_errors


@app.command()
def course(
    folder: Annotated[Path, typer.Argument(help="Where the class will work.", metavar="DIR")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace lessons already there, with any answers.")
    ] = False,
) -> None:
    """Write the lessons without their solutions, and a guide for the instructor."""
    with clear_errors():
        from cxanalysis.lessons import write_course

        written = write_course(folder, overwrite=force)
    print(f"Wrote {len(written.lessons)} lessons to {folder}. To begin:")
    print(f"  jupyter lab {written.lessons[0]}")
    print(f"For the instructor, with the solutions: {written.guide}")
