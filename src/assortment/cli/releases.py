"""The commands of releases: a new fit beside the one that serves, what there is, and the way back."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from assortment.cli.app import Json, ShopFolder, app, err, next_steps, out

if TYPE_CHECKING:
    from assortment.refit import Guards, Refit
    from assortment.shop import Shop


@app.command()
def refit(
    shop: ShopFolder,
    watch: Annotated[bool, typer.Option("--watch", help="Look at the log again and again; refit when it grew.")] = False,
    every: Annotated[float, typer.Option(help="With --watch: minutes between two looks.", min=0.01)] = 60,
    after_events: Annotated[int, typer.Option(help="With --watch: new events that are worth a fit.", min=1)] = 1000,
    worse: Annotated[float, typer.Option(help="The share of NDCG that may be lost: 0 nothing … 1 all.", min=0, max=1)] = 0.05,
    repetitive: Annotated[float, typer.Option(help="By how much redundancy may rise: 0 … 2.", min=0, max=2)] = 0.02,
    slower: Annotated[float, typer.Option(help="How many times the time of a request: 1 … 100.", min=1, max=100)] = 2.0,
    k: Annotated[int, typer.Option("-k", help="Length of the slates that are compared.", min=1, max=1000)] = 10,
    json: Json = False,
) -> None:
    """Fit anew beside the release that serves, compare the two, and let the new one serve or say why not.

    A server that is open takes it up within seconds. The exit code is 0 either way.
    """
    from assortment.refit import Guards
    from assortment.shop import Shop

    guards = Guards(worse, repetitive, slower)
    if not watch:
        _once(Shop(shop), guards, k, json)
        return
    try:
        while True:
            _when_grown(Shop(shop), guards, k, after_events, json)
            time.sleep(60 * every)
    except KeyboardInterrupt:
        err.print("Watching no more; the release that serves stays.")


def _when_grown(shop: "Shop", guards: "Guards", k: int, after: int, json: bool) -> None:
    with shop.store() as store:
        grown = store.count() - shop.fitted.events
    if grown >= after:
        _once(shop, guards, k, json)
    else:
        err.print(f"{grown:,} new events; the next fit waits for {after:,}.", highlight=False)


def _once(shop: "Shop", guards: "Guards", k: int, json: bool) -> None:
    from assortment.cli import show
    from assortment.cli.bars import bars

    with bars(err):
        ended = shop.refit(guards, k)
    if json:
        show.document(ended)
        return
    _told(ended)
    if ended.changed:
        next_steps(f"assortment releases {shop.folder}", f"assortment rollback {shop.folder}")


def _told(ended: "Refit") -> None:
    compared = ended.comparison
    if compared is not None and compared.checks:
        table = Table("", "serves", "new", "limit", "", box=None, pad_edge=False)
        for check in compared.checks:
            mark = "[green]passed[/]" if check.passed else "[bold red]held back[/]"
            table.add_row(escape(check.name), *(f"{value:.4g}" for value in (check.serving, check.new, check.limit)), mark)
        out.print(f"Compared on {escape(compared.on)}: {compared.people:,} people.", highlight=False)
        out.print(table)
    verb = "serves" if ended.changed else "goes on serving"
    out.print(f"[bold]{escape(ended.release)}[/] {verb}: {escape(ended.why)}.", highlight=False)


@app.command("releases")
def releases_command(shop: ShopFolder, json: Json = False) -> None:
    """The releases that are kept, the one that serves first: when each began to serve, what it was fitted on, and why."""
    from assortment.cli import show
    from assortment.shop import Shop

    found = Shop(shop).kept()
    if json:
        show.document(found)
        return
    table = Table("", "serves since", "events", "why", box=None, pad_edge=False)
    for one in found:
        name, since = escape(one.release), f"{datetime.fromtimestamp(one.since / 1000, UTC):%Y-%m-%d %H:%M}"
        named = f"[bold]{name}[/]" if one.serves else f"[dim]{name}[/]"
        table.add_row(named, since, "damaged" if one.events is None else f"{one.events:,}", escape(one.why))
    out.print(table)


@app.command()
def rollback(
    shop: ShopFolder,
    release: Annotated[str | None, typer.Argument(metavar="[RELEASE]", help="Which; else the one that served before.")] = None,
    json: Json = False,
) -> None:
    """Let an earlier release serve again; a server that is open takes it up within seconds."""
    from assortment.cli import show
    from assortment.shop import Shop

    back = Shop(shop).roll_back(release)
    if json:
        show.document({"release": back.name})
    else:
        out.print(f"[bold]{escape(back.name)}[/] serves again.", highlight=False)
