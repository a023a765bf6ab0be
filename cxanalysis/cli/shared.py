"""What the commands share: options, a spinner for people, errors without a traceback."""

from __future__ import annotations

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

StudyPath = Annotated[Path, typer.Argument(help="The study file.", metavar="STUDY")]
PeriodOption = Annotated[
    str, typer.Option("--period", help="2026-10, 2026-Q3, 2026, all, or last (complete one).")
]
SegmentOption = Annotated[
    str | None, typer.Option("--segment", help="Only these customers: COLUMN=VALUE.")
]


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
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
def clear_errors() -> Iterator[None]:
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


def open_narrowed(
    study: Path, period: str, segment: str | None, min_base: int | None = None
) -> Study:
    """Open a study, and say on standard error how many customers its tables share."""
    from cxanalysis.sources.matching import match_lines
    from cxanalysis.study import open_study

    opened = open_study(study, period=period, segment=segment, min_base=min_base)
    for line in match_lines(opened.matches()):
        print(line, file=sys.stderr)
    return opened


def skip_address_grammar() -> None:
    """Let nbformat load without the grammar of international addresses, which takes 2 s to build.

    Its schema checker takes the grammar along where it is installed, as it is with JupyterLab;
    no notebook's schema asks for it. Only our own process does without.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # is "not there"
