"""The application that every command registers with."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="cxanalysis",
    help="How much of the customers' experience goes with customer service, on your own data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
