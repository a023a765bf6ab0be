"""The command for reports of one's own: new-report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cxanalysis.cli.app import app
from cxanalysis.cli.shared import StudyPath, clear_errors, skip_address_grammar
from cxanalysis.errors import ReportError


@app.command()
def new_report(
    study: StudyPath,
    notebook: Annotated[
        str, typer.Option(help="What to begin with: a report's name, or a notebook's path.")
    ] = "cx_report",
    name: Annotated[
        str | None, typer.Option(help="File name of the copy; the report's with my_ before it.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where to write it; beside the study file.")
    ] = None,
) -> None:
    """Copy a report notebook, to be changed and then run as any other; nothing is registered."""
    with clear_errors():
        skip_address_grammar()
        from cxanalysis.report import copy_report

        file = study / "study.toml" if study.is_dir() else study
        if not file.is_file():
            raise ReportError(f"{study}: no such study file. Write one with: cxanalysis init FILES")
        into = folder or file.parent
        way = Path(os.path.relpath(file, into)).as_posix()
        copy = copy_report(notebook, into, as_name=name, parameters={"study": way})
    listed = Path(os.path.relpath(copy, file.parent)).as_posix()
    print(f"Wrote {copy}. Change it, then make its report:")
    print(f"  jupyter lab {copy}\n  cxanalysis report {file} --notebook {copy}")
    print("For a batch or a schedule name it in the study file:")
    print(f'  [report]\n  notebooks = ["cx_report", "{listed}"]')
