"""The frame of the command line: the app, what all commands share, and how it ends.

What goes to standard output is the answer; bars and remarks go to standard error. What a command needs is imported when it
runs, so that help and wrong words are answered at once. Commands of one idea stand in a module, which `assortment.cli` names.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from assortment.core.errors import AssortmentError

out = Console()
err = Console(stderr=True)

app = typer.Typer(
    help="A recommender for shops: relevance and variety, from your files to a page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ShopFolder = Annotated[Path, typer.Argument(metavar="SHOP", help="The shop's folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else to standard output.")]


class SplitName(StrEnum):
    """How the log is cut into what is known and what comes."""

    time = "time"
    last_out = "last-out"


class LogLevel(StrEnum):
    """The least that a server logs."""

    info = "info"
    warning = "warning"
    error = "error"


Split = Annotated[SplitName, typer.Option(help="Hold out the last weeks of the log, or each person's last event.")]
Weeks = Annotated[
    float | None, typer.Option(help="How many weeks to hold out.", min=0.01, show_default="the last fifth of the events")
]
Length = Annotated[int, typer.Option("-k", help="Length of the slates.", min=1, max=1000)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Leave shop.toml as it is.")]


def main() -> None:
    """Run a command. Exit codes: 0 done, 1 the job failed, 2 the words of the command were wrong."""
    try:
        app()
    except AssortmentError as error:
        err.print(f"[bold red]Error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)


def next_steps(*commands: str) -> None:
    """Say, beside the answer, how to go on."""
    err.print(f"Next: {', '.join(f'[bold]{escape(command)}[/]' for command in commands)}", highlight=False)
