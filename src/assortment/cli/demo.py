"""The whole loop on a real shop, in one go: UCI Online Retail, bundled under CC BY 4.0."""

import shutil
import sys
import time
from pathlib import Path

from rich.console import Console

from assortment.cli import show
from assortment.cli.bars import bars
from assortment.config import Settings
from assortment.core.errors import BadInput
from assortment.ingest import bundled_shop
from assortment.report import gather, write_report
from assortment.shop import Shop
from assortment.workshop import HeldOut, Workshop

NAME = "UCI Online Retail"
WEEKS = 6


def run(folder: Path, out: Console, err: Console) -> None:
    """Make the demo shop in a folder, judge it on the last weeks of its log, fit it, show three people, write its report."""
    start = time.monotonic()
    shop = _fresh(folder)
    out.rule("[bold]1 · The shop's files")
    with bars(err):
        read = bundled_shop()
        fresh = shop.ingest(read)
    show.ingested(out, read, fresh, folder, False)
    out.rule(f"[bold]2 · Fitted on the past, judged on the last {WEEKS} weeks")
    with bars(err):
        judged = Workshop(shop).judge(HeldOut(weeks=WEEKS))
    show.judgement(out, judged, False)
    out.rule("[bold]3 · Fitted on everything")
    with bars(err):
        fitted = shop.fit()
    show.fitted(out, fitted, False)
    out.rule("[bold]4 · Three of its customers")
    facts = gather(shop, judged)
    for customer in facts.customers:
        show.slate(out, customer.varied or customer.relevant, customer.person, facts.currency, False)
        out.print()
    out.rule("[bold]5 · Look at it")
    write_report(shop.report, facts)
    out.print(f"The report: [bold]{shop.report}[/]")
    out.print(f"The shop in a browser: [bold]{_program()} serve {folder}[/]")
    out.print(f"[dim]Done in {time.monotonic() - start:.0f} seconds.[/]", highlight=False)


def _program() -> str:
    """How the user can call this program again: by its name where the shell finds it, else as it was called."""
    return "assortment" if shutil.which("assortment") else sys.argv[0]


def _fresh(folder: Path) -> Shop:
    """An empty demo shop; one that an earlier run left there is removed, anything else is not touched."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "shop.toml").exists() or Shop(folder).settings.name != NAME:
            raise BadInput(f"{folder} holds something that is not the demo; name another folder: assortment demo FOLDER")
        shutil.rmtree(folder)
    shop = Shop(folder)
    shop.open(Settings(name=NAME, currency="£"))
    return shop
