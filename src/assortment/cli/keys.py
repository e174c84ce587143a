"""The commands of access: keys, a link to log in, and the audit log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from assortment.cli.app import Json, ShopFolder, app, err, out

if TYPE_CHECKING:
    from assortment.store.access import Access

group = typer.Typer(help="Who may do what: keys of the API, and links to log in.", no_args_is_help=True)
app.add_typer(group, name="key")

HOUR = 3_600_000

Name = Annotated[str, typer.Argument(metavar="NAME", help="The key's name, as in storefront.", show_default=False)]


@group.command()
def add(
    shop: ShopFolder,
    name: Name,
    role: Annotated[str, typer.Option(help="events, read, operator, privacy or metrics.", show_default=False)],
    rate: Annotated[
        float | None, typer.Option(help="Requests a second; 0 without limit.", min=0, show_default="by the role")
    ] = None,
    json: Json = False,
) -> None:
    """Make a key, and lock the shop with the first. The key is shown once: only what it hashes to is kept."""
    from assortment.serve.access.roles import role_named

    made = role_named(role)
    with _access(shop) as access:
        first = not access.listed()
        secret = access.add(name, made.name, made.rate if rate is None else rate or None, _now())
    _told(name, secret, json)
    if first:
        err.print("The shop is locked from now on: whoever asks needs a key.")


@group.command("list")
def list_keys(shop: ShopFolder, json: Json = False) -> None:
    """The keys that were made, which of them stand, and what each may do."""
    from assortment.cli import show

    with _access(shop) as access:
        keys = access.listed()
    if json:
        show.document(keys)
        return
    table = Table("", "role", "a second", "made", "ends", box=None, pad_edge=False)
    for one in keys:
        name = escape(one.name) if one.stands(_now()) else f"[dim]{escape(one.name)}[/]"
        table.add_row(name, one.role, f"{one.rate:g}" if one.rate else "any", _day(one.made), _day(one.until))
    out.print(table)


@group.command()
def rotate(
    shop: ShopFolder,
    name: Name,
    overlap: Annotated[float, typer.Option(help="Hours for which the old key goes on being taken.", min=0)] = 24,
    json: Json = False,
) -> None:
    """Make a new key in place of the one of that name, which stands for some hours more."""
    with _access(shop) as access:
        secret = access.rotate(name, int(overlap * HOUR), _now())
    _told(name, secret, json)


@group.command()
def revoke(shop: ShopFolder, name: Name, json: Json = False) -> None:
    """End the keys of a name and the sessions that began with them; a server that is open knows within two seconds."""
    from assortment.cli import show

    with _access(shop) as access:
        ended = access.revoke(name, _now())
    if json:
        show.document({"name": name, "ended": ended})
    else:
        out.print(f"[bold]{escape(name)}[/] is ended: {ended} keys.", highlight=False)


@group.command()
def link(
    shop: ShopFolder,
    role: Annotated[str, typer.Option(help="operator or privacy.")] = "operator",
    hours: Annotated[float, typer.Option(help="For how long it is good.", min=0.01, max=168)] = 1,
    json: Json = False,
) -> None:
    """Make a link through which somebody may log in to the pages once."""
    from assortment.cli import show
    from assortment.core.errors import did_you_mean
    from assortment.serve.access.roles import PAGES

    if role not in PAGES:
        raise did_you_mean("role to log in with", role, PAGES)
    with _access(shop) as access:
        secret = access.link(role, _now() + int(hours * HOUR))
    if json:
        show.document({"path": f"/login/{secret}"})
    else:
        out.print(f"/login/{secret}", soft_wrap=True, highlight=False)


@app.command("audit")
def audit_command(
    shop: ShopFolder,
    most: Annotated[int, typer.Option(help="How many lines.", min=1)] = 50,
    json: Json = False,
) -> None:
    """Who did what: log-ins, people exported and forgotten, experiments, releases; the latest first."""
    from assortment.cli import show

    with _access(shop) as access:
        entries = access.entries(most)
    if json:
        show.document(entries)
        return
    table = Table("", "who", "role", "did", "", box=None, pad_edge=False)
    for one in entries:
        table.add_row(_day(one.time), *map(escape, (one.who, one.role, one.act, one.about)))
    out.print(table)


@app.command("pseudonyms")
def pseudonyms_command(shop: ShopFolder, json: Json = False) -> None:
    """Call people by pseudonyms in the store, those who are there and all who come. It cannot be undone."""
    from assortment.cli import show
    from assortment.shop import Shop

    veiled = Shop(shop).veil()
    if json:
        show.document({"veiled": veiled})
    else:
        out.print(f"{veiled:,} people have pseudonyms now; their key is {shop}/people.key.", highlight=False)
    err.print("Keep a copy of it elsewhere. Start the server again, and fit: older releases and reports may hold names.")


def first_link(access: "Access") -> str | None:
    """A link for the first to log in, None where somebody has."""
    return None if access.entered else access.link("operator", _now() + HOUR)


@contextmanager
def _access(folder: Path) -> "Iterator[Access]":
    from assortment.shop import Shop
    from assortment.store.access import open_access

    with Shop(folder).store() as store:
        yield open_access(store)


def _told(name: str, secret: str, json: bool) -> None:
    from assortment.cli import show

    if json:
        show.document({"name": name, "key": secret})
    else:
        out.print(secret, soft_wrap=True, highlight=False)
        err.print("Keep it now: it cannot be read again. Send it as: Authorization: Bearer KEY")


def _day(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"


def _now() -> int:
    return time.time_ns() // 1_000_000
