"""Commands that give figures: features, drivers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cxanalysis.cli.app import app
from cxanalysis.cli.shared import (
    PeriodOption,
    SegmentOption,
    StudyPath,
    clear_errors,
    open_narrowed,
    working,
)
from cxanalysis.errors import CxError


@app.command()
def features(
    study: StudyPath,
    output: Annotated[Path, typer.Option("--output", "-o", help="A .csv or .parquet file.")],
    period: PeriodOption = "all",
    segment: SegmentOption = None,
) -> None:
    """Write the table the model sees: one row per answer, only what was known before it."""
    with clear_errors():
        from cxanalysis.features import build_features

        if output.suffix not in (".csv", ".parquet"):
            raise CxError(f"{output}: name a .csv or a .parquet file.")
        with working("Building features"):
            frame = build_features(open_narrowed(study, period, segment))
            if output.suffix == ".csv":
                frame.to_csv(output, index=False)
            else:
                frame.to_parquet(output, index=False)
    print(f"Wrote {len(frame):,} rows and {len(frame.columns)} columns to {output}.")


@app.command()
def drivers(
    study: StudyPath,
    as_json: Annotated[bool, typer.Option("--json", help="Print only one JSON object.")] = False,
    period: PeriodOption = "all",
    segment: SegmentOption = None,
) -> None:
    """How much of the outcome goes with service and with the rest of the journey."""
    with clear_errors():
        from cxanalysis.drivers import fit_study

        with working("Fitting the drivers"):
            fit = fit_study(open_narrowed(study, period, segment))
            summary = fit.summary()
            importance = fit.importance()
    if as_json:
        print(json.dumps(summary, allow_nan=False))
        return
    print(fit)
    print(importance["share"].to_string(float_format=lambda number: f"{number:.3f}"))
