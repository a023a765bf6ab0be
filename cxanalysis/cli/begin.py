"""Commands to begin with: init, sample, check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxanalysis.cli.app import app
from cxanalysis.cli.shared import StudyPath, clear_errors, working


@app.command()
def init(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Tickets, survey, events, customers: files of any kind, patterns, or addresses "
            "such as https://…, s3://… and ${CX_DB} for a PostgreSQL database, in any order.",
            metavar="FILES",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write it.")] = Path(
        "study.toml"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace a file already there.")] = False,
) -> None:
    """Look at files, guess what they hold and write a commented study.toml to correct."""
    with clear_errors():
        from cxanalysis.recognise import recognise, write_study

        with working("Looking at the files"):
            guess = recognise(files)
            path = write_study(guess, output, overwrite=force)
    print(guess)
    doubtful = path.read_text(encoding="utf-8").count("CHECK: ")
    say = "says" if doubtful == 1 else "say"
    print(f"\nWrote {path}; {doubtful} of its comments {say} CHECK. Correct what is wrong, then:")
    print(f"  cxanalysis check {path}\n  cxanalysis report {path}")
    every = guess.settings["report.every"]
    if every != "all":
        print(f"That reports on the last complete {every}. To use every answer:")
        print(f"  cxanalysis report {path} --period all")


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where to write the company.", metavar="DIR")],
    customers: Annotated[int, typer.Option(min=100, help="How many customers.")] = 3000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")] = 2026,
) -> None:
    """Write a made-up company with a known truth: four tables, study.toml, truth.json."""
    with clear_errors(), working(f"Simulating {customers:,} customers and the truth"):
        from cxanalysis.sample import write_sample

        write_sample(folder, customers=customers, seed=seed)
    print(f"Wrote {folder}. Next: cxanalysis report {folder / 'study.toml'}")


@app.command()
def check(study: StudyPath) -> None:
    """Say what was read, what was set aside and why, and which tables match."""
    with clear_errors():
        from cxanalysis.study import check_study, open_study

        with working("Reading the tables"):
            result = check_study(open_study(study))
    print(result)
