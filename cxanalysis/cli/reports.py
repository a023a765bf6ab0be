"""The command that makes one report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxanalysis.cli.app import app
from cxanalysis.cli.shared import (
    SegmentOption,
    StudyPath,
    clear_errors,
    open_narrowed,
    skip_address_grammar,
    working,
)


@app.command()
def report(
    study: StudyPath,
    notebook: Annotated[
        str, typer.Option(help="A report's name, or the path of your own notebook.")
    ] = "cx_report",
    period: Annotated[
        str | None,
        typer.Option(help="2026-10, 2026-Q3, 2026, all, or last (complete one); last by default."),
    ] = None,
    segment: SegmentOption = None,
    min_base: Annotated[
        int | None, typer.Option(min=2, help="Fewest answers behind a published figure.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where reports go.")] = None,
    pdf: Annotated[
        str | None,
        typer.Option(
            help="Print it to a PDF as well: weasyprint, or chromium, which is faster.",
            metavar="MAKER",
        ),
    ] = None,
) -> None:
    """Run a report notebook on a study; print the headline and where the page is."""
    with clear_errors():
        skip_address_grammar()
        from cxanalysis.report import run_report

        with working("Reading the tables"):
            open_narrowed(study, period or "all", segment, min_base)
        with working(f"Running {notebook}") as say:
            made = run_report(
                study,
                notebook,
                period=period,
                segment=segment,
                min_base=min_base,
                folder=folder,
                pdf=pdf,
                progress=lambda done, cells, heading: say(f"cell {done + 1} of {cells}, {heading}"),
            )
    print(made.headline)
    print(f"\nReport: {made.html}")
    if made.pdf:
        print(f"PDF: {made.pdf}")
