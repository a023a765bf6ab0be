"""The command line: init, sample, check, features, drivers, report.

Heavy imports live inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cxanalysis.errors import CxError

if TYPE_CHECKING:
    from cxanalysis.study import Study

app = typer.Typer(
    name="cxanalysis",
    help="How much of the customers' experience goes with customer service, on your own data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StudyPath = Annotated[Path, typer.Argument(help="The study file.", metavar="STUDY")]
PeriodOption = Annotated[
    str, typer.Option("--period", help="2026-10, 2026-Q3, 2026, all, or last (complete one).")
]
SegmentOption = Annotated[
    str | None, typer.Option("--segment", help="Only these customers: COLUMN=VALUE.")
]


@contextmanager
def _working(what: str) -> Iterator[Callable[[str], None]]:
    """A spinner with the time gone by, on standard error and only for people.

    Gives a function that says how far the work has come.
    """
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what)
        yield lambda step: bar.update(task, description=f"{what}: {step}")


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Our own errors say all there is to say: print them without a traceback and exit 1."""
    try:
        yield
    except CxError as error:
        print(f"cxanalysis: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except OSError as error:  # a folder that is absent or may not be written to
        where = f"{error.filename}: " if error.filename else ""
        print(f"cxanalysis: {where}{error.strerror or error}", file=sys.stderr)
        raise typer.Exit(1) from None


def _open(study: Path, period: str, segment: str | None, min_base: int | None = None) -> Study:
    """Open a study, and say on standard error how many customers its tables share."""
    from cxanalysis.sources.matching import match_lines
    from cxanalysis.study import open_study

    opened = open_study(study, period=period, segment=segment, min_base=min_base)
    for line in match_lines(opened.matches()):
        print(line, file=sys.stderr)
    return opened


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
    with _clear_errors():
        from cxanalysis.recognise import recognise, write_study

        with _working("Looking at the files"):
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
    with _clear_errors(), _working(f"Simulating {customers:,} customers and the truth"):
        from cxanalysis.sample import write_sample

        write_sample(folder, customers=customers, seed=seed)
    print(f"Wrote {folder}. Next: cxanalysis report {folder / 'study.toml'}")


@app.command()
def check(study: StudyPath) -> None:
    """Say what was read, what was set aside and why, and which tables match."""
    with _clear_errors():
        from cxanalysis.study import check_study, open_study

        with _working("Reading the tables"):
            result = check_study(open_study(study))
    print(result)


@app.command()
def features(
    study: StudyPath,
    output: Annotated[Path, typer.Option("--output", "-o", help="A .csv or .parquet file.")],
    period: PeriodOption = "all",
    segment: SegmentOption = None,
) -> None:
    """Write the table the model sees: one row per answer, only what was known before it."""
    with _clear_errors():
        from cxanalysis.features import build_features

        if output.suffix not in (".csv", ".parquet"):
            raise CxError(f"{output}: name a .csv or a .parquet file.")
        with _working("Building features"):
            frame = build_features(_open(study, period, segment))
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
    with _clear_errors():
        from cxanalysis.drivers import fit_study

        with _working("Fitting the drivers"):
            fit = fit_study(_open(study, period, segment))
            summary = fit.summary()
            importance = fit.importance()
    if as_json:
        print(json.dumps(summary, allow_nan=False))
        return
    print(fit)
    print(importance["share"].to_string(float_format=lambda number: f"{number:.3f}"))


@app.command()
def report(
    study: StudyPath,
    notebook: Annotated[
        str, typer.Option(help="A report's name, or the path of your own notebook.")
    ] = "cx_report",
    period: PeriodOption = "last",
    segment: SegmentOption = None,
    min_base: Annotated[
        int | None, typer.Option(min=2, help="Fewest answers behind a published figure.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where reports go.")] = None,
) -> None:
    """Run a report notebook on a study; print the headline and where the page is."""
    with _clear_errors():
        _skip_address_grammar()
        from cxanalysis.report import run_report

        with _working("Reading the tables"):
            _open(study, period, segment, min_base)
        with _working(f"Running {notebook}") as say:
            made = run_report(
                study,
                notebook,
                period=period,
                segment=segment,
                min_base=min_base,
                folder=folder,
                progress=lambda done, cells, heading: say(f"cell {done + 1} of {cells}, {heading}"),
            )
    print(made.headline)
    print(f"\nReport: {made.html}")


def _skip_address_grammar() -> None:
    """Let nbformat load without the grammar of international addresses, which takes 2 s to build.

    Its schema checker takes the grammar along where it is installed, as it is with JupyterLab;
    no notebook's schema asks for it. Only our own process does without.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # is "not there"
